"""Puts points onto the road: which edge, how far along, and how far off.

A point goes to the nearest edge that one may walk onto (no motorway) without walking across a barrier. All edges of
the network can be both reached and left, so nothing is ever put onto a road that cannot.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo_policing.errors import InvalidInputError
from geo_policing.routing.network import Network
from geo_policing.routing.speeds import WALKING_KPH

MAX_OFFSET_M = 1_000.0
"""Farther than this from a road nothing is reached: twelve minutes on foot. Fields of the fens lie within."""
WALKING_M_PER_S = WALKING_KPH / 3.6
NOWHERE = -1


@dataclass(frozen=True, eq=False)
class Snapped:
    """Points on the road: `edge` (`NOWHERE` where there is none within reach), `fraction` along it from its node a.

    `offset_m` is the straight way from the point to the road, NaN where there is none.
    """

    edge: NDArray[np.int32]
    fraction: NDArray[np.float64]
    offset_m: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.edge)

    @property
    def found(self) -> NDArray[np.bool_]:
        """True where a road is within reach."""
        return self.edge >= 0

    @property
    def walk_s(self) -> NDArray[np.float64]:
        """Seconds on foot between the point and the road; infinite where there is no road."""
        return np.where(self.found, self.offset_m / WALKING_M_PER_S, np.inf)

    def take(self, rows: NDArray[Any]) -> Snapped:
        """Some of the points."""
        return Snapped(self.edge[rows], self.fraction[rows], self.offset_m[rows])


class Snapper:
    """Snaps points to one network; its index is built once, and threads may share it."""

    def __init__(self, network: Network, *, max_offset_m: float = MAX_OFFSET_M) -> None:
        self.network, self.max_offset_m = network, max_offset_m
        self._edges = np.flatnonzero(network.walkable)
        self._tree = shapely.STRtree(network.lines[self._edges])

    @cached_property
    def _barriers(self) -> shapely.STRtree:
        return shapely.STRtree(self.network.barriers)

    def snap(self, easting: ArrayLike, northing: ArrayLike) -> Snapped:
        """The place on the road of each point; a coordinate that is not finite is nowhere. Ties: the lowest edge."""
        xy = np.column_stack([np.atleast_1d(np.asarray(v, dtype=float)) for v in (easting, northing)])
        edge = np.full(len(xy), NOWHERE, dtype=np.int32)
        offset = np.full(len(xy), np.nan)
        rows = np.flatnonzero(np.isfinite(xy).all(axis=1))
        points = shapely.points(xy[rows])
        (which, line), apart = self._tree.query_nearest(points, max_distance=self.max_offset_m, return_distance=True)
        order = np.argsort(-line, kind="stable")
        edge[rows[which[order]]] = self._edges[line[order]]
        offset[rows[which[order]]] = apart[order]
        self._mend_crossings(xy, edge, offset)
        return Snapped(edge, self._fractions(xy, edge), offset)

    def snap_bases(self, easting: ArrayLike, northing: ArrayLike, *, names: tuple[str, ...] = ()) -> Snapped:
        """Like `snap`, but InvalidInputError for the first point without a road, naming it, the place and the limit."""
        snapped = self.snap(easting, northing)
        lost = np.flatnonzero(~snapped.found)
        if not len(lost):
            return snapped
        i = int(lost[0])
        east, north = (float(np.atleast_1d(np.asarray(v, dtype=float))[i]) for v in (easting, northing))
        name = names[i] if names else "the point"
        w, s, e, n = self.network.bounds
        raise InvalidInputError(
            f"{name} at easting {east:.0f}, northing {north:.0f}: no road within {self.max_offset_m:.0f} m that can be "
            f"driven to and from. The road network reaches from {w:.0f}, {s:.0f} to {e:.0f}, {n:.0f}; move the point "
            "to a road, or build with roads that cover it.",
            field="base",
        )

    def _mend_crossings(self, xy: NDArray[Any], edge: NDArray[Any], offset: NDArray[Any]) -> None:
        """Gives points whose way to the road crosses a barrier the nearest road on their own side, or none."""
        if not len(self.network.barriers):
            return
        rows = np.flatnonzero((edge >= 0) & (offset > 0))
        ways = shapely.shortest_line(shapely.points(xy[rows]), self.network.lines[edge[rows]])
        for i in np.unique(self._barriers.query(ways, predicate="crosses")[0]):
            row = rows[i]
            edge[row], offset[row] = self._nearest_on_this_side(shapely.Point(xy[row]))

    def _nearest_on_this_side(self, point: shapely.Point) -> tuple[int, float]:
        near = self._tree.query(point, predicate="dwithin", distance=self.max_offset_m)
        ways = shapely.shortest_line(point, self._tree.geometries[near])
        crossed = np.zeros(len(near), dtype=bool)
        crossed[self._barriers.query(ways, predicate="crosses")[0]] = True
        near, length = self._edges[near[~crossed]], shapely.length(ways[~crossed])
        if not len(near):
            return NOWHERE, float("nan")
        best = np.lexsort((near, length))[0]
        return int(near[best]), float(length[best])

    def _fractions(self, xy: NDArray[Any], edge: NDArray[Any]) -> NDArray[np.float64]:
        fraction = np.zeros(len(edge))
        rows = np.flatnonzero(edge >= 0)
        lines = self.network.lines[edge[rows]]
        fraction[rows] = np.clip(shapely.line_locate_point(lines, shapely.points(xy[rows]), normalized=True), 0, 1)
        return np.nan_to_num(fraction)


def place_of(network: Network, snapped: Snapped) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Easting and northing of the places on the road, NaN where there is none."""
    east, north = np.full(len(snapped), np.nan), np.full(len(snapped), np.nan)
    rows = np.flatnonzero(snapped.found)
    points = shapely.line_interpolate_point(network.lines[snapped.edge[rows]], snapped.fraction[rows], normalized=True)
    east[rows], north[rows] = shapely.get_x(points), shapely.get_y(points)
    return east, north
