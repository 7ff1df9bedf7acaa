"""Residents by unit: hand-worked divisions, and totals that are kept whatever comes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.datasets.discover import Probe
from geo_policing.datasets.population import (
    BY_POSTCODES,
    BY_UNIT,
    GIVEN,
    NONE,
    Counts,
    Population,
    population_of_units,
    read,
    recognises,
    weights_within_lsoa,
)
from geo_policing.errors import SourceError

UNITS = np.array(["u1", "u2", "u3", "u4"])
LSOAS = np.array(["L1", "L1", "L2", "L2"])
AREAS = np.array([1.0, 3.0, 2.0, 6.0])


def written(tmp_path: Path, *lines: str, name: str = "population.csv") -> Path:
    path = tmp_path / name
    path.write_text("\n".join(lines) + "\n")
    return path


def spread(residents: dict[str, float], postcodes: list[int], *, by_unit: bool = False) -> Population:
    counts = Counts(residents, by_unit, (Path("p.csv"),))
    return population_of_units(
        counts, unit_id=UNITS, unit_lsoa=LSOAS, unit_area_m2=AREAS, live_postcodes=np.array(postcodes)
    )


@pytest.mark.parametrize(
    "header",
    [
        "LSOA11CD,population",
        "LSOA21CD,LSOA21NM,Total",
        "OA21CD,observation",
        "LSOA 2021 Code,LSOA 2021 Name,LAD 2021 Code,All Ages",
        "oa11cd,count of people",
    ],
)
def test_tables_of_residents_are_recognised(header: str) -> None:
    assert recognises(Probe(Path("p.csv"), "csv", None, tuple(header.split(","))))


@pytest.mark.parametrize(
    "header",
    [
        "LSOA11CD,LSOA11NM",
        "LSOA21CD,males,females",
        "LSOA21CD,Total,All persons",
        "pcds,doterm,lat,long,lsoa21cd,oa21cd",
        "uprn,pcds,lsoa21cd",
        "Month,Reported by,LSOA code,LSOA name,Crime type",
        "WD20CD,population",
    ],
)
def test_other_tables_are_not_taken_for_them(header: str) -> None:
    assert not recognises(Probe(Path("p.csv"), "csv", None, tuple(header.split(","))))


def test_a_vector_layer_is_none() -> None:
    assert not recognises(Probe(Path("p.gpkg"), "vector", "p", ("LSOA11CD", "population")))


def test_lsoa_counts_are_read(tmp_path: Path) -> None:
    counts = read([written(tmp_path, "LSOA11CD,population", "L1,90", 'L2,"1,200"')])
    assert counts is not None
    assert (dict(counts.residents), counts.by_unit) == ({"L1": 90, "L2": 1200}, False)


def test_output_areas_win_over_lsoas(tmp_path: Path) -> None:
    coarse = written(tmp_path, "LSOA11CD,population", "L1,90")
    fine = written(tmp_path, "OA11CD,population", "u1,50", name="fine.csv")
    counts = read([coarse, fine])
    assert counts is not None
    assert (dict(counts.residents), counts.by_unit, counts.files) == ({"u1": 50}, True, (fine,))


def test_several_files_of_a_kind_are_put_together(tmp_path: Path) -> None:
    one = written(tmp_path, "LSOA11CD,population", "L1,90")
    two = written(tmp_path, "LSOA11CD,population", "L2,80", "L1,90", name="two.csv")
    counts = read([one, two])
    assert counts is not None
    assert counts.residents == {"L1": 90, "L2": 80}


def test_no_file_is_none() -> None:
    assert read([]) is None


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("LSOA11CD,population", "L1,90", "L2,"), r"population\.csv, row 2, field population: '' is not a number of"),
        (("LSOA11CD,population", "L1,-1"), r"row 1, field population: '-1'"),
        (("LSOA11CD,population", "L1,many"), r"row 1, field population: 'many'"),
        (("LSOA11CD,population", "L1,90", "L1,91"), r"row 2, field LSOA11CD: L1 stands twice, with 90 and 91"),
        (("LSOA11CD,males,females", "L1,1,2"), r"no column of residents"),
    ],
)
def test_a_wrong_count_is_named(tmp_path: Path, lines: tuple[str, ...], message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read([written(tmp_path, *lines)])


def test_an_lsoas_residents_follow_its_live_postcodes() -> None:
    found = spread({"L1": 100, "L2": 60}, [1, 3, 0, 2])
    assert found.residents.tolist() == [25, 75, 0, 60]
    assert (found.method, found.absent, found.dropped, found.repaired) == (BY_POSTCODES, (), (), ())


def test_an_lsoa_without_postcodes_is_divided_by_area_and_said() -> None:
    found = spread({"L1": 100, "L2": 60}, [1, 3, 0, 0])
    assert found.residents.tolist() == [25, 75, 15, 45]
    assert (found.repaired[0].count, found.repaired[0].examples) == (1, ("L2",))


def test_a_missing_lsoa_leaves_its_units_unknown_and_others_are_counted() -> None:
    found = spread({"L1": 100, "L9": 5}, [1, 1, 1, 1])
    assert found.residents[:2].tolist() == [50, 50]
    assert np.isnan(found.residents[2:]).all()
    assert "2 units have no count of residents (u3, u4)" in found.absent[0].effect
    assert (found.dropped[0].count, found.dropped[0].examples) == (1, ("L9",))


@pytest.mark.parametrize("by_unit", [True, False])
def test_counts_under_codes_of_another_vintage_are_as_good_as_none(by_unit: bool) -> None:
    found = spread({"X1": 10, "X2": 20}, [1, 1, 1, 1], by_unit=by_unit)
    assert (found.method, np.isnan(found.residents).all()) == (NONE, True)
    assert found.absent[0].what == "residents"
    assert "2 counts" in found.absent[0].effect


def test_counts_by_unit_are_taken_as_they_are() -> None:
    found = spread({"u1": 10, "u2": 20, "u3": 30, "u4": 0, "u9": 1}, [0, 0, 0, 0], by_unit=True)
    assert found.residents.tolist() == [10, 20, 30, 0]
    assert (found.method, found.dropped[0].count) == (BY_UNIT, 1)


def test_what_the_units_carry_themselves_comes_first() -> None:
    found = population_of_units(
        Counts({"L1": 9}, False, ()),
        unit_id=UNITS,
        unit_lsoa=LSOAS,
        unit_area_m2=AREAS,
        live_postcodes=np.ones(4, dtype=np.int64),
        given=np.array([1, 2, np.nan, 4]),
    )
    assert found.residents[[0, 1, 3]].tolist() == [1, 2, 4]
    assert (found.method, found.absent[0].what) == (GIVEN, "residents of some units")


def test_without_any_count_nothing_is_known() -> None:
    found = population_of_units(
        None,
        unit_id=UNITS,
        unit_lsoa=LSOAS,
        unit_area_m2=AREAS,
        live_postcodes=np.ones(4, dtype=np.int64),
        given=np.full(4, np.nan),
    )
    assert np.isnan(found.residents).all()
    assert (found.method, found.absent[0].what) == (NONE, "residents")


def test_a_unit_without_an_lsoa_stands_for_nothing() -> None:
    weight = weights_within_lsoa(np.array(["", "L1"]), np.array([1.0, 1.0]), np.array([5, 5]))
    assert np.isnan(weight[0])
    assert weight[1] == 1
    assert len(weights_within_lsoa(np.array([], dtype="U1"), np.empty(0), np.empty(0, dtype=int))) == 0


units = st.lists(
    st.tuples(st.sampled_from(["L1", "L2", "L3"]), st.floats(1, 1e7), st.integers(0, 60)), min_size=1, max_size=30
)


@given(units, st.tuples(*[st.integers(0, 4000)] * 3))
def test_the_total_of_each_lsoa_is_kept(made: list[tuple[str, float, int]], residents: tuple[int, int, int]) -> None:
    lsoa = np.array([unit[0] for unit in made])
    found = population_of_units(
        Counts(dict(zip(("L1", "L2", "L3"), map(float, residents), strict=True)), False, ()),
        unit_id=np.arange(len(made)).astype(str),
        unit_lsoa=lsoa,
        unit_area_m2=np.array([unit[1] for unit in made]),
        live_postcodes=np.array([unit[2] for unit in made]),
    )
    for code, expected in zip(("L1", "L2", "L3"), residents, strict=True):
        if (lsoa == code).any():
            assert found.residents[lsoa == code].sum() == pytest.approx(expected, abs=1e-6)
