"""What is asked of drive times, read once at the door: places, thresholds, how it is driven, and trials.

Parameters come as lists of texts by name (an address's query, or a command line's options); `places_in_list` reads the
JSON of a POST. Whatever is wrong is an InvalidInputError that names the field, the value and what would be right; what
is more than the documented limits a TooLargeError.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from geo_policing.domain.postcodes import PostcodeReading, read_postcode, shown
from geo_policing.errors import InvalidInputError, TooLargeError
from geo_policing.routing.costs import Direction
from geo_policing.routing.field import Quality
from geo_policing.routing.speeds import Profile
from geo_policing.services.query_types import PointQuery
from geo_policing.services.query_values import clean, read_day, read_easting_northing, read_lat_lon
from geo_policing.wording import worded

MIN_MINUTES, MAX_MINUTES = 0.1, 60.0
MAX_THRESHOLDS = 60
MAX_PLACES = 1_000
"""Bases and points of one isochrone: a thousand are one search."""
MAX_TRIALS = 50
"""Bases to close, open or move in one question."""
LONGEST_LIST = 1_000
"""Thresholds that are read, repeated ones among them, before they are counted as different ones."""
DEFAULT_MINUTES = (5.0, 10.0, 15.0, 20.0)
DRIVING = frozenset({"profile", "direction", "as_of"})
TRIALS = frozenset({"close", "open", "move"})
PLACES = frozenset({"base", "lat", "lon", "easting", "northing", "postcode"})

Lists = Mapping[str, Sequence[str]]
Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True)
class BaseId:
    """A response base by its id."""

    id: str


@dataclass(frozen=True)
class BareText:
    """A base's id where there is one of that id, else a postcode."""

    text: str


Place = PointQuery | PostcodeReading | BaseId | BareText


@dataclass(frozen=True)
class Driving:
    """How it is driven, and for which day (None: today)."""

    profile: Profile = Profile.NORMAL
    direction: Direction = Direction.OUTBOUND
    as_of: date | None = None


USUAL_DRIVING = Driving()


@dataclass(frozen=True)
class TrialQuery:
    """Bases to close by id, places to open, bases to move and where to."""

    close: tuple[str, ...] = ()
    open: tuple[PointQuery, ...] = ()
    move: tuple[tuple[str, PointQuery], ...] = ()


NO_TRIAL = TrialQuery()


def refuse_unknown(params: Mapping[str, Any], known: frozenset[str]) -> None:
    """InvalidInputError for the first name in `params` that is not in `known`.

    Where trials are known, so is `scenario`, which `scenarios.in_full` has put its changes in the place of.
    """
    for name in params:
        if name not in known:
            names = ", ".join(sorted(known | {"scenario"} if known >= TRIALS else known))
            problem = worded(
                "%(name)s is not a parameter here. There are %(known)s.",
                name=shown(str(name)),
                known=names or "none",
            )
            raise InvalidInputError(problem, field=str(name)[:40])


def one(params: Lists, name: str) -> str | None:
    """The one value of a parameter, None where it is not given."""
    values = params.get(name, ())
    if len(values) > 1:
        raise InvalidInputError(worded("%(name)s stands more than once; give it once.", name=name), field=name)
    return clean(values[0], name) if values else None


def read_driving(params: Lists) -> Driving:
    """`profile` (normal), `direction` (outbound) and `as_of`."""
    as_of = one(params, "as_of")
    return Driving(
        read_choice(params, "profile", Profile.NORMAL),
        read_choice(params, "direction", Direction.OUTBOUND),
        None if as_of is None else read_day(as_of),
    )


def read_choice(params: Lists, name: str, default: Choice) -> Choice:
    """One of the words of `default`'s kind."""
    text = one(params, name)
    if text is None:
        return default
    kind = type(default)
    try:
        return kind(text)
    except ValueError:
        words = ", ".join(kind)
        problem = worded("%(name)s %(typed)s is none of %(known)s.", name=name, typed=shown(text), known=words)
        raise InvalidInputError(problem, field=name) from None


