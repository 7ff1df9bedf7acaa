"""Points and polygons laid over a coverage of units: which unit, how near, and how much of it.

Every function takes the units as a `shapely.STRtree` over their polygons in EPSG:27700, so that "unit" is a row of
the array the tree was made from. All arrays are numpy's; none of the functions changes its input.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

IntArray = NDArray[np.int32]
FloatArray = NDArray[np.float64]
GeometryArray = NDArray[Any]

OUTSIDE = -1
_CHUNK = 4096
"""Shapes overlaid at a time: enough to keep the loop in C, few enough to keep the pieces out of memory."""


def units_at(tree: shapely.STRtree, easting: FloatArray, northing: FloatArray) -> IntArray:
    """The unit that holds each point, `OUTSIDE` where none does or a coordinate is not finite.

    A point on a shared boundary falls to the lowest unit row, so that the answer is always the same.
    """
    units = np.full(len(easting), OUTSIDE, dtype=np.int32)
    located = _within(tree, easting, northing, 0.0)
    points = shapely.points(np.asarray(easting)[located], np.asarray(northing)[located])
    point, unit = tree.query(points, predicate="intersects")
    # Written from the highest row to the lowest, the lowest is what stays.
    order = np.argsort(-unit, kind="stable")
    units[located[point[order]]] = unit[order]
    return units


def nearest_units(
    tree: shapely.STRtree, easting: FloatArray, northing: FloatArray, *, within_m: float
) -> tuple[IntArray, FloatArray]:
    """The nearest unit to each point and its distance in metres; (`OUTSIDE`, NaN) where none lies `within_m`.

    The distance is 0 inside a unit. Of units equally near, the lowest row is taken. `within_m` of 0 still takes a
    unit that the point touches; a negative one is a ValueError.
    """
    if within_m < 0:
        raise ValueError(f"within_m is {within_m}; a distance cannot be negative")
    units = units_at(tree, easting, northing)
    distance_m = np.where(units >= 0, 0.0, np.nan)
    near = _within(tree, easting, northing, within_m)
    missing = near[units[near] < 0]
    if within_m == 0 or not len(missing):
        return units, distance_m
    points = shapely.points(np.asarray(easting)[missing], np.asarray(northing)[missing])
    (point, unit), apart_m = tree.query_nearest(points, max_distance=within_m, return_distance=True)
    order = np.argsort(-unit, kind="stable")
    units[missing[point[order]]] = unit[order]
    distance_m[missing[point[order]]] = apart_m[order]
    return units, distance_m


def _within(tree: shapely.STRtree, easting: FloatArray, northing: FloatArray, margin_m: float) -> NDArray[np.intp]:
    """Rows of the points in the box around all units and `margin_m` more: a country's points need no objects each."""
    if not len(tree):
        return np.empty(0, dtype=np.intp)
    west, south, east, north = shapely.total_bounds(tree.geometries)
    inside = (easting >= west - margin_m) & (easting <= east + margin_m)
    inside &= (northing >= south - margin_m) & (northing <= north + margin_m)
    return np.flatnonzero(inside)


def shared_areas(tree: shapely.STRtree, polygons: GeometryArray) -> tuple[IntArray, IntArray, FloatArray]:
    """How much of each polygon lies in each unit: (polygon row, unit, area in m²), ordered, areas above 0.

    A polygon that meets no unit has no entry. Polygons must be valid.
    """
    return _shared(tree, polygons, shapely.area)


def shared_lengths(tree: shapely.STRtree, lines: GeometryArray) -> tuple[IntArray, IntArray, FloatArray]:
    """How much of each line lies in each unit: (line row, unit, length in m), ordered, lengths above 0.

    A stretch along a boundary that two units share is counted for both of them.
    """
    return _shared(tree, lines, shapely.length)


def _shared(tree: shapely.STRtree, shapes: GeometryArray, measure: Any) -> tuple[IntArray, IntArray, FloatArray]:
    parts = [_shared_chunk(tree, shapes, start, measure) for start in range(0, len(shapes), _CHUNK)]
    if not parts:
        return np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0)
    shape, unit, size = (np.concatenate([part[i] for part in parts]) for i in range(3))
    kept = np.flatnonzero(size > 0)
    order = kept[np.lexsort((unit[kept], shape[kept]))]
    return shape[order].astype(np.int32), unit[order].astype(np.int32), size[order]


def _shared_chunk(
    tree: shapely.STRtree, shapes: GeometryArray, start: int, measure: Any
) -> tuple[NDArray[Any], NDArray[Any], FloatArray]:
    chunk = shapes[start : start + _CHUNK]
    shape, unit = tree.query(chunk, predicate="intersects")
    # Most shapes meet one unit only and lie wholly in it: a cheap test spares the intersection.
    inside = np.zeros(len(shape), dtype=bool)
    alone = np.flatnonzero(np.bincount(shape, minlength=len(chunk))[shape] == 1)
    inside[alone] = shapely.covers(tree.geometries[unit[alone]], chunk[shape[alone]])
    size = np.zeros(len(shape))
    size[inside] = measure(chunk[shape[inside]])
    cut = np.flatnonzero(~inside)
    size[cut] = measure(shapely.intersection(chunk[shape[cut]], tree.geometries[unit[cut]]))
    return shape + start, unit, size
