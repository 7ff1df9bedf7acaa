"""The GeoPackage that people take away: what is in it, and that the same question gives the same bytes."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyogrio.raw import read

from geo_policing.maps.geopackage import isochrones_geopackage
from geo_policing.services.isochrones import Isochrones, isochrones, parse_isochrones
from tests.support.tiny_roads import tiny_road_view


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Isochrones:
    return isochrones(tiny_road_view(tmp_path_factory.mktemp("roads")), parse_isochrones({"minutes": ["1,2"]}))


@pytest.fixture(scope="module")
def file(found: Isochrones, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("out") / "found.gpkg"
    path.write_bytes(isochrones_geopackage(found))
    return path


def test_the_same_isochrones_are_the_same_bytes(found: Isochrones, file: Path):
    # Long enough for the clock of the format, which has thousandths of a second, to move on.
    time.sleep(0.01)
    assert isochrones_geopackage(found) == file.read_bytes()


def test_it_says_the_day_it_is_of_and_nothing_of_when_it_was_written(found: Isochrones, file: Path):
    connection = sqlite3.connect(file)
    times = [row[0] for row in connection.execute("SELECT last_change FROM gpkg_contents")]
    times += [row[0] for row in connection.execute("SELECT timestamp FROM gpkg_metadata_reference")]
    connection.close()
    assert set(times) == {f"{found.about['as_of']}T00:00:00.000Z"}


def test_areas_and_bases_are_layers_in_degrees(found: Isochrones, file: Path):
    meta, _, areas, columns = read(file, layer="isochrones")
    assert meta["crs"] == "EPSG:4326"
    assert dict(zip(meta["fields"], columns, strict=True))["minutes"].tolist() == [1.0, 2.0]
    assert shapely.equals(shapely.from_wkb(areas), np.array(found.geometries())).all()
    meta, _, points, columns = read(file, layer="bases")
    assert len(points) == 2
    assert "Westham Police Station" in dict(zip(meta["fields"], columns, strict=True))["name"].tolist()


def test_it_is_a_sound_database(file: Path):
    connection = sqlite3.connect(file)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert connection.execute("PRAGMA application_id").fetchone() == (0x47504B47,)
    connection.close()
