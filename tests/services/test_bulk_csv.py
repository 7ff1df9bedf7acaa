"""CSV files of every sort that spreadsheets and people make."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_policing.domain.beats import Beat
from geo_policing.errors import InvalidInputError, TooLargeError
from geo_policing.services.answers import Answer
from geo_policing.services.bulk_csv import RESULT_COLUMNS, read_csv
from geo_policing.services.bulk_lookup import lookup_csv
from geo_policing.services.view import View
from tests.support.views import BEATS, tiny_view, view_of


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> View:
    return tiny_view(tmp_path_factory.mktemp("tiny"))


def answered(view: View, content: bytes, **limits: int) -> bytes:
    return b"".join(lookup_csv(view, io.BytesIO(content), **{"max_rows": 1000, **limits}))


def rows(view: View, content: bytes, delimiter: str = ",") -> list[dict[str, str]]:
    text = answered(view, content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def test_columns_are_carried_through_and_results_appended(view: View) -> None:
    content = b'id,Post Code,note\r\n7,zz1 1aa,"a, ""b"""\r\n8,ZZ1 1AB,\r\n'
    assert answered(view, content) == (
        b"id,Post Code,note,outcome,beat_id,beat_slug,beat_name,share,district_code,district_name,area,neighbour,"
        b"method,accuracy_m,message\r\n"
        b'7,zz1 1aa,"a, ""b""",one,b1,abbey-westham,Abbey,1,X01,Westham,North,,postcode_voronoi_area,10.0,\r\n'
        b"8,ZZ1 1AB,,many,b1,abbey-westham,Abbey,0.6,X01,Westham,North,,postcode_voronoi_area,10.0,"
        b"Also: Market (0.4).\r\n"
    )


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("PCD", "ZZ1 1AA"),
        ("pcds", "ZZ1 1AA"),
        ("Latitude,LONGITUDE", "52.2241,0.0566"),
        ("lon,lat", "0.0566,52.2241"),
        ("X,Y", "540500,260500"),
        ("Eastings,Northings", "540500,260500"),
        ("oseast1m,osnrth1m", "540500,260500"),
        ("Grid Ref", "TL 4050 6050"),
        ("grid_ref", "TL 4050 6050"),
        ("PLACE", '"Mill Road, Market"'),
        ("postcode,x,y", ",540500,260500"),
        ("postcode,x,y", "ZZ1 1AA,no,no"),
    ],
)
def test_columns_by_any_usual_name(view: View, header: str, cells: str) -> None:
    (row,) = rows(view, f"{header}\n{cells}\n".encode())
    assert (row["outcome"], row["beat_slug"]) == ("one", "abbey-westham")


@pytest.mark.parametrize(
    ("encoding", "read_as", "bom"),
    [
        ("utf-8", "utf-8", False),
        ("utf-8-sig", "utf-8-sig", True),
        ("utf-16", "utf-16", True),
        ("cp1252", "cp1252", False),
    ],
)
def test_encodings(view: View, encoding: str, read_as: str, bom: bool) -> None:
    content = "postcode,who\nZZ1 1AA,Zoë’s café\n".encode(encoding)
    answer = lookup_csv(view, io.BytesIO(content), max_rows=10)
    assert (answer.encoding, answer.rows) == (read_as, 1)
    text = b"".join(answer)
    assert text.startswith(b"\xef\xbb\xbf") is bom
    assert "Zoë’s café" in text.decode()
    assert ("Windows-1252" in text.decode()) is (encoding == "cp1252")


def test_bytes_that_windows_does_not_know_are_latin_1(view: View) -> None:
    text = answered(view, b"postcode,who\nZZ1 1AA,\xe9\x81\n").decode()
    assert "é\x81" in text
    assert "Latin-1" in text


