"""A schematic road network between the starter's places: straight lines, whose class follows from the places' size.

Points are the places, a point inside each unit and, over the discs of towns, points of a street pattern; neighbours
among them (in the sense of Gabriel: nothing lies in the circle between) are joined. Main roads are then laid over that
graph, from town to neighbouring town, the largest first, so that they run over the places in between.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely

from starter.places import Place
from starter.tessellate import Unit
from starter.towns import radius_m, unit_count

Spot = tuple[int, int]
"""Easting and northing on whole metres."""
TIERS = (("trunk", 40_000), ("primary", 10_000), ("secondary", 3_000), ("tertiary", 1_000))
"""The class of the roads between neighbouring places of at least so many residents: as a rule of thumb, what an
English atlas shows between places of that size."""
LANE, STREET = "unclassified", "residential"
STREETS_APART_M = 400
"""Between the points of the street pattern: a tenth of the real streets' density, so that a house is within 200 m."""
_APART_SHARE = 0.6
"""A point of the pattern is left out where another point lies nearer than this share of the pattern's step."""
_KEEP_TO_MAIN = 0.7
"""A road of a lower tier takes a detour of up to 1 / 0.7 over roads that are already there, rather than beside them."""
_GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))


@dataclass(frozen=True)
class Road:
    """A straight road between two points, both on whole metres, the lesser first; `built_up` within a town's disc."""

    highway: str
    built_up: bool
    start: Spot
    end: Spot


def make_roads(places: Sequence[Place], units: Sequence[Unit]) -> list[Road]:
    """The network over all places and units, in one piece, ordered by its points; every place and unit is on it."""
    spots = _spots(places, units)
    graph = gabriel_graph(spots)
    classes = _main_roads(places, graph)
    discs = [(p, radius_m(p)) for p in places if unit_count(p) > 1 and p.district.inside]
    town_of = {spot: {p.geonameid for p, r in discs if math.dist(spot, _spot(p)) <= r} for spot in spots}
    roads = []
    for a, b in sorted({(min(a, b), max(a, b)) for a, near in graph.items() for b in near}):
        built_up = bool(town_of[a] & town_of[b])
        roads.append(Road(classes.get((a, b), STREET if built_up else LANE), built_up, a, b))
    return roads


def gabriel_graph(spots: Sequence[Spot]) -> dict[Spot, dict[Spot, float]]:
    """Neighbours of each spot with their distance: two are neighbours where no third lies in or on the circle of which
    they are the diameter. No two roads cross, and all spots hang together unless four lie on one circle."""
    points = np.array(spots, dtype=np.int64)
    graph: dict[Spot, dict[Spot, float]] = {spot: {} for spot in spots}
    for a, b in _delaunay_pairs(spots):
        # Twice the distance from the middle, in whole numbers, so that no rounding decides.
        apart = ((2 * points - (a[0] + b[0], a[1] + b[1])) ** 2).sum(axis=1)
        diameter = (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2
        if (apart <= diameter).sum() == 2:
            graph[a][b] = graph[b][a] = math.dist(a, b)
    return graph


def _delaunay_pairs(spots: Sequence[Spot]) -> Iterable[tuple[Spot, Spot]]:
    """Pairs among which are all of Gabriel's: a superset whatever way ties are broken."""
    if len(spots) < 3:
        return [(a, b) for i, a in enumerate(spots) for b in spots[i + 1 :]]
    edges = shapely.get_parts(shapely.delaunay_triangles(shapely.multipoints(spots), only_edges=True))
    ends = shapely.get_coordinates(edges).astype(np.int64).reshape(-1, 2, 2).tolist()
    return [((a[0], a[1]), (b[0], b[1])) for a, b in ends]


def shortest_path(a: Spot, b: Spot, graph: dict[Spot, dict[Spot, float]], cost: Callable[..., float]) -> list[Spot]:
    """The spots from `a` to `b` with the least sum of `cost(from, to, metres)`; [] where there is no way."""
    queue = [(0.0, a, a)]
    came: dict[Spot, Spot] = {}
    while queue:
        so_far, spot, before = heapq.heappop(queue)
        if spot in came:
            continue
        came[spot] = before
        if spot == b:
            break
        for near, metres in graph[spot].items():
            if near not in came:
                heapq.heappush(queue, (so_far + cost(spot, near, metres), near, spot))
    if b not in came:
        return []
    path = [b]
    while path[-1] != a:
        path.append(came[path[-1]])
    return path[::-1]


def _spot(place: Place) -> Spot:
    return place.easting, place.northing


def _spots(places: Sequence[Place], units: Sequence[Unit]) -> list[Spot]:
    """All points of the network, each once: places, units, then the pattern where there is room."""
    inside = shapely.get_coordinates(shapely.point_on_surface([unit.polygon for unit in units]))
    spots = dict.fromkeys(map(_spot, places))
    spots |= dict.fromkeys((round(x), round(y)) for x, y in inside.tolist())
    taken: dict[Spot, list[Spot]] = defaultdict(list)
    for spot in spots:
        taken[_square(spot)].append(spot)
    for place in places:
        if not place.district.inside or unit_count(place) == 1:
            continue
        for spot in _pattern(place):
            if _has_room(spot, taken):
                spots[spot] = None
                taken[_square(spot)].append(spot)
    return list(spots)


def _pattern(place: Place) -> list[Spot]:
    """A sunflower of points `STREETS_APART_M` apart over the town's disc, from its point."""
    count = round(math.pi * radius_m(place) ** 2 / STREETS_APART_M**2)
    pace = STREETS_APART_M / math.sqrt(math.pi)
    polar = [(pace * math.sqrt(i + 0.5), i * _GOLDEN_ANGLE) for i in range(count)]
    return [
        (round(place.easting + r * math.cos(angle)), round(place.northing + r * math.sin(angle))) for r, angle in polar
    ]


def _square(spot: Spot) -> Spot:
    return spot[0] // STREETS_APART_M, spot[1] // STREETS_APART_M


def _has_room(spot: Spot, taken: dict[Spot, list[Spot]]) -> bool:
    column, row = _square(spot)
    around = [other for i in (-1, 0, 1) for j in (-1, 0, 1) for other in taken.get((column + i, row + j), ())]
    return all(math.dist(spot, other) >= _APART_SHARE * STREETS_APART_M for other in around)


def _main_roads(places: Sequence[Place], graph: dict[Spot, dict[Spot, float]]) -> dict[tuple[Spot, Spot], str]:
    """The class of each stretch (the lesser point first) that a main road runs over."""
    classes: dict[tuple[Spot, Spot], str] = {}

    def cost(a: Spot, b: Spot, metres: float) -> float:
        return metres * (_KEEP_TO_MAIN if (min(a, b), max(a, b)) in classes else 1.0)

    for highway, residents in TIERS:
        large = [_spot(p) for p in places if (p.population or 0) >= residents]
        laid: set[tuple[Spot, Spot]] = set()
        for a, near in sorted(gabriel_graph(large).items()):
            for b in sorted(spot for spot in near if spot > a):
                path = shortest_path(a, b, graph, cost)
                laid |= {(min(pair), max(pair)) for pair in pairwise(path)}
        # Within a tier the order of its roads does not matter: only those of higher tiers attract.
        for stretch in sorted(laid):
            classes.setdefault(stretch, highway)
    return classes
