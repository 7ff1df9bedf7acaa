"""Views of the tiny world made by hand, without a database."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from geo_policing.datasets.dataset import Dataset
from geo_policing.domain.beats import Beat
from geo_policing.domain.plans import Plan, PlanInForce, PlanState
from geo_policing.domain.postings import Posting, Role
from geo_policing.services.view import View
from tests.support.tiny import write_tiny

DAY = date(2026, 3, 2)
FIRST_PLAN = date(2026, 1, 1)
BEATS = (
    Beat("b1", "abbey-westham", "Abbey", "X01"),
    Beat("b2", "market", "Market", "X01"),
    Beat("b3", "abbey-eastham", "Abbey", "X02"),
    Beat("b4", "fen-end", "Fen End", "X02"),
)
POST = Posting(1, "b1", Role.PCSO, "PCSO 7101", 1.0, FIRST_PLAN, illustrative=True, email="b1@example.org")


def view_of(dataset: Dataset, *, beats: tuple[Beat, ...] = BEATS, beat_of_unit: Any = None, day: date = DAY) -> View:
    """A published plan over `dataset`; for the tiny world one beat a column of units."""
    assigned = np.array([0, 1, 2, 3] * 2 if beat_of_unit is None else beat_of_unit, dtype=np.int32)
    plan = Plan(1, "Starting plan", PlanState.PUBLISHED, dataset.data_version, "seed", FIRST_PLAN)
    postings = {"b1": (POST,)} if beats is BEATS else {}
    return View(dataset, day, 1, PlanInForce(plan, beats, assigned), FIRST_PLAN, postings, ())


def tiny_view(data_dir: Path, **manifest_changes: Any) -> View:
    """The tiny world with its four beats; only "Abbey" in Westham has a PCSO."""
    return view_of(write_tiny(data_dir, **manifest_changes))


def view_without_plan(dataset: Dataset, day: date, first_plan_from: date | None) -> View:
    """A day on which no plan was in force."""
    return View(dataset, day, 1, None, first_plan_from, {}, ())
