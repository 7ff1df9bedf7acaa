"""The routable network: roads a car may use, cut at junctions, with what a search needs to know of each.

Made from the ways and controls of one road file (`datasets.osm`, `datasets.osm_controls`). Lengths are measured on the
National Grid, whose scale differs from the ground by less than 0.04% in England.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.datasets.contraction import Chains, join_chains
from geo_policing.datasets.findings import Finding, found
from geo_policing.datasets.osm import DRIVABLE, Ways
from geo_policing.datasets.osm_controls import SIGNALS, Controls, Restriction
from geo_policing.datasets.osm_tags import RoadRule, blocks_cars, read_rule
from geo_policing.datasets.road_settings import road_settings
from geo_policing.datasets.tables import Table
from geo_policing.errors import SourceError
from geo_policing.spatial.crs import to_easting_northing

NETWORK_TABLES = ("road_nodes", "road_edges", "road_points", "turn_bans", "walk_barriers")
_ATTRIBUTES = (
    "road_class", "forward", "backward", "limit_forward_kph", "limit_backward_kph", "dual", "slow_surface", "built_up",
)  # fmt: skip
_SWAPPED = {
    "forward": "backward",
    "backward": "forward",
    "limit_forward_kph": "limit_backward_kph",
    "limit_backward_kph": "limit_forward_kph",
}


class NoNetworkError(SourceError):
    """A sound file, but its roads make no network; a build without drive times is still a build."""


@dataclass(frozen=True)
class BuiltNetwork:
    """The network's tables, what was left out, and what the manifest says of it."""

    tables: Mapping[str, Table]
    dropped: tuple[Finding, ...]
    about: Mapping[str, Any]


@dataclass(frozen=True)
class _Edges:
    """Edges before they are joined; `points` of edge i are `point[first[i]:first[i + 1]]`."""

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    way: NDArray[np.int64]
    first: NDArray[np.int64]
    point: NDArray[np.int64]


@dataclass(frozen=True)
class _Nodes:
    """Graph nodes: the source's id and the way point that locates it."""

    node_id: NDArray[np.int64]
    point: NDArray[np.int64]


def no_network() -> BuiltNetwork:
    """The tables of a dataset whose sources have no roads."""
    return BuiltNetwork({name: Table.empty(name) for name in NETWORK_TABLES}, (), {})


def build_network(
    ways: Ways, controls: Controls, dwellings: tuple[NDArray[Any], NDArray[Any]] | None = None
) -> BuiltNetwork:
    """The network of `ways`; `dwellings` are easting and northing of live postcodes, which tell town from country.

    NoNetworkError where no way may be driven, or none of them forms a circuit that can be both reached and left.
    """
    rules, closed = _rules(ways)
    if not rules:
        raise NoNetworkError(
            "there is no road in it that a car may use",
            remedy="Use an extract with highway tags, such as osmnx's network_type='drive'.",
            file=ways.file,
        )
    easting, northing = to_easting_northing(ways.lon_lat[:, 0], ways.lon_lat[:, 1])
    xy = np.round(np.column_stack([easting, northing]), 2)
    nodes, edges = _cut(ways, sorted(rules), controls)
    edges = _without_specks(edges, xy)
    attributes = _attributes(rules, edges.way)
    bans, unplaced = _bans(ways, nodes, edges, attributes, controls.restrictions)
    keep = _protected(nodes, controls)
    keys = _keys(attributes)
    chains = join_chains(edges.a, edges.b, *keys, keep)
    made = _Maker(ways, xy, nodes, edges, attributes, chains, controls)
    tables, left_out = made.tables(bans, dwellings)
    unsupported = controls.unsupported_restrictions + unplaced
    return BuiltNetwork(tables, _findings(closed, left_out, unsupported), _about(tables, controls, unsupported))


def _rules(ways: Ways) -> tuple[dict[int, RoadRule], Counter[str]]:
    """The rule of each way that may be driven, by its place, and how many roads are closed to cars and why."""
    rules: dict[int, RoadRule] = {}
    closed: Counter[str] = Counter()
    for place, tags in enumerate(ways.tags):
        rule = read_rule(tags)
        if not rule.closed:
            rules[place] = rule
        elif tags.get("highway") in DRIVABLE or rule.closed != "not for cars":
            closed[rule.closed] += 1
    return rules, closed


