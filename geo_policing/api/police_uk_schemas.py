"""The OpenAPI description of the shapes of data.police.uk, with examples of a made-up force that tests ask for."""

from __future__ import annotations

from typing import Any

from geo_policing.api.openapi_parts import (
    DATE,
    TEXT,
    UNAVAILABLE,
    answered,
    list_of,
    object_of,
    or_null,
    parameter,
    problem,
    ref,
)

_HTML = {**or_null(TEXT), "description": "HTML, made of escaped text; null where there is nothing to say."}
_LOCAL_TIME = {
    **TEXT,
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$",
    "description": "In Europe/London, without a zone.",
}
_DEGREES = {**TEXT, "pattern": r"^-?\d+\.\d{7}$", "description": "WGS 84 degrees in a string."}
_CONTACT = {"type": "object", "additionalProperties": TEXT, "description": "telephone, email and web, where known."}
_LINK = object_of({"url": TEXT, "description": TEXT, "title": TEXT})

SCHEMAS: dict[str, dict[str, Any]] = {
    "PoliceUkName": object_of({"id": TEXT, "name": TEXT}),
    "PoliceUkForce": object_of(
        {
            "description": _HTML,
            "url": or_null(TEXT),
            "engagement_methods": list_of(
                object_of({"url": TEXT, "type": TEXT, "description": TEXT, "title": TEXT}),
            ),
            "telephone": TEXT,
            "id": TEXT,
            "name": TEXT,
        }
    ),
    "PoliceUkPoint": object_of({"latitude": _DEGREES, "longitude": _DEGREES}),
    "PoliceUkLocation": object_of(
        {
            "name": TEXT,
            "latitude": or_null(_DEGREES),
            "longitude": or_null(_DEGREES),
            "postcode": {**TEXT, "description": "Empty where not known."},
            "address": {**TEXT, "description": "Empty where not known."},
            "telephone": TEXT,
            "type": {"enum": ["enquiry office", "contact point"]},
            "description": {**TEXT, "description": "HTML, made of escaped text."},
        },
        optional=("telephone",),
    ),
    "PoliceUkNeighbourhood": object_of(
        {
            "url_force": {**or_null(TEXT), "description": "The force's website."},
            "contact_details": _CONTACT,
            "name": TEXT,
            "links": list_of(_LINK),
            "centre": object_of(
                {"latitude": or_null(_DEGREES), "longitude": or_null(_DEGREES)}, description="A point inside the beat."
            ),
            "locations": {
                **list_of(ref("PoliceUkLocation")),
                "description": "Enquiry offices and contact points of the beat's district.",
            },
            "description": _HTML,
            "id": TEXT,
            "population": {
                **TEXT,
                "pattern": r"^\d+$",
                "description": "Residents, a whole number in a string; 0 where no source gives them.",
            },
        }
    ),
    "PoliceUkPerson": object_of(
        {
            "bio": _HTML,
            "contact_details": _CONTACT,
            "name": {**TEXT, "description": "The name; for a post without one its rank and collar number."},
            "rank": TEXT,
        }
    ),
    "PoliceUkEvent": object_of(
        {
            "contact_details": _CONTACT,
            "description": _HTML,
            "title": TEXT,
            "address": or_null(TEXT),
            "type": or_null(TEXT),
            "start_date": _LOCAL_TIME,
            "end_date": or_null(_LOCAL_TIME),
        }
    ),
    "PoliceUkPriority": object_of(
        {
            "action": _HTML,
            "issue-date": _LOCAL_TIME,
            "action-date": or_null(_LOCAL_TIME),
            "issue": {**TEXT, "description": "HTML, made of escaped text."},
        }
    ),
    "PoliceUkLocated": object_of({"force": TEXT, "neighbourhood": TEXT}),
    "PoliceUkGround": object_of(
        {
            "type": {"const": "Feature"},
            "id": TEXT,
            "properties": object_of(
                {
                    "force": TEXT,
                    "name": TEXT,
                    "slug": TEXT,
                    "district_code": TEXT,
                    "district": TEXT,
                    "population": or_null(TEXT),
                    "approximate": {"type": "boolean"},
                    "data_version": TEXT,
                    "as_of": DATE,
                    "attribution": TEXT,
                }
            ),
            "geometry": object_of(
                {"type": {"const": "MultiPolygon"}, "coordinates": {"type": "array"}},
                description="WGS 84 lon/lat with 7 decimals, outer rings anticlockwise.",
            ),
        }
    ),
}

_FORCE_ID = {"in": "path", "name": "force", "description": "The force's id.", "example": "tiny"}
_BEAT_ID = {"in": "path", "name": "neighbourhood", "description": "The beat's id (not its slug).", "example": "b001"}
OF_FORCE = [_FORCE_ID]
OF_NEIGHBOURHOOD = [_FORCE_ID, _BEAT_ID]
_DAY = parameter("as_of", "The day to answer for, in Europe/London; today without it.", "2026-06-03", DATE)
_ERRORS = {
    "400": problem("A parameter cannot be read; `field` names it."),
    "404": problem("No such force or neighbourhood, or no plan of beats was in force that day."),
    "406": problem("The Accept header does not take what there is."),
    "503": UNAVAILABLE,
}


_MADE_UP = "<p>An example: this post was made up to show the model. It is not a real officer.</p>"
_CORNERS = (
    ("52.2201697", "0.0626527"),
    ("52.2291542", "0.0630691"),
    ("52.2381387", "0.0634858"),
    ("52.2383937", "0.0488513"),
    ("52.2294091", "0.0484376"),
    ("52.2204245", "0.0480240"),
)
_RING = [[float(longitude), float(latitude)] for latitude, longitude in (*_CORNERS, _CORNERS[0])]


