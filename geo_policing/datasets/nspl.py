"""ONS postcode directories: NSPL and ONSPD in full, of any vintage, or cut down to postcode, latitude, longitude.

The full files name each postcode's date of termination, user type, grid reference and its quality, district and ward;
names of columns have changed over the years and all of them are read. The short form says nothing but the place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo_policing.datasets.discover import Probe
from geo_policing.datasets.postcode_rows import (
    NO,
    UNKNOWN,
    YES,
    Fault,
    FloatArray,
    PostcodeRows,
    RowsCollector,
    chunks,
    grid_faults,
    half_fault,
    parse_numbers,
    parse_postcodes,
)
from geo_policing.datasets.textfile import read_header, read_rows
from geo_policing.spatial.crs import LATITUDE, LONGITUDE, to_easting_northing

# What each column has been called, in the order of preference; matched whole, whatever the case.
_NAMES: dict[str, str] = {
    "postcode": r"pcds|pcd2|pcd8|pcd|pcd7|postcode",
    "ended": r"doterm",
    "user": r"usertype|usrtypind",
    "easting": r"oseast1m|east1m",
    "northing": r"osnrth1m|north1m",
    "quality": r"osgrdind|gridind",
    "district": r"oslaua|laua|lad\d\dcd",
    "ward": r"osward|ward|wd\d\dcd",
    "lat": r"lat|latitude",
    "lon": r"long|lon|lng|longitude",
}
_NO_GRID_REFERENCE = 9
_LARGE_USER = "1"
_BEYOND_BRITAIN = 90.0
"""Where it has no grid reference the publisher writes latitude 99.999999 and longitude 0, or no latitude."""


@dataclass(frozen=True)
class _Form:
    """Which column of a file says what; a role that the file does not have is absent."""

    column: dict[str, str]

    @property
    def is_full(self) -> bool:
        """True for the directories in full, False for postcode, latitude, longitude."""
        return "ended" in self.column

    @property
    def has_grid(self) -> bool:
        """True where eastings and northings are given."""
        return {"easting", "northing"} <= set(self.column)


def recognises(probe: Probe) -> bool:
    """True for a header with a postcode, a place, and either a date of termination or nothing else at all."""
    if probe.format != "csv" or any(name.casefold() == "uprn" for name in probe.fields):
        return False
    form = _form_of(probe.fields)
    placed = form.has_grid or {"lat", "lon"} <= set(form.column)
    return "postcode" in form.column and placed and (form.is_full or len(probe.fields) == len(form.column))


def is_full(path: Path) -> bool:
    """True where the file says which postcodes are terminated; SourceError where it cannot be read."""
    return _form_of(read_header(path)).is_full


def read(paths: Sequence[Path]) -> PostcodeRows:
    """All rows of `paths`, in that order.

    The quality is brought to Code-Point Open's scale (ONS's digit times ten). Northern Ireland is left out, and said
    so: its grid is another, and its postcodes are not under the Open Government Licence. SourceError for damaged
    text, and for more malformed rows than `postcode_rows.TOLERATED_SHARE` allows.
    """
    collector = RowsCollector(paths)
    for index, path in enumerate(paths):
        form = _form_of(read_header(path))
        roles = list(form.column)
        for first_row, columns in chunks(read_rows(path, [form.column[role] for role in roles])):
            _add(collector, index, first_row, form, dict(zip(roles, columns, strict=True)))
    return collector.finish()


def _add(collector: RowsCollector, index: int, first_row: int, form: _Form, texts: dict[str, tuple[str, ...]]) -> None:
    postcode, bad_postcode = parse_postcodes(form.column["postcode"], texts["postcode"])
    count = len(postcode)
    northern_ireland = np.char.startswith(postcode, "BT")
    easting, northing, place_faults = _locate(form, texts)
    quality, quality_faults = _qualities(form, texts, count)
    ended = texts.get("ended")
    columns: dict[str, NDArray[Any]] = {
        "postcode": postcode,
        "easting": easting,
        "northing": northing,
        "quality": quality,
        "terminated": np.full(count, UNKNOWN) if ended is None else np.where(np.array(ended) != "", YES, NO),
        "large_user": np.array(texts.get("user", ("",) * count)) == _LARGE_USER,
        "district_code": np.array(texts.get("district", ("",) * count), dtype=str),
        "ward_code": np.array(texts.get("ward", ("",) * count), dtype=str),
    }
    left_out = (
        "postcodes of Northern Ireland",
        "not under the Open Government Licence, and on another grid",
        northern_ireland,
    )
    collector.add(index, first_row, columns, [bad_postcode, *place_faults, *quality_faults], unusable=[left_out])


def _locate(form: _Form, texts: dict[str, tuple[str, ...]]) -> tuple[FloatArray, FloatArray, list[Fault]]:
    if form.has_grid:
        names = (form.column["easting"], form.column["northing"])
        easting, bad_easting = parse_numbers(names[0], texts["easting"])
        northing, bad_northing = parse_numbers(names[1], texts["northing"])
        unlocated = (easting == 0) & (northing == 0)
        easting[unlocated] = northing[unlocated] = np.nan
        return easting, northing, [bad_easting, bad_northing, *grid_faults(names, easting, northing)]
    lat, bad_lat = parse_numbers(form.column["lat"], texts["lat"])
    lon, bad_lon = parse_numbers(form.column["lon"], texts["lon"])
    # A longitude of 0 is Greenwich's; without a latitude of Britain it stands for none.
    unlocated = (~(lat > 0) | (lat > _BEYOND_BRITAIN)) & ~(np.abs(lon) > 0) & ~bad_lat.bad & ~bad_lon.bad
    lat[unlocated] = lon[unlocated] = np.nan
    easting, northing = to_easting_northing(lon, lat)
    faults = [
        bad_lat,
        bad_lon,
        half_fault((form.column["lat"], form.column["lon"]), lat, lon),
        _degree_fault(form.column["lat"], lat, LATITUDE, texts["lat"]),
        _degree_fault(form.column["lon"], lon, LONGITUDE, texts["lon"]),
        *grid_faults((form.column["lon"], form.column["lat"]), easting, northing),
    ]
    return easting, northing, faults


def _degree_fault(field: str, values: FloatArray, limits: tuple[float, float], texts: Sequence[str]) -> Fault:
    low, high = limits
    bad = np.isfinite(values) & ~((values >= low) & (values <= high))
    problem = f"is not in Great Britain ({low:g} to {high:g} degrees)"
    return Fault(field, problem, "Check that latitude and longitude are not swapped.", bad, texts)


def _qualities(form: _Form, texts: dict[str, tuple[str, ...]], count: int) -> tuple[NDArray[np.int16], list[Fault]]:
    if "quality" not in texts:
        return np.full(count, -1, dtype=np.int16), []
    values, fault = parse_numbers(form.column["quality"], texts["quality"])
    known = np.isin(values, range(1, _NO_GRID_REFERENCE + 1))
    wrong = ~known & ~np.isnan(values)
    quality = np.where(known, np.where(known, values, 0) * 10, -1).astype(np.int16)
    bad = Fault(fault.field, "is not a digit from 1 to 9", "Mend the row.", fault.bad | wrong, texts["quality"])
    return quality, [bad]


def _form_of(fields: Sequence[str]) -> _Form:
    folded = [name.strip().casefold() for name in fields]
    column = {}
    for role, pattern in _NAMES.items():
        for alternative in pattern.split("|"):
            name = next((f for f in folded if re.fullmatch(alternative, f)), None)
            if name is not None:
                column[role] = name
                break
    return _Form(column)
