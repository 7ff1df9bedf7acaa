from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_policing.spatial.topology import Topology, topology_of


def polygons_of(topology: Topology) -> list[shapely.MultiPolygon]:
    """The areas put together again from their arcs."""

    def ring(arcs: tuple[int, ...]) -> list[tuple[int, int]]:
        points: list[tuple[int, int]] = []
        for number in arcs:
            arc = topology.arcs[number] if number >= 0 else topology.arcs[~number][::-1]
            walked = [tuple(point) for point in arc.tolist()]
            assert not points or points[-1] == walked[0], "an arc begins where the one before ended"
            points += walked[1:] if points else walked
        assert points[0] == points[-1], "a ring is closed"
        return points

    return [
        shapely.MultiPolygon([(ring(outer), [ring(hole) for hole in holes]) for outer, *holes in polygons])
        for polygons in topology.polygons
    ]


def areas(*shapes: shapely.Geometry) -> np.ndarray:
    return np.array(shapes, dtype=object)


def test_two_squares_share_the_side_between_them():
    found = topology_of(areas(shapely.box(0, 0, 2, 2), shapely.box(2, 0, 4, 2)), 1.0)
    # The side between them, and the way round the rest of each.
    assert len(found.arcs) == 3
    left, right = (rings[0] for (rings,) in found.polygons)
    assert {~number for number in left} & set(right), "one walks it forwards, the other backwards"


def test_an_island_in_a_hole_is_one_arc():
    hole = shapely.box(1, 1, 2, 2)
    found = topology_of(areas(shapely.box(0, 0, 3, 3).difference(hole), hole), 1.0)
    assert len(found.arcs) == 2
    ((outer, inner),), ((island,),) = found.polygons
    assert len(outer) == len(inner) == len(island) == 1
    assert island[0] in (inner[0], ~inner[0])


def test_areas_that_meet_in_a_point_end_their_arcs_there():
    found = topology_of(areas(shapely.box(0, 0, 1, 1), shapely.box(1, 1, 2, 2), shapely.box(1, 0, 2, 1)), 1.0)
    assert all(
        a.equals(b)
        for a, b in zip(
            polygons_of(found), [shapely.box(0, 0, 1, 1), shapely.box(1, 1, 2, 2), shapely.box(1, 0, 2, 1)], strict=True
        )
    )


def test_an_area_in_two_parts_has_two_polygons():
    both = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(5, 0, 6, 1)])
    assert len(topology_of(areas(both), 1.0).polygons[0]) == 2


def test_what_rounding_leaves_nothing_of_is_left_out():
    crumb = shapely.MultiPolygon([shapely.box(0, 0, 10, 10), shapely.box(20, 0, 20.2, 0.2)])
    donut = shapely.box(30, 0, 40, 10).difference(shapely.box(35, 5, 35.3, 5.3))
    lost = shapely.box(50, 0, 50.3, 0.3).difference(shapely.box(50.1, 0.1, 50.2, 0.2))
    found = topology_of(areas(crumb, donut, lost), 1.0)
    assert [len(polygons) for polygons in found.polygons] == [1, 1, 0]
    assert [len(rings) for rings in found.polygons[1]] == [1]


def test_no_areas_have_no_arcs():
    assert topology_of(areas(), 1.0) == Topology((), ())


@pytest.mark.parametrize("step", [1.0, 0.5])
def test_numbers_count_steps(step: float):
    (arc,) = topology_of(areas(shapely.box(0, 0, 4, 4)), step).arcs
    assert arc.max() == 4 / step


@settings(max_examples=60)
@given(st.lists(st.integers(0, 4), min_size=36, max_size=36))
def test_any_grouping_of_a_grid_comes_back_as_it_was(groups: list[int]):
    """The oracle is shapely's own union of the squares of each group."""
    squares = np.array([shapely.box(c, r, c + 1, r + 1) for r in range(6) for c in range(6)], dtype=object)
    group = np.array(groups)
    whole = np.array([shapely.coverage_union_all(squares[group == g]) for g in np.unique(group)], dtype=object)
    found = topology_of(whole, 1.0)
    back = np.array(polygons_of(found), dtype=object)
    assert shapely.equals(back, whole).all()
    # Each stretch stands once: all arcs together are as long as the union of all boundaries.
    length = sum(shapely.LineString(arc).length for arc in found.arcs)
    assert length == pytest.approx(shapely.union_all(shapely.boundary(whole)).length)
    assert found.arcs == () or all(len(arc) >= 2 for arc in found.arcs)
