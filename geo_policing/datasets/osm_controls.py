"""What a road file says beside its roads: gates and signals on them, turns that are banned, and what stops a walker.

An `.osm.pbf` or Overpass reply may have all three, a GraphML graph only signals. What is not in the file is simply
not there: `Controls` then has empty parts, and the build says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from geo_policing.datasets.discover import GRAPHML, OVERPASS, Probe
from geo_policing.errors import SourceError

NODE_KEYS = ("highway", "barrier")
SIGNALS = frozenset({"traffic_signals"})
RAILWAYS = frozenset({"rail", "light_rail", "subway"})
WATERWAYS = frozenset({"river", "canal"})
"""Streams and ditches are left out: many are culverted or a plank wide, and nothing in the tags tells which."""


@dataclass(frozen=True)
class Restriction:
    """A banned or prescribed turn: from way, over a node or over ways, to way. `kind` is OSM's, as no_left_turn.

    Over ways, `via_ways` names them in any order, and `via_node` says nothing.
    """

    kind: str
    from_way: int
    via_node: int
    to_way: int
    via_ways: tuple[int, ...] = ()

    @property
    def only(self) -> bool:
        """True where every other turn is banned instead."""
        return self.kind.startswith("only_")


@dataclass(frozen=True)
class Controls:
    """Node tags by node id, restrictions, and lines (lon/lat) that nobody walks across, each with its kind."""

    nodes: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    restrictions: tuple[Restriction, ...] = ()
    barriers: tuple[tuple[str, tuple[tuple[float, float], ...]], ...] = ()
    unsupported_restrictions: int = 0
    """Relations with members missing, or over nodes and ways at once."""


def read_controls(probe: Probe) -> Controls:
    """The controls of one road file; SourceError where it is damaged."""
    if probe.format == GRAPHML:
        return _read_graphml(probe.path)
    if probe.format == OVERPASS:
        return _read_overpass(probe.path)
    return _read_extract(probe.path)


def _read_extract(path: Path) -> Controls:
    import osmium

    nodes: dict[int, Mapping[str, str]] = {}
    relations: list[tuple[Mapping[str, str], list[tuple[str, str, int]]]] = []
    try:
        entities = osmium.osm.NODE | osmium.osm.RELATION
        wanted = osmium.FileProcessor(str(path), entities).with_filter(
            osmium.filter.KeyFilter(*NODE_KEYS, "restriction", "restriction:motorcar")
        )
        for thing in wanted:
            tags = {tag.k: tag.v for tag in thing.tags}
            if isinstance(thing, osmium.osm.Node):
                nodes[thing.id] = tags
            elif isinstance(thing, osmium.osm.Relation):
                relations.append((tags, [(m.type, m.role, m.ref) for m in thing.members]))
        restrictions, unsupported = _restrictions(relations)
        return Controls(_relevant(nodes), restrictions, tuple(_extract_barriers(path)), unsupported)
    except (RuntimeError, ValueError) as error:
        raise _damaged(path, error) from error


def _extract_barriers(path: Path) -> Iterator[tuple[str, tuple[tuple[float, float], ...]]]:
    import osmium

    ways = (
        osmium.FileProcessor(str(path))
        .with_locations()
        .with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
        .with_filter(osmium.filter.KeyFilter("waterway", "railway"))
    )
    for way in ways:
        if not isinstance(way, osmium.osm.Way):
            continue
        kind = _barrier_kind({tag.k: tag.v for tag in way.tags})
        points = tuple((n.lon, n.lat) for n in way.nodes if n.location.valid())
        if kind and len(points) > 1:
            yield kind, points


def _read_overpass(path: Path) -> Controls:
    import orjson

    try:
        elements = orjson.loads(path.read_bytes())["elements"]
        nodes = {e["id"]: e["tags"] for e in elements if e["type"] == "node" and "tags" in e}
        places = {e["id"]: (e["lon"], e["lat"]) for e in elements if e["type"] == "node" and "lon" in e}
        relations = [
            (e.get("tags", {}), [(m["type"][0], m.get("role", ""), m["ref"]) for m in e.get("members", [])])
            for e in elements
            if e["type"] == "relation"
        ]
        barriers = []
        for element in elements:
            kind = _barrier_kind(element.get("tags", {})) if element["type"] == "way" else ""
            points = tuple(places[ref] for ref in element.get("nodes", []) if ref in places) if kind else ()
            if len(points) > 1:
                barriers.append((kind, points))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(path, error) from error
    restrictions, unsupported = _restrictions(relations)
    return Controls(_relevant(nodes), restrictions, tuple(barriers), unsupported)


def _read_graphml(path: Path) -> Controls:
    """Only the ends of edges are nodes there, and of their tags only highway is kept by OSMnx."""
    namespace = "{http://graphml.graphdrawing.org/xmlns}"
    highway_key = ""
    nodes: dict[int, Mapping[str, str]] = {}
    try:
        # The parser is expat, which loads nothing external and limits how far entities may grow.
        for _, element in ElementTree.iterparse(path):  # noqa: S314
            if element.tag == f"{namespace}key" and element.get("for") == "node":
                highway_key = element.get("id", "") if element.get("attr.name") == "highway" else highway_key
            elif element.tag == f"{namespace}node":
                found = [d.text or "" for d in element if d.get("key") == highway_key]
                if found:
                    nodes[int(element.get("id", ""))] = {"highway": found[0]}
    except (ElementTree.ParseError, ValueError) as error:
        raise _damaged(path, error) from error
    return Controls(_relevant(nodes))


def _relevant(nodes: Mapping[int, Mapping[str, str]]) -> dict[int, Mapping[str, str]]:
    return {key: tags for key, tags in nodes.items() if "barrier" in tags or tags.get("highway") in SIGNALS}


def _barrier_kind(tags: Mapping[str, str]) -> str:
    """ "river" or "railway" where nobody walks across, '' elsewhere; what runs in a tunnel stops nobody."""
    if tags.get("tunnel", "no") not in ("no", "building_passage"):
        return ""
    if tags.get("waterway") in WATERWAYS:
        return "river"
    return "railway" if tags.get("railway") in RAILWAYS else ""


def _restrictions(
    relations: Iterable[tuple[Mapping[str, str], list[tuple[str, str, int]]]],
) -> tuple[tuple[Restriction, ...], int]:
    read: list[Restriction] = []
    unsupported = 0
    for tags, members in relations:
        kind = tags.get("restriction:motorcar", tags.get("restriction", ""))
        if not kind.startswith(("no_", "only_")) or tags.get("type", "restriction") != "restriction":
            continue
        if {"motorcar", "motor_vehicle", "vehicle"} & set(tags.get("except", "").replace(" ", "").split(";")):
            continue
        by_role: dict[str, list[tuple[str, int]]] = {}
        for member_type, role, ref in members:
            by_role.setdefault(role, []).append((member_type, ref))
        over = _over(by_role.get("via", []))
        if over is None or not by_role.get("from") or not by_role.get("to"):
            unsupported += 1
            continue
        read += [
            Restriction(kind, from_way, over[0], to_way, over[1])
            for kind_from, from_way in by_role["from"]
            for kind_to, to_way in by_role["to"]
            if kind_from == kind_to == "w"
        ]
    return tuple(read), unsupported


def _over(via: list[tuple[str, int]]) -> tuple[int, tuple[int, ...]] | None:
    """(node, ()) for one node, (0, ways) for one way or more, None for anything else."""
    if len(via) == 1 and via[0][0] == "n":
        return via[0][1], ()
    if via and all(kind == "w" for kind, _ in via):
        return 0, tuple(dict.fromkeys(ref for _, ref in via))
    return None


def _damaged(path: Path, error: Exception) -> SourceError:
    return SourceError(
        f"it cannot be read as OpenStreetMap data ({error})",
        remedy="It is cut off or damaged; download it again.",
        file=path,
    )
