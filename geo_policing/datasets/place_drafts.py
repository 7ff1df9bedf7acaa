"""Places on their way into the dataset: what every kind of place has, and the ground that they are laid over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.datasets.schema import PostcodeStatus
from geo_policing.datasets.tables import Table
from geo_policing.spatial.overlay import OUTSIDE, nearest_units, units_at

SNAP_M = 50.0
"""A place's point this near to a unit belongs to it: boundaries as published are generalised to 20 m."""

LEAST_KNOWN = 0.5
"""With fewer units of known population than this, populations say nothing of the others."""


@dataclass(frozen=True)
class Drafts:
    """Places of one kind; arrays of equal length, and beside them how they are shared between units.

    `district` is a row of districts, -1 for none. Share i says that draft `place[i]` has `share[i]` of it in `unit[i]`.
    """

    kind: str
    name: NDArray[Any]
    near: NDArray[Any]
    easting: NDArray[np.float64]
    northing: NDArray[np.float64]
    accuracy_m: NDArray[np.float64]
    population: NDArray[np.float64]
    district: NDArray[np.int64]
    place: NDArray[np.int64]
    unit: NDArray[np.int64]
    share: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.name)

    @classmethod
    def none(cls, kind: str) -> Drafts:
        """No place of `kind`."""
        types = {"name": object, "near": object, "district": np.int64, "place": np.int64, "unit": np.int64}
        columns = {f.name: np.empty(0, dtype=types.get(f.name, np.float64)) for f in fields(cls) if f.name != "kind"}
        return cls(kind=kind, **columns)


@dataclass(frozen=True)
class Laid:
    """The ground that places are laid over: tables of the dataset, and what is worked out from them once."""

    units: Table
    districts: Table
    wards: Table
    postcodes: Table

    @cached_property
    def unit_tree(self) -> shapely.STRtree:
        """Index over the units."""
        return shapely.STRtree(self.units["geometry"])

    @cached_property
    def homes(self) -> NDArray[np.int64]:
        """Rows of the live, located postcodes that are not one organisation's."""
        postcodes = self.postcodes
        return np.flatnonzero((postcodes["status"] == PostcodeStatus.LIVE) & ~postcodes["large_user"])

    @cached_property
    def home_unit(self) -> NDArray[np.int32]:
        """The unit of each of `homes`, -1 outside the force."""
        unit: NDArray[np.int32] = self.postcodes["unit"][self.homes]
        return unit

    @cached_property
    def homes_in_unit(self) -> NDArray[np.float64]:
        """How many of `homes` each unit has."""
        inside = self.home_unit[self.home_unit >= 0]
        return np.bincount(inside, minlength=len(self.units)).astype(np.float64)

    @cached_property
    def unit_weight(self) -> NDArray[np.float64]:
        """What each unit weighs when a place is shared by residents.

        Its residents where at least half of the units have a count (the others weigh as much as the median of those);
        else its live postcodes, where there is at least one a unit on average; else all alike, since such units are
        made to hold like numbers of residents.
        """
        population: NDArray[np.float64] = self.units["population"]
        known = np.isfinite(population)
        if len(population) and known.mean() >= LEAST_KNOWN and population[known].sum() > 0:
            return np.where(known, population, np.median(population[known]))
        if self.homes_in_unit.sum() >= max(len(population), 1):
            return self.homes_in_unit
        return np.ones(len(population))

    @cached_property
    def home_weight(self) -> NDArray[np.float64]:
        """What each of `homes` weighs: its part of its unit's weight; over the border the mean of those inside."""
        count = self.homes_in_unit
        each = np.divide(self.unit_weight, count, out=np.zeros(len(count)), where=count > 0)
        inside = self.home_unit >= 0
        mean = each[self.home_unit[inside]].mean() if inside.any() else 1.0
        return np.where(inside, each[self.home_unit], mean)

    @cached_property
    def ward_of_unit(self) -> NDArray[np.int64]:
        """Each unit's best-fit ward (a row), by its live postcodes, else by a point in it; -1 for none."""
        units, wards = self.units["geometry"], self.wards["geometry"]
        if not len(wards):
            return np.full(len(units), -1, dtype=np.int64)
        tree = shapely.STRtree(wards)
        inside = np.flatnonzero(self.home_unit >= 0)
        rows = self.homes[inside]
        ward = units_at(tree, self.postcodes["easting"][rows], self.postcodes["northing"][rows])
        held = ward != OUTSIDE
        pair = self.home_unit[inside][held].astype(np.int64) * len(wards) + ward[held]
        votes = np.bincount(pair, minlength=len(units) * len(wards)).reshape(len(units), len(wards))
        best: NDArray[np.int64] = votes.argmax(axis=1)
        unvoted = np.flatnonzero(votes.max(axis=1) == 0)
        points = shapely.point_on_surface(units[unvoted])
        best[unvoted] = units_at(tree, shapely.get_x(points), shapely.get_y(points))
        return best

    def unit_of_points(self, easting: NDArray[np.float64], northing: NDArray[np.float64]) -> NDArray[np.int32]:
        """The unit that each point lies in or within `SNAP_M` of, -1 for none."""
        return nearest_units(self.unit_tree, easting, northing, within_m=SNAP_M)[0]

    def district_of_points(
        self, easting: NDArray[np.float64], northing: NDArray[np.float64], unit: NDArray[np.int32]
    ) -> NDArray[np.int64]:
        """The district of each point: its unit's where it has one, else of those over the border; -1 for none.

        A point in no unit is never in a district of the force, even where the polygons say so: the unit decides.
        """
        own: NDArray[np.int64] = (
            self.units["district"][unit].astype(np.int64) if len(self.units) else np.full(len(unit), -1)
        )
        outside = np.flatnonzero(~self.districts["inside"])
        at = units_at(shapely.STRtree(self.districts["geometry"][outside]), easting, northing)
        there = np.where(at >= 0, outside[at] if len(outside) else -1, -1)
        return np.where(unit >= 0, own, there)


def normalised(
    place: NDArray[Any], unit: NDArray[Any], size: NDArray[np.float64], total: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Sizes of (place, unit) summed and divided by each place's `total`: ordered (place, unit, share above 0)."""
    if not len(place):
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    pairs, of = np.unique(np.column_stack([place, unit]).astype(np.int64), axis=0, return_inverse=True)
    summed = np.bincount(of.reshape(-1), weights=size)
    kept = summed > 0
    places, units = pairs[kept, 0], pairs[kept, 1]
    return places, units, summed[kept] / total[places]


def joined(drafts: Sequence[Drafts]) -> tuple[NDArray[Any], Drafts]:
    """All drafts in one, with the kind of each place beside them."""
    starts = np.concatenate([[0], np.cumsum([len(d) for d in drafts])])
    columns = {
        f.name: np.concatenate([getattr(d, f.name) for d in drafts])
        for f in fields(Drafts)
        if f.name not in ("kind", "place")
    }
    place = np.concatenate([d.place + start for d, start in zip(drafts, starts, strict=False)])
    kinds = np.concatenate([np.full(len(d), d.kind, dtype=object) for d in drafts])
    return kinds, Drafts(kind="", place=place, **columns)
