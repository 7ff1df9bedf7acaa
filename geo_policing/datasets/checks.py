"""What a build believes only after looking: codes, shapes, coverage, and that nothing is missing.

What can be mended without moving a boundary that anyone could tell is mended and reported; what cannot is refused
with file, row, code, size and remedy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.datasets.findings import Finding, found
from geo_policing.datasets.rows import AreaRows, UnitRows
from geo_policing.errors import SourceError
from geo_policing.spatial import coverage

SLIVER_M = 2.0
"""Gaps and overlaps narrower than this are rounding. Two copies of one line rounded to five decimals of a degree (the
coarsest that publishers use) lie up to 1.3 m apart, and the shift to the National Grid is stated to be good to 2 m."""
MENDED_M2 = 1.0
"""How much a unit may change by being made valid: a loop of rounding's size, never a crossed-over corner."""
MENDED_SHARE = 0.001
"""The same for districts, wards and LSOAs, as a share of their area: generalised coastlines do cross themselves here
and there, and none of these decides which beat a place is in."""
MISSING_M = 100.0
"""A part of a district as wide as this without a unit is a missing unit. Outlines of different vintages and
generalisations differ by strips: on real ones of 2011 and 2024, none was half as wide."""

_AGAIN = "Download the file again, or mend the feature."


def check_areas(rows: AreaRows, what: str) -> tuple[AreaRows, list[Finding]]:
    """`rows` with valid shapes, and what was mended; `what` names them ("districts") in messages.

    SourceError for an empty or repeated code, and for a shape that cannot be made valid without changing it.
    """
    _check_codes(rows.file, rows.code_field, rows.code)
    allowed_m2 = np.maximum(shapely.area(rows.geometry) * MENDED_SHARE, MENDED_M2)
    geometry, findings = _mend_shapes(rows.file, rows.code_field, rows.code, rows.geometry, allowed_m2, what)
    return replace(rows, geometry=geometry), findings


def check_units(rows: UnitRows) -> tuple[UnitRows, list[Finding]]:
    """As `check_areas`, for units: each shape for itself, not yet how they fit."""
    _check_codes(rows.file, rows.code_field, rows.id)
    allowed_m2 = np.full(len(rows.id), MENDED_M2)
    geometry, findings = _mend_shapes(rows.file, rows.code_field, rows.id, rows.geometry, allowed_m2, "units")
    return replace(rows, geometry=geometry), findings


def check_coverage(
    rows: UnitRows, row_in_file: NDArray[Any], served: shapely.Geometry
) -> tuple[UnitRows, list[Finding]]:
    """Units that fit without overlap or gap, and what was mended.

    `row_in_file` is each unit's 0-based row in its file, for messages; `served` is the ground of the force, within
    which a hole is a gap and not somebody else's enclave. SourceError names an overlap or a gap wider than `SLIVER_M`
    with the units at it and its size.
    """
    geometry = rows.geometry
    findings = []
    if not coverage.is_valid_coverage(geometry):
        _refuse_overlaps(rows, row_in_file)
        geometry, changed = _clean(rows, row_in_file)
        findings.append(_mended(rows, changed, "boundaries that did not quite meet were joined"))
    gaps = coverage.gaps(geometry, within=served)
    wide = coverage.wider_than(np.array([gap.area for gap in gaps], dtype=object), SLIVER_M)
    if wide.any():
        raise _gap_error(rows, [gap for gap, is_wide in zip(gaps, wide, strict=True) if is_wide])
    if gaps:
        geometry, changed = _clean(replace(rows, geometry=geometry), row_in_file)
        findings.append(_mended(rows, changed, "narrow gaps were given to the neighbour with the longest boundary"))
    return replace(rows, geometry=geometry), list(found(findings))


def check_districts_covered(units_file: Path, outline: shapely.Geometry, districts: AreaRows) -> None:
    """SourceError where one of `districts`, all of the force, has a piece `MISSING_M` wide that no unit covers.

    `outline` is of all units of the force: along its rim a district's ground may be its neighbour's unit.
    """
    for code, name, district in zip(districts.code, districts.name, districts.geometry, strict=True):
        pieces = shapely.get_parts(district.difference(outline))
        missing = pieces[coverage.wider_than(pieces, MISSING_M)]
        if len(missing):
            largest = missing[int(np.argmax(shapely.area(missing)))]
            raise SourceError(
                f"district {code} ({name}) is not covered: {largest.area / 1e6:.2f} km² {_around(largest)} have no unit"
                f" ({len(missing)} such pieces)",
                remedy="A unit is missing from the file, or units and districts are of different vintages or one is "
                "clipped to the coast; take both from one release.",
                file=units_file,
            )


