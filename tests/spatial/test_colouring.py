from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.spatial.colouring import colours_of


def pairs(*edges: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    a, b = zip(*edges, strict=True) if edges else ((), ())
    return np.array(a, dtype=np.int32), np.array(b, dtype=np.int32)


def test_no_areas_need_no_colours():
    assert colours_of(0, *pairs()) == ()


def test_areas_without_neighbours_have_one_colour():
    assert colours_of(3, *pairs()) == (0, 0, 0)


@pytest.mark.parametrize(("ring", "colours"), [(4, 2), (5, 3), (6, 2)])
def test_a_ring_needs_two_or_three(ring: int, colours: int):
    found = colours_of(ring, *pairs(*((i, (i + 1) % ring) for i in range(ring))))
    assert len(set(found)) == colours


def test_four_that_all_meet_need_four():
    found = colours_of(4, *pairs((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)))
    assert sorted(found) == [0, 1, 2, 3]


def test_an_area_beside_itself_is_no_neighbour():
    assert colours_of(2, *pairs((0, 0), (0, 1))) in ((0, 1), (1, 0))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=40))
def test_neighbours_always_differ(edges: list[tuple[int, int]]):
    found = colours_of(10, *pairs(*edges))
    assert all(found[a] != found[b] for a, b in edges if a != b)
    assert set(found) == set(range(max(found) + 1)), "no colour is passed over"


@given(st.integers(2, 7), st.integers(2, 7), st.randoms(use_true_random=False))
def test_a_grid_with_diagonals_needs_at_most_six(width: int, height: int, random: object):
    """Triangulated grids are maps in the plane, for which smallest-last order promises six."""
    at = {(x, y): y * width + x for x in range(width) for y in range(height)}
    edges = []
    for (x, y), here in at.items():
        edges += [(here, at[n]) for n in ((x + 1, y), (x, y + 1)) if n in at]
        if (x + 1, y + 1) in at:
            a, b = ((x, y), (x + 1, y + 1)) if random.random() < 0.5 else ((x + 1, y), (x, y + 1))
            edges.append((at[a], at[b]))
    assert max(colours_of(width * height, *pairs(*edges))) < 6
