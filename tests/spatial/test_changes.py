"""What two areas differ in, against GEOS's own difference of the whole."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.spatial.changes import differences

GRID = 1e-5
SQUARE = shapely.box(0.1, 52.1, 0.2, 52.2)


def cells(rows: list[list[bool]], west: float = 0.1) -> shapely.Geometry:
    """The union of unit squares of a hundredth of a degree, on the grid."""
    boxes = [
        shapely.box(*np.round([west + x / 100, 52 + y / 100, west + (x + 1) / 100, 52 + (y + 1) / 100], 5))
        for y, row in enumerate(rows)
        for x, filled in enumerate(row)
        if filled
    ]
    union = shapely.set_precision(shapely.union_all(boxes), GRID) if boxes else shapely.MultiPolygon()
    return shapely.multipolygons(shapely.get_parts(union)) if boxes else union


raster = st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=4, max_size=4)


@given(raster, raster)
def test_is_what_the_whole_areas_differ_in(first: list[list[bool]], second: list[list[bool]]) -> None:
    one, other = cells(first), cells(second)
    only_one, only_other = differences(one, other, GRID)
    whole = shapely.difference(one, other, grid_size=GRID), shapely.difference(other, one, grid_size=GRID)
    for found, expected in zip((only_one, only_other), whole, strict=True):
        assert shapely.area(shapely.symmetric_difference(found, expected)) == pytest.approx(0, abs=1e-12)
        assert found.is_valid


def test_the_same_differs_in_nothing() -> None:
    # Begun at another corner and gone round the other way, it is still the same.
    turned = shapely.Polygon(np.roll(shapely.get_coordinates(SQUARE)[:-1], 2, axis=0)[::-1])
    assert all(found.is_empty for found in differences(SQUARE, turned, GRID))


def test_nothing_and_something() -> None:
    empty = shapely.MultiPolygon()
    gone, come = differences(empty, SQUARE, GRID)
    assert gone.is_empty
    assert shapely.equals(come, SQUARE)
    assert all(found.is_empty for found in differences(empty, empty, GRID))


def test_the_same_corners_joined_otherwise_are_told_apart() -> None:
    # Two triangles of a square by one diagonal, or by the other: every corner is in both.
    a, b, c, d = (0.1, 52.1), (0.2, 52.1), (0.2, 52.2), (0.1, 52.2)
    e = (0.3, 52.1)
    one = shapely.multipolygons([shapely.Polygon([a, b, d]), shapely.Polygon([b, e, c])])
    other = shapely.multipolygons([shapely.Polygon([a, b, c]), shapely.Polygon([d, b, e, c])]).buffer(0)
    only_one, only_other = differences(one, other, GRID)
    assert shapely.area(only_one) == pytest.approx(shapely.area(shapely.difference(one, other)))
    assert shapely.area(only_other) == pytest.approx(shapely.area(shapely.difference(other, one)))


def test_far_from_a_change_nothing_is_looked_at() -> None:
    far = shapely.box(1, 52, 1.1, 52.1)
    before, after = shapely.multipolygons([SQUARE, far]), shapely.multipolygons([far])
    gone, come = differences(before, after, GRID)
    assert shapely.equals(gone, SQUARE)
    assert come.is_empty
