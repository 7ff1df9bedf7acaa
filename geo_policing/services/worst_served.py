"""Places by how long it takes to reach them: so that no average hides the villages at the end of the road."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo_policing.datasets.dataset import Dataset
from geo_policing.routing.coverage import Coverage
from geo_policing.services.demand_points import demand_points
from geo_policing.services.indexes import derived, district_index
from geo_policing.services.quantiles import quantiles

QUANTILES = (0.5, 0.9)
"""The median, and what the slowest tenth takes at least."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PlacePoints:
    """Settlements and where their residents live; `rows` are their rows in the table of places.

    Entry i puts `weight[i]` of settlement `place[i]` (a position in `rows`) at demand point `point[i]`.
    """

    rows: NDArray[np.int64]
    place: NDArray[np.int64]
    point: NDArray[np.int64]
    weight: Floats


def place_points(dataset: Dataset) -> PlacePoints:
    """The settlements of `dataset` that lie, at least in part, in the force."""
    return derived(dataset, "place_points", lambda: _made(dataset))


def _made(dataset: Dataset) -> PlacePoints:
    points, shares, places = demand_points(dataset), dataset["place_units"], dataset["places"]
    is_settlement = np.asarray(places["kind"]) == "settlement"
    used = np.flatnonzero(is_settlement[shares["place"]])
    rows, place = np.unique(np.asarray(shares["place"])[used], return_inverse=True)
    unit = np.asarray(shares["unit"])[used]
    order = np.argsort(points.unit, kind="stable")
    first = np.searchsorted(points.unit[order], np.arange(points.unit_count + 1))
    sizes = first[unit + 1] - first[unit]
    owner = np.repeat(np.arange(len(unit)), sizes)
    entry = order[np.arange(len(owner)) - np.repeat(np.cumsum(sizes) - sizes, sizes) + first[unit][owner]]
    weight = np.asarray(shares["share"])[used][owner] * points.residents[unit[owner]] * points.share[entry]
    # Where nobody's residence is known, a place is where its units are.
    weight = np.where(weight > 0, weight, 1e-9 * np.asarray(shares["share"])[used][owner] * points.share[entry])
    return PlacePoints(rows.astype(np.int64), place[owner].astype(np.int64), points.point[entry], weight)


def place_seconds(dataset: Dataset, reach: Coverage) -> Floats:
    """Seconds to each settlement of `place_points`: (settlement, `QUANTILES`), infinite where there is no way."""
    points = place_points(dataset)

    def made() -> Floats:
        return quantiles(points.place, reach.nearest_s[points.point], points.weight, len(points.rows), QUANTILES)

    # Several parts of an answer ask for them.
    return derived(reach, "place_seconds", made)


def worst_served(dataset: Dataset, reach: Coverage, names: dict[str, str], count: int) -> list[dict[str, Any]]:
    """The `count` settlements with the longest median drive, the longest first; `names` are of the bases.

    Those without a way are not among them: see `unreached_places`.
    """
    seconds = place_seconds(dataset, reach)
    rows = place_points(dataset).rows
    found = np.flatnonzero(np.isfinite(seconds[:, 0]))
    order = found[np.lexsort((rows[found], -seconds[found, 1], -seconds[found, 0]))][:count]
    base = _usual_base(dataset, reach)
    return [place_to_json(dataset, i, seconds[i]) | {"base": names.get(base[i])} for i in order.tolist()]


def unreached_places(dataset: Dataset, reach: Coverage) -> list[dict[str, Any]]:
    """The settlements to most of which no road of the data leads: a gap in the data rather than in the service."""
    seconds = place_seconds(dataset, reach)
    return [place_to_json(dataset, i, seconds[i]) for i in np.flatnonzero(np.isinf(seconds[:, 0])).tolist()]


def worse_places(dataset: Dataset, before: Coverage, after: Coverage, by_minutes: float) -> list[dict[str, Any]]:
    """The settlements whose median drive grows by more than `by_minutes`, the most first."""
    old, new = place_seconds(dataset, before), place_seconds(dataset, after)
    # Where there was no way before, nothing gets worse.
    known = np.isfinite(old[:, 0])
    grown = np.zeros(len(old))
    grown[known] = new[known, 0] - old[known, 0]
    rows = place_points(dataset).rows
    worse = np.flatnonzero(grown > by_minutes * 60)
    order = worse[np.lexsort((rows[worse], -grown[worse]))]
    return [place_to_json(dataset, i, new[i]) | {"median_before_s": seconds_or_none(old[i, 0])} for i in order.tolist()]


def place_to_json(dataset: Dataset, index: int, seconds: Floats) -> dict[str, Any]:
    """A settlement with its times."""
    places, row = dataset["places"], int(place_points(dataset).rows[index])
    district, people = int(places["district"][row]), float(places["population"][row])
    return {
        "id": str(places["id"][row]),
        "name": str(places["name"][row]),
        "near": str(places["near"][row]),
        "district": district_index(dataset).districts[district].name if district >= 0 else None,
        "residents": None if math.isnan(people) else round(people),
        "median_s": seconds_or_none(seconds[0]),
        "slowest_tenth_s": seconds_or_none(seconds[1]),
    }


def seconds_or_none(value: float) -> float | None:
    """Whole seconds, None where there is no way or nothing to time."""
    return float(round(float(value))) if np.isfinite(value) else None


def _usual_base(dataset: Dataset, reach: Coverage) -> list[str]:
    """The base that is nearest to most of each settlement, "" where none has a way."""
    points = place_points(dataset)
    width = len(reach.bases) + 1
    nearest = reach.nearest[points.point].astype(np.int64) + 1
    held = np.bincount(points.place * width + nearest, weights=points.weight, minlength=len(points.rows) * width)
    best = held.reshape(len(points.rows), width).argmax(axis=1)
    return [reach.bases[b - 1] if b else "" for b in best.tolist()]
