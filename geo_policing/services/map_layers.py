"""What a map of the force shows: beats simplified together, their colours, and the places where police can be met.

Districts and areas are not drawn beside the beats but made of them, so every border of theirs is a border of beats.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from geo_policing.domain.areas import Area, District
from geo_policing.domain.beats import Beat
from geo_policing.domain.facilities import Facility, FacilityKind
from geo_policing.domain.plans import PlanInForce
from geo_policing.domain.postings import Posting, Role
from geo_policing.services.indexes import derived, district_index
from geo_policing.services.view import View
from geo_policing.spatial.colouring import colours_of
from geo_policing.spatial.crs import to_lon_lat
from geo_policing.spatial.topology import topology_of

SIMPLIFIED_M = 20.0
"""`shapely.coverage_simplify`'s tolerance: the side of the square whose area a corner must enclose to be kept."""
STEP = 1e-5
"""Degrees to which corners are rounded; a metre and less."""
NAME_POINT_M = 50.0
"""How near to the very middle the point of a name comes."""
KINDS = (FacilityKind.ENQUIRY_OFFICE, FacilityKind.CONTACT_POINT, FacilityKind.RESPONSE_BASE)
_FORMAT = 1
"""Counts up when the form of what is served changes, so that nobody reads the new by the rules of the old."""


@dataclass(frozen=True)
class BeatShapes:
    """The beats of a plan as they are shown, one row a beat of the plan.

    `areas` are EPSG:27700, a valid coverage; `lon_lat` the same in WGS 84, not rounded. `colours` count from 0, and
    neighbours have different ones. `off_by_m` is how far a shown boundary strays from the true one at most.
    """

    areas: NDArray[Any]
    lon_lat: NDArray[Any]
    colours: tuple[int, ...]
    off_by_m: tuple[int, ...]


@dataclass(frozen=True)
class MapPlace:
    """A facility with its point on the map (WGS 84, five decimals), None where nobody knows its place."""

    facility: Facility
    lat_lon: tuple[float, float] | None

    def to_json(self) -> dict[str, Any]:
        """What a map needs of a place that has a point."""
        facility = self.facility
        return {
            "kind": facility.kind.value,
            "name": facility.name,
            "address": ", ".join(filter(None, (facility.address, facility.postcode))),
            "at": self.lat_lon,
        }


@dataclass(frozen=True)
class MapBeat:
    """A beat and the PCSOs that serve on it; none while the post is vacant."""

    beat: Beat
    pcsos: tuple[Posting, ...]


@dataclass(frozen=True)
class MapDistrict:
    """A district with its beats by name, and its places by kind in the order of KINDS, those of one kind by name."""

    district: District
    beats: tuple[MapBeat, ...]
    places: tuple[MapPlace, ...]


def beat_shapes(plan: PlanInForce, view: View) -> BeatShapes:
    """The shapes of the beats of `plan`, which is that of `view`; made once a plan that is read."""
    return derived(plan, "beat_shapes", lambda: _shapes_of(plan, view))


def beats_topojson(view: View) -> bytes:
    """The beats as TopoJSON in WGS 84: objects "beats", and "districts" and "areas" as the points of their names.

    A beat's id is its slug; its properties are `name`, the codes of its `district` and `area` (null where none is
    configured), `colour`, `off_by_m` and `label` (lon, lat), the point of its name. Without a plan all are empty.
    """
    return derived(view, "beats_topojson", lambda: _topojson_of(view))


def layers_version(view: View) -> str:
    """Another one, of a-f0-9, for anything else that a map of `view` would show, but for the ground beneath."""
    return derived(view, "layers_version", lambda: _version_of(view))


def places_on_map(view: View) -> tuple[MapPlace, ...]:
    """Every facility of the view's day, by kind in the order of KINDS, then by name."""
    return derived(view, "places_on_map", lambda: _places_of(view))


def map_districts(view: View) -> tuple[MapDistrict, ...]:
    """The force's districts by name, with what lies in them; made once. () without a plan and without places."""
    return derived(view, "map_districts", lambda: _districts_of(view))


def only_examples(districts: Sequence[MapDistrict]) -> bool:
    """True where there are posts and every one was made up, which is then said once for all."""
    posts = [post for each in districts for own in each.beats for post in own.pcsos]
    return bool(posts) and all(post.illustrative for post in posts)


def _shapes_of(plan: PlanInForce, view: View) -> BeatShapes:
    units, adjacency = np.asarray(view.dataset["units"]["geometry"]), view.dataset["adjacency"]
    whole = np.array(
        [shapely.coverage_union_all(units[plan.beat_of_unit == row]) for row in range(len(plan.beats))], dtype=object
    )
    shown = shapely.coverage_simplify(whole, SIMPLIFIED_M)
    strays = shapely.hausdorff_distance(shapely.boundary(whole), shapely.boundary(shown))
    beat_of_unit = plan.beat_of_unit
    return BeatShapes(
        areas=shown,
        lon_lat=shapely.transform(shown, lambda points: np.column_stack(to_lon_lat(points[:, 0], points[:, 1]))),
        colours=colours_of(len(whole), beat_of_unit[adjacency["a"]], beat_of_unit[adjacency["b"]]),
        off_by_m=tuple(np.ceil(strays).astype(int).tolist()),
    )


