"""Many lookups in one call: the same answers as one by one, found for a whole chunk at a time.

One row never fails another: what is wrong with a row is its own answer, with the outcome INVALID.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any

import numpy as np

from geo_policing.errors import InvalidInputError
from geo_policing.services.answers import Answer
from geo_policing.services.bulk_answers import answers_at_points, bulk_postcodes
from geo_policing.services.bulk_csv import CsvLookup, read_csv
from geo_policing.services.lookup import invalid_answer, lookup
from geo_policing.services.queries import LookupQuery, parse_query
from geo_policing.services.query_types import spoken_point
from geo_policing.services.ready import Ready, ready_for
from geo_policing.services.view import View
from geo_policing.spatial.crs import EASTING_M, LATITUDE, LONGITUDE, NORTHING_M

ROWS_PER_CHUNK = 4096
"""Rows answered at a time: enough for numpy to pay, few enough to stream and to stay small."""

ViewOn = Callable[[date], View]


def lookup_rows(view: View, rows: Iterable[Mapping[str, Any]], *, view_on: ViewOn | None = None) -> Iterator[Answer]:
    """An answer for each of `rows` (the parameters of a single lookup), in order; never an exception for a row.

    Values may be text or numbers; null is as if it were not there. A row may carry its own `as_of`, for which
    `view_on` gives the view; without it, only the day of `view` is answered. Rows are taken and answered in chunks.
    """
    remaining = iter(rows)
    while chunk := list(islice(remaining, ROWS_PER_CHUNK)):
        yield from answer_chunk(view, chunk, view_on=view_on)


def lookup_csv(
    view: View,
    byte_stream: Any,
    *,
    max_rows: int,
    max_bytes: int | None = None,
    view_on: ViewOn | None = None,
) -> CsvAnswer:
    """The CSV file in `byte_stream` (anything with `read(n) -> bytes`) with the answers appended to its rows.

    See `services.bulk_csv.read_csv` for what is read and refused: all of that happens here, before the first piece
    of the answer, so that an answer once begun is also finished. The input goes to a temporary file, and pieces are
    made as they are taken, so memory stays bounded whatever the size.
    """
    file = read_csv(byte_stream, max_rows=max_rows, max_bytes=max_bytes)
    return CsvAnswer(file, view, view_on)


class CsvAnswer(Iterator[bytes]):
    """The pieces of an answered CSV file, UTF-8; `encoding` is what the file was read as."""

    def __init__(self, file: CsvLookup, view: View, view_on: ViewOn | None) -> None:
        self.encoding = file.encoding
        self.rows = file.rows
        self._file = file.file
        self._pieces = file.answered(lambda rows: answer_chunk(view, rows, view_on=view_on))

    def __next__(self) -> bytes:
        return next(self._pieces)

    def close(self) -> None:
        """Drop the temporary file, where not all of the answer was taken; no more pieces come then."""
        self._pieces.close()
        self._file.close()


def answer_chunk(view: View, rows: Sequence[Any], *, view_on: ViewOn | None = None) -> list[Answer]:
    """An answer for each row, in order; an InvalidInputError among the rows is answered INVALID.

    Rows that hold nothing but a plain postcode, or the two numbers of a point, are read here in passing and answered
    together; all others, and those that this does not get right, are read as a single lookup's parameters are.
    """
    ready = ready_for(view)
    answers: dict[int, Answer] = {}
    postcodes: list[tuple[int, str]] = []
    points: dict[tuple[str, str], list[tuple[int, float, float]]] = {_DEGREES: [], _METRES: []}
    for i, row in enumerate(rows):
        if type(row) is dict:
            if len(row) == 1 and (compact := _plain_postcode(row.get("postcode"))):
                postcodes.append((i, compact))
            elif len(row) == 2 and (point := _plain_point(row)):
                points[point[0]].append((i, point[1], point[2]))
    _answer_postcodes(ready, postcodes, answers)
    for names, found in points.items():
        _answer_points(ready, found, names is _DEGREES, answers)
    return [answers[i] if i in answers else _answer_row(view, row, view_on) for i, row in enumerate(rows)]


_DEGREES, _METRES = ("lon", "lat"), ("easting", "northing")
_LIMITS = {_DEGREES: (LONGITUDE, LATITUDE), _METRES: (EASTING_M, NORTHING_M)}
_PLAIN_POSTCODE = re.compile(r" *([A-Z]{1,2}[0-9][0-9A-Z]?) *([0-9][A-Z]{2}) *", re.ASCII | re.IGNORECASE)
_PLAIN_NUMBER = re.compile(r" *-?[0-9]{1,9}(?:\.[0-9]{1,15})? *", re.ASCII)


def _plain_postcode(text: Any) -> str:
    """The postcode without its space where `text` is one in plain form, else ""."""
    match = _PLAIN_POSTCODE.fullmatch(text) if type(text) is str else None
    return (match[1] + match[2]).upper() if match else ""


def _plain_point(row: dict[str, Any]) -> tuple[tuple[str, str], float, float] | None:
    """The kind of point and its x and y, where the row holds two numbers within their limits and nothing else."""
    names = _DEGREES if "lon" in row else _METRES
    values = [row.get(name) for name in names]
    for value in values:
        if type(value) not in _NUMBERS and not (type(value) is str and _PLAIN_NUMBER.fullmatch(value)):
            return None
    x, y = float(values[0]), float(values[1])  # type: ignore[arg-type]  # checked just above
    (west, east), (south, north) = _LIMITS[names]
    return (names, x, y) if west <= x <= east and south <= y <= north else None


_NUMBERS = frozenset({int, float})


def _answer_postcodes(ready: Ready, found: list[tuple[int, str]], answers: dict[int, Answer]) -> None:
    """Answer those that the data has; what it does not have may be a slip, and is left to be read again."""
    rows = ready.postcodes.find_many([compact for _, compact in found])
    known = [(i, compact) for (i, compact), row in zip(found, rows.tolist(), strict=True) if row >= 0]
    made = bulk_postcodes(ready).answers(rows[rows >= 0], [compact for _, compact in known])
    answers.update(zip((i for i, _ in known), made, strict=True))


def _answer_points(
    ready: Ready, found: list[tuple[int, float, float]], lon_lat: bool, answers: dict[int, Answer]
) -> None:
    if found:
        asked = [spoken_point(x, y, lon_lat) for _, x, y in found]
        x, y = np.array([(x, y) for _, x, y in found]).T
        made = answers_at_points(ready, x, y, lon_lat=lon_lat, asked=asked)
        answers.update(zip((i for i, _, _ in found), made, strict=True))


def _answer_row(view: View, row: Any, view_on: ViewOn | None) -> Answer:
    """The answer to one row by itself."""
    if isinstance(row, InvalidInputError):
        return invalid_answer(view, row)
    try:
        query = parse_query(_texts(row))
        if query.as_of is not None and query.as_of != view.as_of:
            return _on_another_day(view, query, query.as_of, view_on)
        return lookup(view, query)
    except InvalidInputError as error:
        return invalid_answer(view, error)


def _on_another_day(view: View, query: LookupQuery, day: date, view_on: ViewOn | None) -> Answer:
    if view_on is None:
        error = InvalidInputError(
            f"as_of {day} is not the day of this call, {view.as_of}. Ask for that day in a call of its own.",
            field="as_of",
        )
        return invalid_answer(view, error, asked=query.asked)
    return lookup(view_on(day), query)


def _texts(row: Any) -> Mapping[str, str]:
    """The parameters of a row as text."""
    if not isinstance(row, Mapping):
        raise InvalidInputError(
            f'The row is not an object but {type(row).__name__}. Send objects such as {{"postcode": "…"}}.'
        )
    if all(type(value) is str for value in row.values()):
        return row
    texts = {}
    for name, value in row.items():
        if isinstance(value, str):
            texts[name] = value
        elif isinstance(value, int | float) and not isinstance(value, bool):
            texts[name] = repr(value)
        elif value is not None:
            field = str(name)[:40]
            raise InvalidInputError(f"{field} is neither text nor a number. Send it as text.", field=field)
    return texts
