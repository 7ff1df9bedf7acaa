"""A view in the shapes of the public API of data.police.uk, with beats as its neighbourhoods.

The shapes are those of https://data.police.uk/docs/: numbers are strings, degrees are WGS 84, times are local without
a zone, dates are midnights, and what is not known is null, but for what typed clients take as text only. Fields that
hold HTML there (descriptions, biographies, issues, actions) are made from plain text, escaped; all others are plain
text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import orjson

from geo_policing.clock import LONDON
from geo_policing.domain.beats import Beat
from geo_policing.domain.events import Event
from geo_policing.domain.facilities import Facility, FacilityKind
from geo_policing.domain.plans import PlanInForce
from geo_policing.domain.postcodes import shown
from geo_policing.domain.postings import Posting, Role
from geo_policing.domain.priorities import Priority
from geo_policing.errors import InvalidInputError, NotFoundError
from geo_policing.services.answers import Outcome
from geo_policing.services.beat_outlines import DECIMALS, BeatOutline, beat_outline
from geo_policing.services.data_facts import data_facts
from geo_policing.services.html_text import paragraphs, plain
from geo_policing.services.indexes import derived, district_index
from geo_policing.services.lookup import lookup
from geo_policing.services.query_types import PointQuery
from geo_policing.services.query_values import clean, read_lat_lon, read_number
from geo_policing.services.view import View
from geo_policing.spatial.crs import to_lon_lat

NOT_KNOWN = "0"
"""What data.police.uk says of residents that it does not know; typed clients read it so and take no null."""
NON_EMERGENCY = "101"
"""The number of every force in England and Wales for what is no emergency."""
RANK = {
    Role.PCSO: "PCSO",
    Role.CONSTABLE: "Constable",
    Role.SERGEANT: "Sergeant",
    Role.INSPECTOR: "Inspector",
    Role.SPECIAL: "Special constable",
}
LOCATION_TYPE = {FacilityKind.ENQUIRY_OFFICE: "enquiry office", FacilityKind.CONTACT_POINT: "contact point"}
"""The kinds that residents can go to, in the order in which they are listed."""

_APPROXIMATE = "Boundaries come from approximate starter data, not from a survey."
_NOT_AN_OFFICER = "An example: this post was made up to show the model. It is not a real officer."
_NOT_A_PLACE = "An example: what is open here was made up to show the model."
_UNVERIFIED = "Nobody has verified these facts yet."
_TELEPHONE = re.compile(r"\+?[0-9][0-9 ()-]{2,24}", re.ASCII)
_EMAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.[^\s@<>\"']+")
_WEB = re.compile(r"https?://[^\s<>\"']+")


@dataclass(frozen=True)
class Neighbourhood:
    """A beat of the plan in force, and its index in `plan.beats`."""

    beat: Beat
    index: int


def forces(view: View) -> list[dict[str, str]]:
    """The one force that is served here: id and name."""
    return [{"id": view.dataset.force.slug, "name": view.dataset.force.name}]


def force(view: View, force_id: str) -> dict[str, Any]:
    """The force, with its website as the one way to engage; NotFoundError for any other id."""
    require_force(view, force_id)
    config = view.dataset.force
    districts = ", ".join(config.districts.values())
    website = {"url": config.website, "type": "web", "description": "The force's website", "title": "Website"}
    return {
        "description": paragraphs(f"Districts: {districts}.", _APPROXIMATE if view.dataset.approximate else ""),
        "url": config.website or None,
        "engagement_methods": [website] if config.website else [],
        "telephone": NON_EMERGENCY,
        "id": config.slug,
        "name": config.name,
    }


def senior_officers(view: View, force_id: str) -> list[dict[str, Any]]:
    """Always empty, as it is for most forces: no senior officers are kept here. NotFoundError for another force."""
    require_force(view, force_id)
    return []


def neighbourhoods(view: View, force_id: str) -> list[dict[str, str]]:
    """Every beat of the plan in force, by id. NotFoundError for another force, or a day without a plan."""
    require_force(view, force_id)
    return [{"id": beat.id, "name": beat.name} for beat in _plan(view).beats]


def find(view: View, force_id: str, beat_id: str) -> Neighbourhood:
    """The beat `beat_id`; NotFoundError where the force, the plan or the beat is not there that day."""
    require_force(view, force_id)
    plan = _plan(view)
    by_id = derived(plan, "index_of_beat_id", lambda: {beat.id: i for i, beat in enumerate(plan.beats)})
    index = by_id.get(beat_id)
    if index is not None:
        return Neighbourhood(plan.beats[index], index)
    meant = next((beat.id for beat in plan.beats if beat.slug == beat_id), None)
    hint = f" That is the name of its page; its id is {meant}." if meant else ""
    raise NotFoundError(
        f"{force_id} has no neighbourhood {shown(beat_id)} on {view.as_of}.{hint} "
        f"/api/{force_id}/neighbourhoods lists those it has."
    )


def neighbourhood(view: View, found: Neighbourhood) -> dict[str, Any]:
    """What is known of the beat as a whole.

    `population` is "0" where no source gives residents, as it is there; the members of `centre` are null for a beat
    without units.
    """
    beat, config = found.beat, view.dataset.force
    outline = beat_outline(view, found.index)
    district = district_index(view.dataset).by_code(beat.district_code)
    approximate = _APPROXIMATE if view.dataset.approximate else ""
    contact = {"telephone": NON_EMERGENCY} | ({"web": config.website} if config.website else {})
    link = {"url": config.website, "description": "The force's website", "title": config.name}
    return {
        "url_force": config.website or None,
        "contact_details": contact,
        "name": beat.name,
        "links": [link] if config.website else [],
        "centre": _point(outline.centre if outline else None),
        "locations": _locations(view, beat),
        "description": paragraphs(f"{beat.name} is a beat in {district.name}.", approximate),
        "id": beat.id,
        "population": _population(view, found.index) or NOT_KNOWN,
    }


def require_ground(view: View, found: Neighbourhood) -> None:
    """NotFoundError for a beat to which the plan gives no unit, so that it has no boundary."""
    _outline(view, found)


def boundary(view: View, found: Neighbourhood) -> list[dict[str, str]]:
    """The outer ring of the beat's largest part, its first corner not repeated; errors as `require_ground`."""
    ring = _outline(view, found).largest_ring
    return [{"latitude": lat, "longitude": lon} for lon, lat in map(_degrees_text, ring[:-1].tolist())]


