"""Contours of one field: for each threshold the area reached within it, as rings on the coordinates as served.

All thresholds come from one field, so they nest; no ring is simplified or rounded afterwards, so nothing can undo that.
One area rule: islands and holes below `MIN_AREA_M2` are left out and filled in, but an island that holds a base stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.routing.field import UNITS_PER_DEGREE, Field

MIN_AREA_M2 = 10_000.0
"""A hectare: a 100 m square, the finest that the data and the method can vouch for."""


@dataclass(frozen=True, eq=False)
class Contour:
    """One threshold's area. Ring i is (`x`, `y`) in `start[i]:start[i + 1]`, in units of 1e-5 degrees, closed.

    `rings` lists the rings that are kept, polygon by polygon; `opens` is True where one begins, with its outer ring,
    anticlockwise, before its holes, clockwise (RFC 7946).
    """

    threshold_s: float
    x: NDArray[np.int32]
    y: NDArray[np.int32]
    start: NDArray[np.int64]
    rings: NDArray[np.int64]
    opens: NDArray[np.bool_]
    area_m2: float

    @property
    def is_empty(self) -> bool:
        """True where nothing is reached, or no more than `MIN_AREA_M2` without a base."""
        return not len(self.rings)

    def coordinates_json(self) -> bytes:
        """A GeoJSON MultiPolygon's coordinates, five decimals each."""
        from geo_policing.routing._marching import write_coordinates

        return write_coordinates(self.x, self.y, self.start, self.rings, self.opens).tobytes()

    def to_geometry(self) -> shapely.MultiPolygon:
        """The area in lon/lat degrees (WGS 84), the same numbers as `coordinates_json`."""
        parts: list[tuple[NDArray[Any], list[NDArray[Any]]]] = []
        for ring, opens in zip(self.rings, self.opens, strict=True):
            span = slice(self.start[ring], self.start[ring + 1])
            points = np.column_stack([self.x[span], self.y[span]]) / UNITS_PER_DEGREE
            if opens:
                parts.append((points, []))
            else:
                parts[-1][1].append(points)
        return shapely.MultiPolygon([shapely.Polygon(outer, holes) for outer, holes in parts])


def make_contours(field: Field, thresholds_s: Sequence[float], *, min_area_m2: float = MIN_AREA_M2) -> list[Contour]:
    """The contours of `field` in the order of `thresholds_s` (seconds above 0, none above what the field holds)."""
    from geo_policing.routing._marching import trace
    from geo_policing.routing._raster import NEVER

    grid = field.grid
    column_ds, row_ds = grid.walk_steps_ds
    rows, columns = field.left_ds.shape
    low, first = field.south - grid.south, field.west - grid.west
    here = slice(low, low + rows), slice(first, first + columns)
    # Twice the area, as sums over a ring's corners give it.
    unit_m2 = grid.unit_m2 / 2
    base_x = (field.bases[:, 0] + field.west) * grid.step_lon
    base_y = (field.bases[:, 1] + field.south) * grid.step_lat
    out = []
    for threshold_s in thresholds_s:
        x, y, start, polygon, area = trace(
            field.left_ds, field.least, field.greatest, NEVER - int(threshold_s * 10),
            field.west * grid.step_lon, field.south * grid.step_lat, grid.step_lon, grid.step_lat,
            column_ds[here[0]], row_ds, grid.foot[here], min_area_m2 / unit_m2, base_x, base_y,
        )  # fmt: skip
        # Polygon by polygon: those of one outer ring together, the outer one itself first.
        rings = np.argsort(polygon, kind="stable")
        out.append(Contour(threshold_s, x, y, start, rings, polygon[rings] == rings, area * unit_m2))
    return out
