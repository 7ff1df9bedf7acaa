"""How long from bases to everywhere: bounded searches from places on the road, and their answers at places on it.

The clock starts when the base's vehicle is on the road where the base is snapped to; at the other end the way on foot
from the road counts. Times are seconds; infinite means not within the limit, or no way at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo_policing.errors import InvalidInputError
from geo_policing.routing.costs import Costs
from geo_policing.routing.network import Network
from geo_policing.routing.snapping import NOWHERE, Snapped

Floats = NDArray[np.float64]
Labels = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Reach:
    """The answer of one search from one or many sources.

    `node_s` and `node_label` (the source's place in `sources`, -1 where not reached) are per node; `start_a_s[e]` is
    when one may set off along edge e from its node a, the turn into it done, `start_b_s[e]` from its node b.
    """

    network: Network
    costs: Costs
    sources: Snapped
    limit_s: float
    node_s: Floats
    node_label: Labels
    start_a_s: Floats
    start_b_s: Floats
    start_a_label: Labels
    start_b_label: Labels

    def on_road(self, snapped: Snapped) -> tuple[Floats, Labels]:
        """Seconds to places on the road, without the way on foot, and from which source (-1: not reached)."""
        edge, fraction = snapped.edge, snapped.fraction
        along_a = self.start_a_s[edge] + _part(self.costs.from_a_s[edge], fraction)
        along_b = self.start_b_s[edge] + _part(self.costs.from_b_s[edge], 1 - fraction)
        seconds = np.minimum(along_a, along_b)
        label = np.where(along_a <= along_b, self.start_a_label[edge], self.start_b_label[edge])
        for i in self._sources_on(edge):
            here = np.flatnonzero(edge == self.sources.edge[i])
            direct = _along(self.costs, self.sources, i, fraction[here])
            better = here[direct < seconds[here]]
            seconds[better], label[better] = direct[direct < seconds[here]], i
        lost = (edge == NOWHERE) | ~(seconds <= self.limit_s)
        seconds[lost], label[lost] = np.inf, -1
        return seconds, label.astype(np.int32)

    def at(self, snapped: Snapped) -> tuple[Floats, Labels]:
        """Seconds to points, the way on foot from the road included, and from which source (-1: not reached)."""
        seconds, label = self.on_road(snapped)
        total = seconds + snapped.walk_s
        lost = ~(total <= self.limit_s)
        total[lost], label[lost] = np.inf, -1
        return total, label

    @cached_property
    def rim_s(self) -> float:
        """When the search first met the network's rim, infinite if never: contours beyond are `truncated`."""
        return float(self.node_s[self.network.rim].min(initial=np.inf))

    def _sources_on(self, edge: NDArray[Any]) -> list[int]:
        return np.flatnonzero(np.isin(self.sources.edge, edge) & self.sources.found).tolist()


def search(network: Network, costs: Costs, sources: Snapped, *, limit_s: float = np.inf) -> Reach:
    """Search from `sources`, each with time 0 on its own place on the road; no sources reach nothing.

    InvalidInputError where a source is nowhere, or `limit_s` is negative or not a number.
    """
    _check(sources, limit_s)
    if costs.has_turns:
        return _search_with_turns(network, costs, sources, limit_s)
    from geo_policing.routing._search import search_nodes

    node_s, label = search_nodes(
        costs.first, costs.head, costs.cost_s, *_node_seeds(network, costs, sources), float(limit_s)
    )
    a, b = network.edge_a, network.edge_b
    return Reach(network, costs, sources, limit_s, node_s, label, node_s[a], node_s[b], label[a], label[b])


def nearest_two(network: Network, costs: Costs, sources: Snapped, *, limit_s: float = np.inf) -> tuple[Floats, Labels]:
    """Seconds to each node from its nearest and next nearest source, and which they are: two arrays of (node, 2).

    Turns are minded as in `search`. Two sources at one place are two; where there is only one source the second is
    (inf, -1).
    """
    _check(sources, limit_s)
    from geo_policing.routing._search import search_two, search_two_states

    if costs.has_turns:
        turns = costs.turns
        seeds = _half_seeds(costs, sources)
        end, label = search_two_states(turns.first, turns.after, turns.seconds, _state_s(costs), *seeds, float(limit_s))
        return _two_by_node(_heads(network)[turns.half], network.node_count, end, label)
    return search_two(costs.first, costs.head, costs.cost_s, *_node_seeds(network, costs, sources), float(limit_s))


def matrix(network: Network, costs: Costs, sources: Snapped, targets: Snapped, *, limit_s: float = np.inf) -> Floats:
    """Seconds from each source (row) to each target (column), the way on foot at the target included.

    Infinite where there is no way, or either is nowhere.
    """
    out = np.full((len(sources), len(targets)), np.inf)
    for i in np.flatnonzero(sources.found):
        out[i] = search(network, costs, sources.take(np.array([i])), limit_s=limit_s).at(targets)[0]
    return out


def _check(sources: Snapped, limit_s: float) -> None:
    if not limit_s >= 0:
        raise InvalidInputError(f"a limit of {limit_s} seconds is not 0 or more.", field="minutes")
    if not sources.found.all():
        raise InvalidInputError("a base has no road within reach to start from.", field="base")


def _search_with_turns(network: Network, costs: Costs, sources: Snapped, limit_s: float) -> Reach:
    from geo_policing.routing._search import search_halves

    turns = costs.turns
    found = search_halves(
        turns.first, turns.after, turns.seconds, _state_s(costs), *_half_seeds(costs, sources), float(limit_s)
    )
    end, end_label = _by_half(network, turns.half, *found[:2])
    start, start_label = _by_half(network, turns.half, *found[2:])
    node_s, node_label = _node_times(network, end, end_label)
    return Reach(
        network, costs, sources, limit_s, node_s, node_label,
        start[0::2], start[1::2], start_label[0::2], start_label[1::2],
    )  # fmt: skip


def _state_s(costs: Costs) -> Floats:
    """Seconds along the half-edge of each state."""
    cost = np.empty(2 * len(costs.from_a_s))
    cost[0::2], cost[1::2] = costs.from_a_s, costs.from_b_s
    return np.asarray(cost[costs.turns.half])


def _half_seeds(costs: Costs, sources: Snapped) -> tuple[NDArray[np.int64], Floats, Labels]:
    """From each source both ways along its edge, to the end of the half-edge."""
    edge, fraction = sources.edge.astype(np.int64), sources.fraction
    seconds = np.concatenate([_part(costs.from_a_s[edge], 1 - fraction), _part(costs.from_b_s[edge], fraction)])
    return np.concatenate([2 * edge, 2 * edge + 1]), seconds, np.tile(np.arange(len(sources), dtype=np.int32), 2)


def _by_half(network: Network, half: Labels, seconds: Floats, label: Labels) -> tuple[Floats, Labels]:
    """The least of each half-edge's states: however one came to be on it, along it one drives the same."""
    count = 2 * network.edge_count
    others = np.arange(count, len(half))
    # The last write to a half-edge stays, so the earliest is written last.
    others = others[np.argsort(-seconds[others], kind="stable")]
    others = others[seconds[others] < seconds[half[others]]]
    out_s, out_label = seconds[:count].copy(), label[:count].copy()
    out_s[half[others]], out_label[half[others]] = seconds[others], label[others]
    return out_s, out_label


def _heads(network: Network) -> NDArray[np.int64]:
    """The node at the end of each half-edge."""
    head = np.empty(2 * network.edge_count, np.int64)
    head[0::2], head[1::2] = network.edge_b, network.edge_a
    return head


def _two_by_node(node: NDArray[Any], count: int, seconds: Floats, label: Labels) -> tuple[Floats, Labels]:
    """Of all that arrives at each node (arrivals by two) the first, and the first with another label."""
    out_s, out_label = np.full((count, 2), np.inf), np.full((count, 2), -1, dtype=np.int32)
    node, seconds, label = np.repeat(node, 2), seconds.ravel(), label.ravel()
    order = np.lexsort((-label, -seconds))
    order = order[label[order] >= 0]
    for slot in (0, 1):
        # The last write to a node stays: the earliest, of equals the one with the lowest label.
        out_s[node[order], slot], out_label[node[order], slot] = seconds[order], label[order]
        order = order[label[order] != out_label[node[order], 0]]
    return out_s, out_label


def _node_times(network: Network, end: Floats, label: Labels) -> tuple[Floats, Labels]:
    """A node is reached when the first half-edge that arrives there is at its end."""
    head = _heads(network)
    # The last write to a node stays, so the earliest arrival is written last.
    order = np.argsort(-end, kind="stable")
    node_s, node_label = np.full(network.node_count, np.inf), np.full(network.node_count, -1, np.int32)
    node_s[head[order]], node_label[head[order]] = end[order], label[order]
    return node_s, node_label


def _node_seeds(network: Network, costs: Costs, sources: Snapped) -> tuple[Labels, Floats, Labels]:
    edge, fraction = sources.edge, sources.fraction
    nodes = np.concatenate([network.edge_b[edge], network.edge_a[edge]])
    seconds = np.concatenate([_part(costs.from_a_s[edge], 1 - fraction), _part(costs.from_b_s[edge], fraction)])
    return nodes.astype(np.int32), seconds, np.tile(np.arange(len(sources), dtype=np.int32), 2)


def _part(seconds: Floats, fraction: Floats) -> Floats:
    """A part of an edge's seconds. No part of an edge that may not be driven takes no time only at its end."""
    return np.where(np.isfinite(seconds), np.where(np.isfinite(seconds), seconds, 0.0) * fraction, np.inf)


def _along(costs: Costs, sources: Snapped, source: int, fraction: Floats) -> Floats:
    """Seconds from a source to places on its own edge without leaving it."""
    edge, ahead = sources.edge[source], fraction - sources.fraction[source]
    seconds = np.where(ahead >= 0, costs.from_a_s[edge], costs.from_b_s[edge])
    # Standing still takes no time, whichever way the road runs.
    return np.where(ahead == 0, 0.0, _part(seconds, np.abs(ahead)))
