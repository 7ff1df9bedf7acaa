"""Times from each base to every demand point, one search a base, kept so that a trial searches only what is new."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geo_policing.datasets.dataset import Dataset
from geo_policing.routing.coverage import Coverage, times_from
from geo_policing.services.bases import Base, put_on_road
from geo_policing.services.demand_points import demand_points
from geo_policing.services.drive_params import Driving
from geo_policing.services.indexes import derived
from geo_policing.services.roads import roads_of

KEPT = 128
"""Searches whose times are kept: as float32 a hundredth of a GB for a county's 22,000 points."""

_Key = tuple[float, float, str, str]


class BaseTimes:
    """The kept times of one dataset; threads may share it."""

    def __init__(self, dataset: Dataset) -> None:
        self._roads, self._points = roads_of(dataset), demand_points(dataset)
        self._kept: OrderedDict[_Key, NDArray[np.float32]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, base: Base, driving: Driving) -> NDArray[np.float32]:
        """Seconds from a base to each demand point, infinite where there is no way or no road near the base."""
        key = (base.easting, base.northing, str(driving.profile), str(driving.direction))
        with self._lock:
            times = self._kept.get(key)
            if times is not None:
                self._kept.move_to_end(key)
                return times
        times = self._search(base, driving)
        with self._lock:
            self._kept[key] = times
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return times

    def _search(self, base: Base, driving: Driving) -> NDArray[np.float32]:
        placed = put_on_road(self._roads, [base])
        if not placed.bases:
            return np.full(len(self._points), np.inf, dtype=np.float32)
        seconds = self._roads.run(
            lambda: times_from(
                self._roads.engine,
                placed.snapped,
                self._points.snapped,
                profile=driving.profile,
                direction=driving.direction,
            )
        )
        return seconds.astype(np.float32)


def base_times(dataset: Dataset) -> BaseTimes:
    """The times of `dataset`; NotFoundError where it has no roads."""
    return derived(dataset, "base_times", lambda: BaseTimes(dataset))


def reach_of(dataset: Dataset, bases: Sequence[Base], driving: Driving) -> Coverage:
    """Times from all `bases` to every demand point, and which is nearest; no bases reach nothing."""
    times = base_times(dataset)
    count = len(demand_points(dataset))
    rows = [times.of(base, driving) for base in bases]
    seconds = np.stack(rows) if rows else np.empty((0, count), dtype=np.float32)
    return Coverage.of_times([base.id for base in bases], seconds)
