"""Names of streets and numbers of roads on a tile, each written wholly inside it so that no edge cuts one.

A street's name stands along its longest nearly straight stretch in the tile, or not at all where none is long enough.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.datasets.dataset import Dataset
from geo_policing.maps.basemap_style import CLASS_OF_HIGHWAY, ROAD_NUMBERS_FROM, ROADS, STREET_NAMES_FROM, Palette
from geo_policing.maps.mercator import TILE_PX, Tile, world_of_geometries

NAME_PX, NUMBER_PX = 10.5, 9.5
EM_OF_A_LETTER = 0.56
"""Mean width of a letter over the type's size, on the wide side for sans-serif faces; names rarely outgrow it."""
INSET_PX = 5.0
STRAIGHT_PX = 2.5
"""A stretch counts as straight where it leaves its chord by no more than this."""
MOST_NAMES = 40

Rectangle = tuple[float, float, float, float]


@dataclass(frozen=True)
class _Writing:
    """A text to be written at (x, y) pixels of the tile, turned by `angle` degrees."""

    text: str
    x: float
    y: float
    angle: float
    width: float
    height: float

    def around(self) -> Rectangle:
        """The upright rectangle about it."""
        c, s = abs(math.cos(math.radians(self.angle))), abs(math.sin(math.radians(self.angle)))
        across, down = (self.width * c + self.height * s) / 2, (self.width * s + self.height * c) / 2
        return self.x - across, self.y - down, self.x + across, self.y + down


class RoadNames:
    """The named and numbered roads of a dataset, ready to be written on tiles."""

    def __init__(self, dataset: Dataset) -> None:
        roads = dataset["roads"]
        named = np.flatnonzero((roads["name"] != "") | (roads["ref"] != ""))
        self._names, self._refs = np.asarray(roads["name"])[named], np.asarray(roads["ref"])[named]
        kinds = np.fromiter((CLASS_OF_HIGHWAY.get(h, 0) for h in roads["highway"].tolist()), np.int8, len(roads))
        self._kinds = kinds[named]
        self._lines = world_of_geometries(roads["geometry"][named])
        self._tree = shapely.STRtree(self._lines)
        numbered = np.flatnonzero(self._refs != "")
        self._numbered, self._numbered_tree = numbered, shapely.STRtree(self._lines[numbered])

    def svg(self, tile: Tile, palette: Palette, units: int) -> str:
        """The texts of `tile` as SVG elements in `units` a tile; "" below the zooms that have any."""
        if tile.zoom < ROAD_NUMBERS_FROM or len(self._lines) == 0:
            return ""
        taken: list[Rectangle] = []
        out = list(self._number_marks(tile, palette, taken))
        if tile.zoom >= STREET_NAMES_FROM:
            out += self._street_names(tile, taken)
        if not out:
            return ""
        return (
            f'<g transform="scale({units / TILE_PX:g})" font-family="system-ui,sans-serif" text-anchor="middle" '
            f'fill="{palette.label}" font-size="{NAME_PX}" paint-order="stroke" stroke="{palette.halo}" '
            f'stroke-width="2.5" stroke-linejoin="round">{"".join(out)}</g>'
        )

    def _number_marks(self, tile: Tile, palette: Palette, taken: list[Rectangle]) -> Iterator[str]:
        found = self._numbered[self._numbered_tree.query(shapely.box(*tile.box()))]
        found = np.sort(found[_from_zoom(self._kinds[found]) <= tile.zoom])
        by_ref: dict[str, list[int]] = defaultdict(list)
        for row in found.tolist():
            by_ref[str(self._refs[row])].append(row)
        order = sorted(by_ref, key=lambda ref: (-int(self._kinds[by_ref[ref]].max()), ref))
        for ref in order:
            width = len(ref) * NUMBER_PX * 0.62 + 6
            lines = _in_tile(self._lines[by_ref[ref]], tile, width / 2 + INSET_PX)
            if len(lines) == 0:
                continue
            middle = shapely.line_interpolate_point(lines[np.argmax(shapely.length(lines))], 0.5, normalized=True)
            mark = _Writing(ref, middle.x, middle.y, 0.0, width, NUMBER_PX + 5)
            if _take(mark, taken):
                left, top, right, bottom = mark.around()
                yield (
                    f'<rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{bottom - top:.1f}" rx="3" '
                    f'fill="{palette.halo}" stroke="{palette.label}" stroke-width=".7"/>'
                    f'<text x="{mark.x:.1f}" y="{mark.y + NUMBER_PX * 0.36:.1f}" font-size="{NUMBER_PX}" '
                    f'stroke="none">{escape(ref)}</text>'
                )

    def _street_names(self, tile: Tile, taken: list[Rectangle]) -> list[str]:
        found = np.sort(self._tree.query(shapely.box(*tile.box())))
        found = found[(self._names[found] != "") & (_from_zoom(self._kinds[found]) <= tile.zoom)]
        lines = shapely.clip_by_rect(self._lines[found], *tile.box())
        parts, row = shapely.get_parts(lines, return_index=True)
        stretches = _stretches(_pixels(parts, tile), self._names[found][row], self._kinds[found][row])
        out: list[str] = []
        written: set[str] = set()
        for name, stretch in stretches:
            if name not in written and len(out) < MOST_NAMES and _take(stretch, taken):
                written.add(name)
                turn = f' transform="rotate({stretch.angle:.1f} {stretch.x:.1f} {stretch.y:.1f})"'
                y = stretch.y + NAME_PX * 0.34
                out.append(f'<text x="{stretch.x:.1f}" y="{y:.1f}"{turn}>{escape(name)}</text>')
        return out


