"""What each edge costs in seconds, in one direction of search and for one way of driving.

An inbound search (how long from everywhere to here) is an outbound one on roads turned round. So everything that
follows speaks of half-edges as if driving outwards: half-edge 2e leaves edge e's node a, half-edge 2e + 1 its node b;
for an inbound search the seconds of the two are exchanged, and bans are turned round.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo_policing.routing.network import Network
from geo_policing.routing.speeds import Profile, SpeedTable
from geo_policing.routing.turns import Turns, make_turns


class Direction(StrEnum):
    """Which way is driven: from the bases outwards, or to them."""

    OUTBOUND = "outbound"
    INBOUND = "inbound"


@dataclass(frozen=True, eq=False)
class Costs:
    """Seconds of half-edges and the graph that a search runs on.

    `from_a_s[e]` is the time from a to b, `from_b_s[e]` back; infinite where one may not drive so. The half-edges that
    leave node n are `half[first[n]:first[n + 1]]`, to node `head` in `cost_s`, each kept only where it can be driven.
    `turns` says which may follow which; where turns are not minded it is empty.
    """

    profile: Profile
    direction: Direction
    from_a_s: NDArray[np.float64]
    from_b_s: NDArray[np.float64]
    first: NDArray[np.int32]
    half: NDArray[np.int32]
    head: NDArray[np.int32]
    cost_s: NDArray[np.float64]
    turns: Turns

    @property
    def has_turns(self) -> bool:
        """True where the search minds turns."""
        return len(self.turns) > 0


def make_costs(
    network: Network,
    speeds: SpeedTable,
    *,
    profile: Profile = Profile.NORMAL,
    direction: Direction = Direction.OUTBOUND,
    turns: bool | None = None,
) -> Costs:
    """The costs of `network`; `turns` None minds them where the network has any."""
    ahead_s, behind_s = (
        _seconds(network, speeds, profile, limit, allowed)
        for limit, allowed in (
            (network.limit_forward_kph, network.forward),
            (network.limit_backward_kph, network.backward),
        )
    )
    inbound = direction is Direction.INBOUND
    from_a, from_b = (behind_s, ahead_s) if inbound else (ahead_s, behind_s)
    first, half, head, cost = _adjacency(network, from_a, from_b)
    minded = network.has_turns if turns is None else turns
    table = make_turns(network, first, half, head, inbound=inbound) if minded else Turns.none()
    return Costs(profile, direction, from_a, from_b, first, half, head, cost, table)


def _seconds(
    network: Network, speeds: SpeedTable, profile: Profile, limit: NDArray[Any], allowed: NDArray[Any]
) -> NDArray[np.float64]:
    kph = speeds.kph(
        road_class=network.road_class,
        urban=network.urban,
        limit_kph=limit,
        dual=network.dual,
        slow_surface=network.slow_surface,
        profile=profile,
    )
    return np.where(allowed, network.length_m / kph * 3.6, np.inf)


def _adjacency(
    network: Network, from_a: NDArray[Any], from_b: NDArray[Any]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    cost = np.empty(2 * network.edge_count)
    cost[0::2], cost[1::2] = from_a, from_b
    tail, head = np.empty(len(cost), np.int32), np.empty(len(cost), np.int32)
    tail[0::2], tail[1::2] = network.edge_a, network.edge_b
    head[0::2], head[1::2] = network.edge_b, network.edge_a
    open_ = np.flatnonzero(np.isfinite(cost))
    order = open_[np.argsort(tail[open_], kind="stable")]
    first = np.zeros(network.node_count + 1, dtype=np.int32)
    np.cumsum(np.bincount(tail[order], minlength=network.node_count), out=first[1:])
    return first, order.astype(np.int32), head[order], cost[order]