def _cut(ways: Ways, open_ways: Sequence[int], controls: Controls) -> tuple[_Nodes, _Edges]:
    """Graph nodes at junctions, ends and controls; edges between them.

    A node with a barrier that no car passes becomes one node for each road end there, so that none is passed through.
    """
    place = np.concatenate([np.arange(ways.offset[w], ways.offset[w + 1]) for w in open_ways])
    owner = np.repeat(open_ways, ways.offset[np.array(open_ways) + 1] - ways.offset[open_ways])
    ids = ways.node_id[place].copy()
    # GraphML's points between ends carry no id; each is its own.
    ids[ids == 0] = np.iinfo(np.int64).min + np.flatnonzero(ids == 0)
    _, index, count = np.unique(ids, return_inverse=True, return_counts=True)
    at_start = np.concatenate([[True], owner[1:] != owner[:-1]])
    at_end = np.concatenate([at_start[1:], [True]])
    controlled = np.isin(ids, np.array(sorted(_control_ids(controls)), dtype=np.int64))
    breaks = np.flatnonzero(at_start | at_end | (count[index] > 1) | controlled)
    from_, to = breaks[:-1], breaks[1:]
    same = owner[from_] == owner[to]
    from_, to = from_[same], to[same]
    blocked = np.array([n for n, tags in controls.nodes.items() if blocks_cars(tags)], dtype=np.int64)
    ends = np.concatenate([from_, to])
    # A blocked end is told apart by its place in `ends`, every other by its node.
    apart = np.where(np.isin(ids[ends], blocked), np.arange(len(ends)) + 1, 0)
    keys, first_seen, node = np.unique(
        np.column_stack([ids[ends], apart]), axis=0, return_index=True, return_inverse=True
    )
    node = node.reshape(-1)
    sizes = to - from_ + 1
    first = np.concatenate([[0], np.cumsum(sizes)])
    within = np.arange(first[-1]) - np.repeat(first[:-1], sizes)
    points = place[np.repeat(from_, sizes) + within]
    edges = _Edges(node[: len(from_)], node[len(from_) :], owner[from_], first, points)
    return _Nodes(keys[:, 0], place[ends[first_seen]]), edges


def _control_ids(controls: Controls) -> set[int]:
    ids = {node for node, tags in controls.nodes.items() if blocks_cars(tags) or tags.get("highway") in SIGNALS}
    return ids | {restriction.via_node for restriction in controls.restrictions}


def _without_specks(edges: _Edges, xy: NDArray[Any]) -> _Edges:
    """The edges without rings of no length, which a doubled point makes."""
    length_m = _lengths(edges.first, xy[edges.point])
    kept = np.flatnonzero((length_m > 0) | (edges.a != edges.b))
    first, point = _take_ragged(edges.first, edges.point, kept)
    return _Edges(edges.a[kept], edges.b[kept], edges.way[kept], first, point)


def _attributes(rules: Mapping[int, RoadRule], way: NDArray[Any]) -> dict[str, NDArray[Any]]:
    places = np.array(sorted(rules))
    at = np.searchsorted(places, way)
    values = {name: np.array([getattr(rules[int(p)], name) for p in places]) for name in _ATTRIBUTES}
    return {name: column[at] for name, column in values.items()}


