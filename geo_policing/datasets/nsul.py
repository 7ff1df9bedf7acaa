"""Addresses by postcode: the ONS address lookups (NSUL, ONSUD) and OS Open UPRN.

NSUL and ONSUD give each property's number (UPRN) its postcode, and most vintages its grid reference as well; where
they do not, OS Open UPRN gives the grid reference by the number. Both are large (40 million rows for Great Britain),
so rows are sorted out as they are read: only those of the wanted postcodes are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo_policing.datasets.discover import Probe
from geo_policing.datasets.findings import Finding, found
from geo_policing.datasets.postcode_rows import chunks, parse_numbers
from geo_policing.datasets.shares import Addresses
from geo_policing.datasets.textfile import read_header, read_rows
from geo_policing.errors import SourceError

_UPRN, _POSTCODE = "uprn", "pcds"
_GRID = ("gridgb1e", "gridgb1n")
_OPEN_UPRN = ("uprn", "x_coordinate", "y_coordinate")


def recognises(probe: Probe) -> bool:
    """True for NSUL or ONSUD: a table with a UPRN and a postcode `pcds`."""
    names = {name.casefold() for name in probe.fields}
    return probe.format == "csv" and {_UPRN, _POSTCODE} <= names


def recognises_open_uprn(probe: Probe) -> bool:
    """True for OS Open UPRN: a table with a UPRN and its two coordinates, and no postcode."""
    names = {name.casefold() for name in probe.fields}
    return probe.format == "csv" and set(_OPEN_UPRN) <= names and _POSTCODE not in names


def read(
    lookup_paths: Sequence[Path], open_uprn_paths: Sequence[Path], wanted: NDArray[np.str_]
) -> tuple[Addresses | None, tuple[Finding, ...]]:
    """The addresses of the `wanted` postcodes (compact, in any order), and what was left out.

    None for the addresses where no lookup is given, or where it has no grid references and no OS Open UPRN is there
    to give them. SourceError for damaged text and for a UPRN or a coordinate that is no number.
    """
    if not lookup_paths:
        return None, ()
    codes = np.unique(wanted)
    uprn, postcode, easting, northing = _columns(_lookup_parts(lookup_paths, codes), (np.int64, "U7", float, float))
    missing = ~(np.isfinite(easting) & np.isfinite(northing))
    if missing.any() and open_uprn_paths:
        _fill(uprn, easting, northing, np.flatnonzero(missing), open_uprn_paths)
        missing = ~(np.isfinite(easting) & np.isfinite(northing))
    nowhere = Finding.of(
        "addresses without a grid reference",
        [f"UPRN {number}" for number in uprn[missing].tolist()],
        "they have none in the address lookup or in OS Open UPRN, so they do not count in a postcode's shares",
    )
    if missing.all():
        return None, found([nowhere])
    return Addresses(postcode[~missing], easting[~missing], northing[~missing]), found([nowhere])


def _lookup_parts(paths: Sequence[Path], codes: NDArray[np.str_]) -> Iterator[tuple[NDArray[Any], ...]]:
    for path in paths:
        has_grid = set(_GRID) <= {name.casefold() for name in read_header(path)}
        columns = (_UPRN, _POSTCODE, *(_GRID if has_grid else ()))
        for first_row, (uprns, postcodes, *grid) in chunks(read_rows(path, columns)):
            compact = np.array([text.replace(" ", "").upper() for text in postcodes], dtype="U8")
            kept = np.flatnonzero(np.isin(compact, codes))
            uprn = _whole_numbers(path, first_row, _UPRN, uprns, kept).astype(np.int64)
            if has_grid:
                points = [_numbers(path, first_row, name, texts, kept) for name, texts in zip(_GRID, grid, strict=True)]
                # Where there is no grid reference some vintages write 0 instead of nothing.
                points = [np.where(values > 0, values, np.nan) for values in points]
            else:
                points = [np.full(len(kept), np.nan)] * 2
            yield uprn, compact[kept], *points


def _fill(
    uprn: NDArray[np.int64],
    easting: NDArray[np.float64],
    northing: NDArray[np.float64],
    missing: NDArray[np.int64],
    paths: Sequence[Path],
) -> None:
    """Write into `easting` and `northing` what OS Open UPRN says of the `missing` ones."""
    order = missing[np.argsort(uprn[missing], kind="stable")]
    numbers = uprn[order]
    for path in paths:
        for first_row, (texts, *points) in chunks(read_rows(path, _OPEN_UPRN)):
            every = np.arange(len(texts))
            here = _whole_numbers(path, first_row, _OPEN_UPRN[0], texts, every).astype(np.int64)
            # An address lookup may name one UPRN for two postcodes, so each number has a stretch of rows.
            low, high = np.searchsorted(numbers, here, "left"), np.searchsorted(numbers, here, "right")
            kept = np.flatnonzero(high > low)
            for values, name, column in zip((easting, northing), _OPEN_UPRN[1:], points, strict=True):
                found_m = _numbers(path, first_row, name, column, kept)
                for row, value in zip(kept.tolist(), found_m.tolist(), strict=True):
                    values[order[low[row] : high[row]]] = value


def _whole_numbers(
    path: Path, first_row: int, field: str, texts: Sequence[str], kept: NDArray[np.int64]
) -> NDArray[np.float64]:
    values = _numbers(path, first_row, field, texts, kept)
    for place in np.flatnonzero(~np.isfinite(values) | (values != np.floor(values))).tolist():
        raise _fault(path, first_row + int(kept[place]), field, texts[int(kept[place])])
    return values


def _numbers(
    path: Path, first_row: int, field: str, texts: Sequence[str], kept: NDArray[np.int64]
) -> NDArray[np.float64]:
    chosen = [texts[i] for i in kept.tolist()]
    values, fault = parse_numbers(field, chosen)
    for place in np.flatnonzero(fault.bad).tolist():
        raise _fault(path, first_row + int(kept[place]), field, chosen[place])
    return values


def _fault(path: Path, row: int, field: str, text: str) -> SourceError:
    return SourceError(
        f"{text!r} is not a number", remedy="Mend the row, or download the file again.", file=path, row=row, field=field
    )


def _columns(parts: Iterator[tuple[NDArray[Any], ...]], types: Sequence[Any]) -> list[NDArray[Any]]:
    listed = list(parts)
    return [
        np.concatenate([part[i] for part in listed]).astype(kind) if listed else np.empty(0, dtype=kind)
        for i, kind in enumerate(types)
    ]
