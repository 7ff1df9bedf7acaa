"""Isochrones as they are served, on the tiny world's streets: a kilometre takes 100 s."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from geo_policing.errors import BusyError, InvalidInputError, NotFoundError, RuleError, TooLargeError
from geo_policing.services.bases import bases_of
from geo_policing.services.coverage import coverage, parse_coverage
from geo_policing.services.drive_layers import catchments_geojson, difference_geojson
from geo_policing.services.isochrones import isochrone_query_in, isochrones, parse_isochrones, to_geojson
from geo_policing.services.view import View
from geo_policing.spatial.crs import to_easting_northing, to_lon_lat
from tests.support.tiny_roads import tiny_road_view
from tests.support.views import tiny_view


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> View:
    return tiny_road_view(tmp_path_factory.mktemp("roads"))


def asked(view: View, **params: Any) -> dict[str, Any]:
    lists = {name: [value] if isinstance(value, str) else value for name, value in params.items()}
    content: dict[str, Any] = json.loads(to_geojson(isochrones(view, parse_isochrones(lists))))
    return content


def shapes(content: dict[str, Any]) -> list[shapely.Geometry]:
    return [shapely.geometry.shape(feature["geometry"]) for feature in content["features"]]


def at(easting: float, northing: float) -> shapely.Point:
    lon, lat = to_lon_lat([easting], [northing])
    return shapely.Point(lon[0], lat[0])


WESTHAM = "westham-station-response-base"


class TestContours:
    def test_carry_their_minutes_ascending_and_once(self, view: View):
        content = asked(view, base=WESTHAM, minutes="3,1,2,3")
        assert [f["properties"]["minutes"] for f in content["features"]] == [1, 2, 3]
        assert [f["properties"]["from_minutes"] for f in content["features"]] == [0, 0, 0]

    @pytest.mark.parametrize("quality", ["interactive", "published"])
    def test_nest_are_valid_and_hold_the_base(self, view: View, quality: str):
        areas = shapes(asked(view, base=WESTHAM, minutes="1,2,3,4,5", quality=quality))
        assert all(area.is_valid for area in areas)
        for inner, outer in pairwise(areas):
            assert inner.difference(outer).area == 0
        assert all(area.contains(at(540_500, 260_500)) for area in areas)

    def test_reach_as_far_as_the_street_is_driven(self, view: View):
        area = shapes(asked(view, base=WESTHAM, minutes="2"))[0]
        # In 120 s the first junction at 1 km and 200 m more; a minute's walk is some 83 m.
        assert area.contains(at(541_600, 260_500))
        assert not area.contains(at(541_850, 260_500))

    def test_of_all_bases_when_none_is_named(self, view: View):
        content = asked(view, minutes="1")
        assert [base["id"] for base in content["bases"]] == [base.id for base in bases_of(view)]
        area = shapes(content)[0]
        assert area.contains(at(540_500, 260_500))
        assert area.contains(at(543_500, 261_500))

    def test_say_how_they_were_made_and_whose_the_roads_are(self, view: View):
        content = asked(view, base=WESTHAM, minutes="1", profile="response")
        assert content["licence_url"] == "https://opendatacommons.org/licenses/odbl/1-0/"
        assert content["attribution"].startswith("© OpenStreetMap")
        assert content["resolution_m"] == 20
        assert content["barriers_known"] == []
        assert "assumption" in content["assumption"]
        assert content["data_version"] == view.dataset.data_version

    def test_meet_the_rim_of_so_small_a_world(self, view: View):
        content = asked(view, base=WESTHAM, minutes="5")
        assert content["truncated"] is content["features"][0]["properties"]["truncated"] is True

    def test_are_the_same_bytes_twice(self, view: View):
        query = parse_isochrones({"base": [WESTHAM], "minutes": ["1,2"]})
        assert to_geojson(isochrones(view, query)) == to_geojson(isochrones(view, query))

    def test_have_at_most_five_decimals(self, view: View):
        for area in shapes(asked(view, base=WESTHAM, minutes="2")) + shapes(
            asked(view, base=WESTHAM, minutes="1,2", bands="true")
        ):
            xy = shapely.get_coordinates(area)
            np.testing.assert_array_equal(xy, np.round(xy, 5))

    def test_two_bases_at_one_point_are_one(self, view: View):
        one = asked(view, base=WESTHAM, minutes="2")
        twice = asked(view, base=[WESTHAM, WESTHAM], minutes="2")
        assert one["features"] == twice["features"]

    def test_a_thousand_points_are_one_search(self, view: View):
        lon, lat = to_lon_lat(np.linspace(540_000, 544_000, 1000), np.full(1000, 260_500))
        query = isochrone_query_in(
            {"places": [{"lat": y, "lon": x} for x, y in zip(lon.tolist(), lat.tolist(), strict=True)], "minutes": [1]}
        )
        assert len(isochrones(view, query).placed.bases) == 1000

    def test_a_faster_drive_reaches_no_less(self, view: View):
        normal, fast = (
            shapes(asked(view, base=WESTHAM, minutes="2", profile=p))[0] for p in ("normal", "response_high")
        )
        assert normal.difference(fast).area < 1e-9
        assert fast.area > normal.area


class TestBands:
    def test_are_what_lies_between(self, view: View):
        whole = shapes(asked(view, base=WESTHAM, minutes="1,2,3"))
        content = asked(view, base=WESTHAM, minutes="1,2,3", bands="true")
        bands = shapes(content)
        assert [f["properties"]["from_minutes"] for f in content["features"]] == [0, 1, 2]
        assert all(band.is_valid for band in bands)
        assert sum(band.area for band in bands) == pytest.approx(whole[-1].area, rel=1e-9)
        assert shapely.union_all(bands).symmetric_difference(whole[-1]).area < 1e-12
        assert bands[0].intersection(bands[1]).area == pytest.approx(0, abs=1e-12)

    def test_outer_rings_run_anticlockwise(self, view: View):
        for band in shapes(asked(view, base=WESTHAM, minutes="1,2", bands="true")):
            assert all(part.exterior.is_ccw for part in shapely.get_parts(band))


class TestTrials:
    def test_close_and_open_change_the_bases(self, view: View):
        content = asked(view, close=WESTHAM, open="52.2214,0.0585", minutes="1")
        assert [base["id"] for base in content["bases"]] == ["eastham-station-response-base", "open-1"]

    def test_do_not_go_with_places(self):
        with pytest.raises(InvalidInputError, match="leave out"):
            parse_isochrones({"close": ["a"], "base": ["b"]})

    def test_the_difference_is_what_the_contours_say(self, view: View):
        query = parse_coverage({"close": ["eastham-station"], "minutes": ["2,4"]})
        content = json.loads(difference_geojson(view, query))
        assert [(f["properties"]["minutes"], f["properties"]["change"]) for f in content["features"]] == [
            (2, "gained"),
            (2, "lost"),
            (4, "gained"),
            (4, "lost"),
        ]
        gained, lost = shapes(content)[:2]
        assert gained.is_empty
        assert lost.contains(at(543_500, 261_500))
        assert content["features"][1]["properties"]["residents"] == 300

    def test_without_a_trial_there_is_no_difference(self, view: View):
        with pytest.raises(InvalidInputError, match="Nothing is tried"):
            difference_geojson(view, parse_coverage({}))


class TestCatchments:
    def test_share_out_the_units(self, view: View):
        content = json.loads(catchments_geojson(view, parse_coverage({})))
        assert {f["properties"]["base"] for f in content["features"]} == {base.id for base in bases_of(view)}
        assert sum(f["properties"]["residents"] for f in content["features"]) == 800
        first, second = shapes(content)
        assert first.intersection(second).area == pytest.approx(0, abs=1e-12)

    def test_tell_the_residents_that_coverage_tells(self, view: View):
        query = parse_coverage({"open": ["52.2222,0.0721"]})
        told = {base["id"]: base["catchment"]["residents"] for base in coverage(view, query)["bases"]}
        for feature in json.loads(catchments_geojson(view, query))["features"]:
            assert feature["properties"]["residents"] == told[feature["properties"]["base"]]

    def test_are_one_when_one_base_is_left(self, view: View):
        content = json.loads(catchments_geojson(view, parse_coverage({"close": [WESTHAM]})))
        area = shapes(content)[0]
        east, north = to_easting_northing(*shapely.get_coordinates(area).T)
        assert shapely.Polygon(np.column_stack([east, north])).area == pytest.approx(8e6, rel=0.001)


class TestRefusals:
    @pytest.mark.parametrize(
        ("params", "error"),
        [
            ({"base": ["nobody"]}, NotFoundError),
            ({"postcode": ["ZZ1 1AD"]}, NotFoundError),
            ({"postcode": ["ZZ1 9ZZ"]}, NotFoundError),
            ({"lat": ["55.0"], "lon": ["-1.5"]}, RuleError),
            ({"lat": ["52.2"]}, InvalidInputError),
            ({"lat": ["0"], "lon": ["0"]}, InvalidInputError),
            ({"minutes": ["0"]}, InvalidInputError),
            ({"minutes": ["61"]}, InvalidInputError),
            ({"bands": ["maybe"]}, InvalidInputError),
            ({"quality": ["best"]}, InvalidInputError),
            ({"direction": ["up"]}, InvalidInputError),
            ({"base": [",".join(["a"] * 1001)]}, TooLargeError),
        ],
    )
    def test_name_what_is_wrong(self, view: View, params: dict[str, list[str]], error: type[Exception]):
        with pytest.raises(error):
            isochrones(view, parse_isochrones(params))

    @pytest.mark.parametrize(
        "body",
        [
            [],
            {},
            {"places": []},
            {"places": "CB1"},
            {"places": [{}]},
            {"places": [{"lat": 52.2}]},
            {"places": [{"lat": True, "lon": 0.1}]},
            {"places": [7]},
            {"places": [{"base": WESTHAM}], "minutes": 5},
            {"places": [{"base": WESTHAM}], "minutes": []},
            {"places": [{"base": WESTHAM}], "bands": "yes"},
            {"places": [{"base": WESTHAM}], "profile": 1},
            {"places": [{"base": WESTHAM}], "speed": 1},
        ],
    )
    def test_of_a_body_say_what_a_place_is(self, body: object):
        with pytest.raises(InvalidInputError):
            isochrone_query_in(body)

    def test_of_a_long_list_name_the_limit(self):
        with pytest.raises(TooLargeError, match="1,000"):
            isochrone_query_in({"places": [{"base": "a"}] * 1001})

    def test_no_roads(self, tmp_path: Path):
        with pytest.raises(NotFoundError, match="no road network"):
            isochrones(tiny_view(tmp_path), parse_isochrones({}))


def test_a_base_off_the_roads_is_named_and_left_out(tmp_path: Path):
    from geo_policing.services.bases import Base, put_on_road
    from geo_policing.services.roads import roads_of

    view = tiny_road_view(tmp_path)
    placed = put_on_road(roads_of(view.dataset), [Base("far", "Far", 560_000, 260_000), *bases_of(view)])
    assert [base.id for base in placed.unplaced] == ["far"]
    assert len(placed.bases) == 2


def test_sixteen_at_once_give_the_same_as_one(view: View):
    query = parse_isochrones({"base": [WESTHAM], "minutes": ["1,2,3"]})
    alone = to_geojson(isochrones(view, query))
    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(lambda _: to_geojson(isochrones(view, query)), range(16))) == {alone}


def test_rasters_are_kept_beside_the_dataset_and_mended(tmp_path: Path):
    view = tiny_road_view(tmp_path)
    first = to_geojson(isochrones(view, parse_isochrones({"minutes": ["2"]})))
    kept = list((tmp_path / "cache" / view.dataset.data_version).iterdir())
    assert [path.name.startswith("grid-published-") for path in kept] == [True]
    (kept[0] / "edge.npy" if (kept[0] / "edge.npy").exists() else kept[0] / "row.npy").write_bytes(b"damaged")
    again = tiny_road_view_again(tmp_path)
    assert to_geojson(isochrones(again, parse_isochrones({"minutes": ["2"]}))) == first


def tiny_road_view_again(data_dir: Path) -> View:
    from geo_policing.clock import Clock
    from geo_policing.config import Settings
    from geo_policing.services.live import Live
    from tests.support.live import NOON

    live = Live(Settings(data_dir=data_dir), Clock.fixed(NOON))
    view = live.view()
    live.close()
    return view


def test_who_waits_too_long_is_told_to_come_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import threading

    from geo_policing.services import roads as module

    monkeypatch.setattr(module, "PATIENCE_S", 0.05)
    roads = module.roads_of(tiny_road_view(tmp_path).dataset)
    held, begun = threading.Event(), threading.Semaphore(0)

    def occupy() -> None:
        begun.release()
        held.wait()

    def hold() -> None:
        with pytest.raises(BusyError):
            roads.run(occupy)

    holders = [threading.Thread(target=hold) for _ in range(2)]
    for holder in holders:
        holder.start()
    for _ in holders:
        begun.acquire()
    with pytest.raises(BusyError, match="Try again"):
        roads.run(lambda: 1)
    for holder in holders:
        holder.join()
    held.set()
    monkeypatch.setattr(module, "PATIENCE_S", 20)
    assert roads.run(lambda: 2) == 2
