"""One picture of drive times: for readers without scripts, for paper, and for the documentation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.datasets.dataset import Dataset
from geo_policing.maps.band_style import AreaStyle
from geo_policing.maps.basemap_style import Palette
from geo_policing.maps.extent import Extent, extent_of
from geo_policing.maps.mercator import world_of_lon_lat
from geo_policing.maps.picture_frame import UNITS_PER_PX, Frame
from geo_policing.maps.place_labels import CITY, TYPE_PX, place_labels
from geo_policing.maps.svg_paths import path_data

WIDTH_PX = 960
FILL_OPACITY = 0.4
LEAST_PX2 = 16.0
"""Islands and holes below this many square pixels are left out of the picture (never out of a count)."""
HALF_LETTER_PX = 3.5
LEAST_DEGREES, LEAST_RATIO, MARGIN = 0.05, 0.6, 0.25
"""A picture of a small area shows at least so many degrees of latitude, and this part of its longer side."""
GONE_STROKES = (("#ffffff", 7), ("#a3161f", 4))
SIDES = ((0, 1), (1, 0), (0, -1), (-1, 0))


@dataclass(frozen=True)
class Mark:
    """A base at a WGS 84 point; a trial one is drawn apart, and so is one that is gone."""

    name: str
    lat: float
    lon: float
    trial: bool = False
    gone: bool = False


def drive_picture(
    dataset: Dataset,
    palette: Palette,
    bands: Sequence[tuple[AreaStyle, shapely.Geometry]],
    marks: Sequence[Mark],
    title: str,
    *,
    around: shapely.Geometry | None = None,
) -> str:
    """The force's ground with `bands` (WGS 84 lon/lat, nearest first; empty ones are passed over) and `marks`, as SVG.

    `title` is what a screen reader says of it. With `around`, a geometry in degrees, the picture shows no more than
    its surroundings. The same input gives the same text.
    """
    frame = Frame.around(extent_of(dataset) if around is None else _near(around, extent_of(dataset)), WIDTH_PX)
    units, height = WIDTH_PX * UNITS_PER_PX, frame.height_px * UNITS_PER_PX
    ground = frame.ground(dataset, palette)
    if palette.name == "dark":
        bands = [(replace(style, ink=style.dark_ink), geometry) for style, geometry in bands]
    areas = "".join(_band(style, geometry, frame) for style, geometry in reversed(bands))
    labels = "".join(_label(i, style, geometry, frame) for i, (style, geometry) in enumerate(bands))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {units} {height}" role="img">'
        f"<title>{escape(title)}</title><defs>{''.join(_pattern(style) for style, _ in bands)}</defs>{ground}"
        f'<g stroke-linejoin="round">{areas}</g>'
        f'<g transform="scale({UNITS_PER_PX})" font-family="system-ui,sans-serif" text-anchor="middle" '
        f'paint-order="stroke" stroke-linejoin="round" fill="{palette.label}" stroke="{palette.halo}" stroke-width="3">'
        f"{_names(dataset, frame, marks)}{labels}"
        f"{''.join(_mark(mark, frame) for mark in marks)}</g></svg>"
    )


def _near(geometry: shapely.Geometry, whole: Extent) -> Extent:
    """The surroundings of `geometry`, neither narrow nor tiny; the `whole` for an empty one."""
    if geometry.is_empty:
        return whole
    west, south, east, north = shapely.bounds(geometry).tolist()
    degree = math.cos(math.radians((south + north) / 2))
    side = max((east - west) * degree, north - south, LEAST_DEGREES) * (1 + 2 * MARGIN)
    x, y = (west + east) / 2, (south + north) / 2
    half_x = max((east - west) * (1 + 2 * MARGIN), side * LEAST_RATIO / degree) / 2
    half_y = max((north - south) * (1 + 2 * MARGIN), side * LEAST_RATIO) / 2
    return Extent(x - half_x, y - half_y, x + half_x, y + half_y)


def _pattern(style: AreaStyle) -> str:
    cell = style.pattern.cell
    return (
        f'<pattern id="p{style.key}" width="{cell}" height="{cell}" patternUnits="userSpaceOnUse" '
        f'patternTransform="scale({UNITS_PER_PX})"><path d="{style.pattern.path}" stroke="{style.ink}" '
        f'stroke-width="1.3" stroke-linecap="square" fill="none"/></pattern>'
    )


def _band(style: AreaStyle, geometry: shapely.Geometry, frame: Frame) -> str:
    world = shapely.transform(geometry, lambda points: np.column_stack(world_of_lon_lat(points[:, 0], points[:, 1])))
    path = path_data(
        _worth_drawing(world, (frame.box[2] - frame.box[0]) / WIDTH_PX), frame.box, WIDTH_PX * UNITS_PER_PX
    )
    if not path:
        return ""
    dash = " ".join(str(int(part) * UNITS_PER_PX) for part in style.dash.split())
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    # One path, used twice: first its fill, then its pattern and outline.
    return (
        f'<defs><path id="b{style.key}" fill-rule="evenodd" d="{path}"/></defs>'
        f'<use href="#b{style.key}" fill="{style.fill}" fill-opacity="{FILL_OPACITY}"/>'
        f'<use href="#b{style.key}" fill="url(#p{style.key})" stroke="{style.ink}" '
        f'stroke-width="{1.6 * UNITS_PER_PX}"{dashes}/>'
    )


def _worth_drawing(geometry: shapely.Geometry, pixel: float) -> NDArray[Any]:
    """The rings that a picture of such pixels can show, holes too, each as a polygon to be filled by even and odd."""
    simple = shapely.simplify(geometry, pixel / 2, preserve_topology=False)
    rings = shapely.get_rings(shapely.get_parts(simple))
    areas = shapely.polygons(rings)
    shown: NDArray[Any] = areas[shapely.area(areas) >= LEAST_PX2 * pixel**2]
    return shown


def _label(band: int, style: AreaStyle, geometry: shapely.Geometry, frame: Frame) -> str:
    """What a band is called, at the utmost point of its largest part, each band's to another side."""
    if geometry.is_empty:
        return ""
    parts = shapely.get_parts(geometry)
    points = shapely.get_coordinates(parts[shapely.area(parts).argmax()])
    lon, lat = points[(points @ SIDES[band % len(SIDES)]).argmax()].tolist()
    x, y = frame.pixels(lat, lon)
    return _text(style.label, x, y, 13, " font-weight='700'") if frame.holds(x, y, 24) else ""


