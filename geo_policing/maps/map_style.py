"""How beats, borders and places look on maps: the same for pages (web/static/resident_map.css), pictures and files.

Nothing is told by colour alone: borders are lines of different weight and dash, places differ by shape and letter, and
beats by the lines between them and their names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from geo_policing.domain.facilities import FacilityKind

TINTS = ("#4ba3cf", "#ee9a4d", "#a58bd0", "#6dbf7f", "#e3bd3f", "#de7f86")
"""Fills of beats by colour number; as many as `spatial.colouring` needs for a map of areas in one piece."""
TINT_OPACITY = 0.3


@dataclass(frozen=True)
class Inks:
    """The colours of lines over one style of basemap: of beats, of districts, of the chosen beat, and its halo."""

    beat: str
    district: str
    chosen: str
    halo: str


INKS: Mapping[str, Inks] = MappingProxyType(
    {
        "light": Inks(beat="#3d5560", district="#3f2a56", chosen="#a3161f", halo="#ffffff"),
        "dark": Inks(beat="#9fb4be", district="#d9c6ea", chosen="#ff9c95", halo="#0c1216"),
    }
)
DISTRICT_DASH = "9 4 2 4"


@dataclass(frozen=True)
class MarkStyle:
    """The sign of one kind of places: a shape of 24 by 24 pixels with a letter in it."""

    letter: str
    fill: str
    path: str


_SQUARE = "M3 2h18a1 1 0 0 1 1 1v18a1 1 0 0 1-1 1h-18a1 1 0 0 1-1-1v-18a1 1 0 0 1 1-1z"
_ROUND = "M12 1.5a10.5 10.5 0 1 1 0 21a10.5 10.5 0 1 1 0-21z"
_DIAMOND = "M12 0l12 12l-12 12l-12-12z"
MARKS: Mapping[FacilityKind, MarkStyle] = MappingProxyType(
    {
        FacilityKind.ENQUIRY_OFFICE: MarkStyle("E", "#0b5a78", _SQUARE),
        FacilityKind.CONTACT_POINT: MarkStyle("C", "#176239", _ROUND),
        FacilityKind.RESPONSE_BASE: MarkStyle("R", "#a3161f", _DIAMOND),
    }
)
MARK_PX = 24


def tint(colour: int) -> str:
    """The fill of a colour number; numbers beyond the last begin again, which only a plan of scattered beats needs."""
    return TINTS[colour % len(TINTS)]
