"""The OpenAPI description of the API: what each operation takes and gives.

It documents; reading input is the business of `services.queries`. Tests hold every kind of answer against it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from flask import Response
from flask_smorest import Api

from geo_policing.api.headers import revalidated
from geo_policing.api.openapi_parts import (
    DATE,
    NUMBER,
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
from geo_policing.services.answers import NoteCode, Outcome
from geo_policing.services.methods import ABOUT

DESCRIPTION = (
    "Finds the local policing team for a postcode, a point, a grid reference, a place or a street. Lookups are never "
    "stored nor cached. Errors are problem+json (RFC 9457). Geometry inside is EPSG:27700; lat/lon is WGS 84."
)

_METHODS = "\n".join(
    ['How the first candidate was decided; "" where nothing was looked up.', ""]
    + [f"- `{method}`: {about}" for method, about in ABOUT.items()]
)

_ANSWER_PROPERTIES = {
    "outcome": {"enum": [str(outcome) for outcome in Outcome]},
    "candidates": list_of(ref("Candidate")),
    "places": list_of(ref("Place")),
    "neighbour": {**or_null(ref("Named")), "description": "The district over the border, for `outside`."},
    "method": {**TEXT, "description": _METHODS},
    "accuracy_m": {
        **or_null({"type": "number"}),
        "description": "How far off the asked point may be, in metres; null where that is not known.",
    },
    "data_version": TEXT,
    "as_of": DATE,
    "approximate": {"type": "boolean", "description": "True where boundaries are derived rather than surveyed."},
    "corrected": {
        **or_null(object_of({"typed": TEXT, "read_as": TEXT})),
        "description": "A typing slip that was forgiven.",
    },
    "notes": list_of(ref("Note")),
}

SCHEMAS: dict[str, dict[str, Any]] = {
    "Named": object_of({"code": TEXT, "name": TEXT}),
    "Beat": object_of({"id": TEXT, "slug": TEXT, "name": TEXT}, description="id and slug are of a-z0-9-."),
    "Post": object_of(
        {
            "role": TEXT,
            "collar_number": TEXT,
            "name": or_null(TEXT),
            "fte": {"type": "number", "description": "Full-time equivalents, above 0 and at most 1."},
            "contact": object_of({"email": or_null(TEXT), "telephone": or_null(TEXT)}),
            "illustrative": {"type": "boolean", "description": "True for a made-up post that shows the model."},
            "covering": {
                **or_null(ref("Covering")),
                "description": "Null for a post of this beat; else the post belongs to another beat and looks after "
                "this one too, for instance while its own is vacant.",
            },
        }
    ),
    "Covering": object_of(
        {
            "beat": {**or_null(ref("Beat")), "description": "The beat that the post belongs to."},
            "until": {**or_null(DATE), "description": "The last day, null where no end is known."},
        }
    ),
    "Candidate": object_of(
        {
            "beat": ref("Beat"),
            "share": {"type": "number", "description": "Share of what was asked for, above 0 and at most 1."},
            "district": or_null(ref("Named")),
            "area": or_null(ref("Named")),
            "team": {**list_of(ref("Post")), "description": "A beat is vacant while no post is its own."},
        }
    ),
    "Place": object_of(
        {
            "id": {**TEXT, "description": "Answers for this place as the parameter `place_id`."},
            "name": TEXT,
            "kind": TEXT,
            "near": TEXT,
            "district": or_null(ref("Named")),
        }
    ),
    "Note": object_of({"code": {"enum": [str(code) for code in NoteCode]}, "text": TEXT}),
    "Answer": object_of({**_ANSWER_PROPERTIES, "message": TEXT, "field": or_null(TEXT)}, optional=("message", "field")),
    "Answers": object_of({"results": list_of(ref("Answer"))}),
    "Question": object_of(
        {
            "postcode": TEXT,
            "lat": {"type": ["number", "string"]},
            "lon": {"type": ["number", "string"]},
            "easting": {"type": ["number", "string"]},
            "northing": {"type": ["number", "string"]},
            "grid_ref": TEXT,
            "place": TEXT,
            "place_id": TEXT,
            "as_of": DATE,
        },
        optional=("postcode", "lat", "lon", "easting", "northing", "grid_ref", "place", "place_id", "as_of"),
        description="Exactly one way of saying where.",
    ),
    "Problem": object_of(
        {
            "type": TEXT,
            "title": TEXT,
            "status": {"type": "integer"},
            "detail": TEXT,
            "request_id": TEXT,
            "field": {**or_null(TEXT), "description": "The parameter at fault."},
            **_ANSWER_PROPERTIES,
        },
        optional=("field", *_ANSWER_PROPERTIES),
    ),
}


ONE_LOOKUP: dict[str, Any] = {
    "operationId": "lookup",
    "description": "Give exactly one of: postcode; lat and lon; easting and northing; grid_ref; place; place_id.",
    "parameters": [
        parameter("postcode", "A postcode, in any case and spacing.", "CB1 1JG"),
        parameter("lat", "Latitude, WGS 84 degrees; with lon.", 52.205, NUMBER),
        parameter("lon", "Longitude, WGS 84 degrees; with lat.", 0.127, NUMBER),
        parameter("easting", "Easting in metres, EPSG:27700; with northing.", 545500, NUMBER),
        parameter("northing", "Northing in metres, EPSG:27700; with easting.", 258300, NUMBER),
        parameter("grid_ref", "A British National Grid reference.", "TL 455 583"),
        parameter("place", "The name of a place or street, with a qualifier if need be.", "Mill Road, Cambridge"),
        parameter("place_id", "The id of one of the `places` of an earlier answer.", "mill-road-cambridge"),
        parameter("as_of", "The day to answer for, in Europe/London; today without it.", "2026-11-22", DATE),
    ],
    "responses": {
        "200": answered("An answer, whichever its outcome.", {"application/json": {"schema": ref("Answer")}}),
        "400": problem("The question cannot be read; `outcome` is `invalid`."),
        "404": problem("Not known here; `outcome` is `not_found`, and `places` may suggest."),
        "503": UNAVAILABLE,
    },
}

MANY_LOOKUPS: dict[str, Any] = {
    "operationId": "lookupMany",
    "description": (
        "Rows in, an answer for each in the same order. A row that cannot be read has the outcome `invalid`; it never "
        "fails the call. CSV comes back as CSV, its own columns carried through and ours appended."
    ),
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": list_of(ref("Question"))},
            "text/csv": {"schema": TEXT},
            "multipart/form-data": {
                "schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
            },
        },
    },
    "responses": {
        "200": answered("The answers.", {"application/json": {"schema": ref("Answers")}, "text/csv": {"schema": TEXT}}),
        "400": problem("The body as a whole cannot be read."),
        "413": problem("More bytes or rows than are taken in one call."),
        "415": problem("Neither JSON nor CSV."),
        "503": UNAVAILABLE,
    },
}


class Documentation(Api):  # type: ignore[misc]
    """flask-smorest for the description alone: errors stay ours."""

    def _register_error_handlers(self) -> None:
        """Leave the error handlers to `api.errors`."""

    def _openapi_json(self) -> Response:
        """The description, with an ETag like every other read."""
        body = orjson.dumps(self.spec.to_dict()).decode()
        return revalidated(lambda: body, hashlib.sha256(body.encode()).hexdigest(), mimetype="application/json")

    def describe_components(self, *, more: Mapping[str, dict[str, Any]]) -> None:
        """Put the schemas that the operations refer to, and `more` of them, into the description."""
        for name, schema in {**SCHEMAS, **more}.items():
            self.spec.components.schema(name, schema)
