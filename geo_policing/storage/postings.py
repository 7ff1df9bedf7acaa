"""Postings: who serves on which beat, from when to when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date

from sqlalchemy import Connection, insert, select, update

from geo_policing.domain.postings import Posting, Role
from geo_policing.errors import NotFoundError
from geo_policing.storage.audit import Change, record
from geo_policing.storage.rows import insert_many
from geo_policing.storage.schema import postings


def every(connection: Connection) -> tuple[Posting, ...]:
    """Every posting, past and future too, by beat, then role as `Role` lists them, then collar number; () for none."""
    ranks = {role: rank for rank, role in enumerate(Role)}
    found = [_posting(row) for row in connection.execute(select(postings))]
    return tuple(sorted(found, key=lambda p: (p.beat_id, ranks[p.role], p.collar_number, p.starts_on, p.id)))


def add(connection: Connection, posting: Posting, change: Change) -> Posting:
    """Store a posting (its `id` is ignored) and return it with its id."""
    result = connection.execute(insert(postings).values(_values(posting)).returning(postings.c.id))
    stored = replace(posting, id=result.scalar_one())
    record(connection, change, "add", "posting", stored.id, {"beat": stored.beat_id, "role": stored.role})
    return stored


def add_seeded(connection: Connection, seeded: Sequence[Posting]) -> None:
    """Store made-up postings at seeding, which is one entry in the audit log and not one for each."""
    insert_many(connection, postings, [_values(p) for p in seeded])


def end(connection: Connection, posting_id: int, ends_on: date, change: Change) -> None:
    """Let a posting end on the local date `ends_on` (its last day); NotFoundError for an unknown one."""
    done = connection.execute(update(postings).where(postings.c.id == posting_id).values(ends_on=ends_on))
    if done.rowcount == 0:
        raise NotFoundError(f"There is no posting {posting_id}.")
    record(connection, change, "end", "posting", posting_id, {"ends_on": ends_on})


def _values(posting: Posting) -> dict[str, object]:
    values = asdict(posting)
    del values["id"]
    return values


def _posting(row: object) -> Posting:
    values = dict(row._mapping)  # type: ignore[attr-defined]
    return Posting(**{**values, "role": Role(values["role"])})
