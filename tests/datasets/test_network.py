"""Road networks read from small files: access, direction, controls, restrictions, joining and the core.

The town square: nodes 1 to 4 are its corners, 1 km apart, joined by ways 10 to 13, anticlockwise from the south-west.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from geo_policing.datasets.discover import Probe
from geo_policing.datasets.network import NETWORK_TABLES, BuiltNetwork, build_network, no_network
from geo_policing.datasets.osm import read_ways
from geo_policing.datasets.osm_controls import read_controls
from geo_policing.errors import DatasetError, SourceError
from geo_policing.routing.network import Network
from geo_policing.routing.speeds import RoadClass
from geo_policing.spatial.crs import to_lon_lat
from tests.support import roads

CORNERS = {1: (540_000, 260_000), 2: (541_000, 260_000), 3: (541_000, 261_000), 4: (540_000, 261_000)}
STREET = {"highway": "residential"}
SQUARE = {10: ([1, 2], STREET), 11: ([2, 3], STREET), 12: ([3, 4], STREET), 13: ([4, 1], STREET)}
EVERYWHERE = (0.0, 0.0, 700_000.0, 1_300_000.0)


def build(
    tmp_path: Path,
    nodes: dict[int, Any] | None = None,
    ways: dict[int, Any] | None = None,
    *,
    dwellings: Any = None,
    **others: Any,
) -> BuiltNetwork:
    path = roads.write_osm(tmp_path / "roads.osm", {**CORNERS, **(nodes or {})}, {**SQUARE, **(ways or {})}, **others)
    probe = Probe(path, "osm")
    return build_network(read_ways(probe, EVERYWHERE), read_controls(probe), dwellings)


def core_ways(built: BuiltNetwork) -> set[int]:
    edges = built.tables["road_edges"]
    return set(edges["way_id"][edges["core"]].tolist())


def edge_of(built: BuiltNetwork, way: int) -> dict[str, Any]:
    edges = built.tables["road_edges"]
    row = int(np.flatnonzero(edges["way_id"] == way)[0])
    return {name: edges[name][row] for name in edges.columns}


def test_streets_alike_are_joined_into_one_ring(tmp_path: Path) -> None:
    built = build(tmp_path)
    edges = built.tables["road_edges"]
    assert len(edges) == 1
    assert edges["length_m"][0] == pytest.approx(4000, abs=0.5)
    assert edges["a"][0] == edges["b"][0]
    assert len(built.tables["road_points"]) == 5


def test_a_junction_divides_and_geometry_is_kept(tmp_path: Path) -> None:
    built = build(tmp_path, {5: (542_000, 260_500), 6: (543_000, 260_000)}, {14: ([2, 5, 6], STREET)})
    network = Network.from_tables(built.tables)
    assert (network.node_count, network.edge_count) == (2, 2)
    assert sorted(np.diff(network.first_point).tolist()) == [3, 5]
    spur = network.way_id == 14
    assert network.length_m[spur] == pytest.approx([2 * np.hypot(1000, 500)], abs=0.1)
    assert network.point_fraction[np.repeat(spur, np.diff(network.first_point))] == pytest.approx([0, 0.5, 1], abs=1e-3)


@pytest.mark.parametrize(
    ("tags", "drivable"),
    [
        ({"highway": "residential"}, True),
        ({"highway": "service", "service": "driveway"}, True),
        ({"highway": "residential", "access": "destination"}, True),
        ({"highway": "residential", "access": "private"}, False),
        ({"highway": "residential", "access": "no"}, False),
        ({"highway": "residential", "access": "no", "motor_vehicle": "yes"}, True),
        ({"highway": "residential", "access": "yes", "vehicle": "no"}, False),
        ({"highway": "residential", "motor_vehicle": "no", "motorcar": "yes"}, True),
        ({"highway": "residential", "access": "no", "bus": "yes"}, False),
        ({"highway": "residential", "motor_vehicle": "bus"}, False),
        ({"highway": "busway"}, False),
        ({"highway": "construction", "construction": "primary"}, False),
        ({"highway": "proposed"}, False),
        ({"highway": "pedestrian", "name": "Mall"}, False),
        ({"highway": "footway", "name": "Path"}, False),
        ({"route": "ferry"}, False),
        ({"highway": "residential", "oneway": "reversible"}, False),
    ],
)
def test_access(tmp_path: Path, tags: dict[str, str], drivable: bool) -> None:
    built = build(tmp_path, {5: (542_000, 260_000)}, {14: ([2, 5], tags)})
    assert (14 in core_ways(built)) == drivable


def test_closed_roads_are_counted_by_reason(tmp_path: Path) -> None:
    ways = {
        14: ([2, 5], {"highway": "residential", "access": "private"}),
        15: ([3, 5], {"highway": "service", "motor_vehicle": "no"}),
        16: ([4, 5], {"highway": "busway"}),
        17: ([1, 5], {"highway": "footway", "name": "Path"}),
    }
    built = build(tmp_path, {5: (542_000, 260_000)}, ways)
    assert {f.what: f.count for f in built.dropped} == {
        "roads that are for buses only": 1,
        "roads that are private or closed to cars": 2,
    }


@pytest.mark.parametrize(
    ("tags", "forward", "backward"),
    [
        ({}, True, True),
        ({"oneway": "yes"}, True, False),
        ({"oneway": "1"}, True, False),
        ({"oneway": "-1"}, False, True),
        ({"oneway": "no", "junction": "roundabout"}, True, True),
        ({"junction": "roundabout"}, True, False),
        ({"junction": "circular"}, True, False),
        ({"oneway": "alternating"}, True, True),
        ({"highway": "motorway"}, True, False),
        ({"highway": "motorway", "oneway": "no"}, True, True),
        ({"highway": "motorway_link"}, True, True),
    ],
)
def test_direction(tmp_path: Path, tags: dict[str, str], forward: bool, backward: bool) -> None:
    built = build(tmp_path, ways={14: ([1, 3], {"highway": "tertiary", **tags})})
    edge = edge_of(built, 14)
    nodes = built.tables["road_nodes"]["node_id"]
    assert (nodes[edge["a"]], nodes[edge["b"]]) == (1, 3)
    assert (edge["forward"], edge["backward"]) == (forward, backward)


def test_a_one_way_trap_is_left_out_of_the_core_and_kept_for_the_map(tmp_path: Path) -> None:
    nodes = {5: (542_000, 260_000), 6: (543_000, 260_000), 8: (542_000, 263_000), 9: (543_000, 263_000)}
    one_way = {**STREET, "oneway": "yes"}
    ways = {14: ([2, 5], one_way), 15: ([5, 6], STREET), 16: ([8, 9], STREET), 17: ([9, 8], STREET)}
    built = build(tmp_path, nodes, ways)
    assert core_ways(built).isdisjoint({14, 15, 16, 17})
    edges = built.tables["road_edges"]
    assert {14, 15} <= set(edges["way_id"][~edges["core"]].tolist())
    (finding,) = built.dropped
    assert (finding.what, finding.count) == (
        "stretches of road outside the network's core",
        built.about["left_out_edges"],
    )
    assert built.about["left_out_km"] == pytest.approx(4, abs=0.1)


@pytest.mark.parametrize(
    ("tags", "passes"),
    [
        ({"barrier": "bollard"}, False),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, True),
        ({"barrier": "gate"}, True),
        ({"barrier": "gate", "access": "private"}, False),
        ({"barrier": "gate", "locked": "yes"}, False),
        ({"barrier": "lift_gate"}, True),
        ({"barrier": "bus_trap"}, False),
        ({"barrier": "kerb"}, True),
    ],
)
def test_gates_and_bollards(tmp_path: Path, tags: dict[str, str], passes: bool) -> None:
    # A street across the square with something in its middle.
    built = build(tmp_path, {5: (540_500, 260_500)}, {14: ([1, 5, 3], STREET)}, node_tags={5: tags})
    edges = built.tables["road_edges"]
    mine = np.flatnonzero(edges["way_id"] == 14)
    assert len(mine) == (1 if passes else 2)
    if not passes:
        ends = set(edges["a"][mine].tolist()) | set(edges["b"][mine].tolist())
        assert len(ends) == 4
        assert edges["core"][mine].all()


@pytest.mark.parametrize(
    ("maxspeed", "kph"),
    [
        ("30 mph", 48.28032),
        ("30mph", 48.28032),
        ("50", 50),
        ("50 km/h", 50),
        ("GB:nsl_single", 96.56064),
        ("GB:nsl_dual", 112.65408),
        ("national", 96.56064),
        ("none", 96.56064),
        ("walk", 6),
        ("40 mph; 30 mph", 48.28032),
        ("signals", None),
        ("-30 mph", None),
        ("0", None),
        ("9999", None),
        ("", None),
    ],
)
def test_limits(tmp_path: Path, maxspeed: str, kph: float | None) -> None:
    built = build(tmp_path, ways={14: ([1, 3], {"highway": "tertiary", "maxspeed": maxspeed})})
    limit = edge_of(built, 14)["limit_forward_kph"]
    assert np.isnan(limit) if kph is None else limit == pytest.approx(kph, rel=1e-6)


def test_limits_by_direction_and_by_type(tmp_path: Path) -> None:
    ways = {
        14: ([1, 3], {"highway": "tertiary", "maxspeed": "60 mph", "maxspeed:forward": "40 mph"}),
        15: ([2, 4], {"highway": "trunk", "maxspeed:type": "GB:nsl_dual", "oneway": "yes"}),
    }
    built = build(tmp_path, ways=ways)
    assert edge_of(built, 14)["limit_forward_kph"] == pytest.approx(64.37376)
    assert edge_of(built, 14)["limit_backward_kph"] == pytest.approx(96.56064)
    assert edge_of(built, 15)["limit_forward_kph"] == pytest.approx(112.65408)
    assert edge_of(built, 15)["dual"]


def test_town_and_country(tmp_path: Path) -> None:
    nodes = {5: (545_000, 260_000), 6: (546_000, 260_000)}
    ways = {
        14: ([2, 5], {"highway": "tertiary"}),
        15: ([5, 6], {"highway": "secondary"}),
        16: ([2, 6], {"highway": "primary", "maxspeed": "30 mph"}),
        17: ([3, 6], {"highway": "unclassified", "lit": "yes"}),
    }
    homes = np.full(8, 545_500.0) + np.arange(8), np.full(8, 260_050.0)
    built = build(tmp_path, nodes, ways, dwellings=homes)
    assert [bool(edge_of(built, way)["urban"]) for way in (12, 14, 15, 16, 17)] == [True, False, True, True, True]
    few = build(tmp_path, nodes, ways, dwellings=(homes[0][:7], homes[1][:7]))
    assert not edge_of(few, 15)["urban"]


def restriction(kind: str, from_way: int, via: int, to_way: int, **tags: str) -> Any:
    members = [("way", from_way, "from"), ("node", via, "via"), ("way", to_way, "to")]
    return ({"type": "restriction", "restriction": kind, **tags}, members)


def banned(built: BuiltNetwork) -> set[tuple[int, int]]:
    edges, bans = built.tables["road_edges"], built.tables["turn_bans"]
    return set(zip(edges["way_id"][bans["from_edge"]].tolist(), edges["way_id"][bans["to_edge"]].tolist(), strict=True))


def test_turn_restrictions(tmp_path: Path) -> None:
    # A road of another class, so that the ways keep their own edges.
    spur = {5: (542_000, 260_000)}, {11: ([2, 3], {"highway": "tertiary"}), 14: ([2, 5], STREET)}
    no_turn = build(tmp_path, *spur, relations=[restriction("no_left_turn", 10, 2, 11)])
    # Ways 12, 13 and 10 are alike and were joined.
    assert banned(no_turn) == {(12, 11)}
    only = build(tmp_path, *spur, relations=[restriction("only_straight_on", 10, 2, 14)])
    assert banned(only) == {(12, 12), (12, 11)}
    assert no_turn.about["turn_bans"] == 1


def test_restrictions_that_do_not_concern_cars_or_cannot_be_placed(tmp_path: Path) -> None:
    over_both = (
        {"type": "restriction", "restriction": "no_u_turn"},
        [("way", 10, "from"), ("way", 11, "via"), ("node", 3, "via"), ("way", 12, "to")],
    )
    relations = [
        restriction("no_left_turn", 10, 2, 11, **{"except": "motorcar;bicycle"}),
        restriction("no_left_turn", 99, 2, 11),
        over_both,
        ({"type": "route", "restriction": "none"}, []),
    ]
    built = build(tmp_path, relations=relations)
    assert banned(built) == set()
    assert built.about["unsupported_restrictions"] == 2


def test_rivers_railways_and_lights(tmp_path: Path) -> None:
    nodes = {5: (540_500, 259_000), 6: (540_500, 262_000)}
    ways = {
        20: ([5, 6], {"waterway": "river"}),
        21: ([5, 6], {"railway": "rail"}),
        22: ([5, 6], {"railway": "rail", "tunnel": "yes"}),
        23: ([5, 6], {"waterway": "ditch"}),
    }
    built = build(tmp_path, nodes, ways, node_tags={3: {"highway": "traffic_signals"}})
    assert built.about["barriers"] == {"railway": 1, "river": 1}
    assert built.about["signals"] == 1
    assert Network.from_tables(built.tables).barrier_kinds == ("railway", "river")


def test_an_overpass_reply_gives_the_same_network(tmp_path: Path) -> None:
    lights = {"highway": "traffic_signals"}
    ways = {14: ([1, 3], {"highway": "tertiary", "oneway": "-1"})}
    relation = restriction("no_left_turn", 10, 2, 11)
    expected = build(tmp_path, ways=ways, node_tags={2: lights}, relations=[relation])
    elements: list[dict[str, Any]] = []
    for key, place in CORNERS.items():
        lon, lat = (round(float(v), 7) for v in to_lon_lat(*place))
        elements.append({"type": "node", "id": key, "lon": lon, "lat": lat, **({"tags": lights} if key == 2 else {})})
    elements += [
        {"type": "way", "id": k, "nodes": refs, "tags": tags} for k, (refs, tags) in {**SQUARE, **ways}.items()
    ]
    members = [{"type": kind, "ref": ref, "role": role} for kind, ref, role in relation[1]]
    elements.append({"type": "relation", "id": 1, "tags": relation[0], "members": members})
    path = tmp_path / "reply.json"
    path.write_bytes(orjson.dumps({"elements": elements}))
    probe = Probe(path, "overpass")
    built = build_network(read_ways(probe, EVERYWHERE), read_controls(probe))
    for name in NETWORK_TABLES:
        for column, values in expected.tables[name].columns.items():
            assert np.array_equal(built.tables[name][column], values, equal_nan=values.dtype.kind == "f"), column


GRAPHML = """<?xml version='1.0' encoding='utf-8'?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="d0" for="graph" attr.name="crs" attr.type="string" />
  <key id="d1" for="node" attr.name="x" attr.type="string" />
  <key id="d2" for="node" attr.name="y" attr.type="string" />
  <key id="d3" for="node" attr.name="highway" attr.type="string" />
  <key id="d4" for="edge" attr.name="osmid" attr.type="string" />
  <key id="d5" for="edge" attr.name="highway" attr.type="string" />
  <key id="d6" for="edge" attr.name="oneway" attr.type="string" />
  <key id="d7" for="edge" attr.name="geometry" attr.type="string" />
  <graph edgedefault="directed"><data key="d0">epsg:4326</data>
    <node id="1"><data key="d1">0.10</data><data key="d2">52.20</data><data key="d3">traffic_signals</data></node>
    <node id="2"><data key="d1">0.12</data><data key="d2">52.20</data></node>
    <node id="3"><data key="d1">0.12</data><data key="d2">52.21</data></node>
    <edge source="1" target="2" id="0"><data key="d4">7</data><data key="d5">primary</data><data key="d6">True</data>
      <data key="d7">LINESTRING (0.10 52.20, 0.11 52.201, 0.12 52.20)</data></edge>
    <edge source="2" target="3" id="0"><data key="d4">8</data><data key="d5">['tertiary', 'residential']</data>
      <data key="d6">False</data></edge>
    <edge source="3" target="2" id="0"><data key="d4">8</data><data key="d5">['tertiary', 'residential']</data>
      <data key="d6">False</data></edge>
    <edge source="3" target="1" id="0"><data key="d4">9</data><data key="d5">residential</data>
      <data key="d6">True</data></edge>
  </graph>
