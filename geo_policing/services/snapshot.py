"""A snapshot: the database at one revision laid over one dataset, from which the view of any day is cut."""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

import numpy as np
from sqlalchemy import Connection

from geo_policing.datasets.dataset import Dataset
from geo_policing.domain.beats import Beat
from geo_policing.domain.covers import Cover, Covering
from geo_policing.domain.events import Event
from geo_policing.domain.facilities import Facility
from geo_policing.domain.plans import Plan, PlanException, PlanInForce, PlanState, first_plan_from, plan_in_force
from geo_policing.domain.postings import Posting
from geo_policing.domain.priorities import Priority
from geo_policing.domain.teams import ActionTeam
from geo_policing.errors import DatabaseError
from geo_policing.services.view import View
from geo_policing.storage import audit, covers, events, facilities, plans, postings, priorities, teams
from geo_policing.storage.database import Database, read_revision

DAYS_KEPT = 32
"""Views of so many days are kept ready: a page asks for today, a few people for other days."""

Dated = TypeVar("Dated", Posting, Covering, Priority, Event, PlanException)

RECORDED = ("posting", "cover", "facility", "action_team", "priority", "event")
"""Kinds of things of which residents are told when they were last changed."""


@dataclass(frozen=True)
class Records:
    """What the database says at one revision, all days together."""

    revision: int
    plans: tuple[Plan, ...]
    postings: tuple[Posting, ...]
    covers: tuple[Cover, ...]
    recorded: dict[tuple[str, str], datetime]
    facilities: tuple[Facility, ...]
    action_teams: tuple[ActionTeam, ...]
    priorities: tuple[Priority, ...]
    events: tuple[Event, ...]


@dataclass(frozen=True)
class LoadedPlan:
    """A plan laid over its dataset, with its exceptions by beat."""

    in_force: PlanInForce
    exceptions: dict[str, tuple[PlanException, ...]]


def read_records(connection: Connection, dataset: Dataset) -> Records:
    """Everything but assignments, of the dataset's force and version; one consistent reading."""
    slug = dataset.force.slug
    published = [
        p for p in plans.heads(connection, data_version=dataset.data_version) if p.state is PlanState.PUBLISHED
    ]
    return Records(
        revision=read_revision(connection),
        plans=tuple(sorted(published, key=lambda p: (p.effective_from or date.max, p.id))),
        postings=postings.every(connection),
        covers=covers.every(connection),
        recorded=audit.last_changes(connection, RECORDED),
        facilities=facilities.of_force(connection, slug),
        action_teams=teams.of_force(connection, slug),
        priorities=priorities.every(connection),
        events=events.every(connection),
    )


def load_plan(connection: Connection, plan: Plan, dataset: Dataset) -> LoadedPlan:
    """Read a plan's beats and assignments; DatabaseError where they do not cover the dataset's units."""
    beats = plans.beats_of(connection, plan.id)
    beat_of_unit = lay_over(dataset, beats, plans.assignments_of(connection, plan.id))
    missing = np.flatnonzero(beat_of_unit < 0)
    if len(missing):
        raise DatabaseError(
            f"plan {plan.id} ({plan.name!r}): {len(missing)} units of dataset {dataset.data_version} have no beat, "
            f"such as {dataset['units']['id'][missing[0]]}. Put back a backup of the database (docs/operators.md)."
        )
    exceptions = by_beat(plans.exceptions_of(connection, plan.id))
    return LoadedPlan(PlanInForce(plan, beats, beat_of_unit), exceptions)


def lay_over(
    dataset: Dataset, beats: Iterable[Beat], beat_of_unit_id: dict[str, str]
) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """For each unit of `dataset` the index of its beat in `beats`, -1 for a unit that is assigned to none of them."""
    index = {beat.id: i for i, beat in enumerate(beats)}
    found = (index.get(beat_of_unit_id.get(unit, ""), -1) for unit in dataset["units"]["id"].tolist())
    laid = np.fromiter(found, dtype=np.int32, count=len(dataset["units"]))
    laid.setflags(write=False)
    return laid


def by_beat(things: Iterable[Dated]) -> dict[str, tuple[Dated, ...]]:
    """`things` grouped by their `beat_id`, their order kept."""
    grouped: dict[str, list[Dated]] = defaultdict(list)
    for thing in things:
        grouped[thing.beat_id].append(thing)
    return {beat_id: tuple(group) for beat_id, group in grouped.items()}


class Snapshot:
    """One revision over one dataset; views are cut from it without asking the database again, but for older plans.

    Safe to use from several threads.
    """

    def __init__(self, dataset: Dataset, records: Records, load: Callable[[Plan], LoadedPlan]) -> None:
        self.dataset = dataset
        self.records = records
        self._load = load
        self._loaded: dict[int, LoadedPlan] = {}
        self._views: OrderedDict[date, View] = OrderedDict()
        self._lock = threading.Lock()

    @classmethod
    def take(cls, database: Database, dataset: Dataset, today: date) -> Snapshot:
        """Read `database` for `dataset`, with the plan in force `today`; the errors of `Database.read`."""

        def load(plan: Plan) -> LoadedPlan:
            with database.read() as connection:
                return load_plan(connection, plan, dataset)

        with database.read() as connection:
            snapshot = cls(dataset, read_records(connection, dataset), load)
            plan = plan_in_force(snapshot.records.plans, today)
            if plan is not None:
                snapshot._loaded[plan.id] = load_plan(connection, plan, dataset)
        return snapshot

    def view(self, day: date) -> View:
        """The view of a local date; the same object again for the same day while it is kept."""
        view = self._views.get(day)
        if view is None:
            view = self._cut(day)
            with self._lock:
                self._views[day] = view
                while len(self._views) > DAYS_KEPT:
                    self._views.popitem(last=False)
        return view

    def _cut(self, day: date) -> View:
        records = self.records
        plan = plan_in_force(records.plans, day)
        loaded = self._plan(plan) if plan is not None else None
        own = {beat.id for beat in loaded.in_force.beats} if loaded else set()
        return View(
            dataset=self.dataset,
            as_of=day,
            revision=records.revision,
            plan=loaded.in_force if loaded else None,
            first_plan_from=first_plan_from(records.plans),
            postings=by_beat(p for p in records.postings if p.beat_id in own and p.serves_on(day)),
            facilities=tuple(f for f in records.facilities if f.exists_on(day)),
            action_teams=records.action_teams,
            priorities=by_beat(p for p in records.priorities if p.beat_id in own and p.known_on(day)),
            events=by_beat(e for e in records.events if e.beat_id in own and e.ends_on_or_after(day)),
            covers=by_beat(c for c in self._covering(day) if c.beat_id in own),
            recorded=records.recorded,
            exceptions=loaded.exceptions if loaded else {},
            plan_history=records.plans,
        )

    def _covering(self, day: date) -> list[Covering]:
        """The covers of a day by those who serve then: a cover ends with the posting that it lends."""
        serving = {p.id: p for p in self.records.postings if p.serves_on(day)}
        held = (c for c in self.records.covers if c.holds_on(day) and c.posting_id in serving)
        return [Covering(cover, serving[cover.posting_id]) for cover in held]

    def _plan(self, plan: Plan) -> LoadedPlan:
        loaded = self._loaded.get(plan.id)
        if loaded is None:
            # Two threads may read it both, and get the same: a published plan never changes.
            loaded = self._loaded[plan.id] = self._load(plan)
        return loaded
