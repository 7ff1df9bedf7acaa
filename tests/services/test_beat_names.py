"""Names by place for beats that would otherwise be called by a code."""

from __future__ import annotations

import pytest

from geo_policing.datasets.tables import Table
from geo_policing.services.suggested_beats import suggest_beats
from tests.services.test_suggested_beats import NO_PLACES, NO_POSTCODES, NO_WARDS, in_memory, postcodes, units
from tests.support import tiny

# name, kind, easting, northing, residents, district row, {unit row: share}
Settlement = tuple[str, str, float, float, float, int, dict[int, float]]
ELY: Settlement = ("Ely", "settlement", 541_000, 260_500, 900, 0, {0: 0.5, 1: 0.5})
MOOR: Settlement = ("Moor", "settlement", 541_500, 261_500, 100, 0, {1: 1.0})
FARM: Settlement = ("Farm", "settlement", 542_500, 260_500, tiny.NAN, 1, {2: 1.0})


def places(*settlements: Settlement) -> dict[str, Table]:
    rows = [
        (f"p{i}", name, kind, "", e, n, 100, residents, district)
        for i, (name, kind, e, n, residents, district, _) in enumerate(settlements)
    ]
    shares = [(i, unit, share) for i, place in enumerate(settlements) for unit, share in place[-1].items()]
    return {"places": tiny._rows("places", rows), "place_units": tiny._rows("place_units", shares)}


def names(**changed: Table) -> list[str]:
    """Names of beats made of three wards known by code: u1 and u5, u2 and u6, and all of Eastham."""
    codes = postcodes((540_500, 260_500, "W1", 0), (541_500, 260_500, "W2", 1), (542_500, 260_500, "W3", 2))
    dataset = in_memory(units=units(), postcodes=codes, **NO_WARDS, **changed)
    return [beat.name for beat in suggest_beats(dataset).beats]


def test_the_settlement_with_most_residents_gives_the_name_and_a_number_where_several_share_it() -> None:
    assert names(**places(ELY, MOOR, FARM)) == ["Ely 1", "Ely 2", "Farm"]


def test_residents_count_and_not_the_size_of_the_whole_place() -> None:
    small_part = (*ELY[:-1], {0: 0.99, 1: 0.01})
    assert names(**places(small_part, MOOR, FARM)) == ["Ely", "Moor", "Farm"]


def test_equals_go_by_name() -> None:
    assert names(**places(MOOR, ("Aldreth", *MOOR[1:]), FARM))[0] == "Aldreth"


def test_a_beat_without_a_settlement_is_near_one_of_its_own_district() -> None:
    # Farm is nearer to u2 than Hide is, but lies in the other district.
    hide: Settlement = ("Hide", "settlement", 540_100, 260_100, 50, 0, {0: 1.0})
    assert names(**places(hide, FARM)) == ["Hide", "Near Hide", "Farm"]


def test_without_any_settlement_the_code_stays() -> None:
    street: Settlement = ("High Street", "street", 540_500, 260_500, tiny.NAN, 0, {0: 1.0})
    assert names(**places(street, FARM)) == ["Ward W1", "Ward W2", "Farm"]
    assert names(**NO_PLACES) == ["Ward W1", "Ward W2", "Ward W3"]


def test_groups_of_lsoas_are_named_by_place_too() -> None:
    dataset = in_memory(units=units(), **NO_WARDS, **NO_POSTCODES, **places(ELY, FARM))
    assert [beat.name for beat in suggest_beats(dataset).beats] == ["Ely", "Farm", "Near Farm"]


@pytest.mark.parametrize("suggested", ["Abbey", ""])
def test_names_that_people_live_by_are_kept(suggested: str) -> None:
    dataset = in_memory(units=units(suggested_beat=[suggested] * 8), **places(ELY, FARM))
    assert not {"Ely", "Farm"} & {beat.name for beat in suggest_beats(dataset).beats}
