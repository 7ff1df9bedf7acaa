from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.errors import InvalidInputError, NotFoundError
from geo_policing.maps.mercator import (
    Tile,
    lon_lat_of_world,
    metres_per_pixel,
    world_of_geometries,
    world_of_lon_lat,
)


@pytest.mark.parametrize(
    ("lon", "lat", "expected"),
    [
        (0, 0, (0.5, 0.5)),
        (-180, 85.05112878, (0.0, 0.0)),
        (180, -85.05112878, (1.0, 1.0)),
        (0, 90, (0.5, 0.0)),
    ],
)
def test_the_corners_of_the_world(lon: float, lat: float, expected: tuple[float, float]):
    assert np.allclose(world_of_lon_lat(lon, lat), expected, atol=1e-9)


def test_a_point_whose_tile_others_have_worked_out():
    # The example of OpenStreetMap's wiki, "Slippy map tilenames".
    x, y = world_of_lon_lat(139.7006793, 35.6590699)
    assert (int(x * 2**18), int(y * 2**18)) == (232798, 103246)


@given(st.floats(-180, 180), st.floats(-85, 85))
def test_there_and_back(lon: float, lat: float):
    assert np.allclose(lon_lat_of_world(*world_of_lon_lat(lon, lat)), (lon, lat), atol=1e-9)


def test_geometries_have_the_north_above():
    (moved,) = world_of_geometries(np.array([shapely.LineString([(540_000, 260_000), (540_000, 270_000)])]))
    (x, y), (x_north, y_north) = moved.coords
    assert y_north < y < 0.5 < x
    assert x_north == pytest.approx(x, abs=5e-5)
    assert len(world_of_geometries(np.empty(0, dtype=object))) == 0


def test_metres_under_a_pixel():
    assert metres_per_pixel(0, 0) == pytest.approx(156_543.03, abs=0.01)
    assert metres_per_pixel(10, 60) == pytest.approx(156_543.03 / 2**10 / 2, abs=0.01)


class TestTile:
    def test_its_box(self):
        assert Tile(7, 64, 32).box() == (0.5, 0.25, 0.5 + 1 / 128, 0.25 + 1 / 128)
        west, north, east, south = Tile(8, 0, 0).box(256)
        assert (west, north, east, south) == (-1 / 256, -1 / 256, 2 / 256, 2 / 256)

    @pytest.mark.parametrize("parts", [("x", "1", "1"), ("7", "-1", "1"), ("7", "1", "1.5"), ("7", "", "1")])
    def test_what_is_no_number_is_refused(self, parts: tuple[str, str, str]):
        with pytest.raises(InvalidInputError, match="not a whole number"):
            Tile.parse(*parts)

    def test_digits_of_other_scripts_and_endless_ones_are_refused(self):
        for text in ("٧", "9" * 9):
            with pytest.raises(InvalidInputError):
                Tile.parse("7", text, "1")

    @pytest.mark.parametrize("parts", [("6", "1", "1"), ("18", "1", "1"), ("7", "128", "1"), ("7", "1", "128")])
    def test_what_there_is_not_is_not_found(self, parts: tuple[str, str, str]):
        with pytest.raises(NotFoundError):
            Tile.parse(*parts)

    def test_the_last_tile_is_there(self):
        assert Tile.parse("17", "131071", "131071") == Tile(17, 131071, 131071)
