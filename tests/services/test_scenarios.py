"""Kept scenarios in the place of their names, and in words for programs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.errors import InvalidInputError, NotFoundError
from geo_policing.services import scenarios
from geo_policing.services.drive_params import NO_TRIAL, TrialQuery, read_trial
from geo_policing.services.live import Live
from geo_policing.services.query_types import PointQuery
from tests.support.tiny_roads import tiny_road_live

WESTHAM, EASTHAM = "westham-station-response-base", "eastham-station-response-base"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    found = tiny_road_live(tmp_path_factory.mktemp("roads"))
    moved = TrialQuery(
        (WESTHAM,), (PointQuery(0.0721, 52.2222, True),), ((EASTHAM, PointQuery(0.0731, 52.2223, True)),)
    )
    scenarios.keep(found, "Both", moved, note="Why not", actor="test")
    yield found
    found.close()


def test_a_name_becomes_what_it_changes(live: Live):
    params = scenarios.in_full(live, {"scenario": ["Both"], "minutes": ["5"]})
    assert params == {
        "minutes": ["5"],
        "close": [WESTHAM],
        "open": ["52.2222,0.0721"],
        "move": [f"{EASTHAM},52.2223,0.0731"],
    }
    assert read_trial(params) == scenarios.trial_kept(live, "Both")


def test_without_a_name_all_stays(live: Live):
    params = {"close": [WESTHAM]}
    assert scenarios.in_full(live, params) is params


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"scenario": ["Neither"]}, NotFoundError),
        ({"scenario": ["Both", "Both"]}, InvalidInputError),
        ({"scenario": [""]}, InvalidInputError),
        ({"scenario": ["Both"], "open": ["52.2,0.1"]}, InvalidInputError),
    ],
)
def test_what_names_none_is_refused(live: Live, params: dict[str, list[str]], error: type[Exception]):
    with pytest.raises(error):
        scenarios.in_full(live, params)


def test_for_programs(live: Live):
    (kept,) = scenarios.kept(live)
    assert scenarios.to_json(kept) == {
        "name": "Both",
        "note": "Why not",
        "close": [WESTHAM],
        "open": [{"lat": 52.2222, "lon": 0.0721}],
        "move": [{"base": EASTHAM, "lat": 52.2223, "lon": 0.0731}],
    }


def test_no_trial_is_no_parameter():
    assert scenarios.as_lists(NO_TRIAL) == {"close": [], "open": [], "move": []}


@given(st.floats(50, 60), st.floats(-7, 1.7))
def test_a_point_comes_back_to_the_last_digit(lat: float, lon: float):
    text = scenarios.lat_lon_text(PointQuery(lon, lat, True))
    assert "e" not in text
    assert tuple(float(part) for part in text.split(",")) == (lat, lon)