def test_a_character_cut_by_the_reading_block_is_whole(view: View) -> None:
    content = ("postcode,who\n" + "ZZ1 1AA,é\r\n" * 9000).encode()
    answer = lookup_csv(view, io.BytesIO(content), max_rows=9000)
    assert answer.encoding == "utf-8"
    assert b"".join(answer).decode().count("é") == 9000


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_line_ends_and_delimiters_are_kept(view: View, end: str, delimiter: str) -> None:
    content = end.join([f"pcd{delimiter}n", f"ZZ1 1AA{delimiter}1", "", f"ZZ1 1AG{delimiter}2"])
    text = answered(view, content.encode()).decode()
    assert text.endswith(end)
    assert text.count(end) == 3
    assert [row["outcome"] for row in rows(view, content.encode(), delimiter)] == ["one", "outside"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\r\n \r\n", "empty"),
        (b"name,town\nA,B\n", "no column to go by"),
        (b"lat,name\n52,B\n", "no column to go by"),
        (b"ZZ1 1AA\nZZ1 1AB\n", "no column to go by"),
        (b'postcode,b\nZZ1 1AA,1\nZZ1 1AA,"x\nZZ1 1AB,2\n', "begins on line 3"),
        (b'postcode\n"ZZ1 1AA"x\n', "begins on line 2"),
        (b"postcode\nZZ1 1AA\nZZ1\x00 1AA\n", "Line 3 holds a NUL"),
        (b"p\x00o\x00s\x00t\x00c\x00o\x00d\x00e\x00", "NUL"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "NUL"),
        ("postcode\nZZ1 1AA\n".encode("utf-16")[:-1], "not text in utf-16"),
        (b'postcode\n"' + b"x\n" * 100_000, "never closed"),
        (b"postcode\n" + b"x" * 1_200_000, "1,048,576 characters"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_before_the_first_byte(view: View, content: bytes, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        lookup_csv(view, io.BytesIO(content), max_rows=1000)


def test_limits_are_kept_before_the_first_byte(view: View) -> None:
    three = b"postcode\nZZ1 1AA\nZZ1 1AA\nZZ1 1AA\n"
    assert len(rows(view, three)) == 3
    whole = lookup_csv(view, io.BytesIO(three), max_rows=3, max_bytes=len(three))
    assert whole.rows == 3
    whole.close()
    with pytest.raises(TooLargeError, match="more than 2 rows"):
        lookup_csv(view, io.BytesIO(three), max_rows=2)
    with pytest.raises(TooLargeError, match="more than 32 bytes"):
        lookup_csv(view, io.BytesIO(three), max_rows=3, max_bytes=32)


class Endless:
    """A stream that never ends, and counts what was taken from it."""

    def __init__(self) -> None:
        self.taken = 0

    def read(self, size: int) -> bytes:
        self.taken += size
        return b"postcode\n" if self.taken == size else b"ZZ1 1AA\n" * (size // 8)


def test_an_upload_without_end_is_cut_off_at_the_limit(view: View) -> None:
    stream = Endless()
    with pytest.raises(TooLargeError, match="bytes"):
        lookup_csv(view, stream, max_rows=10, max_bytes=5_000_000)
    assert stream.taken < 6_000_000


def test_ragged_rows_and_blank_lines(view: View) -> None:
    found = rows(view, b"id,postcode,x\n1,ZZ1 1AA,a,b\n\n2\n3,ZZ1 1AA\n,,\n")
    assert [(r["id"], r["outcome"]) for r in found] == [
        ("1", "invalid"),
        ("2", "invalid"),
        ("3", "one"),
        ("", "invalid"),
    ]
    assert "4 cells, the header 3" in found[0]["message"]
    assert "postcode is empty" in found[1]["message"]


def test_only_a_header_gives_only_a_header(view: View) -> None:
    assert answered(view, b"postcode").decode() == ",".join(["postcode", *RESULT_COLUMNS]) + "\n"


def test_names_that_clash_are_numbered(view: View) -> None:
    (row,) = rows(view, b"Outcome,outcome_2,postcode,share\nmine,too,ZZ1 1AA,x\n")
    assert (row["Outcome"], row["outcome_2"], row["share"]) == ("mine", "too", "x")
    assert (row["outcome_3"], row["share_2"]) == ("one", "1")


def test_cells_of_the_input_stay_and_added_ones_are_no_formulas(tmp_path: Path) -> None:
    evil = (Beat("b1", "abbey", "=HYPERLINK(1)", "X01"), *BEATS[1:])
    (row,) = rows(view_of(tiny_view(tmp_path).dataset, beats=evil), b"postcode,change\nZZ1 1AA,-0.12\n")
    assert row["change"] == "-0.12"
    assert row["beat_name"] == "'=HYPERLINK(1)"


def test_messages_say_what_each_row_needs(view: View) -> None:
    found = rows(view, b"postcode,place\nzzi iaa,\n,Mill Road\n,Over There\nZZ1 1AH,\nZZ1 1AE,\n")
    assert "was read as ZZ1 1AA" in found[0]["message"]
    assert "mill-road-eastham, mill-road-westham" in found[1]["message"]
    assert (found[2]["outcome"], found[2]["neighbour"]) == ("outside", "Farham")
    assert "20 m outside" in found[3]["message"]
    assert found[4]["message"].count("does not say where") == 1


def test_a_column_may_give_the_day(view: View) -> None:
    found = rows(view, b"postcode,as_of\nZZ1 1AA,2026-03-02\nZZ1 1AA,2020-01-01\nZZ1 1AA,\n")
    assert [row["outcome"] for row in found] == ["one", "invalid", "one"]


def test_memory_stays_bounded_and_pieces_come_as_they_are_taken(view: View) -> None:
    count = 60_000
    content = b"postcode,filler\n" + b"ZZ1 1AA,xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n" * count
    list(lookup_csv(view, io.BytesIO(content[:1000]), max_rows=count))
    stream = io.BytesIO(content)
    tracemalloc.start()
    answer = lookup_csv(view, stream, max_rows=count)
    size = sum(map(len, answer))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > len(content)
    assert peak < 8_000_000


def test_an_answer_that_is_not_taken_to_its_end_lets_the_file_go(view: View) -> None:
    answer = lookup_csv(view, io.BytesIO(b"postcode\nZZ1 1AA\n"), max_rows=5)
    assert next(answer).startswith(b"postcode,outcome")
    answer.close()
    assert list(answer) == []


def one_answer(view: View) -> Callable[[list[Any]], list[Answer]]:
    template = next(iter(lookup_rows_of(view)))
    return lambda questions: [template] * len(questions)


def lookup_rows_of(view: View) -> list[Answer]:
    from geo_policing.services.bulk_lookup import lookup_rows

    return list(lookup_rows(view, [{"postcode": "ZZ1 1AA"}]))


CELLS = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=6)


@settings(max_examples=60, deadline=None)
@given(table=st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=6))
def test_any_cells_come_back_as_they_were(view: View, table: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerows([["postcode", "free"], *table])
    file = read_csv(io.BytesIO(text.getvalue().encode()), max_rows=100)
    back = b"".join(file.answered(one_answer(view))).decode("utf-8-sig")
    records = list(csv.reader(io.StringIO(back, newline="")))
    assert [record[:2] for record in records[1:]] == table