</graphml>"""


def test_an_osmnx_graph(tmp_path: Path) -> None:
    path = tmp_path / "graph.graphml"
    path.write_text(GRAPHML, encoding="utf-8")
    probe = Probe(path, "graphml")
    network = Network.from_tables(build_network(read_ways(probe, EVERYWHERE), read_controls(probe)).tables)
    assert network.edge_count == 3
    by_way = {int(way): i for i, way in enumerate(network.way_id)}
    assert network.road_class[by_way[7]] == RoadClass.PRIMARY
    assert network.backward[[by_way[7], by_way[8], by_way[9]]].tolist() == [False, True, False]
    assert np.diff(network.first_point)[by_way[7]] == 3
    assert network.signals.sum() == 1


def test_the_bytes_are_the_same_each_time(tmp_path: Path) -> None:
    one, two = build(tmp_path), build(tmp_path)
    for name in NETWORK_TABLES:
        for column, values in one.tables[name].columns.items():
            assert np.array_equal(two.tables[name][column], values, equal_nan=values.dtype.kind == "f")


def test_no_roads_at_all() -> None:
    made = no_network()
    assert set(made.tables) == set(NETWORK_TABLES)
    with pytest.raises(DatasetError, match="no road network"):
        Network.from_tables(made.tables)


def test_a_file_without_a_road_for_cars(tmp_path: Path) -> None:
    path = roads.write_osm(tmp_path / "paths.osm", CORNERS, {10: ([1, 2], {"highway": "pedestrian"})})
    probe = Probe(path, "osm")
    with pytest.raises(SourceError, match="no road in it that a car may use"):
        build_network(read_ways(probe, EVERYWHERE), read_controls(probe))


def test_roads_that_nobody_can_come_back_from(tmp_path: Path) -> None:
    path = roads.write_osm(tmp_path / "trap.osm", CORNERS, {10: ([1, 2, 3], {**STREET, "oneway": "yes"})})
    probe = Probe(path, "osm")
    with pytest.raises(SourceError, match="form no network"):
        build_network(read_ways(probe, EVERYWHERE), read_controls(probe))


@pytest.mark.parametrize(("name", "form"), [("cut.osm", "osm"), ("cut.json", "overpass"), ("cut.graphml", "graphml")])
def test_damaged_files(tmp_path: Path, name: str, form: str) -> None:
    path = tmp_path / name
    path.write_text({"osm": "<osm version='0.6'><node", "overpass": '{"elements": [', "graphml": "<graphml><key"}[form])
    with pytest.raises(SourceError, match=r"cut off|damaged"):
        read_controls(Probe(path, form))


def test_a_truncated_pbf(tmp_path: Path) -> None:
    import osmium

    whole = tmp_path / "whole.osm.pbf"
    source = roads.write_osm(tmp_path / "roads.osm", CORNERS, SQUARE)
    with osmium.SimpleWriter(str(whole)) as writer:
        for thing in osmium.FileProcessor(str(source)):
            writer.add(thing)
    cut = tmp_path / "cut.osm.pbf"
    cut.write_bytes(whole.read_bytes()[:-20])
    with pytest.raises(SourceError, match="cut off"):
        read_controls(Probe(cut, "osm"))
