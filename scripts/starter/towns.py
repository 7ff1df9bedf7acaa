"""How large a place is, and how a town's cell is divided into units."""

from __future__ import annotations

import math
from collections.abc import Callable

from starter.places import Place
from starter.power import Point

RESIDENTS_PER_KM2 = 3_500
"""Built-up density of an English town: Cambridge and Peterborough have some 3,600 residents per km² of urban area."""
RESIDENTS_PER_UNIT = 1_500
"""About the size of an LSOA: what a planner moves between beats."""
ASSUMED_POPULATION = 300
"""For the size of a place whose population GeoNames does not have; never counted as residents."""
_GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))
_FARTHEST = 3.0
"""Sites are sought this many radii from a town's point, where its cell cuts its disc."""


def radius_m(place: Place) -> float:
    """Radius of the disc that the place's residents fill at `RESIDENTS_PER_KM2`."""
    km2 = (place.population or ASSUMED_POPULATION) / RESIDENTS_PER_KM2
    return 1000 * math.sqrt(km2 / math.pi)


def unit_count(place: Place) -> int:
    """How many units the place is divided into, at most: one for a village."""
    return max(1, (place.population or 0) // RESIDENTS_PER_UNIT)


def unit_sites(place: Place, allowed: Callable[[Point], bool]) -> list[Point]:
    """Sites of the place's units, to 1 m: a sunflower pattern of even density from its point over its disc.

    Sites that are not `allowed` are left out and the pattern goes on beyond the disc, to three radii; a place that is
    hemmed in all around gets fewer sites, but at least its own point.
    """
    count, radius = unit_count(place), radius_m(place)
    spacing = radius / math.sqrt(count)
    sites: list[Point] = []
    for i in range(math.ceil(count * _FARTHEST**2)):
        r, angle = spacing * math.sqrt(i + 0.5), i * _GOLDEN_ANGLE
        site = (
            float(round(place.easting + r * math.cos(angle))),
            float(round(place.northing + r * math.sin(angle))),
        )
        if len(sites) < count and allowed(site):
            sites.append(site)
    return sites if len(sites) > 1 else [(float(place.easting), float(place.northing))]


def shared_population(place: Place, count: int) -> list[int | None]:
    """The place's residents shared evenly between `count` units, whole and summing to the place's; None stays None."""
    if place.population is None:
        return [None] * count
    each, left = divmod(place.population, count)
    return [each + (i < left) for i in range(count)]
