"""Who is within reach of the bases: counted for the force, its districts, wards and beats, today and after a trial."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo_policing.domain.postcodes import shown
from geo_policing.errors import InvalidInputError
from geo_policing.routing.coverage import Coverage
from geo_policing.services.base_times import base_times, reach_of
from geo_policing.services.bases import Base, after, bases_of, must_be_on_road, put_on_road, unlocated_of
from geo_policing.services.counting import LEVELS, Counts, Grouping, bands_of, count, groupings, recount
from geo_policing.services.demand_points import MEASURES, DemandPoints, demand_points
from geo_policing.services.drive_about import POINT_METHOD, about, bases_to_json
from geo_policing.services.drive_params import (
    DEFAULT_MINUTES,
    DRIVING,
    NO_TRIAL,
    TRIALS,
    USUAL_DRIVING,
    Driving,
    Lists,
    TrialQuery,
    one,
    plain,
    read_driving,
    read_minutes,
    read_trial,
    read_whole,
    read_worse_by,
    refuse_unknown,
)
from geo_policing.services.drive_places import trial_of
from geo_policing.services.indexes import derived
from geo_policing.services.quantiles import Weighed
from geo_policing.services.roads import roads_of
from geo_policing.services.view import View
from geo_policing.services.worst_served import QUANTILES, seconds_or_none, unreached_places, worse_places, worst_served

MAX_WORST = 100
MEASURED_KEPT = 8
PARAMETERS = DRIVING | TRIALS | {"minutes", "level", "worst", "worse_by"}
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CoverageQuery:
    """Thresholds, how it is driven, what is tried, and how much of the answer is wanted.

    `worst` is how many of the worst-served places are named; a place is said to get worse where its median drive
    grows by more than `worse_by` minutes.
    """

    minutes: tuple[float, ...] = DEFAULT_MINUTES
    driving: Driving = USUAL_DRIVING
    trial: TrialQuery = NO_TRIAL
    levels: tuple[str, ...] = LEVELS
    worst: int = 10
    worse_by: float = 2.0


@dataclass(frozen=True, eq=False)
class Measured:
    """The coverage of one set of bases, with the bases themselves."""

    bases: tuple[Base, ...]
    reach: Coverage
    counts: Counts


@dataclass(frozen=True, eq=False)
class CoverageResult:
    """The coverage of a view: of `today`, and of `tried` (the same as today without a trial)."""

    view: View
    query: CoverageQuery
    today: Measured
    tried: Measured

    @property
    def is_trial(self) -> bool:
        """True where something is tried."""
        return self.tried is not self.today


def parse_coverage(params: Lists) -> CoverageQuery:
    """The query in an address's parameters; InvalidInputError and TooLargeError as `drive_params` says."""
    refuse_unknown(params, PARAMETERS)
    level = one(params, "level")
    levels = LEVELS if level is None else tuple(part.strip() for part in level.split(","))
    for name in levels:
        if name not in LEVELS:
            raise InvalidInputError(f"level {shown(name)} is none of {', '.join(LEVELS)}.", field="level")
    return CoverageQuery(
        read_minutes(params),
        read_driving(params),
        read_trial(params),
        tuple(name for name in LEVELS if name in levels),
        read_whole(params, "worst", 10, MAX_WORST),
        read_worse_by(params, CoverageQuery.worse_by),
    )


def measure_coverage(view: View, query: CoverageQuery) -> CoverageResult:
    """Count, today and with the trial.

    NotFoundError for a base that is not there, or no roads; RuleError for a trial's place off the roads or where it
    leaves no base.
    """
    trial = trial_of(query.trial)
    today = _today(view, query.driving, query.minutes)
    if not trial.changes_anything:
        return CoverageResult(view, query, today, today)
    must_be_on_road(roads_of(view.dataset), [*trial.open, *(to for _, to in trial.move)])
    bases = after(view, trial)
    reach = _tried(view, today, bases, query)
    points = demand_points(view.dataset)
    counts = recount(points, today.counts, today.reach.nearest_s, reach.nearest_s, query.minutes)
    return CoverageResult(view, query, today, Measured(bases, reach, counts))


def _today(view: View, driving: Driving, minutes: tuple[float, ...]) -> Measured:
    """Today's coverage; the last few are kept with the view, as each trial is held against one."""
    kept: OrderedDict[tuple[Driving, tuple[float, ...]], Measured] = derived(view, "measured", OrderedDict)
    key = (driving, minutes)
    found = kept.get(key) or _measured(view, bases_of(view), reach_today(view, driving), minutes)
    kept[key] = found
    while len(kept) > MEASURED_KEPT:
        with suppress(KeyError):
            kept.popitem(last=False)
    return found


