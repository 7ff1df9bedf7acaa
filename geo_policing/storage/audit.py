"""The audit log: who did what to which thing, when. Rows are only ever added."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from geo_policing.storage.schema import audit_log

SYSTEM = "system"
"""The actor of what this program does by itself (seeding, carrying over); any other actor is a person."""


@dataclass(frozen=True)
class Change:
    """Who makes a change and when: what every write to a repository asks for."""

    actor: str
    at: datetime


@dataclass(frozen=True)
class AuditEntry:
    """One line of the log; `detail` is what JSON can hold."""

    id: int
    at: datetime
    actor: str
    action: str
    subject_kind: str
    subject_id: str
    detail: Mapping[str, Any]


def record(
    connection: Connection,
    change: Change,
    action: str,
    subject_kind: str,
    subject_id: str | int,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add an entry, in the transaction of the change it speaks of. `detail` must hold nothing a log may not keep."""
    connection.execute(
        insert(audit_log).values(
            at=change.at,
            actor=change.actor,
            action=action,
            subject_kind=subject_kind,
            subject_id=str(subject_id),
            detail=json.dumps(detail or {}, sort_keys=True, ensure_ascii=False, default=str),
        )
    )


def entries(
    connection: Connection, *, subject_kind: str | None = None, subject_id: str | int | None = None, limit: int = 100
) -> tuple[AuditEntry, ...]:
    """The newest entries first, of one kind of thing or one thing where asked; () for none."""
    query = select(audit_log).order_by(audit_log.c.id.desc()).limit(limit)
    if subject_kind is not None:
        query = query.where(audit_log.c.subject_kind == subject_kind)
    if subject_id is not None:
        query = query.where(audit_log.c.subject_id == str(subject_id))
    return tuple(
        AuditEntry(r.id, r.at, r.actor, r.action, r.subject_kind, r.subject_id, json.loads(r.detail))
        for r in connection.execute(query)
    )


def last_changes(connection: Connection, subject_kinds: Sequence[str]) -> dict[tuple[str, str], datetime]:
    """When each thing of these kinds was last changed, by (kind, id); what the log does not speak of is absent."""
    query = (
        select(audit_log.c.subject_kind, audit_log.c.subject_id, func.max(audit_log.c.at).label("at"))
        .where(audit_log.c.subject_kind.in_(subject_kinds))
        .group_by(audit_log.c.subject_kind, audit_log.c.subject_id)
    )
    return {(r.subject_kind, r.subject_id): r.at for r in connection.execute(query)}


def touched_by_people(connection: Connection, subject_kind: str) -> frozenset[str]:
    """Ids of the things of a kind that any person has ever changed."""
    query = (
        select(audit_log.c.subject_id)
        .where(audit_log.c.subject_kind == subject_kind, audit_log.c.actor != SYSTEM)
        .distinct()
    )
    return frozenset(connection.execute(query).scalars())
