"""Vector files of areas (GeoJSON, GeoPackage, Shapefile) into EPSG:27700, each fault named with its feature.

Files are read whole by GDAL through pyogrio. A feature's row counts from 1 in the file's order.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from geo_policing.errors import SourceError
from geo_policing.spatial import crs

_AGAIN = "Download it again; it is cut off or was damaged on the way."
_AREA_TYPES = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


@dataclass(frozen=True)
class VectorLayer:
    """One layer of areas: every geometry is a finite, non-empty Polygon or MultiPolygon in Britain, in EPSG:27700.

    Validity is not checked here. `crs_note` says in a phrase how the coordinates' system was known.
    """

    path: Path
    layer: str
    fields: Mapping[str, NDArray[Any]]
    geometry: NDArray[Any]
    crs_note: str

    def __len__(self) -> int:
        return len(self.geometry)

    def text(self, name: str | None) -> NDArray[np.str_]:
        """Attribute `name` as stripped text, '' for null; all '' where `name` is None. KeyError for an unknown one."""
        if name is None:
            return np.full(len(self), "", dtype="U1")
        texts = ["" if _is_null(value) else str(value).strip() for value in self.fields[name]]
        return np.array(texts, dtype=str) if texts else np.empty(0, dtype="U1")

    def numbers(self, name: str | None) -> NDArray[np.float64]:
        """Attribute `name` as floats, NaN for null; all NaN where `name` is None.

        SourceError for a value that is no number, or is negative or infinite.
        """
        if name is None:
            return np.full(len(self), np.nan)
        out = np.full(len(self), np.nan)
        for row, value in enumerate(self.fields[name]):
            if _is_null(value):
                continue
            try:
                out[row] = float(value)
            except ValueError:
                out[row] = -1
            if not 0 <= out[row] < np.inf:
                raise self.fault(row, f"{value!r} is not a number of at least 0", "Mend the value.", field=name)
        return out

    def fault(self, row: int, problem: str, remedy: str, *, field: str | None = None) -> SourceError:
        """An error about the feature at 0-based `row`."""
        return SourceError(problem, remedy=remedy, file=self.path, row=row + 1, field=field)


def list_layers(path: Path) -> list[tuple[str, tuple[str, ...]]]:
    """The layers of `path` that carry geometry, in the file's order, each with its attribute names.

    SourceError where the file is damaged.
    """
    import pyogrio

    with _gdal(path):
        names = [str(name) for name, geometry_type in pyogrio.list_layers(path) if geometry_type is not None]
        return [(name, tuple(str(f) for f in pyogrio.read_info(path, layer=name)["fields"])) for name in names]


def read_layer(path: Path, layer: str | None = None) -> VectorLayer:
    """Read a layer of areas (the first where `layer` is None) with all its attributes.

    The coordinate system is the declared one, unless the numbers cannot be that: degrees declared and National Grid
    metres given, or the reverse, are recognised by their extent. SourceError names the file, the feature and the
    remedy for: a damaged file, no features, a null, empty or unreadable geometry, another type than areas, a
    coordinate that is not finite, swapped axes, and anything that lies outside Britain.
    """
    import pyogrio.raw

    with _gdal(path):
        meta, _, wkb, columns = pyogrio.raw.read(path, layer=layer, force_2d=True)
    fields = dict(zip((str(name) for name in meta["fields"]), columns, strict=True))
    if wkb is None or len(wkb) == 0:
        raise SourceError("the layer has no features", remedy=_AGAIN, file=path)
    raw = VectorLayer(path, layer or "", fields, _decode(path, wkb), "")
    _check_shapes(raw)
    system, note = _system(raw, meta["crs"])
    geometry = crs.transform_geometries_to_27700(raw.geometry, system)
    placed = VectorLayer(path, raw.layer, fields, geometry, note)
    _check_in_britain(raw, placed)
    return placed


@contextmanager
def _gdal(path: Path) -> Iterator[None]:
    """GDAL's errors become a SourceError; its warnings are put aside, as what they are about is checked here."""
    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            yield
    except (DataSourceError, DataLayerError, FeatureError, GeometryError, FieldError) as error:
        reason = str(error).strip().rstrip(".").split("\n")[0]
        raise SourceError(f"cannot be read as a vector file ({reason})", remedy=_AGAIN, file=path) from error