def reach_today(view: View, driving: Driving) -> Coverage:
    """Times from the day's bases to every demand point, kept with the view."""
    key = f"reach/{driving.profile}/{driving.direction}"
    return derived(view, key, lambda: reach_of(view.dataset, bases_of(view), driving))


def _tried(view: View, today: Measured, bases: tuple[Base, ...], query: CoverageQuery) -> Coverage:
    """Today's times without those that close, and with a search for each that opens or moves."""
    times, stays = base_times(view.dataset), {base.id: base for base in bases}
    reach = today.reach.close(*(base.id for base in today.bases if base.id not in stays))
    was = {base.id: base for base in today.bases}
    for base in bases:
        if base.id not in was:
            reach = reach.open(base.id, times.of(base, query.driving))
        elif base != was[base.id]:
            reach = reach.move(base.id, times.of(base, query.driving))
    return reach


def _measured(view: View, bases: tuple[Base, ...], reach: Coverage, minutes: tuple[float, ...]) -> Measured:
    return Measured(bases, reach, count(demand_points(view.dataset), reach.nearest_s, minutes))


def coverage(view: View, query: CoverageQuery) -> dict[str, Any]:
    """`measure_coverage` as plain JSON types."""
    return to_json(measure_coverage(view, query))


def to_json(result: CoverageResult) -> dict[str, Any]:
    """The answer in plain JSON types; counts are whole numbers, shares of 0 to 1 have four decimals."""
    view, query, tried = result.view, result.query, result.tried
    roads, points = roads_of(view.dataset), demand_points(view.dataset)
    names = {base.id: base.name for base in tried.bases}
    return {
        "minutes": [plain(m) for m in query.minutes],
        "areas": area_rows(result),
        "worst_served": worst_served(view.dataset, tried.reach, names, query.worst),
        "unreached": unreached_places(view.dataset, tried.reach),
        "bases": _bases(result),
        "unlocated_bases": list(unlocated_of(view)),
        "change": _change(result) if result.is_trial else None,
        "units_without_residents": points.unknown_units,
        "population_method": str(view.dataset.manifest.get("population_method", "")),
        "incident_months": list(view.dataset.manifest.get("incident_months", ())),
        **about(view, roads, query.driving, POINT_METHOD),
    }


def area_rows(result: CoverageResult) -> list[dict[str, Any]]:
    """One row for each part of the force on each level that was asked for."""
    return [
        row
        for grouping in groupings(result.view)
        if grouping.level in result.query.levels
        for row in _rows(result, grouping)
    ]


def _rows(result: CoverageResult, grouping: Grouping) -> list[dict[str, Any]]:
    minutes = result.query.minutes
    held = {m: np.cumsum(result.tried.counts.by(grouping, m), axis=1).tolist() for m in MEASURES}
    points, reach = demand_points(result.view.dataset), result.tried.reach
    seconds, unreached = _quantiles(points, reach, grouping), _unreached(points, reach, grouping)
    moved = _moved(result, grouping) if result.is_trial else None
    rows = []
    for i, (code, name) in enumerate(zip(grouping.codes, grouping.names, strict=True)):
        totals = {m: held[m][i][-1] for m in MEASURES}
        rows.append(
            {
                "level": grouping.level,
                "code": code,
                "name": name,
                **{m: round(total) for m, total in totals.items()},
                "within": [_within(held, totals, i, b, upto, moved) for b, upto in enumerate(minutes)],
                "residents_unreached": round(float(unreached[i])),
                "median_s": seconds_or_none(seconds[i, 0]),
                "slowest_tenth_s": seconds_or_none(seconds[i, 1]),
            }
        )
    return rows


def _within(
    held: dict[str, list[list[float]]],
    totals: dict[str, float],
    part: int,
    band: int,
    minutes: float,
    moved: _Moved | None,
) -> dict[str, Any]:
    row: dict[str, Any] = {"minutes": plain(minutes)}
    for measure in MEASURES:
        within = held[measure][part][band]
        row[measure] = round(within)
        row[f"{measure}_share"] = round(within / totals[measure], 4) if totals[measure] else None
    if moved is not None:
        row["residents_gained"] = round(float(moved.gained[part, band]))
        row["residents_lost"] = round(float(moved.lost[part, band]))
    return row


@dataclass(frozen=True, eq=False)
class _Moved:
    """Residents who come within (`gained`) and drop out of (`lost`) each threshold: (part, threshold)."""

    gained: Floats
    lost: Floats


