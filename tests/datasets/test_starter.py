"""The reader of the starter's own formats, on files made here."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from geo_policing.datasets import starter
from geo_policing.datasets.build import build_dataset
from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.discover import Probe, probe_file
from geo_policing.datasets.schema import PostcodeStatus
from geo_policing.datasets.tables import Table
from geo_policing.errors import SourceError

HEADER = "postcode,easting,northing,accuracy_m,district,settlement,terminated\n"
NAN = float("nan")


def write_geojson(path: Path, features: list[tuple[dict[str, Any], Any]]) -> Probe:
    collection = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}},
        "features": [
            {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(shape)}
            for properties, shape in features
        ],
    }
    path.write_text(json.dumps(collection), encoding="utf-8")
    result = probe_file(path)
    assert isinstance(result, tuple)
    return result[0]


def unit(name: str, column: int, population: int | None = 10, place: int | None = 7) -> tuple[dict[str, Any], Any]:
    west = 540_000 + 1_000 * column
    properties = {"unit": name, "district": "X01", "beat": "Abbey", "place": place, "population": population}
    return properties, shapely.box(west, 260_000, west + 1_000, 261_000)


@pytest.fixture
def units(tmp_path: Path) -> Probe:
    return write_geojson(
        tmp_path / "any-name.geojson",
        [unit("b-1", 0), unit("a-2", 1, None), unit("c-3", 2, 0, 8), unit("d", 3, 5, None)],
    )


def write_postcodes(path: Path, *rows: str) -> Path:
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


# --- what is recognised ---


def test_files_are_told_by_what_they_contain(tmp_path: Path, units: Probe) -> None:
    districts = write_geojson(
        tmp_path / "x.geojson", [({"district": "X01", "name": "Westham", "inside": True}, shapely.box(0, 0, 1, 1))]
    )
    postcodes = probe_file(write_postcodes(tmp_path / "y.csv", "ZZ1 1AA,540500,260500,500,X01,Abbey,no"))[0]
    recognisers = (starter.is_units, starter.is_districts, starter.is_postcodes)
    found = [[recognises(probe) for recognises in recognisers] for probe in (units, districts, postcodes)]
    assert found == [[True, False, False], [False, True, False], [False, False, True]]
    assert all(starter.recognises(probe) for probe in (units, districts, postcodes))


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ("vector", ("OA21CD", "LSOA21CD")),
        ("vector", ("unit", "district", "beat", "place")),
        ("vector", starter.POSTCODE_COLUMNS),
        ("csv", starter.UNIT_FIELDS),
        ("csv", ("postcode", "lat", "lon")),
        ("toml", ("name", "districts")),
        ("osm", ()),
    ],
)
def test_other_files_are_not_recognised(form: str, fields: tuple[str, ...]) -> None:
    assert not starter.recognises(Probe(Path("x"), form, None, fields))


# --- units and districts ---


def test_units_are_read_as_they_stand(units: Probe) -> None:
    rows = starter.read_units(units)
    assert rows.id.tolist() == ["b-1", "a-2", "c-3", "d"]
    assert rows.district_code.tolist() == ["X01"] * 4
    assert rows.suggested_beat.tolist() == ["Abbey"] * 4
    assert rows.lsoa.tolist() == [""] * 4
    np.testing.assert_array_equal(rows.population, [10, NAN, 0, 5])
    assert rows.geometry[1].equals(shapely.box(541_000, 260_000, 542_000, 261_000))
    assert (rows.file, rows.code_field) == (units.path, "unit")


def test_a_place_has_the_units_that_were_cut_from_its_cell(units: Probe) -> None:
    assert starter.read_units_of_places(units) == {"7": ("a-2", "b-1"), "8": ("c-3",)}


def test_districts_are_read_with_those_over_the_border(tmp_path: Path) -> None:
    probe = write_geojson(
        tmp_path / "districts.geojson",
        [
            ({"district": "X01", "name": "Westham", "inside": True}, shapely.box(540_000, 260_000, 541_000, 261_000)),
            ({"district": "X02", "name": "Farham", "inside": False}, shapely.box(541_000, 260_000, 542_000, 261_000)),
        ],
    )
    rows = starter.read_districts(probe)
    assert rows.code.tolist() == ["X01", "X02"]
    assert rows.name.tolist() == ["Westham", "Farham"]
    assert shapely.area(rows.geometry).tolist() == [1e6, 1e6]


@pytest.mark.parametrize("population", [-1, "many"])
def test_a_population_that_is_none_is_named_with_its_row(tmp_path: Path, population: Any) -> None:
    probe = write_geojson(tmp_path / "u.geojson", [unit("a", 0), unit("b", 1, population)])
    with pytest.raises(SourceError, match=r"u\.geojson, row 2, field population: .*not a number of at least 0"):
        starter.read_units(probe)


# --- postcodes ---


def test_postcodes_are_ordered_and_say_how_far_off_they_may_be(tmp_path: Path) -> None:
    later = write_postcodes(tmp_path / "1.csv", "zz1 1ab,540500,260500,500,X01,Abbey,yes")
    sooner = write_postcodes(tmp_path / "2.csv", "ZZ1 1AA,541500,260600,1200,X02,Market,no")
    book = starter.read_postcodes([later, sooner])
    assert book.postcode.tolist() == ["ZZ11AA", "ZZ11AB"]
    assert book.easting.tolist() == [541_500, 540_500]
    assert book.northing.tolist() == [260_600, 260_500]
    assert book.accuracy_m.tolist() == [1_200, 500]
    assert book.status.tolist() == [PostcodeStatus.LIVE, PostcodeStatus.TERMINATED]
    assert book.district_code.tolist() == ["X02", "X01"]
    assert book.quality.tolist() == [-1, -1]
    assert book.large_user.tolist() == [False, False]


def test_no_postcodes_are_an_empty_book(tmp_path: Path) -> None:
    assert len(starter.read_postcodes([])) == 0
    assert len(starter.read_postcodes([write_postcodes(tmp_path / "none.csv")])) == 0


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("ZZ1,540500,260500,500,X01,Abbey,no", r"field postcode: 'ZZ1' is not a postcode"),
        ("ZZ1 1AC,east,260500,500,X01,Abbey,no", r"field easting: 'east' is not a number"),
        ("ZZ1 1AC,540500,,500,X01,Abbey,no", r"field northing: '' is missing"),
        ("ZZ1 1AC,9540500,260500,500,X01,Abbey,no", r"field easting: '9540500' is not in the National Grid"),
        ("ZZ1 1AC,540500,260500,0,X01,Abbey,no", r"field accuracy_m: '0' is not above 0"),
        ("ZZ1 1AC,540500,260500,500,X01,Abbey,perhaps", r"field terminated: 'perhaps' is neither yes nor no"),
    ],
)
def test_a_wrong_row_is_named_with_its_remedy(tmp_path: Path, row: str, problem: str) -> None:
    path = write_postcodes(tmp_path / "p.csv", "ZZ1 1AA,540500,260500,500,X01,Abbey,no", row)
    with pytest.raises(SourceError, match=rf"p\.csv, row 2, {problem}.*Mend the row|p\.csv, row 2, {problem}.*Check"):
        starter.read_postcodes([path])


def test_the_first_wrong_row_is_the_one_that_is_named(tmp_path: Path) -> None:
    path = write_postcodes(
        tmp_path / "p.csv", "ZZ1 1AA,540500,260500,500,X01,Abbey,maybe", "ZZ1,540500,260500,500,X01,Abbey,no"
    )
    with pytest.raises(SourceError, match="row 1, field terminated"):
        starter.read_postcodes([path])


def test_a_postcode_that_stands_twice_is_refused(tmp_path: Path) -> None:
    row = "ZZ1 1AA,540500,260500,500,X01,Abbey,no"
    with pytest.raises(SourceError, match="postcode ZZ11AA stands twice"):
        starter.read_postcodes([write_postcodes(tmp_path / "p.csv", row, row)])


def test_each_live_postcode_in_the_force_has_its_one_unit() -> None:
    count = 4
    table = Table.of(
        "postcodes",
        postcode=["A", "B", "C", "D"],
        easting=[0.0] * count,
        northing=[0.0] * count,
        accuracy_m=[500] * count,
        quality=[-1] * count,
        status=[PostcodeStatus.LIVE, PostcodeStatus.TERMINATED, PostcodeStatus.LIVE, PostcodeStatus.LIVE],
        large_user=[False] * count,
        district_code=["X01"] * count,
        ward_code=[""] * count,
        unit=[3, 1, -1, 0],
        snapped_m=[0] * count,
    )
    shares = starter.given_shares(table)
    assert shares.method == "given"
    assert shares.table["postcode"].tolist() == [0, 3]
    assert shares.table["unit"].tolist() == [3, 0]
    assert shares.table["share"].tolist() == [1.0, 1.0]


# --- the starter that ships, through the same build as anything else ---


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    sources = Path(str(files("geo_policing.boundaries"))) / "cambridgeshire"
    return build_dataset(sources, tmp_path_factory.mktemp("starter"))


def test_the_starter_is_built_whole_and_says_that_it_is_approximate(dataset: Dataset) -> None:
    assert dataset.approximate
    assert dataset.manifest["postcode_share_method"] == "given"
    assert dataset.manifest["population_method"] == "given"
    assert dataset.manifest["dropped"] == [] or all(
        finding["what"].startswith("places of one name") for finding in dataset.manifest["dropped"]
    )
    assert dataset.manifest["repaired"] == []
    assert dataset.manifest["ignored"] == []
    assert {source["licence"] for source in dataset.manifest["sources"]} == {"CC BY 4.0"}
    assert dataset.force.name == "Cambridgeshire Constabulary"
    assert dataset["districts"]["inside"].sum() == 6
    beats = set(zip(dataset["units"]["district"].tolist(), dataset["units"]["suggested_beat"].tolist(), strict=True))
    assert 90 <= len(beats) <= 130


def test_the_starters_postcodes_fall_in_their_settlements(dataset: Dataset) -> None:
    postcodes, units = dataset["postcodes"], dataset["units"]
    of = dict(zip(postcodes["postcode"].tolist(), range(len(postcodes)), strict=True))
    assert len(of) == 15
    for postcode, beat in [("CB11JG", "Cambridge"), ("PE36SD", "Peterborough"), ("CB75ED", "Soham"), ("PE71AY", "Whi")]:
        assert units["suggested_beat"][postcodes["unit"][of[postcode]]].startswith(beat)
    live = postcodes["status"] == PostcodeStatus.LIVE
    assert postcodes["postcode"][~live].tolist() == ["PE159RB"]
    assert len(dataset["postcode_units"]) == 14
    assert (postcodes["accuracy_m"] >= 500).all()


def test_a_starter_place_is_its_own_units(dataset: Dataset) -> None:
    places, shared, units = dataset["places"], dataset["place_units"], dataset["units"]

    def units_of(name: str) -> list[str]:
        (row,) = np.flatnonzero((places["name"] == name) & (places["kind"] == "settlement"))
        return units["id"][shared["unit"][shared["place"] == row]].tolist()

    cambridge = units_of("Cambridge")
    district = dataset["districts"]["code"].tolist().index("E07000008")
    assert len(cambridge) == (units["district"] == district).sum()
    assert units_of("Grantchester") == ["grantchester-001"]
    assert {unit_id.rsplit("-", 1)[0] for unit_id in units_of("Soham")} == {"soham"}
    assert units_of("Newmarket") == [], "over the border"
