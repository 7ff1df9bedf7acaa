from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.tables import Table
from geo_policing.domain.facilities import Facility, FacilityKind
from geo_policing.services.whereabouts import COMPASS, direction, nearest_settlement, whereabouts
from geo_policing.spatial.crs import to_easting_northing
from tests.support.tiny import write_tiny

# Fen End has its middle at (543 500, 260 500), Over There, which has more to the north-east, at (544 500, 261 500).


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return write_tiny(tmp_path_factory.mktemp("whereabouts"))


def at(point: tuple[float, float] | None, accuracy_m: float | None = 10.0) -> Facility:
    return Facility("f", FacilityKind.ENQUIRY_OFFICE, "F", "X02", easting_northing=point, accuracy_m=accuracy_m)


def test_a_known_place_is_pointed_at(dataset: Dataset) -> None:
    found = whereabouts(dataset, at((542_000.0, 260_500.0)))
    assert found is not None
    assert found.grid_ref == "TL 4200 6050"
    easting, northing = to_easting_northing([found.lon_lat[0]], [found.lon_lat[1]])
    assert math.hypot(easting[0] - 542_000, northing[0] - 260_500) < 1
    assert found.near is not None
    assert (found.near.name, found.near.distance_m, found.near.direction) == ("Fen End", 1500.0, "west")


@pytest.mark.parametrize(
    ("accuracy_m", "reference"),
    [(15.0, "TL 4200 6050"), (15.1, "TL 420 605"), (None, "TL 420 605"), (250.0, "TL 420 605"), (250.1, None)],
)
def test_a_reference_is_as_fine_as_the_place_is_known(
    dataset: Dataset, accuracy_m: float | None, reference: str | None
) -> None:
    found = whereabouts(dataset, at((542_000.0, 260_500.0), accuracy_m))
    assert (found and found.grid_ref) == reference


def test_no_place_is_nowhere(dataset: Dataset) -> None:
    assert whereabouts(dataset, at(None)) is None


@pytest.mark.parametrize(("east", "expected"), [(0, ""), (300, ""), (301, "east"), (499, "east")])
def test_near_the_middle_there_is_no_direction(dataset: Dataset, east: float, expected: str) -> None:
    near = nearest_settlement(dataset, 543_500 + east, 260_500)
    assert near is not None
    assert (near.name, near.direction) == ("Fen End", expected)


def test_nothing_is_near_what_is_far_off(dataset: Dataset) -> None:
    assert nearest_settlement(dataset, 543_500 - 14_999, 260_500) is not None
    assert nearest_settlement(dataset, 543_500 - 15_001, 260_500) is None


def test_without_settlements_nothing_is_near(tmp_path: Path) -> None:
    bare = write_tiny(
        tmp_path, changed_tables={"places": Table.empty("places"), "place_units": Table.empty("place_units")}
    )
    found = whereabouts(bare, at((542_000.0, 260_500.0)))
    assert found is not None
    assert found.near is None


@given(st.integers(0, 359))
def test_a_bearing_is_within_its_eighth(degrees: int) -> None:
    east, north = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    middle = 45 * COMPASS.index(direction(east, north))
    assert abs((degrees - middle + 180) % 360 - 180) <= 22.5
