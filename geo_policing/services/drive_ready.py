"""Drive times made ready before anybody asks: rasters, demand points and the drive to each of the force's premises.

`prepare` and `build` make them once for a dataset, on disk (`services.kept_arrays`), and compile what searches and
draws; workers map them. So a page tells of drive times from its first request, without a network in its memory. Where
premises move while the program serves, the first page that misses them has them made by a process of its own
(`services.drive_maker`), and tells of the others meanwhile.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence

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
from geo_policing.services.roads import has_roads, roads_of

TO_THE_DOOR = Driving(direction=Direction.INBOUND)
"""How residents drive to an enquiry office or a contact point."""
MAKER = "geo_policing.services.drive_maker"
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


def make_ready(dataset: Dataset, facilities: Sequence[Facility], progress: Progress = SILENT) -> None:
    """`make_missing`, with what is no longer wanted taken away; nothing where there are no roads.

    What fails is said and no error: everything is served all the same, and workers make for themselves what misses.
    """
    if not has_roads(dataset):
        return
    progress.step("Making drive times ready")
    disk = KeptArrays(dataset)
    disk.sweep([*kept_grids(), kept_name(), *kept_names(wanted_of(facilities))])
    try:
        make_missing(dataset, facilities)
    except OSError as error:
        progress.detail(
            f"they cannot be kept in {disk.folder} ({error.strerror or error}), so workers will make them again"
        )
    except GeoPolicingError as error:
        progress.detail(f"not made: {error}")


def make_missing(dataset: Dataset, facilities: Sequence[Facility]) -> None:
    """Make and keep the rasters, the points and the times that are not kept yet.

    OSError where the disk does not take them, NotFoundError where the dataset has no roads.
    """
    if not all(GridStore(dataset).has(quality) for quality in Quality):
        roads_of(dataset).engine.warm()
    demand_points(dataset)
    for base, driving in wanted_of(facilities):
        base_times(dataset).keep(base, driving)


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
    """What it imports costs a hundred megabytes or two, which end with it; it ends with this process, too."""
    places = [[*f.easting_northing, f.kind.value] for f in facilities if f.easting_northing is not None]
    order = json.dumps({"dataset": str(dataset.path), "places": places})
    with subprocess.Popen([sys.executable, "-m", MAKER], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as maker:
        if maker.stdin is None:
            return
        try:
            # The pipe stays open meanwhile: when it closes, the maker knows that this process is gone.
            maker.stdin.write(order.encode() + b"\n")
            maker.stdin.flush()
            maker.wait(MAKER_WAIT_S)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            maker.kill()
