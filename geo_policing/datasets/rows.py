"""What readers of areas hand to the build: one shape, whoever published the file.

Arrays are of equal length, in the file's order; geometry is EPSG:27700 as read, not yet checked. Text is stripped.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

TextArray = NDArray[Any]
GeometryArray = NDArray[Any]


@dataclass(frozen=True)
class UnitRows:
    """Units as one file gives them."""

    file: Path
    id: TextArray
    district_code: TextArray
    """The unit's own ONS district code, '' where the file has none."""
    lsoa: TextArray
    """'' where the file has none."""
    lsoa_name: TextArray
    """'' where the file has none."""
    suggested_beat: TextArray
    """'' where the file suggests none."""
    population: NDArray[Any]
    """NaN where the file has none."""
    geometry: GeometryArray
    code_field: str = "id"
    """The attribute that `id` comes from, for messages."""


@dataclass(frozen=True)
class AreaRows:
    """Districts, wards, LSOAs or a force area as one file gives them; `name` is the code where the file has none."""

    file: Path
    code: TextArray
    name: TextArray
    geometry: GeometryArray
    code_field: str = "code"
