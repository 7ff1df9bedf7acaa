"""What a first question about drive time would wait for, made beforehand in the background of a worker.

It costs seconds and a hundred megabytes or two, so a worker that only answers lookups never does it: the first page
that could tell of a drive time asks for it. Pages do not wait; they say nothing of drive time until it is done.
"""

from __future__ import annotations

import threading

from geo_policing.datasets.dataset import Dataset
from geo_policing.errors import GeoPolicingError
from geo_policing.services.base_times import base_times
from geo_policing.services.indexes import derived
from geo_policing.services.roads import has_roads, roads_of
from geo_policing.services.worst_served import place_points


def warm_soon(dataset: Dataset) -> threading.Thread | None:
    """Have `warm` done in the background: the thread that does it, None where one does it or has done it.

    It ends with the process. Where it fails, the next call starts it again, and a request for a drive time tells why.
    """
    asked = derived(dataset, "drive_warm_asked", threading.Lock)
    if not asked.acquire(blocking=False):
        return None

    def work() -> None:
        try:
            warm(dataset)
        except GeoPolicingError:
            asked.release()

    thread = threading.Thread(target=work, name="warm-drive-time", daemon=True)
    thread.start()
    return thread


def warm(dataset: Dataset) -> None:
    """Make network, rasters, demand points and compiled code ready; nothing for a dataset without roads."""
    if has_roads(dataset):
        roads_of(dataset).engine.warm()
        base_times(dataset)
        place_points(dataset)
        _flag(dataset).set()


def is_warm(dataset: Dataset) -> bool:
    """True once `warm` is done for a dataset with roads."""
    return _flag(dataset).is_set()


def _flag(dataset: Dataset) -> threading.Event:
    return derived(dataset, "drive_warm", threading.Event)
