"""Drive times made ready before anybody asks: demand points, the drive to each of the force's premises, and rasters.

They are made once for a dataset, on disk (`services.kept_arrays`), and workers map them. What pages tell, `prepare`
makes before the first request; so no page needs the network, or compiled code, in its worker's memory. Rasters, and
the compiling of what draws on them, take longest and are needed by maps alone: `build` makes them, and for a server
that started without them a process beside it (`services.drive_maker`). Such a process also makes what misses where
premises move while the program serves; a page tells of the others meanwhile.
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress

import numpy as np

from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.progress import SILENT, Progress
from geo_policing.domain.facilities import Facility, FacilityKind
from geo_policing.errors import GeoPolicingError
from geo_policing.routing.costs import Direction
from geo_policing.routing.field import Quality
from geo_policing.services.base_times import BaseTimes, base_times, kept_names
from geo_policing.services.bases import Base, as_base
from geo_policing.services.demand_points import demand_points, kept_name, kept_points
from geo_policing.services.drive_params import USUAL_DRIVING, Driving
from geo_policing.services.grid_store import GridStore, kept_grids
from geo_policing.services.indexes import derived
from geo_policing.services.kept_arrays import KeptArrays
from geo_policing.services.maker_process import start_maker
from geo_policing.services.roads import has_roads, roads_of

TO_THE_DOOR = Driving(direction=Direction.INBOUND)
"""How residents drive to an enquiry office or a contact point."""
MAKER_WAIT_S = 300.0
"""Longer than compiling everything anew and measuring a county's premises takes on a slow machine."""
RETRY_S = 60.0
"""How long after a failure it is left alone: pages that ask in vain must not keep a processor busy."""


def wanted_of(facilities: Iterable[Facility]) -> list[tuple[Base, Driving]]:
    """What drive time is told of each facility that has a place: from a base outwards, to any other its visitors'."""
    return [
        (as_base(f), USUAL_DRIVING if f.kind is FacilityKind.RESPONSE_BASE else TO_THE_DOOR)
        for f in facilities
        if f.easting_northing is not None
    ]


def make_ready(
    dataset: Dataset, facilities: Sequence[Facility], progress: Progress = SILENT, *, rasters: bool = False
) -> None:
    """`make_missing`, with what is no longer wanted taken away; nothing where there are no roads.

    What fails is said and no error: everything is served all the same, and workers make for themselves what misses.
    """
    if not has_roads(dataset):
        return
    progress.step("Making drive times ready")
    disk = KeptArrays(dataset)
    disk.sweep([*kept_grids(), kept_name(), *kept_names(wanted_of(facilities))])
    try:
        make_missing(dataset, facilities, rasters=rasters)
    except OSError as error:
        progress.detail(
            f"they cannot be kept in {disk.folder} ({error.strerror or error}), so workers will make them again"
        )
    except GeoPolicingError as error:
        progress.detail(f"not made: {error}")


def make_missing(dataset: Dataset, facilities: Sequence[Facility], *, rasters: bool = False) -> None:
    """Make and keep the points, the times and, where wanted, the rasters that are not kept yet.

    Making rasters compiles everything that searches and draws. OSError where the disk does not take what was made,
    NotFoundError where the dataset has no roads.
    """
    points, wanted = demand_points(dataset), wanted_of(facilities)
    if any(base_times(dataset).ready(base, driving) is None for base, driving in wanted):
        # Once outside the queue of searches, whose patience compiling may outlast.
        somewhere = np.flatnonzero(points.snapped.found)[:1]
        roads_of(dataset).engine.search(points.snapped.take(somewhere))
    for base, driving in wanted:
        base_times(dataset).keep(base, driving)
    if rasters and not all(GridStore(dataset).has(quality) for quality in Quality):
        roads_of(dataset).engine.warm()


def times_ready(dataset: Dataset) -> BaseTimes | None:
    """The times of `dataset` where demand points are there to read them by; None without roads, or before that."""
    if not has_roads(dataset) or kept_points(dataset) is None:
        return None
    return base_times(dataset)


def make_soon(dataset: Dataset, facilities: Sequence[Facility]) -> threading.Thread | None:
    """Have what misses made in the background, outside this process: the thread that waits for it.

    None where one does so already, or without roads. Where that process fails, as on a full disk, the thread makes
    the times itself and keeps them in this process's memory.
    """
    if not has_roads(dataset):
        return None
    asked = derived(dataset, "drive_ready_asked", threading.Lock)
    if not asked.acquire(blocking=False):
        return None

    def work() -> None:
        try:
            _run_maker(dataset, facilities)
            demand_points(dataset)
            for base, driving in wanted_of(facilities):
                base_times(dataset).of(base, driving)
        except (GeoPolicingError, OSError):
            # The page leaves drive times out meanwhile, and a question about them tells why.
            time.sleep(RETRY_S)
        finally:
            asked.release()

    thread = threading.Thread(target=work, name="drive-times-ready", daemon=True)
    thread.start()
    return thread


def _run_maker(dataset: Dataset, facilities: Sequence[Facility]) -> None:
    places = [(*f.easting_northing, f.kind.value) for f in facilities if f.easting_northing is not None]
    with start_maker(dataset.path, places) as maker, suppress(BrokenPipeError):
        try:
            maker.wait(MAKER_WAIT_S)
        except subprocess.TimeoutExpired:
            maker.kill()
