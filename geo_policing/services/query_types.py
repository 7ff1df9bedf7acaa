"""The kinds of query that a lookup answers; `services.queries` makes them from what people send."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from geo_policing.domain.postcodes import PostcodeReading
from geo_policing.spatial.grid_refs import GridSquare, to_grid_ref


@dataclass(frozen=True, slots=True)
class PostcodeQuery:
    """One full postcode. `typed` is what was typed, `asked` how to speak of it."""

    reading: PostcodeReading
    typed: str
    as_of: date | None = None

    @property
    def asked(self) -> str:
        """The postcode with its space."""
        return str(self.reading.postcode)


@dataclass(frozen=True, slots=True)
class PointQuery:
    """A point: WGS 84 degrees where `is_lon_lat` (x longitude, y latitude), else EPSG:27700 metres."""

    x: float
    y: float
    is_lon_lat: bool
    as_of: date | None = None

    @property
    def asked(self) -> str:
        """ "52.20000, 0.12000" (latitude first, as people write it) or "545000, 258000"."""
        return spoken_point(self.x, self.y, self.is_lon_lat)


@dataclass(frozen=True, slots=True)
class GridRefQuery:
    """A square of the National Grid."""

    square: GridSquare
    as_of: date | None = None

    @property
    def asked(self) -> str:
        """The reference, evenly spaced: "TL 45 58"."""
        digits = 2 * round(math.log10(100_000 / self.square.size_m))
        return to_grid_ref(self.square.west_m, self.square.south_m, digits)


@dataclass(frozen=True, slots=True)
class PlaceQuery:
    """A place or street by name.

    `or_postcode` is the postcode that the text is if the data knows that one; `if_unknown` is what to say where no
    place has the name, "" for the usual.
    """

    text: str
    or_postcode: PostcodeReading | None = None
    if_unknown: str = ""
    as_of: date | None = None

    @property
    def asked(self) -> str:
        """The name as typed."""
        return self.text


@dataclass(frozen=True, slots=True)
class PlaceIdQuery:
    """A place by the id that an earlier answer offered."""

    place_id: str
    as_of: date | None = None

    @property
    def asked(self) -> str:
        """The id; the answer speaks of the place by its name."""
        return self.place_id


LookupQuery: TypeAlias = PostcodeQuery | PointQuery | GridRefQuery | PlaceQuery | PlaceIdQuery


def spoken_point(x: float, y: float, is_lon_lat: bool) -> str:
    """How to speak of a point; see `PointQuery.asked`."""
    return f"{y:.5f}, {x:.5f}" if is_lon_lat else f"{x:.0f}, {y:.0f}"
