from __future__ import annotations

import math
import re
import threading
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import shapely

from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.tables import Table
from geo_policing.maps.basemap import INNER_BOUNDARY, LEVELS, UNITS, Basemap, basemap
from geo_policing.maps.basemap_style import CLASS_OF_HIGHWAY, PALETTES, ROADS
from geo_policing.maps.mercator import MOST_ZOOM, Tile, world_of_lon_lat
from geo_policing.spatial.crs import to_lon_lat
from tests.support.mapped import mapped_dataset
from tests.support.tiny import write_tiny

LIGHT, DARK = PALETTES["light"], PALETTES["dark"]


def tile_at(easting: float, northing: float, zoom: int) -> Tile:
    x, y = world_of_lon_lat(*to_lon_lat(easting, northing))
    return Tile(zoom, math.floor(float(x) * 2**zoom), math.floor(float(y) * 2**zoom))


def svg_at(dataset: Dataset, zoom: int, easting: float = 541_500, northing: float = 260_990) -> str:
    return basemap(dataset).svg(tile_at(easting, northing, zoom), LIGHT)


@pytest.mark.parametrize("zoom", range(7, 18))
def test_every_zoom_is_well_formed_and_small(mapped: Dataset, zoom: int):
    text = svg_at(mapped, zoom)
    root = ElementTree.fromstring(text)
    assert root.attrib["viewBox"] == f"0 0 {UNITS} {UNITS}"
    assert len(text) < 20_000


def test_no_style_sheet_nor_script_stands_in_a_tile(mapped: Dataset):
    text = svg_at(mapped, 16)
    assert not re.search(r"<style|<script|\sstyle=|\son\w+=|https?://(?!www\.w3\.org/2000/svg)", text)


def test_roads_show_from_their_zoom_on(mapped: Dataset):
    def classes(zoom: int) -> set[str]:
        return set(re.findall(r'<path id="r(\d+)"', svg_at(mapped, zoom, 542_005, 260_050)))

    rows = {name: str(CLASS_OF_HIGHWAY[name]) for name in ("motorway", "primary", "residential")}
    assert rows["motorway"] in classes(7)
    assert rows["primary"] not in classes(7)
    assert rows["primary"] in classes(12)
    assert rows["residential"] not in classes(12)
    assert rows["residential"] in classes(13)


def test_a_far_tile_is_plain(mapped: Dataset):
    text = basemap(mapped).svg(Tile(12, 0, 0), LIGHT)
    assert text.count("<path") == 1
    assert LIGHT.outside in text


def test_water_and_rails_are_drawn_where_the_data_has_them(mapped: Dataset, tmp_path: Path):
    bare = mapped_dataset(tmp_path, changed_tables={"walk_barriers": Table.empty("walk_barriers")})
    for colour in (LIGHT.water, LIGHT.rail):
        assert f'stroke="{colour}"' in svg_at(mapped, 12)
        assert f'stroke="{colour}"' not in svg_at(bare, 12)


def test_a_network_is_drawn_where_no_road_is_named(tmp_path: Path):
    dataset = mapped_dataset(tmp_path, changed_tables={"roads": Table.empty("roads")})
    assert re.search(r'<path id="r1" d="M', svg_at(dataset, 14))
    assert "<text" not in svg_at(dataset, 16)


def test_a_world_without_roads_has_its_districts(tmp_path: Path):
    text = svg_at(write_tiny(tmp_path), 12)
    assert LIGHT.boundary in text
    assert LIGHT.ground in text
    assert '<use href="#r' not in text


def test_styles_differ_in_colours_only(mapped: Dataset):
    tile = tile_at(541_500, 260_990, 14)
    light, dark = (basemap(mapped).svg(tile, palette) for palette in (LIGHT, DARK))
    assert re.sub(r"#[0-9a-f]{6}", "#", light) == re.sub(r"#[0-9a-f]{6}", "#", dark)
    assert light != dark


def test_the_same_tile_is_the_same_bytes(mapped: Dataset):
    tile = tile_at(541_500, 260_990, 13)
    assert Basemap(mapped).svg(tile, LIGHT) == Basemap(mapped).svg(tile, LIGHT) == basemap(mapped).svg(tile, LIGHT)


def test_threads_draw_the_same(mapped: Dataset):
    drawing, tiles = Basemap(mapped), [tile_at(540_500 + 300 * i, 260_500, 13) for i in range(8)]
    expected = [basemap(mapped).svg(tile, LIGHT) for tile in tiles]
    found: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: found.append([drawing.svg(tile, LIGHT) for tile in tiles])) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4


def test_warming_makes_every_level(mapped: Dataset):
    drawing = Basemap(mapped)
    drawing.warm()
    assert sorted(drawing._levels) == sorted(LEVELS)


@pytest.mark.parametrize("zoom", [13, 14, 16])
def test_a_line_goes_on_in_the_next_tile(mapped: Dataset, zoom: int):
    # The motorway runs east: where it leaves a tile it enters the next at the same height.
    here = tile_at(541_000, 261_000, zoom)
    row = next(i for i, style in enumerate(ROADS) if style.name == "motorway")
    heights = []
    for tile, edge in ((here, UNITS), (Tile(zoom, here.x + 1, here.y), 0)):
        path = basemap(mapped).paths(tile.box(16), zoom, tile.box(), UNITS)[row]
        numbers = np.array([int(n) for n in re.findall(r"-?\d+", path)]).reshape(-1, 2)
        line = shapely.LineString(np.cumsum(numbers, axis=0))
        crossing = line.intersection(shapely.LineString([(edge, -UNITS), (edge, 2 * UNITS)]))
        heights.append(crossing.y)
    assert heights[0] == pytest.approx(heights[1], abs=2)


def test_inner_boundaries_are_drawn_once(mapped: Dataset):
    # Two districts of the force share the line at easting 542000; a second one upon it would fill its dashes.
    tile = tile_at(542_000, 260_500, 16)
    path = basemap(mapped).paths(tile.box(), 16, tile.box(), UNITS)[INNER_BOUNDARY]
    numbers = np.array([int(n) for n in re.findall(r"-?\d+", path.partition("M")[2])])
    assert path.count("M") == 1
    assert len(numbers) <= 8


@pytest.mark.parametrize("style", ROADS, ids=lambda style: style.name)
def test_widths_grow_with_the_zoom(style):
    widths = [style.width_px(zoom) for zoom in range(style.from_zoom, MOST_ZOOM + 1)]
    assert widths == sorted(widths)
    assert widths[0] == style.first_px
    assert widths[-1] == style.last_px
