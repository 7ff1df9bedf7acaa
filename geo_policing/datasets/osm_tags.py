"""What OSM tags say to a driver: may one drive here, which way, and how fast.

Rules as the OSM wiki defines the keys (Key:access, Key:oneway, Key:maxspeed, Key:barrier) and, where it leaves them
open, as drivers in Britain would take them. Ferries are no roads here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from geo_policing.routing.speeds import KPH_PER_MPH, RoadClass

Tags = Mapping[str, str]
NAN = float("nan")

_ACCESS_KEYS = ("motorcar", "motor_vehicle", "vehicle", "access")
"""From the most special to the most general: the first that is there decides."""
_CLOSED = {"no", "private", "agricultural", "forestry", "military", "emergency", "bus", "psv", "delivery", "permit"}
_CLASSES = {road.label: road for road in RoadClass} | {"road": RoadClass.UNCLASSIFIED}
_NOT_YET = {"construction", "proposed", "planned", "abandoned", "disused", "razed"}
_SLOW_SURFACES = {
    "unpaved", "gravel", "fine_gravel", "dirt", "earth", "ground", "grass", "mud", "sand", "compacted",
    "pebblestone", "cobblestone", "sett", "unhewn_cobblestone", "woodchips", "rock",
}  # fmt: skip
_YES = {"yes", "true", "1"}
_BLOCKING_BARRIERS = {
    "bollard", "block", "jersey_barrier", "cycle_barrier", "motorcycle_barrier", "stile", "kissing_gate",
    "turnstile", "log", "chain", "debris", "planter", "full-height_turnstile", "bus_trap", "sump_buster", "wall",
    "fence", "hedge",
}  # fmt: skip
"""Nodes that stop a car unless a tag lets it through. A gate or lift gate does not stop one unless it says so."""
_WORD_LIMITS_MPH = {
    "gb:nsl_single": 60.0, "gb:nsl_dual": 70.0, "gb:nsl_restricted": 30.0, "gb:motorway": 70.0, "gb:urban": 30.0,
    "gb:rural": 60.0, "gb:zone20": 20.0, "gb:zone30": 30.0, "gb:20": 20.0, "gb:30": 30.0,
}  # fmt: skip
_WALK_KPH = 6.0


@dataclass(frozen=True)
class RoadRule:
    """How a way may be driven. `closed` is a phrase where it may not be, '' where it may."""

    closed: str = ""
    road_class: RoadClass = RoadClass.UNCLASSIFIED
    forward: bool = True
    backward: bool = True
    limit_forward_kph: float = NAN
    limit_backward_kph: float = NAN
    dual: bool = False
    roundabout: bool = False
    slow_surface: bool = False
    built_up: int = -1
    """1 where tags say built-up, 0 where they say not, -1 where they do not say."""


def read_rule(tags: Tags) -> RoadRule:
    """The rule of a way with `tags`, which must have highway."""
    highway = tags.get("highway", "")
    closed = _closed(highway, tags)
    if closed:
        return RoadRule(closed=closed)
    road_class = _CLASSES[highway]
    roundabout = tags.get("junction") in ("roundabout", "circular")
    forward, backward, problem = _directions(tags, road_class, roundabout=roundabout)
    if problem:
        return RoadRule(closed=problem)
    dual = _is_dual(tags, road_class, roundabout=roundabout, both_ways=forward and backward)
    both = _limit(tags, ("maxspeed", "maxspeed:type", "source:maxspeed", "zone:maxspeed"), dual=dual)
    ahead = _limit(tags, ("maxspeed:forward",), dual=dual)
    behind = _limit(tags, ("maxspeed:backward",), dual=dual)
    return RoadRule(
        "",
        road_class,
        forward,
        backward,
        both if np.isnan(ahead) else ahead,
        both if np.isnan(behind) else behind,
        dual,
        roundabout,
        tags.get("surface", "") in _SLOW_SURFACES,
        _built_up(tags, both),
    )


def parse_limit_kph(text: str, *, dual: bool = False) -> float:
    """A speed limit in km/h: "30 mph", "50" (km/h), "GB:nsl_single", "national", "none", "walk"; NaN where unreadable.

    Of several ("30 mph; 40 mph") the lowest counts. In Britain "none" means no sign but the national limit. Zero,
    negative and absurd speeds (above 200 km/h) are as if absent.
    """
    found = [_one_limit(part.strip().casefold(), dual=dual) for part in text.replace("|", ";").split(";")]
    known = [value for value in found if 0 < value <= 200]
    return min(known) if known else NAN


def blocks_cars(tags: Tags) -> bool:
    """True for a node that no car passes: a bollard, or a gate that is said to be closed to cars."""
    if "barrier" not in tags:
        return False
    value = next((tags[key] for key in _ACCESS_KEYS if key in tags), None)
    if value is not None:
        return value in _CLOSED
    return tags["barrier"] in _BLOCKING_BARRIERS or tags.get("locked") == "yes"


def _closed(highway: str, tags: Tags) -> str:
    """Why a car may not drive along the way, '' where it may."""
    if highway in _NOT_YET or any(tags.get(key) == "yes" for key in _NOT_YET):
        return "not built yet, or no longer there"
    if highway == "busway":
        return "for buses only"
    if highway not in _CLASSES:
        return "not for cars"
    value = next((tags[key] for key in _ACCESS_KEYS if key in tags), None)
    if value in _CLOSED:
        for_buses = value in ("bus", "psv") or any(tags.get(key) in ("yes", "designated") for key in ("bus", "psv"))
        return "for buses only" if for_buses else "private or closed to cars"
    return ""


def _directions(tags: Tags, road_class: RoadClass, *, roundabout: bool) -> tuple[bool, bool, str]:
    value = tags.get("oneway", "").casefold()
    if value in ("reversible", "alternating") and road_class is RoadClass.MOTORWAY:
        return False, False, "its direction changes with the hour"
    if value == "-1" or value == "reverse":
        return False, True, ""
    if value in _YES:
        return True, False, ""
    if value == "reversible":
        return False, False, "its direction changes with the hour"
    if value in ("no", "false", "0", "alternating"):
        # Alternating roads (a narrow bridge under lights) let both directions through in turn.
        return True, True, ""
    implied = roundabout or road_class is RoadClass.MOTORWAY
    return True, not implied, ""


def _is_dual(tags: Tags, road_class: RoadClass, *, roundabout: bool, both_ways: bool) -> bool:
    said = {tags.get(key, "").casefold() for key in ("maxspeed", "maxspeed:type", "source:maxspeed")}
    if "gb:nsl_dual" in said or tags.get("dual_carriageway") == "yes":
        return True
    if "gb:nsl_single" in said or roundabout or both_ways:
        return False
    return road_class in (RoadClass.TRUNK, RoadClass.PRIMARY)


def _limit(tags: Tags, keys: tuple[str, ...], *, dual: bool) -> float:
    for key in keys:
        value = parse_limit_kph(tags.get(key, ""), dual=dual)
        if not np.isnan(value):
            return value
    return NAN


def _one_limit(text: str, *, dual: bool) -> float:
    if text in ("national", "none", "gb:national"):
        return (70.0 if dual else 60.0) * KPH_PER_MPH
    if text in _WORD_LIMITS_MPH:
        return _WORD_LIMITS_MPH[text] * KPH_PER_MPH
    if text == "walk":
        return _WALK_KPH
    unit = KPH_PER_MPH if text.endswith("mph") else 1.0
    number = text.removesuffix("mph").removesuffix("km/h").removesuffix("kmh").removesuffix("kph").strip()
    try:
        return float(number) * unit
    except ValueError:
        return NAN


def _built_up(tags: Tags, limit_kph: float) -> int:
    """What lamps, limits and signs say of the setting (a lit road without signs is restricted, Highway Code 124)."""
    said = " ".join(tags.get(key, "").casefold() for key in ("maxspeed:type", "source:maxspeed", "zone:maxspeed"))
    if "gb:urban" in said or "nsl_restricted" in said or "zone" in said:
        return 1
    if "nsl_single" in said or "nsl_dual" in said or tags.get("highway") == "motorway":
        return 0
    if not np.isnan(limit_kph):
        if limit_kph <= 31 * KPH_PER_MPH:
            return 1
        return 0 if limit_kph >= 50 * KPH_PER_MPH else -1
    return 1 if tags.get("lit") == "yes" or tags.get("abutters") in ("residential", "retail", "commercial") else -1
