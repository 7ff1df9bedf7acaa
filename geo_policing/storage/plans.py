"""Plans: heads, beats, assignments, exceptions, and the changesets behind them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Row, func, insert, select, update

from geo_policing.domain.beats import Beat
from geo_policing.domain.plans import Plan, PlanException, PlanState
from geo_policing.errors import NotFoundError
from geo_policing.storage.audit import SYSTEM, Change, record
from geo_policing.storage.rows import insert_many
from geo_policing.storage.schema import (
    assignments,
    beats,
    changes,
    changesets,
    plan_beats,
    plan_exceptions,
    plans,
)


@dataclass(frozen=True)
class NewPlan:
    """What a plan needs at its making; it begins as a draft without beats."""

    name: str
    data_version: str
    origin: str
    method: str = ""
    effective_from: date | None = None
    carried_from: int | None = None


@dataclass(frozen=True)
class Changeset:
    """One stroke of editing; `changes` maps a unit's id to the beats (or None) it went from and to."""

    id: int
    plan_id: int
    at: datetime
    actor: str
    reason: str
    undoes: int | None
    changes: Mapping[str, tuple[str | None, str | None]]


def create(connection: Connection, new: NewPlan, change: Change) -> int:
    """Make a draft and return its id."""
    result = connection.execute(
        insert(plans)
        .values(
            name=new.name,
            state=PlanState.DRAFT,
            data_version=new.data_version,
            origin=new.origin,
            effective_from=new.effective_from,
            method=new.method,
            version=1,
            carried_from=new.carried_from,
            created_at=change.at,
        )
        .returning(plans.c.id)
    )
    plan_id: int = result.scalar_one()
    record(connection, change, "create", "plan", plan_id, {"origin": new.origin, "data_version": new.data_version})
    return plan_id


def add_beats(connection: Connection, plan_id: int, added: Iterable[Beat]) -> None:
    """Give the draft these beats, making identities for those whose id is new; ids and slugs that clash are refused."""
    listed = list(added)
    known = set(connection.execute(select(beats.c.id)).scalars())
    insert_many(connection, beats, [{"id": b.id, "slug": b.slug} for b in listed if b.id not in known])
    rows = [{"plan_id": plan_id, "beat_id": b.id, "name": b.name, "district_code": b.district_code} for b in listed]
    insert_many(connection, plan_beats, rows)


def add_exceptions(connection: Connection, plan_id: int, added: Iterable[PlanException]) -> None:
    """Record what the draft's beats are allowed."""
    rows = [{"plan_id": plan_id, "beat_id": e.beat_id, "kind": e.kind, "reason": e.reason} for e in added]
    insert_many(connection, plan_exceptions, rows)


def fill(connection: Connection, plan_id: int, beat_of_unit: Mapping[str, str], change: Change, *, reason: str) -> int:
    """Assign every unit of an empty draft at once, as one changeset from nothing; returns the changeset's id."""
    changeset_id: int = connection.execute(
        insert(changesets)
        .values(plan_id=plan_id, at=change.at, actor=change.actor, reason=reason)
        .returning(changesets.c.id)
    ).scalar_one()
    ordered = sorted(beat_of_unit.items())
    insert_many(
        connection, assignments, [{"plan_id": plan_id, "unit_id": unit, "beat_id": beat} for unit, beat in ordered]
    )
    insert_many(
        connection,
        changes,
        [{"changeset_id": changeset_id, "unit_id": unit, "from_beat": None, "to_beat": beat} for unit, beat in ordered],
    )
    return changeset_id


def set_state(connection: Connection, plan_id: int, state: PlanState, change: Change) -> None:
    """Move a plan to `state`; RuleError (from the database itself) where it is published already."""
    done = connection.execute(
        update(plans).where(plans.c.id == plan_id).values(state=state, version=plans.c.version + 1)
    )
    if done.rowcount == 0:
        raise NotFoundError(f"There is no plan {plan_id}.")
    record(connection, change, state.value, "plan", plan_id)


