"""The OpenAPI description of drive time: what each operation takes and gives, with examples that tests run."""

from __future__ import annotations

from typing import Any

from geo_policing.api.drive_time_examples import ANSWERS, QUESTIONS
from geo_policing.api.openapi_parts import (
    DATE,
    NUMBER,
    TEXT,
    UNAVAILABLE,
    WHOLE,
    YES_OR_NO,
    answered,
    list_of,
    object_of,
    or_null,
    parameter,
    problem,
    ref,
)
from geo_policing.routing.costs import Direction
from geo_policing.routing.engine import MAX_MATRIX_CELLS
from geo_policing.routing.field import Quality
from geo_policing.routing.speeds import Profile
from geo_policing.services.counting import LEVELS
from geo_policing.services.coverage import MAX_WORST
from geo_policing.services.drive_params import MAX_MINUTES, MAX_PLACES, MAX_THRESHOLDS, MIN_MINUTES
from geo_policing.services.drive_times import MAX_SOURCES, MAX_TARGETS

_PROFILE = {"enum": [str(p) for p in Profile], "default": "normal"}
_DIRECTION = {"enum": [str(d) for d in Direction], "default": "outbound"}
_QUALITY = {"enum": [str(q) for q in Quality], "default": "published"}
_MINUTES = {"type": "number", "minimum": MIN_MINUTES, "maximum": MAX_MINUTES}

_HOW = {
    "method": {**TEXT, "description": "docs/drive-time.md explains each name."},
    "profile": _PROFILE,
    "direction": _DIRECTION,
    "network": {"enum": ["roads", "schematic"]},
    "assumption": TEXT,
    "barriers_known": {**list_of(TEXT), "description": "What nobody walks across, of what the data has."},
    "turns_known": {"type": "boolean", "description": "True where turn restrictions or lights are in the data."},
    "max_offset_m": {"type": "number", "description": "Farther than this from a road nothing is reached."},
    "licence": TEXT,
    "licence_url": TEXT,
    "attribution": TEXT,
    "approximate": YES_OR_NO,
    "data_version": TEXT,
    "as_of": DATE,
}
_AT = {"id": TEXT, "name": TEXT, "lat": NUMBER, "lon": NUMBER, "accuracy_m": or_null(NUMBER), "illustrative": YES_OR_NO}
_OFFSET = {**or_null(NUMBER), "description": "Metres to the road; null where none is near."}
_DURATION = {**or_null(NUMBER), "description": "Seconds, to a tenth; null where there is no way."}

SCHEMAS: dict[str, dict[str, Any]] = {
    "Base": object_of({**_AT, "offset_m": _OFFSET}),
    "BaseWithTime": object_of({**_AT, "offset_m": _OFFSET, "duration_s": _DURATION}),
    "Isochrones": object_of(
        {
            "type": {"const": "FeatureCollection"},
            "features": list_of(
                object_of(
                    {
                        "type": {"const": "Feature"},
                        "properties": object_of(
                            {
                                "minutes": _MINUTES,
                                "from_minutes": {"type": "number", "description": "0 but for bands."},
                                "truncated": {
                                    "type": "boolean",
                                    "description": "True where the search met the edge of the roads in the data.",
                                },
                                "area_km2": NUMBER,
                            }
                        ),
                        "geometry": object_of({"type": {"const": "MultiPolygon"}, "coordinates": {"type": "array"}}),
                    }
                )
            ),
            "bases": list_of(ref("Base")),
            "truncated": YES_OR_NO,
            "quality": _QUALITY,
            "resolution_m": NUMBER,
            **_HOW,
        }
    ),
    "NearestBase": object_of(
        {
            "base": or_null(ref("Base")),
            "duration_s": _DURATION,
            "bases": {**list_of(ref("BaseWithTime")), "description": "The nearest first."},
            "place": ref("Base"),
            **_HOW,
        }
    ),
    "PlaceInList": {
        "anyOf": [
            object_of({"lat": {"type": ["number", "string"]}, "lon": {"type": ["number", "string"]}}),
            object_of({"easting": {"type": ["number", "string"]}, "northing": {"type": ["number", "string"]}}),
            object_of({"postcode": TEXT}),
            object_of({"base": TEXT}),
            {**TEXT, "description": "A base's id, else a postcode."},
        ]
    },
    "MatrixEnd": object_of({"id": or_null(TEXT), "offset_m": _OFFSET, "problem": or_null(TEXT)}),
    "MatrixQuestion": object_of(
        {
            "sources": {**list_of(ref("PlaceInList")), "maxItems": MAX_SOURCES},
            "targets": {**list_of(ref("PlaceInList")), "maxItems": MAX_TARGETS},
            "profile": _PROFILE,
            "direction": _DIRECTION,
            "as_of": DATE,
        },
        optional=("profile", "direction", "as_of"),
    ),
    "Matrix": object_of(
        {
            "durations_s": {**list_of(list_of(_DURATION)), "description": "One row a source, one column a target."},
            "sources": list_of(ref("MatrixEnd")),
            "targets": list_of(ref("MatrixEnd")),
            **_HOW,
        }
    ),
    "IsochroneQuestion": object_of(
        {
            "places": {**list_of(ref("PlaceInList")), "maxItems": MAX_PLACES},
            "minutes": {**list_of(_MINUTES), "maxItems": MAX_THRESHOLDS},
            "bands": YES_OR_NO,
            "quality": _QUALITY,
            "profile": _PROFILE,
            "direction": _DIRECTION,
            "as_of": DATE,
        },
        optional=("minutes", "bands", "quality", "profile", "direction", "as_of"),
    ),
}

