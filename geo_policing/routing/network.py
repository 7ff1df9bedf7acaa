"""The routable network in memory: the core's nodes, edges and their points, as flat arrays.

Edges run from node a to node b along their points; what is true only one way carries `forward` (a to b) or `backward`
in its name. Coordinates are EPSG:27700 metres. A network never changes; several threads may use one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.errors import DatasetError
from geo_policing.routing.speeds import RoadClass
from geo_policing.spatial.crs import to_lon_lat

NO_OFF_ROAD = (RoadClass.MOTORWAY, RoadClass.MOTORWAY_LINK)
"""Roads that nobody walks onto or off."""
RIM_CELL_M = 2_000.0

Bounds = tuple[float, float, float, float]


class Columns(Protocol):
    """Columns by name, such as a dataset's table."""

    def __getitem__(self, name: str, /) -> NDArray[Any]: ...

    def __len__(self) -> int: ...


@dataclass(frozen=True, eq=False)
class Network:
    """The core network. `first_point` has one entry more than there are edges; `row` is the edge's row in its table.

    `bans` are pairs of half-edges (2 × edge when driven from a to b, plus 1 when from b to a) that may not follow each
    other, `banned_drives` sequences of three or more. `barriers` are lines that nobody walks across, motorways among
    them; `barrier_kinds` says which kinds the data has.
    """

    node_easting: NDArray[np.float64]
    node_northing: NDArray[np.float64]
    signals: NDArray[np.bool_]
    edge_a: NDArray[np.int32]
    edge_b: NDArray[np.int32]
    forward: NDArray[np.bool_]
    backward: NDArray[np.bool_]
    road_class: NDArray[np.int8]
    urban: NDArray[np.bool_]
    dual: NDArray[np.bool_]
    slow_surface: NDArray[np.bool_]
    limit_forward_kph: NDArray[np.float32]
    limit_backward_kph: NDArray[np.float32]
    length_m: NDArray[np.float64]
    first_point: NDArray[np.int64]
    point_easting: NDArray[np.float64]
    point_northing: NDArray[np.float64]
    row: NDArray[np.int64]
    way_id: NDArray[np.int64]
    bans: NDArray[np.int64]
    barriers: NDArray[Any]
    barrier_kinds: tuple[str, ...]
    banned_drives: tuple[tuple[int, ...], ...] = ()

    @property
    def node_count(self) -> int:
        """Number of nodes."""
        return len(self.node_easting)

    @property
    def edge_count(self) -> int:
        """Number of edges, each once however many ways it runs."""
        return len(self.edge_a)

    @property
    def has_turns(self) -> bool:
        """True where the file had turn restrictions or traffic lights, so that the search minds turns."""
        return bool(len(self.bans) or self.banned_drives or self.signals.any())

    @cached_property
    def bounds(self) -> Bounds:
        """West, south, east, north of the edges' points."""
        return (
            float(self.point_easting.min()),
            float(self.point_northing.min()),
            float(self.point_easting.max()),
            float(self.point_northing.max()),
        )

    @cached_property
    def walkable(self) -> NDArray[np.bool_]:
        """True for edges that one may walk onto and off: all but motorways and their slip roads."""
        return ~np.isin(self.road_class, NO_OFF_ROAD)

    @cached_property
    def lines(self) -> NDArray[Any]:
        """The edges as shapely lines."""
        index = np.repeat(np.arange(self.edge_count), np.diff(self.first_point))
        lines: NDArray[Any] = shapely.linestrings(
            np.column_stack([self.point_easting, self.point_northing]), indices=index
        )
        return lines

    @cached_property
    def point_fraction(self) -> NDArray[np.float64]:
        """For each point how far along its edge it lies, 0 to 1; 0 on an edge of no length."""
        step = np.hypot(np.diff(self.point_easting, prepend=0), np.diff(self.point_northing, prepend=0))
        step[self.first_point[:-1]] = 0
        along = np.cumsum(step)
        sizes = np.diff(self.first_point)
        along -= np.repeat(along[self.first_point[:-1]], sizes)
        whole = np.repeat(along[self.first_point[1:] - 1], sizes)
        return np.asarray(np.divide(along, whole, out=np.zeros_like(along), where=whole > 0), dtype=np.float64)

    @cached_property
    def rim(self) -> NDArray[np.bool_]:
        """True for nodes at the network's rim, beyond which roads may go on that are not in the data.

        The rim is made of the 2 km squares with roads that touch, side or corner, the outside: squares without roads
        that hang together with the far field. A lake inside does not count, a coast does.
        """
        return _rim(self.node_easting, self.node_northing)

    @cached_property
    def lon_lat_bounds(self) -> Bounds:
        """West, south, east, north in degrees: the box around the box."""
        west, south, east, north = self.bounds
        lon, lat = to_lon_lat([west, west, east, east], [south, north, south, north])
        return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())

    @classmethod
    def from_tables(cls, tables: Mapping[str, Columns]) -> Network:
        """The core of a dataset's network tables; DatasetError where the dataset has no network.

        Tables from before there were banned drives may do without theirs.
        """
        nodes, edges, points = tables["road_nodes"], tables["road_edges"], tables["road_points"]
        rows = np.flatnonzero(np.asarray(edges["core"]))
        if not len(rows):
            raise DatasetError(
                "the dataset has no road network. Build it from sources with an .osm.pbf, GraphML or Overpass file."
            )
        used = np.flatnonzero(np.asarray(nodes["core"]))
        # Neighbours in space become neighbours in memory, which is worth a third of a search's time.
        used = used[_along_curve(np.asarray(nodes["easting"])[used], np.asarray(nodes["northing"])[used])]
        new_node = np.full(len(nodes), -1, dtype=np.int32)
        new_node[used] = np.arange(len(used))
        rows = rows[np.argsort(new_node[np.asarray(edges["a"])[rows]], kind="stable")]
        bounds = np.append(np.asarray(edges["first_point"], dtype=np.int64), len(points))
        first, at = _take(bounds, rows)
        new_edge = np.full(len(edges), -1, dtype=np.int64)
        new_edge[rows] = np.arange(len(rows))
        road_class = np.asarray(edges["road_class"])[rows]
        easting, northing = np.asarray(points["easting"])[at], np.asarray(points["northing"])[at]
        lines, kinds = _barriers(tables["walk_barriers"], road_class, first, easting, northing)
        plain = ("forward", "backward", "urban", "dual", "slow_surface", "limit_forward_kph", "limit_backward_kph")
        return cls(
            node_easting=np.asarray(nodes["easting"])[used],
            node_northing=np.asarray(nodes["northing"])[used],
            signals=np.asarray(nodes["signals"])[used],
            edge_a=new_node[np.asarray(edges["a"])[rows]],
            edge_b=new_node[np.asarray(edges["b"])[rows]],
            road_class=road_class,
            length_m=np.asarray(edges["length_m"])[rows],
            first_point=first,
            point_easting=easting,
            point_northing=northing,
            row=rows,
            way_id=np.asarray(edges["way_id"])[rows],
            bans=_ban_pairs(tables["turn_bans"], new_edge),
            barriers=lines,
            barrier_kinds=kinds,
            banned_drives=_drives(tables["banned_drives"], new_edge) if "banned_drives" in tables else (),
            **{name: np.asarray(edges[name])[rows] for name in plain},
        )


