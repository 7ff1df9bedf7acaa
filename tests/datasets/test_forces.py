"""Which force a build is for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from geo_policing.datasets.discover import TOML, Probe
from geo_policing.datasets.forces import choose_force, recognises
from geo_policing.datasets.rows import AreaRows
from geo_policing.errors import ConfigError, SourceError
from tests.support import sources
from tests.support.sources import EASTHAM, FARHAM, WESTHAM

DISTRICTS = AreaRows(
    Path("lad.geojson"),
    np.array([WESTHAM, EASTHAM, FARHAM]),
    np.array(["Westham", "Eastham", "Farham"]),
    np.array([shapely.box(0, 0, 2, 2), shapely.box(2, 0, 4, 2), shapely.box(4, 0, 5, 2)], dtype=object),
)
IN_TWO = np.array([0, 1, 1, -1], dtype=np.int32)
IN_ALL = np.array([0, 1, 2], dtype=np.int32)


def _areas(*boxes: tuple[str, shapely.Geometry]) -> AreaRows:
    return AreaRows(
        Path("pfa.geojson"),
        np.array([f"E2300000{i}" for i in range(len(boxes))]),
        np.array([name for name, _ in boxes]),
        np.array([box for _, box in boxes], dtype=object),
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "force.toml"
    path.write_text(sources.FORCE_TOML, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "fields", "is_force"),
    [
        ("force.toml", (), True),
        ("Force.toml", ("slgu",), True),
        ("mine.toml", ("name", "slug", "districts"), True),
        ("pyproject.toml", ("project",), False),
    ],
)
def test_a_force_file_is_told_by_its_name_or_its_keys(name: str, fields: tuple[str, ...], is_force: bool) -> None:
    assert recognises(Probe(Path(name), TOML, None, fields)) is is_force
    assert not recognises(Probe(Path(name), "csv", None, fields))


def test_the_given_file_goes_before_the_one_in_the_sources_and_that_before_the_packaged(
    file: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.toml"
    other.write_text(sources.FORCE_TOML.replace("Tiny Constabulary", "Other"), encoding="utf-8")
    chosen = choose_force(file, other, DISTRICTS, IN_TWO, None, packaged=[other])
    assert (chosen.force.name, chosen.path, chosen.packaged) == ("Tiny Constabulary", file, False)
    assert choose_force(None, other, DISTRICTS, IN_TWO, None, packaged=[file]).path == other
    packaged = choose_force(None, None, DISTRICTS, IN_TWO, None, packaged=[file])
    assert (packaged.path, packaged.packaged) == (file, True)
    assert "packaged" in packaged.origin


def test_a_packaged_force_of_other_districts_is_not_taken(file: Path) -> None:
    deduced = choose_force(None, None, DISTRICTS, IN_ALL, None, packaged=[file])
    assert deduced.path is None
    assert deduced.force.name == "Eastham and 2 more districts"
    assert deduced.force.slug == "eastham-and-2-more-districts"
    assert deduced.force.areas == ()
    assert set(deduced.force.districts) == {WESTHAM, EASTHAM, FARHAM}


def test_a_packaged_force_is_found_within_a_police_force_area(file: Path) -> None:
    area = _areas(("Tinyshire", shapely.box(0, 0, 4, 2)))
    assert choose_force(None, None, DISTRICTS, IN_ALL, area, packaged=[file]).path == file


def test_a_deduced_force_is_named_and_bounded_by_its_police_force_area() -> None:
    area = _areas(("Tinyshire", shapely.box(0, 0, 4.2, 2)))
    force = choose_force(None, None, DISTRICTS, IN_ALL, area, packaged=[]).force
    assert (force.name, force.slug, force.code) == ("Tinyshire", "tinyshire", "E23000000")
    assert force.districts == {WESTHAM: "Westham", EASTHAM: "Eastham"}


def test_an_area_that_holds_none_of_the_districts_says_nothing() -> None:
    area = _areas(("Elsewhere", shapely.box(100, 100, 101, 101)))
    force = choose_force(None, None, DISTRICTS, IN_TWO, area, packaged=[]).force
    assert force.name == "Eastham and Westham"
    assert force.code == ""


def test_a_reserved_name_is_moved_out_of_the_way() -> None:
    area = _areas(("Forces", shapely.box(0, 0, 4, 2)))
    assert choose_force(None, None, DISTRICTS, IN_TWO, area, packaged=[]).force.slug == "force-forces"


def test_units_of_several_forces_need_to_be_told_which(file: Path) -> None:
    areas = _areas(("One", shapely.box(0, 0, 2, 2)), ("Two", shapely.box(2, 0, 5, 2)))
    with pytest.raises(SourceError, match=r"2 police force areas \(One, Two\).*--force FILE"):
        choose_force(None, None, DISTRICTS, IN_ALL, areas, packaged=[])
    assert choose_force(file, None, DISTRICTS, IN_ALL, areas, packaged=[]).path == file


def test_units_in_no_district_are_told() -> None:
    with pytest.raises(SourceError, match="no unit lies in any district"):
        choose_force(None, None, DISTRICTS, np.array([-1], dtype=np.int32), None, packaged=[])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name = ", "cannot be read as TOML"),
        (sources.FORCE_TOML.replace('slug = "tiny"', 'slugg = "tiny"'), "slugg"),
        (sources.FORCE_TOML.replace('"tiny"', '"Tiny Force"'), "is not of a-z0-9-"),
        (sources.FORCE_TOML.replace(f'["{WESTHAM}", "{EASTHAM}"]', f'["{WESTHAM}"]'), "every district exactly once"),
        (sources.FORCE_TOML.replace(EASTHAM, "E07000999"), "names E07000999, in which the sources have no unit"),
        ("one_share = 2\n" + sources.FORCE_TOML, "one_share 2"),
    ],
    ids=["no toml", "misspelt key", "bad slug", "district without area", "unknown district", "share above 1"],
)
def test_a_wrong_force_file_is_told(file: Path, text: str, problem: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=problem) as caught:
        choose_force(file, None, DISTRICTS, IN_TWO, None)
    assert str(file) in str(caught.value)


def test_a_force_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml"):
        choose_force(tmp_path / "nowhere.toml", None, DISTRICTS, IN_TWO, None)
