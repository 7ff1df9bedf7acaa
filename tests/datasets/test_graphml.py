"""Street graphs as OSMnx writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo_policing.datasets import osm
from geo_policing.datasets.discover import Probe
from geo_policing.datasets.graphml import Edge, read_edges
from geo_policing.errors import SourceError

HEAD = """<?xml version='1.0' encoding='utf-8'?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="d6" for="edge" attr.name="geometry" attr.type="string" />
  <key id="d5" for="edge" attr.name="name" attr.type="string" />
  <key id="d4" for="edge" attr.name="highway" attr.type="string" />
  <key id="d3" for="edge" attr.name="osmid" attr.type="string" />
  <key id="d2" for="node" attr.name="x" attr.type="string" />
  <key id="d1" for="node" attr.name="y" attr.type="string" />
  <key id="d0" for="graph" attr.name="crs" attr.type="string" />
  <graph edgedefault="directed">
    <data key="d0">{crs}</data>
    <node id="1"><data key="d1">52.200</data><data key="d2">0.100</data></node>
    <node id="2"><data key="d1">52.201</data><data key="d2">0.101</data></node>
"""
TAIL = "  </graph>\n</graphml>\n"


def edge(source: int, target: int, osmid: str, highway: str = "residential", name: str = "", line: str = "") -> str:
    data = f'<data key="d3">{osmid}</data><data key="d4">{highway}</data>'
    data += f'<data key="d5">{name}</data>' if name else ""
    data += f'<data key="d6">{line}</data>' if line else ""
    return f'    <edge source="{source}" target="{target}" id="0">{data}</edge>\n'


def written(tmp_path: Path, *edges: str, crs: str = "epsg:4326", tail: str = TAIL) -> Path:
    path = tmp_path / "city.graphml"
    path.write_text(HEAD.format(crs=crs) + "".join(edges) + tail)
    return path


def read(path: Path) -> list[Edge]:
    return list(read_edges(path))


def test_an_edge_has_its_tags_nodes_and_line(tmp_path: Path) -> None:
    line = "LINESTRING (0.1 52.2, 0.1005 52.2, 0.101 52.201)"
    (found,) = read(written(tmp_path, edge(1, 2, "77", name="Mill Road", line=line)))
    assert found == (
        77,
        {"highway": "residential", "name": "Mill Road"},
        [1, 0, 2],
        [(0.1, 52.2), (0.1005, 52.2), (0.101, 52.201)],
    )


def test_an_edge_without_a_line_is_straight(tmp_path: Path) -> None:
    (found,) = read(written(tmp_path, edge(1, 2, "77")))
    assert found[2:] == ([1, 2], [(0.1, 52.2), (0.101, 52.201)])


def test_the_way_back_is_the_same_road(tmp_path: Path) -> None:
    assert len(read(written(tmp_path, edge(1, 2, "77"), edge(2, 1, "77")))) == 1


def test_another_road_between_the_same_nodes_is_another(tmp_path: Path) -> None:
    bend = "LINESTRING (0.1 52.2, 0.2 52.2, 0.101 52.201)"
    assert len(read(written(tmp_path, edge(1, 2, "77"), edge(1, 2, "78"), edge(1, 2, "77", line=bend)))) == 3


def test_an_edge_of_several_ways_has_all_their_names(tmp_path: Path) -> None:
    joined = edge(1, 2, "[9, 5]", "['tertiary', 'service']", "[\"St Andrew's Street\", 'King Street']")
    (found,) = read(written(tmp_path, joined))
    assert found[:2] == (5, {"highway": "tertiary", "name": "St Andrew's Street;King Street"})


def test_roads_come_from_it_as_from_any_other_form(tmp_path: Path) -> None:
    path = written(tmp_path, edge(1, 2, "77", name="Mill Road"), edge(1, 2, "78", "proposed"))
    roads = osm.read_roads([Probe(path, "graphml")], (530_000, 240_000, 560_000, 280_000))
    assert roads.table["name"].tolist() == ["Mill Road"]


def test_a_projected_graph_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"city\.graphml, field crs: the graph is in 'epsg:32631'"):
        read(written(tmp_path, edge(1, 2, "77"), crs="epsg:32631"))


@pytest.mark.parametrize(
    "broken",
    [
        edge(1, 99, "77"),
        edge(1, 2, "seven"),
        edge(1, 2, "[9, "),
        edge(1, 2, "[9, }]"),
        edge(1, 2, "77", line="LINESTRING (0.1"),
        "<edge",
        '<edge source="1" target="2"/>',
    ],
)
def test_a_damaged_graph_is_named(tmp_path: Path, broken: str) -> None:
    with pytest.raises(SourceError, match=r"city\.graphml: it cannot be read as a street graph"):
        read(written(tmp_path, broken))


def test_a_truncated_graph_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read as a street graph"):
        read(written(tmp_path, edge(1, 2, "77"), tail=""))
