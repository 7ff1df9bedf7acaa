"""Examples for the OpenAPI description of drive time, of a made-up force and as short as can be; see docs/api.md."""

from __future__ import annotations

from typing import Any

_HOW: dict[str, Any] = {
    "method": "snapped_points_1",
    "profile": "normal",
    "direction": "outbound",
    "network": "roads",
    "assumption": "Typical driving at all hours taken together; not a response time.",
    "barriers_known": ["river", "railway"],
    "turns_known": False,
    "max_offset_m": 1000.0,
    "licence": "Open Database Licence 1.0",
    "licence_url": "https://opendatacommons.org/licenses/odbl/1-0/",
    "attribution": "© OpenStreetMap contributors, ODbL 1.0",
    "approximate": False,
    "data_version": "f0e3e8cb604a47d7",
    "as_of": "2026-06-03",
}
_BASE: dict[str, Any] = {
    "id": "westham-station-response-base",
    "name": "Westham Police Station",
    "lat": 52.22479,
    "lon": 0.05555,
    "accuracy_m": 10.0,
    "illustrative": True,
    "offset_m": 0.0,
}
_RING = [[0.055, 52.224], [0.056, 52.224], [0.056, 52.225], [0.055, 52.225], [0.055, 52.224]]
_AREA = {"type": "MultiPolygon", "coordinates": [[_RING]]}
_WITHIN = {
    "minutes": 10,
    "residents": 263,
    "residents_share": 0.6574,
    "postcodes": 3,
    "postcodes_share": 0.75,
    "incidents": 5,
    "incidents_share": 0.5,
}
_COVERED = {
    "level": "district",
    "code": "X01",
    "name": "Westham",
    "residents": 400,
    "postcodes": 4,
    "incidents": 10,
    "within": [_WITHIN],
    "residents_unreached": 0,
    "median_s": 100.0,
    "slowest_tenth_s": 200.0,
}
_PLACE = {
    "id": "fen-end",
    "name": "Fen End",
    "near": "Eastham",
    "district": "Eastham",
    "residents": 200,
    "median_s": 300.0,
    "slowest_tenth_s": 300.0,
}

QUESTIONS: dict[str, dict[str, Any]] = {
    "IsochroneQuestion": {
        "places": [{"base": "westham-station"}, {"postcode": "ZZ1 2OO"}, {"lat": 52.2222, "lon": 0.0721}],
        "minutes": [5, 10],
        "bands": True,
    },
    "MatrixQuestion": {
        "sources": ["westham-station", {"base": "eastham-station"}],
        "targets": ["ZZ1 1AC", {"lat": 52.2222, "lon": 0.0721}, {"easting": 541000, "northing": 260500}],
        "profile": "normal",
    },
}
"""What is posted, by the name of its schema."""

ANSWERS: dict[str, dict[str, Any]] = {
    "Isochrones": {
        "type": "FeatureCollection",
        **_HOW,
        "method": "road_raster_marching_squares_2",
        "quality": "published",
        "resolution_m": 20.0,
        "bases": [_BASE],
        "truncated": False,
        "features": [
            {
                "type": "Feature",
                "properties": {"minutes": 5, "from_minutes": 0, "truncated": False, "area_km2": 0.01},
                "geometry": _AREA,
            }
        ],
    },
    "NearestBase": {
        "base": _BASE,
        "duration_s": 60.0,
        "bases": [_BASE | {"duration_s": 60.0}],
        "place": _BASE | {"id": "ZZ1 1AC", "name": "ZZ1 1AC", "lat": 52.22464, "lon": 0.06432, "illustrative": False},
        **_HOW,
    },
    "Matrix": {
        "durations_s": [[60.0, None]],
        "sources": [{"id": "westham-station-response-base", "offset_m": 0.0, "problem": None}],
        "targets": [
            {"id": "ZZ1 1AC", "offset_m": 0.0, "problem": None},
            {"id": "point-2", "offset_m": None, "problem": "No road is near that can be driven to and from."},
        ],
        **_HOW,
    },
    "Coverage": {
        "minutes": [10],
        "areas": [_COVERED | {"within": [_WITHIN | {"residents_gained": 0, "residents_lost": 137}]}],
        "worst_served": [_PLACE | {"base": "Westham Police Station"}],
        "unreached": [],
        "bases": [_BASE | {"catchment": {"residents": 800, "postcodes": 6, "incidents": 28}}],
        "unlocated_bases": [],
        "change": {
            "closed": ["eastham-station-response-base"],
            "opened": [],
            "moved": [],
            "worse_by_minutes": 2.0,
            "residents_worse": 300,
            "residents_better": 0,
            "places_worse": [_PLACE | {"median_before_s": 100.0}],
            "today": [_COVERED],
        },
        "units_without_residents": 0,
        "population_method": "given",
        "incident_months": ["2026-04"],
        **_HOW,
    },
    "AreasOnMap": {
        "type": "FeatureCollection",
        **_HOW,
        "features": [
            {
                "type": "Feature",
                "properties": {"minutes": 10, "change": "lost", "residents": 300},
                "geometry": _AREA,
            }
        ],
    },
    "Scenarios": {
        "scenarios": [
            {
                "name": "South of Ely",
                "note": "For the March meeting",
                "close": [],
                "open": [],
                "move": [{"base": "ely-response-base", "lat": 52.33, "lon": 0.34}],
            }
        ]
    },
}
"""What is answered, by the name of its schema."""
