from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.services.quantiles import quantiles


def test_by_hand():
    group = np.array([0, 0, 0, 1, -1, 2])
    value = np.array([30.0, 10.0, 20.0, np.inf, 1.0, 5.0])
    weight = np.array([1.0, 2.0, 1.0, 1.0, 9.0, 0.0])
    found = quantiles(group, value, weight, 4, (0.5, 0.9))
    np.testing.assert_array_equal(found, [[10, 30], [np.inf, np.inf], [np.nan, np.nan], [np.nan, np.nan]])


def test_of_nothing():
    empty = np.empty(0)
    assert quantiles(empty.astype(int), empty, empty, 0, (0.5,)).shape == (0, 1)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.floats(0, 1e4), st.integers(1, 20)), min_size=1, max_size=60),
    st.sampled_from([0.1, 0.5, 0.9]),
)
def test_is_what_counting_out_each_weight_gives(rows: list[tuple[int, float, int]], share: float):
    group, value, weight = (np.array(column) for column in zip(*rows, strict=True))
    found = quantiles(group, value, weight, 4, (share,))[:, 0]
    for g in range(4):
        each = np.sort(np.repeat(value[group == g], weight[group == g]))
        if not len(each):
            assert np.isnan(found[g])
            continue
        at_most = (each <= found[g]).mean()
        below = (each < found[g]).mean()
        assert at_most >= share * (1 - 1e-9) > below - 1e-9
