"""How the basemap looks: which roads show from which zoom, how wide, and in which colours.

Restrained on purpose: it lies under beats and isochrones, so it has few hues, low contrast among its own parts, and
main roads told apart by width as well as by colour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Palette:
    """The colours of one style, as SVG takes them."""

    name: str
    outside: str
    ground: str
    built_up: str
    water: str
    rail: str
    boundary: str
    casing: str
    motorway: str
    main: str
    minor: str
    label: str
    halo: str


PALETTES: Mapping[str, Palette] = MappingProxyType(
    {
        "light": Palette(
            name="light",
            outside="#e6e9ea",
            ground="#f7f8f6",
            built_up="#e9e7e2",
            water="#a9cbdc",
            rail="#a7a3a8",
            boundary="#8a6f9c",
            casing="#b9b6ae",
            motorway="#8fa9c4",
            main="#f3d79b",
            minor="#ffffff",
            label="#3d474c",
            halo="#f7f8f6",
        ),
        "dark": Palette(
            name="dark",
            outside="#0c1216",
            ground="#161f25",
            built_up="#1f2a31",
            water="#254a5e",
            rail="#55565c",
            boundary="#a48bb5",
            casing="#0c1216",
            motorway="#5c7894",
            main="#7d6a3f",
            minor="#39464e",
            label="#b6c2c8",
            halo="#161f25",
        ),
    }
)


@dataclass(frozen=True)
class RoadStyle:
    """One class of roads: drawn from `from_zoom` on, with its width in pixels there and at zoom 17."""

    name: str
    highways: tuple[str, ...]
    colour: str
    from_zoom: int
    first_px: float
    last_px: float
    cased_from: int

    def width_px(self, zoom: int) -> float:
        """Width at a zoom, growing by the same factor from each zoom to the next."""
        share = (zoom - self.from_zoom) / max(1, 17 - self.from_zoom)
        return round(float(self.first_px * (self.last_px / self.first_px) ** share), 2)


# From the least to the greatest, which is the order of drawing; OSM's classes, links with what they lead to.
ROADS: tuple[RoadStyle, ...] = (
    RoadStyle("service", ("service", "road", "track", "busway"), "minor", 15, 1.0, 4.0, 15),
    RoadStyle("residential", ("residential", "living_street", "pedestrian"), "minor", 13, 0.8, 8.0, 14),
    RoadStyle("unclassified", ("unclassified",), "minor", 12, 0.8, 8.0, 13),
    RoadStyle("tertiary", ("tertiary", "tertiary_link"), "minor", 11, 0.8, 10.0, 12),
    RoadStyle("secondary", ("secondary", "secondary_link"), "main", 10, 0.8, 11.0, 12),
    RoadStyle("primary", ("primary", "primary_link"), "main", 8, 0.8, 12.0, 11),
    RoadStyle("trunk", ("trunk", "trunk_link"), "motorway", 7, 0.8, 13.0, 10),
    RoadStyle("motorway", ("motorway", "motorway_link"), "motorway", 7, 1.2, 14.0, 9),
)
CLASS_OF_HIGHWAY: Mapping[str, int] = MappingProxyType(
    {highway: row for row, style in enumerate(ROADS) for highway in style.highways}
)

BUILT_UP_RESIDENTS_PER_KM2 = 1_000.0
"""Units with more are shaded as built up, a choice of ours for drawing only; parks and works are not told apart."""
STREET_NAMES_FROM = 15
ROAD_NUMBERS_FROM = 11
