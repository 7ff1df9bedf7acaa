from __future__ import annotations

import math
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.tables import Table
from geo_policing.maps.basemap_style import PALETTES
from geo_policing.maps.mercator import TILE_PX, Tile
from geo_policing.maps.road_names import NAME_PX, RoadNames, _take, _Writing
from tests.maps.test_basemap import tile_at
from tests.support.tiny import write_tiny

LIGHT = PALETTES["light"]


def texts(names: RoadNames, tile: Tile) -> list[ElementTree.Element]:
    svg = names.svg(tile, LIGHT, TILE_PX)
    return list(ElementTree.fromstring(f"<svg>{svg}</svg>").iter("text"))


def roads(data_dir: Path, *rows: tuple[str, str, str, shapely.LineString]) -> RoadNames:
    names, refs, highways, lines = zip(*rows, strict=True)
    table = Table.of("roads", way_id=range(len(rows)), name=names, ref=refs, highway=highways, geometry=lines)
    return RoadNames(write_tiny(data_dir, changed_tables={"roads": table}))


def test_a_street_is_named_at_near_zooms_only(mapped: Dataset):
    names = RoadNames(mapped)
    at = (541_000, 260_000)
    assert "Mill & Lane" in [t.text for t in texts(names, tile_at(*at, 16))]
    assert "Mill & Lane" not in [t.text for t in texts(names, tile_at(*at, 14))]


def test_a_number_stands_in_every_tile_that_its_road_crosses(mapped: Dataset):
    names = RoadNames(mapped)
    for easting in range(540_300, 543_800, 250):
        assert "M1" in [t.text for t in texts(names, tile_at(easting, 261_000, 15))]
    assert texts(names, tile_at(541_000, 261_000, 10)) == []


def test_a_name_too_long_for_its_street_is_left_out(tmp_path: Path):
    short = shapely.LineString([(541_000, 260_500), (541_010, 260_500)])
    names = roads(tmp_path, ("A Very Long Name For So Short A Street", "", "residential", short))
    assert texts(names, tile_at(541_005, 260_500, 17)) == []


def test_no_roads_no_names(tmp_path: Path):
    names = RoadNames(write_tiny(tmp_path))
    assert names.svg(tile_at(541_000, 260_500, 17), LIGHT, 1024) == ""


angles = st.floats(0, 360)


@settings(max_examples=40, deadline=None)
@given(angles)
def test_a_name_is_never_upside_down_and_never_cut(angle: float):
    names = at_angle(angle)
    for element in texts(names, tile_at(541_000, 260_500, 16)):
        turn, x, y = (float(n) for n in re.findall(r"-?[\d.]+", element.attrib["transform"]))
        assert -90 <= turn <= 90
        width = len(element.text or "") * NAME_PX * 0.5
        across = width / 2 * abs(math.cos(math.radians(turn)))
        assert across <= x <= TILE_PX - across
        assert 0 <= y <= TILE_PX


class _FakeDataset(dict):
    pass


def at_angle(angle: float) -> RoadNames:
    """A street of a kilometre through one point, turned."""
    dx, dy = 500 * math.cos(math.radians(angle)), 500 * math.sin(math.radians(angle))
    line = shapely.LineString([(541_000 - dx, 260_500 - dy), (541_000 + dx, 260_500 + dy)])
    table = Table.of("roads", way_id=[1], name=["High Street"], ref=[""], highway=["residential"], geometry=[line])
    return RoadNames(_FakeDataset(roads=table))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (_Writing("b", 100, 100, 0, 40, 12), False),
        (_Writing("b", 100, 125, 0, 40, 12), True),
        (_Writing("b", 10, 200, 0, 40, 12), False),
        (_Writing("b", 200, 254, 0, 40, 12), False),
    ],
)
def test_a_place_is_taken_once_and_in_the_tile(second: _Writing, expected: bool):
    taken: list = []
    assert _take(_Writing("a", 110, 105, 0, 40, 12), taken)
    assert _take(second, taken) is expected
