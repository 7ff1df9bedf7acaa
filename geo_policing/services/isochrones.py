"""Isochrones as GeoJSON: the areas within reach of bases or points, all thresholds from one search and one field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import orjson
import shapely

from geo_policing.errors import InvalidInputError
from geo_policing.routing.contours import Contour
from geo_policing.routing.engine import METHOD
from geo_policing.routing.field import Quality
from geo_policing.services.bases import OnRoad, after, bases_of, must_be_on_road, put_on_road
from geo_policing.services.drive_about import about, bases_to_json
from geo_policing.services.drive_params import (
    DRIVING,
    MAX_PLACES,
    NO_TRIAL,
    PLACES,
    TRIALS,
    Driving,
    Lists,
    Place,
    TrialQuery,
    check_minutes,
    places_in_list,
    plain,
    read_driving,
    read_flag,
    read_minutes,
    read_places,
    read_quality,
    read_trial,
    refuse_unknown,
)
from geo_policing.services.drive_places import resolve_all, trial_of
from geo_policing.services.roads import Roads, roads_of
from geo_policing.services.view import View

PARAMETERS = DRIVING | TRIALS | PLACES | {"minutes", "bands", "quality"}
_DECIMALS = 5


@dataclass(frozen=True)
class IsochroneQuery:
    """Where from (no places: every base of the day, as `trial` leaves them), how far, and how drawn."""

    places: tuple[Place, ...]
    minutes: tuple[float, ...]
    driving: Driving
    trial: TrialQuery = NO_TRIAL
    bands: bool = False
    quality: Quality = Quality.PUBLISHED


@dataclass(frozen=True, eq=False)
class Isochrones:
    """The areas of one query, ascending; `truncated` says of each whether the search met the network's rim."""

    query: IsochroneQuery
    placed: OnRoad
    contours: tuple[Contour, ...]
    truncated: tuple[bool, ...]
    about: Mapping[str, Any]

    @property
    def from_minutes(self) -> tuple[float, ...]:
        """Where each area begins: at zero, or for bands where the one before ends."""
        minutes = self.query.minutes
        return (0.0, *minutes[:-1]) if self.query.bands else (0.0,) * len(minutes)

    def geometries(self) -> list[shapely.Geometry]:
        """The areas in lon/lat degrees; empty where nothing is reached, or a band holds nothing."""
        whole = [contour.to_geometry() for contour in self.contours]
        if not self.query.bands:
            return list(whole)
        return [whole[0], *(_band(outer, inner) for inner, outer in pairwise(whole))]

    def properties(self) -> list[dict[str, Any]]:
        """The properties of each area."""
        within = [contour.area_m2 / 1e6 for contour in self.contours]
        inside = [0.0, *within[:-1]] if self.query.bands else [0.0] * len(within)
        areas = [round(upto - start, 2) for start, upto in zip(inside, within, strict=True)]
        rows = zip(self.from_minutes, self.query.minutes, self.truncated, areas, strict=True)
        return [
            {"minutes": plain(upto), "from_minutes": plain(start), "truncated": cut, "area_km2": area}
            for start, upto, cut, area in rows
        ]


def parse_isochrones(params: Lists) -> IsochroneQuery:
    """The query in an address's parameters; InvalidInputError and TooLargeError as `drive_params` says."""
    refuse_unknown(params, PARAMETERS)
    trial, places = read_trial(params), tuple(read_places(params))
    if places and trial != NO_TRIAL:
        raise InvalidInputError(
            "close, open and move change the force's own bases; leave out base, lat, lon and postcode with them.",
            field="base",
        )
    return IsochroneQuery(
        places, read_minutes(params), read_driving(params), trial, read_flag(params, "bands"), read_quality(params)
    )


def isochrone_query_in(body: object) -> IsochroneQuery:
    """The query in the JSON of a POST: `places` (an array), and minutes, bands, quality and `DRIVING` if wanted."""
    if not isinstance(body, dict):
        raise InvalidInputError('The body is not an object. Send such as {"places": [{"lat": 52.2, "lon": 0.1}]}.')
    refuse_unknown(body, DRIVING | {"places", "minutes", "bands", "quality"})
    places = tuple(places_in_list(body.get("places"), "places", MAX_PLACES))
    if not places:
        raise InvalidInputError("places is empty. Give at least one.", field="places")
    listed = texts_of(body, (*sorted(DRIVING), "quality"))
    if not isinstance(body.get("bands", False), bool):
        raise InvalidInputError("bands is neither true nor false.", field="bands")
    minutes = body.get("minutes")
    return IsochroneQuery(
        places,
        read_minutes({}) if minutes is None else check_minutes(_numbers(minutes)),
        read_driving(listed),
        bands=body.get("bands", False),
        quality=read_quality(listed),
    )


