"""Names of settlements: OS Open Names, GeoNames, and the short `places.csv` that ships with a packaged force.

Several may be there at once. A settlement that two of them name alike and place near each other is one: the point is
that of the better source (in the order above), the number of residents that of the first which has one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo_policing.datasets.discover import Probe
from geo_policing.datasets.postcode_rows import chunks, parse_numbers
from geo_policing.datasets.textfile import read_header, read_rows
from geo_policing.domain.beats import slugify
from geo_policing.errors import SourceError
from geo_policing.spatial.crs import LATITUDE, LONGITUDE, to_easting_northing

OS_OPEN_NAMES, GEONAMES, PLACES = "os-open-names", "geonames", "places"
MARGIN_M = 15_000.0
"""Settlements this far beyond the force are kept, so that someone over the border learns that they are."""
SAME_PLACE_M = 3_000.0
"""Two sources' points of one settlement may be this far apart: a church in one, the middle of the parish in another.
Namesakes that are two settlements lie further apart: neighbours of one name are told apart by it (Great, Little)."""

_OPEN_NAMES_BOX = ("mbr_xmin", "mbr_ymin", "mbr_xmax", "mbr_ymax")
# Headerless tables: what is used stands at these places, the rest is only counted.
_OPEN_NAMES_AT = {0: "id", 2: "name1", 6: "type", 8: "geometry_x", 9: "geometry_y"} | dict(
    enumerate(_OPEN_NAMES_BOX, 12)
)
_OPEN_NAMES_COLUMNS = tuple(_OPEN_NAMES_AT.get(i, f"column {i}") for i in range(34))
_GEONAMES_AT = {
    0: "geonameid",
    1: "name",
    4: "latitude",
    5: "longitude",
    6: "feature_class",
    7: "feature_code",
    14: "population",
}
_GEONAMES_COLUMNS = tuple(_GEONAMES_AT.get(i, f"column {i}") for i in range(19))
_PLACES_COLUMNS = ("geonameid", "name", "lat", "lon", "population", "kind")
_SETTLEMENT = "settlement"
_POPULATED = "populatedplace"
_FEATURE_CLASS_POPULATED = "P"
# Historical, abandoned and destroyed places, in GeoNames' feature codes.
_GONE = ("PPLH", "PPLCH", "PPLQ", "PPLW")


@dataclass(frozen=True)
class Gazetteer:
    """Settlements in the order of their keys; arrays of equal length."""

    key: NDArray[np.str_]
    """The source and its own id, of a-z0-9-, such as "geonames-2653941"."""
    name: NDArray[np.str_]
    easting: NDArray[np.float64]
    northing: NDArray[np.float64]
    population: NDArray[np.float64]
    """Residents, NaN where the source has none."""
    radius_m: NDArray[np.float64]
    """Half the diagonal of the box that the source draws around it, NaN where it draws none."""

    def __len__(self) -> int:
        return len(self.key)

    def take(self, rows: NDArray[Any]) -> Gazetteer:
        """The settlements at the given places, in that order."""
        return Gazetteer(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


_Part = tuple[NDArray[Any], ...]


def recognises(probe: Probe) -> bool:
    """True for a tile of OS Open Names, a country of GeoNames, or a places.csv."""
    return probe.format == "csv" and _form_of(probe.fields) is not None


def read(paths: Sequence[Path], bounds: tuple[float, float, float, float]) -> Gazetteer:
    """Settlements within `MARGIN_M` of `bounds` (west, south, east, north in EPSG:27700), each once.

    No paths give an empty gazetteer. SourceError for damaged text, and for a coordinate that is no number or does not
    lie in Great Britain.
    """
    parts = [(_RANK[form], part) for path in paths for form, part in _parts(path)]
    parts.sort(key=lambda ranked: ranked[0])
    columns = [
        np.concatenate([part[i] for _, part in parts]) if parts else np.empty(0, dtype=kind)
        for i, kind in enumerate(("U1", "U1", float, float, float, float))
    ]
    whole = Gazetteer(*columns)
    west, south, east, north = bounds
    near = (whole.easting >= west - MARGIN_M) & (whole.easting <= east + MARGIN_M)
    near &= (whole.northing >= south - MARGIN_M) & (whole.northing <= north + MARGIN_M)
    unique = _unique(whole.take(np.flatnonzero(near & (whole.name != ""))))
    return unique.take(np.argsort(unique.key, kind="stable"))


def _unique(places: Gazetteer) -> Gazetteer:
    """One of each name within `SAME_PLACE_M`; earlier ones win, gaps are filled from later ones."""
    by_name: dict[str, list[int]] = {}
    population, radius_m = places.population.copy(), places.radius_m.copy()
    kept = []
    for row, name in enumerate(places.name.tolist()):
        namesakes = by_name.setdefault(slugify(name) or name.casefold(), [])
        same = [
            other
            for other in namesakes
            if np.hypot(places.easting[other] - places.easting[row], places.northing[other] - places.northing[row])
            <= SAME_PLACE_M
        ]
        if not same:
            namesakes.append(row)
            kept.append(row)
            continue
        for values in (population, radius_m):
            if np.isnan(values[same[0]]):
                values[same[0]] = values[row]
    filled = Gazetteer(places.key, places.name, places.easting, places.northing, population, radius_m)
    return filled.take(np.array(kept, dtype=np.int64))


def _form_of(fields: Sequence[str]) -> str | None:
    folded = [name.strip().casefold() for name in fields]
    if set(_PLACES_COLUMNS) <= set(folded):
        return PLACES
    if len(folded) == len(_GEONAMES_COLUMNS) and folded[0].isdigit() and re.fullmatch("[ahlprstuv]", folded[6]):
        return GEONAMES
    if len(folded) == len(_OPEN_NAMES_COLUMNS) and (folded[:2] == ["id", "names_uri"] or "/id/" in folded[1]):
        return OS_OPEN_NAMES
    return None


def _parts(path: Path) -> Iterator[tuple[str, _Part]]:
    form = _form_of(read_header(path))
    if form is None:
        raise SourceError(
            "not a list of places that is read",
            remedy="OS Open Names, GeoNames or a places.csv has the columns that docs/data.md lists.",
            file=path,
        )
    for part in _READERS[form](path):
        yield form, part


def _read_places(path: Path) -> Iterator[_Part]:
    for first_row, (ids, names, lats, lons, residents, kinds) in chunks(read_rows(path, _PLACES_COLUMNS)):
        kept = [i for i, kind in enumerate(kinds) if kind.casefold() == _SETTLEMENT]
        yield _in_degrees(path, first_row, kept, ids, names, lats, lons, residents)


def _read_geonames(path: Path) -> Iterator[_Part]:
    wanted = ("geonameid", "name", "latitude", "longitude", "population", "feature_class", "feature_code")
    records = read_rows(path, wanted, header=_GEONAMES_COLUMNS)
    for first_row, (ids, names, lats, lons, residents, classes, codes) in chunks(records):
        kept = [
            i
            for i, (feature_class, code) in enumerate(zip(classes, codes, strict=True))
            if feature_class == _FEATURE_CLASS_POPULATED and code not in _GONE
        ]
        yield _in_degrees(path, first_row, kept, ids, names, lats, lons, residents)


def _read_open_names(path: Path) -> Iterator[_Part]:
    wanted = ("id", "name1", "type", "geometry_x", "geometry_y", *_OPEN_NAMES_BOX)
    has_header = read_header(path)[0].casefold() == "id"
    records = read_rows(path, wanted, header=None if has_header else _OPEN_NAMES_COLUMNS)
    for first_row, (ids, names, types, *numbers) in chunks(records):
        kept = [i for i, kind in enumerate(types) if kind.casefold() == _POPULATED]
        easting, northing, *box = (
            _numbers(path, first_row, field, texts, kept) for field, texts in zip(wanted[3:], numbers, strict=True)
        )
        yield (
            _keys(OS_OPEN_NAMES, ids, kept),
            np.array([names[i] for i in kept], dtype=str),
            easting,
            northing,
            np.full(len(kept), np.nan),
            np.hypot(box[2] - box[0], box[3] - box[1]) / 2,
        )


_READERS: dict[str, Callable[[Path], Iterator[_Part]]] = {
    OS_OPEN_NAMES: _read_open_names,
    GEONAMES: _read_geonames,
    PLACES: _read_places,
}
_RANK = {form: rank for rank, form in enumerate(_READERS)}


def _in_degrees(
    path: Path,
    first_row: int,
    kept: list[int],
    ids: Sequence[str],
    names: Sequence[str],
    lats: Sequence[str],
    lons: Sequence[str],
    residents: Sequence[str],
) -> _Part:
    """The kept rows of a source in degrees; a population of 0 means that it does not know one."""
    lat = _numbers(path, first_row, "lat", lats, kept)
    lon = _numbers(path, first_row, "lon", lons, kept)
    beyond = ~((lat >= LATITUDE[0]) & (lat <= LATITUDE[1]) & (lon >= LONGITUDE[0]) & (lon <= LONGITUDE[1]))
    for place in np.flatnonzero(beyond).tolist():
        raise SourceError(
            f"{lat[place]:g}, {lon[place]:g} is not a latitude and longitude in Great Britain",
            remedy="Check that the two are not swapped, and that this is the list of Great Britain.",
            file=path,
            row=first_row + kept[place],
        )
    population = _numbers(path, first_row, "population", residents, kept)
    easting, northing = to_easting_northing(lon, lat)
    return (
        _keys(GEONAMES, ids, kept),
        np.array([names[i] for i in kept], dtype=str),
        np.round(easting),
        np.round(northing),
        np.where(population > 0, population, np.nan),
        np.full(len(kept), np.nan),
    )


def _keys(source: str, ids: Sequence[str], kept: list[int]) -> NDArray[np.str_]:
    return np.array([f"{source}-{slugify(ids[i])}" for i in kept], dtype=str)


def _numbers(path: Path, first_row: int, field: str, texts: Sequence[str], kept: list[int]) -> NDArray[np.float64]:
    values, fault = parse_numbers(field, [texts[i] for i in kept])
    for place in np.flatnonzero(fault.bad).tolist():
        raise SourceError(
            f"{fault.texts[place]!r} is not a number",
            remedy=fault.remedy,
            file=path,
            row=first_row + kept[place],
            field=field,
        )
    return values
