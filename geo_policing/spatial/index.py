"""Which unit holds a point: a tree for one point at a time, a grid for millions.

Both give the same answer for every point: the row of the unit that holds it, the lowest such row on a shared
boundary, `OUTSIDE` where no unit does. `UnitTree` needs only shapely; `UnitGrid` compiles its loops with numba and is
worth its cold start (some seconds the first time, about one second with a warm cache) from a quarter of a million
points on, which is what `UnitIndex` goes by.
"""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo_policing.spatial.overlay import OUTSIDE, nearest_units, units_at

if TYPE_CHECKING:
    from types import ModuleType

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

GRID_PAYS_FROM = 250_000
"""Points in one call from which building the grid and loading numba costs less than the tree would."""
_MOST_CELLS = 1_000_000
_LEAST_CELL_M = 25.0
# Where in its cell the reference point lies. Nothing in a publisher's data is rounded to these fractions, so that it
# does not fall on a boundary; where it does all the same, no crossing is certain and the tree answers for that cell.
_REFERENCE_AT = (0.5 + 0.013579, 0.5 - 0.024683)
_UNSURE = -2
"""What the compiled loop says where only the tree can tell."""


class UnitIndex:
    """The units of one dataset, ready to be asked; safe to share between threads."""

    def __init__(self, geometries: NDArray[Any]) -> None:
        self.tree = UnitTree(geometries)
        self._grid: UnitGrid | None = None
        self._lock = threading.Lock()

    def at_point(self, easting: float, northing: float) -> int:
        """The unit's row for one point (EPSG:27700 metres), `OUTSIDE` for none or for NaN."""
        return self.tree.at_point(easting, northing)

    def at_points(self, easting: ArrayLike, northing: ArrayLike) -> Ints:
        """The unit's row for each point; NaN and infinite coordinates are `OUTSIDE`."""
        if self._grid is None and np.size(easting) < GRID_PAYS_FROM:
            return self.tree.at_points(easting, northing)
        return self.grid().at_points(easting, northing)

    def grid(self) -> UnitGrid:
        """The grid, built at first use and kept."""
        with self._lock:
            if self._grid is None:
                self._grid = UnitGrid(self.tree)
            return self._grid


class UnitTree:
    """A tree over the units' polygons."""

    def __init__(self, geometries: NDArray[Any]) -> None:
        self.geometries = geometries
        self.strtree = shapely.STRtree(geometries)

    def at_point(self, easting: float, northing: float) -> int:
        """The unit's row for one point, `OUTSIDE` for none."""
        if not (math.isfinite(easting) and math.isfinite(northing)):
            return OUTSIDE
        found = self.strtree.query(shapely.Point(easting, northing), predicate="intersects")
        return int(found.min()) if len(found) else OUTSIDE

    def at_points(self, easting: ArrayLike, northing: ArrayLike) -> Ints:
        """The unit's row for each point, `OUTSIDE` for none."""
        e, n = np.asarray(easting, dtype=np.float64), np.asarray(northing, dtype=np.float64)
        return units_at(self.strtree, e, n)

    def may_be_near(self, easting: ArrayLike, northing: ArrayLike, *, within_m: float) -> NDArray[np.bool_]:
        """False for points that no unit lies `within_m` of for certain; far cheaper than measuring."""
        e, n = np.asarray(easting, dtype=np.float64), np.asarray(northing, dtype=np.float64)
        near = np.zeros(len(e), dtype=bool)
        near[self.strtree.query(shapely.box(e - within_m, n - within_m, e + within_m, n + within_m))[0]] = True
        return near

    def nearest(self, easting: float, northing: float, *, within_m: float) -> tuple[int, float]:
        """The nearest unit and its distance in metres; (`OUTSIDE`, NaN) where none lies `within_m`."""
        if not self.may_be_near([easting], [northing], within_m=within_m)[0]:
            return OUTSIDE, math.nan
        units, apart_m = nearest_units(self.strtree, np.array([easting]), np.array([northing]), within_m=within_m)
        return int(units[0]), float(apart_m[0])


