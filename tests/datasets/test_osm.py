"""Roads from the three forms in which OpenStreetMap comes, made here in each form."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo_policing.datasets import osm
from geo_policing.datasets.discover import Probe
from geo_policing.errors import SourceError

# About a county around 52.2 N 0.1 E, in the National Grid.
BOUNDS = (530_000.0, 240_000.0, 560_000.0, 280_000.0)
FAR_BOUNDS = (200_000.0, 600_000.0, 210_000.0, 610_000.0)
NODES = {1: (0.100, 52.200), 2: (0.101, 52.200), 3: (0.101, 52.201), 4: (0.110, 52.210)}
WAYS: dict[int, tuple[list[int], dict[str, str]]] = {
    20: ([1, 2, 3], {"highway": "residential", "name": "Mill Road", "oneway": "yes", "maxspeed": "20 mph"}),
    10: ([3, 4], {"highway": "primary", "ref": "A10"}),
    30: ([1, 4], {"highway": "footway", "name": "Petty Passage"}),
    31: ([1, 4], {"highway": "footway"}),
    32: ([1, 2], {"highway": "pedestrian", "name": "Market Square", "area": "yes"}),
    33: ([1, 2], {"highway": "proposed", "name": "Not Yet"}),
    34: ([1, 2], {"building": "yes"}),
}


def osm_xml(ways: dict[int, tuple[list[int], dict[str, str]]], nodes: dict[int, tuple[float, float]]) -> str:
    parts = ["<?xml version='1.0' encoding='UTF-8'?>", '<osm version="0.6" generator="test">']
    parts += [f'<node id="{i}" version="1" lat="{lat}" lon="{lon}"/>' for i, (lon, lat) in nodes.items()]
    for i, (refs, tags) in ways.items():
        inner = "".join(f'<nd ref="{r}"/>' for r in refs)
        inner += "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())
        parts.append(f'<way id="{i}" version="1">{inner}</way>')
    return "\n".join([*parts, "</osm>"])


def extract(tmp_path: Path, ways: dict[int, tuple[list[int], dict[str, str]]] = WAYS, name: str = "x.osm") -> Probe:
    path = tmp_path / name
    path.write_text(osm_xml(ways, NODES))
    return Probe(path, "osm")


def pbf(tmp_path: Path) -> Probe:
    import osmium

    path = tmp_path / "x.osm.pbf"
    source = extract(tmp_path)
    with osmium.SimpleWriter(str(path)) as writer:
        for thing in osmium.FileProcessor(str(source.path)):
            writer.add(thing)
    return Probe(path, "osm")


def overpass(tmp_path: Path, *, with_geometry: bool = False) -> Probe:
    elements: list[dict[str, object]] = (
        [] if with_geometry else [{"type": "node", "id": i, "lon": lon, "lat": lat} for i, (lon, lat) in NODES.items()]
    )
    for i, (refs, tags) in WAYS.items():
        way: dict[str, object] = {"type": "way", "id": i, "nodes": refs, "tags": tags}
        if with_geometry:
            way["geometry"] = [{"lon": NODES[r][0], "lat": NODES[r][1]} for r in refs]
        elements.append(way)
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"version": 0.6, "elements": elements}))
    return Probe(path, "overpass")


def shown(ways: osm.Ways) -> dict[int, tuple[str, list[int]]]:
    return {
        int(ways.way_id[i]): (
            ways.tags[i].get("name", ""),
            ways.node_id[ways.offset[i] : ways.offset[i + 1]].tolist(),
        )
        for i in range(len(ways))
    }


EXPECTED = {20: ("Mill Road", [1, 2, 3]), 10: ("", [3, 4]), 30: ("Petty Passage", [1, 4])}


def test_an_xml_extract(tmp_path: Path) -> None:
    assert shown(osm.read_ways(extract(tmp_path), BOUNDS)) == EXPECTED


def test_a_pbf_extract(tmp_path: Path) -> None:
    assert shown(osm.read_ways(pbf(tmp_path), BOUNDS)) == EXPECTED


@pytest.mark.parametrize("with_geometry", [False, True])
def test_an_overpass_reply(tmp_path: Path, with_geometry: bool) -> None:
    assert shown(osm.read_ways(overpass(tmp_path, with_geometry=with_geometry), BOUNDS)) == EXPECTED


def test_tags_are_kept_for_routing(tmp_path: Path) -> None:
    ways = osm.read_ways(extract(tmp_path), BOUNDS)
    mill_road = ways.tags[ways.way_id.tolist().index(20)]
    assert (mill_road["oneway"], mill_road["maxspeed"]) == ("yes", "20 mph")


def test_the_table_is_in_metres_and_ordered_by_id(tmp_path: Path) -> None:
    roads = osm.read_roads([extract(tmp_path)], BOUNDS)
    table = roads.table
    assert table["way_id"].tolist() == [10, 20, 30]
    assert table["name"].tolist() == ["", "Mill Road", "Petty Passage"]
    assert table["ref"].tolist() == ["A10", "", ""]
    assert table["highway"].tolist() == ["primary", "residential", "footway"]
    # 0.001° is 68.4 m of longitude at 52.2° N and 111.3 m of latitude.
    assert shapely.length(table["geometry"][1]) == pytest.approx(68.4 + 111.3, abs=0.5)
    assert (roads.file, roads.unused, roads.dropped) == (tmp_path / "x.osm", (), ())


def test_the_file_with_the_most_road_is_used_and_the_others_are_named(tmp_path: Path) -> None:
    small = extract(tmp_path, {20: WAYS[20]}, "small.osm")
    large = extract(tmp_path, name="large.osm")
    for order in ([small, large], [large, small]):
        roads = osm.read_roads(order, BOUNDS)
        assert roads.file == large.path
        ((path, why),) = roads.unused
        assert path == small.path
        assert "0 km of road here, where large.osm has" in why


def test_ways_elsewhere_are_left_out(tmp_path: Path) -> None:
    roads = osm.read_roads([extract(tmp_path)], FAR_BOUNDS)
    assert len(roads.table) == 0


def test_no_file_gives_no_roads() -> None:
    roads = osm.read_roads([], BOUNDS)
    assert (len(roads.table), roads.file) == (0, None)


def test_ways_without_locations_are_counted(tmp_path: Path) -> None:
    ways = osm.read_ways(extract(tmp_path, {20: WAYS[20], 21: ([1, 99], {"highway": "road"})}), BOUNDS)
    assert ways.way_id.tolist() == [20]
    assert [(f.what, f.count) for f in ways.dropped] == [("ways without locations", 1)]


def test_overpass_nodes_that_lie_outside_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    points = [{"lon": 0.1, "lat": 52.2}, None, {"lon": 0.2, "lat": 52.2}]
    way = {"type": "way", "id": 1, "nodes": [1, 2, 3], "tags": {"highway": "road"}, "geometry": points}
    path.write_text(json.dumps({"elements": [way]}))
    assert osm.read_ways(Probe(path, "overpass"), BOUNDS).node_id.tolist() == [1, 3]


@pytest.mark.parametrize("size", [0, 40, 150])
def test_a_truncated_pbf_is_named(tmp_path: Path, size: int) -> None:
    probe = pbf(tmp_path)
    probe.path.write_bytes(probe.path.read_bytes()[:size])
    with pytest.raises(SourceError, match=r"x\.osm\.pbf: .*\. (It is cut off or damaged; d|D)ownload it again"):
        osm.read_ways(probe, BOUNDS)


def test_a_truncated_xml_is_named(tmp_path: Path) -> None:
    probe = extract(tmp_path)
    probe.path.write_text(probe.path.read_text()[:-20])
    with pytest.raises(SourceError, match=r"x\.osm: it cannot be read as OpenStreetMap data"):
        osm.read_ways(probe, BOUNDS)


@pytest.mark.parametrize("content", ["", "{", '{"elements": [{"type": "way"}, 3]}', '{"other": []}', "[]"])
def test_a_damaged_overpass_reply_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)
    with pytest.raises(SourceError, match=r"x\.json: it cannot be read as OpenStreetMap data"):
        osm.read_ways(Probe(path, "overpass"), BOUNDS)


def test_a_file_without_roads_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no road in it"):
        osm.read_ways(extract(tmp_path, {34: WAYS[34]}), BOUNDS)


def test_the_three_forms_are_recognised() -> None:
    formats = ["osm", "graphml", "overpass", "csv", "vector"]
    assert [osm.recognises(Probe(Path("x"), f)) for f in formats] == [True, True, True, False, False]


def test_bounds_in_degrees_hold_every_corner_of_those_in_metres() -> None:
    from geo_policing.spatial.crs import to_lon_lat

    box = osm._Bounds(BOUNDS)
    e, n = np.meshgrid([BOUNDS[0], BOUNDS[2]], [BOUNDS[1], BOUNDS[3]])
    lon, lat = to_lon_lat(e.ravel(), n.ravel())
    assert box.touches([(-9.0, 60.0), (0.1, 52.2)])
    assert not box.touches([(-9.0, 60.0)])
    assert all(box.touches([point]) for point in zip(lon.tolist(), lat.tolist(), strict=True))


def test_ways_within_narrower_bounds_keep_their_own_points_and_tags(tmp_path: Path) -> None:
    ways = osm.read_ways(extract(tmp_path), BOUNDS, margin_m=osm.NETWORK_MARGIN_M)
    whole = ways.within(BOUNDS)
    assert whole.way_id.tolist() == osm.read_ways(extract(tmp_path), BOUNDS).way_id.tolist()
    for i, way in enumerate(whole.way_id.tolist()):
        at = ways.way_id.tolist().index(way)
        own, its = (slice(w.offset[j], w.offset[j + 1]) for w, j in ((whole, i), (ways, at)))
        assert whole.node_id[own].tolist() == ways.node_id[its].tolist()
        assert whole.lon_lat[own].tolist() == ways.lon_lat[its].tolist()
        assert whole.tags[i] == ways.tags[at]
    nowhere = ways.within((100_000.0, 900_000.0, 101_000.0, 901_000.0))
    assert len(nowhere) == 0
    assert nowhere.offset.tolist() == [0]
    assert len(nowhere.within(BOUNDS)) == 0
