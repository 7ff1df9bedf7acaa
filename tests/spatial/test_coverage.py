"""Coverages of squares, where every area and length can be checked by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.spatial import coverage

SIDE_M = 100.0


def _areas(*shapes: Any) -> np.ndarray:
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    return made


def _cell(column: int, row: int, side: float = SIDE_M) -> shapely.Polygon:
    return shapely.box(column * side, row * side, (column + 1) * side, (row + 1) * side)


def _grid(columns: int, rows: int, *, without: tuple[tuple[int, int], ...] = ()) -> np.ndarray:
    return _areas(*[_cell(c, r) for r in range(rows) for c in range(columns) if (c, r) not in without])


BOWTIE = shapely.from_wkt("POLYGON ((0 0, 100 100, 100 0, 0 100, 0 0))")
# A square with a lake that touches its shore in one point: valid as a ring that touches itself, not as a polygon.
TOUCHING = shapely.from_wkt("POLYGON ((0 0, 100 0, 100 100, 50 100, 70 60, 30 60, 50 100, 0 100, 0 0))")


def test_a_grid_is_a_valid_coverage_and_so_is_nothing() -> None:
    assert coverage.is_valid_coverage(_grid(3, 3))
    assert coverage.is_valid_coverage(_areas())
    assert not coverage.is_valid_coverage(_areas(_cell(0, 0), shapely.box(90, 0, 200, 100)))


def test_a_ring_that_touches_itself_is_mended_without_moving_a_corner() -> None:
    mended, broken, changed_m2 = coverage.make_valid_areas(_areas(_cell(5, 5), TOUCHING))
    assert broken.tolist() == [1]
    assert changed_m2 == pytest.approx([0.0])
    assert shapely.is_valid(mended).all()
    # The square less a triangle of base 40 and height 40.
    assert mended[1].area == pytest.approx(10_000 - 800)
    before = {tuple(xy) for xy in shapely.get_coordinates(TOUCHING)}
    assert {tuple(xy) for xy in shapely.get_coordinates(mended[1])} == before


def test_a_bowtie_counts_as_changed() -> None:
    mended, broken, changed_m2 = coverage.make_valid_areas(_areas(BOWTIE))
    assert broken.tolist() == [0]
    # Two triangles of 2,500 m², which cancelled each other before.
    assert changed_m2 == pytest.approx([5_000.0])
    assert mended[0].area == pytest.approx(5_000.0)


def test_valid_areas_are_returned_as_they_are() -> None:
    grid = _grid(2, 2)
    mended, broken, changed_m2 = coverage.make_valid_areas(grid)
    assert mended.tolist() == grid.tolist()
    assert len(broken) == len(changed_m2) == 0


@pytest.mark.parametrize(("width", "wide"), [(1.9, False), (2.1, True)])
def test_a_sliver_is_told_from_a_piece_by_its_width_not_its_area(width: float, wide: bool) -> None:
    assert coverage.wider_than(_areas(shapely.box(0, 0, 10_000, width)), 2.0).tolist() == [wide]


def test_overlaps_are_listed_once_with_their_area() -> None:
    areas = _areas(_cell(0, 0), shapely.box(90, 0, 200, 100), _cell(5, 5), shapely.box(520, 520, 530, 530))
    assert coverage.overlaps(areas) == [
        coverage.Overlap(0, 1, pytest.approx(1_000.0)),
        coverage.Overlap(2, 3, pytest.approx(100.0)),
    ]
    assert coverage.overlaps(areas, wider_than_m=20.0) == []
    assert coverage.overlaps(_grid(3, 3)) == []


def test_two_identical_areas_overlap_wholly() -> None:
    assert coverage.overlaps(_areas(_cell(0, 0), _cell(0, 0))) == [coverage.Overlap(0, 1, pytest.approx(10_000.0))]


def test_a_missing_cell_is_a_gap_between_its_neighbours() -> None:
    [gap] = coverage.gaps(_grid(3, 3, without=((1, 1),)))
    assert gap.area_m2 == pytest.approx(10_000.0)
    assert gap.area.equals(_cell(1, 1))
    # All eight around it touch it, four of them in a corner.
    assert gap.neighbours == tuple(range(8))


def test_somebody_elses_enclave_is_no_gap() -> None:
    grid = _grid(3, 3, without=((1, 1),))
    assert coverage.gaps(grid, within=_cell(10, 10)) == []
    assert len(coverage.gaps(grid, within=shapely.box(0, 0, 300, 300))) == 1


def test_an_island_in_a_gap_is_not_counted_with_it() -> None:
    areas = np.append(_grid(3, 3, without=((1, 1),)), _areas(shapely.box(140, 140, 160, 160)))
    [gap] = coverage.gaps(areas)
    assert gap.area_m2 == pytest.approx(10_000.0 - 400.0)
    assert coverage.gaps(_grid(3, 3)) == []


def test_the_largest_gap_comes_first() -> None:
    ring = shapely.box(0, 0, 1000, 1000).difference(
        shapely.union_all([shapely.box(100, 100, 110, 110), shapely.box(500, 500, 600, 600)])
    )
    assert [gap.area_m2 for gap in coverage.gaps(_areas(ring))] == pytest.approx([10_000.0, 100.0])


def test_slivers_go_to_a_neighbour_and_nothing_else_moves() -> None:
    # A gap 1 m wide between the two in the middle, closed above and below.
    areas = _areas(
        _cell(0, 0), shapely.box(101, 0, 200, 100), shapely.box(0, 100, 200, 200), shapely.box(0, -100, 200, 0)
    )
    cleaned, changed, too_much = coverage.clean_slivers(areas, sliver_m=2.0)
    assert coverage.is_valid_coverage(cleaned)
    assert len(changed) == 1
    assert len(too_much) == 0
    assert shapely.area(cleaned).sum() == pytest.approx(200 * 300)
    assert coverage.gaps(cleaned) == []


def test_a_wide_overlap_is_never_cleaned_away_in_silence() -> None:
    _, _, too_much = coverage.clean_slivers(_areas(_cell(0, 0), shapely.box(80, 0, 200, 100)), sliver_m=2.0)
    assert len(too_much) == 1


def test_areas_that_share_a_side_are_neighbours_and_those_that_share_a_corner_are_not() -> None:
    a, b, shared_m = coverage.adjacency(_grid(2, 2))
    assert list(zip(a.tolist(), b.tolist(), strict=True)) == [(0, 1), (0, 2), (1, 3), (2, 3)]
    assert shared_m == pytest.approx(np.full(4, SIDE_M))


def test_groups_dissolve_to_their_outline() -> None:
    unions = coverage.dissolve(_grid(2, 2), np.array([0, 0, 1, -1]))
    assert sorted(unions) == [0, 1]
    assert unions[0].equals(shapely.box(0, 0, 200, 100))
    assert unions[1].equals(_cell(0, 1))


def test_parts_that_do_not_hang_together_are_told_apart() -> None:
    a, b, _ = coverage.adjacency(_grid(4, 1))
    assert coverage.contiguous_parts([3, 0, 1], a, b) == [(0, 1), (3,)]
    assert coverage.contiguous_parts([0, 1, 2, 3], a, b) == [(0, 1, 2, 3)]
    assert coverage.contiguous_parts([2, 2], a, b) == [(2,)]
    assert coverage.contiguous_parts([], a, b) == []


def test_agreement_is_told_in_shares_and_in_areas() -> None:
    compared = coverage.agreement(shapely.box(0, 0, 100, 100), shapely.box(50, 0, 150, 100))
    assert compared.iou == pytest.approx(1 / 3)
    assert compared.first_only_m2 == pytest.approx(5_000)
    assert compared.second_only_m2 == pytest.approx(5_000)
    assert coverage.agreement(shapely.Polygon(), shapely.Polygon()).iou == 1.0


@given(
    columns=st.integers(1, 6),
    rows=st.integers(1, 6),
    labels=st.lists(st.integers(0, 3), min_size=36, max_size=36),
)
def test_dissolving_keeps_the_area_and_adjacency_gives_the_perimeter(
    columns: int, rows: int, labels: list[int]
) -> None:
    grid = _grid(columns, rows)
    group = np.array(labels[: len(grid)])
    unions = coverage.dissolve(grid, group)
    assert sum(union.area for union in unions.values()) == pytest.approx(shapely.area(grid).sum())
    a, b, shared_m = coverage.adjacency(grid)
    across = group[a] != group[b]
    outside = 2 * SIDE_M * (columns + rows)
    # Every boundary between groups is in the perimeter of both.
    assert sum(u.length for u in unions.values()) == pytest.approx(outside + 2 * shared_m[across].sum())
    for label, union in unions.items():
        parts = coverage.contiguous_parts(np.flatnonzero(group == label), a, b)
        assert sum(map(len, parts)) == int((group == label).sum())
        # Parts that meet in a corner only are one polygon with a pinch at most; never fewer parts than polygons.
        assert len(parts) >= len(shapely.get_parts(union))


@given(order=st.permutations(range(9)), missing=st.integers(0, 8))
def test_the_order_of_areas_does_not_matter(order: list[int], missing: int) -> None:
    whole = _grid(3, 3)
    kept = [i for i in order if i != missing]
    found = coverage.gaps(whole[kept])
    assert [gap.area_m2 for gap in found] == ([pytest.approx(10_000.0)] if missing == 4 else [])
