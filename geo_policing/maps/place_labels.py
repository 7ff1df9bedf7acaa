"""Names of places for the map: a small layer of its own, so that no name is cut at a tile's edge.

Which names show at a zoom is decided here, once: greater places first, and each name only where there is room for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from geo_policing.datasets.dataset import Dataset
from geo_policing.maps.mercator import TILE_PX, world_of_lon_lat
from geo_policing.services.indexes import derived
from geo_policing.spatial.crs import to_lon_lat

ZOOMS = range(7, 15)
"""A name that has found no room by the last of these shows from there on all the same."""
CITY_RESIDENTS, TOWN_RESIDENTS = 75_000, 5_000
VILLAGE, TOWN, CITY = 0, 1, 2
TYPE_PX = {VILLAGE: 12.0, TOWN: 14.0, CITY: 17.0}
EM_OF_A_LETTER = 0.6
GAP_PX = 14.0
# Villages would tell nothing on a map of several counties, even where there is room.
FIRST_ZOOM = {VILLAGE: 10, TOWN: 8, CITY: 7}


@dataclass(frozen=True)
class PlaceLabel:
    """A name at a WGS 84 point, shown from `from_zoom` on; `size` is VILLAGE, TOWN or CITY."""

    name: str
    lat: float
    lon: float
    size: int
    from_zoom: int


def place_labels(dataset: Dataset) -> tuple[PlaceLabel, ...]:
    """The labels of the settlements of `dataset`, greatest first; () where it has none. Made once."""
    return derived(dataset, "place_labels", lambda: _labels_of(dataset))


def labels_json(dataset: Dataset) -> bytes:
    """`{"places": [[name, lat, lon, size, from_zoom], ...]}`, greatest place first."""
    rows = [[p.name, p.lat, p.lon, p.size, p.from_zoom] for p in place_labels(dataset)]
    return orjson.dumps({"places": rows})


def _labels_of(dataset: Dataset) -> tuple[PlaceLabel, ...]:
    places = dataset["places"]
    rows = np.flatnonzero(places["kind"] == "settlement")
    residents = np.nan_to_num(places["population"][rows], nan=0.0)
    # The id decides between equals, so that the same data gives the same map.
    order = np.lexsort((places["id"][rows], -residents))
    rows, residents = rows[order], residents[order]
    lon, lat = to_lon_lat(places["easting"][rows], places["northing"][rows])
    sizes = np.where(residents >= CITY_RESIDENTS, CITY, np.where(residents >= TOWN_RESIDENTS, TOWN, VILLAGE))
    names = places["name"][rows].tolist()
    zooms = _from_zooms(np.column_stack(world_of_lon_lat(lon, lat)), names, sizes.tolist())
    columns = zip(names, lat.round(5).tolist(), lon.round(5).tolist(), sizes.tolist(), zooms, strict=True)
    return tuple(PlaceLabel(*column) for column in columns)


def _from_zooms(world: Any, names: list[str], sizes: list[int]) -> list[int]:
    """For each name, most important first, the first zoom at which it is in nobody's way; it then stays."""
    labels = zip(names, sizes, strict=True)
    widths = [len(name) * EM_OF_A_LETTER * TYPE_PX[size] + GAP_PX for name, size in labels]
    half = np.array([[w / 2, TYPE_PX[s] * 0.8] for w, s in zip(widths, sizes, strict=True)]).reshape(-1, 2)
    first = np.array([FIRST_ZOOM[s] for s in sizes], dtype=np.int64)
    found = np.full(len(names), ZOOMS[-1], dtype=np.int64)
    placed = np.zeros(len(names), dtype=bool)
    for zoom in ZOOMS:
        points = world * TILE_PX * 2.0**zoom
        for i in np.flatnonzero(~placed & (first <= zoom)).tolist():
            apart = np.abs(points[placed] - points[i]) >= half[placed] + half[i]
            if apart.any(axis=1).all():
                placed[i], found[i] = True, zoom
    zooms: list[int] = found.tolist()
    return zooms
