"""Searches, against times worked out by hand and against scipy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse
import scipy.sparse.csgraph
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_policing.errors import InvalidInputError
from geo_policing.routing.costs import Costs, Direction, make_costs
from geo_policing.routing.network import Network
from geo_policing.routing.reach import matrix, nearest_two, search
from geo_policing.routing.snapping import Snapped, Snapper
from geo_policing.routing.speeds import Profile, RoadClass
from geo_policing.routing.turns import RIGHT_TURN_S, SIGNALS_S, U_TURN_S
from tests.support import roads


def setup(network: Network, **options: Any) -> tuple[Costs, Snapper]:
    return make_costs(network, roads.SPEEDS, **options), Snapper(network)


def node_times(network: Network, seconds: Any) -> dict[tuple[int, int], float]:
    return {
        (int(e - roads.WEST), int(n - roads.SOUTH)): round(float(s), 6)
        for e, n, s in zip(network.node_easting, network.node_northing, seconds, strict=True)
    }


def test_times_from_the_middle_of_the_grid_are_manhattan_distances() -> None:
    network = roads.grid_network()
    costs, snapper = setup(network)
    reach = search(network, costs, snapper.snap(542_000, 262_000))
    expected = {(x * 1000, y * 1000): 100.0 * (abs(x - 2) + abs(y - 2)) for x in range(5) for y in range(5)}
    assert node_times(network, reach.node_s) == expected


def test_a_base_between_junctions_starts_along_its_edge_and_the_walk_counts_at_the_target() -> None:
    network = roads.grid_network()
    costs, snapper = setup(network)
    # 300 m east of the south-west corner, 25 m off: the offset of the base costs nothing.
    base = snapper.snap(540_300, 259_975)
    assert base.offset_m == pytest.approx([25])
    targets = snapper.snap([540_100, 540_900, 541_000, 540_300], [260_000, 260_000, 260_500, 260_050])
    seconds, label = search(network, costs, base).at(targets)
    # Back 200 m, on 600 m, on 700 m and north 500 m, and 50 m on foot at 5 km/h.
    assert seconds == pytest.approx([20, 60, 120, 36])
    assert label.tolist() == [0, 0, 0, 0]


def test_the_limit_leaves_out_what_is_beyond_it_and_keeps_what_is_on_it() -> None:
    network = roads.grid_network()
    costs, snapper = setup(network)
    base = snapper.snap(540_000, 260_000)
    reach = search(network, costs, base, limit_s=200)
    assert sorted(reach.node_s[np.isfinite(reach.node_s)]) == pytest.approx([0, 100, 100, 200, 200, 200])
    seconds, label = reach.at(snapper.snap([542_000, 542_001], [260_000, 260_000]))
    assert seconds.tolist() == [200.0, np.inf]
    assert label.tolist() == [0, -1]


def test_a_one_way_street_is_driven_one_way_and_inbound_is_outbound_on_roads_turned_round() -> None:
    edges = roads.streets()
    edges[0] |= {"oneway": True}  # from (0, 0) to (1, 0) only
    turned = [dict(e) for e in edges]
    turned[0] |= {"a": 1, "b": 0}
    network, mirror = roads.network(roads.junctions(), edges), roads.network(roads.junctions(), turned)
    costs, snapper = setup(network)
    there = search(network, costs, snapper.snap(541_000, 260_000))
    assert node_times(network, there.node_s)[0, 0] == 300
    inbound, _ = setup(network, direction=Direction.INBOUND)
    here = search(network, inbound, snapper.snap(541_000, 260_000))
    assert node_times(network, here.node_s)[0, 0] == 100
    other_costs, other_snapper = setup(mirror)
    outbound = search(mirror, other_costs, other_snapper.snap(541_000, 260_000))
    assert node_times(network, here.node_s) == node_times(mirror, outbound.node_s)
    # Behind one on a one-way street is the long way round; ahead is not.
    behind, ahead = search(network, costs, snapper.snap(540_500, 260_000)).at(
        snapper.snap([540_400, 540_600], [260_000, 260_000])
    )[0]
    assert (behind, ahead) == pytest.approx((50 + 300 + 40, 10))


def test_two_bases_at_one_place_go_to_the_first_and_the_second_is_kept() -> None:
    network = roads.grid_network()
    costs, snapper = setup(network)
    bases = snapper.snap([541_000, 541_000, 544_000], [261_000, 261_000, 264_000])
    reach = search(network, costs, bases)
    assert set(reach.node_label.tolist()) == {0, 2}
    times, labels = nearest_two(network, costs, bases)
    near = (network.node_easting == 540_000) & (network.node_northing == 260_000)
    assert sorted(labels[near][0].tolist()) == [0, 1]
    assert times[near][0].tolist() == [200, 200]


def test_with_one_base_there_is_no_second() -> None:
    network = roads.grid_network()
    costs, snapper = setup(network)
    times, labels = nearest_two(network, costs, snapper.snap(541_000, 261_000))
    assert np.isinf(times[:, 1]).all()
    assert (labels[:, 1] == -1).all()


def test_the_two_nearest_are_what_single_searches_say() -> None:
    network = roads.grid_network()
    costs, snapper = setup(network)
    bases = snapper.snap([540_300, 543_700, 542_000, 541_500], [260_000, 263_000, 264_000, 262_000])
    each = np.array([search(network, costs, bases.take(np.array([i]))).node_s for i in range(4)])
    times, labels = nearest_two(network, costs, bases)
    assert times == pytest.approx(np.sort(each, axis=0)[:2].T)
    assert np.take_along_axis(each.T, labels, axis=1) == pytest.approx(times)


def test_the_matrix_has_infinity_where_a_point_is_nowhere() -> None:
    network = roads.grid_network()
    costs, snapper = setup(network)
    points = snapper.snap([540_000, 541_000, 600_000], [260_000, 260_000, 260_000])
    out = matrix(network, costs, points, points)
    assert out[:2, :2].tolist() == [[0, 100], [100, 0]]
    assert np.isinf(out[2]).all()
    assert np.isinf(out[:, 2]).all()


def test_no_sources_reach_nothing_and_a_lost_one_is_an_error() -> None:
    network = roads.grid_network()
    costs, snapper = setup(network)
    nobody = snapper.snap([], [])
    assert np.isinf(search(network, costs, nobody).node_s).all()
    with pytest.raises(InvalidInputError, match="no road within reach"):
        search(network, costs, snapper.snap(600_000, 260_000))
    for limit in (-1, float("nan")):
        with pytest.raises(InvalidInputError, match="not 0 or more"):
            search(network, costs, nobody, limit_s=limit)


def test_response_driving_is_faster_by_its_factor() -> None:
    network = roads.grid_network()
    normal, snapper = setup(network)
    response = make_costs(network, roads.SPEEDS, profile=Profile.RESPONSE)
    base = snapper.snap(540_000, 260_000)
    factor = roads.SPEEDS.rows[RoadClass.RESIDENTIAL, 1].response[1]
    assert search(network, normal, base).node_s == pytest.approx(search(network, response, base).node_s * factor)


class TestTurns:
    # A cross: 0 west, 1 middle, 2 east, 3 north, 4 south; edges west-middle, middle-east, middle-north, south-middle.
    NODES = ((540_000, 261_000), (541_000, 261_000), (542_000, 261_000), (541_000, 262_000), (541_000, 260_000))
    EDGES = ({"a": 0, "b": 1}, {"a": 1, "b": 2}, {"a": 1, "b": 3}, {"a": 4, "b": 1})

    def times(self, *, direction: Direction = Direction.OUTBOUND, **others: Any) -> dict[tuple[int, int], float]:
        network = roads.network(self.NODES, self.EDGES, **others)
        costs, snapper = setup(network, turns=True, direction=direction)
        reach = search(network, costs, snapper.snap(540_500, 261_000))
        return node_times(network, reach.node_s)

    def test_a_right_turn_costs_and_a_left_turn_does_not(self) -> None:
        times = self.times()
        assert (times[2000, 1000], times[1000, 2000], times[1000, 0]) == (150, 150, 150 + RIGHT_TURN_S)

    def test_a_right_turn_is_still_a_right_turn_when_driven_to_the_base(self) -> None:
        times = self.times(direction=Direction.INBOUND)
        # From the north one turns right to drive west; from the south, left.
        assert (times[1000, 2000], times[1000, 0]) == (150 + RIGHT_TURN_S, 150)

    def test_a_banned_turn_is_made_by_turning_round_at_a_dead_end(self) -> None:
        # No left turn from the west to the north: on to the east, round, and then right.
        times = self.times(bans=[(0, True, 2, True)])
        assert times[1000, 2000] == pytest.approx(50 + 100 + U_TURN_S + 100 + RIGHT_TURN_S + 100)

    def test_lights_cost_everyone_who_passes_them(self) -> None:
        assert self.times(signals=[1])[2000, 1000] == 150 + SIGNALS_S

    def test_without_turns_the_ban_is_not_minded(self) -> None:
        network = roads.network(self.NODES, self.EDGES, bans=[(0, True, 2, True)])
        costs, snapper = setup(network, turns=False)
        assert node_times(network, search(network, costs, snapper.snap(540_500, 261_000)).node_s)[1000, 2000] == 150

    def test_points_on_roads_get_the_same_times_as_nodes(self) -> None:
        network = roads.network(self.NODES, self.EDGES, bans=[(0, True, 2, True)])
        costs, snapper = setup(network)
        reach = search(network, costs, snapper.snap(540_500, 261_000))
        seconds, label = reach.at(snapper.snap([541_000, 540_200], [261_900, 261_000]))
        assert seconds == pytest.approx([50 + 100 + U_TURN_S + 100 + RIGHT_TURN_S + 90, 30])
        assert label.tolist() == [0, 0]


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Any strongly connected network: a ring of one-way streets, and more edges at will, double and looped ones too."""
    count = draw(st.integers(3, 12))
    places = draw(
        st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 3000)), min_size=count, max_size=count, unique=True)
    )
    nodes = [(540_000.0 + x, 260_000.0 + y) for x, y in places]
    ring = [{"a": i, "b": (i + 1) % count, "oneway": True} for i in range(count)]
    end = st.integers(0, count - 1)
    more = draw(st.lists(st.tuples(end, end, st.booleans()), max_size=15))
    extra = [{"a": a, "b": b, "oneway": oneway} for a, b, oneway in more if a != b]
    return roads.network(nodes, ring + extra)


