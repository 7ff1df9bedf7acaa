"""Times between a base and every demand point, one search a base, kept so that a trial searches only what is new.

Kept in memory by each process; those of the force's own premises are kept on disk too (`BaseTimes.keep`), so that a
page can tell of them without a network, a search or their compiled code in memory.
"""

from __future__ import annotations

import hashlib
import struct
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from geo_policing.datasets.dataset import Dataset
from geo_policing.routing.coverage import Coverage, times_from
from geo_policing.services.bases import Base, put_on_road
from geo_policing.services.demand_points import demand_points
from geo_policing.services.drive_params import Driving
from geo_policing.services.indexes import derived
from geo_policing.services.kept_arrays import KeptArrays, full_name
from geo_policing.services.roads import must_have_roads, roads_of

KEPT = 128
"""Searches whose times are kept: as float32 a hundredth of a GB for a county's 22,000 points."""

Times = NDArray[np.float32]
_Key = tuple[float, float, str, str]
_TYPES = {"seconds": np.dtype(np.float32)}


class BaseTimes:
    """The kept times of one dataset; threads may share it."""

    def __init__(self, dataset: Dataset) -> None:
        """NotFoundError where the dataset has no road network."""
        must_have_roads(dataset)
        self._dataset = dataset
        self._disk = KeptArrays(dataset)
        self._kept: OrderedDict[_Key, Times] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, base: Base, driving: Driving) -> Times:
        """Seconds from a base to each demand point, infinite where there is no way or no road near the base."""
        times = self.ready(base, driving)
        return self._remember(base, driving, self._search(base, driving)) if times is None else times

    def ready(self, base: Base, driving: Driving) -> Times | None:
        """`of` where that takes no search; else None."""
        key = _key(base, driving)
        with self._lock:
            times = self._kept.get(key)
            if times is not None:
                self._kept.move_to_end(key)
                return times
        kept = self._disk.get(_name(key), _TYPES)
        return None if kept is None else self._remember(base, driving, kept.arrays["seconds"])

    def keep(self, base: Base, driving: Driving) -> None:
        """Keep the times on disk, where they are not yet; OSError where the disk does not take them."""
        name = _name(_key(base, driving))
        if self._disk.get(name, _TYPES) is None:
            self._disk.put(name, {"seconds": np.asarray(self.of(base, driving))})

    def _remember(self, base: Base, driving: Driving, times: Times) -> Times:
        with self._lock:
            self._kept[_key(base, driving)] = times
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return times

    def _search(self, base: Base, driving: Driving) -> Times:
        roads, points = roads_of(self._dataset), demand_points(self._dataset)
        placed = put_on_road(roads, [base])
        if not placed.bases:
            return np.full(len(points), np.inf, dtype=np.float32)
        seconds = roads.run(
            lambda: times_from(
                roads.engine,
                placed.snapped,
                points.snapped,
                profile=driving.profile,
                direction=driving.direction,
            )
        )
        return seconds.astype(np.float32)


def base_times(dataset: Dataset) -> BaseTimes:
    """The times of `dataset`; NotFoundError where it has no roads."""
    return derived(dataset, "base_times", lambda: BaseTimes(dataset))


def kept_names(wanted: Iterable[tuple[Base, Driving]]) -> list[str]:
    """The full names under which times are kept on disk."""
    return [full_name(_name(_key(base, driving)), _TYPES) for base, driving in wanted]


def reach_of(dataset: Dataset, bases: Sequence[Base], driving: Driving) -> Coverage:
    """Times from all `bases` to every demand point, and which is nearest; no bases reach nothing."""
    times = base_times(dataset)
    count = len(demand_points(dataset))
    rows = [times.of(base, driving) for base in bases]
    seconds = np.stack(rows) if rows else np.empty((0, count), dtype=np.float32)
    return Coverage.of_times([base.id for base in bases], seconds)


def _key(base: Base, driving: Driving) -> _Key:
    return base.easting, base.northing, str(driving.profile), str(driving.direction)


def _name(key: _Key) -> str:
    """A name for the times between a place and the homes, driven so: equal for equal places, to the last bit."""
    easting, northing, profile, direction = key
    place = hashlib.sha256(struct.pack("<dd", easting, northing)).hexdigest()[:16]
    return f"times-{profile}-{direction}-{place}"
