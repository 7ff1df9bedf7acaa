"""The frame of a picture over the basemap: which ground it shows, and where a point of it lies in the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

from geo_policing.datasets.dataset import Dataset
from geo_policing.maps.basemap import MARGIN_PX, basemap, drawn
from geo_policing.maps.basemap_style import Palette
from geo_policing.maps.extent import Extent
from geo_policing.maps.mercator import LEAST_ZOOM, MOST_ZOOM, TILE_PX, world_of_lon_lat
from geo_policing.maps.svg_paths import Box

UNITS_PER_PX = 4
"""Pictures are drawn in quarters of a pixel, as tiles are."""


@dataclass(frozen=True)
class Frame:
    """The ground that a picture shows, in world coordinates, its size in pixels, and how much detail it bears."""

    box: Box
    zoom: int
    width_px: int
    height_px: int

    @classmethod
    def around(cls, extent: Extent, width_px: int, *, height_px: int | None = None) -> Frame:
        """`extent` in the middle of a picture: as high as it needs, or where `height_px` is given with ground about it.

        The detail is that of the greatest zoom at which a tile's pixel is no smaller than the picture's.
        """
        (west, east), (south, north) = world_of_lon_lat([extent.west, extent.east], [extent.south, extent.north])
        pixel = (east - west) / width_px
        if height_px is not None:
            pixel = max(pixel, (south - north) / height_px)
        height = height_px or round((south - north) / pixel)
        x, y = (west + east) / 2, (north + south) / 2
        half_x, half_y = width_px * pixel / 2, height * pixel / 2
        box = (float(x - half_x), float(y - half_y), float(x + half_x), float(y + half_y))
        zoom = math.floor(math.log2(1 / TILE_PX / pixel))
        return cls(box, min(max(zoom, LEAST_ZOOM), MOST_ZOOM), width_px, height)

    @property
    def pixel(self) -> float:
        """The side of a pixel in world coordinates."""
        return (self.box[2] - self.box[0]) / self.width_px

    def pixels(self, lat: float, lon: float) -> tuple[float, float]:
        """Where a WGS 84 point lies in the picture."""
        x, y = world_of_lon_lat(lon, lat)
        return float((x - self.box[0]) / self.pixel), float((y - self.box[1]) / self.pixel)

    def holds(self, x: float, y: float, margin_px: float) -> bool:
        """True for a point of the picture at least `margin_px` from its edges."""
        return margin_px <= x <= self.width_px - margin_px and margin_px <= y <= self.height_px - margin_px

    def ground(self, dataset: Dataset, palette: Palette, *, coarser: int = 0) -> str:
        """The basemap beneath, as SVG elements in quarters of a pixel; with the detail of `coarser` zooms less."""
        zoom = max(LEAST_ZOOM, self.zoom - coarser)
        units, height = self.width_px * UNITS_PER_PX, self.height_px * UNITS_PER_PX
        margin = MARGIN_PX * self.pixel
        west, north, east, south = self.box
        cut = (west - margin, north - margin, east + margin, south + margin)
        return drawn(basemap(dataset).paths(cut, zoom, self.box, units), zoom, palette, units, height)
