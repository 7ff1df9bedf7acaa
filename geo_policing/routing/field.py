"""Seconds as a raster whose nodes lie on the coordinates as served (whole multiples of 1e-5 degrees).

Every node is put once, for a network and a quality, onto its nearest road; after a search its time is the time there
plus the walk, and then every node takes its best neighbour's time plus the walk from it, where that is less. Nobody
walks onto a motorway or across a barrier.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.routing.network import Network
from geo_policing.routing.reach import Reach
from geo_policing.routing.snapping import MAX_OFFSET_M, place_of
from geo_policing.spatial.crs import to_lon_lat

UNITS_PER_DEGREE = 100_000
"""Coordinates are served in whole 1e-5 degrees, about a metre."""
METRES_PER_DEGREE_LAT = 111_270.0
"""At 52.5 degrees north; it varies by 0.2% over Great Britain (WGS 84)."""
_EQUATOR_M = 111_319.5
"""A degree of longitude at the equator (WGS 84)."""


class Quality(StrEnum):
    """How fine the raster is: for a map that follows a finger, or for a figure that is published."""

    INTERACTIVE = "interactive"
    PUBLISHED = "published"

    @property
    def resolution_m(self) -> float:
        """Distance between the raster's nodes, about."""
        return 50.0 if self is Quality.INTERACTIVE else 25.0


