"""From places to units: a power diagram of the places, its towns divided, on whole metres of EPSG:27700."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import shapely

from geo_policing.domain.beats import slugify
from starter.places import RIM_M, District, Place
from starter.power import Cell, Point, area_m2, capped, power_cells
from starter.towns import radius_m, shared_population, unit_sites

POINT_SHARE = 0.8
"""A border keeps at least a tenth ((1 - 0.8) / 2) of the way between two places from either of them."""
AREA_TOLERANCE = 0.02
"""How near a district's area must come to the published one."""
_ROUNDS = 40
_TYPICAL_DISTANCE_M = 3_000
"""Between neighbouring places; only sets the pace at which the district weights settle."""
_WEIGHT_STEP_M2 = 10_000
"""Weights are rounded to this, so that the last bits of a machine's arithmetic never matter."""
_SITE_MARGIN = 0.25
"""A unit's site keeps this share of the sites' spacing from the edge of its town's cell, so that no sliver arises."""


@dataclass(frozen=True)
class Unit:
    """A unit: a valid polygon with corners on whole metres; `population` is None where GeoNames has none."""

    id: str
    place: Place
    population: int | None
    polygon: shapely.Polygon


@dataclass(frozen=True)
class Tessellation:
    """Units of the force ordered by id, and the polygon of each district, inside and out (those cut at the rim)."""

    units: list[Unit]
    districts: dict[str, shapely.Geometry]


def tessellate(places: Sequence[Place], districts: dict[str, District]) -> Tessellation:
    """Divide the land around `places` between them; the units and the districts' polygons are one valid coverage."""
    window = _window(places)
    sites = [(float(p.easting), float(p.northing)) for p in places]
    cells = power_cells(sites, place_weights(places, districts, window), window)
    pieces: list[tuple[Place, shapely.Polygon]] = []
    for place, cell in zip(places, cells, strict=True):
        parts = _divided(place, cell) if place.district.inside else [shapely.Polygon(cell)]
        pieces += [(place, part) for part in parts]
    faces = on_whole_metres([part for _, part in pieces])
    owners = [place for place, _ in pieces]
    return Tessellation(_units(owners, faces), _district_polygons(owners, faces, districts))


def place_weights(places: Sequence[Place], districts: dict[str, District], window: Cell) -> list[float]:
    """The weight of each place in m²: its radius squared, and as much for its district as brings the district's area
    to the published one; capped so that each place keeps its point.

    The radius squared makes a border run where two discs' power is equal, so that a city's cell holds the city. The
    district's part makes up for the hamlets that GeoNames lacks, which are not equally many everywhere.
    ValueError where the areas do not come within `AREA_TOLERANCE`.
    """
    sites = [(float(p.easting), float(p.northing)) for p in places]
    targets = {code: d.area_km2 * 1e6 for code, d in districts.items() if d.area_km2 is not None}
    extra = dict.fromkeys(districts, 0.0)
    for _ in range(_ROUNDS):
        wanted = [radius_m(p) ** 2 + extra[p.district.code] for p in places]
        weights = [float(_WEIGHT_STEP_M2 * round(w / _WEIGHT_STEP_M2)) for w in capped(wanted, sites, POINT_SHARE)]
        areas = dict.fromkeys(districts, 0.0)
        for place, cell in zip(places, power_cells(sites, weights, window), strict=True):
            areas[place.district.code] += area_m2(cell)
        missing = {code: target - areas[code] for code, target in targets.items()}
        if all(abs(missing[code]) <= AREA_TOLERANCE * target for code, target in targets.items()):
            return weights
        for code, target in targets.items():
            perimeter = 4 * target**0.5
            extra[code] += missing[code] / perimeter * 2 * _TYPICAL_DISTANCE_M * 0.7
    shown = {districts[code].name: round(area / 1e6) for code, area in missing.items()}
    raise ValueError(f"the districts' areas do not settle; still missing, in km²: {shown}")


def on_whole_metres(parts: Sequence[shapely.Polygon]) -> list[shapely.Polygon]:
    """`parts` (which meet but for rounding) as polygons with corners on whole metres that meet exactly, in order.

    ValueError where a part is too small to survive, or a gap opens.
    """
    lines = shapely.union_all(shapely.boundary(parts), grid_size=1)
    faces = list(shapely.get_parts(shapely.polygonize([lines])))
    tree = shapely.STRtree(shapely.point_on_surface(faces))
    result: list[shapely.Polygon] = []
    for part in parts:
        found = tree.query(part, predicate="intersects")
        if len(found) != 1:
            raise ValueError(f"a part became {len(found)} faces on whole metres, near {part.centroid}")
        result.append(shapely.normalize(faces[int(found[0])]))
    if len(faces) != len(parts) or not shapely.coverage_is_valid(result):
        raise ValueError(f"{len(faces)} faces of {len(parts)} parts: the parts do not meet")
    return result


def _window(places: Sequence[Place]) -> Cell:
    """The force's places with `RIM_M` around them."""
    inside = [p for p in places if p.district.inside]
    west, east = min(p.easting for p in inside) - RIM_M, max(p.easting for p in inside) + RIM_M
    south, north = min(p.northing for p in inside) - RIM_M, max(p.northing for p in inside) + RIM_M
    return [(west, south), (east, south), (east, north), (west, north)]


def _divided(place: Place, cell: Cell) -> list[shapely.Polygon]:
    """The cell of a place, in one piece for a village, else divided between its unit sites."""
    spacing = radius_m(place) / max(1.0, len(unit_sites(place, lambda _: True))) ** 0.5
    core = shapely.buffer(shapely.Polygon(cell), -_SITE_MARGIN * spacing)
    shapely.prepare(core)

    def allowed(site: Point) -> bool:
        return bool(shapely.contains_xy(core, *site))

    sites = unit_sites(place, allowed)
    return [shapely.Polygon(part) for part in power_cells(sites, [0.0] * len(sites), cell)]


def _units(owners: Sequence[Place], faces: Sequence[shapely.Polygon]) -> list[Unit]:
    units = []
    for place in dict.fromkeys(owners):
        if not place.district.inside:
            continue
        own = [face for owner, face in zip(owners, faces, strict=True) if owner is place]
        for number, (face, population) in enumerate(zip(own, shared_population(place, len(own)), strict=True), 1):
            units.append(Unit(f"{slugify(place.name)}-{number:03}", place, population, face))
    return sorted(units, key=lambda unit: unit.id)


def _district_polygons(
    owners: Sequence[Place], faces: Sequence[shapely.Polygon], districts: dict[str, District]
) -> dict[str, shapely.Geometry]:
    polygons = {}
    for code in districts:
        own = [face for owner, face in zip(owners, faces, strict=True) if owner.district.code == code]
        polygons[code] = shapely.normalize(shapely.coverage_union_all(own))
    return polygons
