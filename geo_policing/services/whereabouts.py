"""Where a building is, in words that need no map: grid reference, coordinates, the settlement that it is near."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from geo_policing.datasets.dataset import Dataset
from geo_policing.domain.facilities import Facility
from geo_policing.services.indexes import derived
from geo_policing.spatial.crs import to_lon_lat
from geo_policing.spatial.grid_refs import to_grid_ref

COARSEST_M = 250.0
"""A place that may be further off than this is not pointed at: the settlement's name says all that is known."""
FINE_M = 15.0
"""A place known as well as this gets a reference to 10 m, any other to 100 m."""
IN_THE_MIDDLE_M = 300.0
NEAR_M = 15_000.0
"""A settlement further away than this helps nobody to find the place."""
COMPASS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")
LON_LAT_DIGITS = 5


@dataclass(frozen=True)
class Near:
    """A settlement beside a place: how far the place is from its middle in metres, and which way from it.

    `direction` is one of `COMPASS`, "" where the place is in the middle (within `IN_THE_MIDDLE_M`).
    """

    name: str
    distance_m: float
    direction: str


@dataclass(frozen=True)
class Whereabouts:
    """How to point at a place. `grid_ref` names a square that holds it; `lon_lat` is WGS 84 degrees, 5 digits."""

    grid_ref: str
    lon_lat: tuple[float, float]
    near: Near | None


def whereabouts(dataset: Dataset, facility: Facility) -> Whereabouts | None:
    """Where `facility` is; None where it has no place, or one that may be further off than `COARSEST_M`.

    `near` is None where the data has no settlement within `NEAR_M`. A place of unknown accuracy is taken as rough.
    """
    point = facility.easting_northing
    off_m = facility.accuracy_m
    if point is None or (off_m is not None and off_m > COARSEST_M):
        return None
    lon, lat = (float(values[0]) for values in to_lon_lat([point[0]], [point[1]]))
    digits = 8 if off_m is not None and off_m <= FINE_M else 6
    lon_lat = (round(lon, LON_LAT_DIGITS), round(lat, LON_LAT_DIGITS))
    return Whereabouts(to_grid_ref(*point, digits), lon_lat, nearest_settlement(dataset, *point))


def nearest_settlement(dataset: Dataset, easting: float, northing: float) -> Near | None:
    """The settlement whose middle is nearest to a point; None where none is within `NEAR_M`."""
    names, middles = derived(dataset, "settlement_middles", lambda: _middles(dataset))
    if not names:
        return None
    east, north = easting - middles[:, 0], northing - middles[:, 1]
    distance_m = np.hypot(east, north)
    row = int(np.argmin(distance_m))
    if distance_m[row] > NEAR_M:
        return None
    in_middle = distance_m[row] <= IN_THE_MIDDLE_M
    return Near(names[row], float(distance_m[row]), "" if in_middle else direction(float(east[row]), float(north[row])))


def direction(east: float, north: float) -> str:
    """The point of the compass, of eight, towards which a vector (metres) points.

    >>> direction(0, 5), direction(-3, -3), direction(10, 1)
    ('north', 'south-west', 'east')
    """
    return COMPASS[round(math.degrees(math.atan2(east, north)) / 45) % 8]


def _middles(dataset: Dataset) -> tuple[list[str], np.ndarray[tuple[int, int], np.dtype[np.float64]]]:
    places = dataset["places"]
    rows = np.flatnonzero(np.asarray(places["kind"]) == "settlement")
    points = np.column_stack([np.asarray(places[axis], dtype=np.float64)[rows] for axis in ("easting", "northing")])
    placed = np.isfinite(points).all(axis=1)
    return np.asarray(places["name"])[rows[placed]].tolist(), points[placed]
