"""The ground of a dataset: its force, units, districts, wards and LSOAs, read, checked and put in order."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.config import Force
from geo_policing.datasets import checks
from geo_policing.datasets.findings import Absence, Finding
from geo_policing.datasets.forces import ForceChoice, choose_force
from geo_policing.datasets.progress import SILENT, Progress, counted
from geo_policing.datasets.rows import AreaRows, UnitRows
from geo_policing.spatial import coverage, overlay
from geo_policing.wording import marked

NEIGHBOURHOOD_M = 50_000.0
"""How far from the force a district over the border is still kept, to say whose a place outside is."""
TOUCH_M2 = 10_000.0
"""A ward that shares less ground with the force than this (a hectare) only touches it along a line drawn twice."""

Adjacency = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]


@dataclass(frozen=True)
class AreaSources:
    """The areas that the sources have, as read; None for what they have not."""

    units: UnitRows
    districts: AreaRows
    wards: AreaRows | None = None
    lsoas: AreaRows | None = None
    force_areas: AreaRows | None = None


@dataclass
class Report:
    """What reading and checking has to own up to, gathered on the way."""

    dropped: list[Finding] = field(default_factory=list)
    repaired: list[Finding] = field(default_factory=list)
    absent: list[Absence] = field(default_factory=list)
    unused: list[tuple[Path, str]] = field(default_factory=list)
    """Files that are of a known kind and yet not used, each with the reason."""


@dataclass(frozen=True)
class Ground:
    """Checked areas, in the order of the dataset's tables.

    `units` are those of the force, by id, and `unit_district` is each one's row of `districts`, which has the force's
    first (`inside`), then by code. `wards` (those that the force serves) and `lsoas` (those that units name) are by
    code and may be None. `outline` is the union of the units, `agreement` compares it with the districts.
    """

    choice: ForceChoice
    units: UnitRows
    unit_district: NDArray[np.int16]
    districts: AreaRows
    inside: NDArray[np.bool_]
    wards: AreaRows | None
    lsoas: AreaRows | None
    outline: shapely.Geometry
    adjacency: Adjacency
    agreement: dict[str, Any]

    @property
    def force(self) -> Force:
        """The force that the ground belongs to."""
        return self.choice.force


def survey(
    sources: AreaSources,
    report: Report,
    *,
    force_file: Path | None = None,
    force_in_sources: Path | None = None,
    progress: Progress = SILENT,
) -> Ground:
    """Check all areas of the sources, choose the force and put its ground in order; findings go into `report`.

    SourceError names what is damaged or does not fit; ConfigError what is wrong in a force.toml, or that its
    districts are not those of the sources.
    """
    progress.step("Checking units and districts")
    units, mended = checks.check_units(sources.units)
    districts, mended_districts = checks.check_areas(sources.districts, "districts")
    report.repaired += mended + mended_districts
    of_unit = _districts_of_units(units, districts, report)
    choice = choose_force(force_file, force_in_sources, districts, of_unit, sources.force_areas)
    progress.detail(f"force: {choice.force.name}, {choice.origin}")

    order, inside = _districts_in_order(choice.force, districts, report)
    place = np.full(len(districts.code) + 1, -1)
    place[order] = np.arange(len(order))
    districts = _take_areas(districts, order)
    units, unit_district = _units_in_order(units, place[of_unit], inside, districts, report)
    outline = shapely.coverage_union_all(units.geometry)
    count = int(inside.sum())
    checks.check_districts_covered(units.file, outline, _take_areas(districts, np.arange(count)))
    progress.detail(
        f"{counted(len(units.id), 'unit')} in {counted(count, 'district')}, with {len(inside) - count} around"
    )

    units = _named_lsoas(units, sources.lsoas)
    adjacency = coverage.adjacency(units.geometry)
    return Ground(
        choice=choice,
        units=units,
        unit_district=unit_district,
        districts=districts,
        inside=inside,
        wards=_wards(sources.wards, outline, report),
        lsoas=_lsoas(units, sources.lsoas),
        outline=outline,
        adjacency=adjacency,
        agreement=_agreement(units, unit_district, districts, inside, outline, adjacency),
    )


def _districts_of_units(units: UnitRows, districts: AreaRows, report: Report) -> NDArray[np.int32]:
    """Each unit's row of `districts`: by its own code where that is one of theirs, else by most of its area; or -1."""
    order = np.argsort(districts.code, kind="stable")
    at = np.minimum(np.searchsorted(districts.code[order], units.district_code), len(order) - 1)
    of_unit = np.where(districts.code[order][at] == units.district_code, order[at], -1).astype(np.int32)
    unknown = np.flatnonzero(of_unit < 0)
    of_unit[unknown] = _most_of(units.geometry[unknown], districts.geometry)
    report.repaired.append(
        Finding.of(
            "units without a district code of their own",
            units.id[unknown[of_unit[unknown] >= 0]],
            "given to the district that holds most of their area",
        )
    )
    return of_unit


def _most_of(shapes: NDArray[Any], areas: NDArray[Any]) -> NDArray[np.int32]:
    """For each shape the area (a row) that holds most of it, the lowest of equals, -1 where none holds any."""
    result = np.full(len(shapes), -1, dtype=np.int32)
    # Nearly all lie wholly in one area, which is cheap to tell; only the rest are cut.
    area, shape = shapely.STRtree(shapes).query(areas, predicate="covers")
    lowest_last = np.argsort(-area, kind="stable")
    result[shape[lowest_last]] = area[lowest_last]
    cut = np.flatnonzero(result < 0)
    shape, area, size_m2 = overlay.shared_areas(shapely.STRtree(areas), shapes[cut])
    largest_last = np.lexsort((-area, size_m2))
    result[cut[shape[largest_last]]] = area[largest_last]
    return result


