"""Turn restrictions over ways, on a dual carriageway with a link between its two roads; times by hand.

    11 <--31-- 9 <--30-- 10        northing 260100
     |         |          |
     24      23|22        25       12 is halfway up the link; 13 lies east of it on a side street (way 40)
     |         |          |
     5 --20--> 6 --21-->  7        northing 260000
   540000    541000     542000

Everything is driven at 36 km/h, 10 m a second; lefts cost nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geo_policing.datasets.discover import Probe
from geo_policing.datasets.network import BuiltNetwork, build_network
from geo_policing.datasets.osm import read_ways
from geo_policing.datasets.osm_controls import read_controls
from geo_policing.routing.costs import Direction, make_costs
from geo_policing.routing.network import Network
from geo_policing.routing.reach import matrix, nearest_two, search
from geo_policing.routing.snapping import Snapper
from geo_policing.routing.turns import RIGHT_TURN_S, U_TURN_S
from tests.support import roads

NODES = {
    5: (540_000, 260_000), 6: (541_000, 260_000), 7: (542_000, 260_000), 10: (542_000, 260_100),
    9: (541_000, 260_100), 11: (540_000, 260_100), 12: (541_000, 260_050), 13: (541_500, 260_050),
}  # fmt: skip
ONE_WAY, STREET = {"highway": "primary", "oneway": "yes"}, {"highway": "residential"}
WAYS: dict[int, Any] = {
    20: ([5, 6], ONE_WAY), 21: ([6, 7], ONE_WAY), 30: ([10, 9], ONE_WAY), 31: ([9, 11], ONE_WAY),
    22: ([6, 12], STREET), 23: ([12, 9], STREET), 24: ([5, 11], STREET), 25: ([7, 10], STREET), 40: ([12, 13], STREET),
}  # fmt: skip
EVERYWHERE = (0.0, 0.0, 700_000.0, 1_300_000.0)
BEFORE, BEYOND, SIDE = (540_500, 260_000), (540_500, 260_100), (541_400, 260_050)
OVER_THE_LINK = 50 + 10 + 50
BY_THE_SIDE_STREET = 50 + 5 + RIGHT_TURN_S + 50 + U_TURN_S + 50 + RIGHT_TURN_S + 5 + 50
BY_THE_ENDS = 50 + 100 + 10 + 100 + 50


def over(kind: str, from_way: int, via: list[int], to_way: int) -> Any:
    members = [("way", from_way, "from"), *(("way", way, "via") for way in via), ("way", to_way, "to")]
    return ({"type": "restriction", "restriction": kind}, members)


def build(tmp_path: Path, *relations: Any, ways: dict[int, Any] | None = None) -> BuiltNetwork:
    path = roads.write_osm(tmp_path / "roads.osm", NODES, {**WAYS, **(ways or {})}, relations=relations)
    probe = Probe(path, "osm")
    return build_network(read_ways(probe, EVERYWHERE), read_controls(probe))


def seconds(built: BuiltNetwork, start: tuple[int, int], end: tuple[int, int]) -> float:
    """The drive by a matrix, which is the same searched from its end."""
    network = Network.from_tables(built.tables)
    snapper = Snapper(network)
    there, here = (snapper.snap(*place) for place in (start, end))
    out = matrix(network, make_costs(network, roads.SPEEDS, turns=True), there, here)[0, 0]
    inbound = make_costs(network, roads.SPEEDS, turns=True, direction=Direction.INBOUND)
    assert matrix(network, inbound, here, there)[0, 0] == pytest.approx(out)
    return float(out)


def test_without_a_restriction_one_turns_over_the_link(tmp_path: Path) -> None:
    built = build(tmp_path)
    assert seconds(built, BEFORE, BEYOND) == pytest.approx(OVER_THE_LINK, abs=0.1)
    assert len(built.tables["banned_drives"]) == 0
    assert not Network.from_tables(built.tables).has_turns


@pytest.mark.parametrize("via", [[22, 23], [23, 22]])
def test_a_turn_over_several_ways_may_be_banned(tmp_path: Path, via: list[int]) -> None:
    built = build(tmp_path, over("no_u_turn", 20, via, 31))
    assert built.about["banned_drives"] == 1
    assert built.about["unsupported_restrictions"] == 0
    # Turning round in the side street is not banned; without one, it is on to the end and back.
    assert seconds(built, BEFORE, BEYOND) == pytest.approx(BY_THE_SIDE_STREET, abs=0.1)
    longer = build(tmp_path, over("no_u_turn", 20, via, 31), ways={40: ([7, 13], STREET)})
    assert seconds(longer, BEFORE, BEYOND) == pytest.approx(BY_THE_ENDS, abs=0.1)
    network = Network.from_tables(built.tables)
    (drive,) = network.banned_drives
    assert [int(network.way_id[half // 2]) for half in drive] == [20, 22, 23, 31]


def test_who_joins_on_the_way_is_not_concerned(tmp_path: Path) -> None:
    built = build(tmp_path, over("no_u_turn", 20, [22, 23], 31))
    # Out of the side street to the right, then left.
    assert seconds(built, SIDE, BEYOND) == pytest.approx(40 + RIGHT_TURN_S + 5 + 50, abs=0.1)
    # Into it from the carriageway: left, right.
    assert seconds(built, BEFORE, SIDE) == pytest.approx(50 + 5 + RIGHT_TURN_S + 40, abs=0.1)


def test_what_is_prescribed_bans_everything_else(tmp_path: Path) -> None:
    built = build(tmp_path, over("only_right_turn", 20, [22], 40))
    # Over the link's first half one must go into the side street, turn round at its end, and come back.
    network = Network.from_tables(built.tables)
    banned = {tuple(int(network.way_id[half // 2]) for half in drive) for drive in network.banned_drives}
    assert banned == {(20, 22, 23), (20, 22, 22)}
    assert seconds(built, BEFORE, BEYOND) == pytest.approx(BY_THE_SIDE_STREET, abs=0.1)


def test_nobody_minds_it_where_turns_are_not_minded(tmp_path: Path) -> None:
    network = Network.from_tables(build(tmp_path, over("no_u_turn", 20, [22, 23], 31)).tables)
    snapper = Snapper(network)
    costs = make_costs(network, roads.SPEEDS, turns=False)
    assert matrix(network, costs, snapper.snap(*BEFORE), snapper.snap(*BEYOND))[0, 0] == pytest.approx(OVER_THE_LINK)


def test_a_via_way_that_runs_on_is_driven_only_as_far_as_it_must_be(tmp_path: Path) -> None:
    ways = {22: ([6, 12, 9], STREET), 23: ([9, 13], STREET), 40: ([12, 13], STREET)}
    # The link goes on to the north of both carriageways, under the same id.
    ways[22] = ([6, 12, 9, 13], STREET)
    del ways[23]
    built = build(tmp_path, over("no_u_turn", 20, [22], 31), ways={**ways, 23: ([13, 10], STREET)})
    assert built.about["banned_drives"] == 1
    network = Network.from_tables(built.tables)
    (drive,) = network.banned_drives
    assert [int(network.way_id[half // 2]) for half in drive] == [20, 22, 22, 31]
    assert seconds(built, BEFORE, BEYOND) > OVER_THE_LINK


@pytest.mark.parametrize(
    "relation",
    [
        over("no_u_turn", 20, [99], 31),
        over("no_u_turn", 99, [22, 23], 31),
        over("no_u_turn", 20, [22, 23], 99),
        over("no_u_turn", 20, [22], 31),
        # Against a one-way road.
        over("no_left_turn", 25, [21], 22),
    ],
)
def test_what_does_not_fit_the_roads_is_counted(tmp_path: Path, relation: Any) -> None:
    built = build(tmp_path, relation)
    assert built.about["unsupported_restrictions"] == 1
    assert built.about["banned_drives"] == 0
    assert any(finding.what == "turn restrictions not used" for finding in built.dropped)


def test_a_restriction_over_a_whole_street_map_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from geo_policing.datasets import turn_restrictions

    monkeypatch.setattr(turn_restrictions, "MAX_VIA_EDGES", 1)
    assert build(tmp_path, over("no_u_turn", 20, [22, 23], 31)).about["unsupported_restrictions"] == 1
    monkeypatch.undo()
    monkeypatch.setattr(turn_restrictions, "_MAX_STEPS", 2)
    assert build(tmp_path, over("no_u_turn", 20, [22, 23], 31)).about["unsupported_restrictions"] == 1


def test_the_two_nearest_mind_it(tmp_path: Path) -> None:
    network = Network.from_tables(build(tmp_path, over("no_u_turn", 20, [22, 23], 31)).tables)
    costs, snapper = make_costs(network, roads.SPEEDS, turns=True), Snapper(network)
    bases = snapper.snap([540_500, 541_900, 541_400], [260_000, 260_000, 260_050])
    each = np.array([search(network, costs, bases.take(np.array([i]))).node_s for i in range(3)])
    times, labels = nearest_two(network, costs, bases)
    assert times == pytest.approx(np.sort(each, axis=0)[:2].T)
    assert np.take_along_axis(each.T, labels.astype(np.int64), axis=1) == pytest.approx(times)
