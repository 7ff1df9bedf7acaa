"""Units, districts, wards and LSOAs put in order, and the ways in which they do not fit."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from geo_policing.datasets import ons
from geo_policing.datasets.discover import VECTOR, Probe
from geo_policing.datasets.ground import AreaSources, Ground, Report, survey
from geo_policing.datasets.rows import AreaRows, UnitRows
from geo_policing.datasets.vector import list_layers
from geo_policing.errors import ConfigError, SourceError
from tests.support import sources
from tests.support.sources import EASTHAM, FARHAM, OA_CODES, WESTHAM, Feature
from tests.support.tiny import square


def probe(path: Path) -> Probe:
    [(layer, fields)] = list_layers(path)
    return Probe(path, VECTOR, layer, fields)


def area_sources(
    folder: Path,
    *,
    units: list[Feature] | None = None,
    districts: list[Feature] | None = None,
    **optional: list[Feature],
) -> AreaSources:
    def read(name: str, features: list[Feature]) -> AreaRows:
        return ons.read_areas(probe(sources.geojson(folder / f"{name}.geojson", features)))

    return AreaSources(
        units=ons.read_output_areas(probe(sources.geojson(folder / "oa.geojson", units or sources.units()))),
        districts=read("lad", districts or sources.districts()),
        **{name: read(name, features) for name, features in optional.items()},
    )


@pytest.fixture
def force_file(tmp_path: Path) -> Path:
    path = tmp_path / "force.toml"
    path.write_text(sources.FORCE_TOML, encoding="utf-8")
    return path


@pytest.fixture
def surveyed(tmp_path: Path, force_file: Path) -> Any:
    def run(**changed: Any) -> tuple[Ground, Report]:
        report = Report()
        return survey(area_sources(tmp_path, **changed), report, force_file=force_file), report

    return run


def _changed(row: int, **changes: Any) -> list[Feature]:
    """The units with one changed: `shape`, or attributes."""
    features = sources.units()
    properties, shape = features[row]
    features[row] = ({**properties, **{k: v for k, v in changes.items() if k != "shape"}}, changes.get("shape", shape))
    return features


def _told(report: Report) -> dict[str, int]:
    return {finding.what: finding.count for finding in [*report.dropped, *report.repaired] if finding.count}


def test_tables_are_in_order_whatever_the_order_of_the_files(surveyed: Any) -> None:
    ground, _ = surveyed(units=sources.units()[::-1], districts=sources.districts()[::-1], wards=sources.wards()[::-1])
    assert ground.units.id.tolist() == OA_CODES
    assert ground.unit_district.tolist() == [0, 0, 1, 1] * 2
    assert ground.districts.code.tolist() == [WESTHAM, EASTHAM, FARHAM]
    assert ground.inside.tolist() == [True, True, False]
    assert ground.wards.code.tolist() == list(sources.WARD_NAMES)
    assert ground.outline.area == pytest.approx(8e6)
    assert ground.agreement["iou"] == 1.0
    assert [d["contiguous_parts"] for d in ground.agreement["districts"]] == [1, 1]


def test_a_unit_without_a_known_district_code_goes_where_most_of_it_lies(surveyed: Any) -> None:
    features = [({**p, "LAD21CD": "E07000777" if i % 2 else ""}, shape) for i, (p, shape) in enumerate(sources.units())]
    ground, report = surveyed(units=features)
    assert ground.unit_district.tolist() == [0, 0, 1, 1] * 2
    assert _told(report)["units without a district code of their own"] == 8


def test_units_of_other_districts_and_of_none_are_left_out_and_counted(surveyed: Any) -> None:
    extra: list[Feature] = [
        ({"OA21CD": "E00000091", "LSOA21CD": "", "LAD21CD": FARHAM}, square(4, 0)),
        ({"OA21CD": "E00000092", "LSOA21CD": "", "LAD21CD": ""}, square(20, 20)),
    ]
    ground, report = surveyed(units=[*sources.units(), *extra])
    assert ground.units.id.tolist() == OA_CODES
    assert _told(report)["units outside the force"] == 2


def test_districts_far_away_are_left_out_and_their_lack_is_said(surveyed: Any) -> None:
    far = ({"LAD24CD": "E07000904", "LAD24NM": "Farther"}, shapely.box(600_000, 260_000, 601_000, 261_000))
    ground, report = surveyed(districts=[*sources.districts()[:2], far])
    assert ground.districts.code.tolist() == [WESTHAM, EASTHAM]
    assert _told(report)["districts over the border"] == 1
    assert "districts over the border" in [absence.what for absence in report.absent]


def test_lsoas_name_what_units_name_and_place_what_names_none(surveyed: Any) -> None:
    ground, _ = surveyed(lsoas=sources.lsoas())
    assert ground.lsoas.name.tolist() == ["Tiny 001A", "Tiny 002A", "Tiny 003A", "Tiny 004A"]
    blank = [({**properties, "LSOA21CD": ""}, shape) for properties, shape in sources.units()]
    placed, _ = surveyed(units=blank, lsoas=sources.lsoas())
    assert placed.units.lsoa.tolist() == sources.LSOA_CODES * 2
    without, _ = surveyed(units=blank)
    assert without.lsoas is None
    named = [({**p, "LSOA21NM": f"Name of {p['LSOA21CD']}"}, shape) for p, shape in sources.units()]
    own, _ = surveyed(units=named)
    assert own.lsoas.name.tolist() == [f"Name of {code}" for code in sources.LSOA_CODES]
    codes, _ = surveyed()
    assert codes.lsoas.name.tolist() == sources.LSOA_CODES


def test_wards_that_only_touch_the_force_are_left_out(surveyed: Any) -> None:
    beyond = ({"WD24CD": "E05000009", "WD24NM": "Beyond"}, shapely.box(544_000, 260_000, 545_000, 262_000))
    ground, report = surveyed(wards=[beyond, *sources.wards()])
    assert ground.wards.code.tolist() == list(sources.WARD_NAMES)
    assert _told(report)["wards outside the force"] == 1


def test_a_unit_that_touches_itself_is_mended_and_told(surveyed: Any) -> None:
    # A notch whose ends meet on the outer boundary: a ring that touches itself in one point.
    shape = shapely.from_wkt(
        "POLYGON ((540000 260000, 541000 260000, 541000 261000, 540000 261000, 540000 260500, 540300 260600, "
        "540300 260400, 540000 260500, 540000 260000))"
    )
    assert not shape.is_valid
    hole = shapely.Polygon([(540_000, 260_500), (540_300, 260_600), (540_300, 260_400)])
    other = ({"OA21CD": "E00000099", "LSOA21CD": "", "LAD21CD": WESTHAM}, hole)
    ground, report = surveyed(units=[*_changed(0, shape=shape), other])
    assert shapely.is_valid(ground.units.geometry).all()
    assert _told(report)["units that touched themselves"] == 1


def test_a_sliver_of_overlap_goes_to_one_of_the_two_and_is_told(surveyed: Any) -> None:
    ground, report = surveyed(units=_changed(0, shape=shapely.box(540_000, 260_000, 541_001.2, 261_000)))
    assert shapely.area(ground.units.geometry).sum() == pytest.approx(8e6)
    assert _told(report)["units with slivers at their boundary"] >= 1


def test_a_slot_that_is_open_to_the_rim_is_no_gap(surveyed: Any) -> None:
    ground, _ = surveyed(units=_changed(0, shape=shapely.box(540_000, 260_000, 540_999.2, 261_000)))
    assert ground.outline.area == pytest.approx(8e6 - 800)


# Two triangles that meet in the middle of the third unit.
BOWTIE = shapely.Polygon([(542_000, 260_000), (543_000, 261_000), (543_000, 260_000), (542_000, 261_000)])
MIDDLE = [(i % 3, i // 3) for i in range(9)]


def _three_by_three(without: int | None = None, hole: Any = None) -> dict[str, list[Feature]]:
    """Nine units in one district of nine square kilometres, one left out or with a piece cut from the middle one."""
    units: list[Feature] = [
        ({"OA21CD": f"E0000001{i}", "LAD21CD": WESTHAM}, square(column, row) if i != 4 or hole is None else hole)
        for i, (column, row) in enumerate(MIDDLE)
        if i != without
    ]
    units.append(({"OA21CD": "E00000099", "LAD21CD": EASTHAM}, square(3, 0)))
    districts: list[Feature] = [
        ({"LAD24CD": WESTHAM, "LAD24NM": "Westham"}, shapely.box(540_000, 260_000, 543_000, 263_000)),
        ({"LAD24CD": EASTHAM, "LAD24NM": "Eastham"}, square(3, 0)),
    ]
    return {"units": units, "districts": districts}


def test_a_missing_unit_inside_is_a_gap_named_with_its_size_and_neighbours(surveyed: Any) -> None:
    with pytest.raises(SourceError, match=r"oa\.geojson, field OA21CD: a gap of 1,000,000 m².*E00000011") as caught:
        surveyed(**_three_by_three(without=4))
    assert "A unit is missing" in caught.value.remedy


def test_a_narrow_closed_gap_is_filled(surveyed: Any) -> None:
    hole = shapely.box(541_000, 261_000, 542_000, 262_000).difference(shapely.box(541_000, 261_200, 541_001, 261_800))
    ground, report = surveyed(**_three_by_three(hole=hole))
    assert shapely.area(ground.units.geometry).sum() == pytest.approx(10e6)
    assert _told(report)["units with slivers at their boundary"] >= 1


def test_a_narrow_hole_within_one_unit_is_filled(surveyed: Any) -> None:
    hole = square(1, 1).difference(shapely.box(541_400, 261_200, 541_401, 261_800))
    ground, report = surveyed(**_three_by_three(hole=hole))
    assert shapely.area(ground.units.geometry).sum() == pytest.approx(10e6)
    assert _told(report)["units with slivers at their boundary"] == 1


def test_a_unit_that_would_vanish_with_its_sliver_is_refused(surveyed: Any) -> None:
    strip = ({"OA21CD": "E00000077", "LAD21CD": WESTHAM}, shapely.box(540_400, 260_000, 540_401.5, 261_000))
    with pytest.raises(SourceError, match=r"E000000\d\d does not fit its neighbours"):
        surveyed(units=[*sources.units(), strip])


def test_a_missing_unit_at_the_rim_is_named_by_its_district(surveyed: Any) -> None:
    with pytest.raises(SourceError, match=rf"district {WESTHAM} \(Westham\) is not covered: 1\.00 km²"):
        surveyed(**_three_by_three(without=0))


@pytest.mark.parametrize(
    ("features", "problem", "row"),
    [
        (
            _changed(1, shape=shapely.box(540_900, 260_000, 542_000, 261_000)),
            r"E00000002 overlaps E00000001 \(row 1\) by 100,000 m²",
            2,
        ),
        (
            _changed(
                2,
                shape=shapely.from_wkt(
                    "POLYGON ((542000 260000, 543000 261000, 543000 260000, 542000 261000, 542000 260000))"
                ),
            ),
            r"E00000003 crosses itself .* would change 500,000 m²",
            3,
        ),
        (_changed(3, OA21CD="E00000001"), "code E00000001 stands in row 1 already", 4),
        (_changed(3, OA21CD=" "), "no code", 4),
        ([*sources.units(), (dict(sources.units()[0][0], OA21CD="E00000088"), square(0, 0))], "E00000088 overlaps", 9),
    ],
    ids=["overlap", "bowtie", "repeated code", "empty code", "the same shape twice"],
)
def test_what_cannot_be_mended_is_refused_with_file_row_and_remedy(
    surveyed: Any, features: list[Feature], problem: str, row: int
) -> None:
    with pytest.raises(SourceError, match=problem) as caught:
        surveyed(units=features)
    assert caught.value.row == row
    assert caught.value.field == "OA21CD"
    assert caught.value.remedy


def test_boundaries_that_were_simplified_one_by_one_are_refused(surveyed: Any) -> None:
    bulge = shapely.from_wkt(
        "POLYGON ((540000 260000, 541000 260000, 540960 260500, 541000 261000, 540000 261000, 540000 260000))"
    )
    with pytest.raises(SourceError, match=r"a gap of .* m²|does not fit its neighbours"):
        surveyed(units=_changed(0, shape=bulge))


def test_a_coastline_of_a_district_may_cross_itself_a_little_and_is_told(surveyed: Any) -> None:
    rim = [(545_000, 260_000), (545_000, 262_000)]
    loop = [(544_520, 262_000), (544_500, 262_010), (544_510, 261_990), (544_520, 262_010)]
    outline = shapely.Polygon([(544_000, 260_000), *rim, *loop, (544_000, 262_000)])
    features = [*sources.districts()[:2], ({"LAD24CD": FARHAM, "LAD24NM": "Farham"}, outline)]
    ground, report = surveyed(districts=features)
    assert shapely.is_valid(ground.districts.geometry).all()
    assert _told(report)["districts that crossed themselves"] == 1


def test_a_repeated_district_is_refused(surveyed: Any) -> None:
    with pytest.raises(SourceError, match=re.escape(f"code {WESTHAM} stands in row 1 already")):
        surveyed(districts=[*sources.districts(), sources.districts()[0]])


def test_swapped_national_grid_axes_leave_no_unit_in_any_district(tmp_path: Path) -> None:
    swapped = [({**p, "LAD21CD": ""}, shapely.transform(shape, lambda xy: xy[:, ::-1])) for p, shape in sources.units()]
    with pytest.raises(SourceError, match="no unit lies in any district") as caught:
        survey(area_sources(tmp_path, units=swapped), Report())
    assert "same order" in caught.value.remedy


def test_a_force_whose_districts_the_sources_lack_is_told(tmp_path: Path, force_file: Path) -> None:
    force_file.write_text(sources.FORCE_TOML.replace(EASTHAM, FARHAM), encoding="utf-8")
    with pytest.raises(ConfigError, match=rf"names {FARHAM}, in which the sources have no unit.*{EASTHAM}"):
        survey(area_sources(tmp_path), Report(), force_file=force_file)


def test_population_and_beats_of_the_units_stay_with_them(tmp_path: Path, force_file: Path) -> None:
    read = area_sources(tmp_path)
    units: UnitRows = replace(
        read.units, population=np.arange(8.0), suggested_beat=np.array([f"b{i}" for i in range(8)])
    )
    turned = replace(
        units,
        **{
            name: getattr(units, name)[::-1]
            for name in ("id", "district_code", "lsoa", "lsoa_name", "suggested_beat", "population", "geometry")
        },
    )
    ground = survey(replace(read, units=turned), Report(), force_file=force_file)
    assert ground.units.population.tolist() == list(range(8))
    assert ground.units.suggested_beat.tolist() == [f"b{i}" for i in range(8)]
