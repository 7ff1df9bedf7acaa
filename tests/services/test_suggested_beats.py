"""Beats for the first plan: every way of grouping, each a partition within districts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.schema import PostcodeStatus
from geo_policing.datasets.tables import Table
from geo_policing.domain.plans import PlanException
from geo_policing.services.suggested_beats import SuggestedBeats, suggest_beats
from geo_policing.services.unit_graph import UnitGraph, fill_gaps
from tests.support import tiny

NO_WARDS = {"wards": Table.empty("wards")}
NO_POSTCODES = {"postcodes": Table.empty("postcodes"), "postcode_units": Table.empty("postcode_units")}
NO_PLACES = {"places": Table.empty("places"), "place_units": Table.empty("place_units")}
NO_LSOAS = {"lsoas": Table.empty("lsoas")}


def in_memory(**changed: Table) -> Dataset:
    """The tiny world without a file, its tables replaced by those given."""
    dataset = Dataset(Path("nowhere"), "v1", tiny.manifest())
    dataset.__dict__["_tables"] = {**tiny.tables(), **changed}
    return dataset


def units(**changed: Any) -> Table:
    columns = {**tiny.tables()["units"].columns, "suggested_beat": [""] * 8, **changed}
    return Table.of("units", **columns)


def postcodes(*rows: tuple[float, float, str, int]) -> Table:
    """Live postcodes of (easting, northing, ward code, unit)."""
    made = [
        (f"ZZ{n:05d}", e, n_, 10, 10, PostcodeStatus.LIVE, False, "", ward, unit, 0)
        for n, (e, n_, ward, unit) in enumerate(rows)
    ]
    return tiny._rows("postcodes", made) if made else Table.empty("postcodes")


def wards(*rows: tuple[str, str, shapely.Polygon]) -> Table:
    return Table.of("wards", code=[r[0] for r in rows], name=[r[1] for r in rows], geometry=[r[2] for r in rows])


def groups(found: SuggestedBeats) -> dict[str, set[str]]:
    """Beat id to unit ids."""
    return {
        beat.id: {f"u{u + 1}" for u in np.flatnonzero(found.beat_of_unit == i).tolist()}
        for i, beat in enumerate(found.beats)
    }


def assert_partition(found: SuggestedBeats, dataset: Dataset) -> None:
    assert len(found.beat_of_unit) == len(dataset["units"])
    assert set(found.beat_of_unit.tolist()) == set(range(len(found.beats)))
    codes = dataset["districts"]["code"][dataset["units"]["district"]]
    assert all(found.beats[b].district_code == code for b, code in zip(found.beat_of_unit, codes, strict=True))
    assert [b.id for b in found.beats] == [f"b{n:03d}" for n in range(1, len(found.beats) + 1)]
    assert len({b.slug for b in found.beats}) == len(found.beats)
    assert all(b.name for b in found.beats)


class TestTheSourceSuggests:
    def test_names_count_within_a_district(self) -> None:
        dataset = in_memory()
        found = suggest_beats(dataset)
        assert_partition(found, dataset)
        assert [(b.name, b.slug, b.district_code) for b in found.beats] == [
            ("Abbey", "abbey-westham", "X01"),
            ("Market", "market", "X01"),
            ("Abbey", "abbey-eastham", "X02"),
            ("Fen End", "fen-end", "X02"),
        ]
        assert groups(found)["b003"] == {"u3", "u7"}
        assert found.exceptions == ()
        assert "suggests" in found.method

    def test_a_unit_without_a_suggestion_takes_its_neighbour_s(self) -> None:
        dataset = in_memory(units=units(suggested_beat=["A", "", "B", "", "A", "", "B", "B"]))
        found = suggest_beats(dataset)
        assert_partition(found, dataset)
        assert groups(found) == {"b001": {"u1", "u2", "u5", "u6"}, "b002": {"u3", "u4", "u7", "u8"}}

    def test_a_beat_in_parts_is_kept_and_recorded(self) -> None:
        found = suggest_beats(in_memory(units=units(suggested_beat=["A", "B", "C", "C", "B", "A", "C", "C"])))
        assert [e.beat_id for e in found.exceptions] == ["b001", "b002"]
        assert found.exceptions[0] == PlanException(
            "b001", "detached", "In 2 parts, as its units fit it best; apart from the largest lie u6."
        )


class TestWardPolygons:
    def test_most_live_postcodes_decide(self) -> None:
        # u2 lies half in W1 and half in W2; two of its three postcodes are in W1's half.
        table = wards(
            ("W1", "Abbey", shapely.box(540_000, 260_000, 541_500, 262_000)),
            ("W2", "Market", shapely.box(541_500, 260_000, 542_000, 262_000)),
            ("W3", "Fen", shapely.box(542_000, 260_000, 544_000, 262_000)),
        )
        codes = postcodes(
            (540_500, 260_500, "", 0),
            (541_100, 260_500, "", 1),
            (541_200, 260_500, "", 1),
            (541_900, 260_500, "", 1),
            (541_800, 261_500, "", 5),
            (543_000, 260_500, "", 2),
        )
        dataset = in_memory(units=units(), wards=table, postcodes=codes)
        found = suggest_beats(dataset)
        assert_partition(found, dataset)
        assert groups(found) == {"b001": {"u1", "u2", "u5"}, "b002": {"u6"}, "b003": {"u3", "u4", "u7", "u8"}}
        assert found.wards_without_units == ()

    def test_area_decides_where_no_postcode_does(self) -> None:
        table = wards(
            ("W1", "Abbey", shapely.box(540_000, 260_000, 541_600, 262_000)),
            ("W2", "Market", shapely.box(541_600, 260_000, 542_000, 262_000)),
            ("W3", "Fen", shapely.box(542_000, 260_000, 544_000, 262_000)),
        )
        dataset = in_memory(units=units(), wards=table, **NO_POSTCODES)
        found = suggest_beats(dataset)
        assert_partition(found, dataset)
        assert groups(found)["b001"] == {"u1", "u2", "u5", "u6"}
        assert found.wards_without_units == ("W2 Market",)

    def test_a_ward_takes_units_of_its_own_district_only(self) -> None:
        # W1 reaches over the border and holds u3's one postcode, but most of its postcodes are in X01.
        table = wards(
            ("W1", "Abbey", shapely.box(540_000, 260_000, 543_000, 262_000)),
            ("W3", "Fen", shapely.box(543_000, 260_000, 544_000, 262_000)),
        )
        codes = postcodes((540_500, 260_500, "", 0), (541_500, 260_500, "", 1), (542_500, 260_500, "", 2))
        dataset = in_memory(units=units(), wards=table, postcodes=codes)
        found = suggest_beats(dataset)
        assert_partition(found, dataset)
        assert groups(found) == {"b001": {"u1", "u2", "u5", "u6"}, "b002": {"u3", "u4", "u7", "u8"}}

    def test_a_postcode_on_the_border_of_wards_falls_to_the_first(self) -> None:
        table = wards(
            ("W1", "Abbey", shapely.box(540_000, 260_000, 541_500, 262_000)),
            ("W2", "Market", shapely.box(541_500, 260_000, 544_000, 262_000)),
        )
        dataset = in_memory(units=units(), wards=table, postcodes=postcodes((541_500, 260_500, "", 1)))
        assert groups(suggest_beats(dataset))["b001"] >= {"u2"}

    def test_wards_elsewhere_are_nobody_s_concern(self) -> None:
        table = wards(("W9", "Far", shapely.box(0, 0, 1, 1)))
        found = suggest_beats(in_memory(units=units(), wards=table))
        assert [b.name for b in found.beats] == ["Westham", "Eastham"]
        assert found.wards_without_units == ()

    def test_terminated_postcodes_do_not_vote(self) -> None:
        table = wards(
            ("W1", "Abbey", shapely.box(540_000, 260_000, 541_100, 262_000)),
            ("W2", "Market", shapely.box(541_100, 260_000, 542_000, 262_000)),
        )
        codes = postcodes((541_050, 260_500, "", 1))
        ended = Table({**codes.columns, "status": np.array([PostcodeStatus.TERMINATED], dtype="<i1")})
        assert "u2" in groups(suggest_beats(in_memory(units=units(), wards=table, postcodes=ended)))["b002"]


class TestWardCodes:
    def test_most_postcodes_of_the_unit_decide_and_the_rest_take_a_neighbour_s(self) -> None:
        codes = postcodes(
            (540_500, 260_500, "W1", 0),
            (541_100, 260_500, "W2", 1),
            (541_200, 260_500, "W2", 1),
            (541_300, 260_500, "W1", 1),
            (542_500, 260_500, "W3", 2),
        )
        dataset = in_memory(units=units(), postcodes=codes, **NO_WARDS, **NO_PLACES)
        found = suggest_beats(dataset)
        assert_partition(found, dataset)
        assert [b.name for b in found.beats] == ["Ward W1", "Ward W2", "Ward W3"]
        assert groups(found) == {"b001": {"u1", "u5"}, "b002": {"u2", "u6"}, "b003": {"u3", "u4", "u7", "u8"}}


class TestLsoaGroups:
    def test_the_names_that_ons_gives_them(self) -> None:
        dataset = in_memory(units=units(), **NO_WARDS, **NO_POSTCODES, **NO_PLACES)
        found = suggest_beats(dataset)
        assert_partition(found, dataset)
        assert [b.name for b in found.beats] == ["Westham 001", "Eastham 001", "Eastham 002"]
        assert groups(found)["b002"] == {"u3", "u7"}

    def test_names_of_another_kind_give_groups_that_lie_together(self) -> None:
        dataset = in_memory(units=units(), **NO_WARDS, **NO_POSTCODES, **NO_LSOAS, **NO_PLACES)
        found = suggest_beats(dataset)
        assert_partition(found, dataset)
        assert [b.name for b in found.beats] == ["Westham 001", "Eastham 001"]

    @pytest.mark.parametrize("lsoa", ["", "L"])
    def test_a_long_row_is_cut_into_groups_of_about_five_lsoas(self, lsoa: str) -> None:
        dataset = row_of_units(132, lsoa)
        found = suggest_beats(dataset)
        size = 5 if lsoa else 25
        count = np.bincount(found.beat_of_unit)
        assert_partition(found, dataset)
        assert found.exceptions == ()
        assert size <= count[:-1].min()
        assert count.max() <= size + size // 2


def row_of_units(length: int, lsoa: str) -> Dataset:
    """A row of squares in one district, each its own LSOA (or of none)."""
    boxes = [shapely.box(540_000 + i, 260_000, 540_001 + i, 260_001) for i in range(length)]
    table = Table.of(
        "units",
        id=[f"u{i:03d}" for i in range(length)],
        district=[0] * length,
        lsoa=[f"{lsoa}{i:03d}" if lsoa else "" for i in range(length)],
        suggested_beat=[""] * length,
        population=[1.0] * length,
        geometry=boxes,
    )
    pairs = Table.of("adjacency", a=list(range(length - 1)), b=list(range(1, length)), shared_m=[1.0] * (length - 1))
    return in_memory(units=table, adjacency=pairs, **NO_WARDS, **NO_POSTCODES, **NO_LSOAS, **NO_PLACES)


class TestUnitGraph:
    def test_parts_come_largest_first(self) -> None:
        graph = UnitGraph.of(in_memory())
        assert graph.parts([0, 2, 3, 6]) == [[2, 3, 6], [0]]
        assert graph.parts([]) == []

    def test_a_unit_that_nothing_touches_takes_the_nearest(self) -> None:
        dataset = in_memory(adjacency=Table.empty("adjacency"))
        labels = np.array([-1, 7, 8, 8, -1, -1, 8, 9], dtype="<i4")
        filled = fill_gaps(labels, dataset["units"]["district"], dataset)
        assert filled.tolist() == [7, 7, 8, 8, 7, 7, 8, 9]

    def test_a_district_without_labels_stays_without(self) -> None:
        dataset = in_memory()
        filled = fill_gaps(np.array([-1, -1, 1, -1] * 2, dtype="<i4"), dataset["units"]["district"], dataset)
        assert filled.tolist() == [-1, -1, 1, 1] * 2


@given(
    suggestion=st.lists(st.sampled_from(["", "Abbey", "Market", "É", "—"]), min_size=8, max_size=8),
    homes=st.lists(st.tuples(st.integers(0, 7), st.sampled_from(["", "W1", "W2"])), max_size=12),
    with_wards=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_whatever_the_sources_have_each_unit_is_in_one_beat_of_its_district(
    suggestion: list[str], homes: list[tuple[int, str]], with_wards: bool
) -> None:
    rows = [(540_500 + 1000 * (u % 4), 260_500 + 1000 * (u // 4), ward, u) for u, ward in homes]
    changed = {"units": units(suggested_beat=suggestion), "postcodes": postcodes(*rows)}
    dataset = in_memory(**changed, **({} if with_wards else NO_WARDS))
    found = suggest_beats(dataset)
    assert_partition(found, dataset)
    again = suggest_beats(dataset)
    assert again.beats == found.beats
    assert again.beat_of_unit.tolist() == found.beat_of_unit.tolist()
