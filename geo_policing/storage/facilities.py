"""Facilities: response bases, enquiry offices and contact points of a force."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from geo_policing.domain.facilities import Facility, FacilityKind
from geo_policing.errors import NotFoundError
from geo_policing.storage.audit import Change, record
from geo_policing.storage.schema import facilities


def of_force(connection: Connection, force_slug: str) -> tuple[Facility, ...]:
    """Every facility of a force, past and future too, by id; () for none."""
    query = select(facilities).where(facilities.c.force_slug == force_slug).order_by(facilities.c.id)
    return tuple(_facility(row) for row in connection.execute(query))


def save(connection: Connection, force_slug: str, facility: Facility, change: Change) -> None:
    """Store a facility, in the place of any that has its id."""
    values = _values(facility)
    values["force_slug"] = force_slug
    done = connection.execute(update(facilities).where(facilities.c.id == facility.id).values(values))
    if done.rowcount == 0:
        connection.execute(insert(facilities).values(values))
    record(connection, change, "save", "facility", facility.id)


def remove(connection: Connection, facility_id: str, change: Change) -> None:
    """Remove a facility; NotFoundError for an unknown one. (One that closes gets an end date instead.)"""
    if connection.execute(delete(facilities).where(facilities.c.id == facility_id)).rowcount == 0:
        raise NotFoundError(f"There is no facility {facility_id!r}.")
    record(connection, change, "remove", "facility", facility_id)


def _values(facility: Facility) -> dict[str, Any]:
    values = asdict(facility)
    point = values.pop("easting_northing")
    values["easting"], values["northing"] = point if point is not None else (None, None)
    return values


def _facility(row: Row[tuple[Any, ...]]) -> Facility:
    values = dict(row._mapping)
    del values["force_slug"]
    easting, northing = values.pop("easting"), values.pop("northing")
    values["easting_northing"] = None if easting is None else (easting, northing)
    return Facility(**{**values, "kind": FacilityKind(values["kind"])})
