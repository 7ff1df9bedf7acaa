"""Shares of postcodes: hand-worked Voronoi cells, addresses, and what holds for any input."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.datasets.schema import PostcodeStatus
from geo_policing.datasets.shares import (
    ADDRESSES,
    LEAST_SHARE,
    VORONOI_AREA,
    Addresses,
    Shares,
    postcode_shares,
    voronoi_cells,
)
from tests.datasets.postcode_makers import NAN, postcode_table

# Two units of 100 m side by side.
UNITS = shapely.STRtree([shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)])


def listed(shares: Shares) -> list[tuple[int, int, float]]:
    table = shares.table
    return [
        (p, u, round(s, 6))
        for p, u, s in zip(table["postcode"].tolist(), table["unit"].tolist(), table["share"].tolist(), strict=True)
    ]


def test_cells_meet_halfway_and_are_cut_to_units() -> None:
    # The border between the cells is at easting 110: A's cell has all of unit 0 and a tenth of unit 1.
    shares = postcode_shares(postcode_table(("A", 50, 50, 0), ("B", 170, 50, 1)), UNITS)
    assert shares.method == VORONOI_AREA
    assert listed(shares) == [(0, 0, round(100 / 110, 6)), (0, 1, round(10 / 110, 6)), (1, 1, 1.0)]


def test_postcodes_on_one_point_share_a_cell() -> None:
    shares = postcode_shares(postcode_table(("A", 50, 50, 0), ("B", 50, 50, 0), ("C", 170, 50, 1)), UNITS)
    assert listed(shares)[:4] == [(p, u, round(s / 110, 6)) for p in (0, 1) for u, s in ((0, 100), (1, 10))]


def test_live_postcodes_over_the_border_shape_the_rim_but_have_no_shares() -> None:
    # C lies outside; halfway between B (150) and C (210) is 180, so B's cell ends there and 180 to 200 is C's.
    table = postcode_table(("A", 50, 50, 0), ("B", 150, 50, 1), ("C", 210, 50, -1))
    assert listed(postcode_shares(table, UNITS)) == [(0, 0, 1.0), (1, 1, 1.0)]


def test_terminated_and_unlocated_postcodes_neither_have_shares_nor_shape_any() -> None:
    table = postcode_table(
        ("A", 50, 50, 0),
        ("B", 150, 50, 1),
        ("C", NAN, NAN, -1),
        status=[PostcodeStatus.LIVE, PostcodeStatus.TERMINATED, PostcodeStatus.UNLOCATED],
    )
    assert listed(postcode_shares(table, UNITS)) == [(0, 0, 0.5), (0, 1, 0.5)]


def test_the_own_unit_is_always_there() -> None:
    # The point lies outside and was given to unit 0, but another cell has all of that unit.
    table = postcode_table(("A", 10, 50, 0), ("B", -10, 50, 0), ("C", 150, 50, 1))
    shares = postcode_shares(table, UNITS)
    assert [row for row in listed(shares) if row[0] == 1] == [(1, 0, 1.0)]


def test_an_own_unit_with_a_sliver_keeps_the_least_share() -> None:
    wide = shapely.STRtree([shapely.box(0, 0, 0.01, 100), shapely.box(0.01, 0, 200, 100)])
    rows = listed(postcode_shares(postcode_table(("A", 0, 50, 0)), wide))
    own = LEAST_SHARE / (1 + LEAST_SHARE)
    assert rows == [(0, 0, pytest.approx(own, rel=1e-3)), (0, 1, pytest.approx(1 - own, rel=1e-3))]


def test_slivers_of_other_units_are_dropped() -> None:
    wide = shapely.STRtree([shapely.box(0, 0, 0.01, 100), shapely.box(0.01, 0, 200, 100)])
    assert listed(postcode_shares(postcode_table(("A", 100, 50, 1)), wide)) == [(0, 1, 1.0)]


def test_one_place_has_the_whole_extent_and_no_place_has_nothing() -> None:
    cells, of = voronoi_cells(np.array([5.0, 5.0]), np.array([5.0, 5.0]), (0, 0, 10, 10))
    assert (len(cells), of.tolist(), cells[0].area) == (1, [0, 0], 100)
    assert len(voronoi_cells(np.empty(0), np.empty(0), (0, 0, 10, 10))[0]) == 0


def test_places_in_a_row_are_no_trouble() -> None:
    cells, of = voronoi_cells(np.array([2.0, 4, 6]), np.array([5.0, 5, 5]), (0, 0, 10, 10))
    box = shapely.box(0, 0, 10, 10)
    assert [round(cells[i].intersection(box).area) for i in of] == [30, 20, 50]


def test_no_postcodes_in_the_force_give_no_shares() -> None:
    assert len(postcode_shares(postcode_table(("A", 900, 50, -1)), UNITS).table) == 0


def addresses(*entries: tuple[str, float, float]) -> Addresses:
    return Addresses(*(np.array(column) for column in zip(*entries, strict=True)))


def test_addresses_are_counted_where_they_are_known() -> None:
    table = postcode_table(("A", 50, 50, 0), ("B", 150, 50, 1))
    known = addresses(("A", 50, 50), ("A", 99, 50), ("A", 101, 50), ("A", -5, 50), ("ZZ", 50, 50), ("B", 150, 50))
    shares = postcode_shares(table, UNITS, known)
    assert shares.method == ADDRESSES
    assert listed(shares) == [(0, 0, round(2 / 3, 6)), (0, 1, round(1 / 3, 6)), (1, 1, 1.0)]
    assert shares.repaired == ()


def test_postcodes_without_addresses_fall_back_to_their_cell_and_are_counted() -> None:
    table = postcode_table(("A", 50, 50, 0), ("B", 170, 50, 1))
    shares = postcode_shares(table, UNITS, addresses(("B", 150, 50), ("A", 999, 50)))
    assert listed(shares) == [(0, 0, round(100 / 110, 6)), (0, 1, round(10 / 110, 6)), (1, 1, 1.0)]
    (finding,) = shares.repaired
    assert (finding.count, finding.examples) == (1, ("A",))


def test_addresses_for_no_postcode_at_all() -> None:
    shares = postcode_shares(postcode_table(("A", 900, 50, -1)), UNITS, addresses(("A", 50, 50)))
    assert len(shares.table) == 0


points = st.lists(st.tuples(st.integers(1, 199), st.integers(1, 99)), min_size=1, max_size=12)


@given(points)
def test_shares_sum_to_one_hold_the_own_unit_and_cover_the_force(places: list[tuple[int, int]]) -> None:
    unit = [0 if e <= 100 else 1 for e, _ in places]
    table = postcode_table(
        *((f"P{i}", float(e), float(n), u) for i, ((e, n), u) in enumerate(zip(places, unit, strict=True)))
    )
    shares = postcode_shares(table, UNITS).table
    assert np.bincount(shares["postcode"], shares["share"]) == pytest.approx(np.ones(len(places)))
    pairs = set(zip(shares["postcode"].tolist(), shares["unit"].tolist(), strict=True))
    assert {(i, u) for i, u in enumerate(unit)} <= pairs
    assert len(pairs) == len(shares)
