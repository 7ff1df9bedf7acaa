"""Searches that mind turns, against the plainest search there is: one that remembers all it has driven."""

from __future__ import annotations

import heapq
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_policing.routing.costs import Costs, Direction, make_costs
from geo_policing.routing.network import Network
from geo_policing.routing.reach import matrix, nearest_two, search
from geo_policing.routing.snapping import Snapped
from geo_policing.routing.turns import Turns, without_drives
from tests.support import roads

Drive = tuple[int, ...]


def place(edge: int, fraction: float = 0.5) -> Snapped:
    return Snapped(np.array([edge], dtype=np.int32), np.array([fraction]), np.zeros(1))


@st.composite
def banned_networks(draw: st.DrawFn) -> Network:
    """A small network with lights, and drives over three to five half-edges that are banned, some within others."""
    count = draw(st.integers(3, 6))
    nodes = [(540_000.0 + 400 * i, 260_000.0 + 300 * (i * i % 5)) for i in range(count)]
    end = st.integers(0, count - 1)
    pairs = draw(st.lists(st.tuples(end, end), min_size=2, max_size=7))
    edges = [{"a": i, "b": (i + 1) % count} for i in range(count)]
    edges += [{"a": a, "b": b} for a, b in pairs if a != b]
    plain = roads.network(nodes, edges, signals=[0])
    turns = make_costs(plain, roads.SPEEDS, turns=True).turns
    drives = []
    for _ in range(draw(st.integers(1, 5))):
        drive = [draw(st.integers(0, 2 * plain.edge_count - 1))]
        for _ in range(draw(st.integers(2, 4))):
            row = turns.after[turns.first[drive[-1]] : turns.first[drive[-1] + 1]]
            drive.append(int(row[draw(st.integers(0, 99)) % len(row)]))
        drives.append([(int(plain.row[half // 2]), half % 2 == 0) for half in drive])
    return roads.network(nodes, edges, signals=[0], banned_drives=drives)


def by_memory(network: Network, costs: Costs, plain: Turns, source: Snapped) -> dict[int, float]:
    """Seconds to the end of each half-edge; a state is all of the drive that a ban could still be about."""
    banned = {tuple(h ^ 1 for h in reversed(d)) for d in network.banned_drives}
    banned = banned if costs.direction is Direction.INBOUND else set(network.banned_drives)
    longest = max(len(drive) for drive in banned) - 1
    cost = np.column_stack([costs.from_a_s, costs.from_b_s]).ravel()
    edge, fraction = int(source.edge[0]), float(source.fraction[0])
    waiting: list[tuple[float, Drive]] = []
    for half, part in ((2 * edge, 1 - fraction), (2 * edge + 1, fraction)):
        if np.isfinite(cost[half]):
            heapq.heappush(waiting, (cost[half] * part, (half,)))
    done: dict[Drive, float] = {}
    while waiting:
        now, drive = heapq.heappop(waiting)
        if drive in done:
            continue
        done[drive] = now
        for k in range(plain.first[drive[-1]], plain.first[drive[-1] + 1]):
            longer = (*drive, int(plain.after[k]))
            if not any(longer[i:] in banned for i in range(len(longer))):
                heapq.heappush(waiting, (now + plain.seconds[k] + cost[longer[-1]], longer[-longest:]))
    best: dict[int, float] = {}
    for drive, now in done.items():
        best[drive[-1]] = min(best.get(drive[-1], np.inf), now)
    return best


def plain_turns(network: Network, direction: Direction) -> Turns:
    values = {name: getattr(network, name) for name in network.__dataclass_fields__}
    return make_costs(Network(**{**values, "banned_drives": ()}), roads.SPEEDS, turns=True, direction=direction).turns


@given(banned_networks(), st.integers(0, 99), st.sampled_from(Direction))
@settings(max_examples=80, deadline=None)
def test_is_what_a_search_that_remembers_everything_finds(network: Network, pick: int, direction: Direction) -> None:
    costs = make_costs(network, roads.SPEEDS, direction=direction)
    source = place(pick % network.edge_count, 0.25)
    best = by_memory(network, costs, plain_turns(network, direction), source)
    expected = np.full(network.node_count, np.inf)
    for half, seconds in best.items():
        node = int((network.edge_b if half % 2 == 0 else network.edge_a)[half // 2])
        expected[node] = min(expected[node], seconds)
    assert search(network, costs, source).node_s == pytest.approx(expected)
    two, labels = nearest_two(network, costs, source)
    assert two[:, 0] == pytest.approx(expected)
    assert (labels[:, 1] == -1).all()


@given(banned_networks())
@settings(max_examples=40, deadline=None)
def test_a_drive_takes_as_long_seen_from_its_end(network: Network) -> None:
    there = Snapped(
        np.arange(network.edge_count, dtype=np.int32), np.full(network.edge_count, 0.5), np.zeros(network.edge_count)
    )
    out = matrix(network, make_costs(network, roads.SPEEDS), there, there)
    back = matrix(network, make_costs(network, roads.SPEEDS, direction=Direction.INBOUND), there, there)
    np.testing.assert_allclose(out, back.T)


@given(banned_networks(), st.lists(st.integers(0, 99), min_size=2, max_size=4))
@settings(max_examples=40, deadline=None)
def test_the_two_nearest_are_what_single_searches_say(network: Network, picks: list[int]) -> None:
    costs = make_costs(network, roads.SPEEDS)
    edges = np.array([pick % network.edge_count for pick in picks], dtype=np.int32)
    bases = Snapped(edges, np.linspace(0.1, 0.9, len(picks)), np.zeros(len(picks)))
    each = np.array([search(network, costs, bases.take(np.array([i]))).node_s for i in range(len(picks))])
    times, labels = nearest_two(network, costs, bases)
    assert times == pytest.approx(np.sort(each, axis=0)[:2].T)
    for slot in (0, 1):
        known = labels[:, slot] >= 0
        assert each[labels[known, slot], np.flatnonzero(known)] == pytest.approx(times[known, slot])
    assert (labels[:, 0] != labels[:, 1])[labels[:, 1] >= 0].all()


def test_states_by_hand() -> None:
    # Half-edges 0, 1, 2, each followed by every other; 0-1-2 and 1-2-1-0 are banned.
    after = np.array([1, 2, 0, 2, 0, 1], dtype=np.int32)
    plain = Turns(np.array([0, 2, 4, 6], dtype=np.int32), after, np.ones(6), np.arange(3, dtype=np.int32))
    made = without_drives(plain, [(0, 1, 2), (1, 2, 1, 0)])
    # States: 3 is (0, 1), 4 is (1, 2), 5 is (1, 2, 1).
    assert made.half.tolist() == [0, 1, 2, 1, 2, 1]
    follow: list[Any] = [made.after[made.first[i] : made.first[i + 1]].tolist() for i in range(6)]
    assert follow == [[3, 2], [0, 4], [0, 1], [0], [0, 5], [4]]
    assert made.seconds.tolist() == [1.0] * 10


def test_a_drive_over_an_edge_outside_the_core_bans_nothing() -> None:
    tables = roads.tables(
        roads.junctions(),
        roads.streets(),
        banned_drives=[[(0, True), (1, True), (2, True)], [(0, True), (1, True), (3, True)]],
    )
    tables["road_edges"]["core"][3] = False
    assert len(Network.from_tables(tables).banned_drives) == 1


def test_tables_from_before_have_no_banned_drives() -> None:
    tables = roads.tables(roads.junctions(), roads.streets())
    del tables["banned_drives"]
    assert Network.from_tables(tables).banned_drives == ()