def _operation(
    operation_id: str, description: str, schema: dict[str, Any], example: Any, **more: Any
) -> dict[str, Any]:
    media = more.pop("media", "application/json")
    return {
        "operationId": operation_id,
        "description": description,
        "parameters": [_DAY],
        "responses": {"200": answered("The answer.", {media: {"schema": schema, "example": example}}), **_ERRORS},
        **more,
    }


FORCES = _operation(
    "policeUkForces",
    "Every force that is served: one.",
    list_of(ref("PoliceUkName")),
    [{"id": "tiny", "name": "Tiny Constabulary"}],
)
FORCE = _operation(
    "policeUkForce",
    "The force, and how to reach it.",
    ref("PoliceUkForce"),
    {
        "description": "<p>Districts: Westham, Eastham.</p>",
        "url": None,
        "engagement_methods": [],
        "telephone": "101",
        "id": "tiny",
        "name": "Tiny Constabulary",
    },
)
SENIOR_OFFICERS = _operation(
    "policeUkSeniorOfficers",
    "Always an empty list: no senior officers are kept here.",
    list_of(ref("PoliceUkPerson")),
    [],
)
NEIGHBOURHOODS = _operation(
    "policeUkNeighbourhoods",
    "Every beat of the plan in force, by id. Beats of different districts may have one name.",
    list_of(ref("PoliceUkName")),
    [
        {"id": "b001", "name": "Abbey"},
        {"id": "b002", "name": "Market"},
        {"id": "b003", "name": "Abbey"},
        {"id": "b004", "name": "Fen End"},
    ],
)
NEIGHBOURHOOD = _operation(
    "policeUkNeighbourhood",
    "One beat.",
    ref("PoliceUkNeighbourhood"),
    {
        "url_force": None,
        "contact_details": {"telephone": "101"},
        "name": "Abbey",
        "links": [],
        "centre": {"latitude": "52.2292819", "longitude": "0.0557534"},
        "locations": [
            {
                "name": "Westham Police Station",
                "latitude": "52.2247896",
                "longitude": "0.0555459",
                "postcode": "ZZ1 1AA",
                "address": "",
                "type": "enquiry office",
                "description": (
                    "<p>Opening hours: Mo-Fr 09:00-17:00; PH off</p><p>Access: Step-free entrance</p>"
                    "<p>Placed by its postcode.</p>"
                    "<p>An example: what is open here was made up to show the model.</p>"
                ),
            }
        ],
        "description": "<p>Abbey is a beat in Westham.</p>",
        "id": "b001",
        "population": "200",
    },
)
BOUNDARY = _operation(
    "policeUkBoundary",
    "The outer ring of the beat's largest part, the first corner not repeated at the end. /boundary.geojson has all.",
    list_of(ref("PoliceUkPoint")),
    [{"latitude": latitude, "longitude": longitude} for latitude, longitude in _CORNERS],
)
BOUNDARY_GEOJSON = _operation(
    "policeUkBoundaryGeojson",
    "The whole ground of the beat, with every part and hole; nothing is simplified.",
    ref("PoliceUkGround"),
    {
        "type": "Feature",
        "id": "b001",
        "properties": {
            "force": "tiny",
            "name": "Abbey",
            "slug": "abbey-westham",
            "district_code": "X01",
            "district": "Westham",
            "population": "200",
            "approximate": False,
            "data_version": "9e8daf3c468ec4b6",
            "as_of": "2026-06-03",
            "attribution": "",
        },
        "geometry": {"type": "MultiPolygon", "coordinates": [[_RING]]},
    },
    media="application/geo+json",
)
PEOPLE = _operation(
    "policeUkPeople",
    "Who serves on the beat that day; [] while it is vacant.",
    list_of(ref("PoliceUkPerson")),
    [{"bio": _MADE_UP, "contact_details": {}, "name": "PCSO 7101", "rank": "PCSO"}],
)
EVENTS = _operation(
    "policeUkEvents",
    "Events not over before the day, the earliest first.",
    list_of(ref("PoliceUkEvent")),
    [
        {
            "contact_details": {"telephone": "101"},
            "description": None,
            "title": "Drop-in surgery",
            "address": "Eastham Library",
            "type": "meeting",
            "start_date": "2026-06-17T10:30:00",
            "end_date": "2026-06-17T12:00:00",
        }
    ],
)
PRIORITIES = _operation(
    "policeUkPriorities",
    "Issues raised by the day, the newest first; an action of a later day is not told yet.",
    list_of(ref("PoliceUkPriority")),
    [
        {
            "action": "<p>Speed checks on two days.</p>",
            "issue-date": "2026-04-14T00:00:00",
            "action-date": "2026-05-02T00:00:00",
            "issue": "<p>Speeding &amp; parking on Mill Road</p>",
        }
    ],
)
LOCATE = _operation(
    "policeUkLocate",
    "The beat that holds a point, by the rule of /api/v1/lookup; 404 outside the force. Never cached.",
    ref("PoliceUkLocated"),
    {"force": "tiny", "neighbourhood": "b001"},
    parameters=[
        {
            **parameter("q", "Latitude, a comma, longitude: WGS 84 degrees.", "52.2292819,0.0557534"),
            "required": True,
        },
        _DAY,
    ],
)
