"""Coordinates: WGS 84 outside, the British National Grid (EPSG:27700, metres) inside.

One operation is chosen once and used for every point, so that a shared corner stays shared and the same input gives
the same output. pip's pyproj has no OSTN15 grid, so there the seven-parameter shift is used (stated accuracy 2 m
instead of 1 m); `grid_shift_used` says which it is, and the manifest keeps it.
"""

from __future__ import annotations

import threading
import warnings
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj.enums import TransformDirection
from pyproj.transformer import AreaOfInterest, TransformerGroup

NATIONAL_GRID = 27700
WGS84 = 4326
EASTING_M = (0.0, 700_000.0)
NORTHING_M = (0.0, 1_300_000.0)
"""Where the National Grid's letters end; all of Great Britain lies within."""
LONGITUDE = (-9.5, 2.5)
LATITUDE = (49.5, 61.5)
"""The same in degrees: the corners of the grid rounded outwards to half a degree, less the open sea to the west."""
_BRITAIN = AreaOfInterest(-9.01, 49.75, 2.01, 61.01)

Floats = NDArray[np.float64]
_lock = threading.Lock()
_local = threading.local()


def to_easting_northing(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """WGS 84 degrees to National Grid metres; arrays of any equal shape, scalars become arrays of no dimension.

    NaN, infinite and off-grid input gives NaN, never an error.
    """
    return _transform(_transformer(WGS84), lon, lat, TransformDirection.FORWARD)


def to_lon_lat(easting: ArrayLike, northing: ArrayLike) -> tuple[Floats, Floats]:
    """National Grid metres to WGS 84 degrees, the inverse of `to_easting_northing` to a few millimetres."""
    return _transform(_transformer(WGS84), easting, northing, TransformDirection.INVERSE)


def transform_geometries_to_27700(geometries: NDArray[Any], crs: Any) -> NDArray[Any]:
    """`geometries` (2D; None stays None) from `crs`, in x/y order, to EPSG:27700.

    `crs` is whatever pyproj reads (an EPSG number, "OGC:CRS84", WKT); its own axis order is ignored, as GeoJSON and
    GDAL do. pyproj.exceptions.CRSError where it is none. Points beyond the projection become infinite.
    """
    parsed = pyproj.CRS.from_user_input(crs)
    if parsed.to_epsg() == NATIONAL_GRID:
        return geometries
    source = WGS84 if _is_wgs84(parsed) else parsed.to_wkt()
    transformer = _transformer(source)

    def project(points: Floats) -> Floats:
        moved = np.column_stack(_transform(transformer, points[:, 0], points[:, 1], TransformDirection.FORWARD))
        # A ring must stay closed, and NaN is not equal to itself.
        return np.where(np.isnan(moved), np.inf, moved)

    moved: NDArray[Any] = shapely.transform(geometries, project)
    return moved


def grid_shift_used() -> str:
    """The operation between WGS 84 and the National Grid, with the accuracy that its publisher states."""
    transformer = _transformer(WGS84)
    return f"{transformer.description} ({transformer.accuracy:g} m, PROJ {pyproj.proj_version_str})"


def looks_like_national_grid(bounds: tuple[float, float, float, float]) -> bool:
    """True where (min x, min y, max x, max y) cannot be degrees but lies on the National Grid."""
    west, south, east, north = bounds
    if max(abs(west), abs(east)) <= 360 and max(abs(south), abs(north)) <= 360:
        return False
    return _within(west, east, EASTING_M) and _within(south, north, NORTHING_M)


def looks_swapped(bounds: tuple[float, float, float, float]) -> bool:
    """True where (min x, min y, max x, max y) in degrees holds latitudes of Britain in x and longitudes in y."""
    west, south, east, north = bounds
    return _within(west, east, LATITUDE) and _within(south, north, LONGITUDE)


def _within(low: float, high: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= low and high <= limits[1]


def _is_wgs84(crs: pyproj.CRS) -> bool:
    return crs.to_epsg() == WGS84 or crs.to_authority() == ("OGC", "CRS84")


def _transform(
    transformer: pyproj.Transformer, x: ArrayLike, y: ArrayLike, direction: TransformDirection
) -> tuple[Floats, Floats]:
    moved = transformer.transform(
        np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64), direction=direction, errcheck=False
    )
    first, second = (np.asarray(values, dtype=np.float64) for values in moved)
    bad = ~(np.isfinite(first) & np.isfinite(second))
    return np.where(bad, np.nan, first), np.where(bad, np.nan, second)


def _transformer(source: int | str) -> pyproj.Transformer:
    """The best operation that needs no file that is not here. One a thread: those of a group must not be shared."""
    kept: dict[int | str, pyproj.Transformer] = _local.__dict__.setdefault("transformers", {})
    if source not in kept:
        # The filter of warnings is the process's, so two threads must not change it at once.
        with _lock, warnings.catch_warnings():
            # pyproj warns that a better grid exists elsewhere; `grid_shift_used` says so instead.
            warnings.simplefilter("ignore", UserWarning)
            group = TransformerGroup(source, NATIONAL_GRID, always_xy=True, area_of_interest=_BRITAIN)
        kept[source] = group.transformers[0]
    return kept[source]
