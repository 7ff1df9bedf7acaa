"""SVG path data from geometries: whole numbers, each relative to the last, as short as the format lets it be."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]


def path_data(geometries: NDArray[Any], box: Box, units: int) -> str:
    """The `d` of a path through `geometries` (lines or polygons), `box` drawn as `units` by `units`.

    `box` is (west, north, east, south) in the geometries' own coordinates, with y to the south. Points are rounded to
    whole units, and those that fall together are drawn once; "" where nothing of more than a point is left.
    """
    rings, closed = _lines_of(geometries)
    if len(rings) == 0:
        return ""
    coords, line = shapely.get_coordinates(rings, return_index=True)
    scale = units / (box[2] - box[0])
    points = np.rint((coords - (box[0], box[1])) * scale).astype(np.int64)
    first = np.ones(len(line), dtype=bool)
    first[1:] = line[1:] != line[:-1]
    moved = np.ones(len(line), dtype=bool)
    moved[1:] = np.any(points[1:] != points[:-1], axis=1)
    keep = first | moved
    points, line, first = points[keep], line[keep], first[keep]
    return _written(points, line, first, closed)


def _lines_of(geometries: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """The lines of `geometries` and the rings of its polygons, and which of them are rings."""
    parts = shapely.get_parts(shapely.get_parts(geometries))
    dimension = shapely.get_dimensions(parts)
    lines, polygons = parts[dimension == 1], parts[dimension == 2]
    rings = shapely.get_rings(polygons) if len(polygons) else polygons
    closed = np.r_[np.zeros(len(lines), dtype=bool), np.ones(len(rings), dtype=bool)]
    every: NDArray[Any] = np.concatenate([lines, rings])
    filled = ~shapely.is_empty(every)
    return every[filled], closed[filled]


def _written(
    points: NDArray[np.int64], line: NDArray[np.intp], first: NDArray[np.bool_], closed: NDArray[np.bool_]
) -> str:
    starts = np.flatnonzero(first)
    lengths = np.diff(np.append(starts, len(points)))
    steps = np.diff(points, axis=0, prepend=points[:1])
    # A path's beginning stands in absolute numbers, all else relative to the point before.
    steps[starts] = points[starts]
    # JSON of the whole array, taken apart: several times faster than formatting number by number.
    texts = orjson.dumps(steps, option=orjson.OPT_SERIALIZE_NUMPY).decode()[2:-2].split("],[")
    pieces = []
    for start, length, ring in zip(starts.tolist(), lengths.tolist(), closed[line[starts]].tolist(), strict=True):
        if length >= (3 if ring else 2):
            # A ring's last point repeats its first, and "z" draws that side.
            end = start + length - (1 if ring else 0)
            pieces.append(f"M{texts[start]}l{' '.join(texts[start + 1 : end])}{'z' if ring else ''}")
    return "".join(pieces).replace(" -", "-").replace(",-", "-")
