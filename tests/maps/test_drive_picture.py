from __future__ import annotations

from xml.etree import ElementTree

import pytest
import shapely

from geo_policing.datasets.dataset import Dataset
from geo_policing.maps.band_style import band_styles
from geo_policing.maps.basemap_style import PALETTES
from geo_policing.maps.drive_picture import WIDTH_PX, Mark, drive_picture
from geo_policing.maps.extent import credits_of, extent_of
from tests.support.mapped import SOURCES, mapped_dataset

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def picture(mapped: Dataset):
    extent = extent_of(mapped)
    middle = shapely.Point((extent.west + extent.east) / 2, (extent.south + extent.north) / 2)
    near, far = middle.buffer(0.005), middle.buffer(0.012)
    bands = list(zip(band_styles((5, 10, 15)), [near, far.difference(near), shapely.Polygon()], strict=True))
    marks = [Mark("Base <1>", middle.y, middle.x), Mark("Trial base", middle.y, extent.west - 1, trial=True)]
    return drive_picture(mapped, PALETTES["light"], bands, marks, "Bands & bases")


def test_it_is_well_formed_and_says_what_it_is(picture: str):
    root = ElementTree.fromstring(picture)
    assert root.find(f"{SVG}title").text == "Bands & bases"
    width, height = (float(n) for n in root.attrib["viewBox"].split()[2:])
    assert width == WIDTH_PX * 4
    # The tiny world is twice as wide as high.
    assert height / width == pytest.approx(0.5, abs=0.05)


def test_bands_have_pattern_outline_and_minutes(picture: str):
    assert all(f'id="b{m}"' in picture and f'fill="url(#p{m})"' in picture for m in (5, 10))
    texts = [e.text for e in ElementTree.fromstring(picture).iter(f"{SVG}text")]
    assert {"5 min", "10 min", "Base <1>"} <= set(texts)


def test_empty_bands_and_marks_off_the_picture_are_left_out(picture: str):
    assert 'id="b15"' not in picture
    assert "15 min" not in picture
    assert "Trial base" not in picture


def test_nearer_bands_lie_on_top(picture: str):
    assert picture.index('id="b10"') < picture.index('id="b5"')


def test_only_who_is_drawn_is_credited(tmp_path):
    dataset = mapped_dataset(tmp_path, sources=[*SOURCES, SOURCES[0]])
    assert credits_of(dataset) == ("© Road drawers <and> friends",)


def test_the_extent_holds_every_unit(mapped: Dataset):
    extent = extent_of(mapped)
    # 4 km by 2 km near 52.2 N: about 0.059 by 0.018 degrees.
    assert extent.east - extent.west == pytest.approx(0.059 * 1.06, abs=0.004)
    assert extent.north - extent.south == pytest.approx(0.018 * 1.06, abs=0.003)
    assert extent.corners == [[extent.south, extent.west], [extent.north, extent.east]]
