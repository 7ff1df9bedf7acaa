"""ONS layers are told by the codes they carry, whatever their year."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo_policing.datasets import ons
from geo_policing.datasets.discover import CSV, VECTOR, Probe
from geo_policing.errors import SourceError
from tests.support import sources
from tests.support.tiny import square


def _probe(*fields: str, form: str = VECTOR) -> Probe:
    return Probe(Path("x"), form, "x", fields)


KINDS = {
    "units": ons.is_output_areas,
    "lsoas": ons.is_lsoas,
    "wards": ons.is_wards,
    "districts": ons.is_districts,
    "force": ons.is_force_areas,
}


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        (("OA11CD", "LSOA11CD", "LAD11CD"), "units"),
        (("FID", "oa21cd", "lsoa21cd", "GlobalID"), "units"),
        (("LSOA21CD", "LSOA21NM", "BNG_E"), "lsoas"),
        (("OBJECTID", "WD24CD", "WD24NM", "LAD24CD", "LAD24NM"), "wards"),
        (("LAD23CD", "LAD23NM"), "districts"),
        (("PFA23CD", "PFA23NM"), "force"),
        (("MSOA21CD", "LAD21CD"), None),
        (("PAR23CD", "PAR23NM", "LAD23CD"), None),
        (("code", "name"), None),
        (("LAD24", "LADCD", "LAD2024CD"), None),
    ],
)
def test_a_layer_is_of_the_finest_code_or_the_first(fields: tuple[str, ...], kind: str | None) -> None:
    assert [name for name, recognises in KINDS.items() if recognises(_probe(*fields))] == ([kind] if kind else [])
    assert ons.recognises(_probe(*fields)) is (kind is not None)
    assert not ons.recognises(_probe(*fields, form=CSV))


def test_of_several_years_the_newest_is_taken() -> None:
    assert ons.code_field_of(["LAD99CD", "LAD11CD", "LAD24CD"], "LAD") == "LAD24CD"
    assert ons.code_field_of(["LAD99CD"], "LAD") == "LAD99CD"
    assert ons.code_field_of(["WD24CD"], "LAD") is None


@pytest.mark.parametrize(("field", "year"), [("LAD24CD", 2024), ("oa11cd", 2011), ("LAD99CD", 1999), ("name", None)])
def test_a_field_may_carry_its_year(field: str, year: int | None) -> None:
    assert ons.vintage_of_field(field) == year


def test_names_stand_in_for_nothing_but_codes_stand_in_for_names(tmp_path: Path) -> None:
    path = sources.geojson(
        tmp_path / "w.geojson",
        [({"WD24CD": "E05000001", "wd24nm": " Abbey "}, square(0, 0)), ({"WD24CD": "E05000002"}, square(1, 0))],
    )
    rows = ons.read_areas(Probe(path, VECTOR, None, ("WD24CD", "wd24nm")))
    assert rows.code.tolist() == ["E05000001", "E05000002"]
    assert rows.name.tolist() == ["Abbey", "E05000002"]
    assert rows.code_field == "WD24CD"


def test_a_layer_without_a_code_is_refused_with_its_fields(tmp_path: Path) -> None:
    path = sources.geojson(tmp_path / "w.geojson", [({"name": "x"}, square(0, 0))])
    with pytest.raises(SourceError, match=r"no ONS code of a known kind among the attributes \(name\)"):
        ons.read_areas(Probe(path, VECTOR, None, ("name",)))
