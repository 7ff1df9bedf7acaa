"""Best fit of units to wards: units nest in districts but not in wards, so most of their postcodes decide."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.schema import PostcodeStatus
from geo_policing.services.unit_graph import NONE

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class WardFit:
    """`ward_of_unit[i]` is an index into `codes` and `names`, `NONE` where no ward of the unit's district fits.

    `without_units` are the wards ("code name") of the force's districts that won no unit.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    ward_of_unit: NDArray[np.int32]
    without_units: tuple[str, ...]


@dataclass(frozen=True)
class _Votes:
    """Weighted pairs: unit `unit[i]` has `weight[i]` of ward `ward[i]`."""

    unit: Ints
    ward: Ints
    weight: Floats

    def table(self, by: Ints, wards: int, rows: int) -> Floats:
        """The sum of weights in each (by, ward)."""
        flat = np.bincount(by * wards + self.ward, weights=self.weight, minlength=rows * wards)
        return flat.reshape(rows, wards).astype(np.float64)


def fit_by_polygons(dataset: Dataset) -> WardFit:
    """The ward that holds most of a unit's live postcodes; of a unit without any, most of its area.

    A ward belongs to the district of most of its postcodes (of a ward without any: of most of its area) and takes
    units of that district only. A postcode on the border of wards counts for the first of them.
    """
    tree = shapely.STRtree(dataset["wards"]["geometry"])
    votes = _postcodes_in_wards(dataset, tree)
    districts, wards = dataset["units"]["district"], len(dataset["wards"])
    pairs = _pairs_without_votes(dataset, tree, votes)
    areas = _overlaps(dataset, pairs)
    ward_district = _district_of_ward(votes, districts, wards, else_by=areas)
    by_votes = _winners(votes, districts, ward_district)
    by_area = _winners(areas, districts, ward_district)
    ward_of_unit = np.where(by_votes != NONE, by_votes, by_area).astype("<i4")
    table = dataset["wards"]
    return _fit(tuple(table["code"].tolist()), tuple(table["name"].tolist()), ward_of_unit, ward_district)


def fit_by_codes(dataset: Dataset) -> WardFit:
    """The ward whose code most of a unit's live postcodes carry, within the ward's own district.

    Names come from the wards table, else "Ward {code}". Units without such postcodes are left `NONE`.
    """
    postcodes = dataset["postcodes"]
    counted = _live(dataset) & (postcodes["ward_code"] != "")
    codes, ward = np.unique(postcodes["ward_code"][counted], return_inverse=True)
    votes = _Votes(postcodes["unit"][counted].astype(np.int64), ward, np.ones(len(ward)))
    districts = dataset["units"]["district"]
    ward_district = _district_of_ward(votes, districts, len(codes), else_by=votes)
    known = dict(zip(dataset["wards"]["code"].tolist(), dataset["wards"]["name"].tolist(), strict=True))
    names = tuple(known.get(code, f"Ward {code}") for code in codes.tolist())
    return _fit(tuple(codes.tolist()), names, _winners(votes, districts, ward_district), ward_district)


def _fit(
    codes: tuple[str, ...], names: tuple[str, ...], ward_of_unit: NDArray[np.int32], ward_district: Ints
) -> WardFit:
    won = set(ward_of_unit.tolist())
    lost = [w for w in range(len(codes)) if ward_district[w] != NONE and w not in won]
    return WardFit(codes, names, ward_of_unit, tuple(f"{codes[w]} {names[w]}" for w in lost))


def _live(dataset: Dataset) -> NDArray[np.bool_]:
    postcodes = dataset["postcodes"]
    live: NDArray[np.bool_] = (postcodes["status"] == PostcodeStatus.LIVE) & (postcodes["unit"] >= 0)
    return live


def _postcodes_in_wards(dataset: Dataset, tree: shapely.STRtree) -> _Votes:
    postcodes, live = dataset["postcodes"], _live(dataset)
    points = shapely.points(postcodes["easting"][live], postcodes["northing"][live])
    point, ward = tree.query(points, predicate="intersects")
    order = np.lexsort((ward, point))
    point, first = np.unique(point[order], return_index=True)
    return _Votes(postcodes["unit"][live][point].astype(np.int64), ward[order][first], np.ones(len(point)))


def _pairs_without_votes(dataset: Dataset, tree: shapely.STRtree, votes: _Votes) -> tuple[Ints, Ints]:
    """(unit, ward) that meet and that area must decide: areas are slow, so only for who has no postcode."""
    unit, ward = tree.query(dataset["units"]["geometry"], predicate="intersects")
    voteless = ~np.isin(unit, votes.unit) | ~np.isin(ward, votes.ward)
    return unit[voteless], ward[voteless]


def _overlaps(dataset: Dataset, pairs: tuple[Ints, Ints]) -> _Votes:
    unit, ward = pairs
    shared = shapely.intersection(dataset["units"]["geometry"][unit], dataset["wards"]["geometry"][ward])
    area_m2 = shapely.area(shared)
    more = area_m2 > 0
    return _Votes(unit[more], ward[more], area_m2[more])


def _district_of_ward(votes: _Votes, districts: NDArray[np.int16], wards: int, *, else_by: _Votes) -> Ints:
    chosen = np.full(wards, NONE, dtype=np.int64)
    for counted in (votes, else_by):
        sums = counted.table(districts[counted.unit].astype(np.int64), wards, int(districts.max()) + 1)
        open_still = (chosen == NONE) & (sums.max(axis=0, initial=0.0) > 0)
        chosen[open_still] = sums.argmax(axis=0)[open_still]
    return chosen


def _winners(votes: _Votes, districts: NDArray[np.int16], ward_district: Ints) -> NDArray[np.int32]:
    own = ward_district[votes.ward] == districts[votes.unit]
    counted = _Votes(votes.unit[own], votes.ward[own], votes.weight[own])
    if not len(counted.unit):
        return np.full(len(districts), NONE, dtype="<i4")
    sums = counted.table(counted.unit, len(ward_district), len(districts))
    # argmax takes the first of equals: the ward with the lowest code.
    return np.where(sums.max(axis=1) > 0, sums.argmax(axis=1), NONE).astype("<i4")
