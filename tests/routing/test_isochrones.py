"""Contours, by hand on the grid and by properties on it."""

from __future__ import annotations

import json
import threading
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_policing.errors import InvalidInputError, TooLargeError
from geo_policing.routing.contours import MIN_AREA_M2, make_contours
from geo_policing.routing.costs import Direction
from geo_policing.routing.engine import MAX_BASES, MAX_THRESHOLDS, Engine, check_minutes
from geo_policing.routing.field import Quality, make_field
from geo_policing.routing.snapping import place_of
from geo_policing.routing.speeds import RoadClass, SpeedTable
from geo_policing.spatial.crs import to_easting_northing, to_lon_lat
from tests.support import roads

QUALITIES = list(Quality)


@pytest.fixture(scope="module")
def grid() -> Engine:
    return Engine(roads.grid_network(), roads.SPEEDS)


def holds(area: shapely.MultiPolygon, easting: float, northing: float) -> bool:
    lon, lat = to_lon_lat(easting, northing)
    return bool(shapely.intersects_xy(area, float(lon), float(lat)))


@pytest.mark.parametrize("quality", QUALITIES)
def test_the_three_minute_contour_of_the_grid(grid: Engine, quality: Quality) -> None:
    base = grid.snap_bases(542_000, 262_000)
    area = grid.isochrones(base, [3], quality=quality).contours[0].to_geometry()
    # In 180 s one drives 1,800 m.
    assert holds(area, 543_700, 262_000)
    assert not holds(area, 543_900, 262_000)
    assert holds(area, 543_000, 262_700)
    assert not holds(area, 543_000, 262_900)
    # Beside the road 900 m out (90 s) there are 90 s for 125 m on foot, less what the raster blurs.
    assert holds(area, 542_900, 262_090)
    assert not holds(area, 542_500, 262_280)


@pytest.mark.parametrize("quality", QUALITIES)
@pytest.mark.parametrize("shift", [0, 3, 7, 11, 16])
def test_a_contour_follows_a_lone_road_to_its_end_wherever_it_lies_between_the_nodes(
    quality: Quality, shift: int
) -> None:
    # Askew, as no raster would have it, and alone: at 10 m/s 1,200 m of its 3 km in two minutes.
    along, length = np.array([2_900.0, 700.0]), np.hypot(2_900, 700)
    start = np.array([540_000.0, 260_000.0 + shift])
    engine = Engine(roads.network([tuple(start), tuple(start + along)], [{"a": 0, "b": 1}]), roads.SPEEDS)
    area = engine.isochrones(engine.snap_bases(*start), [2], quality=quality).contours[0].to_geometry()
    reached = [metres for metres in range(0, 1_400, 10) if holds(area, *(start + along / length * metres))]
    assert reached[-1] == pytest.approx(1_200, abs=quality.resolution_m)
    assert reached == list(range(0, reached[-1] + 10, 10))


@pytest.mark.parametrize("quality", QUALITIES)
def test_blocks_that_cannot_be_walked_into_are_holes(grid: Engine, quality: Quality) -> None:
    base = grid.snap_bases(542_000, 262_000)
    area = grid.isochrones(base, [8], quality=quality).contours[0].to_geometry()
    # The farthest corner is 400 s away; the middle of its block is 500 m, or 360 s, on foot.
    assert len(area.geoms) == 1
    assert not holds(area, 540_500, 260_500)
    assert len(area.geoms[0].interiors) >= 4
    # The blocks around the base are reached at 60 + 360 s at the latest, and so have no hole.
    assert holds(area, 542_500, 262_500)


@pytest.mark.parametrize("quality", QUALITIES)
def test_contours_are_valid_nest_and_hold_their_bases(grid: Engine, quality: Quality) -> None:
    bases = grid.snap_bases([540_333, 543_210], [260_010, 263_015])
    shapes = [c.to_geometry() for c in grid.isochrones(bases, [1, 2, 3, 5, 8, 13], quality=quality).contours]
    assert all(shape.is_valid for shape in shapes)
    assert all(outer.covers(inner) for inner, outer in pairwise(shapes))
    lon, lat = to_lon_lat(*place_of(grid.network, bases))
    assert shapely.intersects_xy(shapes[0], lon, lat).all()


@given(
    st.lists(st.tuples(st.integers(540_000, 544_000), st.integers(260_000, 264_000)), min_size=1, max_size=3),
    st.lists(st.floats(1, 15), min_size=2, max_size=5),
    st.sampled_from(QUALITIES),
    st.sampled_from(list(Direction)),
)
@settings(max_examples=40, deadline=None)
def test_contours_always_nest(
    grid: Engine, places: list[tuple[int, int]], minutes: list[float], quality: Quality, direction: Direction
) -> None:
    bases = grid.snap_bases(*np.array(places, dtype=float).T)
    made = grid.isochrones(bases, minutes, quality=quality, direction=direction)
    shapes = [c.to_geometry() for c in made.contours]
    assert all(shape.is_valid for shape in shapes)
    assert all(outer.covers(inner) for inner, outer in pairwise(shapes))
    lon, lat = to_lon_lat(*place_of(grid.network, bases))
    assert shapely.intersects_xy(shapes[0], lon, lat).all()


