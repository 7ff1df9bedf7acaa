"""Ordnance Survey National Grid references, both ways.

A reference names a square, not a point: two letters for 100 km, then as many digits for easting as for northing.
The lettering is the Ordnance Survey's own ("A guide to coordinate systems in Great Britain", section 7): 25 letters
without I, from the north-west, first for squares of 500 km, then for squares of 100 km.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from geo_policing.domain.postcodes import shown
from geo_policing.errors import InvalidInputError
from geo_policing.wording import sentences, worded

_LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
_FALSE_ORIGIN = _LETTERS.index("S")  # the 500 km square that begins at easting 0, northing 0
_EXTENT_100KM = (7, 13)
_REMEDY = worded("Type one such as TL 45 58: two letters, then as many digits for easting as for northing.")
LONGEST_TYPED = 40


@dataclass(frozen=True, slots=True)
class GridSquare:
    """A square of the National Grid by its south-west corner and side, EPSG:27700 metres."""

    west_m: float
    south_m: float
    size_m: float

    @property
    def centre(self) -> tuple[float, float]:
        """Easting and northing of its middle."""
        return self.west_m + self.size_m / 2, self.south_m + self.size_m / 2

    @property
    def accuracy_m(self) -> float:
        """Half its diagonal: how far from the centre a point of it may lie."""
        return self.size_m / math.sqrt(2)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        return self.west_m, self.south_m, self.west_m + self.size_m, self.south_m + self.size_m


def read_grid_ref(text: str) -> GridSquare:
    """The square that `text` names: 0 to 10 digits, any case, spaces anywhere.

    InvalidInputError (field "grid_ref") for letters off the grid, an odd number of digits, halves of unequal length,
    more than 1 m of precision, or anything else.

    >>> read_grid_ref("tl 45 58")
    GridSquare(west_m=545000.0, south_m=258000.0, size_m=1000.0)
    """
    if len(text) > LONGEST_TYPED:
        raise _invalid(
            worded(
                "%(typed)s is too long for a grid reference (%(length)s characters).",
                typed=shown(text),
                length=len(text),
            )
        )
    if not text.strip():
        raise _invalid(worded("The grid reference is empty."))
    match = re.fullmatch(r"\s*([A-Z])\s*([A-Z])((?:[\s,]*[0-9])*)\s*", text.upper(), re.ASCII)
    if not match:
        raise _invalid(worded("%(typed)s is not a National Grid reference.", typed=shown(text)))
    east_100km, north_100km = _letters_to_100km(match[1], match[2], text)
    groups = match[3].replace(",", " ").split()
    digits = "".join(groups)
    if len(digits) % 2 or (len(groups) == 2 and len(groups[0]) != len(groups[1])):
        raise _invalid(worded("%(typed)s has not as many digits for easting as for northing.", typed=shown(text)))
    if len(digits) > 10:
        raise _invalid(
            worded(
                "%(typed)s has %(count)s digits; ten (1 m) are the most that it may have.",
                typed=shown(text),
                count=len(digits),
            )
        )
    half = len(digits) // 2
    size_m = 10.0 ** (5 - half)
    east, north = (int(part or 0) * size_m for part in (digits[:half], digits[half:]))
    return GridSquare(east_100km * 100_000.0 + east, north_100km * 100_000.0 + north, size_m)


def looks_like_grid_ref(text: str) -> bool:
    """True for two letters of the grid followed by two to ten digits in all, however spaced."""
    match = re.fullmatch(r"([HJNOST])([A-HJ-Z])([0-9]{2,10})", re.sub(r"[\s,]", "", text.upper()), re.ASCII)
    return match is not None and _on_grid(*_to_100km(match[1], match[2]))


def to_grid_ref(easting: float, northing: float, digits: int = 10) -> str:
    """The reference of the square that holds a point, with `digits` (0, 2, … 10) in all.

    ValueError for other `digits`, or a point off the grid.

    >>> to_grid_ref(545123, 258456, 6)
    'TL 451 584'
    """
    if digits not in range(0, 11, 2):
        raise ValueError(f"digits is {digits}; it must be even, from 0 to 10")
    if not (0 <= easting < _EXTENT_100KM[0] * 100_000 and 0 <= northing < _EXTENT_100KM[1] * 100_000):
        raise ValueError(f"({easting}, {northing}) is off the National Grid (0 to 700000, 0 to 1300000)")
    half, size_m = digits // 2, 10 ** (5 - digits // 2)
    e100, n100 = int(easting // 100_000), int(northing // 100_000)
    # Rows of letters run southwards, hence the minus signs.
    first = _FALSE_ORIGIN + e100 // 5 - 5 * (n100 // 5)
    second = e100 % 5 + 5 * (4 - n100 % 5)
    numbers = [f"{int(value % 100_000 // size_m):0{half}d}" for value in (easting, northing)] if half else []
    return " ".join([_LETTERS[first] + _LETTERS[second], *numbers])


def _letters_to_100km(first: str, second: str, text: str) -> tuple[int, int]:
    if "I" not in (first, second):
        east, north = _to_100km(first, second)
        if _on_grid(east, north):
            return east, north
    raise _invalid(
        worded(
            "%(typed)s: %(letters)s is no square of the National Grid.", typed=shown(text), letters=f"{first}{second}"
        )
    )


def _to_100km(first: str, second: str) -> tuple[int, int]:
    row, column = divmod(_LETTERS.index(first), 5)
    origin_row, origin_column = divmod(_FALSE_ORIGIN, 5)
    inner_row, inner_column = divmod(_LETTERS.index(second), 5)
    return (column - origin_column) * 5 + inner_column, (origin_row - row) * 5 + 4 - inner_row


def _on_grid(east_100km: int, north_100km: int) -> bool:
    return 0 <= east_100km < _EXTENT_100KM[0] and 0 <= north_100km < _EXTENT_100KM[1]


def _invalid(problem: str) -> InvalidInputError:
    return InvalidInputError(sentences(problem, _REMEDY), field="grid_ref")
