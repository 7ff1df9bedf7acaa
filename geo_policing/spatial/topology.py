"""Areas that share their boundaries, written so that each stretch stands once: the arcs of TopoJSON.

Neighbours refer to the same arc, so nothing can come between them however the numbers are read, and a map of them is
half as long as one of separate polygons. The form is TopoJSON 1.0 (https://github.com/topojson/topojson-specification).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Ints = NDArray[np.int64]
_NOBODY = -1


@dataclass(frozen=True)
class Topology:
    """`arcs` are lists of points (n, 2) in whole grid steps.

    `polygons[i]` are the polygons of area i, each a list of rings (the outer one first), each a list of arcs by
    number; `~n` is arc n walked backwards. An area of which rounding left nothing has no polygons.
    """

    arcs: tuple[Ints, ...]
    polygons: tuple[tuple[tuple[tuple[int, ...], ...], ...], ...]


def topology_of(areas: NDArray[Any], step: float) -> Topology:
    """The arcs of `areas` (polygons or multipolygons that are a valid coverage), rounded to multiples of `step`.

    An arc ends where a third area or the outside begins; a ring with one neighbour all round is one arc. The same
    areas in the same order give the same arcs.
    """
    rings = _rings_of(areas, step)
    ends = _ends_of(rings)
    number: dict[tuple[tuple[int, int], ...], int] = {}
    arcs: list[Ints] = []
    polygons: list[list[list[tuple[int, ...]]]] = [[] for _ in range(len(areas))]
    part_before = -1
    for ring in rings:
        row = tuple(_numbered(arc, number, arcs) for arc in _cut(ring.points, ends))
        if ring.part != part_before:
            polygons[ring.area].append([])
            part_before = ring.part
        polygons[ring.area][-1].append(row)
    return Topology(tuple(arcs), tuple(tuple(tuple(rings) for rings in area) for area in polygons))


@dataclass(frozen=True)
class _Ring:
    """A ring's points in order, the first not repeated, and whose it is."""

    area: int
    part: int
    points: list[tuple[int, int]]


def _rings_of(areas: NDArray[Any], step: float) -> list[_Ring]:
    parts, area_of_part = shapely.get_parts(areas, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    found: list[_Ring] = []
    lost_parts = set()
    before = -1
    for ring, part in zip(rings, part_of_ring.tolist(), strict=True):
        points = np.rint(shapely.get_coordinates(ring)[:-1] / step).astype(np.int64)
        moved = np.any(points != np.roll(points, 1, axis=0), axis=1)
        points = points[moved]
        is_outer, before = part != before, part
        if len(points) < 3 or part in lost_parts:
            if is_outer:
                lost_parts.add(part)
            continue
        found.append(_Ring(int(area_of_part[part]), part, [(x, y) for x, y in points.tolist()]))
    return found


def _edges(points: list[tuple[int, int]]) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    return zip(points, points[1:] + points[:1], strict=True)


def _ends_of(rings: list[_Ring]) -> set[tuple[int, int]]:
    """The points at which arcs end: where other than two edges meet, or two with other areas beside them."""
    beside: dict[tuple[tuple[int, int], ...], list[int]] = {}
    for ring in rings:
        for a, b in _edges(ring.points):
            beside.setdefault((a, b) if a < b else (b, a), []).append(ring.area)
    at: dict[tuple[int, int], list[tuple[int, ...]]] = {}
    for (a, b), areas in beside.items():
        owners = tuple(sorted(areas)) if len(areas) > 1 else (_NOBODY, areas[0])
        at.setdefault(a, []).append(owners)
        at.setdefault(b, []).append(owners)
    return {point for point, owners in at.items() if len(owners) != 2 or owners[0] != owners[1]}


def _cut(points: list[tuple[int, int]], ends: set[tuple[int, int]]) -> Iterator[tuple[tuple[int, int], ...]]:
    """The pieces of a ring between ends, each with both of its own; a ring without ends whole, from its least point."""
    at = [i for i, point in enumerate(points) if point in ends]
    if not at:
        least = points.index(min(points))
        turned = points[least:] + points[:least]
        yield (*turned, turned[0])
        return
    turned = points[at[0] :] + points[: at[0]]
    stops = [i - at[0] for i in at] + [len(points)]
    closed = [*turned, turned[0]]
    for first, last in pairwise(stops):
        yield tuple(closed[first : last + 1])


def _numbered(arc: tuple[tuple[int, int], ...], number: dict[Any, int], arcs: list[Ints]) -> int:
    """The number of `arc`, `~` of it where it was met the other way round; a new one is added."""
    if arc in number:
        return number[arc]
    back = arc[::-1]
    if back in number:
        return ~number[back]
    number[arc] = len(arcs)
    arcs.append(np.array(arc, dtype=np.int64))
    return number[arc]
