"""Reading parameters and free text."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.errors import InvalidInputError
from geo_policing.services.queries import (
    GridRefQuery,
    PlaceIdQuery,
    PlaceQuery,
    PointQuery,
    PostcodeQuery,
    parse_query,
    read_free_text,
)
from geo_policing.services.query_values import LONGEST_VALUE


@pytest.mark.parametrize(
    ("params", "kind", "asked"),
    [
        ({"postcode": "cb11jg"}, PostcodeQuery, "CB1 1JG"),
        ({"lat": "52.2", "lon": "-0.25"}, PointQuery, "52.20000, -0.25000"),
        ({"lat": " 5.22e1 ", "lon": "+.1"}, PointQuery, "52.20000, 0.10000"),
        ({"easting": "545000", "northing": "258000.4"}, PointQuery, "545000, 258000"),
        ({"grid_ref": "tl4558"}, GridRefQuery, "TL 45 58"),
        ({"grid_ref": "TL"}, GridRefQuery, "TL"),
        ({"place": " Mill \t Road\u200b "}, PlaceQuery, "Mill Road"),
        ({"place_id": "mill-road"}, PlaceIdQuery, "mill-road"),
    ],
)
def test_each_kind_is_read(params: dict[str, str], kind: type[Any], asked: str) -> None:
    query = parse_query(params)
    assert isinstance(query, kind)
    assert query.asked == asked
    assert query.as_of is None
    assert parse_query({**params, "as_of": "2026-03-31"}).as_of == date(2026, 3, 31)


@pytest.mark.parametrize(
    ("params", "field", "said"),
    [
        ({}, None, "Nothing was asked"),
        ({"as_of": "2026-01-01"}, None, "Nothing was asked"),
        ({"q": "x"}, "q", "not a parameter"),
        ({"postcode": "CB1 1JG", "bogus": ""}, "bogus", "not a parameter"),
        ({"postcode": "CB1 1JG", "place": "Ely"}, "place", "at once"),
        ({"lat": "52", "easting": "1"}, "easting", "at once"),
        ({"lat": "52"}, "lon", "lon is missing"),
        ({"northing": "52"}, "easting", "easting is missing"),
        ({"postcode": ""}, "postcode", "empty"),
        ({"place": " \u200b\t"}, "place", "empty"),
        ({"place": "a\x00b"}, "place", "no text"),
        ({"place": "a\ud800b"}, "place", "no text"),
        ({"place": "x" * (LONGEST_VALUE + 1)}, "place", "201 characters"),
        ({"place": "x" * 10_000_000}, "place", "10,000,000 characters"),
        ({"place": 3}, "place", "not text"),
        ({"lat": "nan", "lon": "0"}, "lat", "not a number"),
        ({"lat": "52", "lon": "inf"}, "lon", "not a number"),
        ({"lat": "1e999", "lon": "0"}, "lat", "not in Great Britain"),
        ({"lat": "1_000", "lon": "0"}, "lat", "not a number"),
        ({"lat": "٥٢", "lon": "0"}, "lat", "not a number"),
        ({"lat": "52,2", "lon": "0"}, "lat", "point, not a comma"),
        ({"lat": "0.1", "lon": "52.2"}, "lat", "swapped"),
        ({"lat": "48.85", "lon": "2.35"}, "lat", "not in Great Britain"),
        ({"lat": "52.2", "lon": "13.4"}, "lon", "not in Great Britain"),
        ({"lat": "545000", "lon": "258000"}, "lat", "easting and northing"),
        ({"lat": "258000", "lon": "545000"}, "lat", "easting and northing"),
        ({"easting": "52.2", "northing": "0.1"}, "easting", "lat and lon"),
        ({"easting": "0.1", "northing": "52.2"}, "easting", "lat and lon"),
        ({"easting": "1045000", "northing": "258000"}, "easting", "swapped"),
        ({"easting": "-1", "northing": "258000"}, "easting", "off the National Grid"),
        ({"easting": "545000", "northing": "1300001"}, "northing", "off the National Grid"),
        ({"easting": "9" * 150, "northing": "1"}, "easting", "off the National Grid"),
        ({"grid_ref": "TL 4"}, "grid_ref", "as many digits"),
        ({"place": "Ely", "as_of": "31/03/2026"}, "as_of", "2026-03-31"),
        ({"place": "Ely", "as_of": "2026-02-30"}, "as_of", "not a day"),
        ({"place": "Ely", "as_of": "9999-01-01"}, "as_of", "1900 to 2200"),
        ({"place": "Ely", "as_of": ""}, "as_of", "empty"),
        ({"place": "Ely", "as_of": "20260331"}, "as_of", "not a day"),
    ],
)
def test_bad_input_names_the_field_and_the_remedy(params: dict[str, Any], field: str | None, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said) as caught:
        parse_query(params)
    assert caught.value.field == field
    assert len(str(caught.value)) < 400


@given(
    st.dictionaries(
        st.sampled_from(
            ["postcode", "lat", "lon", "easting", "northing", "grid_ref", "place", "place_id", "as_of", "x"]
        ),
        st.one_of(st.text(), st.floats().map(str), st.sampled_from(["52.2", "0.1", "TL45", "2026-01-01", "CB1 1JG"])),
        max_size=3,
    )
)
def test_any_parameters_are_read_or_refused(params: dict[str, str]) -> None:
    try:
        query = parse_query(params)
    except InvalidInputError as refused:
        said = str(refused)
    else:
        said = query.asked
    assert said.strip()


@pytest.mark.parametrize(
    ("text", "kind", "asked"),
    [
        ("CB1 1JG", PostcodeQuery, "CB1 1JG"),
        ("cb1 ijg", PostcodeQuery, "CB1 1JG"),
        ("12 Mill Road, Cambridge CB1 2AZ", PostcodeQuery, "CB1 2AZ"),
        ("Mill Road,CB12AZ", PostcodeQuery, "CB1 2AZ"),
        ("12 High Street, Soham, CB7 5ED", PostcodeQuery, "CB7 5ED"),
        ("CB1 1JG, Cambridge", PostcodeQuery, "CB1 1JG"),
        ("cb11jg cambridge", PostcodeQuery, "CB1 1JG"),
        ("CB1 1JG ; 12 Mill Road", PostcodeQuery, "CB1 1JG"),
        ("CB1 1JG 12", PostcodeQuery, "CB1 1JG"),
        ("CB1 1JG, Cambridge CB1 2AZ", PostcodeQuery, "CB1 2AZ"),
        ("B1 1ST, Birmingham", PostcodeQuery, "B1 1ST"),
        ("B1 1st Avenue", PlaceQuery, "B1 1st Avenue"),
        ("E1 2nd Street, Upwood", PlaceQuery, "E1 2nd Street, Upwood"),
        ("CB1 Business Park", PlaceQuery, "CB1 Business Park"),
        ("QQ1 1AA, Nowhere", PlaceQuery, "QQ1 1AA, Nowhere"),
        ("B1102 The Street", PlaceQuery, "B1102 The Street"),
        ("CB1 1JGs Farm", PlaceQuery, "CB1 1JGs Farm"),
        ("tl 45 58", GridRefQuery, "TL 45 58"),
        ("TL45", GridRefQuery, "TL 4 5"),
        ("52.2, 0.13", PointQuery, "52.20000, 0.13000"),
        ("(52.2 0.13)", PointQuery, "52.20000, 0.13000"),
        ("52 0", PointQuery, "52.00000, 0.00000"),
        ("52.2°N 0.12°W", PointQuery, "52.20000, -0.12000"),
        ("0.12W, 52.2N", PointQuery, "52.20000, -0.12000"),
        ("545000,258000", PointQuery, "545000, 258000"),
        ("E 545000 N 258000", PointQuery, "545000, 258000"),
        ("Mill Road", PlaceQuery, "Mill Road"),
        ("5th Avenue", PlaceQuery, "5th Avenue"),
        ("A14", PlaceQuery, "A14"),
        ("1 2", PlaceQuery, "1 2"),
        ("🎉", PlaceQuery, "🎉"),
    ],
)
def test_free_text_is_told_apart(text: str, kind: type[Any], asked: str) -> None:
    query = read_free_text(text)
    assert isinstance(query, kind)
    assert query.asked == asked


def test_free_text_that_may_be_more_than_one_thing() -> None:
    slips = read_free_text("cbi ijg")
    assert isinstance(slips, PlaceQuery)
    assert slips.or_postcode is not None
    assert str(slips.or_postcode.postcode) == "CB1 1JG"
    # Wherever no street is called so, it may still be the postcode before a town.
    ordinal = read_free_text("B1 1st Birmingham")
    assert isinstance(ordinal, PlaceQuery)
    assert str(ordinal.or_postcode and ordinal.or_postcode.postcode) == "B1 1ST"
    for text, said in (("CB1", "first half"), ("SE10", "first half"), ("K1A 0B1", "Canada"), ("CB1 1J", "missing")):
        query = read_free_text(text)
        assert isinstance(query, PlaceQuery)
        assert said in query.if_unknown


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "What you typed is empty"),
        ("\x00", "What you typed holds characters that are no text"),
        ("x" * 300, "What you typed is too long: 300 characters, and at most 200 are read"),
        ("0.13, 52.2", "swapped"),
        ("48.85, 2.35", "not in Great Britain"),
        ("75008", "another country"),
        ("BFPO 16", "British Forces"),
        ("1045000 258000", "swapped"),
    ],
)
def test_free_text_that_is_refused(text: str, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        read_free_text(text)


@given(st.text())
def test_any_free_text_is_read_or_refused(text: str) -> None:
    try:
        said = read_free_text(text).asked
    except InvalidInputError as refused:
        said = str(refused)
    assert said.strip()
