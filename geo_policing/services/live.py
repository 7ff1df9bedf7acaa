"""The live view: what the program answers from now, kept current at the cost of one small reading a request."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from geo_policing.clock import Clock
from geo_policing.config import Settings
from geo_policing.datasets.dataset import Dataset, current_path, open_dataset
from geo_policing.errors import DatabaseError, DatabaseVersionError, DatasetError
from geo_policing.services.snapshot import Snapshot
from geo_policing.services.view import View
from geo_policing.storage.database import Database

RETRY_S = 1.0
"""After the database failed, how long it is left alone: a request must not wait for a server that is gone."""


@dataclass(frozen=True)
class _Trouble:
    """The database does not answer: since when, why, and when (by the monotonic clock) to ask it again."""

    since: datetime
    error: DatabaseError | DatabaseVersionError
    retry_at_s: float


class Live:
    """Gives each request its view; one a process, safe to use from several threads, not across a fork.

    A worker that goes on running when its database is gone keeps answering from what it last knew, and says so in
    `View.stale_since`; `problem` is for readiness.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Opens nothing yet; ConfigError where the database's address is wrong."""
        self.settings = settings
        self.clock = clock
        self.database = Database(settings.resolved_database_url)
        self._lock = threading.Lock()
        self._probing = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._current: Path | None = None
        self._trouble: _Trouble | None = None
        self._stale: tuple[View, View] | None = None

    def view(self, as_of: date | None = None) -> View:
        """The view of the local date `as_of` (today where None) at the newest revision of the served dataset.

        DatasetError where no dataset is there or it is damaged. DatabaseError or DatabaseVersionError where the
        database cannot be used and was never read yet; afterwards the last known view comes, marked stale.
        """
        day = self.clock.today() if as_of is None else as_of
        snapshot = self._newest()
        view = snapshot.view(day)
        trouble = self._trouble
        return view if trouble is None else self._marked(view, trouble.since)

    def problem(self) -> str | None:
        """Why a lookup would not be answered now, or only from what was last known; None where all is well."""
        try:
            view = self.view()
        except (DatabaseError, DatabaseVersionError, DatasetError) as error:
            return str(error)
        if self._trouble is not None:
            return str(self._trouble.error)
        if view.plan is None:
            return f"No plan is in force today for dataset {view.dataset.data_version}. Start geo-policing serve once."
        return None

    def close(self) -> None:
        """Give the database's connections back."""
        self.database.close()

    def _marked(self, view: View, since: datetime) -> View:
        """`view` as stale: the last one marked so again, as what is made once of a view is kept with it."""
        kept = self._stale
        if kept is not None and kept[0] is view and kept[1].stale_since == since:
            return kept[1]
        marked = replace(view, stale_since=since)
        self._stale = (view, marked)
        return marked

    def _newest(self) -> Snapshot:
        trouble, snapshot = self._trouble, self._snapshot
        if trouble is None or snapshot is None:
            return self._read(snapshot)
        # One request at a time finds out whether the database is back; the others do not wait for it.
        if time.monotonic() < trouble.retry_at_s or not self._probing.acquire(blocking=False):
            return snapshot
        try:
            return self._read(snapshot)
        finally:
            self._probing.release()

    def _read(self, snapshot: Snapshot | None) -> Snapshot:
        try:
            revision = self.database.revision_now()
            current = current_path(self.settings.data_dir)
            if snapshot is None or revision != snapshot.records.revision or current != self._current:
                snapshot = self._refresh(revision, current)
        except (DatabaseError, DatabaseVersionError) as error:
            if snapshot is None:
                raise
            since = self._trouble.since if self._trouble else self.clock.now_utc()
            self._trouble = _Trouble(since, error, time.monotonic() + RETRY_S)
            return snapshot
        self._trouble = None
        return snapshot

    def _refresh(self, revision: int, current: Path | None) -> Snapshot:
        if current is None:
            raise DatasetError(
                f"{self.settings.data_dir}: no dataset is served here (no link `current`). "
                "Make one with geo-policing build, or start geo-policing serve for the starter dataset."
            )
        with self._lock:
            held = self._snapshot
            if held is not None and held.records.revision >= revision and current == self._current:
                return held
            if held is None:
                self.database.check_version()
            dataset = self._dataset(current)
            taken = Snapshot.take(self.database, dataset, self.clock.today())
            self._snapshot, self._current = taken, current
            return taken

    def _dataset(self, current: Path) -> Dataset:
        """The dataset at `current`; opening checks every file, so it is done only when another is served."""
        if self._snapshot is not None and current == self._current:
            return self._snapshot.dataset
        return open_dataset(current)
