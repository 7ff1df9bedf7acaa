"""A view: all that an answer needs, as of one revision and one day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from geo_policing.datasets.dataset import Dataset
from geo_policing.domain.facilities import Facility
from geo_policing.domain.plans import PlanInForce
from geo_policing.domain.postings import Posting


@dataclass(frozen=True)
class View:
    """The dataset that is served, and what the database says for the local date `as_of`.

    `plan` is None where none was in force that day; `first_plan_from` then says from when one is (None: never).
    `postings` are those serving on the day, by beat id; a beat without any is absent. A view never changes: a new
    revision gives a new view.
    """

    dataset: Dataset
    as_of: date
    revision: int
    plan: PlanInForce | None
    first_plan_from: date | None
    postings: Mapping[str, tuple[Posting, ...]]
    facilities: tuple[Facility, ...]