class UnitGrid:
    """A grid of square cells over a coverage, for bulk.

    A cell that no boundary enters holds its unit. Any other holds the unit of a reference point in it and the
    segments of boundaries that enter it, each with the two units beside it. From the reference point to the asked
    point, each segment crossed swaps its two sides; with the sides joined by exclusive or, the order of crossings
    does not matter. Where an orientation is too close to call in floating point (a point on a boundary, a way
    through a corner), the tree answers, so nothing is ever decided by rounding.

    `geometries` of the tree must be a valid coverage: no overlaps, shared boundaries with the same vertices.
    """

    def __init__(self, tree: UnitTree, *, cell_m: float | None = None) -> None:
        self._tree = tree
        self._kernels = _kernels()
        segments, sides = _segments(tree.geometries)
        west, south, east, north = shapely.total_bounds(tree.geometries) if len(segments) else (0.0, 0.0, 0.0, 0.0)
        self.cell_m = cell_m or max(_LEAST_CELL_M, math.sqrt((east - west) * (north - south) / _MOST_CELLS))
        # A margin of one cell, so that each point of the coverage is well within the grid.
        self._west, self._south = west - self.cell_m, south - self.cell_m
        self._columns = math.ceil((east - self._west) / self.cell_m) + 1
        self._rows = math.ceil((north - self._south) / self.cell_m) + 1
        frame = (self._west, self._south, self.cell_m, self._columns, self._rows)
        starts, members = self._kernels.segments_by_cell(segments, *frame)
        self._segments, self._sides = segments[members], sides[members]
        self._starts = starts
        self._reference = self._reference_units()

    @property
    def nbytes(self) -> int:
        """Bytes held beside the tree's own."""
        return sum(a.nbytes for a in (self._segments, self._sides, self._starts, self._reference))

    def at_points(self, easting: ArrayLike, northing: ArrayLike) -> Ints:
        """The unit's row for each point, `OUTSIDE` for none."""
        e = np.ascontiguousarray(easting, dtype=np.float64)
        n = np.ascontiguousarray(northing, dtype=np.float64)
        frame = (self._west, self._south, self.cell_m, self._columns, self._rows)
        units = self._kernels.locate(
            e, n, *frame, *_REFERENCE_AT, self._reference, self._starts, self._segments, self._sides
        )
        unsure = np.flatnonzero(units == _UNSURE)
        if len(unsure):
            units[unsure] = self._tree.at_points(e[unsure], n[unsure])
        found: Ints = units
        return found

    def _reference_units(self) -> Ints:
        """The unit of each cell's reference point, asked once for each run of cells without boundaries in a row."""
        counts = np.diff(self._starts).reshape(self._rows, self._columns)
        ask = counts > 0
        ask[:, 0] = True
        ask[:, 1:] |= counts[:, :-1] > 0
        row, column = np.nonzero(ask)
        e = self._west + (column + _REFERENCE_AT[0]) * self.cell_m
        n = self._south + (row + _REFERENCE_AT[1]) * self.cell_m
        asked = self._tree.at_points(e, n)
        # Each cell takes the last one asked to its left, or itself.
        return np.ascontiguousarray(asked[np.cumsum(ask.ravel()) - 1], dtype=np.int32)


def _segments(geometries: NDArray[Any]) -> tuple[Floats, Ints]:
    """Every boundary segment once, as (n, 4) start and end, with its two sides (row + 1, 0 outside) joined by xor.

    Segments that a unit has on both sides (a polygon that touches itself) bound nothing and are left out.
    """
    parts, unit = shapely.get_parts(geometries, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    if not len(coordinates):
        return np.empty((0, 4)), np.empty(0, dtype=np.int32)
    same_ring = ring[1:] == ring[:-1]
    start, end = coordinates[:-1][same_ring], coordinates[1:][same_ring]
    side = unit[part[ring[:-1][same_ring]]].astype(np.int32) + 1
    # One direction for both of the units that share it.
    turned = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    ends = np.where(turned[:, None], np.hstack([end, start]), np.hstack([start, end]))
    order = np.lexsort(ends.T[::-1])
    ends, side = ends[order], side[order]
    first = np.concatenate([[True], np.any(ends[1:] != ends[:-1], axis=1)])
    firsts = np.flatnonzero(first)
    sides = np.bitwise_xor.reduceat(side, firsts)
    kept = sides != 0
    return np.ascontiguousarray(ends[firsts][kept]), sides[kept]


def _kernels() -> ModuleType:
    """The compiled loops; imported here because numba costs a second and 100 MB that page workers do without."""
    from geo_policing.spatial import grid_kernels

    return grid_kernels
