"""What a map of one dataset shows, and whom it must name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geo_policing.datasets.dataset import Dataset
from geo_policing.services.data_facts import credit_lines
from geo_policing.services.indexes import derived
from geo_policing.spatial.crs import to_lon_lat

# Kinds of sources that are drawn; the others are in words only, and the page's foot names them.
DRAWN_KINDS = frozenset(
    {"roads", "starter_roads", "districts", "starter_districts", "output_areas", "starter_units", "places", "wards"}
)
MARGIN = 0.03


@dataclass(frozen=True)
class Extent:
    """The force's own ground in WGS 84 degrees."""

    west: float
    south: float
    east: float
    north: float

    @property
    def corners(self) -> list[list[float]]:
        """South-west and north-east as Leaflet takes them: [lat, lon] each."""
        return [[self.south, self.west], [self.north, self.east]]


def extent_of(dataset: Dataset) -> Extent:
    """Where the units of `dataset` lie, a little margin about them; made once."""
    return derived(dataset, "extent", lambda: _extent_of(dataset))


def credits_of(dataset: Dataset) -> tuple[str, ...]:
    """The lines that the licences of what is drawn ask for, in the order of the sources, as `credit_lines` has them."""
    entries = dataset.manifest.get("sources", ())
    lines = [str(entry.get("attribution") or "") for entry in entries if entry.get("kind") in DRAWN_KINDS]
    return credit_lines(line for line in lines if line)


def _extent_of(dataset: Dataset) -> Extent:
    west, south, east, north = shapely.bounds(dataset["units"]["geometry"]).T
    easting = np.concatenate([west, east, west, east])
    northing = np.concatenate([south, south, north, north])
    lon, lat = to_lon_lat(easting, northing)
    x, y = (lon.max() - lon.min()) * MARGIN, (lat.max() - lat.min()) * MARGIN
    return Extent(*(round(float(v), 5) for v in (lon.min() - x, lat.min() - y, lon.max() + x, lat.max() + y)))
