"""When another dataset comes: its plans are seeded anew, taken as they are, or carried over by best fit, and reported.

The plans of the old dataset stay where they are, so that pointing `current` back at it works.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum

import msgspec
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, insert

from geo_policing.clock import Clock
from geo_policing.datasets.dataset import Dataset
from geo_policing.domain.beats import Beat
from geo_policing.domain.plans import Plan, PlanException
from geo_policing.services.crosswalk import Crosswalk, crosswalk
from geo_policing.services.seeding import refresh_premises, seed
from geo_policing.services.snapshot import lay_over
from geo_policing.services.suggested_beats import detached_beats
from geo_policing.storage import audit, plans
from geo_policing.storage.audit import SYSTEM, Change
from geo_policing.storage.schema import carry_overs

PEOPLES_WORK = ("plan", "posting", "cover", "facility", "action_team", "priority", "event")


class Adoption(StrEnum):
    """What was done with the plans when a dataset was taken in."""

    SEEDED = "seeded"
    """There were none: the starting plan was made."""
    RESEEDED = "reseeded"
    """Nobody had touched the old starting plan: a new one was made for the new units."""
    SAME_UNITS = "same_units"
    """The units are the same: plans were taken as they are."""
    CARRIED = "carried"
    """The units are others: plans were carried over by best fit."""
    PRESENT = "present"
    """The dataset had its plans already, from an earlier time: they were left alone."""


class SplitUnit(msgspec.Struct, frozen=True):
    """A new unit whose live postcodes lay in several beats: it went to `beat`, which had `share` of them."""

    unit: str
    beat: str
    share: float


class CarriedPlan(msgspec.Struct, frozen=True):
    """How one plan came over. Unit lists are ordered by id.

    `split` are the units that were not clean, `by_point` those without live postcodes, placed by a point inside them,
    `by_nearest` those that no old unit of their district holds; `lost` the beats ("id name") left without any unit.
    """

    plan_id: int
    carried_from: int
    name: str
    split: tuple[SplitUnit, ...] = ()
    by_point: tuple[str, ...] = ()
    by_nearest: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


class CarryOver(msgspec.Struct, frozen=True):
    """The report on taking in a dataset; stored in the database and given to whoever asked for it."""

    adoption: Adoption
    from_data_version: str
    to_data_version: str
    plans: tuple[CarriedPlan, ...] = ()


@dataclass(frozen=True)
class _Fit:
    beat_of_unit: NDArray[np.int64]
    report: CarriedPlan


def adopt(new: Dataset, old: Dataset | None, connection: Connection, clock: Clock) -> CarryOver:
    """Give `new` its plans, from those of `old` where there are any, in the transaction of `connection`.

    What is reported is also stored. Once it is committed `new` may become current. ConfigError as `seeding.seed`.
    """
    change = Change(SYSTEM, clock.now_utc())
    old_version = old.data_version if old is not None else ""
    if plans.heads(connection, data_version=new.data_version):
        return CarryOver(Adoption.PRESENT, old_version, new.data_version)
    old_plans = plans.heads(connection, data_version=old_version) if old is not None else ()
    if old is None or not old_plans:
        seed(new, connection, clock)
        return _store(CarryOver(Adoption.SEEDED, old_version, new.data_version), connection, change)
    same = np.array_equal(old["units"]["id"], new["units"]["id"])
    if not same and not touched(connection):
        seed(new, connection, clock)
        return _store(CarryOver(Adoption.RESEEDED, old_version, new.data_version), connection, change)
    walk = None if same else crosswalk(old, new)
    carried = tuple(_carry(plan, old, new, walk, connection, change) for plan in old_plans)
    refresh_premises(new, connection, change)
    adoption = Adoption.SAME_UNITS if same else Adoption.CARRIED
    return _store(CarryOver(adoption, old_version, new.data_version, carried), connection, change)


def touched(connection: Connection) -> bool:
    """True where a person ever changed anything that a fresh seed would lose."""
    if plans.edited_by_people(connection):
        return True
    return any(audit.touched_by_people(connection, kind) for kind in PEOPLES_WORK)


def _carry(
    plan: Plan, old: Dataset, new: Dataset, walk: Crosswalk | None, connection: Connection, change: Change
) -> CarriedPlan:
    beats = plans.beats_of(connection, plan.id)
    before = lay_over(old, beats, plans.assignments_of(connection, plan.id)).astype(np.int64)
    fit = _as_it_is(plan, before) if walk is None else _best_fit(plan, beats, before, walk, new)
    kept = np.unique(fit.beat_of_unit[fit.beat_of_unit >= 0])
    index = np.full(len(beats) + 1, -1, dtype=np.int64)
    index[kept] = np.arange(len(kept))
    beat_of_unit = index[fit.beat_of_unit]
    kept_beats = _in_new_districts([beats[i] for i in kept.tolist()], beat_of_unit, new)
    plan_id = plans.create(
        connection,
        plans.NewPlan(plan.name, new.data_version, "carried", plan.method, plan.effective_from, plan.id),
        change,
    )
    plans.add_beats(connection, plan_id, kept_beats)
    assigned = zip(new["units"]["id"].tolist(), beat_of_unit.tolist(), strict=True)
    plans.fill(
        connection,
        plan_id,
        {unit: kept_beats[i].id for unit, i in assigned if i >= 0},
        change,
        reason=f"Carried over from plan {plan.id} of dataset {old.data_version}.",
    )
    old_exceptions = plans.exceptions_of(connection, plan.id)
    plans.add_exceptions(connection, plan_id, _exceptions(old_exceptions, kept_beats, beat_of_unit, new))
    plans.set_state(connection, plan_id, plan.state, change)
    return msgspec.structs.replace(fit.report, plan_id=plan_id)


def _as_it_is(plan: Plan, before: NDArray[np.int64]) -> _Fit:
    return _Fit(before, CarriedPlan(0, plan.id, plan.name))


def _best_fit(plan: Plan, beats: tuple[Beat, ...], before: NDArray[np.int64], walk: Crosswalk, new: Dataset) -> _Fit:
    """For each new unit the beat that holds most of its live postcodes, else a point inside it, else the nearest.

    Only beats of the unit's own district are considered, wherever the plan has any of that district.
    """
    votes = walk.votes(before, max(len(beats), 1))
    allowed = _allowed(beats, new)
    codes = new["districts"]["code"][new["units"]["district"]]
    ids = new["units"]["id"].tolist()
    chosen = np.full(len(ids), -1, dtype=np.int64)
    split, by_point, by_nearest = [], [], []
    for unit, unit_id in enumerate(ids):
        own = allowed[str(codes[unit])]
        weights = np.where(own, votes[unit], 0.0)
        if weights.any():
            # argmax takes the first of equals: the beat with the lowest id.
            chosen[unit] = int(weights.argmax())
            share = float(weights.max() / votes[unit].sum())
            if share < 1:
                split.append(SplitUnit(unit_id, beats[chosen[unit]].id, round(share, 4)))
            continue
        held_by = before[walk.inside[unit]] if walk.inside[unit] >= 0 else -1
        if held_by >= 0 and own[held_by]:
            chosen[unit] = held_by
            by_point.append(unit_id)
            continue
        nearest = walk.nearest(unit, (before >= 0) & np.append(own, False)[before])
        chosen[unit] = before[nearest] if nearest >= 0 else -1
        by_nearest.append(unit_id)
    lost = sorted(set(range(len(beats))) - set(chosen.tolist()))
    report = CarriedPlan(
        plan_id=0,
        carried_from=plan.id,
        name=plan.name,
        split=tuple(split),
        by_point=tuple(by_point),
        by_nearest=tuple(by_nearest),
        lost=tuple(f"{beats[i].id} {beats[i].name}" for i in lost),
    )
    return _Fit(chosen, report)


def _allowed(beats: tuple[Beat, ...], new: Dataset) -> dict[str, NDArray[np.bool_]]:
    own = np.array([beat.district_code for beat in beats])
    codes = new["districts"]["code"].tolist()
    # A district that was given a new code has no beats yet: any beat may take its units.
    return {code: own == code if (own == code).any() else np.ones(len(beats), dtype=bool) for code in codes}


def _in_new_districts(beats: list[Beat], beat_of_unit: NDArray[np.int64], new: Dataset) -> list[Beat]:
    """`beats` with the district that most of their units lie in; unchanged unless districts were given new codes."""
    codes = new["districts"]["code"][new["units"]["district"]]
    placed = []
    for i, beat in enumerate(beats):
        count = Counter(codes[beat_of_unit == i].tolist())
        placed.append(replace(beat, district_code=min(count, key=lambda code: (-count[code], code))))
    return placed


def _exceptions(
    before: tuple[PlanException, ...], beats: list[Beat], beat_of_unit: NDArray[np.int64], new: Dataset
) -> list[PlanException]:
    """The exceptions that are needed on the new units, with their old reasons where there were any."""
    reasons = {(e.beat_id, e.kind): e.reason for e in before}
    needed = detached_beats(new, beats, beat_of_unit.astype(np.int32))
    return [replace(e, reason=reasons.get((e.beat_id, e.kind), e.reason)) for e in needed]


def _store(report: CarryOver, connection: Connection, change: Change) -> CarryOver:
    connection.execute(
        insert(carry_overs).values(
            at=change.at,
            from_data_version=report.from_data_version,
            to_data_version=report.to_data_version,
            report=msgspec.json.encode(report).decode(),
        )
    )
    return report
