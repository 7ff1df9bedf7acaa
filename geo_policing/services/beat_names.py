"""Names for beats whose grouping only knows codes: the settlement that most of a beat's residents live in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.datasets.dataset import Dataset

LEAST_RESIDENTS = 1.0
"""What a settlement of unknown size counts for: it gives its name only where no known one reaches."""


def names_by_settlement(
    dataset: Dataset, group_of_unit: NDArray[np.int32], otherwise: Sequence[str]
) -> tuple[str, ...]:
    """A name for each group: that of the settlement with most residents in it, numbered where several share one.

    A group that no settlement reaches into is "Near" the nearest of its district. `otherwise[g]` is the name that
    group g has so far: it orders the numbers ("Ely 1", "Ely 2"), and stays in a district without a settlement. Of
    settlements with equally many residents the first by name is taken.
    """
    reached = _residents(dataset, group_of_unit, len(otherwise))
    names = [
        min(found, key=lambda name: (-found[name], name)) if found else _near(dataset, group_of_unit == group)
        for group, found in enumerate(reached)
    ]
    several = {name for name, count in Counter(names).items() if count > 1}
    numbers: Counter[str] = Counter()
    named = list(otherwise)
    for group in sorted(range(len(named)), key=lambda g: (otherwise[g], g)):
        name = names[group]
        if name:
            numbers[name] += 1
            named[group] = f"{name} {numbers[name]}" if name in several else name
    return tuple(named)


def _near(dataset: Dataset, in_group: NDArray[np.bool_]) -> str:
    """The settlement nearest to the middle of the units `in_group`, of their district; "" where it has none."""
    places, units = dataset["places"], dataset["units"]
    district = int(units["district"][in_group][0])
    rows = np.flatnonzero((places["kind"] == "settlement") & (places["district"] == district))
    if not len(rows):
        return ""
    middle = shapely.get_coordinates(shapely.centroid(units["geometry"][in_group])).mean(axis=0)
    apart_m = np.hypot(places["easting"][rows] - middle[0], places["northing"][rows] - middle[1])
    return f"Near {places['name'][rows[int(np.argmin(apart_m))]]}"


def _residents(dataset: Dataset, group_of_unit: NDArray[np.int32], groups: int) -> list[dict[str, float]]:
    """For each group the settlements in it by name, each with about how many of its residents live there."""
    places, shares = dataset["places"], dataset["place_units"]
    is_settlement = places["kind"] == "settlement"
    reached: list[dict[str, float]] = [{} for _ in range(groups)]
    for place, unit, share in zip(
        shares["place"].tolist(), shares["unit"].tolist(), shares["share"].tolist(), strict=True
    ):
        if is_settlement[place]:
            residents = float(places["population"][place])
            count = share * (LEAST_RESIDENTS if np.isnan(residents) else max(residents, LEAST_RESIDENTS))
            here = reached[int(group_of_unit[unit])]
            name = str(places["name"][place])
            here[name] = here.get(name, 0.0) + count
    return reached
