"""Priorities of beats: issues raised, and what was done about them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import Connection, insert, select, update

from geo_policing.domain.priorities import Priority
from geo_policing.errors import NotFoundError
from geo_policing.storage.audit import Change, record
from geo_policing.storage.schema import priorities


def every(connection: Connection) -> tuple[Priority, ...]:
    """Every priority, the newest issue first; () for none."""
    query = select(priorities).order_by(priorities.c.issued_on.desc(), priorities.c.id.desc())
    return tuple(
        Priority(r.id, r.beat_id, r.issue, r.issued_on, r.action, r.action_on) for r in connection.execute(query)
    )


def add(connection: Connection, priority: Priority, change: Change) -> Priority:
    """Store a priority (its `id` is ignored) and return it with its id."""
    values = {name: value for name, value in vars(priority).items() if name != "id"}
    result = connection.execute(insert(priorities).values(values).returning(priorities.c.id))
    stored = replace(priority, id=result.scalar_one())
    record(connection, change, "add", "priority", stored.id, {"beat": stored.beat_id})
    return stored


def act(connection: Connection, priority_id: int, action: str, action_on: date, change: Change) -> None:
    """Record what was done about a priority; NotFoundError for an unknown one."""
    done = connection.execute(
        update(priorities).where(priorities.c.id == priority_id).values(action=action, action_on=action_on)
    )
    if done.rowcount == 0:
        raise NotFoundError(f"There is no priority {priority_id}.")
    record(connection, change, "act", "priority", priority_id)