def read_quality(params: Lists, default: Quality = Quality.PUBLISHED) -> Quality:
    """`quality`: interactive or published."""
    return read_choice(params, "quality", default)


def read_flag(params: Lists, name: str) -> bool:
    """true or false (also 1 and 0); False where it is not given."""
    text = one(params, name)
    if text not in (None, "true", "false", "1", "0"):
        raise InvalidInputError(f"{name} {shown(str(text))} is neither true nor false.", field=name)
    return text in ("true", "1")


def read_whole(params: Lists, name: str, default: int, maximum: int) -> int:
    """A whole number above 0; one above `maximum` counts as `maximum`."""
    text = one(params, name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) or int(text) == 0:
        raise InvalidInputError(f"{name} {shown(text)} is not a whole number above 0.", field=name)
    return min(int(text), maximum)


def read_minutes(params: Lists, default: tuple[float, ...] = DEFAULT_MINUTES) -> tuple[float, ...]:
    """The thresholds in `minutes`, ascending, each once; in any order, split by commas or given again."""
    if "minutes" not in params:
        return default
    count = sum(value.count(",") + 1 for value in params["minutes"])
    if count > LONGEST_LIST:
        raise _too_many(count)
    texts = [clean(part, "minutes") for value in params["minutes"] for part in value.split(",")]
    return check_minutes([_minutes(text) for text in texts])


def read_worse_by(params: Lists, default: float) -> float:
    """`worse_by`: by how many minutes a drive has to grow to count, one number within the bounds of a threshold."""
    text = one(params, "worse_by")
    if text is None:
        return default
    try:
        (value,) = read_minutes({"minutes": [text]})
    except ValueError as error:
        problem = worded("%(typed)s is no number of minutes from 0.1 to 60", typed=shown(text))
        raise InvalidInputError(problem, field="worse_by") from error
    return value


def check_minutes(minutes: Sequence[float]) -> tuple[float, ...]:
    """Thresholds ascending, each once; InvalidInputError outside 0.1 to 60, TooLargeError for more than 60 of them."""
    for value in minutes:
        if not MIN_MINUTES <= value <= MAX_MINUTES:
            raise InvalidInputError(
                worded(
                    "minutes %(value)s is not between %(least)s and %(most)s. Give such as 5,10,15,20.",
                    value=f"{value:g}",
                    least=f"{MIN_MINUTES:g}",
                    most=f"{MAX_MINUTES:g}",
                ),
                field="minutes",
            )
    # Tenths of a second are what the raster keeps.
    ascending = sorted({round(value * 600) / 600 for value in minutes})
    if not ascending:
        raise InvalidInputError(worded("minutes is empty. Give such as 5,10,15,20."), field="minutes")
    if len(ascending) > MAX_THRESHOLDS:
        raise _too_many(len(ascending))
    return tuple(ascending)


def _too_many(count: int) -> TooLargeError:
    return TooLargeError(
        worded("%(count)s thresholds; at most %(most)s are drawn at once.", count=count, most=MAX_THRESHOLDS),
        field="minutes",
    )


def plain(minutes: float) -> float | int:
    """A threshold as it is served: without a point where it is whole.

    >>> plain(5.0), plain(7.5)
    (5, 7.5)
    """
    return int(minutes) if minutes == int(minutes) else round(minutes, 3)


def _minutes(text: str) -> float:
    try:
        value = float(text) if re.fullmatch(r"[+-]?[0-9]*\.?[0-9]+", text, re.ASCII) else math.nan
    except ValueError:
        value = math.nan
    if math.isnan(value):
        raise InvalidInputError(
            worded("minutes %(typed)s is not a number. Give such as 5,10,15,20.", typed=shown(text)), field="minutes"
        )
    return value