def _from_zoom(kinds: NDArray[np.int8]) -> NDArray[np.int8]:
    zooms: NDArray[np.int8] = _FROM_ZOOM[kinds]
    return zooms


_FROM_ZOOM = np.array([style.from_zoom for style in ROADS], dtype=np.int8)


def _pixels(lines: NDArray[Any], tile: Tile) -> NDArray[Any]:
    west, north, *_ = tile.box()
    scale = TILE_PX * 2.0**tile.zoom
    moved: NDArray[Any] = shapely.transform(lines, lambda points: (points - (west, north)) * scale)
    return moved


def _in_tile(lines: NDArray[Any], tile: Tile, inset_px: float) -> NDArray[Any]:
    """The parts of `lines` at least `inset_px` inside the tile, in its pixels; joined where they meet."""
    parts: NDArray[Any] = shapely.get_parts(shapely.clip_by_rect(lines, *tile.box(-inset_px)))
    parts = parts[~shapely.is_empty(parts)]
    if len(parts) == 0:
        return parts
    joined: NDArray[Any] = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(_pixels(parts, tile))))
    return joined


def _stretches(lines: NDArray[Any], names: NDArray[Any], kinds: NDArray[np.int8]) -> list[tuple[str, _Writing]]:
    """Where each name could stand: one place a straight stretch that is long enough, greater roads and longer first."""
    straight = shapely.simplify(lines, STRAIGHT_PX, preserve_topology=False)
    points, line = shapely.get_coordinates(straight, return_index=True)
    if len(points) == 0:
        return []
    same = line[1:] == line[:-1]
    step = (points[1:] - points[:-1])[same]
    middle = ((points[1:] + points[:-1]) / 2)[same]
    owner = line[1:][same]
    length = np.hypot(*step.T)
    width = np.char.str_len(names)[owner] * NAME_PX * EM_OF_A_LETTER
    fits = np.flatnonzero(length >= width)
    order = fits[np.lexsort((-length[fits], -kinds[owner[fits]]))]
    places = []
    for i in order.tolist():
        angle = math.degrees(math.atan2(step[i, 1], step[i, 0]))
        # Never upside down.
        angle = angle - 180 if angle > 90 else angle + 180 if angle < -90 else angle
        name = str(names[owner[i]])
        x, y = middle[i].tolist()
        places.append((name, _Writing(name, x, y, angle, float(width[i]), NAME_PX + 2)))
    return places


def _take(writing: _Writing, taken: list[Rectangle]) -> bool:
    """Whether `writing` lies in the tile and on nothing written so far; if so it is kept among those."""
    left, top, right, bottom = around = writing.around()
    if min(left, top) < 1 or max(right, bottom) > TILE_PX - 1:
        return False
    if any(left < r and right > x and top < b and bottom > y for x, y, r, b in taken):
        return False
    taken.append(around)
    return True
