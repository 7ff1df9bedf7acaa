"""Pictures of beats: the one of a beat for its page, and the one of the force whose beats are links."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import shapely

from geo_policing.datasets.dataset import Dataset
from geo_policing.domain.facilities import Facility, FacilityKind
from geo_policing.maps.basemap_style import PALETTES
from geo_policing.maps.beat_picture import SIZES, beat_picture
from geo_policing.maps.extent import Extent, extent_of
from geo_policing.maps.force_picture import force_picture, ground_picture
from geo_policing.maps.map_style import INKS, MARKS, TINTS, tint
from geo_policing.maps.picture_frame import Frame
from geo_policing.services.map_layers import beat_shapes, places_on_map
from geo_policing.services.view import View
from tests.support.views import DAY, view_of, view_without_plan

SVG = "{http://www.w3.org/2000/svg}"
MARKET, FEN_END = 1, 3
CSS = Path(__file__).parents[2] / "web" / "static" / "resident_map.css"


@pytest.fixture
def view(mapped: Dataset) -> View:
    kinds = (FacilityKind.ENQUIRY_OFFICE, FacilityKind.RESPONSE_BASE)
    station = [Facility(k.value, k, "Station", "X01", easting_northing=(541_500.0, 261_000.0)) for k in kinds]
    far = Facility("far", FacilityKind.CONTACT_POINT, "Far", "X02", easting_northing=(600_000.0, 261_000.0))
    nowhere = Facility("nowhere", FacilityKind.CONTACT_POINT, "Nowhere", "X02")
    return dataclasses.replace(view_of(mapped), facilities=(*station, far, nowhere))


def picture(view: View, row: int, *, size: str = "wide", style: str = "light") -> str:
    assert view.plan
    shapes = beat_shapes(view.plan, view)
    return beat_picture(view.dataset, PALETTES[style], size, shapes.lon_lat, row, places_on_map(view))


class TestBeatPicture:
    @pytest.mark.parametrize("size", SIZES)
    def test_it_is_an_svg_of_its_size(self, view: View, size: str):
        root = ElementTree.fromstring(picture(view, MARKET, size=size))
        assert root.attrib["viewBox"] == "0 0 {} {}".format(*(4 * side for side in SIZES[size]))

    def test_the_border_is_where_the_beat_is(self, view: View):
        """Market is 1 km by 2 km, in the middle of the picture, within its margin.

        Grid north is turned from true north by (0.09° + 2°) sin 52.2° = 1.65°, which widens what goes round it.
        """
        root = ElementTree.fromstring(picture(view, MARKET))
        (border,) = [e for e in root.iter(f"{SVG}path") if e.get("stroke") == INKS["light"].chosen]
        steps = np.array(re.findall(r"(-?\d+)[ ,]?(-?\d+)", border.attrib["d"]), dtype=int)
        points = np.cumsum(steps, axis=0)
        width, height = np.ptp(points, axis=0)
        turned = np.radians(1.65)
        high, wide = (2 * np.cos(turned) + np.sin(turned), np.cos(turned) + 2 * np.sin(turned))
        assert height / width == pytest.approx(high / wide, rel=0.01)
        assert points.mean(axis=0) == pytest.approx((1920, 1200), rel=0.25)
        assert height == pytest.approx(2400 / 1.16, rel=0.03)

    def test_themes_have_their_own_inks(self, view: View):
        assert INKS["dark"].chosen in picture(view, MARKET, style="dark")
        assert f'stroke="{INKS["light"].chosen}"' not in picture(view, MARKET, style="dark")

    def test_what_serves_twice_in_one_building_has_two_signs_beside_each_other(self, view: View):
        root = ElementTree.fromstring(picture(view, MARKET))
        groups = [g for g in root.iter(f"{SVG}g") if g.get("transform", "").startswith("translate")]
        assert [g.find(f"{SVG}text").text for g in groups] == ["E", "R"]
        (x1, y1), (x2, y2) = (map(float, re.findall(r"[\d.]+", g.attrib["transform"])) for g in groups)
        assert (round(x2 - x1), y1) == (26, y2)

    def test_places_off_the_picture_or_without_a_point_are_left_out(self, view: View):
        assert ">C<" not in picture(view, MARKET)

    def test_settlements_are_named(self, view: View):
        assert ">Fen End<" in picture(view, FEN_END)

    def test_a_name_under_a_sign_is_written_above_it(self, view: View):
        def height(of: View) -> float:
            root = ElementTree.fromstring(picture(of, FEN_END))
            return next(float(t.attrib["y"]) for t in root.iter(f"{SVG}text") if t.text == "Fen End")

        office = Facility("x", FacilityKind.ENQUIRY_OFFICE, "X", "X02", easting_northing=(543_500.0, 260_500.0))
        assert height(dataclasses.replace(view, facilities=(office,))) == pytest.approx(height(view) - 18, abs=1)

    def test_the_same_input_gives_the_same_text(self, view: View):
        assert picture(view, MARKET) == picture(view, MARKET)

    def test_a_plan_of_one_beat_has_no_neighbours_to_draw(self, mapped: Dataset):
        one = view_of(mapped, beat_of_unit=[0] * 8)
        assert one.plan
        one = view_of(mapped, beats=one.plan.beats[:1], beat_of_unit=[0] * 8)
        assert 'd=""' in picture(one, 0)


class TestForcePicture:
    def test_every_beat_is_there_with_its_path(self, view: View):
        found = force_picture(view)
        assert found
        assert [drawn.beat.slug for drawn in found.beats] == ["abbey-westham", "market", "abbey-eastham", "fen-end"]
        assert all(re.fullmatch(r"M\d+[ ,]\d+l[-\d, ]+z", drawn.path) for drawn in found.beats)
        assert all(a.tint != b.tint for a, b in zip(found.beats, found.beats[1:], strict=False))

    def test_districts_are_named_where_they_are(self, view: View):
        found = force_picture(view)
        assert found
        westham, eastham = sorted(found.names, key=lambda name: name.x)
        assert (westham.text, eastham.text) == ("Westham", "Eastham")
        assert westham.x < found.width / 2 < eastham.x
        assert all(0 < name.y < found.height for name in found.names)

    def test_borders_are_those_of_districts(self, view: View):
        found = force_picture(view)
        assert found
        assert found.borders.count("M") in (2, 3), "the ways round two districts, and what is between them, once"

    def test_without_a_plan_there_is_none(self, mapped: Dataset):
        assert force_picture(view_without_plan(mapped, DAY, None)) is None

    def test_the_ground_has_the_same_shape(self, view: View):
        found = force_picture(view)
        assert found
        root = ElementTree.fromstring(ground_picture(view.dataset, PALETTES["dark"]))
        width, height = (float(n) for n in root.attrib["viewBox"].split()[2:])
        assert height / width == pytest.approx(found.height / found.width, abs=0.002)


class TestFrame:
    EXTENT = Extent(0.0, 52.0, 0.1, 52.1)

    def test_as_high_as_needed(self):
        frame = Frame.around(self.EXTENT, 1000)
        # A degree of latitude is 1 / cos(52.05°) as long as one of longitude on the map.
        assert frame.height_px == pytest.approx(1000 / np.cos(np.radians(52.05)), rel=0.001)
        assert frame.pixels(52.0, 0.0) == pytest.approx((0, frame.height_px), abs=1)
        assert frame.pixels(52.1, 0.1) == pytest.approx((1000, 0), abs=1)

    def test_with_a_height_the_extent_stands_in_the_middle(self):
        frame = Frame.around(self.EXTENT, 1000, height_px=400)
        assert frame.height_px == 400
        assert frame.pixels(52.1, 0.05) == pytest.approx((500, 0), abs=1)
        assert frame.pixels(52.05, 0.05) == pytest.approx((500, 200), abs=1)

    def test_zooms_stay_within_what_is_drawn(self):
        assert Frame.around(Extent(0, 52, 1e-7, 52 + 1e-7), 1000).zoom == 17
        assert Frame.around(Extent(-90, -40, 90, 40), 10).zoom == 7

    def test_margins_count(self):
        frame = Frame.around(self.EXTENT, 1000, height_px=400)
        assert frame.holds(20, 20, 20)
        assert not frame.holds(19, 20, 20)
        assert not frame.holds(500, 381, 20)

    def test_coarser_ground_is_lighter(self, mapped: Dataset):
        frame = Frame.around(extent_of(mapped), 960)
        assert len(frame.ground(mapped, PALETTES["light"], coarser=3)) < len(frame.ground(mapped, PALETTES["light"]))


class TestStyle:
    def test_tints_begin_again(self):
        assert tint(0) == tint(len(TINTS)) == TINTS[0]

    def test_pages_and_pictures_agree(self):
        text = CSS.read_text()
        assert tuple(re.findall(r"\.tint\d \{ fill: (#\w+)", text)) == TINTS
        for inks in INKS.values():
            for name, colour in (("beat", inks.beat), ("district", inks.district), ("chosen", inks.chosen)):
                assert f"--{name}-ink: {colour}" in text
        for kind, mark in MARKS.items():
            assert f".place-mark.{kind.value} path {{ fill: {mark.fill}" in text

    def test_signs_differ_by_letter_and_shape(self):
        assert len({mark.letter for mark in MARKS.values()}) == len({mark.path for mark in MARKS.values()}) == 3
        assert set(MARKS) == set(FacilityKind)


def test_shapes_of_one_beat_are_whole(view: View):
    assert view.plan
    assert shapely.is_valid(beat_shapes(view.plan, view).lon_lat).all()
