"""From the units of one dataset to those of another: which old units a new one is made of, by where people live."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.schema import PostcodeStatus


@dataclass(frozen=True)
class Crosswalk:
    """Weighted pairs of units: `weight[i]` live postcodes of the new unit `new[i]` lie in the old unit `old[i]`.

    `inside[u]` is the old unit that holds a point inside the new unit u, -1 where none does; `points[u]` is that point.
    """

    new: NDArray[np.int64]
    old: NDArray[np.int64]
    weight: NDArray[np.float64]
    inside: NDArray[np.int64]
    points: NDArray[np.object_]
    old_geometry: NDArray[np.object_]

    def votes(self, key_of_old: NDArray[np.int64], keys: int) -> NDArray[np.float64]:
        """For each new unit the live postcodes in old units of each key; old units with key -1 are left out."""
        counted = key_of_old[self.old] >= 0
        flat = self.new[counted] * keys + key_of_old[self.old][counted]
        sums = np.bincount(flat, weights=self.weight[counted], minlength=len(self.inside) * keys)
        return sums.reshape(len(self.inside), keys).astype(np.float64)

    def nearest(self, unit: int, among: NDArray[np.bool_]) -> int:
        """The old unit of those marked in `among` that lies nearest to the new unit, -1 where none is marked."""
        rows = np.flatnonzero(among)
        if not len(rows):
            return -1
        return int(rows[np.argmin(shapely.distance(self.old_geometry[rows], self.points[unit]))])


def crosswalk(old: Dataset, new: Dataset) -> Crosswalk:
    """Lay the units of `new` over those of `old`; a point on a border falls to the first old unit, always the same."""
    tree = shapely.STRtree(old["units"]["geometry"])
    postcodes = new["postcodes"]
    live = (postcodes["status"] == PostcodeStatus.LIVE) & (postcodes["unit"] >= 0)
    homes = _first_hit(tree, shapely.points(postcodes["easting"][live], postcodes["northing"][live]))
    found = homes >= 0
    pairs = np.stack([postcodes["unit"][live][found].astype(np.int64), homes[found]])
    unique, count = np.unique(pairs, axis=1, return_counts=True)
    points = shapely.point_on_surface(new["units"]["geometry"])
    return Crosswalk(
        new=unique[0],
        old=unique[1],
        weight=count.astype(np.float64),
        inside=_first_hit(tree, points),
        points=points,
        old_geometry=old["units"]["geometry"],
    )


def _first_hit(tree: shapely.STRtree, points: NDArray[np.object_]) -> NDArray[np.int64]:
    point, unit = tree.query(points, predicate="intersects")
    first = np.full(len(points), np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(first, point, unit)
    return np.where(first == np.iinfo(np.int64).max, -1, first)
