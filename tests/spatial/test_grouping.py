"""Groups through pairs, against a plain search."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.spatial.grouping import connected_groups


def searched(count: int, pairs: list[tuple[int, int]]) -> list[int]:
    """The lowest member of each thing's group, by walking from every thing."""
    lowest = []
    for start in range(count):
        seen, waiting = {start}, [start]
        while waiting:
            here = waiting.pop()
            for a, b in pairs:
                for there in {a, b} - seen if here in (a, b) else ():
                    seen.add(there)
                    waiting.append(there)
        lowest.append(min(seen))
    return lowest


@given(st.integers(1, 12).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.tuples(*[st.integers(0, n - 1)] * 2)))))
def test_groups_are_those_of_a_plain_search(case: tuple[int, list[tuple[int, int]]]) -> None:
    count, pairs = case
    a, b = np.array(pairs, dtype=int).reshape(-1, 2).T
    assert connected_groups(count, a, b).tolist() == searched(count, pairs)


def test_a_long_chain_is_one_group() -> None:
    order = np.random.default_rng(7).permutation(2000)
    assert set(connected_groups(2000, order[:-1], order[1:]).tolist()) == {0}


def test_nothing_hangs_together_with_nothing() -> None:
    assert connected_groups(3, np.array([], int), np.array([], int)).tolist() == [0, 1, 2]
    assert connected_groups(0, np.array([], int), np.array([], int)).tolist() == []


def test_a_thing_that_is_not_there_is_refused() -> None:
    with pytest.raises(IndexError):
        connected_groups(2, np.array([0]), np.array([2]))