_COUNTS = {"residents": WHOLE, "postcodes": WHOLE, "incidents": WHOLE}
_SHARE = {**or_null(NUMBER), "description": "0 to 1; null where there is nothing to share."}
_TIME = {**or_null(NUMBER), "description": "Whole seconds; null where there is no way."}
_MOVED = {"residents_gained": WHOLE, "residents_lost": WHOLE}
_PLACE = {
    "id": TEXT,
    "name": TEXT,
    "near": TEXT,
    "district": or_null(TEXT),
    "residents": or_null(WHOLE),
    "median_s": _TIME,
    "slowest_tenth_s": _TIME,
}
SCHEMAS |= {
    "CoveredArea": object_of(
        {
            "level": {"enum": list(LEVELS)},
            "code": TEXT,
            "name": TEXT,
            **_COUNTS,
            "within": list_of(
                object_of(
                    {"minutes": _MINUTES, **_COUNTS, **{f"{name}_share": _SHARE for name in _COUNTS}, **_MOVED},
                    optional=tuple(_MOVED),
                )
            ),
            "residents_unreached": {**WHOLE, "description": "To whom no road in the data leads."},
            "median_s": {**_TIME, "description": "Half of the residents are within it."},
            "slowest_tenth_s": {**_TIME, "description": "A tenth of the residents wait at least so long."},
        }
    ),
    "Coverage": object_of(
        {
            "minutes": list_of(_MINUTES),
            "areas": list_of(ref("CoveredArea")),
            "worst_served": list_of(object_of({**_PLACE, "base": or_null(TEXT)})),
            "unreached": list_of(object_of(_PLACE)),
            "bases": list_of(object_of({**_AT, "offset_m": _OFFSET, "catchment": object_of(_COUNTS)})),
            "unlocated_bases": {**list_of(TEXT), "description": "Bases without a place on the map, not counted."},
            "change": or_null(
                object_of(
                    {
                        "closed": list_of(TEXT),
                        "opened": list_of(TEXT),
                        "moved": list_of(TEXT),
                        "worse_by_minutes": NUMBER,
                        "residents_worse": WHOLE,
                        "residents_better": WHOLE,
                        "places_worse": list_of(object_of({**_PLACE, "median_before_s": _TIME})),
                        "today": list_of(ref("CoveredArea")),
                    }
                )
            ),
            "units_without_residents": WHOLE,
            "population_method": TEXT,
            "incident_months": list_of(TEXT),
            **_HOW,
        }
    ),
    "Scenarios": object_of(
        {
            "scenarios": list_of(
                object_of(
                    {
                        "name": TEXT,
                        "note": TEXT,
                        "close": {**list_of(TEXT), "description": "Ids of bases."},
                        "open": list_of(object_of({"lat": NUMBER, "lon": NUMBER})),
                        "move": list_of(object_of({"base": TEXT, "lat": NUMBER, "lon": NUMBER})),
                    }
                )
            )
        }
    ),
    "AreasOnMap": object_of({"type": {"const": "FeatureCollection"}, "features": list_of({"type": "object"}), **_HOW}),
}

_DRIVING = [
    parameter("profile", "Whose drive: normal, or response at the central, low or high factor.", "normal", _PROFILE),
    parameter("direction", "outbound: from the bases; inbound: to them.", "outbound", _DIRECTION),
    parameter("as_of", "The day whose bases count, in Europe/London; today without it.", "2026-11-22", DATE),
]
_TRIALS = [
    parameter("scenario", "The name of a kept scenario, in the place of close, open and move.", "South of Ely"),
    parameter("close", "The id of a base to leave out; may be repeated.", "parkside-response-base"),
    parameter("open", "LAT,LON of a base to add; may be repeated.", "52.3,0.1"),
    parameter("move", "ID,LAT,LON of a base and where it goes; may be repeated.", "parkside-response-base,52.22,0.14"),
]
_POINTS = [
    parameter("lat", "Latitude, WGS 84 degrees; with lon.", 52.205, NUMBER),
    parameter("lon", "Longitude, WGS 84 degrees; with lat.", 0.127, NUMBER),
    parameter("easting", "Easting in metres, EPSG:27700; with northing.", 545500, NUMBER),
    parameter("northing", "Northing in metres, EPSG:27700; with easting.", 258300, NUMBER),
    parameter("postcode", "A live postcode.", "CB1 1JG"),
]
_MINUTES_PARAMETER = parameter(
    "minutes", f"Thresholds split by commas, each {MIN_MINUTES:g} to {MAX_MINUTES:g}.", "5,10,15,20"
)
_ERRORS = {
    "400": problem("The question cannot be read; `field` names the parameter."),
    "404": problem("No such base or postcode, or the data has no roads."),
    "422": problem("A place that no road is near, or no base would be left."),
    "503": UNAVAILABLE,
}
_TOO_LARGE = {"413": problem("More than one call may ask; the text names the limit.")}


