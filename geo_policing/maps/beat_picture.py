"""The picture of one beat: for the page before its map is there, for readers without scripts, and for paper."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.datasets.dataset import Dataset
from geo_policing.maps.basemap_style import Palette
from geo_policing.maps.extent import Extent
from geo_policing.maps.map_style import INKS, MARK_PX, MARKS
from geo_policing.maps.mercator import world_of_lon_lat
from geo_policing.maps.picture_frame import UNITS_PER_PX, Frame
from geo_policing.maps.place_labels import CITY, TYPE_PX, place_labels
from geo_policing.maps.svg_paths import path_data
from geo_policing.services.map_layers import MapPlace

SIZES = {"wide": (960, 600), "narrow": (420, 420)}
"""Pixels; the narrow one is for phones, where the wide one's letters would be too small to read."""
MARGIN = 0.08
DIMMED = 0.5
"""How much of the ground around the beat is covered, that the beat stands out without its colour."""


def beat_picture(
    dataset: Dataset, palette: Palette, size: str, beats: NDArray[Any], chosen: int, places: Sequence[MapPlace]
) -> str:
    """Beat `chosen` of `beats` (WGS 84 lon/lat) outlined over the ground, its neighbours' borders and `places`, as SVG.

    `size` is a key of SIZES. Its title is the page's to say. The same input gives the same text.
    """
    width_px, height_px = SIZES[size]
    frame = Frame.around(_extent_of(beats[chosen]), width_px, height_px=height_px)
    units, height = width_px * UNITS_PER_PX, height_px * UNITS_PER_PX
    inks = INKS[palette.name]
    own = _path(beats[chosen : chosen + 1], frame, units)
    lines = _path(shapely.boundary(_seen(np.delete(beats, chosen), frame)), frame, units)
    marks, taken = _marks(places, frame)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {units} {height}">'
        f"{frame.ground(dataset, palette, coarser=1)}"
        f'<path fill="{palette.ground}" fill-opacity="{DIMMED}" fill-rule="evenodd" '
        f'd="M0 0h{units}v{height}h-{units}z{own}"/>'
        '<g fill="none" stroke-linejoin="round">'
        f'<path stroke="{inks.beat}" stroke-width="5" stroke-opacity=".75" d="{lines}"/>'
        f'<path stroke="{inks.halo}" stroke-width="26" stroke-opacity=".7" d="{own}"/>'
        f'<path stroke="{inks.chosen}" stroke-width="13" fill="{inks.chosen}" fill-opacity=".07" '
        f'fill-rule="evenodd" d="{own}"/></g>'
        f'<g transform="scale({UNITS_PER_PX})" font-family="system-ui,sans-serif" text-anchor="middle">'
        f'<g paint-order="stroke" stroke-linejoin="round" fill="{palette.label}" stroke="{palette.halo}" '
        f'stroke-width="3">{_names(dataset, frame, taken)}</g>{marks}</g></svg>'
    )


def _extent_of(beat: shapely.Geometry) -> Extent:
    west, south, east, north = shapely.bounds(beat).tolist()
    x, y = (east - west) * MARGIN, (north - south) * MARGIN
    return Extent(west - x, south - y, east + x, north + y)


def _world(geometries: NDArray[Any]) -> NDArray[Any]:
    def project(points: NDArray[Any]) -> NDArray[Any]:
        return np.column_stack(world_of_lon_lat(points[:, 0], points[:, 1]))

    moved: NDArray[Any] = shapely.transform(geometries, project)
    return moved


def _seen(beats: NDArray[Any], frame: Frame) -> NDArray[Any]:
    """What of the beats reaches into the picture; still in degrees."""
    west, north, east, south = frame.box
    boxes = shapely.bounds(_world(beats)).reshape(-1, 4)
    apart = (boxes[:, 0] > east) | (boxes[:, 2] < west) | (boxes[:, 1] > south) | (boxes[:, 3] < north)
    seen: NDArray[Any] = beats[~apart]
    return seen


def _path(geometries: NDArray[Any], frame: Frame, units: int) -> str:
    return path_data(_world(geometries), frame.box, units) if len(geometries) else ""


def _names(dataset: Dataset, frame: Frame, taken: Sequence[tuple[float, float]]) -> str:
    """Names of settlements; those that a mark would cover are written above it."""
    out = []
    for place in place_labels(dataset):
        x, y = frame.pixels(place.lat, place.lon)
        if place.from_zoom > frame.zoom or not frame.holds(x, y, 30):
            continue
        half = len(place.name) * 3.6 + MARK_PX / 2
        under = [b for a, b in taken if abs(a - x) < half and abs(b - y) < MARK_PX]
        y = min([y, *(b - MARK_PX * 0.75 for b in under)])
        weight = ' font-weight="600"' if place.size == CITY else ""
        size = TYPE_PX[place.size]
        out.append(f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size:g}"{weight}>{escape(place.name)}</text>')
    return "".join(out)


def _marks(places: Sequence[MapPlace], frame: Frame) -> tuple[str, list[tuple[float, float]]]:
    """The signs of the places in the picture, those of one building beside each other; and where they stand."""
    at: dict[tuple[float, float], list[MapPlace]] = defaultdict(list)
    for place in places:
        if place.lat_lon is not None:
            at[place.lat_lon].append(place)
    out, taken = [], []
    for (lat, lon), together in at.items():
        x, y = frame.pixels(lat, lon)
        if not frame.holds(x, y, 0):
            continue
        for i, place in enumerate(together):
            left = x + (i - (len(together) - 1) / 2) * (MARK_PX + 2)
            out.append(_mark(place, left, y))
            taken.append((left, y))
    return "".join(out), taken


def _mark(place: MapPlace, x: float, y: float) -> str:
    style = MARKS[place.facility.kind]
    return (
        f'<g transform="translate({x - MARK_PX / 2:.1f} {y - MARK_PX / 2:.1f})">'
        f'<path d="{style.path}" fill="{style.fill}" stroke="#ffffff" stroke-width="2"/>'
        f'<text x="12" y="17" font-size="14" font-weight="700" fill="#ffffff">{style.letter}</text></g>'
    )
