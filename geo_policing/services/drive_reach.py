"""What the drive-time page says in words and numbers: who lives within reach, where it is worst, what a change does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from geo_policing.errors import InvalidInputError, RuleError
from geo_policing.services.counting import groupings
from geo_policing.services.coverage import coverage
from geo_policing.services.drive_page import LEVELS, DrivePageQuery
from geo_policing.services.drive_params import NO_TRIAL
from geo_policing.services.drive_times import nearest_base, parse_nearest
from geo_policing.services.view import View
from geo_policing.wording import worded

WORST_SHOWN = 5
TRIAL_NAME = worded("Trial base")


@dataclass(frozen=True)
class Within:
    """How much of what is counted lies within `minutes`, and its share of the whole (None where there is none)."""

    minutes: int
    count: int
    share: float | None


@dataclass(frozen=True)
class Row:
    """One part of the force: what is counted, in all and within each threshold.

    `median` and `slowest_tenth` are minutes that half of its residents are within and that a tenth of them need at
    least; None where no road leads, or nobody lives.
    """

    name: str
    total: int
    within: tuple[Within, ...]
    median: float | None
    slowest_tenth: float | None

    @property
    def bands(self) -> tuple[tuple[float, float], ...]:
        """For each threshold the share at which its band begins and the one at which it ends; () where not known."""
        ends = [row.share for row in self.within if row.share is not None]
        return tuple(pairwise([0.0, *ends]))


@dataclass(frozen=True)
class WorstPlace:
    """A place that is far from every base: minutes of its middle resident, and from which base."""

    name: str
    near: str
    minutes: float
    base: str


@dataclass(frozen=True)
class Catchment:
    """A base with the residents who are nearest to it by drive time."""

    base: str
    residents: int


@dataclass(frozen=True)
class Moved:
    """Residents within `minutes` today and with the change, and how many come within them and drop out of them."""

    minutes: int
    today: int
    then: int
    gained: int
    lost: int


@dataclass(frozen=True)
class ChangedArea:
    """One part of the force with what the change does to it, by threshold."""

    name: str
    by_minutes: tuple[Moved, ...]


@dataclass(frozen=True)
class WorsePlace:
    """A place whose middle resident gets farther: minutes today and with the change (None: no way any more)."""

    name: str
    near: str
    before: float
    then: float | None


@dataclass(frozen=True)
class Comparison:
    """What a change does, against today: names of bases, and the residents it moves."""

    closed: tuple[str, ...]
    opened: tuple[str, ...]
    moved: tuple[str, ...]
    force: ChangedArea
    districts: tuple[ChangedArea, ...]
    residents_worse: int
    residents_better: int
    worse: tuple[WorsePlace, ...]


@dataclass(frozen=True)
class DriveNumbers:
    """The figures of one query; `force` and `rows` count what the query asks for, the rest is about residents.

    `levels` are those for which this data has rows. `comparison` is None where nothing is changed.
    """

    force: Row
    residents: Row
    districts: tuple[Row, ...]
    rows: tuple[Row, ...]
    levels: tuple[str, ...]
    has_incidents: bool
    worst: tuple[WorstPlace, ...]
    unreached: tuple[str, ...]
    catchments: tuple[Catchment, ...]
    comparison: Comparison | None


@dataclass(frozen=True)
class BaseTime:
    """The drive from one base, rounded to whole minutes; None where there is no way."""

    base: str
    minutes: int | None


def drive_numbers(view: View, query: DrivePageQuery) -> DriveNumbers:
    """The figures for `query`; the errors of `services.coverage`."""
    content = coverage(view, query.coverage("force", "district", query.level))
    areas = _by_level(content["areas"])
    rows = [_row(area, query.count) for area in areas.get(query.level, ())]
    if query.level != LEVELS[0]:
        # Many rows: those with the longest way first, as they are what such a table is read for.
        rows.sort(key=lambda row: -(row.median if row.median is not None else float("inf")))
    return DriveNumbers(
        force=_row(areas["force"][0], query.count),
        residents=_row(areas["force"][0], "residents"),
        districts=tuple(_row(area, query.count) for area in areas["district"]),
        rows=tuple(rows),
        levels=tuple(g.level for g in groupings(view) if g.level in LEVELS),
        has_incidents=bool(content["incident_months"]),
        worst=tuple(_worst(place, content) for place in content["worst_served"][:WORST_SHOWN]),
        unreached=tuple(place["name"] for place in content["unreached"]),
        catchments=tuple(Catchment(_name(base, content), base["catchment"]["residents"]) for base in content["bases"]),
        comparison=_comparison(view, query, content, areas),
    )


def times_from(view: View, query: DrivePageQuery, where: str) -> tuple[BaseTime, ...]:
    """The drive from each base of `query` to the postcode, or "latitude, longitude", in `where`; nearest first.

    InvalidInputError for what is neither, NotFoundError for an unknown postcode, RuleError where no road is near.
    """
    if not where:
        raise InvalidInputError(worded("Enter a postcode, or a latitude and a longitude"), field="where")
    parts = [part.strip() for part in where.split(",")]
    place = {"lat": [parts[0]], "lon": [parts[1]]} if len(parts) == 2 else {"postcode": [where]}
    content = nearest_base(view, replace(parse_nearest(place), driving=query.driving, trial=query.change))
    if content["place"]["offset_m"] is None:
        raise RuleError(
            worded(
                "No road is within %(metres)s m of that place. Give one nearer to a road",
                metres=f"{content['max_offset_m']:.0f}",
            )
        )
    return tuple(BaseTime(_name(base, content), _whole_minutes(base["duration_s"])) for base in content["bases"])


def _by_level(areas: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for area in areas:
        found.setdefault(area["level"], []).append(area)
    return found


def _row(area: Mapping[str, Any], count: str) -> Row:
    within = tuple(Within(int(row["minutes"]), row[count], row[f"{count}_share"]) for row in area["within"])
    return Row(area["name"], area[count], within, _minutes(area["median_s"]), _minutes(area["slowest_tenth_s"]))


def _comparison(
    view: View, query: DrivePageQuery, content: Mapping[str, Any], areas: Mapping[str, Sequence[Mapping[str, Any]]]
) -> Comparison | None:
    if query.change == NO_TRIAL:
        return None
    change = content["change"]
    today = _by_level(change["today"])
    names = {f.id: f.name for f in view.facilities} | {b["id"]: _name(b, content) for b in content["bases"]}
    closed, opened, moved = (tuple(names[i] for i in change[kind]) for kind in ("closed", "opened", "moved"))
    return Comparison(
        closed,
        opened,
        moved,
        _changed(today["force"][0], areas["force"][0]),
        tuple(_changed(old, new) for old, new in zip(today["district"], areas["district"], strict=True)),
        change["residents_worse"],
        change["residents_better"],
        tuple(_worse(place) for place in change["places_worse"]),
    )


def _changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> ChangedArea:
    pairs = zip(old["within"], new["within"], strict=True)
    return ChangedArea(
        new["name"],
        tuple(
            Moved(int(n["minutes"]), o["residents"], n["residents"], n["residents_gained"], n["residents_lost"])
            for o, n in pairs
        ),
    )


def _worse(place: Mapping[str, Any]) -> WorsePlace:
    return WorsePlace(place["name"], place["near"] or "", place["median_before_s"] / 60, _minutes(place["median_s"]))


def _worst(place: Mapping[str, Any], content: Mapping[str, Any]) -> WorstPlace:
    base = next((_name(b, content) for b in content["bases"] if b["name"] == place["base"]), "")
    return WorstPlace(place["name"], place["near"] or "", place["median_s"] / 60, base)


def _name(base: Mapping[str, Any], content: Mapping[str, Any]) -> str:
    """A base's name; those that open are "Trial base", numbered where there are several."""
    opened = [b["id"] for b in content["bases"] if str(b["id"]).startswith("open-")]
    if base["id"] not in opened:
        return str(base["name"])
    number = str(base["id"]).removeprefix("open-")
    return TRIAL_NAME if len(opened) == 1 else worded("Trial base %(number)s", number=number)


def _minutes(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / 60


def _whole_minutes(seconds: float | None) -> int | None:
    return None if seconds is None else max(1, round(seconds / 60))