def _districts_in_order(
    force: Force, districts: AreaRows, report: Report
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Rows of the districts to keep, the force's first, then by code; and which of them are the force's."""
    inside = np.isin(districts.code, list(force.districts))
    tree = shapely.STRtree(districts.geometry)
    near = np.unique(tree.query(districts.geometry[inside], predicate="dwithin", distance=NEIGHBOURHOOD_M)[1])
    far = np.setdiff1d(np.arange(len(inside)), near)
    report.dropped.append(
        Finding.of(
            "districts over the border",
            districts.name[far],
            f"further than {NEIGHBOURHOOD_M / 1000:g} km from the force; a place there is outside without a name",
        )
    )
    if not (~inside[near]).any():
        report.absent.append(
            Absence(marked("districts over the border"), marked("A place outside the force is not told whose it is."))
        )
    order = near[np.lexsort((districts.code[near], ~inside[near]))]
    return order, inside[order]


def _units_in_order(
    units: UnitRows, district: NDArray[Any], inside: NDArray[np.bool_], districts: AreaRows, report: Report
) -> tuple[UnitRows, NDArray[np.int16]]:
    """The force's units by id, checked to fit, and the district of each."""
    ours = (district >= 0) & (district < int(inside.sum()))
    report.dropped.append(Finding.of("units outside the force", units.id[~ours], "in no district of the force"))
    rows = np.flatnonzero(ours)
    rows = rows[np.argsort(units.id[rows], kind="stable")]
    served = shapely.union_all(districts.geometry[inside])
    fitted, mended = checks.check_coverage(_take_units(units, rows), rows, served)
    report.repaired += mended
    return fitted, district[rows].astype(np.int16)


def _named_lsoas(units: UnitRows, lsoas: AreaRows | None) -> UnitRows:
    """Units that name no LSOA get the one that holds most of them, where there is a layer."""
    if lsoas is None or (units.lsoa != "").all():
        return units
    blank = np.flatnonzero(units.lsoa == "")
    most = _most_of(units.geometry[blank], lsoas.geometry)
    names = units.lsoa.astype(object)
    names[blank] = np.where(most >= 0, lsoas.code[most], "")
    return replace(units, lsoa=names.astype(str))


def _lsoas(units: UnitRows, lsoas: AreaRows | None) -> AreaRows | None:
    """The LSOAs that units name, by code; their names from the layer, else from the units, else their codes."""
    codes, first = np.unique(units.lsoa, return_index=True)
    codes, first = codes[codes != ""], first[codes != ""]
    if not len(codes):
        return None
    names = dict(zip(codes.tolist(), units.lsoa_name[first].tolist(), strict=True))
    if lsoas is not None:
        names |= {c: n for c, n in zip(lsoas.code.tolist(), lsoas.name.tolist(), strict=True) if c in names}
    listed = np.array([names[code] or code for code in codes.tolist()])
    return AreaRows(units.file, codes, listed, np.full(len(codes), None), "lsoa")


def _wards(wards: AreaRows | None, outline: shapely.Geometry, report: Report) -> AreaRows | None:
    if wards is None:
        report.absent.append(
            Absence(
                marked("wards"),
                marked("Wards cannot be searched for, and the first plan is not made of their outlines."),
            )
        )
        return None
    checked, mended = checks.check_areas(wards, "wards")
    report.repaired += mended
    shapely.prepare(outline)
    served = shapely.intersects(outline, checked.geometry)
    served[served] = shapely.area(shapely.intersection(outline, checked.geometry[served])) > TOUCH_M2
    report.dropped.append(Finding.of("wards outside the force", checked.code[~served], "the force does not serve them"))
    rows = np.flatnonzero(served)
    return _take_areas(checked, rows[np.argsort(checked.code[rows], kind="stable")])


def _agreement(
    units: UnitRows,
    unit_district: NDArray[np.int16],
    districts: AreaRows,
    inside: NDArray[np.bool_],
    outline: shapely.Geometry,
    adjacency: Adjacency,
) -> dict[str, Any]:
    """How well the units' outline is that of the districts, in all and one by one, and what hangs together."""
    unions = coverage.dissolve(units.geometry, unit_district)
    a, b, _ = adjacency
    by_district = []
    for row in np.flatnonzero(inside):
        parts = coverage.contiguous_parts(np.flatnonzero(unit_district == row), a, b)
        by_district.append(
            {
                "district": str(districts.code[row]),
                "units": int((unit_district == row).sum()),
                "contiguous_parts": len(parts),
                **_rounded(coverage.agreement(unions[int(row)], districts.geometry[row])),
            }
        )
    whole = coverage.agreement(outline, shapely.union_all(districts.geometry[inside]))
    return {"districts": by_district, **_rounded(whole)}


def _rounded(compared: coverage.Agreement) -> dict[str, float]:
    return {
        "iou": round(compared.iou, 5),
        "units_only_km2": round(compared.first_only_m2 / 1e6, 3),
        "districts_only_km2": round(compared.second_only_m2 / 1e6, 3),
    }


def _take_areas(areas: AreaRows, rows: NDArray[Any]) -> AreaRows:
    return replace(areas, code=areas.code[rows], name=areas.name[rows], geometry=areas.geometry[rows])


def _take_units(units: UnitRows, rows: NDArray[Any]) -> UnitRows:
    return replace(
        units,
        id=units.id[rows],
        district_code=units.district_code[rows],
        lsoa=units.lsoa[rows],
        lsoa_name=units.lsoa_name[rows],
        suggested_beat=units.suggested_beat[rows],
        population=units.population[rows],
        geometry=units.geometry[rows],
    )
