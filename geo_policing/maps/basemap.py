"""The basemap: what lies under beats and isochrones, drawn from the dataset's own roads, rivers and districts.

A tile is an SVG, so that it is sharp on every screen and small enough to make afresh (a few kB compressed). Its colours
stand in attributes, not in a style sheet: a page's content security policy then has nothing to say about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.datasets.dataset import Dataset
from geo_policing.maps.basemap_style import (
    BUILT_UP_RESIDENTS_PER_KM2,
    CLASS_OF_HIGHWAY,
    ROADS,
    Palette,
)
from geo_policing.maps.mercator import MOST_ZOOM, TILE_PX, Tile, world_of_geometries
from geo_policing.maps.road_names import RoadNames
from geo_policing.maps.svg_paths import Box, path_data
from geo_policing.routing.speeds import RoadClass
from geo_policing.services.indexes import derived

UNITS = 4 * TILE_PX
"""A tile is drawn in quarters of a pixel: whole numbers that are fine enough for a screen of double density."""
MARGIN_PX = 16.0
"""So far beyond its edge a tile's lines go on, that their ends and joins are never seen."""
TOLERANCE_PX = 0.4
# The greatest zoom for which each level of detail is made.
LEVELS = (7, 8, 9, 10, 11, 12, 14, MOST_ZOOM)
# Outlines of two publishers, or of two generalisations, never agree; the force's own is drawn, no second beside it.
SEAM_M = 400.0

Geometries = NDArray[Any]


def basemap(dataset: Dataset) -> Basemap:
    """The basemap of `dataset`, made once and kept with it. Its first making takes about a second a county."""
    return derived(dataset, "basemap", lambda: Basemap(dataset))


@dataclass(frozen=True)
class Level:
    """Everything to be drawn up to one zoom, simplified for it: geometries with a class, and their tree.

    Lines of road class `i` have kind `i`; the rest are the constants below.
    """

    geometries: Geometries
    kind: NDArray[np.int8]
    tree: shapely.STRtree


FORCE, BUILT_UP, RIVER, RAILWAY, INNER_BOUNDARY, OUTER_BOUNDARY = range(100, 106)


class Basemap:
    """Draws tiles of one dataset; safe between threads, as it is never changed but for levels made at first use."""

    def __init__(self, dataset: Dataset) -> None:
        self._parts = _parts_of(dataset)
        self._names = RoadNames(dataset)
        self._levels: dict[int, Level] = {}

    def svg(self, tile: Tile, palette: Palette) -> str:
        """The picture of `tile`; a tile with nothing of the dataset in it is plain."""
        box = tile.box()
        paths = self.paths(tile.box(MARGIN_PX), tile.zoom, box, UNITS)
        names = self._names.svg(tile, palette, UNITS)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {UNITS} {UNITS}">'
            f"{drawn(paths, tile.zoom, palette, UNITS, UNITS)}{names}</svg>"
        )

    def paths(self, cut: Box, zoom: int, box: Box, units: int) -> dict[int, str]:
        """Path data by kind of all that shows at `zoom` within `cut`, with `box` drawn `units` wide."""
        level = self._level(zoom)
        found = level.tree.query(shapely.box(*cut))
        found = found[_shown(level.kind[found], zoom)]
        found.sort()
        clipped = shapely.clip_by_rect(level.geometries[found], *cut)
        kinds = level.kind[found]
        return {int(k): path_data(clipped[kinds == k], box, units) for k in np.unique(kinds)}

    def warm(self) -> None:
        """Make every level now, that no reader waits for one."""
        for zoom in LEVELS:
            self._level(zoom)

    def _level(self, zoom: int) -> Level:
        last = next(z for z in LEVELS if zoom <= z)
        if last not in self._levels:
            # Two threads may make the same level at once, and either is good.
            self._levels[last] = _level_of(self._parts, last)
        return self._levels[last]


