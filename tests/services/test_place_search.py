"""Finding names, on a gazetteer of our own making."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from geo_policing.datasets.findings import STREETS_ABSENT
from geo_policing.datasets.tables import Table
from geo_policing.services.answers import Outcome
from geo_policing.services.lookup import lookup
from geo_policing.services.place_search import MOST_GUESSES, MOST_OPTIONS, PlaceIndex, place_index
from geo_policing.services.queries import parse_query, read_free_text
from geo_policing.services.view import View
from tests.support import tiny
from tests.support.views import view_of

NAN = float("nan")


def place(
    name: str, kind: str = "street", near: str = "", district: int = 0, population: float = NAN
) -> dict[str, Any]:
    return {"name": name, "kind": kind, "near": near, "district": district, "population": population}


PLACES = [
    place("Westham", "district"),
    place("Westham", "settlement", population=9000),
    place("Westham", "ward"),
    place("Saint Osyth", "settlement", near="Westham", population=300),
    place("St Osyth Road", near="Westham"),
    place("Mill Road", near="Westham"),
    place("Mill Road", near="Fen End", district=1),
    place("Mill Road", near="Farham Green", district=2),
    place("Millington Lane", near="Westham"),
    place("High Street", near="Fen End", district=1),
    place("Queen’s Parade & Arches", near="Westham"),
    place("Château Gardens", near="Westham"),
    place("Fen End", "settlement", near="", district=1, population=800),
    place("Eel Pie", "settlement", near="", district=-1),
]


def view_with(tmp_path: Path, places: list[dict[str, Any]], shares: list[tuple[int, int, float]] | None = None) -> View:
    table = Table.of(
        "places",
        id=[f"p{i:02}" for i in range(len(places))],
        easting=[540_500.0] * len(places),
        northing=[260_500.0] * len(places),
        accuracy_m=[100.0] * len(places),
        **{key: [p[key] for p in places] for key in ("name", "kind", "near", "district", "population")},
    )
    rows = shares or []
    place_units = Table.of(
        "place_units", place=[r[0] for r in rows], unit=[r[1] for r in rows], share=[r[2] for r in rows]
    )
    changed = {"places": table, "place_units": place_units}
    return view_of(tiny.write_tiny(tmp_path, changed_tables=changed))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> PlaceIndex:
    return place_index(view_with(tmp_path_factory.mktemp("places"), PLACES).dataset)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("westham", [1]),  # the town; its ward and district of the same name are not asked about
        ("St. Osyth", [3]),
        ("Saint Osyth Rd", [4]),
        ("Mill Road", [5, 6, 7]),
        ("Mill Road, Fen End", [6]),
        ("mill rd fen end", [6]),
        ("12 Mill Road, Eastham", [6]),
        ("Flat 2, 12 Mill Road", [5, 6, 7]),
        ("Mill Road, Farham", [7]),
        ("high st fen end", [9]),
        ("queens parade and arches", [10]),
        ("Chateau Gdns", [11]),
        ("Fen End, Tiny", [12]),
        ("EEL PIE", [13]),
    ],
)
def test_names_as_people_write_them(index: PlaceIndex, text: str, rows: list[int]) -> None:
    found = index.search(text)
    assert sorted(found.rows) == rows
    assert found.as_written or text.startswith("Flat")


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("millin", [8]),
        ("parade", [10]),
        ("mill roda, fen end", [6]),
        ("millngton lane", [8]),
        ("Mill Ro, Westham", [5]),
        ("Westam", [1]),
        ("fenend", [12]),
        ("mill raod", [5, 6, 7]),
    ],
)
def test_beginnings_and_slips_are_guesses(index: PlaceIndex, text: str, rows: list[int]) -> None:
    found = index.search(text)
    assert sorted(found.rows) == rows
    assert not found.as_written


@pytest.mark.parametrize("text", ["", "…", "zz", "qqqqqqqq", "x" * 200, "🎉", ", ,", "12"])
def test_nothing_is_found_where_nothing_is_meant(index: PlaceIndex, text: str) -> None:
    assert index.search(text).rows == ()


def test_suggestions_are_the_likeliest_names(index: PlaceIndex) -> None:
    assert index.search("Mill Road, London").suggestions == (5, 6, 7)
    assert 8 in index.search("Milington Avenue").suggestions
    assert len(index.search("Road").suggestions) <= 5


def test_what_tells_places_apart_may_be_misspelt_but_what_fits_goes_before(index: PlaceIndex) -> None:
    assert index.search("Mill Road, Fen Ende").rows == (6,)
    assert index.search("Mill Road, Westham").rows == (5,)


def test_many_of_one_name_are_cut_and_counted(tmp_path: Path) -> None:
    many = [place("High Street", near=f"Town {i:03}") for i in range(MOST_OPTIONS + 5)]
    view = view_with(tmp_path, many)
    found = place_index(view.dataset).search("High Street")
    assert (len(found.rows), found.more) == (MOST_OPTIONS, 5)
    assert len(place_index(view.dataset).search("High").rows) == MOST_GUESSES
    answer = lookup(view, parse_query({"place": "high st"}))
    assert answer.outcome is Outcome.AMBIGUOUS
    assert answer.message.startswith("35 places are called High Street; the first 30 are listed.")


def test_several_names_for_one_beginning(tmp_path: Path) -> None:
    view = view_with(tmp_path, PLACES)
    answer = lookup(view, parse_query({"place": "mill"}))
    assert answer.outcome is Outcome.AMBIGUOUS
    assert "may mean several places" in answer.message


def test_stretches_of_one_street_in_one_beat_need_no_question(tmp_path: Path) -> None:
    stretches = [place("Long Lane", near="Fen End"), place("Long Lane", near="Fen End")]
    same = view_with(tmp_path / "same", stretches, [(0, 0, 1.0), (1, 4, 1.0)])
    answer = lookup(same, parse_query({"place": "Long Lane"}))
    assert (answer.outcome, answer.candidates[0].beat.slug) == (Outcome.ONE, "abbey-westham")
    differ = view_with(tmp_path / "differ", stretches, [(0, 0, 1.0), (1, 1, 1.0)])
    assert lookup(differ, parse_query({"place": "Long Lane"})).outcome is Outcome.AMBIGUOUS


def test_no_places_at_all(tmp_path: Path) -> None:
    view = view_with(tmp_path, [])
    answer = lookup(view, parse_query({"place": "Anywhere"}))
    assert (answer.outcome, answer.places) == (Outcome.NOT_FOUND, ())


def test_a_guess_is_shown_as_a_correction(tmp_path: Path) -> None:
    answer = lookup(view_with(tmp_path, PLACES), parse_query({"place": "millngton lane"}))
    assert answer.correction is not None
    assert (answer.correction.typed, answer.correction.read_as) == ("millngton lane", "Millington Lane, Westham")


@pytest.mark.parametrize(
    ("address", "rows"),
    [
        ("12 Nowhere Road, Fen End", [12]),
        ("12 Nowhere Road, Fen End, Westham", [12, 1]),  # the town, neither its ward nor its district
        ("12 Nowhere Road saint osyth", [3]),
        ("Nowhere Road", []),
        ("Fen End", []),  # nothing before it that could be a street
        ("Fen End Road, Elsewhere", []),
        ("", []),
    ],
)
def test_the_towns_that_an_address_names(index: PlaceIndex, address: str, rows: list[int]) -> None:
    assert list(index.towns_in(address)) == rows


@pytest.mark.parametrize("approximate", [True, False])
def test_data_without_streets_offers_the_town_of_an_address(tmp_path: Path, approximate: bool) -> None:
    absent = [{"what": STREETS_ABSENT, "effect": ""}]
    view = view_of(tiny.write_tiny(tmp_path, absent=absent, approximate=approximate))
    answer = lookup(view, read_free_text("12 Nowhere Lane, Fen End"))
    assert (answer.outcome, [option.id for option in answer.places]) == (Outcome.NOT_FOUND, ["fen-end"])
    assert answer.message.startswith("Our data has no names of streets, so it cannot find “12 Nowhere Lane, Fen End”.")
    # Approximate data knows a handful of postcodes, so to try one is no advice.
    assert ("postcode" in answer.message) is not approximate


def test_data_with_streets_says_that_it_has_no_such_street(tmp_path: Path) -> None:
    answer = lookup(view_of(tiny.write_tiny(tmp_path)), read_free_text("12 Nowhere Lane, Fen End"))
    assert "Our data has no place or street called" in answer.message
