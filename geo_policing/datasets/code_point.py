"""OS Code-Point Open: every live postcode of Great Britain with its point, district and ward.

The publisher's folder holds headerless `Data/CSV/{area}.csv`, one a postcode area, and the names of the columns in
`Doc/Code-Point_Open_Column_Headers.csv`. A postcode that is listed is live; quality 90 means that it has no location,
and eastings and northings are then 0.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from geo_policing.datasets.discover import Probe
from geo_policing.datasets.postcode_rows import (
    NO,
    Fault,
    PostcodeRows,
    RowsCollector,
    chunks,
    grid_faults,
    is_postcode,
    parse_numbers,
    parse_postcodes,
)
from geo_policing.datasets.textfile import read_header, read_rows
from geo_policing.errors import SourceError

COLUMNS = ("PC", "PQ", "EA", "NO", "CY", "RH", "LH", "CC", "DC", "WC")
"""The publisher's short names in the order it has kept since 2011: postcode, quality, easting, northing, …"""
QUALITIES = frozenset({10, 20, 30, 40, 50, 60, 90})
NO_LOCATION = 90
_COUNTRY = re.compile(r"[ESWNLMK][0-9]{8}")
_USED = ("PC", "PQ", "EA", "NO", "DC", "WC")


def recognises(probe: Probe) -> bool:
    """True for a table without a header whose ten cells hold a quality, two numbers and a country or a postcode.

    Either will do: a first row with a damaged postcode must be told of, not leave its file out.
    """
    cells = probe.fields
    return (
        probe.format == "csv"
        and len(cells) == len(COLUMNS)
        and (is_postcode(cells[0]) or _COUNTRY.fullmatch(cells[4]) is not None)
        and all(cell.isascii() and cell.isdigit() for cell in cells[1:4])
    )


def read(paths: Sequence[Path]) -> PostcodeRows:
    """All rows of `paths`, in that order; nothing is known of large users, and nothing is terminated.

    SourceError for damaged text, and for more malformed rows than `postcode_rows.TOLERATED_SHARE` allows.
    """
    collector = RowsCollector(paths)
    for index, path in enumerate(paths):
        records = read_rows(path, _USED, header=_header(path))
        for first_row, (postcodes, qualities, eastings, northings, districts, wards) in chunks(records):
            postcode, bad_postcode = parse_postcodes("PC", postcodes)
            quality, bad_quality = _qualities(qualities)
            easting, bad_easting = parse_numbers("EA", eastings)
            northing, bad_northing = parse_numbers("NO", northings)
            unlocated = quality == NO_LOCATION
            easting[unlocated] = northing[unlocated] = np.nan
            count = len(postcode)
            collector.add(
                index,
                first_row,
                {
                    "postcode": postcode,
                    "easting": easting,
                    "northing": northing,
                    "quality": quality,
                    "terminated": np.full(count, NO),
                    "large_user": np.zeros(count, dtype=bool),
                    "district_code": np.array(districts, dtype=str),
                    "ward_code": np.array(wards, dtype=str),
                },
                [bad_postcode, bad_quality, bad_easting, bad_northing, *grid_faults(("EA", "NO"), easting, northing)],
            )
    return collector.finish()


def _header(path: Path) -> Sequence[str]:
    """Column names from the publisher's Doc folder beside Data, else the order known."""
    for folder in path.parents[:3]:
        for doc in sorted(folder.glob("[Dd]oc/*[Cc]olumn_[Hh]eaders*.csv")):
            names = read_header(doc)
            if set(names) != set(COLUMNS):
                raise SourceError(
                    f"the columns are {', '.join(names)}",
                    remedy=f"Code-Point Open has {', '.join(COLUMNS)}; is this another product's folder?",
                    file=doc,
                )
            return names
    return COLUMNS


def _qualities(texts: Sequence[str]) -> tuple[np.ndarray, Fault]:
    values, fault = parse_numbers("PQ", texts)
    known = np.isin(values, list(QUALITIES))
    remedy = f"Code-Point Open uses {', '.join(map(str, sorted(QUALITIES)))}."
    quality = np.where(known, values, -1).astype(np.int16)
    return quality, Fault(fault.field, "is not a positional quality", remedy, ~known, texts)
