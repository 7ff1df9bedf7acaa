"""Answers for points and for squares of the National Grid."""

from __future__ import annotations

import math

import numpy as np
import shapely

from geo_policing.services.answers import Answer, Note, NoteCode
from geo_policing.services.methods import Method
from geo_policing.services.ready import Ready
from geo_policing.spatial.grid_refs import GridSquare
from geo_policing.spatial.overlay import shared_areas
from geo_policing.wording import worded

COARSE_FROM_M = 100.0
"""Squares of this side or more may well lie in several beats; smaller ones are as good as points."""
OWN_DISTRICT_SNAP_M = 500.0
"""How far from every unit a point in one of the force's own districts may lie and still take the nearest.

Districts and units come from different publications, and along water they differ by more than `point_snap_m`.
"""
_LEAST_SHARE = 1e-4
"""Shares of a square below this are where boundaries only touch it."""


def answer_point(
    ready: Ready,
    easting: float,
    northing: float,
    *,
    asked: str,
    accuracy_m: float | None = None,
    method: Method = Method.POINT,
) -> Answer:
    """The beat that holds a point (EPSG:27700 metres), or that is nearest where it lies just outside all of them."""
    return answer_located_point(
        ready, ready.units.at_point(easting, northing), easting, northing, asked, accuracy_m, method
    )


def answer_located_point(
    ready: Ready,
    unit: int,
    easting: float,
    northing: float,
    asked: str,
    accuracy_m: float | None = None,
    method: Method = Method.POINT,
) -> Answer:
    """`answer_point` where the unit that holds the point (-1: none) is known already."""
    if unit >= 0:
        return ready.in_unit(unit, method=method, asked=asked, accuracy_m=accuracy_m)
    if not (math.isfinite(easting) and math.isfinite(northing)):
        return ready.outside(None, method=method, asked=asked, accuracy_m=accuracy_m)
    row = ready.districts.at_point(easting, northing)
    if row >= 0 and not ready.districts.inside[row]:
        neighbour = ready.districts.districts[row]
        return ready.outside(neighbour, method=method, asked=asked, accuracy_m=accuracy_m)
    within_m = OWN_DISTRICT_SNAP_M if row >= 0 else ready.force.point_snap_m
    nearest, apart_m = ready.units.tree.nearest(easting, northing, within_m=within_m)
    if nearest < 0:
        return ready.outside(None, method=method, asked=asked, accuracy_m=accuracy_m)
    notes = (snapped(asked, apart_m),)
    return ready.in_unit(nearest, method=Method.POINT_NEAREST_UNIT, asked=asked, accuracy_m=accuracy_m, notes=notes)


def answer_square(ready: Ready, square: GridSquare, *, asked: str) -> Answer:
    """A fine square as its middle; a coarse one by area, the beat that holds the middle first."""
    easting, northing = square.centre
    shares = [] if square.size_m < COARSE_FROM_M else _shares_of_square(ready, square)
    if not shares:
        return answer_point(
            ready, easting, northing, asked=asked, accuracy_m=square.accuracy_m, method=Method.GRID_CELL
        )
    return ready.located(
        shares,
        first_unit=ready.units.at_point(easting, northing),
        method=Method.GRID_CELL,
        asked=asked,
        accuracy_m=square.accuracy_m,
    )


def snapped(asked: str, apart_m: float) -> Note:
    """The note for a point that took the nearest unit."""
    distance_m = max(1, round(apart_m))
    text = worded(
        "%(asked)s lies %(distance)s m outside every beat; the nearest one was taken.",
        asked=asked,
        distance=distance_m,
    )
    return Note(NoteCode.SNAPPED_TO_NEAREST_UNIT, text, distance_m)


def _shares_of_square(ready: Ready, square: GridSquare) -> list[tuple[int, float]]:
    box = np.array([shapely.box(*square.bounds)])
    _, units, areas_m2 = shared_areas(ready.units.tree.strtree, box)
    shares = areas_m2 / square.size_m**2
    kept = shares >= _LEAST_SHARE
    return list(zip(units[kept].tolist(), shares[kept].tolist(), strict=True))
