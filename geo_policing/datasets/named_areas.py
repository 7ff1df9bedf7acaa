"""Settlements, wards and districts as places to search for, and which units each of them means.

A settlement has no boundary in open data, only a point and perhaps a number of residents. What its name may mean is
taken as the disc that so many residents fill at `RESIDENTS_PER_KM2`; the live postcodes in the disc, each standing
for its part of its unit's residents, say how the settlement is shared between units.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.datasets.gazetteer import Gazetteer
from geo_policing.datasets.place_drafts import Drafts, Laid, normalised

RESIDENTS_PER_KM2 = 3_500.0
"""Assumed for the built ground of a settlement, as for the starter's cells: English towns of 10,000 to 200,000
residents have some 3,000 to 4,500 to the km² of built-up area. It decides how far a name reaches, never a postcode."""
LEAST_RADIUS_M, UNKNOWN_RADIUS_M, MOST_RADIUS_M = 300.0, 500.0, 8_000.0
"""A hamlet along its street; a settlement of which nothing is known, a village of 2,700; a city of 700,000."""


def settlement_radius_m(population: NDArray[np.float64], drawn_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far from its point each settlement reaches: by its residents, else by the box that a source draws around it.

    Radii lie between `LEAST_RADIUS_M` and `MOST_RADIUS_M`; `UNKNOWN_RADIUS_M` where nothing is known.
    """
    disc_m = np.sqrt(population / (np.pi * RESIDENTS_PER_KM2)) * 1000
    known = np.where(np.isfinite(disc_m), disc_m, drawn_m)
    radius_m = np.clip(known, LEAST_RADIUS_M, MOST_RADIUS_M)
    return np.where(np.isfinite(radius_m), radius_m, UNKNOWN_RADIUS_M)


def settlements(laid: Laid, gazetteer: Gazetteer, units_of_place: Mapping[str, Sequence[str]]) -> Drafts:
    """Settlements of the force and those over the border, in the gazetteer's order.

    A settlement whose point lies in no unit has no units, and the district over the border that holds it. Where
    `units_of_place` gives a key's units (ids), those are what it means, by residents. Else it is what its disc holds;
    where the disc holds no postcode, the unit of its point.
    """
    radius_m = settlement_radius_m(gazetteer.population, gazetteer.radius_m)
    unit = laid.unit_of_points(gazetteer.easting, gazetteer.northing)
    district = laid.district_of_points(gazetteer.easting, gazetteer.northing, unit)
    given_place, given_unit = _given(laid, gazetteer, units_of_place, unit)
    given = np.isin(np.arange(len(gazetteer)), given_place)
    parts = [
        _by_weight(laid, given_place, given_unit, len(gazetteer)),
        _by_disc(laid, gazetteer, radius_m, np.flatnonzero((unit >= 0) & ~given)),
    ]
    place, of_unit, share = (np.concatenate([part[i] for part in parts]) for i in range(3))
    alone = np.setdiff1d(np.flatnonzero(unit >= 0), place)
    names = laid.districts["name"]
    return Drafts(
        kind="settlement",
        name=gazetteer.name.astype(object),
        near=np.array([names[row] if row >= 0 else "" for row in district.tolist()], dtype=object),
        easting=gazetteer.easting,
        northing=gazetteer.northing,
        accuracy_m=np.round(radius_m),
        population=gazetteer.population,
        district=district,
        place=np.concatenate([place, alone]),
        unit=np.concatenate([of_unit, unit[alone]]).astype(np.int64),
        share=np.concatenate([share, np.ones(len(alone))]),
    )


