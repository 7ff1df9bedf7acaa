"""Colours for areas, such that neighbours differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def colours_of(count: int, a: NDArray[np.integer], b: NDArray[np.integer]) -> tuple[int, ...]:
    """A colour (from 0) for each of `count` areas, where the areas of each pair (a, b) get different ones.

    Smallest-last order (Matula and Beck 1983): the area with the fewest neighbours left is put last, again and again;
    then each in turn takes the lowest colour that none of its neighbours has. Of a map of areas in one piece, where
    some area always has at most five neighbours, that takes at most six. Among equals the least number goes first, so
    the same pairs give the same colours. Pairs of an area with itself are passed over.
    """
    neighbours: list[set[int]] = [set() for _ in range(count)]
    for one, other in zip(a.tolist(), b.tolist(), strict=True):
        if one != other:
            neighbours[one].add(other)
            neighbours[other].add(one)
    colours = [-1] * count
    for area in reversed(_smallest_last(neighbours)):
        taken = {colours[other] for other in neighbours[area]}
        colours[area] = next(colour for colour in range(count) if colour not in taken)
    return tuple(colours)


def _smallest_last(neighbours: Sequence[set[int]]) -> list[int]:
    """The areas in the order in which they are taken away, each time the one with the fewest neighbours left."""
    left = {area: len(others) for area, others in enumerate(neighbours)}
    order = []
    while left:
        area = min(left, key=lambda each: (left[each], each))
        del left[area]
        order.append(area)
        for other in neighbours[area] & left.keys():
            left[other] -= 1
    return order