def _check_codes(file: Path, field: str, codes: NDArray[Any]) -> None:
    empty = np.flatnonzero(codes == "")
    if len(empty):
        raise SourceError(
            f"no code ({len(empty)} such in the file)", remedy=_AGAIN, file=file, row=int(empty[0]) + 1, field=field
        )
    order = np.argsort(codes, kind="stable")
    repeated = np.flatnonzero(codes[order][1:] == codes[order][:-1])
    if len(repeated):
        first, second = int(order[repeated[0]]), int(order[repeated[0] + 1])
        raise SourceError(
            f"code {codes[second]} stands in row {first + 1} already ({len(repeated)} repeated in the file)",
            remedy="Keep one feature a code: merge its parts, or take the copy out.",
            file=file,
            row=second + 1,
            field=field,
        )


def _mend_shapes(
    file: Path, field: str, codes: NDArray[Any], geometry: NDArray[Any], allowed_m2: NDArray[Any], what: str
) -> tuple[NDArray[Any], list[Finding]]:
    mended, broken, changed_m2 = coverage.make_valid_areas(geometry)
    worse = np.flatnonzero((changed_m2 > allowed_m2[broken]) | shapely.is_empty(mended[broken]))
    if len(worse):
        row = int(broken[worse[0]])
        raise SourceError(
            f"{codes[row]} crosses itself ({shapely.is_valid_reason(geometry[row])}); mending it would change "
            f"{changed_m2[worse[0]]:,.0f} m² ({len(worse)} such in the file)",
            remedy=_AGAIN,
            file=file,
            row=row + 1,
            field=field,
        )
    touching = changed_m2 <= MENDED_M2
    return mended, list(
        found(
            [
                Finding.of(f"{what} that touched themselves", codes[broken[touching]], "made valid; no corner moved"),
                Finding.of(
                    f"{what} that crossed themselves",
                    codes[broken[~touching]],
                    f"made valid; each changed by at most {changed_m2.max(initial=0):,.0f} m² where it crossed over",
                ),
            ]
        )
    )


def _refuse_overlaps(rows: UnitRows, row_in_file: NDArray[Any]) -> None:
    overlaps = coverage.overlaps(rows.geometry, wider_than_m=SLIVER_M)
    if not overlaps:
        return
    worst = max(overlaps, key=lambda overlap: overlap.area_m2)
    raise SourceError(
        f"{rows.id[worst.b]} overlaps {rows.id[worst.a]} (row {row_in_file[worst.a] + 1}) by "
        f"{worst.area_m2:,.0f} m² ({len(overlaps)} overlaps in the file)",
        remedy="Units must not share ground: use one publisher's release whole, or mend the two features.",
        file=rows.file,
        row=int(row_in_file[worst.b]) + 1,
        field=rows.code_field,
    )


def _clean(rows: UnitRows, row_in_file: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int32]]:
    cleaned, changed, too_much = coverage.clean_slivers(rows.geometry, sliver_m=SLIVER_M)
    if len(too_much):
        row = int(too_much[0])
        raise SourceError(
            f"{rows.id[row]} does not fit its neighbours, and mending it would move a boundary by more than "
            f"{SLIVER_M:g} m",
            remedy="Use one publisher's release whole, not areas that were simplified one by one.",
            file=rows.file,
            row=int(row_in_file[row]) + 1,
            field=rows.code_field,
        )
    return cleaned, changed


def _mended(rows: UnitRows, changed: NDArray[np.int32], how: str) -> Finding:
    return Finding.of("units with slivers at their boundary", rows.id[changed], f"{how}; at most {SLIVER_M:g} m wide")


def _gap_error(rows: UnitRows, gaps: Sequence[coverage.Gap]) -> SourceError:
    worst = gaps[0]
    beside = ", ".join(str(rows.id[i]) for i in worst.neighbours[:6])
    return SourceError(
        f"a gap of {worst.area_m2:,.0f} m² {_around(worst.area)} between {beside} ({len(gaps)} gaps in the file)",
        remedy="A unit is missing: download the whole layer, with every unit of the force.",
        file=rows.file,
        field=rows.code_field,
    )


def _around(shape: shapely.Geometry) -> str:
    point = shapely.point_on_surface(shape)
    return f"around easting {point.x:.0f}, northing {point.y:.0f}"