def drawn(paths: dict[int, str], zoom: int, palette: Palette, width: int, height: int) -> str:
    """The SVG elements for `paths` on a ground of `width` by `height` quarter pixels."""
    out = [f'<path fill="{palette.outside}" d="M0 0h{width}v{height}h-{width}z"/>']
    for kind, colour in ((FORCE, palette.ground), (BUILT_UP, palette.built_up)):
        if paths.get(kind):
            out.append(f'<path fill="{colour}" fill-rule="evenodd" d="{paths[kind]}"/>')
    out.append('<g fill="none" stroke-linejoin="round" stroke-linecap="round">')
    out += _line(paths.get(RIVER), palette.water, _growing(0.8, 6, zoom))
    out += _line(paths.get(RAILWAY), palette.rail, _growing(0.7, 2.5, zoom), ' stroke-dasharray="24 12"')
    out += _roads(paths, zoom, palette)
    dashes = ' stroke-linecap="butt" stroke-dasharray="20 10"'
    out += _line(paths.get(OUTER_BOUNDARY), palette.boundary, _growing(0.6, 1.5, zoom), dashes + ' opacity=".5"')
    out += _line(paths.get(INNER_BOUNDARY), palette.boundary, _growing(1.2, 3, zoom), dashes)
    return "".join([*out, "</g>"])


def _roads(paths: dict[int, str], zoom: int, palette: Palette) -> list[str]:
    """Casings under all fills, so that crossing roads join; each path is written once and used twice."""
    shown = [(i, style) for i, style in enumerate(ROADS) if paths.get(i)]
    cased = [(i, style) for i, style in shown if zoom >= style.cased_from]
    out = ["<defs>", *(f'<path id="r{i}" d="{paths[i]}"/>' for i, _ in shown), "</defs>"] if shown else []
    for i, style in cased:
        out.append(f'<use href="#r{i}" stroke="{palette.casing}" stroke-width="{_units(style.width_px(zoom) + 1.6)}"/>')
    for i, style in shown:
        plain = zoom < style.cased_from and style.colour == "minor"
        colour = palette.casing if plain else getattr(palette, style.colour)
        out.append(f'<use href="#r{i}" stroke="{colour}" stroke-width="{_units(style.width_px(zoom))}"/>')
    return out


def _line(path: str | None, colour: str, width_px: float, more: str = "") -> list[str]:
    return [f'<path stroke="{colour}" stroke-width="{_units(width_px)}"{more} d="{path}"/>'] if path else []


def _growing(first_px: float, last_px: float, zoom: int) -> float:
    share = (zoom - 7) / (MOST_ZOOM - 7)
    return float(first_px * (last_px / first_px) ** share)


def _units(px: float) -> str:
    return f"{px * UNITS / TILE_PX:.3g}"


_FROM_ZOOM = np.zeros(128, dtype=np.int8)
_FROM_ZOOM[: len(ROADS)] = [style.from_zoom for style in ROADS]
_FROM_ZOOM[[RIVER, RAILWAY, BUILT_UP]] = (9, 10, 8)


def _shown(kind: NDArray[np.int8], zoom: int) -> NDArray[np.bool_]:
    shown: NDArray[np.bool_] = _FROM_ZOOM[kind] <= zoom
    return shown


@dataclass(frozen=True)
class _Parts:
    """All that is ever drawn, in world coordinates and full detail."""

    geometries: Geometries
    kind: NDArray[np.int8]


def _parts_of(dataset: Dataset) -> _Parts:
    layers = [*_ground(dataset), *_barriers(dataset), *_road_lines(dataset)]
    kinds = [np.full(len(geometries), kind, dtype=np.int8) for kind, geometries in layers]
    metric = np.concatenate([geometries for _, geometries in layers])
    return _Parts(world_of_geometries(metric), np.concatenate(kinds))


