"""Plans: one full assignment of units to beats, its life, and the rules that it must keep."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from geo_policing.domain.beats import Beat


class PlanState(StrEnum):
    """The life of a plan; a published plan never changes."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"


@dataclass(frozen=True)
class Plan:
    """A plan's head: what it is, not what it assigns.

    A published plan is in force from `effective_from` (a local date) until the day before the next published plan
    of the same `data_version` takes effect. `origin` is "seed" for the plan made at first start, "carried" for one
    carried over from another dataset, else "planner".
    """

    id: int
    name: str
    state: PlanState
    data_version: str
    origin: str
    effective_from: date | None
    method: str = ""


@dataclass(frozen=True)
class PlanInForce:
    """A published plan laid over a dataset: `beat_of_unit[i]` is the index in `beats` of the dataset's unit i."""

    plan: Plan
    beats: tuple[Beat, ...]
    beat_of_unit: NDArray[np.int32]


@dataclass(frozen=True)
class PlanException:
    """A rule that a beat of a plan may break, and why; `kind` is "detached" for a beat in several parts."""

    beat_id: str
    kind: str
    reason: str


def plan_in_force(plans: Iterable[Plan], day: date) -> Plan | None:
    """The published plan that counts on the local date `day`: the last to take effect by then, None before the first.

    Of two that take effect on one day the one published later (with the higher id) counts. `plans` must all be of one
    `data_version`; those not published are passed over.
    """
    begun = [(p.effective_from, p.id, p) for p in plans if _takes_effect_by(p, day)]
    return max(begun, key=lambda entry: entry[:2])[2] if begun else None


def first_plan_from(plans: Iterable[Plan]) -> date | None:
    """The local date from which any published plan is in force; None where none is published."""
    return min((p.effective_from for p in plans if _takes_effect_by(p, date.max) and p.effective_from), default=None)


def _takes_effect_by(plan: Plan, day: date) -> bool:
    return plan.state is PlanState.PUBLISHED and plan.effective_from is not None and plan.effective_from <= day