@dataclass(frozen=True, eq=False)
class Grid:
    """A raster over a network. Node (row, column) lies at ((west + column) * step_lon, (south + row) * step_lat) units.

    `edge` is -1 where no road is within `MAX_OFFSET_M`; `box` holds each edge's extent in grid steps.
    """

    network: Network
    step_lon: int
    step_lat: int
    west: int
    south: int
    column_dm: NDArray[np.int32]
    row_dm: int
    edge: NDArray[np.int32]
    fraction: NDArray[np.uint16]
    offset_dm: NDArray[np.uint16]
    bars: NDArray[np.uint8]
    has_bars: NDArray[np.bool_]
    box: NDArray[np.float32]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.edge.shape[0], self.edge.shape[1]

    @property
    def cell_m2(self) -> float:
        """Area between four nodes at the grid's middle."""
        return float(self.column_dm[len(self.column_dm) // 2]) * self.row_dm / 100

    def positions(self, lon: NDArray[Any], lat: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Degrees as (column, row) in grid steps."""
        return lon * UNITS_PER_DEGREE / self.step_lon - self.west, lat * UNITS_PER_DEGREE / self.step_lat - self.south


@dataclass(frozen=True, eq=False)
class Field:
    """Milliseconds at the nodes of a window of a grid; its south-west node is at (`west`, `south`) in whole steps.

    The outermost nodes are never reached, so that every contour closes. `bases` are the sources' (column, row) in it.
    """

    grid: Grid
    milliseconds: NDArray[np.int32]
    west: int
    south: int
    bases: NDArray[np.float64]

    def at(self, lon: NDArray[Any], lat: NDArray[Any]) -> NDArray[np.float64]:
        """Seconds between the nodes, bilinear; infinite outside the window and beside a node that is not reached."""
        from geo_policing.routing._raster import FAR_MS

        x = lon * UNITS_PER_DEGREE / self.grid.step_lon - self.west
        y = lat * UNITS_PER_DEGREE / self.grid.step_lat - self.south
        rows, columns = self.milliseconds.shape
        inside = (x >= 0) & (y >= 0) & (x < columns - 1) & (y < rows - 1)
        c, r = np.where(inside, x, 0).astype(int), np.where(inside, y, 0).astype(int)
        u, v = x - c, y - r
        corners = [(self.milliseconds[r + i, c + j], (v if i else 1 - v) * (u if j else 1 - u)) for i in (0, 1) for j in (0, 1)]
        total = sum(values * weight for values, weight in corners)
        known = inside & (np.max([values for values, _ in corners], axis=0) < FAR_MS)
        return np.where(known, total / 1000, np.inf)


def make_grid(network: Network, quality: Quality, *, max_offset_m: float = MAX_OFFSET_M) -> Grid:
    """The raster of `network`: its roads' box and `max_offset_m` around it. Takes seconds for a county."""
    from geo_policing.routing import _raster

    lon, lat = to_lon_lat(network.point_easting, network.point_northing)
    middle = float((lat.min() + lat.max()) / 2)
    step_lat = max(1, round(quality.resolution_m / METRES_PER_DEGREE_LAT * UNITS_PER_DEGREE))
    lon_m = _EQUATOR_M * np.cos(np.radians(middle))
    step_lon = max(1, round(quality.resolution_m / lon_m * UNITS_PER_DEGREE))
    margin_x = max_offset_m / lon_m * UNITS_PER_DEGREE / step_lon + 3
    margin_y = max_offset_m / METRES_PER_DEGREE_LAT * UNITS_PER_DEGREE / step_lat + 3
    x, y = lon * UNITS_PER_DEGREE / step_lon, lat * UNITS_PER_DEGREE / step_lat
    west, south = int(np.floor(x.min() - margin_x)), int(np.floor(y.min() - margin_y))
    columns, rows = int(np.ceil(x.max() + margin_x)) - west + 1, int(np.ceil(y.max() + margin_y)) - south + 1
    latitudes = (south + np.arange(rows)) * step_lat / UNITS_PER_DEGREE
    column_m = _EQUATOR_M * np.cos(np.radians(latitudes)) * step_lon / UNITS_PER_DEGREE
    row_m = METRES_PER_DEGREE_LAT * step_lat / UNITS_PER_DEGREE
    px, py = x - west, y - south
    barrier = _barrier_segments(network, step_lon, step_lat, west, south)
    bars, near = _raster.bar_links(*barrier, rows, columns)
    buckets = _raster.bucket_barriers(*barrier, rows, columns)
    segments = _segments(network)
    ends = (px[segments.start], py[segments.start], px[segments.start + 1], py[segments.start + 1])
    segment, _ = _raster.nearest_segments(
        *ends, column_m, row_m, max_offset_m, bars, near, *buckets, *barrier
    )  # fmt: skip
    part = network.point_fraction
    edge, fraction, offset_dm = _raster.feet(
        segment, *ends, column_m, row_m, segments.edge, part[segments.start], segments.end_fraction(part)
    )
    first = network.first_point[:-1]
    box = np.column_stack(
        [np.minimum.reduceat(px, first), np.minimum.reduceat(py, first), np.maximum.reduceat(px, first), np.maximum.reduceat(py, first)]
    ).astype(np.float32)
    return Grid(
        network, step_lon, step_lat, west, south,
        np.round(column_m * 10).astype(np.int32), round(row_m * 10),
        edge, fraction, offset_dm, bars, bars.any(axis=1), box,
    )  # fmt: skip


def make_field(grid: Grid, reach: Reach, limit_s: float) -> Field:
    """Seconds around what `reach` reaches within `limit_s`; a window of no nodes where it reaches nothing."""
    from geo_policing.routing import _raster

    costs = reach.costs
    times, reached = _raster.edge_times(
        reach.start_a_s, reach.start_b_s, costs.from_a_s, costs.from_b_s, float(limit_s), grid.box
    )
    sources = reach.sources
    lon, lat = to_lon_lat(*place_of(grid.network, sources))
    base_x, base_y = grid.positions(lon, lat)
    rows, columns = grid.shape
    # Roads that are set off on in time, the bases' own, and as far around as one may still walk.
    walk_m = min(limit_s * 1000 / _raster.MS_PER_DM / 10, MAX_OFFSET_M)
    pad_x, pad_y = walk_m / (grid.column_dm.min() / 10) + 2, walk_m / (grid.row_dm / 10) + 2
    boxes = grid.box[sources.edge]
    low = np.minimum(reached[:2], boxes[:, :2].min(axis=0)) - (pad_x, pad_y)
    high = np.maximum(reached[2:], boxes[:, 2:].max(axis=0)) + (pad_x, pad_y)
    w, s = max(0, int(low[0])), max(0, int(low[1]))
    e, n = min(columns - 1, int(high[0]) + 1), min(rows - 1, int(high[1]) + 1)
    is_source = np.zeros(grid.network.edge_count, dtype=bool)
    is_source[sources.edge] = True
    field = _raster.fill(
        grid.edge, grid.fraction, grid.offset_dm, times,
        sources.edge, sources.fraction, is_source, w, s, e - w + 1, n - s + 1,
    )  # fmt: skip
    bases = np.column_stack([base_x - w, base_y - s])
    _put_bases(field, bases, grid, s)
    _raster.sweep(field, grid.bars, grid.has_bars, w, s, grid.column_dm, grid.row_dm)
    field[[0, -1]] = _raster.FAR_MS
    field[:, [0, -1]] = _raster.FAR_MS
    return Field(grid, field, grid.west + w, grid.south + s, bases)


def _put_bases(field: NDArray[np.int32], bases: NDArray[Any], grid: Grid, south: int) -> None:
    """The four nodes around each base are reached on foot at the least, so that every contour holds its bases."""
    from geo_policing.routing._raster import MS_PER_DM

    for x, y in bases:
        for c in (int(x), int(x) + 1):
            for r in (int(y), int(y) + 1):
                width_dm = float(grid.column_dm[south + r])
                walk = int(np.hypot((c - x) * width_dm, (r - y) * grid.row_dm) * MS_PER_DM)
                field[r, c] = min(int(field[r, c]), walk)


@dataclass(frozen=True)
class _Segments:
    """Segments of walkable edges: the point each starts at, and its edge."""

    start: NDArray[np.int64]
    edge: NDArray[np.int32]

    def end_fraction(self, fraction: NDArray[Any]) -> NDArray[np.float64]:
        """Where each ends along its edge."""
        return fraction[self.start + 1]


def _segments(network: Network) -> _Segments:
    sizes = np.diff(network.first_point)
    owner = np.repeat(np.arange(network.edge_count, dtype=np.int32), sizes)
    is_last = np.zeros(len(owner), dtype=bool)
    is_last[network.first_point[1:] - 1] = True
    start = np.flatnonzero(~is_last & network.walkable[owner])
    return _Segments(start, owner[start])


def _barrier_segments(
    network: Network, step_lon: int, step_lat: int, west: int, south: int
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    points, owner = shapely.get_coordinates(network.barriers, return_index=True)
    lon, lat = to_lon_lat(points[:, 0], points[:, 1])
    x, y = lon * UNITS_PER_DEGREE / step_lon - west, lat * UNITS_PER_DEGREE / step_lat - south
    start = np.flatnonzero(owner[1:] == owner[:-1])
    return x[start], y[start], x[start + 1], y[start + 1]
