"""Residents of each unit: as a source counts them by output area, or brought down from LSOAs by live postcodes.

A lower-layer super output area (LSOA) has about 1,500 residents in about five output areas. Its residents are divided
over its units by the number of live postcodes in each: a postcode has about fifteen addresses on average, so this
follows the homes, which areas do not. The total of each LSOA is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geo_policing.datasets.discover import Probe
from geo_policing.datasets.findings import Absence, Finding, found
from geo_policing.datasets.postcode_rows import parse_numbers
from geo_policing.datasets.textfile import read_header, read_rows
from geo_policing.errors import SourceError
from geo_policing.wording import marked

BY_UNIT = "by_unit"
BY_POSTCODES = "lsoa_by_live_postcodes"
GIVEN = "given"
NONE = "none"
"""Names of the method for the manifest; `GIVEN` is for units that carry their own figure."""

_UNIT_CODE = re.compile(r"oa\d\dcd|oa (20)?\d\d code", re.IGNORECASE)
_LSOA_CODE = re.compile(r"lsoa\d\dcd|lsoa (20)?\d\d code|lsoa code", re.IGNORECASE)
# Columns that say where, not how many.
_LABEL = re.compile(r"[a-z]+\d\d(cd|nm|nmw)|.*\b(code|name)|date|year|fid|objectid", re.IGNORECASE)
_COUNT = re.compile(
    r"population|all ages|total|all persons|persons|(usual )?residents|observation|value|pop\w*", re.IGNORECASE
)


@dataclass(frozen=True)
class Counts:
    """Residents by code as the files give them; `by_unit` is True for output areas, False for LSOAs."""

    residents: Mapping[str, float]
    by_unit: bool
    files: tuple[Path, ...]


@dataclass(frozen=True)
class Population:
    """Residents of each unit (NaN where nobody says), the method's name, and what there is to say about it."""

    residents: NDArray[np.float64]
    method: str
    absent: tuple[Absence, ...] = ()
    dropped: tuple[Finding, ...] = ()
    repaired: tuple[Finding, ...] = ()


def recognises(probe: Probe) -> bool:
    """True for a table with a code of output areas or LSOAs and one column that counts residents."""
    return probe.format == "csv" and _columns_of(probe.fields) is not None


def read(paths: Sequence[Path]) -> Counts | None:
    """The counts in `paths`; None for no paths. Where both kinds are there, output areas win, being finer.

    SourceError for a count that is missing, negative or no number, and for a code that stands twice with different
    counts.
    """
    tables: dict[bool, dict[str, float]] = {True: {}, False: {}}
    files: dict[bool, list[Path]] = {True: [], False: []}
    for path in paths:
        columns = _columns_of(read_header(path))
        if columns is None:
            raise SourceError(
                "no column of residents by output area or LSOA",
                remedy="It needs a code such as OA21CD or LSOA21CD and one column of counts such as population.",
                file=path,
            )
        code, count, by_unit = columns
        files[by_unit].append(path)
        _read_into(tables[by_unit], path, code, count)
    if not paths:
        return None
    by_unit = bool(tables[True])
    return Counts(tables[by_unit], by_unit, tuple(files[by_unit]))


def population_of_units(
    counts: Counts | None,
    *,
    unit_id: NDArray[np.str_],
    unit_lsoa: NDArray[np.str_],
    unit_area_m2: NDArray[np.float64],
    live_postcodes: NDArray[np.int64],
    given: NDArray[np.float64] | None = None,
) -> Population:
    """Residents of each unit.

    `given` is what the units' own source says, and is used where it says anything at all. Else `counts` by unit are
    taken as they are, and counts by LSOA are divided by `live_postcodes` (see `weights_within_lsoa`), each LSOA's
    total kept. A unit without a count has NaN, which is said in `absent`; where
    none has one, the method is NONE.
    """
    if given is not None and np.isfinite(given).any():
        return Population(given.astype(float), GIVEN, _lacking(unit_id, given))
    if counts is None:
        nothing = Absence(
            marked("residents"), marked("No population by output area or LSOA is in the sources; shares use postcodes.")
        )
        return Population(np.full(len(unit_id), np.nan), NONE, (nothing,))
    residents = _looked_up(counts.residents, unit_id if counts.by_unit else unit_lsoa)
    if np.isnan(residents).all():
        strange = Absence(
            "residents",
            f"The {len(counts.residents):,} counts in the sources are of other areas, or of these under another "
            "vintage's codes; shares use postcodes.",
        )
        return Population(residents, NONE, (strange,))
    if counts.by_unit:
        return Population(residents, BY_UNIT, _lacking(unit_id, residents), _unused(counts, unit_id, "output areas"))
    weight = weights_within_lsoa(unit_lsoa, unit_area_m2, live_postcodes)
    residents = residents * weight
    empty = _lsoas_without_postcodes(unit_lsoa, live_postcodes)
    by_area = Finding.of(
        "LSOAs without a live postcode", empty, "their residents are divided over their units by area instead"
    )
    return Population(
        residents,
        BY_POSTCODES,
        _lacking(unit_id, residents),
        _unused(counts, unit_lsoa, "LSOAs"),
        found([by_area]),
    )