def wards(laid: Laid) -> Drafts:
    """Each ward with its best-fit units, by residents; one that fits no unit best has the unit of a point in it."""
    table = laid.wards
    count = len(table)
    if not count:
        return Drafts.none("ward")
    points = shapely.point_on_surface(table["geometry"])
    easting, northing = np.round(shapely.get_x(points)), np.round(shapely.get_y(points))
    unit_at_point = laid.unit_of_points(easting, northing)
    held = np.flatnonzero(laid.ward_of_unit >= 0)
    place, unit, share = _by_weight(laid, laid.ward_of_unit[held], held, count)
    alone = np.setdiff1d(np.flatnonzero(unit_at_point >= 0), place)
    place = np.concatenate([place, alone])
    unit = np.concatenate([unit, unit_at_point[alone]]).astype(np.int64)
    share = np.concatenate([share, np.ones(len(alone))])
    district = laid.district_of_points(easting, northing, unit_at_point)
    # The largest part says whose the ward is: a point in it may lie in a neighbour's unit.
    order = np.argsort(share, kind="stable")
    district[place[order]] = laid.units["district"][unit[order]]
    names = laid.districts["name"]
    return Drafts(
        kind="ward",
        name=table["name"].astype(object),
        near=np.array([names[row] if row >= 0 else "" for row in district.tolist()], dtype=object),
        easting=easting,
        northing=northing,
        accuracy_m=_radius_of(table["geometry"]),
        population=_residents(laid, place, unit, count),
        district=district,
        place=place,
        unit=unit,
        share=share,
    )


def districts(laid: Laid) -> Drafts:
    """Each district, also those over the border (which have no units), by residents."""
    table = laid.districts
    points = shapely.point_on_surface(table["geometry"])
    unit = np.arange(len(laid.units))
    place, of_unit, share = _by_weight(laid, laid.units["district"].astype(np.int64), unit, len(table))
    return Drafts(
        kind="district",
        name=table["name"].astype(object),
        near=np.full(len(table), "", dtype=object),
        easting=np.round(shapely.get_x(points)),
        northing=np.round(shapely.get_y(points)),
        accuracy_m=_radius_of(table["geometry"]),
        population=_residents(laid, place, of_unit, len(table)),
        district=np.arange(len(table)),
        place=place,
        unit=of_unit,
        share=share,
    )


_Share = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]


def _given(
    laid: Laid, gazetteer: Gazetteer, units_of_place: Mapping[str, Sequence[str]], unit_at_point: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(place, unit) of the settlements inside whose units are given; unknown keys and ids give nothing."""
    row_of_unit = {unit: row for row, unit in enumerate(laid.units["id"].tolist())}
    pairs = [
        (place, row_of_unit[unit])
        for place, key in enumerate(gazetteer.key.tolist())
        if unit_at_point[place] >= 0
        for unit in units_of_place.get(key, ())
        if unit in row_of_unit
    ]
    both = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _by_weight(laid: Laid, place: NDArray[np.int64], unit: NDArray[np.int64], count: int) -> _Share:
    """Whole units shared by their weight, or alike where all of a place's weigh nothing."""
    weight = laid.unit_weight[unit]
    nothing = np.bincount(place, weights=weight, minlength=count)[place] == 0
    weight = np.where(nothing, 1.0, weight)
    total = np.bincount(place, weights=weight, minlength=count).astype(np.float64)
    return normalised(place, unit, weight, total)


def _by_disc(laid: Laid, gazetteer: Gazetteer, radius_m: NDArray[np.float64], rows: NDArray[np.int64]) -> _Share:
    """The weight of the postcodes within each disc, by unit; those over the border count in the whole only."""
    homes = shapely.points(laid.postcodes["easting"][laid.homes], laid.postcodes["northing"][laid.homes])
    points = shapely.points(gazetteer.easting[rows], gazetteer.northing[rows])
    at, home = shapely.STRtree(homes).query(points, predicate="dwithin", distance=radius_m[rows])
    weight = laid.home_weight[home]
    total = np.bincount(rows[at], weights=weight, minlength=len(gazetteer)).astype(np.float64)
    inside = laid.home_unit[home] >= 0
    return normalised(rows[at[inside]], laid.home_unit[home[inside]], weight[inside], total)


def _residents(laid: Laid, place: NDArray[np.int64], unit: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """Residents of whole units, NaN where one of them is not known or there are none."""
    known = np.bincount(place, minlength=count) > 0
    total = np.bincount(place, weights=laid.units["population"][unit], minlength=count)
    return np.where(known, total, np.nan)


def _radius_of(geometry: NDArray[np.object_]) -> NDArray[np.float64]:
    """The radius of a disc of the same area."""
    radius_m: NDArray[np.float64] = np.round(np.sqrt(shapely.area(geometry) / np.pi))
    return radius_m
