"""What two areas differ in: quick where most of their outlines are the same, as before and after a small change."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
WIDER = 10
"""Steps of the grid about the sides that differ, so that what is cut there is cut alike in both."""
SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""An odd number that spreads pairs of keys over 64 bits: the golden ratio's, as in Fibonacci hashing (Knuth)."""


def differences(
    first: shapely.Geometry, second: shapely.Geometry, grid: float
) -> tuple[shapely.Geometry, shapely.Geometry]:
    """What only the first holds and what only the second holds, their coordinates whole multiples of `grid`.

    Both must be valid polygons or multipolygons, may be empty, and must have coordinates on that grid already; so do
    the answers, which may hold slivers as lines or points.
    """
    box = _changed_box(first, second, grid)
    if box is None:
        return shapely.MultiPolygon(), shapely.MultiPolygon()
    one, other = _within(first, box), _within(second, box)
    return _only(one, other, grid), _only(other, one, grid)


def _only(one: shapely.Geometry, other: shapely.Geometry, grid: float) -> shapely.Geometry:
    return shapely.set_precision(shapely.difference(one, other), grid)


def _changed_box(first: shapely.Geometry, second: shapely.Geometry, grid: float) -> Box | None:
    """The bounds of the sides that only one of the two has, a little wider; None where they have the same."""
    one, other = _sides(first), _sides(second)
    one_keys, other_keys = _keys(one, grid), _keys(other, grid)
    alone = np.setxor1d(one_keys, other_keys)
    if len(alone) == 0:
        return None
    ends = np.concatenate([one[np.isin(one_keys, alone)], other[np.isin(other_keys, alone)]])
    points = ends.reshape(-1, 2)
    (west, south), (east, north) = points.min(axis=0) - WIDER * grid, points.max(axis=0) + WIDER * grid
    return float(west), float(south), float(east), float(north)


def _sides(geometry: shapely.Geometry) -> NDArray[np.float64]:
    """The sides of all rings: (side, end, coordinate)."""
    points, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(geometry)), return_index=True)
    goes_on = ring[1:] == ring[:-1]
    return np.stack([points[:-1][goes_on], points[1:][goes_on]], axis=1)


def _keys(sides: NDArray[np.float64], grid: float) -> NDArray[np.uint64]:
    """A number for each side, the same whichever way it is gone along."""
    whole = np.rint(sides / grid).astype(np.int64)
    ends = np.sort(whole[..., 0] * (1 << 32) + whole[..., 1], axis=1).astype(np.uint64)
    keys: NDArray[np.uint64] = ends[:, 0] * SPREAD + ends[:, 1]
    return keys


def _within(geometry: shapely.Geometry, box: Box) -> shapely.Geometry:
    parts = shapely.get_parts(geometry)
    west, south, east, north = shapely.bounds(parts).T
    near = parts[(west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1])]
    return shapely.intersection(shapely.multipolygons(near), shapely.box(*box))
