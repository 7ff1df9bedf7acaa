"""The ground of a beat: its units made one, in metres and in degrees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.datasets.dataset import Dataset
from geo_policing.domain.plans import PlanInForce
from geo_policing.services.indexes import derived
from geo_policing.services.view import View
from geo_policing.spatial.crs import to_lon_lat

DECIMALS = 7
"""Of degrees as served: about a centimetre, fine enough that no outline becomes invalid by rounding."""
CLEAR_OF_EDGE_M = 1.0
"""How far inside its beat a centre lies at least, where the beat is wide enough for its centroid to be used."""


@dataclass(frozen=True)
class BeatOutline:
    """One beat's ground, nothing simplified.

    `area` is EPSG:27700 metres. `polygons` is a MultiPolygon of WGS 84 lon/lat at `DECIMALS`, outer rings
    anticlockwise; `largest_ring` is the outer ring of the part with the largest area in the same coordinates, rows of
    (lon, lat), the first again as the last. `centre` is (lon, lat) of a point inside the beat.
    """

    area: shapely.Geometry
    polygons: shapely.MultiPolygon
    largest_ring: NDArray[np.float64]
    centre: tuple[float, float]


def beat_outline(view: View, index: int) -> BeatOutline | None:
    """The outline of beat `index` of the plan in force, None where the plan gives it no unit; made once a plan.

    IndexError for a beat that the plan does not have; ValueError where no plan is in force.
    """
    plan = view.plan
    if plan is None:
        raise ValueError("no plan is in force, so there are no beats")
    kept: dict[int, BeatOutline | None] = derived(plan, "beat_outlines", dict)
    if index not in kept:
        # Two threads may make the same one both, and get the same.
        kept[index] = _outline(view.dataset, plan, index)
    return kept[index]


def _outline(dataset: Dataset, plan: PlanInForce, index: int) -> BeatOutline | None:
    if not 0 <= index < len(plan.beats):
        raise IndexError(f"beat {index} of {len(plan.beats)}")
    units = np.asarray(dataset["units"]["geometry"])[plan.beat_of_unit == index]
    if not len(units):
        return None
    area = shapely.coverage_union_all(units)
    parts = shapely.orient_polygons(shapely.get_parts(area), exterior_cw=False)
    largest = int(np.argmax(shapely.area(parts)))
    in_degrees = shapely.transform(parts, _degrees)
    return BeatOutline(
        area=area,
        polygons=shapely.multipolygons(in_degrees),
        largest_ring=shapely.get_coordinates(shapely.get_exterior_ring(in_degrees[largest])),
        centre=_centre(area, parts[largest]),
    )


def _centre(area: shapely.Geometry, largest: shapely.Polygon) -> tuple[float, float]:
    middle = shapely.centroid(area)
    if not shapely.contains(area, shapely.buffer(middle, CLEAR_OF_EDGE_M)):
        middle = shapely.point_on_surface(largest)
    lon, lat = _degrees(shapely.get_coordinates(middle))[0]
    return float(lon), float(lat)


def _degrees(easting_northing: NDArray[Any]) -> NDArray[Any]:
    lon, lat = to_lon_lat(easting_northing[:, 0], easting_northing[:, 1])
    return np.column_stack((lon, lat)).round(DECIMALS)
