"""A street graph that OSMnx wrote as GraphML, back into stretches of road.

Edges are directed and may join several ways: one that runs both ways stands in the file twice, and is read once.
Attributes are Python values as text ("[1, 2]", "['A10', 'A14']", "True").
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import shapely

from geo_policing.errors import SourceError

_NS = "{http://graphml.graphdrawing.org/xmlns}"
_WGS84 = {"epsg:4326", "ogc:crs84", "4326"}
_KEPT = ("highway", "name", "ref", "maxspeed", "oneway", "junction", "access", "lanes", "bridge", "tunnel", "service")

Edge = tuple[int, dict[str, str], list[int], list[tuple[float, float]]]


def read_edges(path: Path) -> Iterator[Edge]:
    """Each stretch of road once: (way id, tags as text, node ids, lon/lat points).

    Of an edge that joins several ways the lowest id is given, its first highway, and its names divided by ";". Only
    the ends of an edge are nodes of the graph; the points between have node id 0. SourceError for a damaged file, a
    graph that is not in WGS 84, and an edge between unknown nodes.
    """
    keys: dict[str, str] = {}
    nodes: dict[str, tuple[float, float]] = {}
    seen: set[tuple[int, frozenset[tuple[float, float]]]] = set()
    try:
        # The parser is expat, which loads nothing external and limits how far entities may grow.
        for _, element in ElementTree.iterparse(path):  # noqa: S314
            if element.tag == f"{_NS}key":
                keys[element.get("id", "")] = element.get("attr.name", "")
            elif element.tag == f"{_NS}node":
                data = _data(element, keys)
                nodes[element.get("id", "")] = (float(data["x"]), float(data["y"]))
                element.clear()
            elif element.tag == f"{_NS}data" and keys.get(element.get("key", "")) == "crs":
                _check_crs(path, element.text or "")
            elif element.tag == f"{_NS}edge":
                edge = _edge(element, keys, nodes)
                mark = (edge[0], frozenset(edge[3]))
                element.clear()
                if mark not in seen:
                    seen.add(mark)
                    yield edge
    except (ElementTree.ParseError, KeyError, ValueError, SyntaxError, shapely.errors.ShapelyError) as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(
            f"it cannot be read as a street graph ({error})",
            remedy="It is cut off, damaged, or not by OSMnx; write it again with osmnx.save_graphml.",
            file=path,
        ) from error


def _edge(element: Any, keys: dict[str, str], nodes: dict[str, tuple[float, float]]) -> Edge:
    data = _data(element, keys)
    source, target = element.get("source", ""), element.get("target", "")
    ends = [nodes[source], nodes[target]]
    points = (
        [(float(x), float(y)) for x, y in shapely.from_wkt(data["geometry"]).coords] if "geometry" in data else ends
    )
    ways = [int(value) for value in _values(data["osmid"])]
    tags = {name: ";".join(dict.fromkeys(_values(data[name]))) for name in _KEPT if name in data}
    tags["highway"] = tags.get("highway", "").split(";")[0]
    return min(ways), tags, [int(source), *[0] * (len(points) - 2), int(target)], points


def _data(element: Any, keys: dict[str, str]) -> dict[str, str]:
    return {keys.get(data.get("key"), ""): data.text or "" for data in element.findall(f"{_NS}data")}


def _values(text: str) -> list[str]:
    """The parts of an attribute that OSMnx may have written as a list."""
    if text.startswith("[") and text.endswith("]"):
        return [str(value) for value in ast.literal_eval(text)]
    return [text]


def _check_crs(path: Path, text: str) -> None:
    if text.strip().casefold() not in _WGS84:
        raise SourceError(
            f"the graph is in {text.strip()!r}, not in longitude and latitude",
            remedy="Save it before projecting it, or project it back to EPSG:4326.",
            file=path,
            field="crs",
        )
