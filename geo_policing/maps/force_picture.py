"""The force as one picture whose beats are links: what the map's page shows until, or unless, its map is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.datasets.dataset import Dataset
from geo_policing.domain.beats import Beat
from geo_policing.maps.basemap_style import Palette
from geo_policing.maps.extent import extent_of
from geo_policing.maps.map_style import TINTS
from geo_policing.maps.mercator import world_of_geometries
from geo_policing.maps.picture_frame import UNITS_PER_PX, Frame
from geo_policing.maps.svg_paths import path_data
from geo_policing.services.indexes import derived, district_index
from geo_policing.services.map_layers import beat_shapes
from geo_policing.services.view import View

WIDTH_PX = 960
UNITS = 2 * WIDTH_PX
TOLERANCE_PX = 2.0


@dataclass(frozen=True)
class DrawnBeat:
    """A beat's outline as SVG path data, and which tint fills it."""

    beat: Beat
    tint: int
    path: str


@dataclass(frozen=True)
class DrawnName:
    """A name and where its middle stands."""

    text: str
    x: int
    y: int


@dataclass(frozen=True)
class ForcePicture:
    """Everything in half pixels, in a box from (0, 0) to (`width`, `height`)."""

    width: int
    height: int
    beats: tuple[DrawnBeat, ...]
    borders: str
    names: tuple[DrawnName, ...]


def force_picture(view: View) -> ForcePicture | None:
    """The picture of the beats in force on the view's day, None where no plan is; made once."""
    return derived(view, "force_picture", lambda: _picture_of(view))


def ground_frame(dataset: Dataset, width_px: int = WIDTH_PX) -> Frame:
    """The frame of the whole force."""
    return Frame.around(extent_of(dataset), width_px)


def ground_picture(dataset: Dataset, palette: Palette, width_px: int = WIDTH_PX) -> str:
    """The basemap to be laid beneath `force_picture`, as an SVG of the same shape; the wider, the more detail."""
    frame = ground_frame(dataset, width_px)
    width, height = width_px * UNITS_PER_PX, frame.height_px * UNITS_PER_PX
    ground = frame.ground(dataset, palette)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{ground}</svg>'


def _picture_of(view: View) -> ForcePicture | None:
    plan = view.plan
    if plan is None:
        return None
    frame = ground_frame(view.dataset)
    shapes = beat_shapes(plan, view)
    west, south, east, north = shapely.total_bounds(shapes.areas)
    pixel_m = max(east - west, north - south) / WIDTH_PX
    areas = world_of_geometries(shapely.coverage_simplify(shapes.areas, TOLERANCE_PX * pixel_m))
    beats = tuple(
        DrawnBeat(beat, shapes.colours[row] % len(TINTS), path_data(areas[row : row + 1], frame.box, UNITS))
        for row, beat in enumerate(plan.beats)
    )
    codes = np.array([beat.district_code for beat in plan.beats])
    districts = {code: shapely.coverage_union_all(areas[codes == code]) for code in sorted(set(codes.tolist()))}
    lines = shapely.line_merge(shapely.union_all(shapely.boundary(np.array(list(districts.values()), dtype=object))))
    borders = path_data(np.array([lines], dtype=object), frame.box, UNITS)
    index = district_index(view.dataset)
    names = tuple(_name(index.by_code(code).name, area, frame) for code, area in districts.items())
    return ForcePicture(UNITS, round(UNITS * frame.height_px / WIDTH_PX), beats, borders, names)


def _name(text: str, area: Any, frame: Frame) -> DrawnName:
    """A name in the widest part of the largest piece of its area (world coordinates)."""
    largest: Any = max(shapely.get_parts(area), key=shapely.area)
    middle: NDArray[Any] = shapely.get_coordinates(shapely.maximum_inscribed_circle(largest, 4 * frame.pixel))[0]
    x, y = (middle - (frame.box[0], frame.box[1])) / frame.pixel * (UNITS / WIDTH_PX)
    return DrawnName(text, round(float(x)), round(float(y)))
