"""The reader of the starter's schematic roads, on files made here, and how a build takes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo_policing.datasets.build import build_dataset
from geo_policing.datasets.discover import Probe, probe_file
from geo_policing.datasets.network import build_network
from geo_policing.datasets.osm_controls import Controls
from geo_policing.datasets.starter_roads import ROAD_COLUMNS, is_roads, read_roads
from geo_policing.errors import SourceError
from geo_policing.routing.speeds import RoadClass
from tests.support import sources

HEADER = ",".join(ROAD_COLUMNS)
A, B, C = "540000,260000", "541000,260000", "541000,261000"
GOOD = (f"primary,no,{A},{B},yes", f"residential,yes,{B},{C},yes")


def write(folder: Path, *rows: str) -> Probe:
    path = folder / "roads.csv"
    path.write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
    probes = probe_file(path)
    assert isinstance(probes, tuple)
    return probes[0]


def test_the_file_is_told_by_its_columns(tmp_path: Path) -> None:
    assert is_roads(write(tmp_path, *GOOD))
    assert not is_roads(Probe(Path("x"), "csv", None, ("highway", "built_up")))
    assert not is_roads(Probe(Path("x"), "vector", None, ROAD_COLUMNS))


def test_roads_that_end_on_the_same_metre_meet(tmp_path: Path) -> None:
    roads = read_roads(write(tmp_path, *GOOD))
    assert roads.schematic
    assert len(roads.table) == 0
    assert roads.ways is not None
    assert roads.ways.way_id.tolist() == [1, 2]
    assert roads.ways.node_id.tolist()[1] == roads.ways.node_id.tolist()[2]
    assert list(roads.ways.tags) == [{"highway": "primary"}, {"highway": "residential", "lit": "yes"}]
    edges = build_network(roads.ways, Controls()).tables["road_edges"]
    assert edges["length_m"].tolist() == pytest.approx([1000, 1000], abs=0.02)
    assert edges["road_class"].tolist() == [RoadClass.PRIMARY, RoadClass.RESIDENTIAL]
    assert edges["urban"].tolist() == [False, True]
    assert edges["forward"].all()
    assert edges["backward"].all()


def test_a_table_without_rows_has_no_roads(tmp_path: Path) -> None:
    roads = read_roads(write(tmp_path))
    assert roads.ways is not None
    assert len(roads.ways) == 0


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (f"footway,no,{A},{B},yes", r"row 2, field highway: 'footway' carries no cars"),
        (f"primary,maybe,{A},{B},yes", r"row 2, field built_up: 'maybe' is neither yes nor no"),
        (f"primary,no,{A},{B},", r"row 2, field schematic: '' is neither yes nor no"),
        (f"primary,no,{A},{A},yes", r"row 2, field to_easting: '540000' is where the road begins"),
        (f"primary,no,54000O,260000,{B},yes", r"row 2, field from_easting: '54000O' is not a number"),
        (f"primary,no,{A},541000,,yes", r"row 2, field to_northing: '' is missing"),
        (f"primary,no,0,0,{B},yes", r"row 2, field from_easting: .*not in the National Grid"),
        (f"primary,no,-540000,260000,{B},yes", r"row 2, field from_easting: '-540000' is not in the National Grid"),
    ],
)
def test_a_row_that_is_no_road_is_refused_by_name(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read_roads(write(tmp_path, GOOD[0], row))


# --- in a build ---


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return sources.write_sources(tmp_path / "sources", everything=True)


def test_real_roads_go_before_schematic_ones(folder: Path, tmp_path: Path) -> None:
    write(folder, *GOOD)
    dataset = build_dataset(folder, tmp_path / "data")
    assert not dataset.schematic_roads
    assert len(dataset["roads"]) > 0
    ignored = {entry["file"]: entry["why"] for entry in dataset.manifest["ignored"]}
    assert ignored["roads.csv"] == "schematic roads, beside a file of real ones"


def test_schematic_roads_make_a_network_that_says_so(folder: Path, tmp_path: Path) -> None:
    (folder / "roads.osm").unlink()
    write(folder, *GOOD)
    dataset = build_dataset(folder, tmp_path / "data")
    assert dataset.schematic_roads
    assert dataset.manifest["network"]["schematic"] is True
    assert len(dataset["road_edges"]) == 2
    (source,) = (entry for entry in dataset.manifest["sources"] if entry["kind"] == "starter_roads")
    assert (source["licence"], source["records"]) == ("Creative Commons Attribution 4.0", 2)
    assert "schematic" in source["attribution"]


def test_without_a_network_nothing_is_schematic(folder: Path, tmp_path: Path) -> None:
    (folder / "roads.osm").unlink()
    assert not build_dataset(folder, tmp_path / "data").schematic_roads
