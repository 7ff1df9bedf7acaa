"""Layers for maps beside the isochrones: whose nearest base it is, and what a trial gains and loses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from geo_policing.errors import InvalidInputError
from geo_policing.routing.engine import METHOD
from geo_policing.routing.field import Quality
from geo_policing.services.coverage import CoverageQuery, CoverageResult, area_rows, measure_coverage, residents_by_base
from geo_policing.services.demand_points import demand_points
from geo_policing.services.drive_about import POINT_METHOD, about
from geo_policing.services.drive_params import NO_TRIAL, plain
from geo_policing.services.isochrones import IsochroneQuery, Isochrones, isochrones, multipolygon_to_json
from geo_policing.services.roads import roads_of
from geo_policing.services.view import View
from geo_policing.spatial.changes import differences
from geo_policing.spatial.crs import to_lon_lat

CATCHMENT_METHOD = "units_by_nearest_base_1"
SIMPLIFIED_M = 20.0
"""How much the borders of catchments are smoothed for showing, all together, so that neighbours still meet."""
_DECIMALS = 5


def catchments_geojson(view: View, query: CoverageQuery) -> bytes:
    """For each base the units to most of whose residents it is the nearest, dissolved; a FeatureCollection.

    The residents told with each are those to whom it is the nearest, as coverage counts them, whatever their unit's is.
    Bases that are nearest to none, and units to which no road leads, are in none. Errors as `measure_coverage`.
    """
    result = measure_coverage(view, query)
    rows = _base_of_unit(result)
    units = np.asarray(view.dataset["units"]["geometry"])
    used = np.unique(rows[rows >= 0])
    whole = np.array([shapely.coverage_union_all(units[rows == row]) for row in used.tolist()], dtype=object)
    shown = shapely.coverage_simplify(whole, SIMPLIFIED_M) if len(whole) else whole
    residents = residents_by_base(result)
    features = []
    for row, area in zip(used.tolist(), shown, strict=True):
        base = result.tried.bases[row]
        lat, lon = base.lat_lon
        properties = {"base": base.id, "name": base.name, "lat": lat, "lon": lon, "residents": residents[base.id]}
        features.append((properties, _to_lon_lat(area)))
    roads = roads_of(view.dataset)
    return _collection(features, about(view, roads, query.driving, POINT_METHOD) | {"method": CATCHMENT_METHOD})


@dataclass(frozen=True, eq=False)
class ChangedArea:
    """What a trial gains or loses ("gained", "lost") within a threshold: WGS 84 lon/lat, empty for nothing."""

    minutes: float
    change: str
    residents: int
    area: shapely.Geometry


def changed_areas(view: View, query: CoverageQuery, quality: Quality = Quality.PUBLISHED) -> tuple[ChangedArea, ...]:
    """What a trial changes: for each threshold the area that it gains and then the one that it loses.

    InvalidInputError where nothing is tried; other errors as `measure_coverage`.
    """
    if query.trial == NO_TRIAL:
        raise InvalidInputError("Nothing is tried. Give close, open or move, to see what it changes.", field="close")
    force = area_rows(measure_coverage(view, replace(query, levels=("force",))))[0]["within"]
    asked = IsochroneQuery((), query.minutes, query.driving, quality=quality)
    before = _areas(isochrones(view, asked), len(query.minutes))
    after = _areas(isochrones(view, replace(asked, trial=query.trial)), len(query.minutes))
    return tuple(
        ChangedArea(minutes, change, within[f"residents_{change}"], multipolygon(area))
        for minutes, within, old, new in zip(query.minutes, force, before, after, strict=True)
        for change, area in zip(("gained", "lost"), differences(new, old, 10.0**-_DECIMALS), strict=True)
    )


def _areas(found: Isochrones, count: int) -> list[shapely.Geometry]:
    """The areas of isochrones; empty ones where there is no base, as none is drawn then."""
    return found.geometries() or [shapely.MultiPolygon()] * count


def difference_geojson(view: View, query: CoverageQuery) -> bytes:
    """`changed_areas` as a FeatureCollection, with the residents of each; the same bytes for the same input."""
    features = [
        ({"minutes": plain(found.minutes), "change": found.change, "residents": found.residents}, found.area)
        for found in changed_areas(view, query)
    ]
    roads = roads_of(view.dataset)
    return _collection(features, about(view, roads, query.driving, METHOD, Quality.PUBLISHED))


def _base_of_unit(result: CoverageResult) -> NDArray[np.int64]:
    """Which base (row of the trial's) is the nearest to most residents of each unit, -1 where none has a way."""
    points, reach = demand_points(result.view.dataset), result.tried.reach
    width = len(reach.bases) + 1
    nearest = reach.nearest[points.point].astype(np.int64) + 1
    held = np.bincount(points.unit * width + nearest, weights=points.share, minlength=points.unit_count * width)
    row = held.reshape(points.unit_count, width).argmax(axis=1) - 1
    at = {base.id: i for i, base in enumerate(result.tried.bases)}
    order = np.array([at[base_id] for base_id in reach.bases] + [-1], dtype=np.int64)
    of_unit: NDArray[np.int64] = order[row]
    return of_unit


def multipolygon(geometry: shapely.Geometry) -> shapely.Geometry:
    """The polygons of `geometry` as one MultiPolygon, outer rings anticlockwise; points and lines are left out."""
    parts = shapely.get_parts(geometry)
    parts = parts[(shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(parts)]
    return shapely.orient_polygons(shapely.multipolygons(parts), exterior_cw=False)


def _to_lon_lat(geometry: shapely.Geometry) -> shapely.Geometry:
    def degrees(xy: NDArray[Any]) -> NDArray[Any]:
        return np.column_stack(to_lon_lat(xy[:, 0], xy[:, 1]))

    turned = shapely.transform(geometry, degrees)
    return multipolygon(shapely.set_precision(turned, 10.0**-_DECIMALS))


def _collection(features: Sequence[tuple[Mapping[str, Any], shapely.Geometry]], head: Mapping[str, Any]) -> bytes:
    content = {
        "type": "FeatureCollection",
        **head,
        "features": [
            {"type": "Feature", "properties": properties, "geometry": multipolygon_to_json(area)}
            for properties, area in features
        ],
    }
    return orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE)
