"""Groups units into beats: a town into named sectors, villages with their neighbours; each beat in one piece."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import shapely

from starter.places import Place
from starter.tessellate import Unit
from starter.towns import ASSUMED_POPULATION

RESIDENTS_PER_TOWN_BEAT = 8_000
TOWN_FROM = 12_000
"""A place of so many residents is divided into beats; a smaller one is whole, alone or with villages."""
RESIDENTS_PER_RURAL_BEAT = 5_500
"""Fewer than in a town: the way is longer, and averages hide the fens."""
_LAYOUTS = ((1,), (2,), (1, 2), (4,), (1, 4), (1, 8), (1, 8, 8))
"""How many sectors a town's rings have, from the middle, for each number of beats that is possible."""
_EIGHTHS = ("North", "North East", "East", "South East", "South", "South West", "West", "North West")
_TYPICAL_M = 5_000
"""The distance between a beat's villages that weighs as much as a whole beat's residents too many."""

Graph = dict[int, dict[int, float]]


@dataclass
class _Cluster:
    """Places on their way to a beat; `units` are indices."""

    places: list[Place]
    units: list[int]

    @property
    def population(self) -> int:
        return sum(p.population or ASSUMED_POPULATION for p in self.places)

    @property
    def largest(self) -> Place:
        return max(self.places, key=lambda p: (p.population or 0, p.name))


def suggest_beats(units: Sequence[Unit]) -> list[str]:
    """The name of each unit's beat, unique within its district; every beat is contiguous.

    A town's beats are called by the point of the compass ("Ely – South"), as no source has its quarters; others by
    their largest place.
    """
    graph = _adjacency(units)
    names = [""] * len(units)
    for code in sorted({u.place.district.code for u in units}):
        own = [i for i, u in enumerate(units) if u.place.district.code == code]
        by_place: dict[Place, list[int]] = defaultdict(list)
        for i in own:
            by_place[units[i].place].append(i)
        rural: list[_Cluster] = []
        for place, indices in by_place.items():
            if (place.population or 0) >= TOWN_FROM:
                _name_town(place, indices, units, graph, names)
            else:
                rural.append(_Cluster([place], indices))
        for cluster in _merged(rural, graph):
            for i in cluster.units:
                names[i] = cluster.largest.name
    return names


def _adjacency(units: Sequence[Unit]) -> Graph:
    """Length of the shared border in metres, by unit and neighbour."""
    polygons = [u.polygon for u in units]
    left, right = shapely.STRtree(polygons).query(polygons, predicate="touches")
    graph: Graph = defaultdict(dict)
    for a, b in zip(left.tolist(), right.tolist(), strict=True):
        shared = shapely.length(shapely.intersection(polygons[a], polygons[b]))
        if shared > 0:
            graph[a][b] = shared
    return graph


def _name_town(place: Place, indices: list[int], units: Sequence[Unit], graph: Graph, names: list[str]) -> None:
    wanted = (place.population or 0) / RESIDENTS_PER_TOWN_BEAT
    layout = min(_LAYOUTS, key=lambda rings: abs(sum(rings) - wanted))
    offsets = _offsets(indices, units)
    left = sorted(indices, key=lambda i: (math.hypot(*offsets[i]), units[i].id))
    beats_left = sum(layout)
    for level, sectors in enumerate(layout):
        count = round(len(left) * sectors / beats_left)
        ring, left, beats_left = left[:count], left[count:], beats_left - sectors
        for name, group in _sectors(ring, sectors, offsets):
            outer = "Outer " if level > 1 else ""
            for i in group:
                names[i] = f"{place.name} – {outer}{name}" if len(layout) > 1 or sectors > 1 else place.name
    _rejoin(indices, graph, names)


def _offsets(indices: Sequence[int], units: Sequence[Unit]) -> dict[int, tuple[float, float]]:
    """From the middle of the town to that of each unit: metres east, metres north."""
    middles = {i: shapely.centroid(units[i].polygon) for i in indices}
    x = sum(m.x for m in middles.values()) / len(indices)
    y = sum(m.y for m in middles.values()) / len(indices)
    return {i: (m.x - x, m.y - y) for i, m in middles.items()}


