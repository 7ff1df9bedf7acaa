"""Web Mercator (EPSG:3857) tiles: the numbering that Leaflet and every other slippy map uses.

World coordinates run from (0, 0) in the north-west to (1, 1) in the south-east; a tile of zoom z is a square of side
2**-z of them. The formulas are those of EPSG method 1024 ("Popular Visualisation Pseudo Mercator") on that square.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.errors import InvalidInputError, NotFoundError
from geo_policing.spatial.crs import to_lon_lat

TILE_PX = 256
LEAST_ZOOM, MOST_ZOOM = 7, 17
"""Where tiles are drawn: at 7 a county is two tiles wide, at 17 a street fills one."""
MOST_LATITUDE = 85.05112878
"""Where Web Mercator's square ends."""
EARTH_CIRCUMFERENCE_M = 2 * math.pi * 6_378_137.0

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Tile:
    """One tile; `x` counts eastwards, `y` southwards."""

    zoom: int
    x: int
    y: int

    @classmethod
    def parse(cls, zoom: str, x: str, y: str) -> Tile:
        """The tile of an address; InvalidInputError for what is no number, NotFoundError for a tile that there is not.

        >>> Tile.parse("7", "63", "42")
        Tile(zoom=7, x=63, y=42)
        """
        for name, text in (("z", zoom), ("x", x), ("y", y)):
            if not (text.isascii() and text.isdigit() and len(text) <= 7):
                raise InvalidInputError(f"tile {name} {text!r} is not a whole number from 0.", field=name)
        tile = cls(int(zoom), int(x), int(y))
        if not LEAST_ZOOM <= tile.zoom <= MOST_ZOOM:
            raise NotFoundError(f"zoom {tile.zoom} is not drawn. Ask for a zoom from {LEAST_ZOOM} to {MOST_ZOOM}.")
        if max(tile.x, tile.y) >= 2**tile.zoom:
            last = 2**tile.zoom - 1
            raise NotFoundError(f"tile {tile.x}/{tile.y} is not in the world; at zoom {zoom} x and y end at {last}.")
        return tile

    def box(self, margin_px: float = 0.0) -> tuple[float, float, float, float]:
        """(west, north, east, south) in world coordinates, `margin_px` wider on each side."""
        side, margin = 2.0**-self.zoom, margin_px / TILE_PX * 2.0**-self.zoom
        west, north = self.x * side, self.y * side
        return west - margin, north - margin, west + side + margin, north + side + margin


def world_of_lon_lat(lon: Any, lat: Any) -> tuple[Floats, Floats]:
    """World coordinates of WGS 84 degrees; latitudes beyond the square are drawn at its edge."""
    phi = np.radians(np.clip(np.asarray(lat, dtype=np.float64), -MOST_LATITUDE, MOST_LATITUDE))
    x = np.asarray(lon, dtype=np.float64) / 360 + 0.5
    return x, 0.5 - np.arcsinh(np.tan(phi)) / (2 * np.pi)


def lon_lat_of_world(x: Any, y: Any) -> tuple[Floats, Floats]:
    """The inverse of `world_of_lon_lat`."""
    lon = (np.asarray(x, dtype=np.float64) - 0.5) * 360
    return lon, np.degrees(np.arctan(np.sinh((0.5 - np.asarray(y, dtype=np.float64)) * 2 * np.pi)))


def world_of_geometries(geometries: NDArray[Any]) -> NDArray[Any]:
    """EPSG:27700 geometries in world coordinates (x east, y south); empty in, empty out."""
    if len(geometries) == 0:
        return geometries

    def project(points: Floats) -> Floats:
        return np.column_stack(world_of_lon_lat(*to_lon_lat(points[:, 0], points[:, 1])))

    moved: NDArray[Any] = shapely.transform(geometries, project)
    return moved


def metres_per_pixel(zoom: float, lat: float) -> float:
    """Ground metres under one pixel of a 256-pixel tile at a latitude in degrees."""
    return EARTH_CIRCUMFERENCE_M * math.cos(math.radians(lat)) / (TILE_PX * float(2.0**zoom))
