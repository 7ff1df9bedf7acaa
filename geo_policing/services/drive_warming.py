"""What a first question about drive time would wait for, made beforehand in the background of a worker.

Compiling takes half a minute the first time on a machine and under a second afterwards; pages never wait for it, and
say nothing of drive time until it is done.
"""

from __future__ import annotations

import threading
from contextlib import suppress

from geo_policing.datasets.dataset import Dataset
from geo_policing.errors import GeoPolicingError
from geo_policing.services.base_times import base_times
from geo_policing.services.indexes import derived
from geo_policing.services.live import Live
from geo_policing.services.roads import has_roads, roads_of
from geo_policing.services.worst_served import place_points


def warm_in_background(live: Live) -> threading.Thread:
    """Start making ready what `live` serves, and give the thread; it ends with the process, and tells of no error."""

    def work() -> None:
        # Without data or database the requests themselves say so.
        with suppress(GeoPolicingError):
            warm(live.view().dataset)

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
