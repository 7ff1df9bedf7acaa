"""Events on beats: where residents can meet their team."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, delete, insert, select

from geo_policing.domain.events import Event
from geo_policing.errors import NotFoundError
from geo_policing.storage.audit import Change, record
from geo_policing.storage.schema import events


def every(connection: Connection) -> tuple[Event, ...]:
    """Every event, past ones too, the earliest first; () for none."""
    query = select(events).order_by(events.c.starts_at, events.c.id)
    return tuple(Event(**row._mapping) for row in connection.execute(query))


def add(connection: Connection, event: Event, change: Change) -> Event:
    """Store an event (its `id` is ignored) and return it with its id."""
    values = {name: value for name, value in vars(event).items() if name != "id"}
    result = connection.execute(insert(events).values(values).returning(events.c.id))
    stored = replace(event, id=result.scalar_one())
    record(connection, change, "add", "event", stored.id, {"beat": stored.beat_id})
    return stored


def remove(connection: Connection, event_id: int, change: Change) -> None:
    """Remove an event that will not take place; NotFoundError for an unknown one."""
    if connection.execute(delete(events).where(events.c.id == event_id)).rowcount == 0:
        raise NotFoundError(f"There is no event {event_id}.")
    record(connection, change, "remove", "event", event_id)
