"""Where people live and incidents happen, as points on the road: what coverage counts.

A unit's residents and incidents lie at its live postcodes, in equal parts (by each postcode's share of the unit where
it lies in several); large users' postcodes count only in units that have no others, and a unit without any postcode
counts at a point inside it. A postcode itself counts once, at its point, in the unit that holds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.schema import PostcodeStatus
from geo_policing.routing.snapping import Snapped
from geo_policing.services.indexes import derived
from geo_policing.services.kept_arrays import KeptArrays, full_name, types_of
from geo_policing.services.roads import roads_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MEASURES = ("residents", "postcodes", "incidents")


@dataclass(frozen=True, eq=False)
class DemandPoints:
    """Points with what lies there. Entry i puts `share[i]` of unit `unit[i]` at point `point[i]`.

    `postcode_point` and `postcode_unit` are those of each live postcode inside the force. `residents` and `incidents`
    are by unit, 0 where not known; `unknown_units` is how many have no known residents.
    """

    easting: Floats
    northing: Floats
    snapped: Snapped
    point: Ints
    unit: Ints
    share: Floats
    postcode_point: Ints
    postcode_unit: Ints
    residents: Floats
    incidents: Floats
    unknown_units: int

    def __len__(self) -> int:
        return len(self.easting)

    @cached_property
    def people(self) -> Floats:
        """Residents of each entry: its share of its unit's."""
        return np.asarray(self.residents[self.unit] * self.share)

    @property
    def unit_count(self) -> int:
        """Number of units."""
        return len(self.residents)


def demand_points(dataset: Dataset) -> DemandPoints:
    """The points of `dataset`, put onto its roads once and kept; NotFoundError where it has no roads."""
    return kept_points(dataset) or derived(dataset, _NAME, lambda: _put(dataset, _made(dataset)))


def kept_points(dataset: Dataset) -> DemandPoints | None:
    """The points where they have been made already, in this process or another; else None, at the cost of a look."""
    try:
        return derived(dataset, _NAME, lambda: _read(dataset))
    except LookupError:
        return None


def kept_name() -> str:
    """The full name under which they are kept."""
    return full_name(_NAME, _types())


_NAME = "demand_points"


def _types() -> dict[str, np.dtype[Any]]:
    return types_of(DemandPoints) | types_of(Snapped)


def _read(dataset: Dataset) -> DemandPoints:
    kept = KeptArrays(dataset).get(_NAME, _types())
    if kept is None or set(kept.numbers) != {"unknown_units"}:
        raise LookupError(_NAME)
    snapped = Snapped(**{name: kept.arrays[name] for name in types_of(Snapped)})
    arrays = {name: kept.arrays[name] for name in types_of(DemandPoints)}
    return DemandPoints(snapped=snapped, unknown_units=int(kept.numbers["unknown_units"]), **arrays)


def _put(dataset: Dataset, points: DemandPoints) -> DemandPoints:
    """The points as they are kept; as they are where the disk does not take them."""
    values = {name: getattr(points, name) for name in types_of(DemandPoints)} | vars(points.snapped)
    arrays = {name: np.asarray(values[name], dtype) for name, dtype in _types().items()}
    try:
        KeptArrays(dataset).put(_NAME, arrays, {"unknown_units": points.unknown_units})
        return _read(dataset)
    except (OSError, LookupError):
        return points


def _made(dataset: Dataset) -> DemandPoints:
    engine = roads_of(dataset).engine
    postcodes, units = dataset["postcodes"], dataset["units"]
    rows = np.flatnonzero((postcodes["status"] == PostcodeStatus.LIVE) & (postcodes["unit"] >= 0))
    point_of_row = np.full(len(postcodes), -1, dtype=np.int64)
    point_of_row[rows] = np.arange(len(rows))
    point, unit, weight = _at_postcodes(dataset, rows, point_of_row)
    bare = np.setdiff1d(np.arange(len(units)), unit)
    inside = shapely.point_on_surface(units["geometry"][bare])
    easting = np.concatenate([postcodes["easting"][rows], shapely.get_x(inside)])
    northing = np.concatenate([postcodes["northing"][rows], shapely.get_y(inside)])
    point = np.concatenate([point, len(rows) + np.arange(len(bare))])
    unit, weight = np.concatenate([unit, bare]), np.concatenate([weight, np.ones(len(bare))])
    whole = np.bincount(unit, weights=weight, minlength=len(units))
    population = np.asarray(units["population"])
    demand = dataset["demand"]
    return DemandPoints(
        easting,
        northing,
        engine.snap(easting, northing),
        point,
        unit,
        weight / whole[unit],
        np.arange(len(rows)),
        np.asarray(postcodes["unit"])[rows].astype(np.int64),
        np.nan_to_num(population),
        np.bincount(demand["unit"], weights=demand["incidents"], minlength=len(units)).astype(float),
        int(np.isnan(population).sum()),
    )


def _at_postcodes(dataset: Dataset, rows: Ints, point_of_row: Ints) -> tuple[Ints, Ints, Floats]:
    """(point, unit, weight) of every unit that a live postcode lies in, homes' before organisations'."""
    shares, large = dataset["postcode_units"], dataset["postcodes"]["large_user"]
    row, unit = np.asarray(shares["postcode"]).astype(np.int64), np.asarray(shares["unit"]).astype(np.int64)
    weight = np.asarray(shares["share"]).astype(float)
    # A postcode without shares lies in its point's unit as a whole.
    alone = np.setdiff1d(rows, row)
    row = np.concatenate([row, alone])
    unit = np.concatenate([unit, np.asarray(dataset["postcodes"]["unit"])[alone].astype(np.int64)])
    weight = np.concatenate([weight, np.ones(len(alone))])
    known = point_of_row[row] >= 0
    row, unit, weight = row[known], unit[known], weight[known]
    with_homes = np.zeros(len(dataset["units"]), dtype=bool)
    with_homes[unit[~large[row]]] = True
    kept = ~large[row] | ~with_homes[unit]
    return point_of_row[row[kept]], unit[kept], weight[kept]