def _moved(result: CoverageResult, grouping: Grouping) -> _Moved:
    points, minutes = demand_points(result.view.dataset), result.query.minutes
    before_s, now_s = (m.reach.nearest_s for m in (result.today, result.tried))
    # Where nothing changes nobody moves, and a trial changes little.
    entries = np.flatnonzero((before_s != now_s)[points.point] & (grouping.part[points.unit] >= 0))
    old, new = (bands_of(seconds[points.point[entries]], minutes) for seconds in (before_s, now_s))
    weight, part = points.people[entries], grouping.part[points.unit[entries]]
    gained, lost = (np.zeros((len(grouping.codes), len(minutes))) for _ in range(2))
    for b in range(len(minutes)):
        for table, moved in ((gained, (new <= b) & (old > b)), (lost, (old <= b) & (new > b))):
            table[:, b] = np.bincount(part[moved], weights=weight[moved], minlength=len(table))
    return _Moved(gained, lost)


def _quantiles(points: DemandPoints, reach: Coverage, grouping: Grouping) -> Floats:
    weighed = derived(reach, "weighed", lambda: Weighed(reach.nearest_s[points.point], points.people))
    return weighed.quantiles(grouping.part[points.unit], len(grouping.codes), QUANTILES)


def _unreached(points: DemandPoints, reach: Coverage, grouping: Grouping) -> Floats:
    """Residents to whom no road of the data leads, by part."""
    part = grouping.part[points.unit]
    lost = np.flatnonzero(np.isinf(reach.nearest_s)[points.point] & (part >= 0))
    sums: Floats = np.bincount(part[lost], weights=points.people[lost], minlength=len(grouping.codes)).astype(float)
    return sums


def residents_by_base(result: CoverageResult) -> dict[str, int]:
    """To how many residents each base of the trial is the nearest, by its id; counted at their points, not by unit."""
    points, reach = demand_points(result.view.dataset), result.tried.reach
    row = reach.nearest.astype(np.int64)[points.point] + 1
    people = np.bincount(row, weights=points.people, minlength=len(reach.bases) + 1)[1:]
    return {base: round(float(held)) for base, held in zip(reach.bases, people, strict=True)}


def _bases(result: CoverageResult) -> list[dict[str, Any]]:
    """The bases with what lies in the catchment of each: whom it is the nearest to."""
    points, reach = demand_points(result.view.dataset), result.tried.reach
    row = reach.nearest.astype(np.int64) + 1
    size = len(reach.bases) + 1
    people, incidents = (
        np.bincount(row[points.point], weights=values[points.unit] * points.share, minlength=size)
        for values in (points.residents, points.incidents)
    )
    codes = np.bincount(row[points.postcode_point], minlength=size)
    at = {base: i + 1 for i, base in enumerate(reach.bases)}
    placed = put_on_road(roads_of(result.view.dataset), result.tried.bases)
    return [
        entry
        | {
            "catchment": {
                "residents": round(float(people[at[entry["id"]]])),
                "postcodes": int(codes[at[entry["id"]]]),
                "incidents": round(float(incidents[at[entry["id"]]])),
            }
        }
        for entry in bases_to_json(placed)
    ]


def _rows_today(result: CoverageResult) -> list[dict[str, Any]]:
    """`area_rows` of today, which every trial is held against: made once, and not to be written to."""
    today = CoverageResult(result.view, result.query, result.today, result.today)
    return derived(result.today, f"rows/{','.join(result.query.levels)}", lambda: area_rows(today))


def _change(result: CoverageResult) -> dict[str, Any]:
    points = demand_points(result.view.dataset)
    weight = points.people
    before, now = (m.reach.nearest_s.astype(float)[points.point] for m in (result.today, result.tried))
    both = np.isfinite(before) | np.isfinite(now)
    # A way that ends or begins is a change beyond any number of minutes.
    grown = np.where(both, np.nan_to_num(now, posinf=1e9) - np.nan_to_num(before, posinf=1e9), 0.0)
    limit_s = result.query.worse_by * 60
    before_ids, now_ids = ([base.id for base in m.bases] for m in (result.today, result.tried))
    was = {base.id: base for base in result.today.bases}
    return {
        "closed": [base_id for base_id in before_ids if base_id not in now_ids],
        "opened": [base_id for base_id in now_ids if base_id not in was],
        "moved": [base.id for base in result.tried.bases if base.id in was and base != was[base.id]],
        "worse_by_minutes": result.query.worse_by,
        "residents_worse": round(float(weight[grown > limit_s].sum())),
        "residents_better": round(float(weight[grown < -limit_s].sum())),
        "places_worse": worse_places(
            result.view.dataset, result.today.reach, result.tried.reach, result.query.worse_by
        ),
        "today": _rows_today(result),
    }
