"""How fast each road is driven: one table by class and setting, with the reason for every row.

The speed of a road is its limit times the share of the limit that a whole journey averages on such a road, junctions
and traffic included. The limit is the tagged one, else the law's for the class and setting. Sources:

* limits: Highway Code, rule 124 (30 mph where street lights stand, 60 single, 70 dual carriageway and motorway);
* averages: DfT, *Travel time measures for the Strategic Road Network and local 'A' roads*, July 2018 to June 2019:
  59.0 mph on the strategic network, 25.4 mph on local A roads, town and country together;
* drivers' own choice where nothing hinders them: DfT, *Vehicle speed compliance statistics for Great Britain: 2022*:
  half of all cars pass 30 mph where that is the limit, 11% pass 60 mph on single carriageways.

Nobody publishes averages for minor roads; their shares are judgement, scaled down from those above, and are there to
be overridden in force.toml. No published journey time for single journeys was found to compare with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo_policing.errors import ConfigError

KPH_PER_MPH = 1.609344
SLOW_SURFACE_KPH = 30.0
"""No faster than this on gravel, earth or setts: judgement, about the 20 mph of posted quarry and park roads."""
MIN_KPH, MAX_KPH = 1.0, 200.0
"""What a speed in force.toml may be."""
WALKING_KPH = 5.0
"""Off the road, the pace that DfT's own accessibility statistics assume (4.8 km/h), rounded."""


class RoadClass(IntEnum):
    """OSM's classes that carry vehicles; the number is what the dataset stores."""

    MOTORWAY = 0
    MOTORWAY_LINK = 1
    TRUNK = 2
    TRUNK_LINK = 3
    PRIMARY = 4
    PRIMARY_LINK = 5
    SECONDARY = 6
    SECONDARY_LINK = 7
    TERTIARY = 8
    TERTIARY_LINK = 9
    UNCLASSIFIED = 10
    RESIDENTIAL = 11
    LIVING_STREET = 12
    SERVICE = 13

    @property
    def label(self) -> str:
        """OSM's own word, as force.toml and the response use it."""
        return self.name.lower()


class Setting(IntEnum):
    """Whether a road runs through houses or between them."""

    RURAL = 0
    URBAN = 1


class Profile(StrEnum):
    """Whose drive is timed: everyone's, or response driving at the low, central or high factor."""

    NORMAL = "normal"
    RESPONSE = "response"
    RESPONSE_LOW = "response_low"
    RESPONSE_HIGH = "response_high"


_RESPONSE_COLUMN = {Profile.RESPONSE_LOW: 0, Profile.RESPONSE: 1, Profile.RESPONSE_HIGH: 2}


@dataclass(frozen=True)
class SpeedRow:
    """One class in one setting. `response` multiplies the speed: (low, central, high)."""

    limit_mph: float
    share: float
    response: tuple[float, float, float]
    reason: str
    fixed_kph: float | None = None
    """An operator's own speed, which stands instead of limit times share."""


_FAST, _OPEN, _TOWN, _STREET = (1.05, 1.2, 1.4), (1.1, 1.25, 1.45), (1.05, 1.25, 1.4), (0.9, 1.1, 1.25)
"""Response factors. Nothing is published for police; ambulances saved 31% of the time in the rural US (a factor of
1.45, taken as the upper bound on open roads), 105.8 s a journey in US towns, and drove below the limit in Finland's
30 km/h streets (hence a lower bound under 1 there). An assumption, shown as one."""

_ROWS: dict[tuple[RoadClass, Setting], SpeedRow] = {}


def _row(
    road: RoadClass, *, rural: tuple[float, float], urban: tuple[float, float], reason: str, response: Any
) -> None:
    for setting, (limit, share), factors in (
        (Setting.RURAL, rural, response[0]),
        (Setting.URBAN, urban, response[1]),
    ):
        _ROWS[road, setting] = SpeedRow(limit, share, factors, reason)


_row(
    RoadClass.MOTORWAY,
    rural=(70, 0.87),
    urban=(70, 0.84),
    reason="61 mph: a little above the strategic network's 59.0 mph, which has slower trunk roads in it",
    response=(_FAST, _FAST),
)
_row(
    RoadClass.TRUNK,
    rural=(60, 0.82),
    urban=(40, 0.68),
    reason="57 mph on duals and 49 on singles in the country: around the strategic network's 59.0 mph",
    response=(_OPEN, _TOWN),
)
_row(
    RoadClass.PRIMARY,
    rural=(60, 0.74),
    urban=(30, 0.66),
    reason="44 and 20 mph: local A roads average 25.4 mph, town and country together",
    response=(_OPEN, _TOWN),
)
_row(
    RoadClass.SECONDARY,
    rural=(60, 0.70),
    urban=(30, 0.66),
    reason="42 and 20 mph: B roads bend more than A roads, and carry less",
    response=(_OPEN, _TOWN),
)
_row(
    RoadClass.TERTIARY,
    rural=(60, 0.62),
    urban=(30, 0.66),
    reason="37 and 20 mph: narrower; judgement",
    response=(_OPEN, _TOWN),
)
_row(
    RoadClass.UNCLASSIFIED,
    rural=(60, 0.52),
    urban=(30, 0.62),
    reason="31 and 19 mph: lanes on which two cars must slow to pass; judgement",
    response=(_TOWN, _STREET),
)
_row(
    RoadClass.RESIDENTIAL,
    rural=(30, 0.62),
    urban=(30, 0.60),
    reason="18 mph: parked cars and give-ways; judgement",
    response=(_STREET, _STREET),
)
_row(
    RoadClass.LIVING_STREET,
    rural=(20, 0.50),
    urban=(20, 0.50),
    reason="10 mph: shared with people on foot; judgement",
    response=((0.9, 1.0, 1.1), (0.9, 1.0, 1.1)),
)
_row(
    RoadClass.SERVICE,
    rural=(20, 0.50),
    urban=(20, 0.50),
    reason="10 mph: yards, car parks and alleys; judgement",
    response=((0.9, 1.0, 1.1), (0.9, 1.0, 1.1)),
)
for _parent, _limit_urban in (
    (RoadClass.MOTORWAY, 60.0),
    (RoadClass.TRUNK, 40.0),
    (RoadClass.PRIMARY, 30.0),
    (RoadClass.SECONDARY, 30.0),
    (RoadClass.TERTIARY, 30.0),
):
    _row(
        RoadClass(_parent + 1),
        rural=(_ROWS[_parent, Setting.RURAL].limit_mph, 0.60),
        urban=(_limit_urban, 0.55),
        reason="slip roads: as their class, less the curve and the give-way; judgement",
        response=(_TOWN, _STREET),
    )