def test_coordinates_are_whole_units_and_the_same_in_geojson_and_geometry(grid: Engine) -> None:
    made = grid.isochrones(grid.snap_bases(542_000, 262_000), [3, 8])
    collection = json.loads(made.to_geojson(properties={"base": "x"}))
    assert [f["properties"]["minutes"] for f in collection["features"]] == [3, 8]
    assert collection["features"][0]["properties"]["base"] == "x"
    assert collection["about"]["method"]
    for feature, contour in zip(collection["features"], made.contours, strict=True):
        read = shapely.geometry.shape(feature["geometry"])
        assert shapely.equals_exact(read, contour.to_geometry(), tolerance=0)
        points = shapely.get_coordinates(read) * 1e5
        assert np.abs(points - np.round(points)).max() < 1e-6
        for polygon in read.geoms:
            assert polygon.exterior.is_ccw
            assert not any(hole.is_ccw for hole in polygon.interiors)


def test_the_area_said_is_the_area_drawn(grid: Engine) -> None:
    contour = grid.isochrones(grid.snap_bases(542_000, 262_000), [8]).contours[0]
    lon_lat = shapely.get_coordinates(contour.to_geometry())
    assert len(lon_lat)
    projected = shapely.transform(
        contour.to_geometry(), lambda p: np.column_stack(to_easting_northing(p[:, 0], p[:, 1]))
    )
    assert contour.area_m2 == pytest.approx(projected.area, rel=0.005)


def test_islands_and_holes_below_the_area_rule_are_gone(grid: Engine) -> None:
    made = grid.isochrones(grid.snap_bases(541_234, 261_000), [2, 4, 6, 7, 9])
    for contour in made.contours:
        for ring in contour.rings:
            span = slice(contour.start[ring], contour.start[ring + 1])
            shape = shapely.Polygon(np.column_stack([contour.x[span], contour.y[span]]))
            assert shape.area * grid.grid().unit_m2 >= MIN_AREA_M2 * 0.999


def test_the_same_request_twice_is_the_same_bytes_and_order_does_not_matter(grid: Engine) -> None:
    bases = grid.snap_bases([540_333, 543_210], [260_010, 263_015])
    turned = bases.take(np.array([1, 0]))
    first = grid.isochrones(bases, [5, 10])
    again = grid.isochrones(turned, [10, 5, 5])
    assert [c.coordinates_json() for c in first.contours] == [c.coordinates_json() for c in again.contours]
    assert first.to_geojson() == grid.isochrones(bases, [5, 10]).to_geojson()


def test_a_contour_does_not_depend_on_the_others_that_are_asked_for(grid: Engine) -> None:
    base = grid.snap_bases(541_800, 262_000)
    alone = grid.isochrones(base, [4]).contours[0]
    among = grid.isochrones(base, [2, 4, 9]).contours[1]
    assert alone.coordinates_json() == among.coordinates_json()


@pytest.mark.parametrize("quality", QUALITIES)
def test_the_last_contour_lies_where_it_would_with_a_later_one(grid: Engine, quality: Quality) -> None:
    rng = np.random.default_rng(5)
    for minutes in rng.uniform(1, 7, 12).round(2).tolist():
        base = grid.snap_bases(*rng.uniform([540_000, 260_000], [544_000, 264_000]))
        alone = grid.isochrones(base, [minutes], quality=quality).contours[0]
        among = grid.isochrones(base, [minutes, 20], quality=quality).contours[0]
        assert alone.coordinates_json() == among.coordinates_json()


def test_faster_roads_never_shrink_an_isochrone() -> None:
    network = roads.grid_network()
    slow, fast = Engine(network, roads.SPEEDS), Engine(network, roads.SPEEDS.with_overrides(kph={"residential": 50.0}))
    for minutes in (2, 4, 8):
        base = slow.snap_bases(541_300, 261_000)
        small = slow.isochrones(base, [minutes]).contours[0].to_geometry()
        large = fast.isochrones(base, [minutes]).contours[0].to_geometry()
        assert large.covers(small)


def test_inbound_is_outbound_where_every_road_runs_both_ways(grid: Engine) -> None:
    base = grid.snap_bases(541_300, 261_000)
    out = grid.isochrones(base, [5]).contours[0].to_geometry()
    back = grid.isochrones(base, [5], direction=Direction.INBOUND).contours[0].to_geometry()
    assert out.symmetric_difference(back).area < 0.001 * out.area


