"""Who is within reach, against sums made by hand on the tiny world's streets (see `tests.support.tiny_roads`).

A kilometre takes 100 s. From the nearer base: ZZ1 1AA 0 s, ZZ1 1AB 45, ZZ1 1AC 60, ZZ1 1AF 200, ZZ1 1AH 374.4 (520 m on
foot), ZZ1 2OO 0; the middles of u4, u5, u7 100 and of u6 200. u1 has 2.7 postcodes (1 + 0.6 + 0.1 + 1), u2 has 1.3.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo_policing.errors import InvalidInputError, NotFoundError, RuleError, TooLargeError
from geo_policing.services.base_times import reach_of
from geo_policing.services.bases import after, bases_of
from geo_policing.services.counting import count, recount
from geo_policing.services.coverage import coverage, measure_coverage, parse_coverage, reach_today
from geo_policing.services.coverage_table import to_csv
from geo_policing.services.demand_points import MEASURES, demand_points
from geo_policing.services.drive_params import USUAL_DRIVING
from geo_policing.services.drive_places import trial_of
from geo_policing.services.view import View
from geo_policing.spatial.crs import to_lon_lat
from tests.support.tiny_roads import tiny_road_view
from tests.support.views import tiny_view

WALK_S = 520 / (5 / 3.6)


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> View:
    return tiny_road_view(tmp_path_factory.mktemp("roads"))


def asked(view: View, **params: str | list[str]) -> dict[str, Any]:
    lists = {name: [value] if isinstance(value, str) else value for name, value in params.items()}
    return coverage(view, parse_coverage(lists))


def at(easting: float, northing: float) -> str:
    lon, lat = to_lon_lat([easting], [northing])
    return f"{lat[0]:.6f},{lon[0]:.6f}"


def area(content: dict[str, Any], level: str, code: str) -> dict[str, Any]:
    return next(row for row in content["areas"] if (row["level"], row["code"]) == (level, code))


def test_demand_points_hold_everybody_once(view: View):
    points = demand_points(view.dataset)
    whole = np.bincount(points.unit, weights=points.share, minlength=8)
    np.testing.assert_allclose(whole, 1.0)
    assert len(points) == 6 + 4
    assert points.unknown_units == 0


def test_times_to_points_are_those_made_by_hand(view: View):
    seconds = sorted(reach_today(view, USUAL_DRIVING).nearest_s.tolist())
    assert seconds == pytest.approx([0, 0, 45, 60, 100, 100, 100, 200, 200, WALK_S], abs=0.6)


def test_the_force_is_counted_as_by_hand(view: View):
    force = area(asked(view, minutes="4,1,2,2"), "force", "tiny")
    first, all_but_ah = 100 * 1.7 / 2.7 + 200, 100 * 1.7 / 2.7 + 700
    assert [w["minutes"] for w in force["within"]] == [1, 2, 4]
    assert [w["residents"] for w in force["within"]] == [round(first), round(first + 300), round(all_but_ah)]
    assert [w["postcodes"] for w in force["within"]] == [4, 4, 5]
    assert force["residents"] == 800
    assert force["within"][0]["residents_share"] == pytest.approx(first / 800, abs=1e-4)
    # u1 to u8 have 0 to 7 incidents; u2 and u8 are within a minute as wholes.
    assert force["within"][0]["incidents"] == 8
    assert force["incidents"] == 28
    assert force["median_s"] == 100
    assert force["residents_unreached"] == 0


def test_every_level_sums_to_the_force(view: View):
    content = asked(view)
    for level in ("district", "ward", "beat"):
        rows = [row for row in content["areas"] if row["level"] == level]
        assert sum(row["residents"] for row in rows) == 800
        for band in range(4):
            within = sum(row["within"][band]["residents"] for row in rows)
            assert within == pytest.approx(area(content, "force", "tiny")["within"][band]["residents"], abs=len(rows))


def test_bases_say_whom_they_are_the_nearest_to(view: View):
    bases = {base["id"]: base for base in asked(view)["bases"]}
    assert sum(base["catchment"]["residents"] for base in bases.values()) == 800
    # West of the middle all are nearer to Westham but u6, which is as near to both: the first by name has it.
    assert bases["eastham-station-response-base"]["catchment"]["postcodes"] == 2
    assert bases["westham-station-response-base"]["offset_m"] == 0


def test_the_worst_served_places_are_named(view: View):
    content = asked(view, worst="2", close="eastham-station")
    assert [place["name"] for place in content["worst_served"]] == ["Fen End"]
    assert content["worst_served"][0]["median_s"] == 300
    assert content["worst_served"][0]["base"] == "Westham Police Station"


class TestTrials:
    def test_closing_loses_what_only_that_base_reached(self, view: View):
        content = asked(view, minutes="2,5", close="eastham-station")
        force = area(content, "force", "tiny")
        assert [w["residents_lost"] for w in force["within"]] == [300, 100]
        assert [w["residents_gained"] for w in force["within"]] == [0, 0]
        assert content["change"]["closed"] == ["eastham-station-response-base"]
        assert area({"areas": content["change"]["today"]}, "force", "tiny")["within"][0]["residents"] == 563
        assert [place["name"] for place in content["change"]["places_worse"]] == ["Fen End"]
        assert content["change"]["places_worse"][0]["median_before_s"] == 100

    def test_opening_gains_and_never_loses(self, view: View):
        content = asked(view, minutes="1,2", open=at(541_500, 261_500), level="force")
        force = area(content, "force", "tiny")
        assert [w["residents_lost"] for w in force["within"]] == [0, 0]
        # u6 holds the new base; u5 is within 100 s already.
        assert [w["residents_gained"] for w in force["within"]] == [100, 100]
        assert content["change"]["opened"] == ["open-1"]

    def test_moving_is_closing_and_opening(self, view: View):
        moved = asked(view, move=f"eastham-station,{at(541_500, 261_500)}", level="beat")
        swapped = asked(view, close="eastham-station", open=at(541_500, 261_500), level="beat")
        assert moved["areas"] == swapped["areas"]
        assert moved["change"]["moved"] == ["eastham-station-response-base"]

    def test_a_building_stands_for_its_base(self, view: View):
        assert asked(view, close="westham-station")["change"]["closed"] == ["westham-station-response-base"]

    @pytest.mark.parametrize(
        ("params", "error"),
        [
            ({"close": ["nobody"]}, NotFoundError),
            ({"close": ["eastham-station", "westham-station"]}, RuleError),
            ({"open": ["55.1,-1.2"]}, RuleError),
            ({"move": ["eastham-station,52.2,0.1"], "close": ["eastham-station"]}, RuleError),
        ],
    )
    def test_what_cannot_be_tried_is_refused(self, view: View, params: dict[str, list[str]], error: type[Exception]):
        with pytest.raises(error):
            measure_coverage(view, parse_coverage(params))

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.tuples(st.floats(540_000, 544_000), st.floats(260_000, 262_000)), min_size=1, max_size=3))
    def test_another_base_never_lowers_coverage(self, view: View, places: list[tuple[float, float]]):
        tried = measure_coverage(view, parse_coverage({"open": [at(*place) for place in places]}))
        assert (tried.tried.reach.nearest_s <= tried.today.reach.nearest_s).all()
        for row in coverage(view, tried.query)["areas"]:
            assert all(within["residents_lost"] == 0 for within in row["within"])

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.lists(st.tuples(st.floats(540_000, 544_000), st.floats(260_000, 262_000)), max_size=2),
        st.sampled_from([(), ("eastham-station",), ("westham-station",)]),
    )
    def test_a_trial_equals_counting_afresh(
        self, view: View, places: list[tuple[float, float]], close: tuple[str, ...]
    ):
        query = parse_coverage({"open": [at(*place) for place in places], "close": list(close)})
        tried = measure_coverage(view, query).tried
        bases = after(view, trial_of(query.trial))
        afresh = reach_of(view.dataset, bases, USUAL_DRIVING)
        np.testing.assert_array_equal(tried.reach.nearest_s, afresh.nearest_s)
        assert {base.id for base in tried.bases} == set(tried.reach.bases)


class TestRecount:
    """Counting again what changed gives to the last bit what counting everything gives."""

    MINUTES = (1.0, 2.0, 3.0)

    @given(
        st.lists(st.floats(0, 400, width=32) | st.just(float("inf")), min_size=10, max_size=10),
        st.dictionaries(st.integers(0, 9), st.floats(0, 400, width=32) | st.just(float("inf")), max_size=10),
    )
    def test_is_what_counting_afresh_gives(self, view: View, before: list[float], changes: dict[int, float]):
        points = demand_points(view.dataset)
        old = np.array(before, dtype=np.float32)
        new = old.copy()
        for point, seconds in changes.items():
            new[point] = seconds
        was = count(points, old, self.MINUTES)
        kept = {measure: cells.copy() for measure, cells in was.cells.items()}
        again, afresh = recount(points, was, old, new, self.MINUTES), count(points, new, self.MINUTES)
        for measure in MEASURES:
            np.testing.assert_array_equal(again.cells[measure], afresh.cells[measure])
            np.testing.assert_array_equal(was.cells[measure], kept[measure])

    def test_a_trial_counts_what_counting_its_times_afresh_gives(self, view: View):
        query = parse_coverage({"close": ["eastham-station"], "minutes": ["1,2,5"]})
        tried = measure_coverage(view, query).tried
        afresh = count(demand_points(view.dataset), tried.reach.nearest_s, query.minutes)
        for measure in MEASURES:
            np.testing.assert_array_equal(tried.counts.cells[measure], afresh.cells[measure])


class TestReading:
    @pytest.mark.parametrize(
        ("params", "field"),
        [
            ({"minutes": ["0"]}, "minutes"),
            ({"minutes": ["-5"]}, "minutes"),
            ({"minutes": ["10000"]}, "minutes"),
            ({"minutes": ["five"]}, "minutes"),
            ({"minutes": ["nan"]}, "minutes"),
            ({"minutes": ["5,,10"]}, "minutes"),
            ({"level": ["county"]}, "level"),
            ({"worst": ["0"]}, "worst"),
            ({"worst": ["-1"]}, "worst"),
            ({"profile": ["fast"]}, "profile"),
            ({"open": ["52.2"]}, "open"),
            ({"open": ["0,0"]}, "lat"),
            ({"move": ["a"]}, "move"),
            ({"as_of": ["soon"]}, "as_of"),
            ({"colour": ["red"]}, "colour"),
            ({"profile": ["normal", "response"]}, "profile"),
            ({"worse_by": ["-1"]}, "worse_by"),
            ({"worse_by": ["2,5"]}, "worse_by"),
        ],
    )
    def test_what_cannot_be_read_is_named(self, params: dict[str, list[str]], field: str):
        with pytest.raises(InvalidInputError) as caught:
            parse_coverage(params)
        assert caught.value.field == field

    def test_thresholds_are_sorted_and_each_once(self):
        assert parse_coverage({"minutes": ["20,5", "5", "7.5"]}).minutes == (5, 7.5, 20)

    def test_more_thresholds_than_are_drawn_are_too_many(self):
        with pytest.raises(TooLargeError):
            parse_coverage({"minutes": [",".join(str(1 + i / 2) for i in range(61))]})

    def test_ten_thousand_thresholds_are_too_many_whatever_they_are(self):
        with pytest.raises(TooLargeError, match="10,000 thresholds") as caught:
            parse_coverage({"minutes": [",".join(map(str, range(10_000)))]})
        assert caught.value.field == "minutes"

    def test_a_refused_parameter_is_told_of_the_others_a_kept_scenario_among_them(self):
        with pytest.raises(InvalidInputError, match=r"There are .*profile, scenario, worse_by, worst\."):
            parse_coverage({"colour": ["red"]})

    def test_a_worst_above_the_limit_is_the_limit(self):
        assert parse_coverage({"worst": ["999999"]}).worst == 100


def test_no_roads_no_drive_time(tmp_path: Path):
    with pytest.raises(NotFoundError, match="no road network"):
        measure_coverage(tiny_view(tmp_path), parse_coverage({}))


def test_no_bases_reach_nobody(view: View):
    reach = reach_of(view.dataset, (), USUAL_DRIVING)
    assert np.isinf(reach.nearest_s).all()
    assert len(bases_of(view)) == 2


def test_the_table_has_a_row_for_each_part_and_threshold(view: View):
    lines = to_csv(asked(view, minutes="1,2", level="district", close="eastham-station")).decode().splitlines()
    assert len(lines) == 1 + 2 * 2
    assert lines[0].endswith("residents_today,residents_gained,residents_lost")
    assert lines[1].startswith("district,X01,Westham,1,")
    assert "residents_today" not in to_csv(asked(view, level="force")).decode()


def test_a_name_is_no_formula():
    row = {"level": "beat", "code": "b", "name": "=1+1", "residents": 1, "postcodes": 1, "incidents": 1}
    row |= {"median_s": None, "slowest_tenth_s": None}
    within = {"minutes": 5} | {f"{m}{s}": 1 for m in ("residents", "postcodes", "incidents") for s in ("", "_share")}
    assert "'=1+1" in to_csv({"areas": [row | {"within": [within]}], "change": None}).decode()
