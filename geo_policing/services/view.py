"""A view: all that an answer needs, as of one revision and one day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from geo_policing.datasets.dataset import Dataset
from geo_policing.domain.covers import Covering
from geo_policing.domain.events import Event
from geo_policing.domain.facilities import Facility
from geo_policing.domain.plans import Plan, PlanException, PlanInForce
from geo_policing.domain.postings import Posting
from geo_policing.domain.priorities import Priority
from geo_policing.domain.teams import ActionTeam


@dataclass(frozen=True)
class View:
    """The dataset that is served, and what the database says for the local date `as_of`.

    `plan` is None where none was in force that day; `first_plan_from` then says from when one is (None: never).
    `postings` are those serving on the day, by beat id; a beat without any is absent. `facilities` are the force's that
    exist on the day, and `action_teams` all of the force's. `priorities` (raised by the day, newest first), `events`
    (not over before the day, earliest first) and `exceptions` (rules that the plan's beat may break) are by beat id.
    `covers` are who looks after a beat beside their own on the day, by the beat that is covered. `recorded` says when
    a thing was last changed in the database, by (kind, id) as the audit log names them; a made-up post is absent.
    `plan_history` has every published plan of the dataset in the order in which they take effect.

    `stale_since` is None while the database answers; else the UTC time from which it did not, and everything here is
    as it was last known. A view never changes: a new revision gives a new view.
    """

    dataset: Dataset
    as_of: date
    revision: int
    plan: PlanInForce | None
    first_plan_from: date | None
    postings: Mapping[str, tuple[Posting, ...]]
    facilities: tuple[Facility, ...]
    action_teams: tuple[ActionTeam, ...] = ()
    priorities: Mapping[str, tuple[Priority, ...]] = field(default_factory=dict)
    events: Mapping[str, tuple[Event, ...]] = field(default_factory=dict)
    exceptions: Mapping[str, tuple[PlanException, ...]] = field(default_factory=dict)
    covers: Mapping[str, tuple[Covering, ...]] = field(default_factory=dict)
    recorded: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    plan_history: tuple[Plan, ...] = ()
    stale_since: datetime | None = None
