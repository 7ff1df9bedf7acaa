"""Which half-edges may follow which, at what cost in seconds: turn restrictions, turning round, right turns, lights.

What may follow can depend on more than the last road: a restriction over a way bans a drive over three half-edges or
more. So a search runs over states: one for each half-edge, and one more for each beginning of a banned drive that is
longer than one half-edge, which only that beginning leads to (Aho and Corasick 1975, with drives for words). From a
state one goes on as from its half-edge, but not to the end of a banned drive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo_policing.routing.network import Network

RIGHT_TURN_S = 4.0
"""A right turn waits for what comes towards one, as Britain drives on the left: judgement."""
U_TURN_S = 20.0
"""Turning round at a dead end, in three points: judgement."""
SIGNALS_S = 8.0
"""The mean wait at lights beyond what the speeds' averages hold already: judgement."""
_STRAIGHT_RAD = np.pi / 4

Ints = NDArray[np.int32]
Drive = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Turns:
    """The states that may follow state i are `after[first[i]:first[i + 1]]`, each at `seconds` for the turn.

    `half` is each state's half-edge; state i of the first ones, of which there are as many as half-edges, is i's own.
    """

    first: Ints
    after: Ints
    seconds: NDArray[np.float64]
    half: Ints

    @classmethod
    def none(cls) -> Turns:
        """For a search that does not mind turns."""
        empty = np.empty(0, dtype=np.int32)
        return cls(empty, empty, np.empty(0), empty)

    def __len__(self) -> int:
        return len(self.half)


def make_turns(
    network: Network, first: NDArray[Any], half: NDArray[Any], head: NDArray[Any], *, inbound: bool
) -> Turns:
    """The turns of `network` over the half-edges that leave each node (`costs.Costs`).

    A turn back is allowed only where there is no other way on, or no other way to have come: the same rule seen from
    either end of the drive. `inbound` sees every drive from its end: bans, right and left are turned round.
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
    plain = Turns(turn_first, after.astype(np.int32), cost, np.arange(len(at), dtype=np.int32))
    drives = [tuple(h ^ 1 for h in reversed(drive)) if inbound else drive for drive in network.banned_drives]
    return without_drives(plain, drives) if drives else plain


def without_drives(plain: Turns, drives: Sequence[Drive]) -> Turns:
    """`plain` (a state for each half-edge) without `drives`, each over three half-edges or more."""
    banned = set(drives)
    beginnings = sorted({drive[:length] for drive in banned for length in range(2, len(drive))})
    state = {drive: len(plain) + i for i, drive in enumerate(beginnings)}
    after = plain.after.copy()
    for (before, then), number in ((drive, number) for drive, number in state.items() if len(drive) == 2):
        row = slice(plain.first[before], plain.first[before + 1])
        after[row][plain.after[row] == then] = number
    sizes, added, added_s = [], [], []
    for drive in beginnings:
        row = slice(plain.first[drive[-1]], plain.first[drive[-1] + 1])
        followers = zip(plain.after[row].tolist(), plain.seconds[row].tolist(), strict=True)
        kept = [(_next_state(state, drive, then), s) for then, s in followers if not _ends_one(banned, drive, then)]
        sizes.append(len(kept))
        added += [number for number, _ in kept]
        added_s += [seconds for _, seconds in kept]
    return Turns(
        np.concatenate([plain.first, plain.first[-1] + np.cumsum(sizes)]).astype(np.int32),
        np.concatenate([after, added]).astype(np.int32),
        np.concatenate([plain.seconds, added_s]),
        np.concatenate([plain.half, [drive[-1] for drive in beginnings]]).astype(np.int32),
    )


def _ends_one(banned: set[Drive], drive: Drive, then: int) -> bool:
    """True where going on to `then` would complete a banned drive."""
    longer = (*drive, then)
    return any(longer[i:] in banned for i in range(len(longer) - 2))


def _next_state(state: dict[Drive, int], drive: Drive, then: int) -> int:
    """The state of the longest beginning that `drive` and `then` end with; else the half-edge's own."""
    longer = (*drive, then)
    return next((state[longer[i:]] for i in range(len(longer) - 1) if longer[i:] in state), then)


def _banned(network: Network, before: NDArray[Any], after: NDArray[Any], *, inbound: bool) -> NDArray[np.bool_]:
    bans = network.bans
    if inbound:
        bans = np.column_stack([bans[:, 1] ^ 1, bans[:, 0] ^ 1])
    size = 2 * network.edge_count
    return np.isin(before * size + after, bans[:, 0] * size + bans[:, 1])


def _right_turn_s(
    network: Network, before: NDArray[Any], after: NDArray[Any], roads: NDArray[Any], *, inbound: bool
) -> NDArray[np.float64]:
    """Nothing but at a junction of three roads or more; and right is left when the drive is seen backwards.

    A bend of exactly half a circle (onto a road that lies on the one before) is neither.
    """
    arrive, depart = _bearing(network, before, leaving=False), _bearing(network, after, leaving=True)
    bend = (depart - arrive + np.pi) % (2 * np.pi) - np.pi
    bend = np.where(np.abs(bend) < np.pi - 1e-9, bend, 0.0)
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
