"""Whose each file is, under which terms, and of when."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from geo_policing.datasets import kinds
from geo_policing.datasets.provenance import TERMS, describe, vintage_of


def _file(path: Path, content: bytes = b"a,b\n1,2\n3,4") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_every_kind_that_is_read_has_its_terms() -> None:
    assert set(TERMS) == {kind.name for kind in kinds.KINDS}


@pytest.mark.parametrize(
    ("label", "fields", "vintage"),
    [
        ("ons/LAD_December_2024_Boundaries_UK_BGC.geojson", (), "December 2024"),
        ("NSPL_MAY_2025_UK.csv", (), "May 2025"),
        ("ONSPD FEB 2024.csv", (), "Feb 2024"),
        ("police/2018-10/2018-10-x-street.csv", (), "2018-10"),
        ("population_mid2020_lsoa11.csv", (), "mid-2020"),
        ("codepoint-2023.csv", (), "2023"),
        ("December_2024/lad.geojson", (), "December 2024"),
        ("oa.geojson", ("OA21CD", "LSOA21CD"), "2021"),
        ("oa.geojson", ("name",), None),
        ("postcodes-20250101x.csv", (), None),
        ("summary_12024.csv", (), None),
    ],
)
def test_the_vintage_is_what_the_file_says_itself(
    tmp_path: Path, label: str, fields: tuple[str, ...], vintage: str | None
) -> None:
    assert vintage_of(tmp_path / label, label, fields) == vintage


def test_ordnance_surveys_notes_date_its_data_and_its_attribution(tmp_path: Path) -> None:
    path = _file(tmp_path / "codepo" / "Data" / "CSV" / "zz.csv")
    notes = _file(tmp_path / "codepo" / "Doc" / "metadata.txt", b"COPYRIGHT DATE: 20260420\r\n\xa9")
    entry = describe(path, kinds.CODE_POINT, label="codepo/Data/CSV/zz.csv")
    assert entry["vintage"] == "2026-04"
    assert "Contains Royal Mail data © Royal Mail copyright and database right 2026" in entry["attribution"]
    assert entry["records"] == 3
    notes.write_bytes(b"no date")
    assert describe(path, kinds.CODE_POINT, label="x.csv")["vintage"] is None


def test_an_entry_says_all_and_only_plain_things(tmp_path: Path) -> None:
    path = _file(tmp_path / "mid2024.csv")
    entry = describe(path, kinds.POPULATION, label="mid2024.csv")
    assert json.loads(json.dumps(entry)) == entry
    assert entry["sha256"] == hashlib.sha256(b"a,b\n1,2\n3,4").hexdigest()
    assert (entry["bytes"], entry["records"]) == (11, 2)
    assert entry["licence"] == "Open Government Licence v3.0"
    assert entry["licence_url"].startswith("https://www.nationalarchives.gov.uk/")
    without_year = describe(path, kinds.DISTRICTS, label="lad.csv", records=17)
    assert without_year["attribution"].endswith("Crown copyright and database right")
    assert without_year["vintage"] is None
    assert without_year["records"] == 17


def test_records_of_a_binary_file_are_not_guessed(tmp_path: Path) -> None:
    path = _file(tmp_path / "roads.osm.pbf", b"\n\n\n")
    assert describe(path, kinds.ROADS, label="roads.osm.pbf")["records"] is None
    assert describe(_file(tmp_path / "empty.csv", b""), kinds.POPULATION, label="empty.csv")["records"] == 0


def test_the_makers_notes_go_before_for_exactly_this_content(tmp_path: Path) -> None:
    path = _file(tmp_path / "county" / "places.csv")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    noted = {"sha256": digest, "licence": "CC BY 4.0", "vintage": "release 3", "attribution": "Somebody"}
    _file(tmp_path / "manifest.json", json.dumps({"files": [noted, "odd"]}).encode())
    entry = describe(path, kinds.PLACES, label="places.csv")
    assert (entry["licence"], entry["vintage"], entry["attribution"]) == ("CC BY 4.0", "release 3", "Somebody")
    assert entry["publisher"] == "GeoNames"
    path.write_bytes(b"changed")
    assert describe(path, kinds.PLACES, label="places.csv")["vintage"] is None


@pytest.mark.parametrize("content", [b"not json", b"[]", b'{"files": {"a": "b"}}'])
def test_a_manifest_of_another_kind_says_nothing(tmp_path: Path, content: bytes) -> None:
    path = _file(tmp_path / "places.csv")
    _file(tmp_path / "manifest.json", content)
    assert describe(path, kinds.PLACES, label="places.csv")["vintage"] is None