def texts_of(body: Mapping[str, Any], names: Sequence[str]) -> dict[str, list[str]]:
    """The members of `names` that `body` has, as parameters; InvalidInputError where one is no text."""
    for name in names:
        if name in body and not isinstance(body[name], str):
            raise InvalidInputError(f"{name} is not a text.", field=name)
    return {name: [body[name]] for name in names if name in body}


def _numbers(values: object) -> list[float]:
    if not isinstance(values, list) or any(isinstance(v, bool) or not isinstance(v, int | float) for v in values):
        raise InvalidInputError("minutes is not an array of numbers, such as [5, 10, 15, 20].", field="minutes")
    return [float(v) for v in values]


def isochrones(view: View, query: IsochroneQuery) -> Isochrones:
    """The areas of `query`.

    NotFoundError for a base or postcode that is not there, or no roads; RuleError for a place that no road is near.
    With no places, bases that no road is near are named and left out; RuleError where none is left.
    """
    roads = roads_of(view.dataset)
    if query.places:
        placed = must_be_on_road(roads, resolve_all(view, query.places))
    else:
        trial = trial_of(query.trial)
        must_be_on_road(roads, [*trial.open, *(to for _, to in trial.move)])
        bases = after(view, trial) if bases_of(view) or trial.open else ()
        placed = put_on_road(roads, bases)
    content = about(view, roads, query.driving, METHOD, query.quality)
    if not placed.bases:
        return Isochrones(query, placed, (), (), content)
    contours, truncated = _drawn(roads, placed, query)
    return Isochrones(query, placed, contours, truncated, content)


def _drawn(roads: Roads, placed: OnRoad, query: IsochroneQuery) -> tuple[tuple[Contour, ...], tuple[bool, ...]]:
    driving = query.driving
    drawn = roads.run(
        lambda: roads.engine.isochrones(
            placed.snapped,
            query.minutes,
            profile=driving.profile,
            direction=driving.direction,
            quality=query.quality,
        )
    )
    return drawn.contours, drawn.truncated


def to_geojson(found: Isochrones) -> bytes:
    """A FeatureCollection (RFC 7946, five decimals), smallest threshold first; the same bytes for the same input."""
    head = dict(found.about) | {"bases": bases_to_json(found.placed), "truncated": any(found.truncated)}
    features = [
        b'{"type":"Feature","properties":' + orjson.dumps(properties) + b',"geometry":' + geometry + b"}"
        for properties, geometry in zip(found.properties(), _geometry_texts(found), strict=True)
    ] if found.contours else []  # fmt: skip
    return b'{"type":"FeatureCollection",' + orjson.dumps(head)[1:-1] + b',"features":[' + b",".join(features) + b"]}\n"


def _geometry_texts(found: Isochrones) -> list[bytes]:
    if found.query.bands:
        return [orjson.dumps(multipolygon_to_json(geometry)) for geometry in found.geometries()]
    return [b'{"type":"MultiPolygon","coordinates":' + c.coordinates_json() + b"}" for c in found.contours]


def _band(outer: shapely.Geometry, inner: shapely.Geometry) -> shapely.Geometry:
    """What lies between two contours. Both have whole coordinates and nest, so nothing new is cut."""
    between = shapely.difference(outer, inner)
    parts = [part for part in shapely.get_parts(between) if shapely.get_type_id(part) == shapely.GeometryType.POLYGON]
    return shapely.orient_polygons(shapely.multipolygons(parts), exterior_cw=False)


def multipolygon_to_json(geometry: shapely.Geometry) -> dict[str, Any]:
    """A GeoJSON MultiPolygon, five decimals; of an empty geometry one without coordinates."""
    polygons = [
        [np.round(shapely.get_coordinates(ring), _DECIMALS).tolist() for ring in (part.exterior, *part.interiors)]
        for part in shapely.get_parts(geometry)
    ]
    return {"type": "MultiPolygon", "coordinates": polygons}
