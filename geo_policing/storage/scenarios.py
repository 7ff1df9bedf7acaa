"""Scenarios of a force, by name."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from geo_policing.domain.scenarios import Scenario
from geo_policing.errors import NotFoundError
from geo_policing.storage.audit import Change, record
from geo_policing.storage.schema import scenarios


def of_force(connection: Connection, force_slug: str) -> tuple[Scenario, ...]:
    """Every scenario of a force, by name; () for none."""
    query = select(scenarios).where(scenarios.c.force_slug == force_slug).order_by(scenarios.c.name)
    return tuple(_scenario(row) for row in connection.execute(query))


def by_name(connection: Connection, force_slug: str, name: str) -> Scenario:
    """One scenario; NotFoundError for an unknown name."""
    found = next((s for s in of_force(connection, force_slug) if s.name == name), None)
    if found is None:
        raise NotFoundError(f"There is no scenario {name!r}. geo-policing scenario list names those there are.")
    return found


def save(connection: Connection, force_slug: str, scenario: Scenario, change: Change) -> None:
    """Store a scenario, in the place of any of its name."""
    changes = {"close": scenario.close, "open": scenario.open, "move": scenario.move}
    values = {"changes": json.dumps(changes, sort_keys=True), "note": scenario.note}
    own = (scenarios.c.force_slug == force_slug) & (scenarios.c.name == scenario.name)
    if connection.execute(update(scenarios).where(own).values(values)).rowcount == 0:
        connection.execute(insert(scenarios).values(force_slug=force_slug, name=scenario.name, **values))
    record(connection, change, "save", "scenario", scenario.name, changes)


def remove(connection: Connection, force_slug: str, name: str, change: Change) -> None:
    """Remove a scenario; NotFoundError for an unknown name."""
    own = (scenarios.c.force_slug == force_slug) & (scenarios.c.name == name)
    if connection.execute(delete(scenarios).where(own)).rowcount == 0:
        raise NotFoundError(f"There is no scenario {name!r}. geo-policing scenario list names those there are.")
    record(connection, change, "remove", "scenario", name)


def _scenario(row: Row[tuple[Any, ...]]) -> Scenario:
    changes = json.loads(row.changes)
    return Scenario(
        row.name,
        tuple(changes["close"]),
        tuple((float(lat), float(lon)) for lat, lon in changes["open"]),
        tuple((str(base_id), float(lat), float(lon)) for base_id, lat, lon in changes["move"]),
        row.note,
    )
