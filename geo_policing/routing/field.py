"""Time as a raster whose nodes lie on the coordinates as served (whole multiples of 1e-5 degrees).

Every node is put once, for a network and a quality, onto its nearest road; after a search its time is the time there
plus the walk, or that of one of its four neighbours plus the walk from it, where that is less. A node through whose
own cell its road runs has the time on the road itself, and contours count the way on foot from there: so they follow a
road to its end, wherever it lies between the nodes. Nobody walks onto a motorway or across a barrier.

Why one step and not a sweep over the whole raster: two rules compete for an address, its nearest road, or the best
road within reach, and at ten minutes they disagree for 3 to 8% of addresses, according to how far one would walk. A
full sweep takes the second to its extreme, through gardens and across fields; a field without any takes the first.
One step of 20 m lies between them, nearest to both (docs/isochrones.md has the figures).
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
        return 45.0 if self is Quality.INTERACTIVE else 20.0


@dataclass(frozen=True, eq=False)
class Grid:
    """A raster over a network. Node (row, column) lies at ((west + column) * step_lon, (south + row) * step_lat) units.

    Nodes are kept row by row in runs of neighbours that are nearest to one edge: row r's are `run_first[r]` to
    `run_first[r + 1]`; run j begins at `run_column[j]`, is nearest to `run_edge[j]`, and has the nodes `run_node[j]` to
    `run_node[j + 1]` of `fraction` (along the edge from its node a, in 1/65535) and `walk_ds` (tenths of a second).
    A node through whose own cell its road runs has the bit `_raster.ON_ROAD` set in its walk, and the way to the road
    in `foot`. `box` holds each edge's extent in grid steps.
    """

    network: Network
    quality: Quality
    step_lon: int
    step_lat: int
    west: int
    south: int
    column_m: NDArray[np.float64]
    row_m: float
    run_first: NDArray[np.int64]
    run_column: NDArray[np.int32]
    run_edge: NDArray[np.int32]
    run_node: NDArray[np.int32]
    fraction: NDArray[np.uint16]
    walk_ds: NDArray[np.uint16]
    foot: NDArray[np.uint8]
    bars: NDArray[np.uint8]
    has_bars: NDArray[np.bool_]
    box: NDArray[np.float32]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.bars.shape[0], self.bars.shape[1]

    @property
    def unit_m2(self) -> float:
        """Area of a square of one coordinate unit at the grid's middle."""
        middle_m = float(self.column_m[len(self.column_m) // 2])
        return middle_m * self.row_m / (self.step_lon * self.step_lat)

    @property
    def walk_steps_ds(self) -> tuple[NDArray[np.int32], int]:
        """Tenths of a second on foot to the next column, by row, and to the next row."""
        from geo_policing.routing._raster import DS_PER_M

        return np.round(self.column_m * DS_PER_M).astype(np.int32), round(self.row_m * DS_PER_M)

    def positions(self, lon: NDArray[Any], lat: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Degrees as (column, row) in grid steps."""
        return lon * UNITS_PER_DEGREE / self.step_lon - self.west, lat * UNITS_PER_DEGREE / self.step_lat - self.south


@dataclass(frozen=True, eq=False)
class Field:
    """Times at the nodes of a window of a grid; its south-west node is at (`west`, `south`) in whole grid steps.

    `left_ds` is `_raster.NEVER` less the time in tenths of a second: 0 where nothing is reached, always so on the
    outermost nodes, so that every contour closes. `least` and `greatest` are what each row holds in each block of 32
    columns, by which a contour passes over those it does not run through. `bases` are the sources' (column, row).
    """

    grid: Grid
    left_ds: NDArray[np.uint16]
    least: NDArray[np.uint16]
    greatest: NDArray[np.uint16]
    west: int
    south: int
    bases: NDArray[np.float64]

    @property
    def seconds(self) -> NDArray[np.float64]:
        """The times as they are, infinite where not reached."""
        from geo_policing.routing._raster import NEVER

        return np.where(self.left_ds > 0, (NEVER - self.left_ds.astype(float)) / 10, np.inf)


def make_grid(network: Network, quality: Quality, *, max_offset_m: float = MAX_OFFSET_M) -> Grid:
    """The raster of `network`: its roads' box and `max_offset_m` around it. Takes seconds for a county."""
    from geo_policing.routing import _raster

    frame = _Frame.around(network, quality, max_offset_m)
    rows, columns = len(frame.column_m), frame.columns
    barrier = _barrier_segments(network, frame)
    bars, near = _raster.bar_links(*barrier, rows, columns)
    buckets = _raster.bucket_barriers(*barrier, rows, columns)
    segments = _segments(network)
    lon, lat = to_lon_lat(network.point_easting, network.point_northing)
    px, py = frame.positions(lon, lat)
    ends = (px[segments.start], py[segments.start], px[segments.start + 1], py[segments.start + 1])
    segment, _ = _raster.nearest_segments(
        *ends, frame.column_m, frame.row_m, max_offset_m, bars, near, *buckets, *barrier
    )
    part = network.point_fraction
    runs = _raster.runs_of_rows(
        segment, *ends, frame.column_m, frame.row_m, segments.edge, part[segments.start], part[segments.start + 1]
    )
    starts = network.first_point[:-1]
    sides = (np.minimum, px), (np.minimum, py), (np.maximum, px), (np.maximum, py)
    box = np.column_stack([pick.reduceat(values, starts) for pick, values in sides]).astype(np.float32)
    return Grid(
        network, quality, frame.step_lon, frame.step_lat, frame.west, frame.south, frame.column_m, frame.row_m,
        *runs, bars, _barred_blocks(bars), box,
    )  # fmt: skip


def margin_s(grid: Grid) -> float:
    """How many seconds beyond its last contour a field knows, so that that lies where it would with more of them.

    Two steps on foot: a contour runs between a node inside and one outside. A search has to go that much farther, too.
    """
    from geo_policing.routing._raster import DS_PER_M

    return (int(2 * DS_PER_M * max(float(grid.column_m.max()), grid.row_m)) + 1) / 10


def make_field(grid: Grid, reach: Reach, limit_s: float) -> Field:
    """Times around what `reach` reaches within `limit_s` and `margin_s`, as far as its search went."""
    from geo_policing.routing import _filling

    sources, costs = reach.sources, reach.costs
    margin_ds = round(margin_s(grid) * 10)
    window = _window(grid, reach, limit_s, margin_ds)
    source_first, source_fraction = _sources_by_edge(grid.network, reach)
    least_ds, times_ds = _filling.edge_times(
        reach.start_a_s, reach.start_b_s, costs.from_a_s, costs.from_b_s, source_first
    )
    lon, lat = to_lon_lat(*place_of(grid.network, sources))
    bases = np.column_stack(grid.positions(lon, lat)) - (window.west, window.south)
    left, least, greatest = _filling.fill(
        window.rows, window.columns, window.west, window.south, int(limit_s * 10) + margin_ds,
        grid.run_first, grid.run_column, grid.run_edge, grid.run_node, grid.fraction, grid.walk_ds,
        least_ds, times_ds, source_first, source_fraction,
        *_around_bases(bases, grid, window.south), grid.bars, grid.has_bars, *grid.walk_steps_ds,
    )  # fmt: skip
    return Field(grid, left, least, greatest, grid.west + window.west, grid.south + window.south, bases)


@dataclass(frozen=True)
class _Window:
    """A part of a grid; it begins where a block of columns does."""

    west: int
    south: int
    columns: int
    rows: int


def _window(grid: Grid, reach: Reach, limit_s: float, margin_ds: int) -> _Window:
    """What may be reached within `limit_s` and a margin."""
    from geo_policing.routing import _filling, _raster

    rows, columns = grid.shape
    # All that is written later, so that the window holds it: a search may have gone farther than `limit_s`.
    box = _filling.reached_box(reach.start_a_s, reach.start_b_s, limit_s + margin_ds / 10, grid.box, reach.sources.edge)
    if box[2] < box[0]:
        box = (0.0, 0.0, 0.0, 0.0)  # Without sources nothing is reached.
    # As far around as one may still walk in time.
    walk_m = min(limit_s * 10 / _raster.DS_PER_M, MAX_OFFSET_M)
    pad_x, pad_y = walk_m / grid.column_m.min() + 3, walk_m / grid.row_m + 3
    west = max(0, int(box[0] - pad_x)) // _raster.BLOCK * _raster.BLOCK
    south = max(0, int(box[1] - pad_y))
    east, north = min(columns - 1, int(box[2] + pad_x) + 1), min(rows - 1, int(box[3] + pad_y) + 1)
    return _Window(west, south, east - west + 1, north - south + 1)


def _barred_blocks(bars: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """By row and block of columns, whether any link is barred; a block looks at the last column before it too."""
    from geo_policing.routing._raster import BLOCK

    rows, columns = bars.shape
    blocks = columns // BLOCK + 1
    padded = np.zeros((rows, blocks * BLOCK + 1), dtype=bool)
    padded[:, 1 : columns + 1] = bars > 0
    own = padded[:, 1:].reshape(rows, blocks, BLOCK).any(axis=2)
    return np.asarray(own | padded[:, :-1:BLOCK][:, :blocks])


def _sources_by_edge(network: Network, reach: Reach) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    order = np.argsort(reach.sources.edge, kind="stable")
    first = np.zeros(network.edge_count + 1, dtype=np.int32)
    np.cumsum(np.bincount(reach.sources.edge, minlength=network.edge_count), out=first[1:])
    return first, reach.sources.fraction[order]


def _around_bases(
    bases: NDArray[Any], grid: Grid, south: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint16]]:
    """The four nodes around each base, row by row, and what is left at them on foot from the base.

    So every contour holds its bases.
    """
    from geo_policing.routing._raster import DS_PER_M, NEVER

    corners = np.array([(0, 0), (1, 0), (0, 1), (1, 1)])
    nodes = (bases.astype(np.int64)[:, None] + corners).reshape(-1, 2)
    away = nodes - np.repeat(bases, 4, axis=0)
    walk_m = np.hypot(away[:, 0] * grid.column_m[south + nodes[:, 1]], away[:, 1] * grid.row_m)
    order = np.argsort(nodes[:, 1], kind="stable")
    left = NEVER - (walk_m * DS_PER_M + 0.5).astype(np.int64)
    return nodes[order, 1].astype(np.int32), nodes[order, 0].astype(np.int32), left[order].astype(np.uint16)


@dataclass(frozen=True)
class _Frame:
    """Where a grid lies and how big its steps are."""

    step_lon: int
    step_lat: int
    west: int
    south: int
    columns: int
    column_m: NDArray[np.float64]
    row_m: float

    @classmethod
    def around(cls, network: Network, quality: Quality, margin_m: float) -> _Frame:
        """The frame of `network`'s box and a margin."""
        west, south, east, north = network.lon_lat_bounds
        lon_m = _EQUATOR_M * np.cos(np.radians((south + north) / 2))
        step_lat = max(1, round(quality.resolution_m / METRES_PER_DEGREE_LAT * UNITS_PER_DEGREE))
        step_lon = max(1, round(quality.resolution_m / lon_m * UNITS_PER_DEGREE))
        scale_x, scale_y = UNITS_PER_DEGREE / step_lon, UNITS_PER_DEGREE / step_lat
        margin_x, margin_y = margin_m / lon_m * scale_x + 3, margin_m / METRES_PER_DEGREE_LAT * scale_y + 3
        first_column, first_row = int(np.floor(west * scale_x - margin_x)), int(np.floor(south * scale_y - margin_y))
        columns = int(np.ceil(east * scale_x + margin_x)) - first_column + 1
        rows = int(np.ceil(north * scale_y + margin_y)) - first_row + 1
        column_m = _EQUATOR_M * np.cos(np.radians((first_row + np.arange(rows)) / scale_y)) / scale_x
        return cls(step_lon, step_lat, first_column, first_row, columns, column_m, METRES_PER_DEGREE_LAT / scale_y)

    def positions(self, lon: NDArray[Any], lat: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Degrees as (column, row) in grid steps."""
        return lon * UNITS_PER_DEGREE / self.step_lon - self.west, lat * UNITS_PER_DEGREE / self.step_lat - self.south


@dataclass(frozen=True)
class _Segments:
    """Segments of walkable edges: the point each starts at, and its edge."""

    start: NDArray[np.int64]
    edge: NDArray[np.int32]


def _segments(network: Network) -> _Segments:
    sizes = np.diff(network.first_point)
    owner = np.repeat(np.arange(network.edge_count, dtype=np.int32), sizes)
    is_last = np.zeros(len(owner), dtype=bool)
    is_last[network.first_point[1:] - 1] = True
    start = np.flatnonzero(~is_last & network.walkable[owner])
    return _Segments(start, owner[start])


def _barrier_segments(network: Network, frame: _Frame) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    points, owner = shapely.get_coordinates(network.barriers, return_index=True)
    lon, lat = to_lon_lat(points[:, 0], points[:, 1])
    x, y = frame.positions(lon, lat)
    start = np.flatnonzero(owner[1:] == owner[:-1])
    return x[start], y[start], x[start + 1], y[start + 1]