def test_truncated_where_the_rim_is_met() -> None:
    # A road 20 km long: its rim is the last 2 km square at either end.
    nodes = [(540_000.0 + 1000 * i, 260_000.0) for i in range(21)] + [
        (540_000.0 + 1000 * i, 262_500.0 + 2000 * j) for i in range(21) for j in range(-3, 4)
    ]
    edges = [{"a": i, "b": i + 1} for i in range(20)]
    engine = Engine(roads.network(nodes, edges), roads.SPEEDS)
    made = engine.isochrones(engine.snap_bases(550_000, 260_000), [2, 60])
    assert made.truncated == (False, True)


class TestBarriers:
    """Two roads 300 m apart, joined 3 km to the west, with a river or a motorway between them."""

    NODES = ((540_000, 260_000), (543_000, 260_000), (540_000, 260_300), (543_000, 260_300))
    EDGES = ({"a": 0, "b": 1}, {"a": 2, "b": 3}, {"a": 0, "b": 2})
    RIVER = shapely.LineString([(540_200, 260_100), (545_000, 260_100)])

    @pytest.mark.parametrize("quality", QUALITIES)
    def test_nobody_walks_across_a_river(self, quality: Quality) -> None:
        engine = Engine(roads.network(self.NODES, self.EDGES, barriers=[("river", self.RIVER)]), roads.SPEEDS)
        dry = Engine(roads.network(self.NODES, self.EDGES), roads.SPEEDS)
        minutes = [5]
        bank, other = (542_900, 260_060), (542_900, 260_140)
        wet_made, dry_made = (
            e.isochrones(e.snap_bases(543_000, 260_000), minutes, quality=quality) for e in (engine, dry)
        )
        wet, free = wet_made.contours[0].to_geometry(), dry_made.contours[0].to_geometry()
        assert holds(wet, *bank)
        assert not holds(wet, *other)
        assert holds(free, *other)
        assert (wet_made.barriers, dry_made.barriers) == (("river",), ())

    def test_a_point_is_put_onto_the_road_on_its_own_side(self) -> None:
        engine = Engine(roads.network(self.NODES, self.EDGES, barriers=[("river", self.RIVER)]), roads.SPEEDS)
        snapped = engine.snap([542_000, 542_000], [260_110, 260_090])
        assert snapped.offset_m == pytest.approx([190, 90])
        assert snapped.edge[0] != snapped.edge[1]

    def test_between_two_rivers_there_is_no_road(self) -> None:
        second = shapely.LineString([(540_200, 260_200), (545_000, 260_200)])
        pens = [shapely.LineString([(x, 260_050), (x, 260_250)]) for x in (541_500, 542_500)]
        network = roads.network(
            self.NODES, self.EDGES, barriers=[("river", self.RIVER), ("river", second), *(("railway", p) for p in pens)]
        )
        engine = Engine(network, roads.SPEEDS)
        assert not engine.snap(542_000, 260_150).found[0]
        with pytest.raises(InvalidInputError, match="no road within"):
            engine.snap_bases(542_000, 260_150)

    def test_a_motorway_is_neither_walked_onto_nor_across(self) -> None:
        nodes = (*self.NODES, (540_000, 260_150), (543_000, 260_150))
        edges = (*self.EDGES, {"a": 4, "b": 5, "road": RoadClass.MOTORWAY}, {"a": 0, "b": 4})
        engine = Engine(roads.network(nodes, edges), roads.SPEEDS)
        assert engine.network.barrier_kinds == ("motorway",)
        snapped = engine.snap([542_000, 542_000], [260_149, 260_151])
        assert snapped.offset_m == pytest.approx([149, 149])
        area = engine.isochrones(engine.snap_bases(542_800, 260_000), [4]).contours[0].to_geometry()
        assert holds(area, 542_700, 260_110)
        assert not holds(area, 542_700, 260_190)


@pytest.mark.parametrize(
    ("minutes", "error", "text"),
    [
        ([], InvalidInputError, "empty"),
        ([0], InvalidInputError, "0 is not between"),
        ([5, -1], InvalidInputError, "-1 is not between"),
        ([10_000], InvalidInputError, "10000 is not between"),
        ([float("nan")], InvalidInputError, "nan is not between"),
        (list(np.linspace(1, 60, MAX_THRESHOLDS + 1)), TooLargeError, f"{MAX_THRESHOLDS} allowed"),
    ],
)
def test_bad_thresholds(minutes: list[float], error: Any, text: str) -> None:
    with pytest.raises(error, match=text):
        check_minutes(minutes)


