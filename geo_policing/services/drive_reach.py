"""What the drive-time page says in words: how many live within reach, where it is worst, and how long to one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geo_policing.errors import InvalidInputError, RuleError
from geo_policing.services.bases import bases_of
from geo_policing.services.coverage import coverage, parse_coverage
from geo_policing.services.drive_page import DrivePageQuery
from geo_policing.services.drive_times import nearest_base, parse_nearest
from geo_policing.services.view import View

WORST_SHOWN = 5
TRIAL_NAME = "Trial base"


@dataclass(frozen=True)
class Within:
    """How many residents live within `minutes`, and their share of the area's (None where it has none)."""

    minutes: int
    residents: int
    share: float | None


@dataclass(frozen=True)
class Area:
    """One district, or the force: its residents, and how many of them are within each threshold."""

    name: str
    residents: int
    within: tuple[Within, ...]


@dataclass(frozen=True)
class WorstPlace:
    """A place that is far from every base: minutes of its middle resident, None where there is no way at all."""

    name: str
    near: str
    minutes: float | None
    base: str


@dataclass(frozen=True)
class Catchment:
    """A base with the residents who are nearest to it by drive time."""

    base: str
    residents: int


@dataclass(frozen=True)
class DriveNumbers:
    """The figures of one query."""

    force: Area
    districts: tuple[Area, ...]
    worst: tuple[WorstPlace, ...]
    catchments: tuple[Catchment, ...]


@dataclass(frozen=True)
class BaseTime:
    """The drive from one base, rounded to whole minutes; None where there is no way."""

    base: str
    minutes: int | None


def drive_numbers(view: View, query: DrivePageQuery) -> DriveNumbers:
    """The figures for the bases of `query` and its trial base; the errors of `services.coverage`."""
    content = coverage(view, parse_coverage(_parameters(view, query) | {"minutes": [_listed(query.minutes)]}))
    areas = content["areas"]
    force = next(_area(area) for area in areas if area["level"] == "force")
    return DriveNumbers(
        force,
        tuple(_area(area) for area in areas if area["level"] == "district"),
        tuple(_worst(place) for place in content["worst_served"][:WORST_SHOWN]),
        tuple(Catchment(_name(base), round(base["catchment"]["residents"])) for base in content["bases"]),
    )


def times_from(view: View, query: DrivePageQuery, where: str) -> tuple[BaseTime, ...]:
    """The drive from each base of `query` to the postcode, or "latitude, longitude", in `where`; nearest first.

    InvalidInputError for what is neither, NotFoundError for an unknown postcode, RuleError where no road is near.
    """
    if not where:
        raise InvalidInputError("Enter a postcode, or a latitude and a longitude", field="where")
    parts = [part.strip() for part in where.split(",")]
    place = {"lat": [parts[0]], "lon": [parts[1]]} if len(parts) == 2 else {"postcode": [where]}
    content = nearest_base(view, parse_nearest(_parameters(view, query) | place))
    if content["place"]["offset_m"] is None:
        raise RuleError(f"No road is within {content['max_offset_m']:.0f} m of that place. Give one nearer to a road")
    return tuple(BaseTime(_name(base), _whole_minutes(base["duration_s"])) for base in content["bases"])


def _parameters(view: View, query: DrivePageQuery) -> dict[str, list[str]]:
    closed = [base.id for base in bases_of(view) if base.id not in query.bases]
    parameters = {"profile": [str(query.profile)]} | ({"close": closed} if closed else {})
    if query.trial is not None:
        parameters["open"] = [f"{query.trial.y},{query.trial.x}"]
    return parameters


def _listed(minutes: tuple[int, ...]) -> str:
    return ",".join(str(m) for m in minutes)


def _area(content: Mapping[str, Any]) -> Area:
    within = tuple(
        Within(int(row["minutes"]), round(row["residents"]), row["residents_share"]) for row in content["within"]
    )
    return Area(content["name"], round(content["residents"]), within)


def _worst(content: Mapping[str, Any]) -> WorstPlace:
    seconds = content["median_s"]
    base = content["base"]
    name = _name(base) if isinstance(base, Mapping) else str(base or "")
    return WorstPlace(content["name"], content["near"] or "", None if seconds is None else seconds / 60, name)


def _name(base: Mapping[str, Any]) -> str:
    return TRIAL_NAME if str(base["id"]).startswith("open-") else str(base["name"])


def _whole_minutes(seconds: float | None) -> int | None:
    return None if seconds is None else max(1, round(seconds / 60))