def _keys(attributes: Mapping[str, NDArray[Any]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers that are equal for edges alike: run from a to b, and run from b to a."""
    columns = [np.nan_to_num(attributes[name].astype(float), nan=-1.0) for name in _ATTRIBUTES]
    turned = [np.nan_to_num(attributes[_SWAPPED.get(n, n)].astype(float), nan=-1.0) for n in _ATTRIBUTES]
    both = np.vstack([np.column_stack(columns), np.column_stack(turned)])
    _, key = np.unique(both, axis=0, return_inverse=True)
    key = key.reshape(-1)
    return key[: len(columns[0])], key[len(columns[0]) :]


def _protected(nodes: _Nodes, controls: Controls) -> NDArray[np.bool_]:
    """Nodes at which edges are not joined: those with lights, a barrier or a restriction."""
    return np.isin(nodes.node_id, np.array(sorted(_control_ids(controls)), dtype=np.int64))


def _bans(
    ways: Ways,
    nodes: _Nodes,
    edges: _Edges,
    attributes: Mapping[str, NDArray[Any]],
    restrictions: Sequence[Restriction],
) -> tuple[list[tuple[int, bool, int, bool]], int]:
    """Banned turns as (edge, driven a to b, edge, driven a to b), and how many restrictions do not fit the roads."""
    vias = {r.via_node for r in restrictions}
    arriving: dict[int, list[tuple[int, bool]]] = {}
    departing: dict[int, list[tuple[int, bool]]] = {}
    for end, forward, backward in ((edges.a, False, True), (edges.b, True, False)):
        at_via = np.flatnonzero(np.isin(nodes.node_id[end], np.array(sorted(vias), dtype=np.int64)))
        for edge in at_via.tolist():
            node = int(nodes.node_id[end[edge]])
            if attributes["forward" if forward else "backward"][edge]:
                arriving.setdefault(node, []).append((edge, forward))
            if attributes["forward" if backward else "backward"][edge]:
                departing.setdefault(node, []).append((edge, backward))
    bans: set[tuple[int, bool, int, bool]] = set()
    unplaced = 0
    for r in restrictions:
        sources = [e for e in arriving.get(r.via_node, []) if ways.way_id[edges.way[e[0]]] == r.from_way]
        leaving = departing.get(r.via_node, [])
        targets = [e for e in leaving if ways.way_id[edges.way[e[0]]] == r.to_way]
        if not sources or not targets:
            unplaced += 1
            continue
        wrong = [e for e in leaving if e not in targets] if r.only else targets
        # A way that goes on beyond the node is both "from" and "to" of a no_u_turn; only turning back is banned then.
        turning_back = r.kind == "no_u_turn" and r.from_way == r.to_way
        bans |= {(*s, *t) for s in sources for t in wrong if not turning_back or s[0] == t[0]}
    return sorted(bans), unplaced


def _lengths(first: NDArray[Any], xy: NDArray[Any]) -> NDArray[np.float64]:
    steps = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    steps[first[:-1]] = 0
    return np.add.reduceat(steps, first[:-1]) if len(first) > 1 else np.empty(0)


def _take_ragged(
    first: NDArray[Any], values: NDArray[Any], rows: NDArray[Any]
) -> tuple[NDArray[np.int64], NDArray[Any]]:
    sizes = np.diff(first)[rows]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    index = np.arange(starts[-1]) - np.repeat(starts[:-1] - first[rows], sizes)
    return starts, values[index]


class _Maker:
    """Joins edges to chains and writes them as tables."""

    def __init__(
        self,
        ways: Ways,
        xy: NDArray[Any],
        nodes: _Nodes,
        edges: _Edges,
        attributes: Mapping[str, NDArray[Any]],
        chains: Chains,
        controls: Controls,
    ) -> None:
        self.ways, self.xy, self.nodes, self.edges, self.chains = ways, xy, nodes, edges, chains
        self.controls = controls
        self.lead = chains.edge[chains.first[:-1]]
        flipped = chains.flipped[chains.first[:-1]]
        self.attributes = {
            name: np.where(flipped, attributes[_SWAPPED.get(name, name)][self.lead], attributes[name][self.lead])
            for name in _ATTRIBUTES
        }

    def tables(
        self, bans: list[tuple[int, bool, int, bool]], dwellings: tuple[NDArray[Any], NDArray[Any]] | None
    ) -> tuple[dict[str, Table], dict[str, Any]]:
        """All five tables, and the count and length of what the core leaves out."""
        first, xy = self._points()
        used, node = np.unique(self._ends(), return_inverse=True)
        a, b = node[: len(first) - 1], node[len(first) - 1 :]
        length_m = _lengths(first, xy)
        node_core, edge_core = _core(len(used), a, b, self.attributes, length_m)
        if not node_core.any():
            raise NoNetworkError(
                "its roads form no network: from no road can one drive away and come back",
                remedy="Use an extract that joins up, such as a whole town's.",
                file=self.ways.file,
            )
        tables = {
            "road_nodes": self._node_table(used, node_core),
            "road_edges": self._edge_table(
                a, b, first, length_m, edge_core, road_settings(self.attributes, first, xy, dwellings)
            ),
            "road_points": Table.of("road_points", easting=xy[:, 0], northing=xy[:, 1]),
            "turn_bans": self._ban_table(bans),
            "walk_barriers": _barrier_table(self.controls),
        }
        out = ~edge_core
        return tables, {"edges": int(out.sum()), "km": float(length_m[out].sum() / 1000), "ways": self._way_ids(out)}

    def _points(self) -> tuple[NDArray[np.int64], NDArray[Any]]:
        """Points of the chains; where two edges meet the shared point stands once."""
        edges, chains = self.edges, self.chains
        sizes = np.diff(edges.first)[chains.edge]
        starts = np.concatenate([[0], np.cumsum(sizes)])
        within = np.arange(starts[-1]) - np.repeat(starts[:-1], sizes)
        size, flip = np.repeat(sizes, sizes), np.repeat(chains.flipped, sizes)
        index = np.repeat(edges.first[chains.edge], sizes) + np.where(flip, size - 1 - within, within)
        inner = np.ones(len(chains.edge), dtype=bool)
        inner[chains.first[:-1]] = False
        keep = ~((within == 0) & np.repeat(inner, sizes))
        per_edge = np.add.reduceat(keep, starts[:-1])
        first = np.concatenate([[0], np.cumsum(np.add.reduceat(per_edge, chains.first[:-1]))]).astype(np.int64)
        return first, self.xy[edges.point[index[keep]]]

    def _ends(self) -> NDArray[np.int64]:
        """The nodes where the chains begin, then those where they end."""
        flipped, first = self.chains.flipped, self.chains.first
        last = self.chains.edge[first[1:] - 1]
        begin = np.where(flipped[first[:-1]], self.edges.b[self.lead], self.edges.a[self.lead])
        end = np.where(flipped[first[1:] - 1], self.edges.a[last], self.edges.b[last])
        return np.concatenate([begin, end])

    def _way_ids(self, rows: NDArray[Any]) -> list[str]:
        return [str(way) for way in np.unique(self.ways.way_id[self.edges.way[self.lead[rows]]])]

    def _node_table(self, used: NDArray[Any], core: NDArray[Any]) -> Table:
        ids = self.nodes.node_id[used]
        xy = self.xy[self.nodes.point[used]]
        lit = [node for node, tags in self.controls.nodes.items() if tags.get("highway") in SIGNALS]
        # Points without an id of their own got a made-up one, which nobody should take for the source's.
        return Table.of(
            "road_nodes",
            node_id=np.where(ids < -(1 << 62), 0, ids),
            easting=xy[:, 0],
            northing=xy[:, 1],
            signals=np.isin(ids, np.array(lit, dtype=np.int64)),
            core=core,
        )

    def _edge_table(
        self,
        a: NDArray[Any],
        b: NDArray[Any],
        first: NDArray[Any],
        length_m: NDArray[Any],
        core: NDArray[Any],
        urban: NDArray[Any],
    ) -> Table:
        plain = {name: self.attributes[name] for name in _ATTRIBUTES if name != "built_up"}
        way_id = self.ways.way_id[self.edges.way[self.lead]]
        return Table.of(
            "road_edges",
            a=a,
            b=b,
            way_id=way_id,
            urban=urban,
            core=core,
            length_m=length_m,
            first_point=first[:-1],
            **plain,
        )

    def _ban_table(self, bans: list[tuple[int, bool, int, bool]]) -> Table:
        chain_of = np.empty(len(self.edges.a), dtype=np.int64)
        chain_of[self.chains.edge] = np.repeat(np.arange(len(self.chains)), np.diff(self.chains.first))
        turned = np.zeros(len(self.edges.a), dtype=bool)
        turned[self.chains.edge] = self.chains.flipped
        rows = sorted(
            (int(chain_of[f]), bool(ff != turned[f]), int(chain_of[t]), bool(tf != turned[t])) for f, ff, t, tf in bans
        )
        columns: list[tuple[Any, ...]] = list(zip(*rows, strict=True)) if rows else [()] * 4
        return Table.of(
            "turn_bans", from_edge=columns[0], from_forward=columns[1], to_edge=columns[2], to_forward=columns[3]
        )


def _core(
    node_count: int, a: NDArray[Any], b: NDArray[Any], attributes: Mapping[str, NDArray[Any]], length_m: NDArray[Any]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    from geo_policing.routing.components import largest_component

    forward, backward = attributes["forward"].astype(bool), attributes["backward"].astype(bool)
    tail, head = np.concatenate([a[forward], b[backward]]), np.concatenate([b[forward], a[backward]])
    weight = np.concatenate([length_m[forward], length_m[backward]])
    nodes = largest_component(node_count, tail, head, weight)
    return nodes, nodes[a] & nodes[b]


def _barrier_table(controls: Controls) -> Table:
    lines = []
    for _, points in controls.barriers:
        lon, lat = np.array(points).T
        lines.append(shapely.linestrings(np.round(np.column_stack(to_easting_northing(lon, lat)), 2)))
    return Table.of("walk_barriers", kind=[kind for kind, _ in controls.barriers], geometry=lines)


def _findings(closed: Counter[str], left_out: Mapping[str, Any], unsupported: int) -> tuple[Finding, ...]:
    notes = [
        Finding(f"roads that are {why}", count, "not part of the routable network")
        for why, count in sorted(closed.items())
    ]
    notes.append(
        Finding(
            "stretches of road outside the network's core",
            left_out["edges"],
            f"{left_out['km']:,.1f} km that cannot be both reached and left by road; kept for the map only",
            tuple(left_out["ways"][:5]),
        )
    )
    notes.append(
        Finding(
            "turn restrictions not used", unsupported, "they run over a way, or name roads that are not in the file"
        )
    )
    return found(notes)


def _about(tables: Mapping[str, Table], controls: Controls, unsupported: int) -> dict[str, Any]:
    edges, nodes = tables["road_edges"], tables["road_nodes"]
    core = edges["core"]
    return {
        "nodes": int(nodes["core"].sum()),
        "edges": int(core.sum()),
        "km": round(float(edges["length_m"][core].sum() / 1000), 1),
        "left_out_edges": int((~core).sum()),
        "left_out_km": round(float(edges["length_m"][~core].sum() / 1000), 1),
        "turn_bans": len(tables["turn_bans"]),
        "unsupported_restrictions": unsupported,
        "signals": int(nodes["signals"].sum()),
        "barriers": dict(sorted(Counter(kind for kind, _ in controls.barriers).items())),
    }
