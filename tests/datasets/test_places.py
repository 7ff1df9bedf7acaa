"""Settlements, wards, districts and streets over the tiny world, worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.datasets.gazetteer import Gazetteer
from geo_policing.datasets.named_areas import settlement_radius_m
from geo_policing.datasets.place_drafts import Laid
from geo_policing.datasets.places import Places, build_places
from geo_policing.datasets.tables import Table
from tests.datasets.postcode_makers import postcode_table
from tests.support import tiny

NAN = float("nan")
W, S = tiny.WEST, tiny.SOUTH
NO_PLACES = Gazetteer(*(np.empty(0, dtype=kind) for kind in ("U1", "U1", float, float, float, float)))


def gazetteer(*entries: tuple[str, float, float, float]) -> Gazetteer:
    """Settlements from (name, easting, northing, population)."""
    names, e, n, population = zip(*entries, strict=True)
    return Gazetteer(
        key=np.array([f"geonames-{i}" for i in range(len(names))]),
        name=np.array(names),
        easting=np.array(e, dtype=float),
        northing=np.array(n, dtype=float),
        population=np.array(population, dtype=float),
        radius_m=np.full(len(names), NAN),
    )


def roads(*entries: tuple[str, list[tuple[float, float]]]) -> Table:
    """Roads from (name, points)."""
    return Table.of(
        "roads",
        way_id=range(len(entries)),
        name=[name for name, _ in entries],
        ref=[""] * len(entries),
        highway=["residential"] * len(entries),
        geometry=[shapely.LineString(points) for _, points in entries],
    )


def built(
    *, names: Gazetteer = NO_PLACES, lines: Table | None = None, changes: dict[str, Table] | None = None, **given: Any
) -> Places:
    tables = {**tiny.tables(), **(changes or {})}
    return build_places(
        units=tables["units"],
        districts=tables["districts"],
        wards=tables["wards"],
        postcodes=tables["postcodes"],
        roads=lines if lines is not None else Table.empty("roads"),
        gazetteer=names,
        **given,
    )


def shares(found: Places, place_id: str) -> dict[int, float]:
    row = found.places["id"].tolist().index(place_id)
    mine = found.place_units["place"] == row
    units = found.place_units["unit"][mine].tolist()
    return dict(zip(units, found.place_units["share"][mine].round(6).tolist(), strict=True))


def row_of(found: Places, place_id: str) -> dict[str, Any]:
    row = found.places["id"].tolist().index(place_id)
    return {name: found.places[name][row].item() for name in found.places.columns}


def of_kind(found: Places, kind: str) -> list[str]:
    return found.places["id"][found.places["kind"] == kind].tolist()


def test_a_radius_is_that_of_the_disc_its_residents_fill() -> None:
    # 3,500 residents fill 1 km², whose disc has a radius of 564.19 m.
    radius_m = settlement_radius_m(np.array([3500, 14_000, 10, NAN, NAN, 9e6]), np.array([NAN, 1, NAN, 700, NAN, NAN]))
    assert radius_m == pytest.approx([564.19, 1128.38, 300, 700, 500, 8000], abs=0.01)


def test_a_settlement_is_shared_by_the_residents_its_disc_holds() -> None:
    # Unit 0 has 100 residents in 2 postcodes, unit 1 has 100 in one; the disc holds one of each.
    points = postcode_table(("A", W + 900, S + 500, 0), ("B", W + 100, S + 900, 0), ("C", W + 1100, S + 500, 1))
    found = built(names=gazetteer(("Midtown", W + 950, S + 500, 100)), changes={"postcodes": points})
    assert shares(found, "settlement-midtown-westham") == {0: round(50 / 150, 6), 1: round(100 / 150, 6)}
    assert row_of(found, "settlement-midtown-westham") == {
        "id": "settlement-midtown-westham",
        "name": "Midtown",
        "kind": "settlement",
        "near": "Westham",
        "easting": W + 950.0,
        "northing": S + 500.0,
        "accuracy_m": 300.0,
        "population": 100.0,
        "district": 0,
    }


def test_what_a_disc_holds_over_the_border_counts_in_the_whole_only() -> None:
    east = W + 4000
    points = postcode_table(("A", east - 100, S + 500, 3), ("B", east + 100, S + 500, -1))
    found = built(names=gazetteer(("Rim", east - 10, S + 500, 100)), changes={"postcodes": points})
    assert shares(found, "settlement-rim-eastham") == {3: 0.5}


def test_a_disc_without_postcodes_means_the_unit_of_its_point() -> None:
    found = built(names=gazetteer(("Lonely", W + 2500, S + 1800, NAN)))
    assert shares(found, "settlement-lonely-eastham") == {6: 1.0}


def test_large_users_and_terminated_postcodes_are_no_homes() -> None:
    points = postcode_table(
        ("A", W + 500, S + 500, 0),
        ("B", W + 500, S + 500, 1),
        ("C", W + 500, S + 500, 2),
        large_user=[False, True, False],
        status=[0, 0, 1],
    )
    found = built(names=gazetteer(("Town", W + 500, S + 500, NAN)), changes={"postcodes": points})
    assert shares(found, "settlement-town-westham") == {0: 1.0}


def test_a_settlement_over_the_border_has_that_district_and_no_units() -> None:
    found = built(names=gazetteer(("Away", W + 4100, S + 500, 9000), ("Nowhere", W + 9000, S, 9000)))
    assert (shares(found, "settlement-away-farham"), row_of(found, "settlement-away-farham")["district"]) == ({}, 2)
    assert (shares(found, "settlement-nowhere"), row_of(found, "settlement-nowhere")["district"]) == ({}, -1)


def test_given_units_are_what_a_settlement_means() -> None:
    names = gazetteer(("Town", W + 500, S + 500, 9000), ("Away", W + 4100, S + 500, 9000))
    given = {"geonames-0": ("u1", "u5", "u99"), "geonames-1": ("u4",), "geonames-7": ("u2",)}
    found = built(names=names, units_of_place=given)
    assert shares(found, "settlement-town-westham") == {0: 0.5, 4: 0.5}
    assert shares(found, "settlement-away-farham") == {}


def test_wards_take_their_best_fit_units_by_residents() -> None:
    units = dict(tiny.tables()["units"].columns) | {"population": np.array([300.0, 1, 1, 1, 100, 1, 1, 1])}
    found = built(changes={"units": Table(units)})
    assert shares(found, "ward-abbey-westham") == {0: 0.75, 4: 0.25}
    ward = row_of(found, "ward-abbey-westham")
    assert (ward["population"], ward["district"], ward["near"]) == (400, 0, "Westham")
    assert ward["accuracy_m"] == round((2e6 / np.pi) ** 0.5)


def test_postcodes_decide_a_units_ward_before_its_ground_does() -> None:
    # Three quarters of unit 0 lie in the first ward, but its postcodes lie in the second.
    wards = Table.of(
        "wards",
        code=["W1", "W2"],
        name=["Ground", "Homes"],
        geometry=[shapely.box(W, S, W + 750, S + 2000), shapely.box(W + 750, S, W + 4000, S + 2000)],
    )
    points = postcode_table(("A", W + 900, S + 500, 0), ("B", W + 950, S + 500, 0), ("C", W + 100, S + 500, 0))
    laid = Laid(
        **{n: t for n, t in tiny.tables().items() if n in ("units", "districts")}, wards=wards, postcodes=points
    )
    assert laid.ward_of_unit.tolist() == [1, 1, 1, 1, 0, 1, 1, 1]


def test_a_ward_that_no_unit_fits_best_has_the_unit_of_its_point() -> None:
    wards = Table.of(
        "wards",
        code=["W1", "W2"],
        name=["All", "Corner"],
        geometry=[shapely.box(W, S, W + 4000, S + 2000), shapely.box(W, S, W + 10, S + 10)],
    )
    assert shares(built(changes={"wards": wards}), "ward-corner-westham") == {0: 1.0}


def test_districts_are_shared_by_residents_and_those_outside_have_no_units() -> None:
    found = built()
    assert shares(found, "district-eastham") == {2: 0.25, 3: 0.25, 6: 0.25, 7: 0.25}
    assert shares(found, "district-farham") == {}
    assert np.isnan(row_of(found, "district-farham")["population"])
    assert row_of(found, "district-eastham")["population"] == 400


def test_without_residents_units_weigh_by_postcodes_and_else_alike() -> None:
    unknown = Table(dict(tiny.tables()["units"].columns) | {"population": np.full(8, NAN)})
    few = built(changes={"units": unknown})
    assert shares(few, "ward-abbey-westham") == {0: 0.5, 4: 0.5}
    many = postcode_table(*((f"P{i}", W + 500, S + (500 if i < 6 else 1500), 0 if i < 6 else 4) for i in range(8)))
    assert shares(built(changes={"units": unknown, "postcodes": many}), "ward-abbey-westham") == {0: 0.75, 4: 0.25}


def test_a_few_unknown_units_weigh_as_much_as_the_median() -> None:
    population = np.array([NAN, 10, 20, 30, 60, 40, 50, 60.0])
    few = Table(dict(tiny.tables()["units"].columns) | {"population": population})
    # The median of 10, 20, 30, 40, 50, 60 and 60 is 40.
    assert shares(built(changes={"units": few}), "ward-abbey-westham") == {0: 0.4, 4: 0.6}


def test_a_place_whose_units_weigh_nothing_is_shared_alike() -> None:
    empty = Table(dict(tiny.tables()["units"].columns) | {"population": np.array([0, 9, 9, 9, 0, 9, 9, 9.0])})
    assert shares(built(changes={"units": empty}), "ward-abbey-westham") == {0: 0.5, 4: 0.5}


def test_a_street_is_shared_by_length() -> None:
    found = built(lines=roads(("Mill Road", [(W + 700, S + 500), (W + 1100, S + 500)])))
    assert shares(found, "street-mill-road-abbey") == {0: 0.75, 1: 0.25}
    street = row_of(found, "street-mill-road-abbey")
    assert (street["easting"], street["northing"], street["accuracy_m"]) == (W + 900, S + 500, 200)
    assert (street["near"], street["district"]) == ("Abbey", 0)


def test_stretches_of_one_name_hang_together_within_300_metres() -> None:
    e = W + 100
    lines = roads(
        ("Mill Road", [(e, S + 100), (e, S + 200)]),
        ("MILL ROAD", [(e, S + 500), (e, S + 600)]),
        ("Mill Road", [(e, S + 901), (e, S + 950)]),
        ("Hill Road", [(e, S + 400), (e, S + 300)]),
        ("", [(e, S), (e, S + 950)]),
    )
    found = built(lines=lines, names=gazetteer(("Town", W + 500, S + 500, NAN)))
    assert of_kind(found, "street") == ["street-hill-road-town", "street-mill-road-town-abbey-ward"]
    assert [f.what for f in found.dropped] == ["places of one name that mean the same units"]
    apart = built(lines=roads(("A", [(e, S + 1), (e, S + 2)]), ("A", [(W + 3900, S + 1), (W + 3900, S + 2)])))
    assert of_kind(apart, "street") == ["street-a-abbey", "street-a-fen-end"]


def test_a_name_in_two_parts_is_two_streets() -> None:
    found = built(lines=roads(("King Street; Queen Street", [(W + 1, S + 1), (W + 9, S + 1)])))
    assert of_kind(found, "street") == ["street-king-street-abbey", "street-queen-street-abbey"]


def test_a_street_along_a_shared_boundary_belongs_to_both_sides() -> None:
    found = built(lines=roads(("Border Way", [(W + 1000, S + 100), (W + 1000, S + 900)])))
    assert shares(found, "street-border-way-abbey") == {0: 0.5, 1: 0.5}


def test_a_street_out_of_the_force_sums_to_less_than_one() -> None:
    found = built(lines=roads(("Out Lane", [(W + 3700, S + 500), (W + 4100, S + 500)])))
    assert shares(found, "street-out-lane-fen-end") == {3: 0.75}
    assert row_of(found, "street-out-lane-fen-end")["easting"] <= W + 4000


def test_a_street_over_the_border_has_no_units_and_one_beyond_is_not_listed() -> None:
    found = built(
        lines=roads(
            ("Far Lane", [(W + 4500, S + 500), (W + 4600, S + 500)]),
            ("Further Lane", [(W + 9500, S + 500), (W + 9600, S + 500)]),
        )
    )
    assert of_kind(found, "street") == ["street-far-lane-farham"]
    assert shares(found, "street-far-lane-farham") == {}


def test_a_road_out_of_town_belongs_where_most_of_it_lies() -> None:
    # 1,600 m in Westham's units 0 and 1, 900 m in Eastham's unit 2, which has the largest part of any one unit.
    found = built(lines=roads(("Long Road", [(W + 300, S + 500), (W + 2900, S + 500)])))
    assert row_of(found, "street-long-road-market")["district"] == 0


def test_the_nearest_settlement_in_the_district_tells_streets_apart() -> None:
    names = gazetteer(("Here", W + 1500, S + 500, 900), ("There", W + 2100, S + 500, 900))
    found = built(lines=roads(("Lane", [(W + 1900, S + 500), (W + 1950, S + 500)])), names=names)
    assert row_of(found, "street-lane-here")["near"] == "Here"


def test_namesakes_near_one_settlement_are_told_apart_by_ward() -> None:
    lines = roads(("Lane", [(W + 100, S + 1), (W + 200, S + 1)]), ("Lane", [(W + 1900, S + 1), (W + 1950, S + 1)]))
    found = built(lines=lines, names=gazetteer(("Town", W + 1000, S + 1000, 900)))
    assert of_kind(found, "street") == ["street-lane-town-abbey-ward", "street-lane-town-market-ward"]


def test_without_wards_or_settlements_the_district_tells() -> None:
    found = built(lines=roads(("Lane", [(W + 100, S + 1), (W + 200, S + 1)])), changes={"wards": Table.empty("wards")})
    assert of_kind(found, "street") == ["street-lane-westham"]
    assert of_kind(found, "ward") == []


def test_a_repeated_place_is_kept_once_as_the_settlement() -> None:
    found = built(names=gazetteer(("Abbey", W + 500, S + 500, NAN)), units_of_place={"geonames-0": ("u1", "u5")})
    westham_abbey = [i for i in found.places["id"].tolist() if i.endswith("abbey-westham")]
    assert westham_abbey == ["settlement-abbey-westham"]
    assert found.dropped[0].examples == ("Abbey (ward)",)


def test_ids_are_unique_even_for_equal_names() -> None:
    names = gazetteer(*(("Same", W + 500 + i, S + 500, NAN) for i in (2, 1, 0)), ("?!", W + 2500, S + 1500, NAN))
    given = {"geonames-0": ("u1",), "geonames-1": ("u2",), "geonames-2": ("u5",)}
    found = built(names=names, units_of_place=given)
    assert of_kind(found, "settlement") == [
        "settlement-same-westham",
        "settlement-same-westham-2",
        "settlement-same-westham-3",
        "settlement-unnamed",
    ]
    assert row_of(found, "settlement-same-westham")["easting"] == W + 500


def test_what_is_lacking_is_said() -> None:
    assert [a.what for a in built().absent] == ["names of settlements", "names of streets"]
    whole = built(names=gazetteer(("Town", W + 500, S + 500, 9)), lines=roads(("A", [(W + 1, S), (W + 2, S)])))
    assert whole.absent == ()


def test_no_neighbours_no_postcodes_and_no_wards_are_no_trouble() -> None:
    tables = tiny.tables()
    inside = Table({name: values[:2] for name, values in tables["districts"].columns.items()})
    found = built(
        names=gazetteer(("Town", W + 500, S + 500, 9), ("Away", W + 4100, S + 500, 9)),
        changes={
            "districts": inside,
            "wards": Table.empty("wards"),
            "postcodes": Table.empty("postcodes"),
        },
    )
    assert shares(found, "settlement-town-westham") == {0: 1.0}
    assert row_of(found, "settlement-away")["district"] == -1


line = st.tuples(
    st.sampled_from(["A", "B"]),
    st.integers(-500, 4900),
    st.integers(-500, 2400),
    st.integers(-900, 900),
    st.integers(1, 900),
)


@given(st.lists(line, max_size=8), st.randoms(use_true_random=False))
def test_shares_hold_together_and_ignore_the_order_of_roads(
    made: list[tuple[str, int, int, int, int]], random: Any
) -> None:
    entries = [(name, [(W + e, S + n), (W + e + de, S + n + dn)]) for name, e, n, de, dn in made]
    found = built(lines=roads(*entries))
    total = np.bincount(found.place_units["place"], found.place_units["share"], len(found.places))
    assert (total <= 1 + 1e-9).all()
    assert (found.place_units["share"] > 0).all()
    ids = found.places["id"].tolist()
    assert ids == sorted(set(ids))
    random.shuffle(entries)
    again = built(lines=roads(*entries))
    assert again.places["id"].tolist() == ids
    assert again.place_units["unit"].tolist() == found.place_units["unit"].tolist()
