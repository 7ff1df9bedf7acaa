from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.tables import Table
from geo_policing.services.data_facts import FEW_POSTCODES, data_facts
from tests.support.tiny import write_tiny

SOURCE: dict[str, Any] = {
    "file": "a.csv",
    "publisher": "Ordnance Survey",
    "title": "Code-Point Open",
    "kind": "postcodes",
    "licence": "OGL v3",
    "licence_url": "https://example.org/ogl",
    "attribution": "Contains OS data",
    "vintage": "2025-10",
    "sha256": "0" * 64,
    "bytes": 1,
    "records": 1,
}


def tiny(folder: Path, **changes: Any) -> Dataset:
    return write_tiny(folder, **changes)


class TestSources:
    def test_files_of_one_source_are_told_of_once(self, tmp_path: Path) -> None:
        facts = data_facts(tiny(tmp_path, sources=[SOURCE, {**SOURCE, "file": "b.csv"}]))
        assert [(s.title, s.vintage, s.files) for s in facts.sources] == [("Code-Point Open", "2025-10", 2)]

    @pytest.mark.parametrize(
        ("vintages", "said"),
        [
            (["2025-10"], "2025-10"),
            ([None, None], ""),
            (["2025-10", None, "2025-09"], "2025-09 and 2025-10"),
            (["2025-08", "2025-09", "2025-10"], "2025-08, 2025-09 and 2025-10"),
            (["2025-09", "2025-08", "2024", "2025-10"], "2024 to 2025-10"),
            (["mid 2021", "2025-08", "2025-09", "2025-10"], "mid 2021, 2025-08, 2025-09 and 2025-10"),
        ],
    )
    def test_files_that_differ_in_age_alone_are_one_source(
        self, tmp_path: Path, vintages: list[str | None], said: str
    ) -> None:
        sources = [{**SOURCE, "file": f"{i}.csv", "vintage": vintage} for i, vintage in enumerate(vintages)]
        (source,) = data_facts(tiny(tmp_path, sources=sources)).sources
        assert (source.vintage, source.files) == (said, len(vintages))

    def test_files_under_another_licence_are_another_source(self, tmp_path: Path) -> None:
        other = {**SOURCE, "licence": "Own"}
        assert [s.files for s in data_facts(tiny(tmp_path, sources=[SOURCE, other, SOURCE])).sources] == [2, 1]

    def test_credits_are_each_given_once(self, tmp_path: Path) -> None:
        other = {**SOURCE, "title": "Boundary-Line"}
        silent = {**SOURCE, "title": "Own work", "attribution": None}
        facts = data_facts(tiny(tmp_path, sources=[SOURCE, other, silent]))
        assert len(facts.sources) == 3
        assert facts.attributions == ("Contains OS data",)

    def test_credits_that_differ_in_the_year_or_are_part_of_another_are_one_line(self, tmp_path: Path) -> None:
        lines = ["ONS", "ONS. © Crown 2024", "ONS. © Crown 2011", "© OSM, 1.0", "ONS. © Crown", "ONSPD"]
        sources = [{**SOURCE, "title": f"T{i}", "attribution": line} for i, line in enumerate(lines)]
        assert data_facts(tiny(tmp_path, sources=sources)).attributions == (
            "ONS. © Crown 2011 and 2024",
            "© OSM, 1.0",
            "ONSPD",
        )

    def test_what_is_absent_is_paired_with_what_that_means(self, tmp_path: Path) -> None:
        facts = data_facts(tiny(tmp_path, absent=[{"what": "wards", "effect": "no search by ward"}]))
        assert facts.absent == (("wards", "no search by ward"),)

    def test_are_worked_out_once(self, tmp_path: Path) -> None:
        dataset = tiny(tmp_path)
        assert data_facts(dataset) is data_facts(dataset)


class TestExamples:
    def test_are_all_live_postcodes_inside_where_they_are_few(self, tmp_path: Path) -> None:
        codes = data_facts(tiny(tmp_path)).example_postcodes
        assert codes == ("ZZ1 1AA", "ZZ1 1AB", "ZZ1 1AC", "ZZ1 1AF", "ZZ1 1AH", "ZZ1 2OO")

    def test_are_none_where_postcodes_are_many(self, tmp_path: Path) -> None:
        n = FEW_POSTCODES + 1
        many = Table.of(
            "postcodes",
            postcode=[f"ZZ{i:02}1AA" for i in range(n)],
            easting=[540_500.0] * n,
            northing=[260_500.0] * n,
            accuracy_m=[10.0] * n,
            quality=[10] * n,
            status=[0] * n,
            large_user=[False] * n,
            district_code=["X01"] * n,
            ward_code=[""] * n,
            unit=[0] * n,
            snapped_m=[0.0] * n,
        )
        changed = {"postcodes": many, "postcode_units": Table.empty("postcode_units")}
        assert data_facts(tiny(tmp_path, changed_tables=changed)).example_postcodes == ()

    def test_places_are_settlements_inside_the_force(self, tmp_path: Path) -> None:
        assert data_facts(tiny(tmp_path)).example_places == ("Fen End",)

    def test_without_places_there_are_none(self, tmp_path: Path) -> None:
        changed = {"places": Table.empty("places"), "place_units": Table.empty("place_units")}
        assert data_facts(tiny(tmp_path, changed_tables=changed)).example_places == ()
