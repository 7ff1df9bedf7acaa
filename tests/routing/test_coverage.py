"""Who is within reach, counted by hand on the grid, and what closing, opening and moving bases does."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.errors import InvalidInputError, NotFoundError, TooLargeError
from geo_policing.routing import coverage as subject
from geo_policing.routing.coverage import Coverage, catchments, measure, times_from
from geo_policing.routing.engine import Engine
from tests.support import roads

INF = float("inf")


@pytest.fixture(scope="module")
def grid() -> Engine:
    return Engine(roads.grid_network(), roads.SPEEDS)


@pytest.fixture
def covered(grid: Engine) -> Coverage:
    bases = {"west": grid.snap_bases(540_000, 262_000), "east": grid.snap_bases(544_000, 262_000)}
    # Points on the middle road: 0, 100, 200, 300 and 400 s from the west, and one nowhere.
    points = grid.snap([540_000, 541_000, 542_000, 543_000, 544_000, 600_000], [262_000] * 6)
    return measure(grid, bases, points)


def test_times_nearest_and_second(covered: Coverage) -> None:
    assert covered.nearest.tolist() == [0, 0, 0, 1, 1, -1]
    assert covered.second.tolist() == [1, 1, 1, 0, 0, -1]
    assert covered.nearest_s.tolist() == [0, 100, 200, 100, 0, INF]
    assert covered.second_s.tolist() == [400, 300, 200, 300, 400, INF]


def test_what_is_within_by_group(covered: Coverage) -> None:
    table = covered.within([1, 2, 4], weight=np.array([1, 2, 4, 8, 16, 32]), group=np.array([0, 0, 1, 1, 1, 0]))
    assert table.held.tolist() == [[1, 16], [3, 24], [3, 28]]
    assert table.total.tolist() == [35, 28]
    assert table.share[2].tolist() == pytest.approx([3 / 35, 1])


def test_points_of_no_group_are_not_counted_and_unknown_weights_weigh_nothing(covered: Coverage) -> None:
    table = covered.within([4], weight=np.array([1, np.nan, 1, 1, 1, 1]), group=np.array([0, 0, -1, 0, 0, 0]))
    assert (table.held.tolist(), table.total.tolist()) == ([[3]], [4])
    empty = covered.within([4], weight=np.zeros(6))
    assert np.isnan(empty.share).all()


def test_the_worst_served_lead_with_those_nobody_reaches(covered: Coverage) -> None:
    assert covered.worst(np.array([1, 1, 1, 1, 1, 1]), 3).tolist() == [5, 2, 1]
    assert covered.worst(np.array([1, 1, 0, 1, 1, 0]), 1).tolist() == [1]


def test_closing_is_what_measuring_without_it_gives(covered: Coverage) -> None:
    closed = covered.close("west")
    assert closed.bases == ("east",)
    assert closed.nearest.tolist() == [0, 0, 0, 0, 0, -1]
    assert closed.nearest_s.tolist() == [400, 300, 200, 100, 0, INF]
    nobody = closed.close("east")
    assert np.isinf(nobody.nearest_s).all()
    assert np.isinf(nobody.second_s).all()


def test_opening_and_moving_take_one_search(grid: Engine, covered: Coverage) -> None:
    points = grid.snap([540_000, 541_000, 542_000, 543_000, 544_000, 600_000], [262_000] * 6)
    middle = times_from(grid, grid.snap_bases(542_000, 262_000), points)
    assert covered.open("middle", middle).nearest_s.tolist() == [0, 100, 0, 100, 0, INF]
    assert covered.move("east", middle).nearest_s.tolist() == [0, 100, 0, 100, 200, INF]


def test_bad_names(covered: Coverage) -> None:
    with pytest.raises(NotFoundError, match=r"'north'.*west, east"):
        covered.close("north")
    with pytest.raises(InvalidInputError, match="already"):
        covered.open("west", np.zeros(6))
    with pytest.raises(InvalidInputError, match="twice: a"):
        Coverage.of_times(["a", "a"], np.zeros((2, 1)))


def test_too_much_to_keep(grid: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "MAX_KEPT_TIMES", 3)
    points = grid.snap([540_000, 541_000], [262_000] * 2)
    base = grid.snap_bases(540_000, 262_000)
    with pytest.raises(TooLargeError, match="2 bases by 2 points"):
        measure(grid, {"a": base, "b": base}, points)


times = st.lists(st.floats(0, 4000, width=32) | st.just(INF), min_size=4, max_size=4)


@given(st.lists(times, min_size=1, max_size=6), times, st.data())
def test_more_bases_never_cover_less_and_closing_equals_never_having_had(
    rows: list[list[float]], extra: list[float], data: st.DataObject
) -> None:
    names = [f"b{i}" for i in range(len(rows))]
    before = Coverage.of_times(names, np.array(rows))
    after = before.open("new", np.array(extra))
    assert (after.nearest_s <= before.nearest_s).all()
    gone = data.draw(st.sets(st.sampled_from(names)))
    left = [i for i, name in enumerate(names) if name not in gone]
    closed = before.close(*gone)
    fresh = Coverage.of_times([names[i] for i in left], np.array(rows)[left].reshape(len(left), 4))
    assert closed.nearest.tolist() == fresh.nearest.tolist()
    assert closed.second.tolist() == fresh.second.tolist()
    assert closed.nearest_s.tolist() == fresh.nearest_s.tolist()


def test_catchments_partition_what_is_reached(grid: Engine) -> None:
    squares = np.array([shapely.box(540_000 + 1000 * i, 261_500, 541_000 + 1000 * i, 262_500) for i in range(4)])
    points = grid.snap([540_400, 541_400, 542_600, 543_600], [262_000] * 4)
    reach = grid.search(grid.snap_bases([540_000, 544_000, 544_000], [262_000, 262_000, 262_000]))
    made = catchments(reach, squares, points)
    assert [shape.area for shape in made] == [2e6, 2e6, 0]
    assert shapely.union_all(made).area == 4e6