def weights_within_lsoa(
    unit_lsoa: NDArray[np.str_], unit_area_m2: NDArray[np.float64], live_postcodes: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The share of its LSOA that each unit stands for; the units of an LSOA sum to 1.

    Shares go by live postcodes. An LSOA that has none at all is divided by area. A unit without an LSOA stands for
    nothing: NaN.
    """
    _, lsoa = np.unique(unit_lsoa, return_inverse=True)
    postcodes_of_lsoa = np.bincount(lsoa, weights=live_postcodes)[lsoa] if len(lsoa) else np.empty(0)
    size = np.where(postcodes_of_lsoa > 0, live_postcodes, unit_area_m2)
    total = np.bincount(lsoa, weights=size)[lsoa] if len(lsoa) else np.empty(0)
    return np.where(unit_lsoa == "", np.nan, size / np.where(total > 0, total, 1.0))


def _columns_of(fields: Sequence[str]) -> tuple[str, str, bool] | None:
    """(code column, count column, whether the code is an output area's), None where the header is no such table."""
    names = [name.strip() for name in fields]
    if any(re.fullmatch(r"pcds?|pcd\d|postcode|uprn|crime type", name, re.IGNORECASE) for name in names):
        return None
    unit = next((name for name in names if _UNIT_CODE.fullmatch(name)), None)
    code = unit or next((name for name in names if _LSOA_CODE.fullmatch(name)), None)
    if code is None:
        return None
    others = [name for name in names if not _LABEL.fullmatch(name)]
    named = [name for name in others if _COUNT.fullmatch(name)]
    if len(named) == 1:
        return code, named[0], unit is not None
    return (code, others[0], unit is not None) if len(others) == 1 else None


def _read_into(table: dict[str, float], path: Path, code_column: str, count_column: str) -> None:
    rows = list(read_rows(path, (code_column, count_column)))
    codes, texts = zip(*rows, strict=True) if rows else ((), ())
    # Spreadsheets write thousands with commas.
    values, fault = parse_numbers(count_column, [text.replace(",", "") for text in texts])
    wrong = np.flatnonzero(fault.bad | np.isnan(values) | (values < 0))
    for i in wrong.tolist():
        raise SourceError(
            f"{texts[i]!r} is not a number of residents",
            remedy="Mend the row, or take it out.",
            file=path,
            row=i + 1,
            field=count_column,
        )
    for i, (code, value) in enumerate(zip(codes, values.tolist(), strict=True)):
        if table.setdefault(code, value) != value:
            raise SourceError(
                f"{code} stands twice, with {table[code]:g} and {value:g} residents",
                remedy="Keep one count for each code, of one year.",
                file=path,
                row=i + 1,
                field=code_column,
            )


def _looked_up(residents: Mapping[str, float], codes: NDArray[np.str_]) -> NDArray[np.float64]:
    return np.array([residents.get(code, np.nan) for code in codes.tolist()], dtype=float)


def _lacking(unit_id: NDArray[np.str_], residents: NDArray[np.float64]) -> tuple[Absence, ...]:
    lacking = unit_id[np.isnan(residents)]
    if not len(lacking):
        return ()
    some = ", ".join(lacking[:5].tolist())
    return (
        Absence(
            marked("residents of some units"), f"{len(lacking):,} units have no count of residents ({some}); not known."
        ),
    )


def _unused(counts: Counts, codes: NDArray[np.str_], what: str) -> tuple[Finding, ...]:
    others = sorted(set(counts.residents) - set(codes.tolist()))
    return found([Finding.of(f"counts of residents of other {what}", others, "no unit of the force belongs to them")])


def _lsoas_without_postcodes(unit_lsoa: NDArray[np.str_], live_postcodes: NDArray[np.int64]) -> list[str]:
    with_some = set(unit_lsoa[live_postcodes > 0].tolist())
    return sorted(set(unit_lsoa.tolist()) - with_some - {""})
