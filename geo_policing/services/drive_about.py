"""What every answer about drive time says of itself: the method, its limits, what it assumes, and whose data it is."""

from __future__ import annotations

from typing import Any

from geo_policing.routing.field import Quality
from geo_policing.routing.speeds import Profile
from geo_policing.services.bases import Base, OnRoad
from geo_policing.services.drive_params import Driving
from geo_policing.services.roads import Roads
from geo_policing.services.view import View

POINT_METHOD = "snapped_points_1"
"""The name of the method of times at points (`routing.engine.METHOD` is that of contours); docs/drive-time.md explains
both."""
NORMAL_NOTE = "Typical driving at all hours taken together; not a response time."
RESPONSE_NOTE = (
    "Response driving is an assumption: a factor on each class of road, as no figures for police are published. "
    "It is the drive only, not the time from call to arrival."
)

SCHEMATIC_NOTE = "The network is a sketch of lines between places, not real roads: for showing only."


def about(view: View, roads: Roads, driving: Driving, method: str, quality: Quality | None = None) -> dict[str, Any]:
    """The members that say how an answer was made; `quality` for contours, whose resolution it decides."""
    source, engine = roads.source, roads.engine
    content: dict[str, Any] = {
        "method": method,
        "profile": str(driving.profile),
        "direction": str(driving.direction),
        "network": "schematic" if engine.schematic else "roads",
        "assumption": _assumption(driving, schematic=engine.schematic),
        "barriers_known": list(engine.network.barrier_kinds),
        "turns_known": engine.turns,
        "max_offset_m": engine.snapper.max_offset_m,
    }
    if quality is not None:
        content |= {"quality": str(quality), "resolution_m": quality.resolution_m}
    return content | {
        "licence": source["licence"],
        "licence_url": source["licence_url"],
        "attribution": source["attribution"],
        "approximate": view.dataset.approximate,
        "data_version": view.dataset.data_version,
        "as_of": view.as_of.isoformat(),
    }


def _assumption(driving: Driving, *, schematic: bool) -> str:
    said = NORMAL_NOTE if driving.profile is Profile.NORMAL else RESPONSE_NOTE
    return f"{said} {SCHEMATIC_NOTE}" if schematic else said


def bases_to_json(placed: OnRoad) -> list[dict[str, Any]]:
    """The bases, those that no road is near last and with a null offset."""
    found = [
        base_to_json(base) | {"offset_m": round(float(offset), 1)}
        for base, offset in zip(placed.bases, placed.snapped.offset_m, strict=True)
    ]
    return found + [base_to_json(base) | {"offset_m": None} for base in placed.unplaced]


def base_to_json(base: Base) -> dict[str, Any]:
    """A base or point: id, name, WGS 84 degrees, and how far off those may be (null: not known)."""
    lat, lon = base.lat_lon
    return {
        "id": base.id,
        "name": base.name,
        "lat": lat,
        "lon": lon,
        "accuracy_m": base.accuracy_m,
        "illustrative": base.illustrative,
    }
