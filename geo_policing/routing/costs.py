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

RIGHT_TURN_S = 4.0
"""A right turn waits for what comes towards one, as Britain drives on the left: judgement."""
U_TURN_S = 20.0
"""Turning round at a dead end, in three points: judgement."""
SIGNALS_S = 8.0
"""The mean wait at lights beyond what the speeds' averages hold already: judgement."""
_STRAIGHT_RAD = np.pi / 4


class Direction(StrEnum):
    """Which way is driven: from the bases outwards, or to them."""

    OUTBOUND = "outbound"
    INBOUND = "inbound"


@dataclass(frozen=True, eq=False)
class Costs:
    """Seconds of half-edges and the graph that a search runs on.

    `from_a_s[e]` is the time from a to b, `from_b_s[e]` back; infinite where one may not drive so. The half-edges that
    leave node n are `half[first[n]:first[n + 1]]`, to node `head` in `cost_s`, each kept only where it can be driven.
    With turns, `turn_first`, `turn_half` and `turn_s` list for each half-edge those that may follow, and what the turn
    costs; without, they are empty.
    """

    profile: Profile
    direction: Direction
    from_a_s: NDArray[np.float64]
    from_b_s: NDArray[np.float64]
    first: NDArray[np.int32]
    half: NDArray[np.int32]
    head: NDArray[np.int32]
    cost_s: NDArray[np.float64]
    turn_first: NDArray[np.int32]
    turn_half: NDArray[np.int32]
    turn_s: NDArray[np.float64]

    @property
    def has_turns(self) -> bool:
        """True where the search minds turns."""
        return len(self.turn_first) > 0


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
    empty = np.empty(0, dtype=np.int32)
    turn: tuple[NDArray[Any], NDArray[Any], NDArray[Any]] = (empty, empty, np.empty(0))
    if network.has_turns if turns is None else turns:
        turn = _turns(network, first, half, head, inbound=inbound)
    return Costs(profile, direction, from_a, from_b, first, half, head, cost, *turn)


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


def _turns(
    network: Network, first: NDArray[Any], half: NDArray[Any], head: NDArray[Any], *, inbound: bool
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """For each half-edge those that may follow.

    A turn back is allowed only where there is no other way on, or no other way to have come: the same rule seen from
    either end of the drive.
    """
    degree = np.diff(first)
    at = np.full(2 * network.edge_count, -1, dtype=np.int64)
    at[half] = head
    followers = np.where(at >= 0, degree[at], 0)
    before = np.repeat(np.arange(len(at)), followers)
    starts = np.concatenate([[0], np.cumsum(followers)])
    within = np.arange(starts[-1]) - np.repeat(starts[:-1], followers)
    after = half[first[at[before]] + within].astype(np.int64)
    back = after == (before ^ 1)
    allowed = ~_banned(network, before, after, inbound=inbound)
    ways_on = np.bincount(before[~back & allowed], minlength=len(at))
    ways_here = np.bincount(after[~back & allowed], minlength=len(at))
    allowed &= ~back | (ways_on[before] == 0) | (ways_here[after] == 0)
    before, after, back = before[allowed], after[allowed], back[allowed]
    roads = np.bincount(np.concatenate([network.edge_a, network.edge_b]), minlength=network.node_count)
    cost = np.where(back, U_TURN_S, _right_turn_s(network, before, after, roads[at[before]], inbound=inbound))
    cost = cost + np.where(network.signals[at[before]], SIGNALS_S, 0.0)
    turn_first = np.zeros(len(at) + 1, dtype=np.int32)
    np.cumsum(np.bincount(before, minlength=len(at)), out=turn_first[1:])
    return turn_first, after.astype(np.int32), cost


def _banned(network: Network, before: NDArray[Any], after: NDArray[Any], *, inbound: bool) -> NDArray[np.bool_]:
    bans = network.bans
    if inbound:
        bans = np.column_stack([bans[:, 1] ^ 1, bans[:, 0] ^ 1])
    size = 2 * network.edge_count
    return np.isin(before * size + after, bans[:, 0] * size + bans[:, 1])


def _right_turn_s(
    network: Network, before: NDArray[Any], after: NDArray[Any], roads: NDArray[Any], *, inbound: bool
) -> NDArray[np.float64]:
    """Nothing but at a junction of three roads or more; and right is left when the drive is seen backwards."""
    arrive, depart = _bearing(network, before, leaving=False), _bearing(network, after, leaving=True)
    bend = (depart - arrive + np.pi) % (2 * np.pi) - np.pi
    right = bend > _STRAIGHT_RAD if inbound else bend < -_STRAIGHT_RAD
    return np.where(right & (roads > 2), RIGHT_TURN_S, 0.0)


def _bearing(network: Network, half: NDArray[Any], *, leaving: bool) -> NDArray[np.float64]:
    """Direction of travel, radians anticlockwise from east, at a half-edge's start or end."""
    edge, from_b = half // 2, half % 2 == 1
    at_first = from_b != leaving
    start = np.where(at_first, network.first_point[edge], network.first_point[edge + 1] - 2)
    east = network.point_easting[start + 1] - network.point_easting[start]
    north = network.point_northing[start + 1] - network.point_northing[start]
    sign = np.where(from_b, -1.0, 1.0)
    return np.asarray(np.arctan2(north * sign, east * sign), dtype=np.float64)
