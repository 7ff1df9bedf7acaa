"""The tiny world, seeded and live: for whatever needs a view that comes from a database."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from geo_policing.clock import Clock
from geo_policing.config import Settings
from geo_policing.datasets.tables import Table
from geo_policing.services.live import Live
from geo_policing.services.seeding import seed
from geo_policing.storage.migrate import migrate
from tests.support.databases import copy_migrated_sqlite
from tests.support.tiny import write_tiny

NOON = datetime(2026, 6, 3, 11, 0, tzinfo=UTC)
"""Noon in London on Wednesday 3 June 2026: Eastham Library's contact point closes, Westham's office is open."""

CLOCK = Clock.fixed(NOON)


def tiny_live(
    tmp_path: Path,
    clock: Clock | None = None,
    *,
    changed_tables: dict[str, Table] | None = None,
    database_url: str = "",
    **manifest_changes: Any,
) -> Live:
    """The tiny dataset in `tmp_path` with its starting plan in a new database (SQLite unless a URL is given).

    The plan and its postings begin on the clock's day (3 June 2026 by default).
    """
    clock = clock or Clock.fixed(NOON)
    dataset = write_tiny(tmp_path, changed_tables=changed_tables, **manifest_changes)
    live = Live(Settings(data_dir=tmp_path, database_url=database_url), clock)
    if live.database.path is not None and not live.database.path.exists():
        copy_migrated_sqlite(live.database.path)
    migrate(live.database)
    with live.database.write() as connection:
        seed(dataset, connection, clock)
    return live
