"""Street-level crime from data.police.uk, as demand: incidents by LSOA and category, brought down to units.

The files' points are moved to anonymous ones on purpose, and some lie in other counties, so they are never used; the
LSOA code is the place. A row of an LSOA that no unit belongs to, or of none, is counted as dropped.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geo_policing.datasets.discover import Probe
from geo_policing.datasets.findings import Finding, found
from geo_policing.datasets.population import weights_within_lsoa
from geo_policing.datasets.tables import Table
from geo_policing.datasets.textfile import read_rows
from geo_policing.errors import SourceError

_MONTH, _REPORTER, _LSOA, _CATEGORY = "month", "reported by", "lsoa code", "crime type"
_COLUMNS = (_MONTH, _REPORTER, _LSOA, _CATEGORY)


@dataclass(frozen=True)
class Incidents:
    """Incidents by (LSOA code, category), '' for rows without an LSOA, and the months covered, "YYYY-MM", sorted."""

    count: Mapping[tuple[str, str], int]
    months: tuple[str, ...]


@dataclass(frozen=True)
class Demand:
    """The table `demand`, the months it covers, and what was left out."""

    table: Table
    months: tuple[str, ...]
    dropped: tuple[Finding, ...] = ()


def recognises(probe: Probe) -> bool:
    """True for a month of street-level crime; not for outcomes or stop and search, which have other columns."""
    return probe.format == "csv" and set(_COLUMNS) <= {name.casefold() for name in probe.fields}


def read(paths: Sequence[Path]) -> Incidents:
    """All rows of `paths`.

    SourceError for a month that is not YYYY-MM, a row without a category, and where two files hold the same month of
    the same force, which would count it twice.
    """
    count: Counter[tuple[str, str]] = Counter()
    seen: dict[tuple[str, str], Path] = {}
    for path in paths:
        for number, (month, reporter, lsoa, category) in enumerate(read_rows(path, _COLUMNS), 1):
            if seen.get((month, reporter)) != path:
                _check_month(seen, path, number, month, reporter)
            if not category:
                raise SourceError(
                    "no category",
                    remedy="Mend the row, or download the file again.",
                    file=path,
                    row=number,
                    field=_CATEGORY,
                )
            count[lsoa, category] += 1
    return Incidents(dict(count), tuple(sorted({month for month, _ in seen})))


def demand_of_units(
    incidents: Incidents,
    *,
    unit_lsoa: NDArray[np.str_],
    unit_area_m2: NDArray[np.float64],
    live_postcodes: NDArray[np.int64],
) -> Demand:
    """Incidents of each unit and category, an LSOA's divided over its units as its residents are.

    Units without any incident have no rows.
    """
    weight = weights_within_lsoa(unit_lsoa, unit_area_m2, live_postcodes)
    units_of: dict[str, list[int]] = {}
    for row, lsoa in enumerate(unit_lsoa.tolist()):
        units_of.setdefault(lsoa, []).append(row)
    units_of.pop("", None)
    rows = [
        (unit, category, number * weight[unit])
        for (lsoa, category), number in incidents.count.items()
        for unit in units_of.get(lsoa, ())
        if weight[unit] > 0
    ]
    rows.sort()
    table = Table.of(
        "demand",
        unit=[unit for unit, _, _ in rows],
        category=[category for _, category, _ in rows],
        incidents=[share for _, _, share in rows],
    )
    return Demand(table, incidents.months, _dropped(incidents, set(units_of)))


def _dropped(incidents: Incidents, known: set[str]) -> tuple[Finding, ...]:
    unplaced = sum(number for (lsoa, _), number in incidents.count.items() if not lsoa)
    elsewhere = Counter[str]()
    for (lsoa, _), number in incidents.count.items():
        if lsoa and lsoa not in known:
            elsewhere[lsoa] += number
    return found(
        [
            Finding("incidents without an LSOA", unplaced, "the source does not say where they were"),
            Finding(
                "incidents in LSOAs that no unit belongs to",
                elsewhere.total(),
                "outside the force, or coded by another vintage of LSOAs than the units",
                tuple(lsoa for lsoa, _ in sorted(elsewhere.items(), key=lambda item: (-item[1], item[0]))[:5]),
            ),
        ]
    )


def _check_month(seen: dict[tuple[str, str], Path], path: Path, row: int, month: str, reporter: str) -> None:
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        raise SourceError(
            f"{month!r} is not a month such as 2024-05",
            remedy="Mend the row, or download the file again.",
            file=path,
            row=row,
            field=_MONTH,
        )
    other = seen.setdefault((month, reporter), path)
    if other != path:
        raise SourceError(
            f"{month} of {reporter} is also in {other}",
            remedy="Keep one of the two files; each month may be counted once.",
            file=path,
            row=row,
        )