def boundary_geojson(view: View, found: Neighbourhood) -> bytes:
    """The whole ground of the beat, islands and holes too: a GeoJSON Feature. Errors as `require_ground`."""
    beat, dataset = found.beat, view.dataset
    district = district_index(dataset).by_code(beat.district_code)
    polygons = [
        [np.round(_corners(ring), DECIMALS).tolist() for ring in (part.exterior, *part.interiors)]
        for part in _outline(view, found).polygons.geoms
    ]
    content = {
        "type": "Feature",
        "id": beat.id,
        "properties": {
            "force": dataset.force.slug,
            "name": beat.name,
            "slug": beat.slug,
            "district_code": district.code,
            "district": district.name,
            "population": _population(view, found.index),
            "approximate": dataset.approximate,
            "data_version": dataset.data_version,
            "as_of": view.as_of.isoformat(),
            "attribution": ". ".join(data_facts(dataset).attributions),
        },
        "geometry": {"type": "MultiPolygon", "coordinates": polygons},
    }
    return orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE)


def people(view: View, found: Neighbourhood) -> list[dict[str, Any]]:
    """Those who serve on the beat that day; [] while it is vacant."""
    return [_person(posting) for posting in view.postings.get(found.beat.id, ())]


def events(view: View, found: Neighbourhood) -> list[dict[str, Any]]:
    """Events that are not over before the day, the earliest first; `start_date` is always there."""
    return [_event(event) for event in view.events.get(found.beat.id, ())]


def priorities(view: View, found: Neighbourhood) -> list[dict[str, Any]]:
    """Issues raised by the day, the newest first; an action of a later day is not told yet."""
    return [_priority(priority, view.as_of) for priority in view.priorities.get(found.beat.id, ())]


def read_q(q: str) -> PointQuery:
    """The point "lat,lng" (WGS 84 degrees).

    InvalidInputError where `q` is not two numbers, not degrees, or the two are swapped; NotFoundError for a point of
    the Earth beyond Great Britain, of which there is nothing to look up.
    """
    parts = [part.strip() for part in clean(q, "q").split(",")]
    if len(parts) != 2:
        raise InvalidInputError(f"q {shown(q)} is not a latitude, a comma and a longitude, as in 52.2,0.1.", field="q")
    try:
        return read_lat_lon(*parts)
    except InvalidInputError as error:
        if not error.meant and _is_on_earth(*parts):
            raise NotFoundError("The point is not in Great Britain.") from error
        meant = error.meant.replace(" ", "")
        text = f"q {shown(q)} is swapped: the latitude comes first. Give q={meant}." if meant else str(error)
        raise InvalidInputError(text, field="q", meant=meant) from error


def locate(view: View, query: PointQuery) -> dict[str, str]:
    """The neighbourhood that holds a point, by the rule of every lookup; NotFoundError outside the force."""
    answer = lookup(view, query)
    if answer.outcome is not Outcome.ONE:
        _plan(view)
        where = f"in {answer.neighbour.name}, " if answer.neighbour else ""
        raise NotFoundError(f"The point is {where}outside the area of {view.dataset.force.name}.")
    return {"force": view.dataset.force.slug, "neighbourhood": answer.candidates[0].beat.id}


def require_force(view: View, force_id: str) -> None:
    """NotFoundError unless `force_id` is the force that is served."""
    slug = view.dataset.force.slug
    if force_id != slug:
        raise NotFoundError(f"{shown(force_id)} is not a force served here; the one that is has the id {slug}.")