def _media(name: str) -> dict[str, Any]:
    return {"schema": ref(name), "example": ANSWERS[name]}


def _json(name: str) -> dict[str, Any]:
    return {"200": answered("The answer.", {"application/json": _media(name)})}


def _question(name: str) -> dict[str, Any]:
    media = {"schema": ref(name), "example": QUESTIONS[name]}
    return {"required": True, "content": {"application/json": media}}


_GEOJSON = {"200": answered("Areas, the smallest first.", {"application/geo+json": _media("Isochrones")})}

ISOCHRONES: dict[str, Any] = {
    "operationId": "isochrones",
    "description": (
        "The area within each threshold of the nearest of the given bases and points, all from one search; of every "
        "base of the day where none is given. base, lat with lon, easting with northing and postcode may be repeated."
    ),
    "parameters": [
        parameter("base", "The id of a response base; may be repeated.", "parkside-response-base"),
        *_POINTS,
        _MINUTES_PARAMETER,
        parameter("bands", "true: what lies between two thresholds instead of from zero.", "false", YES_OR_NO),
        parameter("quality", "interactive: a coarser raster, for a map that follows a finger.", "published", _QUALITY),
        *_DRIVING,
        *_TRIALS,
    ],
    "responses": _GEOJSON | _ERRORS | _TOO_LARGE,
}
MANY_ISOCHRONES: dict[str, Any] = {
    "operationId": "isochronesOfMany",
    "description": f"As the GET, for a list of up to {MAX_PLACES:,} places that an address could not hold.",
    "requestBody": _question("IsochroneQuestion"),
    "responses": _GEOJSON | _ERRORS | _TOO_LARGE,
}
NEAREST_BASE: dict[str, Any] = {
    "operationId": "nearestBase",
    "description": "Give one of lat with lon, easting with northing, or postcode. The walk from the road is included.",
    "parameters": [*_POINTS, *_DRIVING, *_TRIALS],
    "responses": _json("NearestBase") | _ERRORS,
}
MATRIX: dict[str, Any] = {
    "operationId": "matrix",
    "description": (
        f"Up to {MAX_SOURCES} sources, {MAX_TARGETS:,} targets and {MAX_MATRIX_CELLS:,} pairs. By the rule of the "
        "contours: the clock starts on the road at the source, and the walk from the road to the target counts."
    ),
    "requestBody": _question("MatrixQuestion"),
    "responses": _json("Matrix") | _ERRORS | _TOO_LARGE,
}
COVERAGE: dict[str, Any] = {
    "operationId": "coverage",
    "description": (
        "Residents, postcodes and recorded incidents within each threshold of the nearest base, counted at postcodes' "
        "points on the road, never from polygons. With close, open or move: also what that changes from today. "
        "format=geojson gives the areas that a trial gains and loses."
    ),
    "parameters": [
        _MINUTES_PARAMETER,
        parameter("level", "Levels split by commas; all without it.", "force,district", TEXT),
        parameter("worst", f"How many of the worst-served places to name, at most {MAX_WORST}.", 10, WHOLE),
        parameter("worse_by", "A place gets worse where its median drive grows by more minutes than this.", 2, NUMBER),
        parameter("format", "The Accept header decides without it.", "json", {"enum": ["json", "csv", "geojson"]}),
        *_DRIVING,
        *_TRIALS,
    ],
    "responses": {
        "200": answered(
            "The counts.",
            {
                "application/json": _media("Coverage"),
                "text/csv": {"schema": TEXT},
                "application/geo+json": _media("AreasOnMap"),
            },
        ),
        **_ERRORS,
        **_TOO_LARGE,
    },
}
CATCHMENTS: dict[str, Any] = {
    "operationId": "catchments",
    "description": "Each base's part of the force: the units to most of whose residents it is the nearest by road.",
    "parameters": [*_DRIVING, *_TRIALS],
    "responses": {
        "200": answered("One feature a base.", {"application/geo+json": _media("AreasOnMap")}),
        **_ERRORS,
        **_TOO_LARGE,
    },
}
SCENARIOS: dict[str, Any] = {
    "operationId": "scenarios",
    "description": (
        "The changes to the bases that are kept by name, for `scenario=` of the others. They are written on the "
        "server's command line only."
    ),
    "parameters": [],
    "responses": _json("Scenarios") | {"400": _ERRORS["400"], "503": UNAVAILABLE},
}