def read_places(params: Lists) -> list[Place]:
    """Every place in `params`, bases first; `base` may list ids split by commas, `lat` and `lon` stand in pairs."""
    places: list[Place] = [BaseId(clean(part, "base")) for value in params.get("base", ()) for part in value.split(",")]
    places += [read_lat_lon(y, x) for y, x in _pairs(params, "lat", "lon")]
    places += [read_easting_northing(x, y) for x, y in _pairs(params, "easting", "northing")]
    places += [read_postcode(clean(value, "postcode")) for value in params.get("postcode", ())]
    return check_count(places, MAX_PLACES, "base")


def check_count(places: list[Place], limit: int, field: str) -> list[Place]:
    """`places` as they are; TooLargeError for more than `limit`."""
    if len(places) > limit:
        raise TooLargeError(f"{len(places):,} {field}s; at most {limit:,} are taken in one call.", field=field)
    return places


def _pairs(params: Lists, first: str, second: str) -> list[tuple[str, str]]:
    ones, others = params.get(first, ()), params.get(second, ())
    if len(ones) != len(others):
        lacking = second if len(ones) > len(others) else first
        raise InvalidInputError(f"{lacking} is missing. Give {first} and {second} together.", field=lacking)
    return [(clean(a, first), clean(b, second)) for a, b in zip(ones, others, strict=True)]


def places_in_list(values: object, field: str, limit: int) -> list[Place]:
    """The places of a JSON array: objects with lat and lon, easting and northing, postcode or base; or bare texts."""
    if not isinstance(values, list):
        raise InvalidInputError(f"{field} is not an array of places.", field=field)
    if len(values) > limit:
        raise TooLargeError(f"{len(values):,} {field}; at most {limit:,} are taken in one call.", field=field)
    return [_place(value, f"{field}[{i}]") for i, value in enumerate(values)]


_KINDS = ({"lat", "lon"}, {"easting", "northing"}, {"postcode"}, {"base"})


def _place(value: object, field: str) -> Place:
    try:
        return BareText(clean(value, "place")) if isinstance(value, str) else _from_object(value)
    except InvalidInputError as error:
        raise InvalidInputError(f"{field}: {error}", field=field) from error


def _from_object(value: object) -> Place:
    if not isinstance(value, dict) or set(value) not in _KINDS:
        raise InvalidInputError(
            'a place is {"lat", "lon"}, {"easting", "northing"}, {"postcode"} or {"base"}, or a text.'
        )
    texts = {name: _text(part, name) for name, part in value.items()}
    if "lat" in texts:
        return read_lat_lon(texts["lat"], texts["lon"])
    if "easting" in texts:
        return read_easting_northing(texts["easting"], texts["northing"])
    return BaseId(texts["base"]) if "base" in texts else read_postcode(texts["postcode"])


def _text(value: object, name: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InvalidInputError(f"{name} is neither a number nor a text.", field=name)
    return clean(value if isinstance(value, str) else repr(value), name)


def read_trial(params: Lists) -> TrialQuery:
    """`close=ID`, `open=lat,lon` and `move=ID,lat,lon`, each any number of times."""
    close = tuple(dict.fromkeys(part.strip() for v in params.get("close", ()) for part in clean(v, "close").split(",")))
    opened = tuple(_at(clean(v, "open").split(","), "open", v) for v in params.get("open", ()))
    moved = []
    for value in params.get("move", ()):
        base_id, *place = clean(value, "move").split(",")
        moved.append((base_id.strip(), _at(place, "move", value)))
    if len(close) + len(opened) + len(moved) > MAX_TRIALS:
        raise TooLargeError(f"More than {MAX_TRIALS} bases to close, open or move in one question.", field="close")
    return TrialQuery(close, opened, tuple(moved))


def _at(parts: list[str], field: str, given: str) -> PointQuery:
    if len(parts) != 2:
        form = "ID,LAT,LON" if field == "move" else "LAT,LON"
        raise InvalidInputError(f"{field} {shown(given)} is not of the form {form}.", field=field)
    return read_lat_lon(parts[0].strip(), parts[1].strip())