def _names(dataset: Dataset, frame: Frame, marks: Sequence[Mark]) -> str:
    """Names of places, out of the way of the names of bases."""
    bases = [(*frame.pixels(mark.lat, mark.lon), len(mark.name)) for mark in marks]
    out = []
    for place in place_labels(dataset):
        x, y = frame.pixels(place.lat, place.lon)
        if place.from_zoom > frame.zoom or not frame.holds(x, y, 40):
            continue
        wide = len(place.name)
        below = [b for a, b, n in bases if abs(x - a) < HALF_LETTER_PX * (n + wide) and -14 < y - b < 38]
        weight = " font-weight='600'" if place.size == CITY else ""
        # A base's name stands below it, so a place beside it is written above.
        out.append(_text(place.name, x, (min(below) - 18 if below else y) + 4, TYPE_PX[place.size] - 1, weight))
    return "".join(out)


def _mark(mark: Mark, frame: Frame) -> str:
    x, y = frame.pixels(mark.lat, mark.lon)
    if not frame.holds(x, y, 0):
        return ""
    if mark.trial:
        shape = f'<path d="M{x:.1f} {y - 9:.1f}l9 9l-9 9l-9-9z" fill="#ffffff" stroke="#a3161f" stroke-width="3"/>'
    elif mark.gone:
        cross = f"M{x - 5:.1f} {y - 5:.1f}l10 10m0-10l-10 10"
        shape = "".join(f'<path d="{cross}" fill="none" stroke="{c}" stroke-width="{w}"/>' for c, w in GONE_STROKES)
    else:
        shape = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="#a3161f" stroke="#ffffff" stroke-width="2"/>'
    return shape + (_text(mark.name, x, y + 24, 12, " font-weight='700'") if frame.holds(x, y, 30) else "")


def _text(text: str, x: float, y: float, size_px: float, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size_px:g}"{more}>{escape(text)}</text>'
