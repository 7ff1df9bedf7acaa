"""Putting a dataset into service: its folder first, then its plans in one transaction, then the pointer to it.

Whatever the moment at which a worker looks, or at which this is killed, it finds a dataset together with its own plans.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from geo_policing.clock import Clock
from geo_policing.config import Settings, packaged_force_paths
from geo_policing.datasets.dataset import MANIFEST, Dataset, current_path, open_dataset, point_current_at
from geo_policing.datasets.progress import SILENT, Progress
from geo_policing.errors import BusyError, ConfigError, DatabaseError, DatasetError
from geo_policing.services.carry_over import CarryOver, adopt, touched
from geo_policing.services.drive_ready import make_ready
from geo_policing.storage import facilities, plans
from geo_policing.storage.database import Database
from geo_policing.storage.migrate import migrate

LOCK_NAME = "prepare.lock"
LOCK_WAIT_S = 120.0
"""Longer than another process needs to build the starter dataset and seed it."""
_LOCK_POLL_S = 0.1


@dataclass(frozen=True)
class InstallReport:
    """What is served now, and what became of the plans."""

    dataset: Dataset
    carry_over: CarryOver


def prepare(settings: Settings, clock: Clock, progress: Progress = SILENT) -> None:
    """Make the data folder fit to be served: database up to date, a dataset (the starter where there is none), a plan.

    Drive times are made ready too, where the data has roads.

    Does nothing where all that is there. Safe when two processes do it at once: the second waits, and finds it done.
    BusyError where it waits in vain; DatabaseError, DatabaseVersionError or DatasetError where something in the folder
    stands in the way, SourceError where the starter's own files are damaged.
    """
    with _alone(settings.data_dir, progress), _database(settings, progress) as database:
        if current_path(settings.data_dir) is None:
            dataset = _build(starter_sources(), settings, None, progress)
            _install(dataset, database, settings, clock, progress)
        else:
            _ensure_plan(database, settings, clock, progress)


def build_and_install(
    sources: Path, settings: Settings, clock: Clock, force_file: Path | None = None, progress: Progress = SILENT
) -> InstallReport:
    """Build a dataset from `sources`, give it its plans, and serve it. What was served stays in service until the end.

    The errors of `datasets.build.build_dataset` and of `prepare`.
    """
    dataset = _build(sources, settings, force_file, progress)
    with _alone(settings.data_dir, progress), _database(settings, progress) as database:
        return _install(dataset, database, settings, clock, progress)


def install(dataset: Dataset, settings: Settings, clock: Clock, progress: Progress = SILENT) -> InstallReport:
    """Serve a dataset that lies below `settings.data_dir` already; an earlier one too. The errors of `prepare`."""
    with _alone(settings.data_dir, progress), _database(settings, progress) as database:
        return _install(dataset, database, settings, clock, progress)


def starter_sources() -> Path:
    """The folder of the starter dataset's sources, which the package carries; ConfigError where they are missing."""
    found = packaged_force_paths()
    if not found:
        raise ConfigError("The package carries no starter dataset. Install geo-policing again, or build a dataset.")
    return found[0].parent


def _build(sources: Path, settings: Settings, force_file: Path | None, progress: Progress) -> Dataset:
    # What builds a dataset costs a second and 200 MB at import; a program that only serves never comes by here.
    from geo_policing.datasets.build import build_dataset

    return build_dataset(sources, settings.data_dir, force_file=force_file, progress=progress)


def _install(
    dataset: Dataset, database: Database, settings: Settings, clock: Clock, progress: Progress
) -> InstallReport:
    progress.step("Giving the dataset its plan")
    old = _previous(database, settings, dataset)
    with database.write() as connection:
        carry_over = adopt(dataset, old, connection, clock)
    progress.detail(f"plans: {carry_over.adoption.value.replace('_', ' ')}")
    _make_drive_times_ready(dataset, database, progress)
    point_current_at(settings.data_dir, dataset.data_version)
    return InstallReport(dataset, carry_over)


def _ensure_plan(database: Database, settings: Settings, clock: Clock, progress: Progress) -> None:
    """Seed (or carry over) where the served dataset has no plan: a new database, or a pointer moved by hand."""
    current = current_path(settings.data_dir)
    if current is None:
        return
    # Opened even where there is nothing to do: what is damaged is named to whoever starts the program, while workers
    # could only answer 503 with it and log a type.
    dataset = open_dataset(current)
    with database.read() as connection:
        has_plan = bool(plans.heads(connection, data_version=current.name))
    if has_plan:
        _make_drive_times_ready(dataset, database, progress)
    else:
        _install(dataset, database, settings, clock, progress)


def _make_drive_times_ready(dataset: Dataset, database: Database, progress: Progress) -> None:
    with database.read() as connection:
        premises = facilities.of_force(connection, dataset.force.slug)
    make_ready(dataset, premises, progress)


def _previous(database: Database, settings: Settings, new: Dataset) -> Dataset | None:
    """The dataset whose plans count until now: the served one, else that of the newest plans, else None.

    DatasetError where people's work would have to be carried over from a dataset that is damaged.
    """
    with database.read() as connection:
        with_plans = [v for v in plans.data_versions(connection) if v != new.data_version]
        must_carry = touched(connection)
    current = current_path(settings.data_dir)
    if current is not None and current.name in with_plans:
        with_plans.append(current.name)
    for version in reversed(with_plans):
        folder = settings.data_dir / "datasets" / version
        if not (folder / MANIFEST).is_file():
            continue
        try:
            return open_dataset(folder)
        except DatasetError:
            if must_carry:
                raise
    return None


@contextmanager
def _database(settings: Settings, progress: Progress) -> Iterator[Database]:
    database = Database(settings.resolved_database_url)
    try:
        progress.step("Preparing the database")
        if migrate(database):
            progress.detail("brought up to date")
        yield database
    finally:
        database.close()


@contextmanager
def _alone(data_dir: Path, progress: Progress) -> Iterator[None]:
    """Hold the folder's lock; the system lets go of it when this process ends, however it ends."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        file = (data_dir / LOCK_NAME).open("w")
    except OSError as error:
        raise DatabaseError(
            f"{data_dir}: cannot be written to ({error.strerror}). Give this program's user a folder it may write to "
            "with --data."
        ) from error
    with file:
        give_up_at_s = time.monotonic() + LOCK_WAIT_S
        told = False
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > give_up_at_s:
                    raise BusyError(
                        f"{data_dir / LOCK_NAME}: another process has been preparing this folder for more than "
                        f"{LOCK_WAIT_S:.0f} s. Wait for it or end it, then try again."
                    ) from error
            if not told:
                progress.detail("waiting for another process that prepares this folder")
                told = True
            time.sleep(_LOCK_POLL_S)
        yield
