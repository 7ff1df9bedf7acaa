"""Addresses by postcode, from the ONS lookups with and without grid references."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geo_policing.datasets import nsul
from geo_policing.datasets.discover import Probe
from geo_policing.datasets.shares import Addresses
from geo_policing.errors import SourceError

WITH_GRID = "UPRN,GRIDGB1E,GRIDGB1N,PCDS,CTRY25CD,LAD25CD"
WITHOUT = "uprn,pcds,lad24cd"
OPEN_UPRN = "\ufeffUPRN,X_COORDINATE,Y_COORDINATE,LATITUDE,LONGITUDE"
WANTED = np.array(["ZZ11AB", "ZZ11AA"])


def written(tmp_path: Path, name: str, header: str, *rows: str) -> Path:
    path = tmp_path / name
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def listed(addresses: Addresses | None) -> list[tuple[str, float, float]]:
    assert addresses is not None
    columns = (addresses.postcode, addresses.easting, addresses.northing)
    return sorted(zip(*(column.tolist() for column in columns), strict=True))


def probe(header: str) -> Probe:
    return Probe(Path("x.csv"), "csv", None, tuple(header.lstrip("\ufeff").split(",")))


def test_the_two_kinds_are_told_apart() -> None:
    assert [nsul.recognises(probe(h)) for h in (WITH_GRID, WITHOUT, OPEN_UPRN, "pcds,lat,long")] == [
        True,
        True,
        False,
        False,
    ]
    assert [nsul.recognises_open_uprn(probe(h)) for h in (WITH_GRID, WITHOUT, OPEN_UPRN)] == [False, False, True]


def test_a_lookup_with_grid_references_is_enough(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "nsul.csv",
        WITH_GRID,
        "100,540500,260500,ZZ1 1AA,E92,X01",
        "101,540510,260500,ZZ1 1AA,E92,X01",
        "102,540600,260500,ZZ1 1AB,E92,X01",
        "103,540700,260500,YY1 1AB,E92,X01",
        "oddity,,,YY1 1AB,E92,X01",
    )
    addresses, dropped = nsul.read([path], [], WANTED)
    assert listed(addresses) == [
        ("ZZ11AA", 540500, 260500),
        ("ZZ11AA", 540510, 260500),
        ("ZZ11AB", 540600, 260500),
    ]
    assert dropped == ()


def test_open_uprn_gives_the_grid_references_that_are_lacking(tmp_path: Path) -> None:
    lookup = written(
        tmp_path,
        "nsul.csv",
        WITHOUT,
        "102,ZZ1 1AA,X01",
        "100,ZZ1 1AA,X01",
        "100,ZZ1 1AB,X01",
        "104,ZZ1 1AB,X01",
    )
    points = written(
        tmp_path,
        "osopenuprn.csv",
        OPEN_UPRN,
        "100,540500.00,260500.00,52.2,0.05",
        "101,540501.00,260501.00,52.2,0.05",
        "102,540502.00,260502.00,52.2,0.05",
    )
    addresses, dropped = nsul.read([lookup], [points], WANTED)
    assert listed(addresses) == [
        ("ZZ11AA", 540500, 260500),
        ("ZZ11AA", 540502, 260502),
        ("ZZ11AB", 540500, 260500),
    ]
    (finding,) = dropped
    assert (finding.what, finding.count, finding.examples) == (
        "addresses without a grid reference",
        1,
        ("UPRN 104",),
    )


def test_without_any_grid_reference_there_are_no_addresses(tmp_path: Path) -> None:
    lookup = written(tmp_path, "nsul.csv", WITHOUT, "100,ZZ1 1AA,X01")
    addresses, dropped = nsul.read([lookup], [], WANTED)
    assert addresses is None
    assert dropped[0].count == 1
    empty = written(tmp_path, "grid.csv", WITH_GRID, "100,0,0,ZZ1 1AA,E92,X01")
    assert nsul.read([empty], [], WANTED)[0] is None


def test_no_lookup_gives_nothing() -> None:
    assert nsul.read([], [], WANTED) == (None, ())


def test_a_lookup_of_other_postcodes_gives_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, "nsul.csv", WITH_GRID, "100,540500,260500,YY1 1AA,E92,X01")
    assert nsul.read([path], [], WANTED) == (None, ())


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("x1,540500,260500,ZZ1 1AA,E92,X01", r"nsul\.csv, row 2, field uprn: 'x1' is not a number"),
        ("1.5,540500,260500,ZZ1 1AA,E92,X01", r"row 2, field uprn: '1\.5' is not a number"),
        (",540500,260500,ZZ1 1AA,E92,X01", r"row 2, field uprn: '' is not a number"),
        ("101,east,260500,ZZ1 1AA,E92,X01", r"row 2, field gridgb1e: 'east' is not a number"),
    ],
)
def test_a_malformed_row_of_a_wanted_postcode_is_named(tmp_path: Path, row: str, message: str) -> None:
    path = written(tmp_path, "nsul.csv", WITH_GRID, "100,540500,260500,YY1 1AA,E92,X01", row)
    with pytest.raises(SourceError, match=message):
        nsul.read([path], [], WANTED)


def test_a_malformed_coordinate_of_open_uprn_is_named(tmp_path: Path) -> None:
    lookup = written(tmp_path, "nsul.csv", WITHOUT, "100,ZZ1 1AA,X01")
    points = written(tmp_path, "open.csv", OPEN_UPRN, "99,1,1,1,1", "100,540500,north,52.2,0.05")
    with pytest.raises(SourceError, match=r"open\.csv, row 2, field y_coordinate: 'north'"):
        nsul.read([lookup], [points], WANTED)
