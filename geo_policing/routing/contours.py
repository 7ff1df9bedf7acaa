"""Contours of one field: for each threshold the area reached within it, as rings on the coordinates as served.

All thresholds come from one field, so they nest; no ring is simplified or rounded afterwards, so nothing can undo that.
One area rule: islands and holes below `MIN_AREA_M2` are left out and filled in, but an island that holds a base stays.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.routing.field import UNITS_PER_DEGREE, Field

MIN_AREA_M2 = 10_000.0
"""A hectare: a 100 m square, the finest that the data and the method can vouch for."""
_MARKS_FULL = 1 << 30
_scratch = threading.local()


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
    rows = field.left_ds.shape[0]
    column_ds, row_ds = grid.walk_steps_ds
    low = field.south - grid.south
    marks, base = _marks(field.left_ds.shape)
    out = []
    for threshold_s in thresholds_s:
        x, y, start, twice_area, owner = trace(
            field.left_ds, field.least, field.greatest, NEVER - int(threshold_s * 10),
            field.west * grid.step_lon, field.south * grid.step_lat, grid.step_lon, grid.step_lat,
            column_ds[low : low + rows], row_ds, marks, base,
        )  # fmt: skip
        base += len(owner)
        area = twice_area * (grid.unit_m2 / 2)
        kept = np.abs(area) >= min_area_m2
        kept |= _hold_a_base(field, x, y, start, ~kept & (area > 0))
        kept &= kept[owner]
        rings = np.flatnonzero(kept)
        # Polygon by polygon: those of one owner together, the owner itself first.
        rings = rings[np.lexsort((rings, rings != owner[rings], owner[rings]))]
        _scratch.used = base
        out.append(Contour(threshold_s, x, y, start, rings, owner[rings] == rings, float(area[rings].sum())))
    return out


def _marks(shape: tuple[int, int]) -> tuple[NDArray[np.int32], int]:
    """Scratch memory of this thread, and the highest ring number that it may still hold.

    Kept from call to call, as fresh pages cost more than tracing does; numbers go up, so it need not be cleared.
    """
    size = shape[0] * shape[1]
    kept: NDArray[np.int32] | None = getattr(_scratch, "marks", None)
    if kept is None or len(kept) < size or _scratch.used > _MARKS_FULL:
        _scratch.marks = kept = np.zeros(size, dtype=np.int32)
        _scratch.used = 0
    return kept[:size].reshape(shape), int(_scratch.used)


def _hold_a_base(
    field: Field, x: NDArray[Any], y: NDArray[Any], start: NDArray[Any], asked: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """True for the rings among those `asked` that a base lies in or on."""
    grid = field.grid
    out = np.zeros(len(asked), dtype=bool)
    if not asked.any():
        return out
    west, east = (pick.reduceat(x, start[:-1]) for pick in (np.minimum, np.maximum))
    south, north = (pick.reduceat(y, start[:-1]) for pick in (np.minimum, np.maximum))
    base_x = (field.bases[:, 0] + field.west) * grid.step_lon
    base_y = (field.bases[:, 1] + field.south) * grid.step_lat
    for east_units, north_units in zip(base_x, base_y, strict=True):
        near = asked & (west <= east_units) & (east_units <= east) & (south <= north_units) & (north_units <= north)
        for ring in np.flatnonzero(near):
            span = slice(start[ring], start[ring + 1])
            shape = shapely.Polygon(np.column_stack([x[span], y[span]]))
            out[ring] |= bool(shapely.intersects_xy(shape, east_units, north_units))
    return out
