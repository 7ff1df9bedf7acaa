"""Transformations against points whose coordinates Ordnance Survey publishes, and their properties."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.spatial import crs

# The worked example of Ordnance Survey's guide to OSTN15: the same point in ETRS89 (for our purposes WGS 84) degrees
# and on the National Grid. It lies at the eastern edge of the country, where the shift without the grid is worst:
# the guide says "up to 5 m".
WORKED_LON, WORKED_LAT = 1.716073973, 52.658007833
WORKED_EASTING, WORKED_NORTHING = 651_409.804, 313_177.450
WORST_WITHOUT_GRID_M = 5.0


def test_a_published_point_comes_out_within_the_stated_accuracy() -> None:
    x, y = crs.to_easting_northing(WORKED_LON, WORKED_LAT)
    assert np.hypot(x - WORKED_EASTING, y - WORKED_NORTHING) < WORST_WITHOUT_GRID_M


@given(easting=st.floats(80_000, 655_000), northing=st.floats(5_000, 1_000_000))
def test_there_and_back_stays_under_a_decimetre(easting: float, northing: float) -> None:
    lon, lat = crs.to_lon_lat(easting, northing)
    x, y = crs.to_easting_northing(lon, lat)
    assert abs(x - easting) < 0.1
    assert abs(y - northing) < 0.1


def test_scalars_arrays_and_empty_arrays_keep_their_shape() -> None:
    assert crs.to_lon_lat(540_000, 260_000)[0].shape == ()
    assert crs.to_lon_lat([540_000.0], [260_000.0])[0].shape == (1,)
    assert crs.to_easting_northing(np.empty(0), np.empty(0))[1].shape == (0,)


@pytest.mark.parametrize("lon", [float("nan"), float("inf"), -float("inf")])
def test_what_is_not_finite_becomes_nan_in_both(lon: float) -> None:
    x, y = crs.to_easting_northing([lon, 0.1], [52.0, 52.0])
    assert np.isnan(x[0])
    assert np.isnan(y[0])
    assert np.isfinite([x[1], y[1]]).all()


def test_threads_get_the_same_answers() -> None:
    lon = np.linspace(-3, 1, 5000)
    lat = np.linspace(50, 55, 5000)
    alone = crs.to_easting_northing(lon, lat)
    with ThreadPoolExecutor(4) as pool:
        for x, y in pool.map(lambda _: crs.to_easting_northing(lon, lat), range(16)):
            assert np.array_equal(x, alone[0])
            assert np.array_equal(y, alone[1])


def test_geometries_are_moved_corner_by_corner() -> None:
    square = shapely.box(0.1, 52.1, 0.2, 52.2)
    moved = crs.transform_geometries_to_27700(np.array([square, None], dtype=object), crs.WGS84)
    corners = np.column_stack(crs.to_easting_northing(*shapely.get_coordinates(square).T))
    assert np.array_equal(shapely.get_coordinates(moved[0]), corners)
    assert moved[1] is None


@pytest.mark.parametrize("system", [27700, "EPSG:27700"])
def test_national_grid_is_left_as_it_is(system: object) -> None:
    squares = np.array([shapely.box(540_000, 260_000, 541_000, 261_000)], dtype=object)
    assert crs.transform_geometries_to_27700(squares, system) is squares


def test_other_systems_are_transformed_too() -> None:
    point = np.array([shapely.Point(13_000, 6_830_000)], dtype=object)
    moved = crs.transform_geometries_to_27700(point, "EPSG:3857")[0]
    # 13,000 m of web Mercator east of Greenwich is 0.11678 degrees; its latitude follows from the formula.
    lon, lat = 13_000 / 6378137 * 180 / np.pi, np.degrees(2 * np.arctan(np.exp(6_830_000 / 6378137)) - np.pi / 2)
    expected = crs.to_easting_northing(lon, lat)
    assert np.hypot(moved.x - expected[0], moved.y - expected[1]) < 0.01


def test_the_operation_is_named_with_its_accuracy() -> None:
    text = crs.grid_shift_used()
    assert "OSGB36 to WGS 84" in text
    assert " m, PROJ " in text


@pytest.mark.parametrize(
    ("bounds", "grid", "swapped"),
    [
        ((540_000, 260_000, 545_000, 262_000), True, False),
        ((-0.5, 52.0, 0.5, 52.7), False, False),
        ((52.0, -0.5, 52.7, 0.5), False, True),
        ((100, 100, 300, 300), False, False),
        ((540_000, 5_900_000, 545_000, 5_910_000), False, False),
    ],
    ids=["grid", "degrees", "swapped degrees", "neither", "UTM"],
)
def test_systems_are_recognised_by_their_extent(
    bounds: tuple[float, float, float, float], grid: bool, swapped: bool
) -> None:
    assert crs.looks_like_national_grid(bounds) is grid
    assert crs.looks_swapped(bounds) is swapped
