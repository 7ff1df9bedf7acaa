"""Power diagrams: Voronoi diagrams in which a heavier site takes more.

The cell of site i holds the points p with |p - i|² - weight_i least. Plain Python floats only, so that every machine
gives the same bits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

Point = tuple[float, float]
Cell = list[Point]
"""Corners of a convex cell, counter-clockwise; none for a site whose cell is empty."""


def power_cells(sites: Sequence[Point], weights: Sequence[float], window: Cell) -> list[Cell]:
    """The cell of each site within the convex `window` (counter-clockwise). Sites must differ; `weights` are in m²."""
    return [_cell(i, sites, weights, window) for i in range(len(sites))]


def area_m2(cell: Cell) -> float:
    """The area of a cell; 0 for an empty one."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(cell, cell[1:] + cell[:1], strict=True)) / 2


def capped(weights: Sequence[float], sites: Sequence[Point], share: float) -> list[float]:
    """The greatest weights, none above those given, with which every site stays in its own cell.

    Two sites at distance D then differ by at most `share`·D², so their border stays (1 - share)/2·D from either.
    """
    result = list(weights)
    limits = [[share * math.dist(a, b) ** 2 for b in sites] for a in sites]
    # Shortest paths from above: at most one pass a site, in practice a handful.
    for _ in sites:
        before = list(result)
        for i, row in enumerate(limits):
            result[i] = min(result[j] + limit for j, limit in enumerate(row))
        if result == before:
            break
    return result


def _cell(i: int, sites: Sequence[Point], weights: Sequence[float], window: Cell) -> Cell:
    """The window, cut by the border with each other site, nearest first."""
    x, y = sites[i]
    greatest_gain = max(weights) - weights[i]
    cell = list(window)
    reach = max(math.dist((x, y), corner) for corner in cell)
    order = sorted((math.hypot(sx - x, sy - y), j) for j, (sx, sy) in enumerate(sites) if j != i)
    for distance, j in order:
        # The border with j lies (D² + w_i - w_j) / 2D away; no farther site can cut once that is beyond the cell.
        if distance * distance - greatest_gain > 2 * distance * reach:
            break
        cell = _clip(cell, sites[i], sites[j], weights[j] - weights[i])
        if not cell:
            break
        reach = max(math.dist((x, y), corner) for corner in cell)
    return cell


def _clip(cell: Cell, own: Point, other: Point, gain: float) -> Cell:
    """`cell` without what is nearer to `other`, by power distance, where `other` is heavier by `gain`."""
    a, b = 2 * (other[0] - own[0]), 2 * (other[1] - own[1])
    c = (other[0] ** 2 + other[1] ** 2) - (own[0] ** 2 + own[1] ** 2) - gain
    beyond = [a * x + b * y - c for x, y in cell]
    kept: Cell = []
    for k, corner in enumerate(cell):
        following = (k + 1) % len(cell)
        here, there = beyond[k], beyond[following]
        if here <= 0:
            kept.append(corner)
        if (here <= 0) != (there <= 0):
            share = here / (here - there)
            target = cell[following]
            kept.append((corner[0] + share * (target[0] - corner[0]), corner[1] + share * (target[1] - corner[1])))
    return kept
