"""The compiled loops, run by their own text: coverage cannot see into compiled code, and neither can a debugger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import shapely

from geo_policing.routing import _filling, _marching, _raster, _search, components
from geo_policing.routing.contours import make_contours
from geo_policing.routing.engine import Engine
from geo_policing.routing.field import Quality, make_field, make_grid, margin_s
from geo_policing.routing.network import Network
from geo_policing.routing.reach import nearest_two
from geo_policing.routing.speeds import RoadClass
from tests.support import roads

MODULES = (_filling, _marching, _raster, _search, components)


@pytest.fixture
def as_text(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    with monkeypatch.context() as patch:
        for module in MODULES:
            for name, value in vars(module).copy().items():
                if hasattr(value, "py_func"):
                    patch.setattr(module, name, value.py_func)
        # numpy's whole numbers say when they wrap; compiled ones wrap as meant.
        with np.errstate(over="ignore"):
            yield patch


def town() -> Network:
    """A ring of four streets 1.2 km wide with a motorway through it, a one-way, a dead end, a river and a railway."""
    x, y, side = roads.WEST, roads.SOUTH, 1_200
    nodes = [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x + 2 * side, y), (x + 600, y + 3 * side)]
    edges: list[dict[str, Any]] = [
        {"a": 0, "b": 1},
        {"a": 1, "b": 2},
        {"a": 2, "b": 3},
        {"a": 3, "b": 0, "oneway": True},
        {"a": 1, "b": 4, "road": RoadClass.TRUNK},
        {"a": 4, "b": 2, "road": RoadClass.MOTORWAY},
        {"a": 0, "b": 2, "via": [(x + 600, y + 500)]},
        {"a": 3, "b": 5},
        {"a": 0, "b": 0, "via": [(x - 300, y), (x - 300, y - 300)]},
    ]
    barriers = [
        ("river", shapely.LineString([(x - 900, y + 700), (x + 500, y + 750), (x + 900, y + 1_000)])),
        ("railway", shapely.LineString([(x + 1_500, y - 400), (x + 1_500, y + 900)])),
    ]
    return roads.network(nodes, edges, bans=[(0, True, 1, True)], signals=[2], barriers=barriers)


def answers(network: Network) -> list[Any]:
    out: list[Any] = []
    for turns in (False, True):
        engine = Engine(network, roads.SPEEDS, turns=turns)
        bases = engine.snap_bases([roads.WEST + 100, roads.WEST + 1_300], [roads.SOUTH + 20, roads.SOUTH + 900])
        grid = make_grid(network, Quality.INTERACTIVE)
        for pick, limit_s in ((bases, 900.0), (bases.take(np.array([0])), 90.0), (bases.take(np.array([], int)), 60.0)):
            reach = engine.search(pick, limit_s=limit_s)
            field = make_field(grid, reach, limit_s)
            contours = make_contours(field, [limit_s / 3, limit_s / 2, limit_s])
            out += [reach.node_s, field.seconds, *(contour.coordinates_json() for contour in contours)]
        out += nearest_two(network, engine.costs(), bases)
    return out


def test_compiled_loops_do_what_their_text_says(as_text: pytest.MonkeyPatch) -> None:
    plain = answers(town())
    as_text.undo()
    for ours, theirs in zip(plain, answers(town()), strict=True):
        if isinstance(ours, bytes):
            assert ours == theirs
        else:
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)


def test_components_by_their_text(as_text: pytest.MonkeyPatch) -> None:
    # Two circles joined one way, and a node alone: 0-1-2 in a ring, 3-4 there and back, 2 to 3, 5 by itself.
    tail, head = np.array([0, 1, 2, 2, 3, 4]), np.array([1, 2, 0, 3, 4, 3])
    plain = components.strong_components(6, tail, head)
    assert len(set(plain.tolist())) == 3
    assert plain[0] == plain[1] == plain[2] != plain[3] == plain[4]
    as_text.undo()
    np.testing.assert_array_equal(plain, components.strong_components(6, tail, head))
    assert components.largest_component(6, tail, head, np.ones(6)).tolist() == [True] * 3 + [False] * 3


def test_no_arc_no_core() -> None:
    none = np.empty(0, dtype=np.int64)
    assert components.largest_component(3, none, none, np.empty(0)).tolist() == [False] * 3
    ahead = components.largest_component(3, np.array([0, 1]), np.array([1, 2]), np.ones(2))
    assert ahead.tolist() == [False] * 3


def test_a_search_that_went_farther_than_the_field_does_not_write_beside_it() -> None:
    # A motorway on which one drives far in the half minute by which a field goes beyond its limit.
    x, y = roads.WEST, roads.SOUTH
    network = roads.network(
        [(x, y), (x + 1_000, y), (x + 30_000, y)], [{"a": 0, "b": 1}, {"a": 1, "b": 2, "road": RoadClass.TRUNK}]
    )
    speeds = roads.SPEEDS.with_overrides(kph={"trunk": 190.0})
    engine = Engine(network, speeds)
    base = engine.snap_bases([x], [y])
    grid = make_grid(network, Quality.INTERACTIVE)
    limits_s = (99.0, 99.0 + margin_s(grid), 3_600.0)
    short, near, far = (make_field(grid, engine.search(base, limit_s=limit_s), 99.0) for limit_s in limits_s)
    contours = [make_contours(field, [60.0, 99.0]) for field in (near, far)]
    for one, other in zip(*contours, strict=True):
        assert one.coordinates_json() == other.coordinates_json()
    # The window holds the trunk road's beginning, which a search to the limit alone does not reach.
    assert far.left_ds.shape[1] > short.left_ds.shape[1]


@pytest.mark.parametrize(
    ("units", "text"),
    [
        (0, "0.00000"),
        (7, "0.00007"),
        (-7, "-0.00007"),
        (-35_032, "-0.35032"),
        (5_220_500, "52.20500"),
        (-12_345_678, "-123.45678"),
    ],
)
def test_degrees_are_written_with_five_decimals_west_of_greenwich_too(units: int, text: str) -> None:
    for write in (_marching._write_degrees, _marching._write_degrees.py_func):
        out = np.zeros(32, np.uint8)
        end = write(out, 3, units)
        assert float(bytes(out[3:end])) == float(text)


def test_scratch_that_has_grown_keeps_what_it_held() -> None:
    held = np.arange(5, dtype=np.int32)
    for run in (_marching._grown, _marching._grown.py_func):
        grown = run(held)
        assert len(grown) > 5
        assert grown.dtype == np.int32
        assert grown[:5].tolist() == [0, 1, 2, 3, 4]