_DUAL_MPH = 70.0


@dataclass(frozen=True)
class SpeedTable:
    """The rows in use: the program's own, with a force's overrides laid over them."""

    rows: Mapping[tuple[RoadClass, Setting], SpeedRow]

    @classmethod
    def default(cls) -> SpeedTable:
        """The program's own table."""
        return cls(dict(_ROWS))

    def with_overrides(
        self,
        *,
        kph: Mapping[str, float] | None = None,
        response: Mapping[str, tuple[float, float, float]] | None = None,
    ) -> SpeedTable:
        """This table with speeds (km/h) and response factors of one's own.

        Keys are "residential.urban", or "residential" for both settings. ConfigError names every key that is no
        road class and every value that is not within `MIN_KPH` to `MAX_KPH`, or not an ordered triple of factors
        between 0.2 and 3.
        """
        rows = dict(self.rows)
        problems: list[str] = []
        for key, speed in (kph or {}).items():
            if not MIN_KPH <= speed <= MAX_KPH:
                problems.append(f"speed {key} = {speed} is not between {MIN_KPH:g} and {MAX_KPH:g} km/h")
            for place in _places(key, problems):
                rows[place] = replace(rows[place], fixed_kph=float(speed), reason="set in force.toml")
        for key, factors in (response or {}).items():
            if len(factors) != 3 or not 0.2 <= factors[0] <= factors[1] <= factors[2] <= 3:
                problems.append(f"response {key} = {list(factors)} is not low <= central <= high between 0.2 and 3")
                continue
            for place in _places(key, problems):
                rows[place] = replace(rows[place], response=(factors[0], factors[1], factors[2]))
        if problems:
            raise ConfigError("; ".join(problems) + ".")
        return SpeedTable(rows)

    def kph(
        self,
        *,
        road_class: NDArray[Any],
        urban: NDArray[Any],
        limit_kph: NDArray[Any],
        dual: NDArray[Any],
        slow_surface: NDArray[Any],
        profile: Profile = Profile.NORMAL,
    ) -> NDArray[np.float64]:
        """Speed of each road in km/h, always above 0; `limit_kph` is NaN where no limit is tagged."""
        assumed, share, fixed, factor = (np.empty((len(RoadClass), 2)) for _ in range(4))
        for (road, setting), row in self.rows.items():
            assumed[road, setting] = row.limit_mph * KPH_PER_MPH
            share[road, setting] = row.share
            fixed[road, setting] = np.nan if row.fixed_kph is None else row.fixed_kph
            factor[road, setting] = 1.0 if profile is Profile.NORMAL else row.response[_RESPONSE_COLUMN[profile]]
        place = (road_class.astype(np.intp), urban.astype(np.intp))
        default = np.where(dual & ~urban.astype(bool), _DUAL_MPH * KPH_PER_MPH, assumed[place])
        speed = np.where(np.isnan(limit_kph), default, limit_kph) * share[place]
        # A service road under a 60 mph sign is still a yard: no tag lifts these above what the class is driven at.
        slow_class = np.isin(road_class, (RoadClass.SERVICE, RoadClass.LIVING_STREET))
        speed = np.where(slow_class, np.minimum(speed, assumed[place] * share[place]), speed)
        speed = np.where(np.isnan(fixed[place]), speed, fixed[place])
        speed = np.where(slow_surface, np.minimum(speed, SLOW_SURFACE_KPH), speed) * factor[place]
        return np.asarray(np.clip(speed, MIN_KPH, MAX_KPH), dtype=np.float64)

    def to_rows(self) -> list[dict[str, Any]]:
        """The table as plain rows for a page, a response or the documentation."""
        return [
            {
                "road": road.label,
                "setting": setting.name.lower(),
                "limit_mph": row.limit_mph,
                "average_kph": round(row.fixed_kph or row.limit_mph * KPH_PER_MPH * row.share, 1),
                "response": {"low": row.response[0], "central": row.response[1], "high": row.response[2]},
                "reason": row.reason,
            }
            for (road, setting), row in sorted(self.rows.items())
        ]


def _places(key: str, problems: list[str]) -> list[tuple[RoadClass, Setting]]:
    name, _, setting = key.partition(".")
    if name.upper() not in RoadClass.__members__ or setting not in ("", "urban", "rural"):
        known = ", ".join(road.label for road in RoadClass)
        problems.append(f"{key!r} is no road class, with or without .urban or .rural; the classes are {known}")
        return []
    settings = [Setting[setting.upper()]] if setting else list(Setting)
    return [(RoadClass[name.upper()], s) for s in settings]
