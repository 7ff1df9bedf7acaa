"""Code-Point Open as Ordnance Survey lays it out: headerless files, and the columns' names in Doc/."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geo_policing.datasets import code_point
from geo_policing.datasets.discover import Probe
from geo_policing.errors import SourceError

HEADERS = "PC,PQ,EA,NO,CY,RH,LH,CC,DC,WC\nPostcode,Positional_quality_indicator,Eastings,Northings,a,b,c,d,e,f\n"


def row(postcode: str = "ZZ1 1AA", quality: str = "10", e: str = "540500", n: str = "260500", ward: str = "W1") -> str:
    return f'"{postcode}",{quality},{e},{n},"E92000001","E19000001","E18000006","","X01","{ward}"\n'


def folder(tmp_path: Path, *rows: str, headers: str | None = HEADERS) -> Path:
    data = tmp_path / "Data" / "CSV"
    data.mkdir(parents=True)
    if headers is not None:
        (tmp_path / "Doc").mkdir()
        (tmp_path / "Doc" / "Code-Point_Open_Column_Headers.csv").write_text(headers)
    path = data / "zz.csv"
    path.write_text("".join(rows))
    return path


def probe(*cells: str) -> Probe:
    return Probe(Path("zz.csv"), "csv", None, cells)


def test_it_is_recognised_by_its_first_row() -> None:
    assert code_point.recognises(probe("ZZ1 1AA", "10", "540500", "260500", "E92", "E19", "E18", "", "X01", "W1"))


def test_a_damaged_first_row_does_not_leave_the_file_out() -> None:
    assert code_point.recognises(probe("ZZ1 1?A", "10", "540500", "260500", "E92000001", "", "", "", "X01", "W1"))
    assert not code_point.recognises(probe("ZZ1 1?A", "10", "540500", "260500", "1", "", "", "", "", ""))


@pytest.mark.parametrize(
    "cells",
    [
        ("PC", "PQ", "EA", "NO", "CY", "RH", "LH", "CC", "DC", "WC"),
        ("ZZ1 1AA", "10", "540500", "260500"),
        ("ZZ1 1AA", "10", "540500.5", "260500", "", "", "", "", "", ""),
        (),
    ],
)
def test_other_tables_are_not_taken_for_it(cells: tuple[str, ...]) -> None:
    assert not code_point.recognises(probe(*cells))


def test_a_row_gives_its_point_quality_and_codes(tmp_path: Path) -> None:
    rows = code_point.read([folder(tmp_path, row("zz1  1aa", "50"))])
    assert rows.postcode.tolist() == ["ZZ11AA"]
    assert (rows.easting.tolist(), rows.northing.tolist(), rows.quality.tolist()) == ([540500], [260500], [50])
    assert (rows.district_code.tolist(), rows.ward_code.tolist()) == (["X01"], ["W1"])
    assert (rows.terminated.tolist(), rows.large_user.tolist()) == ([0], [False])
    assert rows.place_of(0) == "zz.csv row 1"


def test_quality_90_has_no_location(tmp_path: Path) -> None:
    rows = code_point.read([folder(tmp_path, row(quality="90", e="0", n="0"))])
    assert np.isnan([rows.easting[0], rows.northing[0]]).all()
    assert rows.quality.tolist() == [90]


def test_columns_follow_the_publishers_header(tmp_path: Path) -> None:
    swapped = HEADERS.replace("EA,NO", "NO,EA")
    rows = code_point.read([folder(tmp_path, row(e="260500", n="540500"), headers=swapped)])
    assert (rows.easting.tolist(), rows.northing.tolist()) == ([540500], [260500])


def test_without_a_header_the_known_order_holds(tmp_path: Path) -> None:
    assert code_point.read([folder(tmp_path, row(), headers=None)]).easting.tolist() == [540500]


def test_another_products_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"Headers\.csv.*the columns are A, B.*another product"):
        code_point.read([folder(tmp_path, row(), headers="A,B\n")])


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (row("ZZ1 1A"), r"zz\.csv, row 2, field PC: 'ZZ1 1A' is not a postcode"),
        (row(quality="15"), r"row 2, field PQ: '15' is not a positional quality\. Code-Point Open uses 10, 20"),
        (row(quality=""), r"row 2, field PQ"),
        (row(e="many"), r"row 2, field EA: 'many' is not a number"),
        (row(e="nan"), r"row 2, field EA: 'nan' is not a number"),
        (row(n="inf"), r"row 2, field NO: 'inf' is not a number"),
        (row(e="0", n="0"), r"row 2, field EA: '0' is not in the National Grid"),
        (row(n="1300001"), r"row 2, field NO: '1300001' is not in the National Grid"),
        (row(e=""), r"row 2, field EA and NO: '' gives only one of the two coordinates"),
        ('"ZZ1 1AA",10,540500\n', r"row 2: 3 fields where 10 were expected"),
    ],
)
def test_a_malformed_row_is_named(tmp_path: Path, bad: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        code_point.read([folder(tmp_path, row(), bad)])


def many(count: int) -> list[str]:
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    return [row(f"ZZ{i // 4000 + 1} {i // 400 % 10}{letters[i % 20]}{letters[i // 20 % 20]}") for i in range(count)]


def test_one_malformed_row_in_a_thousand_is_dropped_and_reported(tmp_path: Path) -> None:
    rows = code_point.read([folder(tmp_path, *many(999), row("?"))])
    assert len(rows) == 999
    (finding,) = rows.dropped
    assert (finding.what, finding.count) == ("malformed postcode rows", 1)
    assert finding.examples == ("zz.csv row 1000, PC: '?' is not a postcode",)


def test_one_more_is_too_many(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="row 999, field PC"):
        code_point.read([folder(tmp_path, *many(998), row("?"), row("?"))])


def test_rows_are_numbered_over_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo_policing.datasets.postcode_rows.CHUNK_ROWS", 2)
    rows = code_point.read([folder(tmp_path, *many(5))])
    assert rows.row.tolist() == [1, 2, 3, 4, 5]


def test_no_files_and_an_empty_file_give_no_rows(tmp_path: Path) -> None:
    assert len(code_point.read([])) == 0
    assert len(code_point.read([folder(tmp_path)])) == 0
