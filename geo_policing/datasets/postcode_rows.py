"""Postcodes as a publisher gives them: one shape for all readers, every number checked, each row traceable.

A file may be damaged in a row or two, or be the wrong file altogether. A few malformed rows (`TOLERATED_SHARE`) are
left out and reported; more of them mean that the file is not what it seems, and that is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo_policing.datasets.findings import MAX_EXAMPLES, Finding, found
from geo_policing.errors import SourceError
from geo_policing.spatial.crs import EASTING_M, NORTHING_M

TOLERATED_SHARE = 0.001
CHUNK_ROWS = 50_000
UNKNOWN, NO, YES = -1, 0, 1
"""Values of `PostcodeRows.terminated`."""

# The forms of a UK postcode without its space, such as CB11JG, N12AB, W1A1AA.
_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]?[0-9][A-Z]{2}")

TextArray = NDArray[np.str_]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class PostcodeRows:
    """What one publisher's files say, row by row, in the order read; a postcode may stand there more than once."""

    files: tuple[Path, ...]
    file: NDArray[np.int16]
    """Index into `files`."""
    row: NDArray[np.int32]
    """Row in its file, from 1."""
    postcode: TextArray
    """Without a space, upper case."""
    easting: FloatArray
    """EPSG:27700, NaN where the source has no location."""
    northing: FloatArray
    quality: NDArray[np.int16]
    """Positional quality on Code-Point Open's scale (10 best, 90 no location), -1 where the source has none."""
    terminated: NDArray[np.int8]
    """YES, NO, or UNKNOWN where the source does not say."""
    large_user: BoolArray
    district_code: TextArray
    """'' where the source has none."""
    ward_code: TextArray
    dropped: tuple[Finding, ...] = ()

    def __len__(self) -> int:
        return len(self.postcode)

    def take(self, rows: NDArray[Any]) -> PostcodeRows:
        """The rows at the given places, in that order; `dropped` is kept."""
        arrays = {name: getattr(self, name)[rows] for name in _ARRAYS}
        return PostcodeRows(files=self.files, dropped=self.dropped, **arrays)

    def place_of(self, index: int) -> str:
        """File and row of one entry, for messages."""
        return f"{self.files[self.file[index]].name} row {self.row[index]}"


_ARRAYS = (
    "file",
    "row",
    "postcode",
    "easting",
    "northing",
    "quality",
    "terminated",
    "large_user",
    "district_code",
    "ward_code",
)
_TYPES: dict[str, Any] = {
    "file": np.int16,
    "row": np.int32,
    "postcode": "U7",
    "easting": float,
    "northing": float,
    "quality": np.int16,
    "terminated": np.int8,
    "large_user": bool,
    "district_code": "U9",
    "ward_code": "U9",
}


@dataclass(frozen=True)
class Fault:
    """Why rows of a chunk cannot be used: `bad` marks them, `texts` is what stood there."""

    field: str
    problem: str
    remedy: str
    bad: BoolArray
    texts: Sequence[str]


class _Blank(Sequence[str]):
    """Stands for the text of rows that have none worth showing."""

    def __len__(self) -> int:
        return 0

    def __getitem__(self, index: Any) -> Any:
        return ""


_BLANK = _Blank()