def _decode(path: Path, wkb: NDArray[Any]) -> NDArray[Any]:
    with np.errstate(invalid="ignore"):
        geometry: NDArray[Any] = shapely.from_wkb(wkb, on_invalid="ignore")
    broken = np.flatnonzero(shapely.is_missing(geometry))
    if not len(broken):
        return geometry
    row = int(broken[0])
    problem = "no geometry" if wkb[row] is None else "a geometry that cannot be read (a ring that does not close?)"
    raise SourceError(
        f"{problem} ({len(broken)} such in the file)",
        remedy="Take the feature out, or download the file again.",
        file=path,
        row=row + 1,
        field="geometry",
    )


def _check_shapes(layer: VectorLayer) -> None:
    geometry = layer.geometry
    odd = np.flatnonzero(~np.isin(shapely.get_type_id(geometry), _AREA_TYPES))
    if len(odd):
        raise layer.fault(
            int(odd[0]),
            f"a {geometry[odd[0]].geom_type} where an area is needed ({len(odd)} such in the file)",
            "Use the publisher's boundaries as polygons, not its points or lines.",
            field="geometry",
        )
    empty = np.flatnonzero(shapely.is_empty(geometry))
    if len(empty):
        raise layer.fault(
            int(empty[0]),
            f"an empty geometry ({len(empty)} such in the file)",
            "Take the feature out, or download the file again.",
            field="geometry",
        )
    coordinates, owner = shapely.get_coordinates(geometry, return_index=True)
    wild = np.flatnonzero(~np.isfinite(coordinates).all(axis=1))
    if len(wild):
        raise layer.fault(
            int(owner[wild[0]]),
            "a coordinate that is NaN or infinite",
            "Mend the feature, or download the file again.",
            field="geometry",
        )


def _system(layer: VectorLayer, declared: str | None) -> tuple[Any, str]:
    """The coordinate system to read the layer in, and how it was known."""
    west, south, east, north = (float(v) for v in shapely.total_bounds(layer.geometry))
    bounds = (west, south, east, north)
    degrees = max(abs(west), abs(east)) <= 180 and max(abs(south), abs(north)) <= 90
    parsed = _parse(layer.path, declared)
    if degrees and crs.looks_swapped(bounds):
        row = 0
        raise layer.fault(
            row,
            f"latitude stands where longitude belongs (x from {west:.3f} to {east:.3f})",
            "Export the file with longitude (x) first, as GeoJSON wants it.",
            field="geometry",
        )
    if crs.looks_like_national_grid(bounds) and (parsed is None or parsed.is_geographic):
        return crs.NATIONAL_GRID, "National Grid, recognised by its extent"
    if degrees and (parsed is None or not parsed.is_geographic):
        return crs.WGS84, "WGS 84, recognised by its extent"
    if parsed is None:
        raise layer.fault(
            0,
            f"no coordinate system is declared, and x from {west:g} to {east:g}, y from {south:g} to {north:g} is "
            "neither degrees nor National Grid metres",
            "Export the file in WGS 84 or the British National Grid.",
            field="geometry",
        )
    return parsed, f"{parsed.name}, as declared"


def _parse(path: Path, declared: str | None) -> pyproj.CRS | None:
    if not declared:
        return None
    try:
        return pyproj.CRS.from_user_input(declared)
    except pyproj.exceptions.CRSError as error:
        raise SourceError(
            f"an unknown coordinate system ({declared[:60]})",
            remedy="Export the file in WGS 84 or the British National Grid.",
            file=path,
        ) from error


def _check_in_britain(raw: VectorLayer, placed: VectorLayer) -> None:
    # A coordinate beyond the projection is infinite, and so outside.
    west, south, east, north = shapely.bounds(placed.geometry).T
    inside = (west >= crs.EASTING_M[0]) & (east <= crs.EASTING_M[1])
    inside &= (south >= crs.NORTHING_M[0]) & (north <= crs.NORTHING_M[1])
    outside = np.flatnonzero(~inside)
    if len(outside):
        row = int(outside[0])
        x, y = shapely.get_coordinates(raw.geometry[row])[0]
        raise raw.fault(
            row,
            f"lies outside Britain (its first corner reads x {x:g}, y {y:g}; {len(outside)} such in the file)",
            "Check the order of the axes and the declared coordinate system.",
            field="geometry",
        )


def _is_null(value: Any) -> bool:
    return value is None or (isinstance(value, float | np.floating) and bool(np.isnan(value)))