def heads(connection: Connection, *, data_version: str | None = None) -> tuple[Plan, ...]:
    """Every plan (of one dataset where asked) by id; () for none."""
    query = select(plans).order_by(plans.c.id)
    if data_version is not None:
        query = query.where(plans.c.data_version == data_version)
    return tuple(_plan(row) for row in connection.execute(query))


def data_versions(connection: Connection) -> tuple[str, ...]:
    """The datasets that plans exist for, that with the newest plan last; () for a new database."""
    newest = func.max(plans.c.id)
    query = select(plans.c.data_version).group_by(plans.c.data_version).order_by(newest)
    return tuple(connection.execute(query).scalars())


def beats_of(connection: Connection, plan_id: int) -> tuple[Beat, ...]:
    """The beats of a plan by id; () for none."""
    query = (
        select(beats.c.id, beats.c.slug, plan_beats.c.name, plan_beats.c.district_code)
        .join(plan_beats, plan_beats.c.beat_id == beats.c.id)
        .where(plan_beats.c.plan_id == plan_id)
        .order_by(beats.c.id)
    )
    return tuple(Beat(row[0], row[1], row[2], row[3]) for row in connection.execute(query))


def assignments_of(connection: Connection, plan_id: int) -> dict[str, str]:
    """Unit id to beat id of a plan; {} for an empty draft."""
    query = select(assignments.c.unit_id, assignments.c.beat_id).where(assignments.c.plan_id == plan_id)
    return dict(connection.execute(query).all())


def exceptions_of(connection: Connection, plan_id: int) -> tuple[PlanException, ...]:
    """The recorded exceptions of a plan, by beat; () for none."""
    query = select(plan_exceptions).where(plan_exceptions.c.plan_id == plan_id).order_by(plan_exceptions.c.beat_id)
    return tuple(PlanException(r.beat_id, r.kind, r.reason) for r in connection.execute(query))


def identities(connection: Connection) -> tuple[Beat, ...]:
    """Every beat there ever was, with its name and district in the newest plan that has it; by id."""
    newest = (
        select(plan_beats.c.beat_id, func.max(plan_beats.c.plan_id).label("plan_id"))
        .group_by(plan_beats.c.beat_id)
        .subquery()
    )
    query = (
        select(beats.c.id, beats.c.slug, plan_beats.c.name, plan_beats.c.district_code)
        .join(newest, newest.c.beat_id == beats.c.id)
        .join(plan_beats, (plan_beats.c.beat_id == newest.c.beat_id) & (plan_beats.c.plan_id == newest.c.plan_id))
        .order_by(beats.c.id)
    )
    return tuple(Beat(row[0], row[1], row[2], row[3]) for row in connection.execute(query))


def changesets_of(connection: Connection, plan_id: int) -> tuple[Changeset, ...]:
    """The history of a plan, oldest first."""
    query = select(changesets).where(changesets.c.plan_id == plan_id).order_by(changesets.c.id)
    return tuple(
        Changeset(r.id, r.plan_id, r.at, r.actor, r.reason, r.undoes, _changes(connection, r.id))
        for r in connection.execute(query)
    )


def edited_by_people(connection: Connection) -> bool:
    """True where any changeset of any plan was made by a person."""
    query = select(func.count()).select_from(changesets).where(changesets.c.actor != SYSTEM)
    return bool(connection.execute(query).scalar_one())


def _changes(connection: Connection, changeset_id: int) -> dict[str, tuple[str | None, str | None]]:
    query = select(changes).where(changes.c.changeset_id == changeset_id).order_by(changes.c.unit_id)
    return {r.unit_id: (r.from_beat, r.to_beat) for r in connection.execute(query)}


def _plan(row: Row[tuple[object, ...]]) -> Plan:
    return Plan(
        id=row.id,
        name=row.name,
        state=PlanState(row.state),
        data_version=row.data_version,
        origin=row.origin,
        effective_from=row.effective_from,
        method=row.method,
    )
