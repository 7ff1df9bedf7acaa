"""Publishers' delimited text: encodings, delimiters and damage, so that each reader sees clean rows.

UTF-8 (with or without a byte-order mark) and Windows-1252 are read; comma and tab divide; CR LF and LF end lines.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import TextIO

from geo_policing.errors import SourceError

UTF_8, WINDOWS_1252 = "utf-8", "windows-1252"
MAX_BYTES = 8 * 1024**3
"""Above any publisher's file that is read here: OS Open UPRN, the largest, is about 2 GB."""
_CHUNK_BYTES = 1 << 20
_SAVE_AS = "Save it as UTF-8 text, or download it again."


def read_header(path: Path) -> tuple[str, ...]:
    """The cells of the first row, stripped, whether they are names or already data; () for an empty file.

    SourceError where the file is not text, is too large, or its first row has an unclosed quote.
    """
    with _open(path) as lines:
        for row in _records(path, csv.reader(lines, delimiter=_delimiter(path), strict=True), first_row=0):
            return tuple(cell.strip() for cell in row)
    return ()


def read_rows(path: Path, columns: Sequence[str], *, header: Sequence[str] | None = None) -> Iterator[tuple[str, ...]]:
    """Yield, for each record of the file, the text of `columns` (stripped), in the order asked for.

    Columns are named by the first row, or by `header` where the file has none; case does not matter. Records count
    from 1, so `enumerate(read_rows(...), 1)` gives the row that a SourceError names. Blank lines are no records.

    SourceError where a column is missing or named twice, a record has another number of fields than the header, a
    quote is not closed, or the file is no text (see `encoding_of`). An empty file has no columns, so that is an error
    too unless `header` is given, when there are simply no rows.
    """
    with _open(path) as lines:
        records = csv.reader(lines, delimiter=_delimiter(path), strict=True)
        names: Sequence[str] = next(_records(path, records, first_row=0), []) if header is None else header
        pick = _picker(path, names, columns)
        for number, row in enumerate(_records(path, records, first_row=1), 1):
            if len(row) != len(names):
                raise SourceError(
                    f"{len(row)} fields where {len(names)} were expected",
                    remedy="The row is cut off or has a stray delimiter; download the file again or mend the row.",
                    file=path,
                    row=number,
                )
            yield pick(row)


def encoding_of(path: Path) -> str:
    """`UTF_8` or `WINDOWS_1252`: the first in which the whole file can be read.

    SourceError where it can be read in neither, holds NUL bytes (binary, or UTF-16) or is larger than `MAX_BYTES`.
    """
    status = path.stat()
    return _encoding(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=256)
def _encoding(path: Path, size: int, modified_ns: int) -> str:
    """Size and time are in the key, so that a file written again is looked at again."""
    if size > MAX_BYTES:
        raise SourceError(
            f"{size:,} bytes, more than the {MAX_BYTES:,} that are read",
            remedy="Is this the right file? Split it if it is.",
            file=path,
        )
    decoders = {UTF_8: codecs.getincrementaldecoder("utf-8")(), WINDOWS_1252: codecs.getincrementaldecoder("cp1252")()}
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            if b"\0" in chunk:
                raise SourceError("holds NUL bytes, so it is binary or UTF-16, not text", remedy=_SAVE_AS, file=path)
            decoders = {name: d for name, d in decoders.items() if _decodes(d, chunk, final=False)}
            if not decoders:
                break
    for name, decoder in decoders.items():
        if _decodes(decoder, b"", final=True):
            return name
    raise SourceError("neither UTF-8 nor Windows-1252 text", remedy=_SAVE_AS, file=path)


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _open(path: Path) -> TextIO:
    """The file as text; lines keep their ends, as the csv module wants them."""
    encoding = "utf-8-sig" if encoding_of(path) == UTF_8 else "cp1252"
    return path.open(encoding=encoding, newline="")


def _delimiter(path: Path) -> str:
    """Tab where the first line has more of them than commas, else comma."""
    with path.open("rb") as file:
        line = file.readline(_CHUNK_BYTES)
    return "\t" if line.count(b"\t") > line.count(b",") else ","


def _records(path: Path, records: Iterator[list[str]], *, first_row: int) -> Iterator[list[str]]:
    """`records` without blank lines; the csv module's complaints become a SourceError that names the row."""
    row_number = first_row
    while True:
        try:
            row = next(records)
        except StopIteration:
            return
        except csv.Error as error:
            raise SourceError(
                f"a quote is not closed or is followed by stray text, or a field is too long ({error})",
                remedy="Close the quote in this row, or download the file again.",
                file=path,
                row=row_number or None,
            ) from error
        if row:
            yield row
            row_number += 1


def _picker(path: Path, names: Sequence[str], columns: Sequence[str]) -> Callable[[list[str]], tuple[str, ...]]:
    folded = [name.strip().casefold() for name in names]
    places = []
    for column in columns:
        if folded.count(column.casefold()) != 1:
            raise SourceError(
                "the header has this column more than once" if column.casefold() in folded else "no such column",
                remedy=f"The header reads: {', '.join(name.strip() for name in names) or '(nothing)'}.",
                file=path,
                field=column,
            )
        places.append(folded.index(column.casefold()))
    if len(places) == 1:
        only = places[0]
        return lambda row: (row[only].strip(),)
    get = itemgetter(*places) if places else lambda row: ()
    return lambda row: tuple([cell.strip() for cell in get(row)])