def test_thresholds_are_sorted_and_each_once() -> None:
    assert check_minutes([20, 5, 10, 5.0]) == (5, 10, 20)
    assert len(check_minutes(list(np.linspace(1, 60, MAX_THRESHOLDS)))) == MAX_THRESHOLDS


def test_bad_bases(grid: Engine) -> None:
    with pytest.raises(InvalidInputError, match="no base is given"):
        grid.snap_bases([], [])
    with pytest.raises(TooLargeError, match=str(MAX_BASES)):
        grid.snap_bases([542_000] * (MAX_BASES + 1), [262_000] * (MAX_BASES + 1))
    with pytest.raises(InvalidInputError, match=r"Lake.*600000.*540000, 260000 to 544000, 264000"):
        grid.snap_bases([542_000, 600_000], [262_000, 262_000], names=["Town", "Lake"])


def test_the_most_bases_that_are_allowed(grid: Engine) -> None:
    rng = np.random.default_rng(0)
    bases = grid.snap_bases(rng.uniform(540_000, 544_000, MAX_BASES), rng.uniform(260_000, 264_000, MAX_BASES))
    made = grid.isochrones(bases, [1], quality=Quality.INTERACTIVE)
    assert made.contours[0].to_geometry().is_valid


def test_the_matrix_is_bounded(grid: Engine) -> None:
    points = grid.snap(np.full(700, 542_000), np.full(700, 262_000))
    with pytest.raises(TooLargeError, match="490,000 pairs"):
        grid.matrix(points, points)
    assert grid.matrix(points.take(np.arange(2)), points.take(np.arange(3))).tolist() == [[0, 0, 0]] * 2


def test_sixteen_threads_get_what_one_gets() -> None:
    engine = Engine(roads.grid_network(), roads.SPEEDS)
    places = [(540_000 + 250 * i, 260_000) for i in range(16)]
    out: dict[int, bytes] = {}

    def work(i: int) -> None:
        out[i] = engine.isochrones(engine.snap_bases(*places[i]), [3, 6], quality=Quality.INTERACTIVE).to_geojson()

    threads = [threading.Thread(target=work, args=(i,)) for i in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(out) == 16
    for i, place in enumerate(places):
        again = engine.isochrones(engine.snap_bases(*place), [3, 6], quality=Quality.INTERACTIVE).to_geojson()
        assert out[i] == again


def test_from_no_base_nothing_is_reached(grid: Engine) -> None:
    none = grid.snap([], [])
    answer = grid.isochrones(none, [5.0, 10.0])
    assert all(contour.is_empty and contour.area_m2 == 0 for contour in answer.contours)
    assert answer.truncated == (False, False)
    assert [f["geometry"]["coordinates"] for f in json.loads(answer.to_geojson())["features"]] == [[], []]


def test_a_base_on_an_islet_below_the_area_rule_keeps_it(grid: Engine) -> None:
    # Six seconds: eight metres on foot and sixty along the road, all less than a hectare.
    base = grid.snap_bases([roads.WEST + 500], [roads.SOUTH])
    (contour,) = make_contours(make_field(grid.grid(), grid.search(base, limit_s=6.0), 6.0), [6.0])
    assert not contour.is_empty
    assert 0 < contour.area_m2 < MIN_AREA_M2
    assert holds(contour.to_geometry(), roads.WEST + 500, roads.SOUTH)


def test_the_field_is_the_time_on_foot_from_the_road(grid: Engine) -> None:
    base = grid.snap_bases([roads.WEST + 2_000], [roads.SOUTH + 2_000])
    field = make_field(grid.grid(), grid.search(base, limit_s=600.0), 600.0)
    seconds = field.seconds
    assert np.isinf(seconds[0]).all(), "the outermost nodes close every contour"
    assert 0 <= seconds.min() < 20
    column, row = np.round(field.bases[0]).astype(int)
    assert seconds[row, column] == seconds[row - 1 : row + 2, column - 1 : column + 2].min()


def test_the_two_nearest_bases_of_the_engine(grid: Engine) -> None:
    bases = grid.snap_bases([roads.WEST, roads.WEST + 4_000], [roads.SOUTH, roads.SOUTH])
    seconds, which = grid.nearest_two(bases)
    # Nodes are in order: the south-west corner is the first base, 4 km (400 s) from the second.
    corner = int(np.argmin(seconds[:, 0] + which[:, 0] * 1e6))
    np.testing.assert_allclose(seconds[corner], [0, 400], atol=1e-3)
    assert which[corner].tolist() == [0, 1]


def test_warming_makes_everything(grid: Engine) -> None:
    engine = Engine(grid.network, SpeedTable.default())
    engine.warm()
    assert engine.grid(Quality.PUBLISHED) is engine.grid(Quality.PUBLISHED)
