"""Turn restrictions laid over the edges: which turns, and which drives over several edges, are not allowed.

As OSM defines `type=restriction`: from a way, over a node or over one or more ways, to a way. What a restriction
prescribes ("only_…") becomes a ban of everything else, so that a search knows bans alone. A restriction over ways
holds for whoever comes from its `from` and drives all of them; whoever joins on the way is not concerned.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo_policing.datasets.network_edges import Edges, Nodes
from geo_policing.datasets.osm import Ways
from geo_policing.datasets.osm_controls import Restriction

Half = tuple[int, bool]
"""An edge, and whether it is driven from its a to its b."""
MAX_VIA_EDGES = 200
"""A restriction over ways with more edges than this is no restriction of a junction, and is not used."""
_MAX_STEPS = 20_000


@dataclass(frozen=True)
class BannedDrives:
    """Drives over two edges or more that are not allowed, ordered, and how many restrictions do not fit the roads."""

    drives: tuple[tuple[Half, ...], ...]
    unplaced: int


def meeting_nodes(ways: Ways, restrictions: Sequence[Restriction]) -> set[int]:
    """Ids of the nodes where the ways of one restriction over ways meet: edges must not be joined there."""
    concerned = [r for r in restrictions if r.via_ways]
    named = {way for r in concerned for way in _ways_of(r)}
    nodes: dict[int, set[int]] = {}
    for place in np.flatnonzero(np.isin(ways.way_id, np.array(sorted(named), dtype=np.int64))).tolist():
        ids = ways.node_id[ways.offset[place] : ways.offset[place + 1]].tolist()
        nodes.setdefault(int(ways.way_id[place]), set()).update(node for node in ids if node)
    meeting: set[int] = set()
    for r in concerned:
        held = Counter(node for way in set(_ways_of(r)) for node in nodes.get(way, ()))
        meeting |= {node for node, count in held.items() if count > 1}
    return meeting


def banned_drives(
    ways: Ways,
    nodes: Nodes,
    edges: Edges,
    attributes: Mapping[str, NDArray[Any]],
    restrictions: Sequence[Restriction],
) -> BannedDrives:
    """The drives that `restrictions` ban."""
    roads = _Roads(ways, nodes, edges, attributes, restrictions)
    banned: set[tuple[Half, ...]] = set()
    unplaced = 0
    for restriction in restrictions:
        found = _over_ways(roads, restriction) if restriction.via_ways else _over_node(roads, restriction)
        if found is None:
            unplaced += 1
        else:
            banned |= found
    return BannedDrives(tuple(sorted(banned)), unplaced)


class _Roads:
    """The edges around restrictions as a driver meets them: what arrives at each node, and what leaves it."""

    def __init__(
        self,
        ways: Ways,
        nodes: Nodes,
        edges: Edges,
        attributes: Mapping[str, NDArray[Any]],
        restrictions: Sequence[Restriction],
    ) -> None:
        self._edges = edges
        self._way_of_edge = ways.way_id[edges.way]
        self.arriving: dict[int, list[Half]] = {}
        self.departing: dict[int, list[Half]] = {}
        self.nodes_of: dict[int, list[int]] = {}
        vias = np.array(sorted({r.via_node for r in restrictions if not r.via_ways}), dtype=np.int64)
        via_ways = np.array(sorted({way for r in restrictions for way in r.via_ways}), dtype=np.int64)
        over = np.isin(self._way_of_edge, via_ways)
        near = np.isin(nodes.node_id, vias)
        near[edges.a[over]] = near[edges.b[over]] = True
        for node in np.flatnonzero(near).tolist():
            self.nodes_of.setdefault(int(nodes.node_id[node]), []).append(node)
        self.of_way: dict[int, list[int]] = {}
        for edge in np.flatnonzero(over).tolist():
            self.of_way.setdefault(int(self._way_of_edge[edge]), []).append(edge)
        ends = (edges.a, attributes["backward"], attributes["forward"]), (
            edges.b, attributes["forward"], attributes["backward"],
        )  # fmt: skip
        for at_b, (end, arrives, departs) in enumerate(ends):
            for edge in np.flatnonzero(near[end]).tolist():
                if arrives[edge]:
                    self.arriving.setdefault(int(end[edge]), []).append((edge, bool(at_b)))
                if departs[edge]:
                    self.departing.setdefault(int(end[edge]), []).append((edge, not at_b))

    def way(self, half: Half) -> int:
        """The id of the way that an edge is part of."""
        return int(self._way_of_edge[half[0]])

    def head(self, half: Half) -> int:
        """The node where an edge so driven ends."""
        return int((self._edges.b if half[1] else self._edges.a)[half[0]])


def _over_node(roads: _Roads, restriction: Restriction) -> set[tuple[Half, ...]] | None:
    at = roads.nodes_of.get(restriction.via_node, [])
    # A node that stops cars stands here once a road end, and is one place all the same.
    arriving = [half for node in at for half in roads.arriving.get(node, ())]
    leaving = [half for node in at for half in roads.departing.get(node, ())]
    sources = [half for half in arriving if roads.way(half) == restriction.from_way]
    targets = [half for half in leaving if roads.way(half) == restriction.to_way]
    if not sources or not targets:
        return None
    wrong = [half for half in leaving if half not in targets] if restriction.only else targets
    # A way that goes on beyond the node is both "from" and "to" of a no_u_turn; only turning back is banned then.
    turning_back = restriction.kind == "no_u_turn" and restriction.from_way == restriction.to_way
    return {(s, t) for s in sources for t in wrong if not turning_back or s[0] == t[0]}


def _over_ways(roads: _Roads, restriction: Restriction) -> set[tuple[Half, ...]] | None:
    via = {edge for way in restriction.via_ways for edge in roads.of_way.get(way, ())}
    if not 0 < len(via) <= MAX_VIA_EDGES:
        return None
    drives = list(_drives(roads, restriction, via))
    if not drives:
        return None
    # Over the whole of the ways, where it can be; else (a roundabout, a way that runs on) the shortest.
    whole = [drive for drive in drives if {edge for edge, _ in drive[1:]} == via]
    least = min(len(drive) for drive in drives)
    banned: set[tuple[Half, ...]] = set()
    for drive in whole or [drive for drive in drives if len(drive) == least]:
        leaving = roads.departing.get(roads.head(drive[-1]), [])
        targets = [half for half in leaving if roads.way(half) == restriction.to_way]
        wrong = [half for half in leaving if half not in targets] if restriction.only else targets
        banned |= {(*drive, half) for half in wrong}
    return banned


def _drives(roads: _Roads, restriction: Restriction, via: set[int]) -> Iterator[tuple[Half, ...]]:
    """Every drive from the `from` way over all of the via ways, none of their edges twice, to where `to` leaves."""
    needed = set(restriction.via_ways)
    starts = {
        half
        for edge in via
        for end in (roads.head((edge, True)), roads.head((edge, False)))
        for half in roads.arriving.get(end, ())
        if roads.way(half) == restriction.from_way and half[0] not in via
    }
    waiting: list[tuple[Half, ...]] = [(half,) for half in sorted(starts, reverse=True)]
    for _ in range(_MAX_STEPS):
        if not waiting:
            return
        drive = waiting.pop()
        leaving = roads.departing.get(roads.head(drive[-1]), [])
        over = {roads.way(half) for half in drive[1:]}
        if over == needed and any(roads.way(half) == restriction.to_way and half[0] not in via for half in leaving):
            yield drive
        used = {edge for edge, _ in drive}
        waiting += [(*drive, half) for half in leaving if half[0] in via and half[0] not in used]


def _ways_of(restriction: Restriction) -> tuple[int, ...]:
    return (restriction.from_way, *restriction.via_ways, restriction.to_way)