def _plan(view: View) -> PlanInForce:
    if view.plan is None:
        since = f" The first begins on {view.first_plan_from}." if view.first_plan_from else ""
        raise NotFoundError(f"No plan of beats was in force on {view.as_of}.{since}")
    return view.plan


def _outline(view: View, found: Neighbourhood) -> BeatOutline:
    outline = beat_outline(view, found.index)
    if outline is None:
        raise NotFoundError(
            f"The plan in force on {view.as_of} gives {found.beat.id} no ground, so it has no boundary."
        )
    return outline


def _corners(ring: Any) -> Any:
    return np.asarray(ring.coords)


def _population(view: View, index: int) -> str | None:
    """Residents as a whole number in a string; None where no source gives those of some unit."""
    here = _plan(view).beat_of_unit == index
    residents = float(np.asarray(view.dataset["units"]["population"])[here].sum())
    return None if np.isnan(residents) else str(round(residents))


def _locations(view: View, beat: Beat) -> list[dict[str, Any]]:
    kinds = list(LOCATION_TYPE)
    own = [f for f in view.facilities if f.kind in LOCATION_TYPE and f.district_code == beat.district_code]
    return [_location(facility) for facility in sorted(own, key=lambda f: kinds.index(f.kind))]


def _location(facility: Facility) -> dict[str, Any]:
    place = facility.easting_northing
    lon_lat = None if place is None else tuple(float(value) for value in to_lon_lat(*place))
    description = paragraphs(
        f"Opening hours: {facility.opening_hours or 'not known'}",
        f"Access: {facility.access}" if facility.access else "",
        facility.location_note,
        _NOT_A_PLACE if facility.illustrative else "",
        _UNVERIFIED if facility.verified_on is None and not facility.illustrative else "",
    )
    # Typed clients take nothing but text here, and what data.police.uk does not know of these is empty or left out.
    location = {
        "name": plain(facility.name),
        **_point(lon_lat),
        "postcode": facility.postcode,
        "address": plain(facility.address),
        "type": LOCATION_TYPE[facility.kind],
        "description": description,
    }
    return location | ({"telephone": facility.telephone} if facility.telephone else {})


def _person(posting: Posting) -> dict[str, Any]:
    rank = RANK[posting.role]
    numbered = posting.collar_number
    if rank.casefold() not in numbered.casefold():
        numbered = f"{rank} {numbered}"
    bio = paragraphs(
        f"Collar number {posting.collar_number}." if posting.name else "",
        "Serves part time." if posting.fte < 1 else "",
        _NOT_AN_OFFICER if posting.illustrative else "",
    )
    contact = {"email": posting.email, "telephone": posting.telephone}
    return {
        "bio": bio,
        "contact_details": {kind: value for kind, value in contact.items() if value},
        "name": plain(posting.name or numbered),
        "rank": rank,
    }


def _event(event: Event) -> dict[str, Any]:
    contact = _contact(event.contact)
    ask = "" if contact or not event.contact else f"Contact: {event.contact}"
    return {
        "contact_details": contact,
        "description": paragraphs(event.description, ask),
        "title": plain(event.title),
        "address": plain(event.place) or None,
        "type": plain(event.kind) or None,
        "start_date": _local(event.starts_at),
        "end_date": None if event.ends_at is None else _local(event.ends_at),
    }


def _priority(priority: Priority, day: date) -> dict[str, str | None]:
    acted_on = priority.action_on if priority.action_on is not None and priority.action_on <= day else None
    return {
        "action": None if acted_on is None else paragraphs(priority.action),
        "issue-date": _midnight(priority.issued_on),
        "action-date": None if acted_on is None else _midnight(acted_on),
        "issue": paragraphs(priority.issue) or "",
    }


def _contact(text: str) -> Mapping[str, str]:
    """How to ask, by its kind where it plainly is one; {} else."""
    stripped = text.strip()
    kinds: Sequence[tuple[str, re.Pattern[str]]] = (("telephone", _TELEPHONE), ("email", _EMAIL), ("web", _WEB))
    return next(({kind: stripped} for kind, pattern in kinds if pattern.fullmatch(stripped)), {})


def _point(lon_lat: Sequence[float] | None) -> dict[str, str | None]:
    if lon_lat is None:
        return {"latitude": None, "longitude": None}
    lon, lat = _degrees_text(lon_lat)
    return {"latitude": lat, "longitude": lon}


def _degrees_text(lon_lat: Sequence[float]) -> tuple[str, str]:
    return f"{lon_lat[0]:.{DECIMALS}f}", f"{lon_lat[1]:.{DECIMALS}f}"


def _local(moment: datetime) -> str:
    return moment.astimezone(LONDON).replace(tzinfo=None).isoformat(timespec="seconds")


def _midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00"


def _is_on_earth(lat: str, lon: str) -> bool:
    try:
        return abs(read_number(lat, "lat")) <= 90 and abs(read_number(lon, "lon")) <= 180
    except InvalidInputError:
        return False