def _topojson_of(view: View) -> bytes:
    plan = view.plan
    if plan is None:
        return _written((0.0, 0.0), [], {"beats": [], "districts": [], "areas": []})
    shapes, index = beat_shapes(plan, view), district_index(view.dataset)
    topology = topology_of(shapes.lon_lat, STEP)
    corner = np.min([arc.min(axis=0) for arc in topology.arcs], axis=0)
    # Each point as its way from the one before, the first from the corner.
    arcs = [np.diff(arc, axis=0, prepend=corner[None, :]).tolist() for arc in topology.arcs]
    districts = [index.by_code(beat.district_code) for beat in plan.beats]
    beats = []
    for row, (beat, district) in enumerate(zip(plan.beats, districts, strict=True)):
        properties = {
            "name": beat.name,
            "district": district.code,
            "area": None if district.area is None else district.area.code,
            "colour": shapes.colours[row],
            "off_by_m": shapes.off_by_m[row],
            "label": [round(value * STEP, 5) for value in name_point(shapes.areas[row : row + 1])],
        }
        polygons = topology.polygons[row]
        beats.append({"type": "MultiPolygon", "id": beat.slug, "properties": properties, "arcs": polygons})
    areas = [district.area for district in districts]
    objects = {"beats": beats, "districts": _points(districts, shapes, corner), "areas": _points(areas, shapes, corner)}
    return _written((corner * STEP).round(5).tolist(), arcs, objects)


def _points(groups: Sequence[District | Area | None], shapes: BeatShapes, corner: NDArray[Any]) -> list[dict[str, Any]]:
    """A point for the name of each group of beats, as TopoJSON; `groups` says for each beat which it is in."""
    found = []
    for group in sorted({group for group in groups if group is not None}, key=lambda each: each.code):
        rows = [row for row, other in enumerate(groups) if other == group]
        point = (np.array(name_point(shapes.areas[rows])) - corner).tolist()
        properties = {"name": group.name}
        found.append({"type": "Point", "id": group.code, "properties": properties, "coordinates": point})
    return found


def name_point(areas: NDArray[Any]) -> tuple[int, int]:
    """Where the name of `areas` (EPSG:27700, a valid coverage) is written: lon and lat in whole steps of STEP.

    It is the middle of the widest part of their union's largest piece.
    """
    largest = max(shapely.get_parts(shapely.coverage_union_all(areas)), key=shapely.area)
    lon, lat = to_lon_lat(*shapely.maximum_inscribed_circle(largest, NAME_POINT_M).coords[0])
    return round(float(lon) / STEP), round(float(lat) / STEP)


def _written(corner: Sequence[float], arcs: list[Any], objects: dict[str, list[dict[str, Any]]]) -> bytes:
    collections = {name: {"type": "GeometryCollection", "geometries": found} for name, found in objects.items()}
    transform = {"scale": [STEP, STEP], "translate": corner}
    return orjson.dumps({"type": "Topology", "transform": transform, "objects": collections, "arcs": arcs})


def _version_of(view: View) -> str:
    digest = hashlib.sha256(f"{_FORMAT}\0{view.dataset.data_version}\0{view.facilities!r}".encode())
    if view.plan is not None:
        digest.update(repr(view.plan.beats).encode() + np.ascontiguousarray(view.plan.beat_of_unit).tobytes())
    return digest.hexdigest()[:16]


def _places_of(view: View) -> tuple[MapPlace, ...]:
    found = sorted(view.facilities, key=lambda f: (KINDS.index(f.kind), f.name, f.id))
    return tuple(MapPlace(facility, _lat_lon(facility)) for facility in found)


def _lat_lon(facility: Facility) -> tuple[float, float] | None:
    if facility.easting_northing is None:
        return None
    lon, lat = to_lon_lat(*facility.easting_northing)
    return round(float(lat), 5), round(float(lon), 5)


def _districts_of(view: View) -> tuple[MapDistrict, ...]:
    index = district_index(view.dataset)
    beats: dict[str, list[MapBeat]] = {}
    for beat in view.plan.beats if view.plan else ():
        pcsos = tuple(p for p in view.postings.get(beat.id, ()) if p.role is Role.PCSO)
        beats.setdefault(beat.district_code, []).append(MapBeat(beat, pcsos))
    places: dict[str, list[MapPlace]] = {}
    for place in places_on_map(view):
        places.setdefault(place.facility.district_code, []).append(place)
    found = []
    for code in {**beats, **places}:
        own = sorted(beats.get(code, ()), key=lambda each: (each.beat.name, each.beat.slug))
        found.append(MapDistrict(index.by_code(code), tuple(own), tuple(places.get(code, ()))))
    return tuple(sorted(found, key=lambda each: (each.district.name, each.district.code)))
