"""How far contours are from the truth: exact times on exact edges, at addresses and along roads.

Two truths, because two rules compete for an address: `nearest` takes its nearest road, `within_R_m` the best road
within R metres. An address is on the wrong side when a contour holds it and the truth does not, or the reverse; the
share is of those that the truth holds. Nothing here uses the raster: edges by shapely's index, times by partial edges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.routing.contours import make_contours
from geo_policing.routing.costs import Costs
from geo_policing.routing.field import Grid, make_field
from geo_policing.routing.network import Network
from geo_policing.routing.reach import Reach, search
from geo_policing.routing.snapping import Snapped, Snapper
from geo_policing.spatial.crs import to_lon_lat

REACHES_M = (50.0, 75.0, 100.0, 150.0, 250.0)


@dataclass(frozen=True, eq=False)
class Addresses:
    """Points to be judged, with every walkable road within the widest reach of each."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    nearest: Snapped
    point: NDArray[np.int64]
    roads: Snapped

    @classmethod
    def around(cls, network: Network, snapper: Snapper, easting: NDArray[Any], northing: NDArray[Any]) -> Addresses:
        """The addresses at the points that are within 100 m of a road and not at the network's rim."""
        nearest = snapper.snap(easting, northing)
        good = np.flatnonzero(nearest.found & (np.nan_to_num(nearest.offset_m, nan=1e9) <= 100))
        good = good[~network.rim[network.edge_a[nearest.edge[good]]]]
        points = shapely.points(easting[good], northing[good])
        point, edge = shapely.STRtree(network.lines).query(points, predicate="dwithin", distance=max(REACHES_M))
        point, edge = point[network.walkable[edge]], edge[network.walkable[edge]]
        lines = network.lines[edge]
        roads = Snapped(
            edge.astype(np.int32),
            np.clip(np.nan_to_num(shapely.line_locate_point(lines, points[point], normalized=True)), 0, 1),
            shapely.distance(points[point], lines),
        )
        lon, lat = to_lon_lat(easting[good], northing[good])
        return cls(lon, lat, nearest.take(good), point, roads)

    def truths(self, reach: Reach) -> dict[str, NDArray[np.float64]]:
        """Seconds to each address by each rule."""
        nearest, _ = reach.at(self.nearest)
        by_road, _ = reach.at(self.roads)
        out = {"nearest": nearest}
        for reach_m in REACHES_M:
            best = nearest.copy()
            within = self.roads.offset_m <= reach_m
            np.minimum.at(best, self.point[within], by_road[within])
            out[f"within_{reach_m:.0f}_m"] = best
        return out


def points_along(network: Network, *, every_m: float = 50.0) -> tuple[NDArray[Any], NDArray[Any]]:
    """Easting and northing of points along all walkable edges."""
    lines = network.lines[network.walkable]
    counts = np.maximum(1, (shapely.length(lines) // every_m).astype(int))
    index = np.repeat(np.arange(len(lines)), counts)
    place = np.concatenate([(np.arange(count) + 0.5) / count for count in counts])
    points = shapely.line_interpolate_point(lines[index], place, normalized=True)
    return shapely.get_x(points), shapely.get_y(points)


def errors(
    network: Network, costs: Costs, grid: Grid, addresses: Addresses, bases: Snapped, minutes: Sequence[float]
) -> dict[str, dict[str, float]]:
    """Percent of addresses on the wrong side, by line ("10 min") and truth, over all bases together."""
    wrong: dict[tuple[float, str], int] = {}
    held: dict[tuple[float, str], int] = {}
    for base in range(len(bases)):
        reach = search(network, costs, bases.take(np.array([base])), limit_s=max(minutes) * 60 + 900)
        truths = addresses.truths(reach)
        contours = make_contours(make_field(grid, reach, max(minutes) * 60), [m * 60 for m in minutes])
        for minute, contour in zip(minutes, contours, strict=True):
            area = contour.to_geometry()
            shapely.prepare(area)
            inside = shapely.intersects_xy(area, addresses.lon, addresses.lat)
            for name, seconds in truths.items():
                truth = seconds <= minute * 60
                key = (minute, name)
                wrong[key] = wrong.get(key, 0) + int((inside != truth).sum())
                held[key] = held.get(key, 0) + int(truth.sum())
    out: dict[str, dict[str, float]] = {}
    for (minute, name), count in wrong.items():
        out.setdefault(f"{minute:g} min", {})[name] = round(100 * count / max(held[minute, name], 1), 2)
    return out