class RowsCollector:
    """Gathers chunks of rows, drops the few malformed ones, and refuses a file that has more of them."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = tuple(files)
        self._parts: list[dict[str, NDArray[Any]]] = []
        self._seen = self._malformed = 0
        self._examples: list[str] = []
        self._first: SourceError | None = None
        self._set_aside: dict[tuple[str, str], tuple[int, str]] = {}

    def add(
        self,
        file_index: int,
        first_row: int,
        columns: dict[str, NDArray[Any]],
        faults: Sequence[Fault],
        *,
        unusable: Sequence[tuple[str, str, BoolArray]] = (),
    ) -> None:
        """Take a chunk whose first record is `first_row` of the file.

        `columns` are the arrays of `PostcodeRows` but `file` and `row`. Rows marked by a fault are malformed; rows in
        `unusable` (what, why, mask) are well formed but not for us: left out, counted, and no sign of damage.
        """
        count = len(columns["postcode"])
        self._seen += count
        kept = np.ones(count, dtype=bool)
        for what, why, mask in unusable:
            self._note_unusable(what, why, columns["postcode"][mask & kept])
            kept &= ~mask
        for fault in faults:
            bad = np.flatnonzero(fault.bad & kept)
            for i in bad.tolist():
                self._note(file_index, first_row + i, fault, fault.texts[i])
            kept[bad] = False
        rows = np.arange(first_row, first_row + count)
        whole = {"file": np.full(count, file_index), "row": rows, **columns}
        self._parts.append({name: whole[name][kept].astype(_TYPES[name]) for name in _ARRAYS})

    def finish(self) -> PostcodeRows:
        """All rows; SourceError naming the first malformed one where there are too many of them."""
        if self._first is not None and self._malformed > self._seen * TOLERATED_SHARE:
            raise self._first
        arrays = {
            name: np.concatenate([part[name] for part in self._parts])
            if self._parts
            else np.empty(0, dtype=_TYPES[name])
            for name in _ARRAYS
        }
        malformed = Finding(
            "malformed postcode rows",
            self._malformed,
            f"left out; at most {TOLERATED_SHARE:.1%} of a source's rows may be",
            tuple(self._examples),
        )
        unusable = [Finding(what, count, why, (example,)) for (what, why), (count, example) in self._set_aside.items()]
        return PostcodeRows(files=self._files, dropped=found([malformed, *unusable]), **arrays)

    def _note(self, file_index: int, row: int, fault: Fault, text: str) -> None:
        path = self._files[file_index]
        self._malformed += 1
        if len(self._examples) < MAX_EXAMPLES:
            self._examples.append(f"{path.name} row {row}, {fault.field}: {text!r} {fault.problem}")
        if self._first is None:
            self._first = SourceError(
                f"{text!r} {fault.problem}", remedy=fault.remedy, file=path, row=row, field=fault.field
            )

    def _note_unusable(self, what: str, why: str, postcodes: TextArray) -> None:
        if len(postcodes):
            count, example = self._set_aside.get((what, why), (0, str(postcodes[0])))
            self._set_aside[what, why] = (count + len(postcodes), example)


def chunks(records: Iterator[tuple[str, ...]]) -> Iterator[tuple[int, tuple[tuple[str, ...], ...]]]:
    """`records` in pieces of at most `CHUNK_ROWS`: (row of the first one, its columns)."""
    first_row = 1
    while chunk := list(islice(records, CHUNK_ROWS)):
        yield first_row, tuple(zip(*chunk, strict=True))
        first_row += len(chunk)


def parse_postcodes(field: str, texts: Sequence[str]) -> tuple[TextArray, Fault]:
    """Postcodes without spaces in upper case, and which of them are none."""
    compact = [text.replace(" ", "").upper() for text in texts]
    bad = np.array([_POSTCODE.fullmatch(text) is None for text in compact], dtype=bool)
    fault = Fault(field, "is not a postcode", "Mend the row, or download the file again.", bad, texts)
    return np.array(compact, dtype="U7"), fault


def is_postcode(text: str) -> bool:
    """True for text that has the form of a UK postcode, with or without spaces, in either case."""
    return _POSTCODE.fullmatch(text.replace(" ", "").upper()) is not None


def parse_numbers(field: str, texts: Sequence[str]) -> tuple[FloatArray, Fault]:
    """Numbers, NaN for empty text, and which texts are neither; "nan" and "inf" are not numbers here."""
    array = np.array(texts, dtype=str)
    empty = array == ""
    try:
        values = np.where(empty, "nan", array).astype(float)
    except ValueError:
        values = np.array([_number(text) for text in texts])
    bad = ~empty & ~np.isfinite(values)
    return values, Fault(field, "is not a number", "Mend the row, or download the file again.", bad, texts)


def grid_faults(fields: tuple[str, str], easting: FloatArray, northing: FloatArray) -> list[Fault]:
    """Which located points cannot lie in the National Grid; unlocated ones (NaN in both) are no faults.

    0 counts as outside: publishers write it where they have no location.
    """
    faults = []
    ranges = zip(fields, (easting, northing), (EASTING_M, NORTHING_M), strict=True)
    for field, values, (low, high) in ranges:
        bad = np.isfinite(values) & ~((values > low) & (values <= high))
        texts = [f"{value:.10g}" for value in values] if bad.any() else _BLANK
        problem = f"is not in the National Grid (above {low:.0f}, at most {high:.0f} m)"
        faults.append(Fault(field, problem, "Check that the columns are eastings and northings in metres.", bad, texts))
    return [*faults, half_fault(fields, easting, northing)]


def half_fault(fields: tuple[str, str], first: FloatArray, second: FloatArray) -> Fault:
    """Which rows have one coordinate without the other."""
    half = np.isnan(first) != np.isnan(second)
    return Fault(" and ".join(fields), "gives only one of the two coordinates", "Mend the row.", half, _BLANK)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
