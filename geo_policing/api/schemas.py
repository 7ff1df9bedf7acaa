"""The OpenAPI description of the API: what each operation takes and gives.

It documents; reading input is the business of `services.queries`. Tests hold every kind of answer against it.
"""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
from flask import Response
from flask_smorest import Api

from geo_policing.api.headers import revalidated
from geo_policing.services.answers import NoteCode, Outcome
from geo_policing.services.methods import ABOUT

DESCRIPTION = (
    "Finds the local policing team for a postcode, a point, a grid reference, a place or a street. Lookups are never "
    "stored nor cached. Errors are problem+json (RFC 9457). Geometry inside is EPSG:27700; lat/lon is WGS 84."
)

_TEXT = {"type": "string"}
_DATE = {"type": "string", "format": "date"}
_NULL = {"type": "null"}


def _object(properties: dict[str, Any], *, optional: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, **more}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, _NULL]}


def _list(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": schema}


_METHODS = "\n".join(
    ['How the first candidate was decided; "" where nothing was looked up.', ""]
    + [f"- `{method}`: {about}" for method, about in ABOUT.items()]
)

_ANSWER_PROPERTIES = {
    "outcome": {"enum": [str(outcome) for outcome in Outcome]},
    "candidates": _list(_ref("Candidate")),
    "places": _list(_ref("Place")),
    "neighbour": {**_or_null(_ref("Named")), "description": "The district over the border, for `outside`."},
    "method": {**_TEXT, "description": _METHODS},
    "accuracy_m": {
        **_or_null({"type": "number"}),
        "description": "How far off the asked point may be, in metres; null where that is not known.",
    },
    "data_version": _TEXT,
    "as_of": _DATE,
    "approximate": {"type": "boolean", "description": "True where boundaries are derived rather than surveyed."},
    "corrected": {
        **_or_null(_object({"typed": _TEXT, "read_as": _TEXT})),
        "description": "A typing slip that was forgiven.",
    },
    "notes": _list(_ref("Note")),
}

SCHEMAS: dict[str, dict[str, Any]] = {
    "Named": _object({"code": _TEXT, "name": _TEXT}),
    "Beat": _object({"id": _TEXT, "slug": _TEXT, "name": _TEXT}, description="id and slug are of a-z0-9-."),
    "Post": _object(
        {
            "role": _TEXT,
            "collar_number": _TEXT,
            "name": _or_null(_TEXT),
            "fte": {"type": "number", "description": "Full-time equivalents, above 0 and at most 1."},
            "contact": _object({"email": _or_null(_TEXT), "telephone": _or_null(_TEXT)}),
            "illustrative": {"type": "boolean", "description": "True for a made-up post that shows the model."},
        }
    ),
    "Candidate": _object(
        {
            "beat": _ref("Beat"),
            "share": {"type": "number", "description": "Share of what was asked for, above 0 and at most 1."},
            "district": _or_null(_ref("Named")),
            "area": _or_null(_ref("Named")),
            "team": {**_list(_ref("Post")), "description": "Empty while the beat is vacant."},
        }
    ),
    "Place": _object(
        {
            "id": {**_TEXT, "description": "Answers for this place as the parameter `place_id`."},
            "name": _TEXT,
            "kind": _TEXT,
            "near": _TEXT,
            "district": _or_null(_ref("Named")),
        }
    ),
    "Note": _object({"code": {"enum": [str(code) for code in NoteCode]}, "text": _TEXT}),
    "Answer": _object(
        {**_ANSWER_PROPERTIES, "message": _TEXT, "field": _or_null(_TEXT)}, optional=("message", "field")
    ),
    "Answers": _object({"results": _list(_ref("Answer"))}),
    "Question": _object(
        {
            "postcode": _TEXT,
            "lat": {"type": ["number", "string"]},
            "lon": {"type": ["number", "string"]},
            "easting": {"type": ["number", "string"]},
            "northing": {"type": ["number", "string"]},
            "grid_ref": _TEXT,
            "place": _TEXT,
            "place_id": _TEXT,
            "as_of": _DATE,
        },
        optional=("postcode", "lat", "lon", "easting", "northing", "grid_ref", "place", "place_id", "as_of"),
        description="Exactly one way of saying where.",
    ),
    "Problem": _object(
        {
            "type": _TEXT,
            "title": _TEXT,
            "status": {"type": "integer"},
            "detail": _TEXT,
            "request_id": _TEXT,
            "field": {**_or_null(_TEXT), "description": "The parameter at fault."},
            **_ANSWER_PROPERTIES,
        },
        optional=("field", *_ANSWER_PROPERTIES),
    ),
}


def _answered(description: str, media: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": media}


def _problem(description: str) -> dict[str, Any]:
    return _answered(description, {"application/problem+json": {"schema": _ref("Problem")}})


def _parameter(name: str, description: str, example: object, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    schema = schema or _TEXT
    return {"in": "query", "name": name, "description": description, "example": example, "schema": schema}


_NUMBER = {"type": "number"}
_UNAVAILABLE = _problem("No dataset or database to answer from.")

ONE_LOOKUP: dict[str, Any] = {
    "operationId": "lookup",
    "description": "Give exactly one of: postcode; lat and lon; easting and northing; grid_ref; place; place_id.",
    "parameters": [
        _parameter("postcode", "A postcode, in any case and spacing.", "CB1 1JG"),
        _parameter("lat", "Latitude, WGS 84 degrees; with lon.", 52.205, _NUMBER),
        _parameter("lon", "Longitude, WGS 84 degrees; with lat.", 0.127, _NUMBER),
        _parameter("easting", "Easting in metres, EPSG:27700; with northing.", 545500, _NUMBER),
        _parameter("northing", "Northing in metres, EPSG:27700; with easting.", 258300, _NUMBER),
        _parameter("grid_ref", "A British National Grid reference.", "TL 455 583"),
        _parameter("place", "The name of a place or street, with a qualifier if need be.", "Mill Road, Cambridge"),
        _parameter("place_id", "The id of one of the `places` of an earlier answer.", "mill-road-cambridge"),
        _parameter("as_of", "The day to answer for, in Europe/London; today without it.", "2026-11-22", _DATE),
    ],
    "responses": {
        "200": _answered("An answer, whichever its outcome.", {"application/json": {"schema": _ref("Answer")}}),
        "400": _problem("The question cannot be read; `outcome` is `invalid`."),
        "404": _problem("Not known here; `outcome` is `not_found`, and `places` may suggest."),
        "503": _UNAVAILABLE,
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
            "application/json": {"schema": _list(_ref("Question"))},
            "text/csv": {"schema": _TEXT},
            "multipart/form-data": {
                "schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
            },
        },
    },
    "responses": {
        "200": _answered(
            "The answers.", {"application/json": {"schema": _ref("Answers")}, "text/csv": {"schema": _TEXT}}
        ),
        "400": _problem("The body as a whole cannot be read."),
        "413": _problem("More bytes or rows than are taken in one call."),
        "415": _problem("Neither JSON nor CSV."),
        "503": _UNAVAILABLE,
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

    def describe_components(self) -> None:
        """Put the schemas that the operations refer to into the description."""
        for name, schema in SCHEMAS.items():
            self.spec.components.schema(name, schema)