def _ground(dataset: Dataset) -> list[tuple[int, Geometries]]:
    districts, units = dataset["districts"], dataset["units"]
    row, geometry = np.asarray(units["district"]), units["geometry"]
    # Made of units, neighbours share their boundary to the point; two districts as published may not.
    own = [shapely.coverage_union_all(geometry[row == district]) for district in np.unique(row)]
    force = shapely.coverage_union_all(geometry)
    inner = _outlines(own)
    outer = _outlines(districts["geometry"][~np.asarray(districts["inside"])])
    outer = shapely.difference(outer, shapely.buffer(force, SEAM_M))
    with np.errstate(divide="ignore", invalid="ignore"):
        residents_per_km2 = np.asarray(units["population"]) / (shapely.area(units["geometry"]) / 1e6)
    built_up = shapely.coverage_union_all(units["geometry"][residents_per_km2 > BUILT_UP_RESIDENTS_PER_KM2])
    return [
        (FORCE, shapely.get_parts(force)),
        (BUILT_UP, shapely.get_parts(built_up)),
        (OUTER_BOUNDARY, shapely.get_parts(outer)),
        (INNER_BOUNDARY, shapely.get_parts(inner)),
    ]


def _barriers(dataset: Dataset) -> list[tuple[int, Geometries]]:
    """Rivers and railways, where the dataset has them."""
    table = dataset["walk_barriers"]
    kind, geometries = np.asarray(table["kind"]), table["geometry"]
    return [(RIVER, geometries[kind == "river"]), (RAILWAY, geometries[kind == "railway"])]


def _road_lines(dataset: Dataset) -> list[tuple[int, Geometries]]:
    """Each class of road, its pieces joined: joined lines are simplified further, and their joins are drawn round."""
    roads = dataset["roads"]
    kinds = np.fromiter((CLASS_OF_HIGHWAY.get(h, -1) for h in roads["highway"].tolist()), np.int8, len(roads))
    geometries = roads["geometry"]
    if len(roads) == 0:
        # Such as the starter's schematic roads: a network without names.
        kinds, geometries = _network_lines(dataset)
    return [(kind, shapely.get_parts(_merged(geometries[kinds == kind]))) for kind in range(len(ROADS))]


def _network_lines(dataset: Dataset) -> tuple[NDArray[np.int8], Geometries]:
    """Class and line of each edge of the routable network."""
    edges, points = dataset["road_edges"], dataset["road_points"]
    kind_of = [CLASS_OF_HIGHWAY[road_class.label] for road_class in RoadClass]
    kinds = np.array(kind_of, dtype=np.int8)[np.asarray(edges["road_class"], dtype=np.int64)]
    ends = np.append(edges["first_point"], len(points)).astype(np.int64)
    coords = np.column_stack([points["easting"], points["northing"]])
    if len(edges) == 0:
        return kinds, np.empty(0, dtype=object)
    return kinds, shapely.from_ragged_array(shapely.GeometryType.LINESTRING, coords, (ends,))


def _merged(lines: Geometries) -> Any:
    """Lines as one geometry, joined where just two meet."""
    return shapely.line_merge(shapely.multilinestrings(shapely.get_parts(lines)))


def _outlines(polygons: Any) -> Any:
    """The boundaries of polygons, each shared stretch once: drawn twice, its dashes would fill each other's gaps."""
    return shapely.line_merge(shapely.union_all(shapely.boundary(polygons)))


def _level_of(parts: _Parts, zoom: int) -> Level:
    pixel = 2.0**-zoom / TILE_PX
    shown = _shown(parts.kind, zoom)
    kind = parts.kind[shown]
    simple = shapely.simplify(parts.geometries[shown], TOLERANCE_PX * pixel, preserve_topology=False)
    west, south, east, north = shapely.bounds(simple).T
    # NaN bounds are of what simplifying has emptied.
    seen = np.maximum(east - west, north - south) > pixel / 2
    return Level(simple[seen], kind[seen], shapely.STRtree(simple[seen]))
