"""The build as a whole, on a world small enough to check by hand, in the publishers' formats."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geo_policing.datasets import build, forces, tables
from geo_policing.datasets.build import LOCK_NAME, build_dataset
from geo_policing.datasets.dataset import BUILDING_PREFIX, Dataset, open_dataset, point_current_at
from geo_policing.errors import BusyError, ConfigError, DatasetError, SourceError
from geo_policing.spatial.crs import to_lon_lat
from tests.support import roads, sources
from tests.support.tiny import write_tiny

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return sources.write_sources(tmp_path / "sources", everything=True)


def test_everything_that_the_sources_say_is_in_the_dataset(folder: Path, tmp_path: Path) -> None:
    dataset = build_dataset(folder, tmp_path / "data")
    assert dataset["units"]["id"].tolist() == sources.OA_CODES
    assert dataset["units"]["lsoa"].tolist() == sources.LSOA_CODES * 2
    assert dataset["units"]["district"].tolist() == [0, 0, 1, 1] * 2
    assert dataset["districts"]["name"].tolist() == ["Westham", "Eastham", "Farham"]
    assert dataset["districts"]["inside"].tolist() == [True, True, False]
    assert dataset["districts"]["area"].tolist() == [0, 0, -1]
    assert dataset["areas"]["name"].tolist() == ["North"]
    assert dataset["wards"]["name"].tolist() == list(sources.WARD_NAMES.values())
    assert dataset["lsoas"]["name"].tolist() == ["Tiny 001A", "Tiny 002A", "Tiny 003A", "Tiny 004A"]
    # Ten pairs of 1 km squares touch along a side: four columns of two, and two rows of three.
    assert len(dataset["adjacency"]) == 10
    assert dataset["adjacency"]["shared_m"] == pytest.approx(np.full(10, 1000.0))
    assert dataset["units"]["population"].sum() == pytest.approx(100 + 101 + 102 + 103)
    assert dataset["demand"]["incidents"].sum() == pytest.approx(6)
    assert "Mill Road" in dataset["places"]["name"].tolist()


def test_each_postcode_has_the_unit_that_holds_its_point(folder: Path, tmp_path: Path) -> None:
    postcodes = build_dataset(folder, tmp_path / "data")["postcodes"]
    units = dict(zip(postcodes["postcode"].tolist(), postcodes["unit"].tolist(), strict=True))
    expected = {"ZZ11AA": 0, "ZZ11AB": 1, "ZZ11AC": 2, "ZZ11AD": 3, "ZZ11AE": -1, "ZZ11AF": -1, "ZZ11AG": 4}
    assert units == expected


def test_the_manifest_owns_up_to_what_it_was_made_of(folder: Path, tmp_path: Path) -> None:
    manifest = build_dataset(folder, tmp_path / "data").manifest
    assert {source["file"] for source in manifest["sources"]} == {
        "oa.geojson",
        "lad.geojson",
        "codepo/Data/CSV/zz.csv",
        "force.toml",
        "wards.geojson",
        "lsoa.geojson",
        "Police_Force_Areas_December_2023.geojson",
        "population_mid2024.csv",
        "2026-01/2026-01-tinyshire-street.csv",
        "roads.osm",
    }
    assert {entry["file"] for entry in manifest["ignored"]} == {"notes.md", "codepo/Doc/metadata.txt"}
    records = {source["file"]: source["records"] for source in manifest["sources"]}
    assert records["oa.geojson"] == 8
    assert records["codepo/Data/CSV/zz.csv"] == 7
    assert records["population_mid2024.csv"] == 4
    assert records["roads.osm"] == 1
    assert manifest["approximate"] is False
    assert manifest["incident_months"] == ["2026-01"]
    assert manifest["counts"]["postcodes_live_inside"] == 5
    assert manifest["agreement"]["iou"] == 1.0
    assert manifest["force"]["name"] == "Tiny Constabulary"
    assert "m, PROJ" in manifest["crs_transform"]


def test_what_is_absent_is_said_with_its_effect(tmp_path: Path) -> None:
    sources.write_sources(tmp_path / "sources")
    manifest = build_dataset(tmp_path / "sources", tmp_path / "data").manifest
    absent = " ".join(entry["what"] for entry in manifest["absent"])
    for what in ("wards", "street-level crime", "names of settlements", "names of streets", "addresses", "residents"):
        assert what in absent
    assert all(entry["effect"] for entry in manifest["absent"])


def test_the_same_sources_give_the_same_version_however_the_folder_is_listed(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = build_dataset(folder, tmp_path / "data")
    real_walk = os.walk

    def backwards(top: Path):  # type: ignore[no-untyped-def]
        for path, names, files in real_walk(top):
            names.reverse()
            yield path, names, files[::-1]

    monkeypatch.setattr(os, "walk", backwards)
    again = build_dataset(folder, tmp_path / "elsewhere")
    assert again.data_version == first.data_version


@pytest.mark.parametrize("name", ["oa.geojson", "lad.geojson", "codepo/Data/CSV/zz.csv"])
def test_a_missing_required_source_is_named_with_the_remedy(folder: Path, tmp_path: Path, name: str) -> None:
    (folder / name).unlink()
    if name == "oa.geojson":
        (folder / "lsoa.geojson").unlink()
    what = {"oa.geojson": "no units", "lad.geojson": "no districts"}.get(name, "no postcodes")
    with pytest.raises(SourceError, match=what) as caught:
        build_dataset(folder, tmp_path / "data")
    assert "docs/data.md" in str(caught.value)


def test_all_that_is_missing_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "notes.md").write_text("nothing", encoding="utf-8")
    with pytest.raises(SourceError, match=r"no units.*no districts.*no postcodes.*notes\.md"):
        build_dataset(tmp_path / "sources", tmp_path / "data")


def test_lsoas_serve_as_units_where_there_are_no_output_areas(folder: Path, tmp_path: Path) -> None:
    (folder / "oa.geojson").unlink()
    dataset = build_dataset(folder, tmp_path / "data")
    assert dataset["units"]["id"].tolist() == sources.LSOA_CODES
    assert dataset["units"]["lsoa"].tolist() == sources.LSOA_CODES
    assert dataset["units"]["district"].tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize("form", ["geopackage", "shapefile", "geojson"])
def test_areas_may_come_in_any_form_vintage_and_system(folder: Path, tmp_path: Path, form: str) -> None:
    expected = build_dataset(folder, tmp_path / "expected")
    units = [({"OA11CD": p["OA21CD"], "LSOA11CD": p["LSOA21CD"]}, shape) for p, shape in sources.units()]
    districts = [({"LAD23CD": p["LAD24CD"], "LAD23NM": p["LAD24NM"]}, shape) for p, shape in sources.districts()]
    for name in ("oa.geojson", "lad.geojson"):
        (folder / name).unlink()
    if form == "geopackage":
        sources.by_gdal(folder / "all.gpkg", units, driver="GPKG", layer="a", crs="EPSG:27700")
        sources.by_gdal(folder / "all.gpkg", districts, driver="GPKG", layer="b", crs="EPSG:27700")
    elif form == "shapefile":
        sources.by_gdal(folder / "a.shp", units, driver="ESRI Shapefile", crs="EPSG:27700")
        in_degrees = [(p, sources.in_degrees(shape)) for p, shape in districts]
        sources.by_gdal(folder / "b.shp", in_degrees, driver="ESRI Shapefile", crs="EPSG:4326")
    else:
        sources.geojson(folder / "a.json", units, degrees=True)
        sources.geojson(folder / "b.json", districts)
    dataset = build_dataset(folder, tmp_path / "data")
    for table, column in (("units", "id"), ("units", "district"), ("districts", "name"), ("postcodes", "unit")):
        assert dataset[table][column].tolist() == expected[table][column].tolist()


def test_starter_files_do_not_mix_with_publishers(folder: Path, tmp_path: Path) -> None:
    feature = (
        {"unit": "a", "district": sources.WESTHAM, "beat": "A", "place": 1, "population": 5},
        sources.square(0, 0),
    )
    sources.geojson(folder / "units.geojson", [feature])
    with pytest.raises(SourceError, match=r"starter's file beside.*units\.geojson, oa\.geojson"):
        build_dataset(folder, tmp_path / "data")


def test_starter_postcodes_do_not_mix_with_publishers(folder: Path, tmp_path: Path) -> None:
    header = "postcode,easting,northing,accuracy_m,district,settlement,terminated"
    (folder / "postcodes.csv").write_text(f"{header}\nZZ9 9ZZ,540500,260500,10,X,Y,no\n", encoding="utf-8")
    with pytest.raises(SourceError, match="starter's postcodes beside"):
        build_dataset(folder, tmp_path / "data")


def test_the_shipped_starter_comes_through_the_same_pipeline(tmp_path: Path) -> None:
    dataset = build_dataset(ROOT / "boundaries" / "cambridgeshire", tmp_path)
    assert dataset.approximate
    assert dataset.manifest["postcode_share_method"] == "given"
    assert (dataset["units"]["suggested_beat"] != "").all()
    assert dataset["districts"]["inside"].sum() == 6
    assert {source["licence"] for source in dataset.manifest["sources"]} == {"CC BY 4.0"}
    assert dataset.schematic_roads
    assert dataset.manifest["network"]["left_out_edges"] == 0, "the starter's roads hang together"
    assert len(dataset["roads"]) == 0, "nobody should look for a schematic line in the street"


@pytest.mark.parametrize(
    ("ways", "why"),
    [
        ({1: ([1, 2], {"highway": "footway", "name": "Foot Lane"})}, "no road in it that a car may use"),
        ({1: ([1, 2], {"highway": "primary", "oneway": "yes"})}, "form no network"),
    ],
)
def test_roads_that_make_no_network_leave_drive_times_out_and_say_so(
    folder: Path, tmp_path: Path, ways: dict[int, Any], why: str
) -> None:
    roads.write_osm(folder / "roads.osm", {1: (540_500, 260_500), 2: (541_500, 260_500)}, ways)
    dataset = build_dataset(folder, tmp_path / "data")
    assert len(dataset["road_edges"]) == 0
    assert dataset.manifest["network"] == {}
    (absence,) = (entry for entry in dataset.manifest["absent"] if entry["what"].startswith("a road network"))
    assert why in absence["what"]
    assert absence["effect"] == "no drive times, isochrones or coverage"


def test_roads_far_from_the_force_are_named_with_both_extents(folder: Path, tmp_path: Path) -> None:
    far = {1: (340_000, 660_000), 2: (341_000, 660_000)}
    roads.write_osm(folder / "roads.osm", far, {1: ([1, 2], {"highway": "primary"})})
    dataset = build_dataset(folder, tmp_path / "data")
    assert len(dataset["road_edges"]) == 0
    (absence,) = (entry for entry in dataset.manifest["absent"] if entry["what"].startswith("roads near"))
    assert "roads.osm has none within 60 km of eastings 540000 to 544000" in absence["what"]
    # NT 40 60, south-east of Edinburgh.
    assert "its roads lie at longitudes -2.9" in absence["what"]
    assert "latitudes 55.8" in absence["what"]


def test_a_force_with_an_absurd_speed_makes_no_dataset(folder: Path, tmp_path: Path) -> None:
    with (folder / "force.toml").open("a", encoding="utf-8") as file:
        file.write("\n[speeds.kph]\nresidential = -5.0\n")
    with pytest.raises(ConfigError, match=r"residential = -5\.0 is not between"):
        build_dataset(folder, tmp_path / "data")


def test_a_force_file_with_a_misspelt_key_is_told(folder: Path, tmp_path: Path) -> None:
    (folder / "force.toml").write_text(sources.FORCE_TOML.replace("slug", "slgu"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"force\.toml.*slgu"):
        build_dataset(folder, tmp_path / "data")


def test_the_given_force_file_goes_before_that_in_the_sources(folder: Path, tmp_path: Path) -> None:
    given = tmp_path / "mine.toml"
    given.write_text(sources.FORCE_TOML.replace("Tiny Constabulary", "Mine"), encoding="utf-8")
    dataset = build_dataset(folder, tmp_path / "data", force_file=given)
    assert dataset.force.name == "Mine"
    assert "(given) mine.toml" in {source["file"] for source in dataset.manifest["sources"]}
    assert "force.toml" not in {source["file"] for source in dataset.manifest["sources"]}


def test_without_any_force_file_the_force_is_deduced_and_the_lack_of_areas_said(folder: Path, tmp_path: Path) -> None:
    (folder / "force.toml").unlink()
    dataset = build_dataset(folder, tmp_path / "data")
    assert dataset.force.name == "Tinyshire"
    assert set(dataset.force.districts) == {sources.WESTHAM, sources.EASTHAM}
    assert dataset["districts"]["area"].tolist() == [-1, -1, -1]
    assert len(dataset["areas"]) == 0
    assert "command areas" in [entry["what"] for entry in dataset.manifest["absent"]]
    assert "deduced" in dataset.manifest["force_origin"]


def test_a_packaged_force_brings_its_names_of_places(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged = tmp_path / "packaged"
    packaged.mkdir()
    (folder / "force.toml").rename(packaged / "force.toml")
    lon, lat = (float(v) for v in to_lon_lat(540_500, 260_500))
    header = "geonameid,name,lat,lon,population,district,kind"
    row = f"77,Little Tiny,{lat:.5f},{lon:.5f},120,{sources.WESTHAM},settlement"
    (packaged / "places.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    monkeypatch.setattr(forces, "packaged_force_paths", lambda: (packaged / "force.toml",))
    dataset = build_dataset(folder, tmp_path / "data")
    assert "Little Tiny" in dataset["places"]["name"].tolist()
    labels = {source["file"] for source in dataset.manifest["sources"]}
    assert {"(packaged) force.toml", "(packaged) places.csv"} <= labels


def test_a_table_in_windows_1252_is_read_and_told(folder: Path, tmp_path: Path) -> None:
    residents = "LSOA21CD,population,LSOA21NM\n" + "\n".join(f"{c},100,Pré {c}" for c in sources.LSOA_CODES)
    (folder / "population_mid2024.csv").write_bytes(residents.encode("cp1252"))
    manifest = build_dataset(folder, tmp_path / "data").manifest
    [told] = [entry for entry in manifest["repaired"] if entry["what"] == "files that are not UTF-8"]
    assert told["examples"] == ["population_mid2024.csv"]


def test_all_forms_of_map_layers_give_the_same_units(folder: Path, tmp_path: Path) -> None:
    expected = build_dataset(folder, tmp_path / "data")["units"]
    (folder / "oa.geojson").unlink()
    sources.by_gdal(folder / "any.gpkg", sources.units(), driver="GPKG", layer="x", crs="EPSG:27700")
    found = build_dataset(folder, tmp_path / "data")["units"]
    assert found["id"].tolist() == expected["id"].tolist()
    assert [a.equals(b) for a, b in zip(found["geometry"], expected["geometry"], strict=True)] == [True] * 8


def test_two_vintages_of_one_kind_are_named_both(folder: Path, tmp_path: Path) -> None:
    older = [({"WD20CD": p["WD24CD"], "WD20NM": p["WD24NM"]}, shape) for p, shape in sources.wards()]
    sources.geojson(folder / "wards_2020.geojson", older)
    with pytest.raises(SourceError, match=r"2 files of one kind, wards: wards\.geojson.*wards_2020\.geojson"):
        build_dataset(folder, tmp_path / "data")


def test_a_second_build_on_one_folder_is_told_so(folder: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with build._alone(data), pytest.raises(BusyError, match=LOCK_NAME):
        build_dataset(folder, data)
    assert build_dataset(folder, data).data_version


@pytest.mark.parametrize("damaged", ["manifest.json", "units/id.npy", "places/northing.npy"])
def test_building_again_mends_a_damaged_dataset(folder: Path, tmp_path: Path, damaged: str) -> None:
    first = build_dataset(folder, tmp_path / "data")
    sound = (first.path / damaged).read_bytes()
    (first.path / damaged).write_bytes(sound[:-3])
    with pytest.raises(DatasetError, match=r"damaged .* Build the dataset again"):
        open_dataset(first.path)
    again = build_dataset(folder, tmp_path / "data")
    assert (again.data_version, again.path) == (first.data_version, first.path)
    assert (first.path / damaged).read_bytes() == sound
    assert [path.name for path in (tmp_path / "data" / "datasets").iterdir()] == [first.data_version]


def test_a_damaged_source_leaves_what_is_served_as_it_was(folder: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    version = build_dataset(folder, data).data_version
    point_current_at(data, version)
    (folder / "oa.geojson").write_text('{"type": "FeatureCollection", "features": [{"type": "Fea', encoding="utf-8")
    with pytest.raises(SourceError, match=r"oa\.geojson.*Download it again"):
        build_dataset(folder, data)
    assert open_dataset(data / "current").data_version == version
    assert [path.name for path in (data / "datasets").iterdir()] == [version]


@pytest.mark.parametrize(
    "refusal",
    [OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), OSError("1216 requested and 384 written")],
    ids=["the system's words", "numpy's words"],
)
def test_a_full_disk_is_told_and_leaves_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: OSError
) -> None:
    data = tmp_path / "data"

    def full(*_: object, **__: object) -> None:
        raise refusal

    monkeypatch.setattr(tables.np, "save", full)
    with pytest.raises(DatasetError, match=r"the disk is full.*Free some space.*has not changed") as caught:
        build_dataset(folder, data)
    assert str(caught.value).startswith(f"{data}: ")
    assert "requested" not in str(caught.value)
    assert list((data / "datasets").iterdir()) == []


def test_a_file_size_limit_met_while_writing_is_told(folder: Path, tmp_path: Path) -> None:
    """numpy reports a short write without the system's number for it, so a real limit is met here."""
    program = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from geo_policing.datasets.build import build_dataset\n"
        "from geo_policing.errors import DatasetError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))\n"
        "try: build_dataset(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "except DatasetError as error: sys.exit(0 if 'cannot be written' in str(error) else 3)\n"
    )
    # Coverage's own data file would be cut off by the limit too.
    unmeasured = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    command = [sys.executable, "-c", program, folder, tmp_path / "data"]
    done = subprocess.run(command, cwd=ROOT, env=unmeasured, check=False)
    assert done.returncode == 0
    assert list((tmp_path / "data" / "datasets").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file", encoding="utf-8")
    with pytest.raises(DatasetError, match="cannot be written"):
        build_dataset(folder, tmp_path / "data")


def test_a_source_that_may_not_be_read_is_told(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(folder / "oa.geojson"))

    monkeypatch.setattr(build, "assemble", refuse)
    with pytest.raises(SourceError, match=r"oa\.geojson: cannot be read \(Permission denied\)"):
        build_dataset(folder, tmp_path / "data")


def test_a_killed_build_leaves_nothing_that_is_seen_and_the_next_one_clears_up(folder: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    program = (
        "import sys, time; from pathlib import Path\n"
        "from geo_policing.datasets import dataset\n"
        "from geo_policing.datasets.build import build_dataset\n"
        "def slow(*args): print('writing', flush=True); time.sleep(60)\n"
        "dataset._sync = slow\n"
        "build_dataset(Path(sys.argv[1]), Path(sys.argv[2]))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, folder, data], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=10)
    left = [path.name for path in (data / "datasets").iterdir()]
    assert [name for name in left if not name.startswith(BUILDING_PREFIX)] == []
    assert left, "the kill came too early to leave anything to clear up"
    dataset = build_dataset(folder, data)
    assert [path.name for path in (data / "datasets").iterdir()] == [dataset.data_version]


def test_progress_names_every_step(folder: Path, tmp_path: Path) -> None:
    class Heard:
        def __init__(self) -> None:
            self.steps: list[str] = []
            self.details: list[str] = []

        def step(self, name: str) -> None:
            self.steps.append(name)

        def detail(self, text: str) -> None:
            self.details.append(text)

    heard, started = Heard(), time.monotonic()
    build_dataset(folder, tmp_path / "data", progress=heard)
    assert heard.steps[0] == "Looking at the sources"
    assert heard.steps[-1] == "Writing the dataset"
    assert any("8 units in 2 districts" in text for text in heard.details)
    assert time.monotonic() - started < 30


def test_street_crime_of_another_vintage_leaves_demand_unknown_and_says_so(tmp_path: Path) -> None:
    folder = sources.write_sources(tmp_path / "sources", everything=True)
    (crime,) = folder.rglob("*-street.csv")
    text = crime.read_text()
    for code in sources.LSOA_CODES:
        text = text.replace(code, "E01999999")
    crime.write_text(text)
    dataset = build_dataset(folder, tmp_path / "data")
    assert len(dataset["demand"]) == 0
    assert "street-level crime for these units" in {entry["what"] for entry in dataset.manifest["absent"]}


def test_a_dataset_from_before_a_table_came_has_none_of_it(tmp_path: Path) -> None:
    made = write_tiny(tmp_path)
    manifest = {**made.manifest, "files": {k: v for k, v in made.manifest["files"].items() if "banned_drives" not in k}}
    assert len(manifest["files"]) < len(made.manifest["files"])
    shutil.rmtree(made.path / "banned_drives")
    before = Dataset(made.path, made.data_version, manifest)
    assert len(before["banned_drives"]) == 0
    with pytest.raises(DatasetError):
        Dataset(made.path, made.data_version, made.manifest)["banned_drives"]