def by_scipy(network: Network, costs: Costs, source: Snapped) -> Any:
    """All node times with an extra node at the source: shortest of parallel arcs, as csr sums doubles."""
    extra = network.node_count
    best: dict[tuple[int, int], float] = {}
    arcs = []
    for e in range(network.edge_count):
        arcs += [(network.edge_a[e], network.edge_b[e], costs.from_a_s[e])]
        arcs += [(network.edge_b[e], network.edge_a[e], costs.from_b_s[e])]
    edge, fraction = int(source.edge[0]), float(source.fraction[0])
    arcs += [(extra, network.edge_b[edge], costs.from_a_s[edge] * (1 - fraction))]
    if np.isfinite(costs.from_b_s[edge]):
        arcs += [(extra, network.edge_a[edge], costs.from_b_s[edge] * fraction)]
    for tail, head, cost in arcs:
        if np.isfinite(cost):
            best[tail, head] = min(best.get((tail, head), np.inf), max(float(cost), 1e-12))
    tails, heads = zip(*best, strict=True)
    graph = scipy.sparse.csr_matrix((list(best.values()), (tails, heads)), shape=(extra + 1, extra + 1))
    return scipy.sparse.csgraph.dijkstra(graph, indices=extra)[:extra]


@given(networks(), st.integers(0, 1000), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_scipy_says_the_same(network: Network, pick: int, fraction: float) -> None:
    costs = make_costs(network, roads.SPEEDS)
    source = Snapped(np.array([pick % network.edge_count], dtype=np.int32), np.array([fraction]), np.zeros(1))
    reach = search(network, costs, source)
    assert np.abs(reach.node_s - by_scipy(network, costs, source)).max() < 1e-6


@given(networks(), st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_minding_turns_never_makes_a_drive_shorter(network: Network, pick: int) -> None:
    source = Snapped(np.array([pick % network.edge_count], dtype=np.int32), np.array([0.5]), np.zeros(1))
    plain = search(network, make_costs(network, roads.SPEEDS), source)
    minded = search(network, make_costs(network, roads.SPEEDS, turns=True), source)
    assert (minded.node_s >= plain.node_s - 1e-9).all()


@given(st.permutations(range(25)), st.permutations(range(40)))
@settings(max_examples=15, deadline=None)
def test_results_do_not_depend_on_the_order_of_nodes_and_edges(order: list[int], edge_order: list[int]) -> None:
    junctions, streets = roads.junctions(), roads.streets()
    place = {old: new for new, old in enumerate(order)}
    shuffled = roads.network(
        [junctions[i] for i in order],
        [{"a": place[streets[i]["a"]], "b": place[streets[i]["b"]]} for i in edge_order],
    )
    costs, snapper = setup(shuffled)
    reach = search(shuffled, costs, snapper.snap(540_250, 261_000))
    plain = roads.grid_network()
    plain_costs, plain_snapper = setup(plain)
    expected = search(plain, plain_costs, plain_snapper.snap(540_250, 261_000))
    assert node_times(shuffled, reach.node_s) == node_times(plain, expected.node_s)
