"""The tiny world with something to tell of its first beat: what the examples of the API show."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from geo_policing.domain.events import Event
from geo_policing.domain.priorities import Priority
from geo_policing.storage import events, priorities
from geo_policing.storage.audit import Change
from tests.support.live import NOON, tiny_live

EVENT = Event(
    id=0,
    beat_id="b001",
    title="Drop-in surgery",
    starts_at=datetime(2026, 6, 17, 9, 30, tzinfo=UTC),
    ends_at=datetime(2026, 6, 17, 11, 0, tzinfo=UTC),
    place="Eastham Library",
    kind="meeting",
    contact="101",
)
PRIORITY = Priority(
    id=0,
    beat_id="b001",
    issue="Speeding & parking on Mill Road",
    issued_on=date(2026, 4, 14),
    action="Speed checks on two days.",
    action_on=date(2026, 5, 2),
)


def write_told(data_dir: Path) -> None:
    """The tiny world in `data_dir`, seeded at `NOON`, with `EVENT` and `PRIORITY`."""
    live = tiny_live(data_dir)
    change = Change("test", NOON)
    with live.database.write() as connection:
        events.add(connection, EVENT, change)
        priorities.add(connection, PRIORITY, change)
    live.close()
