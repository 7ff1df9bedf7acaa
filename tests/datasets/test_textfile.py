"""Delimited text as publishers write it, and as it arrives damaged."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.datasets import textfile
from geo_policing.datasets.textfile import UTF_8, WINDOWS_1252, encoding_of, read_header, read_rows
from geo_policing.errors import SourceError


def _file(tmp_path: Path, content: bytes, name: str = "t.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1,x\n2,y\n",
        b"a,b\r\n1,x\r\n2,y\r\n",
        b"\xef\xbb\xbfa,b\n1,x\n2,y\n",
        b"a\tb\n1\tx\n2\ty",
        b'"a","b"\n"1","x"\n\n"2"," y "\n\n',
        b"A , B\n1, x\n2,y\n",
    ],
    ids=["lf", "crlf", "bom", "tab, no last newline", "quotes and blank lines", "spaces and case"],
)
def test_the_same_rows_however_they_are_written(tmp_path: Path, content: bytes) -> None:
    path = _file(tmp_path, content)
    assert list(read_rows(path, ["b", "a"])) == [("x", "1"), ("y", "2")]
    assert [name.lower() for name in read_header(path)] == ["a", "b"]


def test_a_column_may_be_asked_for_alone_or_not_at_all(tmp_path: Path) -> None:
    path = _file(tmp_path, b"a,b\n1,2\n3,4\n")
    assert list(read_rows(path, ["b"])) == [("2",), ("4",)]
    assert list(read_rows(path, [])) == [(), ()]


def test_a_file_without_a_header_is_read_by_given_names(tmp_path: Path) -> None:
    path = _file(tmp_path, b"1,2\n3,4\n")
    assert list(read_rows(path, ["y"], header=["x", "y"])) == [("2",), ("4",)]


def test_a_quoted_field_may_hold_commas_quotes_and_line_ends(tmp_path: Path) -> None:
    path = _file(tmp_path, b'a,b\n"x, ""y""","1\n2"\nz,3\n')
    assert list(read_rows(path, ["a", "b"])) == [('x, "y"', "1\n2"), ("z", "3")]


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_windows_1252_is_read_and_told(tmp_path: Path, newline: bytes) -> None:
    path = _file(tmp_path, b"name,n" + newline + "Pâtés “Ltd”,1".encode("cp1252") + newline)
    assert list(read_rows(path, ["name"])) == [("Pâtés “Ltd”",)]
    assert encoding_of(path) == WINDOWS_1252


def test_utf8_is_recognised_across_the_chunks_in_which_a_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(textfile, "_CHUNK_BYTES", 3)
    path = _file(tmp_path, "a\n€€é\n".encode())
    assert encoding_of(path) == UTF_8
    cut = _file(tmp_path, "a\n€".encode()[:-1], "cut.csv")
    assert encoding_of(cut) == WINDOWS_1252


def test_a_file_that_was_written_again_is_looked_at_again(tmp_path: Path) -> None:
    path = _file(tmp_path, b"a\nx\n")
    assert encoding_of(path) == UTF_8
    path.write_bytes("a\né\n\n".encode("cp1252"))
    assert encoding_of(path) == WINDOWS_1252


def test_an_empty_file_has_no_header_and_no_columns(tmp_path: Path) -> None:
    path = _file(tmp_path, b"")
    assert read_header(path) == ()
    assert list(read_rows(path, ["a"], header=["a"])) == []
    with pytest.raises(SourceError, match=r"field a: no such column.*\(nothing\)"):
        list(read_rows(path, ["a"]))


@pytest.mark.parametrize(
    ("content", "row", "problem"),
    [
        (b"a,b\n1,2\n3\n", 2, "1 fields where 2 were expected"),
        (b"a,b\n1,2,9\n", 1, "3 fields where 2"),
        (b'a,b\n1,2\n"3,4\n5,6\n', 2, "a quote is not closed"),
        (b'a,b\n"1"x,2\n', 1, "a quote is not closed or is followed by stray text"),
        (b'"a,b\n1,2\n', None, "a quote is not closed"),
        (b"a,b\n1," + b"x" * 200_000 + b"\n", 1, "a field is too long"),
    ],
    ids=["too few", "too many", "unclosed", "stray after quote", "unclosed in the header", "endless field"],
)
def test_damage_is_named_with_its_row(tmp_path: Path, content: bytes, row: int | None, problem: str) -> None:
    path = _file(tmp_path, content)
    with pytest.raises(SourceError) as caught:
        list(read_rows(path, ["a"]))
    assert caught.value.row == row
    assert caught.value.file == path
    assert problem in caught.value.problem
    assert caught.value.remedy


def test_a_missing_or_doubled_column_is_named_with_the_header(tmp_path: Path) -> None:
    path = _file(tmp_path, b"a,b,B\n1,2,3\n")
    with pytest.raises(SourceError, match=r"field c: no such column. The header reads: a, b, B\."):
        list(read_rows(path, ["c"]))
    with pytest.raises(SourceError, match="field b: the header has this column more than once"):
        list(read_rows(path, ["b"]))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("a,b\n1,2\n".encode("utf-16"), "NUL bytes"),
        (b"a,b\n1,\0\n", "NUL bytes"),
        (b"a,b\n\x81\x8d,2\n", "neither UTF-8 nor Windows-1252"),
    ],
    ids=["utf-16", "nul", "no encoding"],
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    path = _file(tmp_path, content)
    with pytest.raises(SourceError, match=problem):
        list(read_rows(path, ["a"]))
    with pytest.raises(SourceError, match=problem):
        read_header(path)


def test_a_file_beyond_the_limit_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(textfile, "MAX_BYTES", 4)
    with pytest.raises(SourceError, match="6 bytes, more than the 4"):
        encoding_of(_file(tmp_path, b"a\n1\n2\n"))


_cell = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=8)


@given(rows=st.lists(st.tuples(_cell, _cell), max_size=12), bom=st.booleans(), end=st.sampled_from(["\n", "\r\n"]))
def test_what_a_csv_writer_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], bom: bool, end: str
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator=end)
    writer.writerows([("a", "b"), *rows])
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    path.write_bytes(out.getvalue().encode("utf-8-sig" if bom else "utf-8"))
    assert list(read_rows(path, ["a", "b"])) == [(a.strip(), b.strip()) for a, b in rows]
