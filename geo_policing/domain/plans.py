"""Plans: one full assignment of units to beats, its life, and the rules that it must keep."""

from __future__ import annotations

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
