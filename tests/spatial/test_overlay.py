"""Points and polygons over a coverage: exact on the boundaries, and the same as brute force."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.spatial.overlay import OUTSIDE, nearest_units, shared_areas, shared_lengths, units_at

# Four squares of 100 m: 0 south-west, 1 south-east, 2 north-west, 3 north-east.
SQUARES = np.array([shapely.box(e, n, e + 100, n + 100) for n in (0, 100) for e in (0, 100)])
TREE = shapely.STRtree(SQUARES)


def at(*points: tuple[float, float]) -> list[int]:
    e, n = np.array(points, dtype=float).reshape(-1, 2).T
    return units_at(TREE, e, n).tolist()


def test_a_point_inside_falls_to_its_unit() -> None:
    assert at((50, 50), (150, 50), (50, 150), (150, 150)) == [0, 1, 2, 3]


def test_a_point_on_a_shared_boundary_falls_to_the_lowest_row() -> None:
    assert at((100, 50), (100, 150), (50, 100), (100, 100), (200, 200)) == [0, 2, 0, 0, 3]


def test_points_outside_or_not_finite_are_outside() -> None:
    assert at((-0.001, 50), (250, 50), (np.nan, 50), (50, np.inf)) == [OUTSIDE] * 4


def test_no_points_give_no_units() -> None:
    assert at() == []


def test_without_units_everything_is_outside() -> None:
    none = shapely.STRtree([])
    here = np.array([50.0])
    assert units_at(none, here, here).tolist() == [OUTSIDE]
    assert nearest_units(none, here, here, within_m=9)[0].tolist() == [OUTSIDE]
    assert len(shared_areas(none, SQUARES)[0]) == 0


def test_the_lowest_row_wins_whatever_the_order_of_the_units() -> None:
    e, n = np.array([100.0]), np.array([100.0])
    for order in ([3, 2, 1, 0], [1, 3, 0, 2]):
        assert units_at(shapely.STRtree(SQUARES[order]), e, n).tolist() == [0]


def test_nearest_units_gives_the_distance_and_respects_its_limit() -> None:
    e, n = np.array([50.0, -30, -30.1, 220, np.nan]), np.array([50.0, 50, 50, 50, 0])
    units, distance_m = nearest_units(TREE, e, n, within_m=30)
    assert units.tolist() == [0, 0, OUTSIDE, 1, OUTSIDE]
    assert distance_m[[0, 1, 3]] == pytest.approx([0, 30, 20])
    assert np.isnan(distance_m[[2, 4]]).all()


def test_equally_near_units_fall_to_the_lowest_row() -> None:
    units, _ = nearest_units(TREE, np.array([100.0]), np.array([-10.0]), within_m=50)
    assert units.tolist() == [0]


def test_within_nothing_only_a_touched_unit_counts() -> None:
    units, distance_m = nearest_units(TREE, np.array([0.0, -1]), np.array([0.0, 0]), within_m=0)
    assert units.tolist() == [0, OUTSIDE]
    assert distance_m[0] == 0
    with pytest.raises(ValueError, match="-1"):
        nearest_units(TREE, np.array([0.0]), np.array([0.0]), within_m=-1)


def test_areas_are_shared_by_hand_worked_figures() -> None:
    polygons = np.array([shapely.box(90, 20, 130, 30), shapely.box(10, 10, 20, 20), shapely.box(300, 0, 310, 10)])
    row, unit, area_m2 = shared_areas(TREE, polygons)
    assert list(zip(row.tolist(), unit.tolist(), area_m2.tolist(), strict=True)) == [
        (0, 0, 100.0),
        (0, 1, 300.0),
        (1, 0, 100.0),
    ]


def test_a_polygon_partly_outside_counts_only_what_is_inside() -> None:
    _, unit, area_m2 = shared_areas(TREE, np.array([shapely.box(-10, 0, 10, 10)]))
    assert (unit.tolist(), area_m2.tolist()) == ([0], [100.0])


def test_a_touch_is_no_share() -> None:
    row, _, _ = shared_areas(TREE, np.array([shapely.box(200, 0, 210, 10)]))
    assert len(row) == 0


def test_nothing_shared_with_nothing() -> None:
    assert [len(part) for part in shared_areas(TREE, np.array([], dtype=object))] == [0, 0, 0]


def test_lengths_along_a_shared_boundary_count_for_both() -> None:
    lines = np.array([shapely.LineString([(100, 0), (100, 50)]), shapely.LineString([(50, 90), (50, 120)])])
    row, unit, length_m = shared_lengths(TREE, lines)
    assert list(zip(row.tolist(), unit.tolist(), length_m.tolist(), strict=True)) == [
        (0, 0, 50.0),
        (0, 1, 50.0),
        (1, 0, 10.0),
        (1, 2, 20.0),
    ]


coordinate = st.integers(-50, 250).map(float)


@given(st.lists(st.tuples(coordinate, coordinate), max_size=30))
def test_units_at_is_what_asking_each_unit_in_turn_gives(points: list[tuple[float, float]]) -> None:
    expected = [
        next((i for i, square in enumerate(SQUARES) if square.intersects(shapely.Point(p))), OUTSIDE) for p in points
    ]
    assert at(*points) == expected


@given(st.lists(st.tuples(coordinate, coordinate, st.integers(1, 120), st.integers(1, 120)), max_size=10))
def test_shared_areas_sum_to_what_lies_in_the_union(boxes: list[tuple[float, float, int, int]]) -> None:
    polygons = np.array([shapely.box(e, n, e + w, n + h) for e, n, w, h in boxes], dtype=object)
    row, _, area_m2 = shared_areas(TREE, polygons)
    whole = shapely.box(0, 0, 200, 200)
    for i, polygon in enumerate(polygons):
        assert area_m2[row == i].sum() == pytest.approx(polygon.intersection(whole).area)