def _sectors(ring: list[int], count: int, offsets: dict[int, tuple[float, float]]) -> list[tuple[str, list[int]]]:
    """The units of a ring in `count` sectors of as many units each, named by the point of the compass."""
    if count == 1:
        return [("Centre", ring)]
    compass = _EIGHTHS[:: 8 // count]
    if count == 2 and max(abs(offsets[i][0]) for i in ring) > max(abs(offsets[i][1]) for i in ring):
        compass = ("East", "West")
    turned = {i: math.atan2(*offsets[i]) / (2 * math.pi) for i in ring}
    clockwise = sorted(ring, key=lambda i: turned[i])
    cuts = [round(len(ring) * k / count) for k in range(count + 1)]
    choices = []
    for start in range(len(ring)):
        rotated = clockwise[start:] + clockwise[:start]
        groups = [rotated[a:b] for a, b in pairwise(cuts)]
        off = sum(
            _apart(turned[i], _EIGHTHS.index(name) / 8)
            for name, group in zip(compass, groups, strict=True)
            for i in group
        )
        choices.append((off, start, groups))
    _, _, best = min(choices, key=lambda choice: choice[:2])
    return [(name, group) for name, group in zip(compass, best, strict=True) if group]


def _apart(a: float, b: float) -> float:
    """Between two bearings, in turns (0 to 0.5), squared so that one far outlier counts more than many near ones."""
    return float(abs((a - b + 0.5) % 1 - 0.5) ** 2)


def _rejoin(indices: Sequence[int], graph: Graph, names: list[str]) -> None:
    """Give each detached part of a beat of the town to the beat of the town with which it shares the longest border."""
    town = set(indices)
    for _ in indices:
        stray = _smallest_detached(indices, graph, names)
        if not stray:
            return
        borders: dict[str, float] = defaultdict(float)
        for i in stray:
            for j, shared in graph[i].items():
                if j in town and names[j] != names[i]:
                    borders[names[j]] += shared
        best = max(sorted(borders), key=lambda name: borders[name])
        for i in stray:
            names[i] = best


def _smallest_detached(indices: Sequence[int], graph: Graph, names: Sequence[str]) -> list[int]:
    parts = contiguous_parts(indices, graph, names)
    by_name: dict[str, list[list[int]]] = defaultdict(list)
    for part in parts:
        by_name[names[part[0]]].append(part)
    detached = [part for group in by_name.values() for part in sorted(group, key=len)[:-1]]
    return min(detached, key=len, default=[])


def contiguous_parts(indices: Sequence[int], graph: Graph, names: Sequence[str]) -> list[list[int]]:
    """The units in groups that hang together by shared borders and have one name."""
    left = set(indices)
    parts = []
    for start in indices:
        if start not in left:
            continue
        left.remove(start)
        part, todo = [], [start]
        while todo:
            i = todo.pop()
            part.append(i)
            reached = [j for j in graph[i] if j in left and names[j] == names[i]]
            left.difference_update(reached)
            todo += reached
        parts.append(sorted(part))
    return parts


def _merged(clusters: list[_Cluster], graph: Graph) -> list[_Cluster]:
    """Neighbouring clusters joined, smallest first, until they are as many as their residents make beats."""
    wanted = max(1, round(sum(c.population for c in clusters) / RESIDENTS_PER_RURAL_BEAT))
    clusters = list(clusters)
    alone: set[int] = set()
    while len(clusters) > wanted + len(alone):
        clusters.sort(key=lambda c: (c.population, c.largest.name))
        small = next((c for c in clusters if id(c) not in alone), None)
        if small is None:
            break
        neighbours = [c for c in clusters if c is not small and _shared(small, c, graph) > 0]
        if not neighbours:
            alone.add(id(small))
            continue
        mate = min(neighbours, key=lambda c: _reluctance(small, c))
        mate.places += small.places
        mate.units += small.units
        clusters.remove(small)
    return clusters


def _shared(a: _Cluster, b: _Cluster, graph: Graph) -> float:
    other = set(b.units)
    return sum(shared for i in a.units for j, shared in graph[i].items() if j in other)


def _reluctance(a: _Cluster, b: _Cluster) -> tuple[float, str]:
    """Little for clusters that make a small beat of places near to each other."""
    residents = (a.population + b.population) / RESIDENTS_PER_RURAL_BEAT
    return residents + a.largest.distance_m(b.largest) / _TYPICAL_M, b.largest.name
