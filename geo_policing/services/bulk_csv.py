"""CSV files of many rows to look up: reading whatever spreadsheets write, and writing the answers beside it.

What is read: UTF-8 (with or without a byte order mark), UTF-16 with one, else Windows-1252, and the answer says so;
commas, semicolons or tabs; LF, CRLF or CR; quotes as in RFC 4180. The first line names the columns (`ALIASES`, in any
case); of several kinds in one file, each row goes by the first of them that is not empty there.

What is refused as a whole, naming the line: an empty file, no column to go by, NUL bytes, a quote that is never
closed, more rows or bytes than allowed. A row with more cells than the header gets the outcome `invalid`; one with
fewer is read as if the missing cells were empty; blank lines are left out.

What comes back: UTF-8 (with a byte order mark where the input had one), the input's delimiter and line ends, every
column of the input unchanged, then `RESULT_COLUMNS`, each renamed `…_2` where the input has one of that name. Cells
of the input are not altered even where a spreadsheet would take them for a formula, as that would falsify data
(-0.12 begins with one of those signs); cells that are added never begin like a formula.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

from geo_policing.domain.postcodes import shown
from geo_policing.errors import InvalidInputError, TooLargeError
from geo_policing.services.answers import Answer, Outcome
from geo_policing.services.presentation import shown_share

ALIASES: dict[str, tuple[str, ...]] = {
    "postcode": ("postcode", "pcds", "pcd", "pcd7", "pcd8", "postalcode", "postcodes"),
    "lat": ("lat", "latitude"),
    "lon": ("lon", "lng", "long", "longitude"),
    "easting": ("easting", "eastings", "x", "oseast1m", "east1m"),
    "northing": ("northing", "northings", "y", "osnrth1m", "north1m"),
    "grid_ref": ("gridref", "gridreference", "ngr", "osgr", "osgridref", "osgridreference"),
    "place": ("place", "placename", "street"),
    "as_of": ("asof",),
}
"""Names of columns, without regard to case, spaces, hyphens and underscores; the first that is there is taken."""
KINDS = (("postcode",), ("lat", "lon"), ("easting", "northing"), ("grid_ref",), ("place",))
RESULT_COLUMNS = (
    "outcome",
    "beat_id",
    "beat_slug",
    "beat_name",
    "share",
    "district_code",
    "district_name",
    "area",
    "neighbour",
    "method",
    "accuracy_m",
    "message",
)
ROWS_PER_PIECE = 2000
_IN_MEMORY_BYTES = 1024 * 1024
_READ_BYTES = 64 * 1024
_LONGEST_LINE = 1024 * 1024
_DELIMITERS = (",", ";", "\t")
_FORMULA_STARTS = frozenset("=+-@\t\r")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_REMEDY = "Save it as CSV in UTF-8."

Params = Mapping[str, str]
Answering = Callable[[list[Params | InvalidInputError]], list[Answer]]


@dataclass(frozen=True)
class CsvLookup:
    """A CSV file that has been read through once and found fit to be answered."""

    file: IO[bytes]
    encoding: str
    delimiter: str
    line_end: str
    header: tuple[str, ...]
    columns: Mapping[str, int]
    rows: int

    def answered(self, answering: Answering) -> Generator[bytes, None, None]:
        """The file with its answers, in pieces of at most `ROWS_PER_PIECE` rows; the temporary file is dropped then."""
        with self.file:
            text = io.StringIO(newline="")
            writer = csv.writer(text, delimiter=self.delimiter, lineterminator=self.line_end)
            writer.writerow([*self.header, *_free_names(self.header)])
            bom = codecs.BOM_UTF8 if self.encoding in ("utf-8-sig", "utf-16") else b""
            yield bom + _taken(text)
            records = _records(self.file, self.encoding, self.delimiter)
            next(records)
            first_note = self._encoding_note()
            while chunk := list(islice(records, ROWS_PER_PIECE)):
                answers = answering([self._params(cells) for _, cells in chunk])
                for (_, cells), answer in zip(chunk, answers, strict=True):
                    own = [*cells, *[""] * (len(self.header) - len(cells))][: len(self.header)]
                    writer.writerow([*own, *result_cells(answer, first_note)])
                    first_note = ""
                yield _taken(text)

    def _params(self, cells: Sequence[str]) -> Params | InvalidInputError:
        """The parameters of one row, or what is wrong with it."""
        if len(cells) > len(self.header):
            return InvalidInputError(
                f"The row has {len(cells)} cells, the header {len(self.header)}. Put quotes around cells with "
                "a delimiter in them."
            )
        given = {name: cells[at] for name, at in self.columns.items() if at < len(cells) and cells[at].strip()}
        for names in KINDS:
            if any(name in given for name in names):
                return {name: given[name] for name in (*names, "as_of") if name in given}
        return InvalidInputError(f"Nothing was asked in this row: {', '.join(self.columns)} is empty.")

    def _encoding_note(self) -> str:
        if self.encoding not in ("cp1252", "latin-1"):
            return ""
        name = "Windows-1252" if self.encoding == "cp1252" else "Latin-1"
        return f"The file is not UTF-8; it was read as {name}, so check accented letters."


def read_csv(byte_stream: Any, *, max_rows: int, max_bytes: int | None = None) -> CsvLookup:
    """Take `byte_stream` to a temporary file and read it through once.

    InvalidInputError (with the line) for what the module's head says is refused; TooLargeError for more than
    `max_rows` rows below the header, or `max_bytes` bytes (None: no limit here).
    """
    # Closed by CsvLookup.answered when it is done, or here when the file is refused.
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115
    try:
        encoding = _spool(byte_stream, file, max_bytes)
        head = _head(file, encoding)
        if not head.strip():
            raise InvalidInputError("The file is empty. Send a header line and at least one row.")
        delimiter = _delimiter(head)
        records = _records(file, encoding, delimiter)
        header = tuple(next(records)[1])
        columns = _columns(header)
        rows = 0
        for _ in records:
            rows += 1
            if rows > max_rows:
                raise TooLargeError(f"The file has more than {max_rows:,} rows. Split it and send the parts.")
        return CsvLookup(file, encoding, delimiter, _line_end(head), header, columns, rows)
    except BaseException:
        file.close()
        raise


def result_cells(answer: Answer, note: str = "") -> list[str]:
    """The cells of `RESULT_COLUMNS` for one answer; of several candidates the first, the others in the message."""
    first = answer.candidates[0] if answer.candidates else None
    cells = [answer.outcome.value]
    if first is None:
        cells += [""] * 7
    else:
        district = first.district
        area = district.area.name if district.area else ""
        beat = first.beat
        cells += [beat.id, beat.slug, beat.name, f"{shown_share(first.share):g}", district.code, district.name, area]
    accuracy = "" if answer.accuracy_m is None else f"{answer.accuracy_m:.1f}"
    neighbour = answer.neighbour.name if answer.neighbour else ""
    cells += [neighbour, str(answer.method), accuracy, _message(answer, note)]
    return [f"'{cell}" if cell[:1] in _FORMULA_STARTS else cell for cell in cells]


def _message(answer: Answer, note: str) -> str:
    if not (note or answer.message or answer.notes or answer.correction or len(answer.candidates) > 1):
        return ""
    sentences = [note] if note else []
    if answer.correction:
        sentences.append(f"{shown(answer.correction.typed)} was read as {answer.correction.read_as}.")
    if answer.message:
        sentences.append(answer.message)
    if len(answer.candidates) > 1:
        others = [f"{c.beat.name} ({shown_share(c.share):g})" for c in answer.candidates[1:]]
        sentences.append(f"Also: {', '.join(others)}.")
    if answer.outcome is Outcome.AMBIGUOUS:
        sentences.append(f"Ids: {', '.join(option.id for option in answer.places)}.")
    sentences += [n.text for n in answer.notes if n.text != answer.message]
    return " ".join(sentences)


def _spool(byte_stream: Any, file: IO[bytes], max_bytes: int | None) -> str:
    """Copy the stream and say how it is encoded."""
    utf8 = codecs.getincrementaldecoder("utf-8")()
    size, lines, encoding, is_utf8, undefined = 0, 1, "", True, False
    while piece := byte_stream.read(_READ_BYTES):
        if size == 0:
            encoding = next((name for bom, name in _BOMS if piece.startswith(bom)), "")
        size += len(piece)
        if max_bytes is not None and size > max_bytes:
            raise TooLargeError(f"The file has more than {max_bytes:,} bytes. Split it and send the parts.")
        if encoding != "utf-16":
            if b"\0" in piece:
                line = lines + piece[: piece.index(b"\0")].count(b"\n")
                raise InvalidInputError(f"Line {line} holds a NUL byte, so this is not a CSV file. {_REMEDY}")
            is_utf8 = is_utf8 and _decodes(utf8, piece)
            undefined = undefined or re.search(rb"[\x81\x8d\x8f\x90\x9d]", piece) is not None
        lines += piece.count(b"\n")
        file.write(piece)
    is_utf8 = is_utf8 and _decodes(utf8, b"", final=True)
    if encoding == "utf-16" or is_utf8:
        return encoding or "utf-8"
    return "latin-1" if undefined else "cp1252"


def _decodes(decoder: codecs.IncrementalDecoder, piece: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(piece, final)
    except UnicodeDecodeError:
        return False
    return True


def _records(file: IO[bytes], encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(first line, cells) of each record that is not blank; InvalidInputError for text that is no CSV."""
    reader = csv.reader(_lines(file, encoding), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InvalidInputError(
                f"The record that begins on line {line} cannot be read ({error}). "
                "Is a quote opened and never closed? Double a quote inside of quotes."
            ) from error
        except UnicodeError as error:
            raise InvalidInputError(f"Line {line} is not text in {encoding} ({error}). {_REMEDY}") from error
        if cells:
            yield line, cells


def _lines(file: IO[bytes], encoding: str) -> Iterator[str]:
    """Lines with their ends, split at LF, CRLF and CR only (not at the rarer ones that str.splitlines knows)."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    # Holds back a CR at the end of a piece until it is known whether an LF follows.
    newlines = io.IncrementalNewlineDecoder(None, translate=False)
    rest = ""
    while True:
        piece = file.read(_READ_BYTES)
        rest += newlines.decode(decoder.decode(piece, not piece), not piece)
        lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", rest)
        rest = lines.pop()
        yield from lines
        if len(rest) > _LONGEST_LINE:
            raise csv.Error(f"a line of more than {_LONGEST_LINE:,} characters")
        if not piece:
            if rest:
                yield rest
            return


def _head(file: IO[bytes], encoding: str) -> str:
    """The beginning of the file, enough for its header; a character cut in two is left out."""
    file.seek(0)
    return codecs.getincrementaldecoder(encoding)("replace").decode(file.read(_READ_BYTES))


def _delimiter(head: str) -> str:
    """The delimiter with which the header names a column to go by; a comma where none does."""
    first = next(line for line in re.split(r"[\r\n]", head) if line.strip())
    for delimiter in _DELIMITERS:
        if _known(next(csv.reader([first], delimiter=delimiter))):
            return delimiter
    return ","


def _line_end(head: str) -> str:
    if "\r\n" in head:
        return "\r\n"
    return "\r" if "\r" in head and "\n" not in head else "\n"


def _columns(header: Sequence[str]) -> dict[str, int]:
    """Where each parameter's column is; InvalidInputError where no kind is complete."""
    found = _known(header)
    complete = [names for names in KINDS if all(name in found for name in names)]
    if complete:
        usable = {name for names in complete for name in names} | {"as_of"}
        return {name: at for name, at in found.items() if name in usable}
    names = ", ".join(shown(name, 20) for name in header[:10])
    raise InvalidInputError(
        f"The first line names no column to go by; it has {names}. Name one postcode, lat and lon, easting and "
        "northing, grid_ref, or place."
    )


def _known(header: Sequence[str]) -> dict[str, int]:
    plain = [re.sub(r"[\s_-]", "", name).casefold() for name in header]
    return {
        name: plain.index(alias)
        for name, aliases in ALIASES.items()
        for alias in [next((a for a in aliases if a in plain), None)]
        if alias is not None
    }


def _free_names(header: Sequence[str]) -> list[str]:
    taken = {name.strip().casefold() for name in header}
    free = []
    for name in RESULT_COLUMNS:
        chosen, n = name, 2
        while chosen in taken:
            chosen, n = f"{name}_{n}", n + 1
        taken.add(chosen)
        free.append(chosen)
    return free


def _taken(text: io.StringIO) -> bytes:
    """What was written since the last time."""
    content = text.getvalue()
    text.seek(0)
    text.truncate()
    return content.encode()
