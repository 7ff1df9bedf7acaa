"""Which roads run through houses and which between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo_policing.routing.speeds import RoadClass

URBAN_CELL_M = 250.0
URBAN_POSTCODES = 8
"""A road is urban with at least this many live postcodes in the 750 m square of cells around its middle: about 120
dwellings in 56 ha (a postcode has some 15), where street lights, and with them 30 mph, begin."""


def road_settings(
    attributes: Mapping[str, NDArray[Any]],
    first: NDArray[Any],
    xy: NDArray[Any],
    dwellings: tuple[NDArray[Any], NDArray[Any]] | None,
) -> NDArray[np.bool_]:
    """What the tags say, else whether postcodes lie densely around the middle; streets of houses are always urban."""
    said = attributes["built_up"]
    homes = np.isin(attributes["road_class"], (RoadClass.RESIDENTIAL, RoadClass.LIVING_STREET))
    dense = np.zeros(len(said), dtype=bool)
    if dwellings is not None and len(dwellings[0]):
        dense = _dense(_middles(first, xy), np.column_stack(dwellings))
    return np.asarray(np.where(said >= 0, said == 1, homes | dense))


def _middles(first: NDArray[Any], xy: NDArray[Any]) -> NDArray[np.float64]:
    """The point half way along each edge."""
    steps = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    steps[first[:-1]] = 0
    along = np.cumsum(steps)
    half = (along[first[:-1]] + along[first[1:] - 1]) / 2
    after = np.clip(np.searchsorted(along, half), first[:-1] + 1, first[1:] - 1)
    step = np.where(steps[after] > 0, steps[after], 1.0)
    part = np.clip((half - along[after - 1]) / step, 0, 1)[:, np.newaxis]
    return np.asarray(xy[after - 1] * (1 - part) + xy[after] * part)


def _dense(points: NDArray[Any], dwellings: NDArray[Any]) -> NDArray[np.bool_]:
    dwellings = dwellings[np.isfinite(dwellings).all(axis=1)]
    low = np.minimum(points.min(axis=0), dwellings.min(axis=0) if len(dwellings) else points.min(axis=0))
    column, row = ((points - low) // URBAN_CELL_M).astype(np.int64).T + 1
    shape = (
        int(max(((dwellings[:, 0] - low[0]) // URBAN_CELL_M).max(initial=0) + 1, column.max())) + 2,
        int(max(((dwellings[:, 1] - low[1]) // URBAN_CELL_M).max(initial=0) + 1, row.max())) + 2,
    )
    count = np.zeros(shape, dtype=np.int32)
    home = ((dwellings - low) // URBAN_CELL_M).astype(np.int64) + 1
    np.add.at(count, (home[:, 0], home[:, 1]), 1)
    around = sum(count[column + i, row + j] for i in (-1, 0, 1) for j in (-1, 0, 1))
    return np.asarray(around >= URBAN_POSTCODES)
