"""Street-level crime: placed by LSOA, never by its point, each month once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geo_policing.datasets import police_uk
from geo_policing.datasets.discover import Probe
from geo_policing.errors import SourceError

HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context"
)


def row(lsoa: str = "L1", category: str = "Burglary", month: str = "2024-05", force: str = "Tiny") -> str:
    # The point is in London on purpose: it must not matter.
    return f"id,{month},{force},{force},-0.1,51.5,On or near Nowhere,{lsoa},Westham 001A,{category},,"


def written(tmp_path: Path, *rows: str, name: str = "2024-05-tiny-street.csv") -> Path:
    path = tmp_path / name
    path.write_text("\n".join((HEADER, *rows)) + "\n")
    return path


def demand(incidents: police_uk.Incidents, postcodes: list[int] | None = None) -> police_uk.Demand:
    return police_uk.demand_of_units(
        incidents,
        unit_lsoa=np.array(["L1", "L1", "L2", ""]),
        unit_area_m2=np.ones(4),
        live_postcodes=np.array(postcodes or [1, 3, 2, 9]),
    )


def test_street_level_files_are_recognised_and_others_are_not() -> None:
    def probe(header: str) -> Probe:
        return Probe(Path("x.csv"), "csv", None, tuple(header.split(",")))

    assert police_uk.recognises(probe(HEADER))
    assert not police_uk.recognises(probe(HEADER.replace("Crime type", "Outcome type")))
    assert not police_uk.recognises(probe("PFA,PFNid,PFNn,PFN"))


def test_an_lsoas_incidents_follow_its_live_postcodes(tmp_path: Path) -> None:
    rows = [row()] * 4 + [row("L2", "Drugs"), row("L2"), row("L2")]
    found = demand(police_uk.read([written(tmp_path, *rows)]))
    table = found.table
    assert list(zip(table["unit"].tolist(), table["category"].tolist(), table["incidents"].tolist(), strict=True)) == [
        (0, "Burglary", 1.0),
        (1, "Burglary", 3.0),
        (2, "Burglary", 2.0),
        (2, "Drugs", 1.0),
    ]
    assert (found.months, found.dropped) == (("2024-05",), ())


def test_units_without_postcodes_have_no_rows(tmp_path: Path) -> None:
    found = demand(police_uk.read([written(tmp_path, row())]), [0, 3, 2, 9])
    assert found.table["unit"].tolist() == [1]


def test_rows_of_no_or_another_lsoa_are_counted(tmp_path: Path) -> None:
    rows = [row(""), row(""), row("L8"), row("L9"), row("L9"), row()]
    found = demand(police_uk.read([written(tmp_path, *rows)]))
    assert found.table["incidents"].sum() == 1
    assert {(f.what, f.count, f.examples) for f in found.dropped} == {
        ("incidents without an LSOA", 2, ()),
        ("incidents in LSOAs that no unit belongs to", 3, ("L9", "L8")),
    }


def test_months_and_forces_are_put_together(tmp_path: Path) -> None:
    paths = [
        written(tmp_path, row(), name="may.csv"),
        written(tmp_path, row(month="2024-04"), name="april.csv"),
        written(tmp_path, row(force="British Transport Police"), name="btp.csv"),
    ]
    incidents = police_uk.read(paths)
    assert incidents.months == ("2024-04", "2024-05")
    assert incidents.count == {("L1", "Burglary"): 3}


def test_a_month_that_stands_twice_is_refused(tmp_path: Path) -> None:
    paths = [written(tmp_path, row(), name="a.csv"), written(tmp_path, row("L2"), name="b.csv")]
    with pytest.raises(SourceError, match=r"b\.csv, row 1: 2024-05 of Tiny is also in .*a\.csv"):
        police_uk.read(paths)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (row(month="05/2024"), "row 2, field month: '05/2024' is not a month"),
        (row(month="2024-13"), "row 2, field month"),
        (row(category=""), "row 2, field crime type: no category"),
    ],
)
def test_a_malformed_row_is_named(tmp_path: Path, bad: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        police_uk.read([written(tmp_path, row(), bad)])


def test_no_files_and_files_without_rows_give_no_demand(tmp_path: Path) -> None:
    assert police_uk.read([]) == police_uk.Incidents({}, ())
    found = demand(police_uk.read([written(tmp_path)]))
    assert (len(found.table), found.months, found.dropped) == (0, (), ())