def _along_curve(easting: NDArray[Any], northing: NDArray[Any]) -> NDArray[np.int64]:
    """The order of points along a Z-order curve (Morton 1966) of 16 m squares."""
    code = np.zeros(len(easting), dtype=np.int64)
    for shift, values in enumerate((easting, northing)):
        step = ((values - values.min()) // 16).astype(np.int64)
        for bit in range(20):
            code |= ((step >> bit) & 1) << (2 * bit + shift)
    return np.argsort(code, kind="stable")


def _take(first: NDArray[Any], rows: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    sizes = np.diff(first)[rows]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return starts, np.arange(starts[-1]) - np.repeat(starts[:-1] - first[rows], sizes)


def _ban_pairs(bans: Columns, new_edge: NDArray[Any]) -> NDArray[np.int64]:
    before, after = new_edge[np.asarray(bans["from_edge"])], new_edge[np.asarray(bans["to_edge"])]
    known = (before >= 0) & (after >= 0)
    from_half = 2 * before + ~np.asarray(bans["from_forward"], dtype=bool)
    to_half = 2 * after + ~np.asarray(bans["to_forward"], dtype=bool)
    pairs: NDArray[np.int64] = np.column_stack([from_half, to_half])[known].astype(np.int64)
    return pairs


def _drives(table: Columns, new_edge: NDArray[Any]) -> tuple[tuple[int, ...], ...]:
    """Banned drives as half-edges; one over an edge outside the core cannot be driven anyway."""
    edge = new_edge[np.asarray(table["edge"])]
    half = (2 * edge + ~np.asarray(table["forward"], dtype=bool)).tolist()
    found: dict[int, list[int]] = {}
    for drive, step, known in zip(np.asarray(table["drive"]).tolist(), half, (edge >= 0).tolist(), strict=True):
        found.setdefault(drive, []).append(step if known else -1)
    return tuple(sorted({tuple(steps) for steps in found.values() if min(steps) >= 0}))


def _barriers(
    table: Columns, road_class: NDArray[Any], first: NDArray[Any], easting: NDArray[Any], northing: NDArray[Any]
) -> tuple[NDArray[Any], tuple[str, ...]]:
    """What nobody walks across, motorways included, and the kinds that there are."""
    motorways = [
        shapely.linestrings(easting[first[e] : first[e + 1]], northing[first[e] : first[e + 1]])
        for e in np.flatnonzero(road_class == RoadClass.MOTORWAY)
    ]
    kinds = {str(kind) for kind in table["kind"]} | ({"motorway"} if motorways else set())
    lines = np.empty(len(table) + len(motorways), dtype=object)
    lines[:] = [*table["geometry"], *motorways]
    return lines, tuple(sorted(kinds))


def _rim(easting: NDArray[Any], northing: NDArray[Any]) -> NDArray[np.bool_]:
    # Two squares of margin, so that the outside is one piece all round.
    column = ((easting - easting.min()) // RIM_CELL_M).astype(np.int64) + 2
    row = ((northing - northing.min()) // RIM_CELL_M).astype(np.int64) + 2
    roads = np.zeros((int(column.max()) + 3, int(row.max()) + 3), dtype=bool)
    roads[column, row] = True
    outside = np.zeros_like(roads)
    outside[0, 0] = True
    while True:
        grown = _spread(outside, corners=False) & ~roads
        if np.array_equal(grown, outside):
            break
        outside = grown
    return np.asarray(_spread(outside, corners=True)[column, row])


def _spread(mask: NDArray[np.bool_], *, corners: bool) -> NDArray[np.bool_]:
    out = mask.copy()
    out[1:] |= mask[:-1]
    out[:-1] |= mask[1:]
    base = out.copy() if corners else mask
    out[:, 1:] |= base[:, :-1]
    out[:, :-1] |= base[:, 1:]
    return out
