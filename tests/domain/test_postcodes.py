"""Reading postcodes as people type them."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.domain.postcodes import (
    AREAS,
    Postcode,
    foreign_origin,
    is_outward_only,
    read_postcode,
    shown,
    what_else,
)
from geo_policing.errors import InvalidInputError

INWARD_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"


@pytest.mark.parametrize(
    "typed",
    ["CB1 1JG", "cb11jg", " c b 1 1 j g ", "CB1-1JG", "(CB1.1JG)", "CB11 JG", "ＣＢ１ １ＪＧ", "Cb1\u00a01jG"],
)
def test_case_spaces_and_punctuation_are_no_correction(typed: str) -> None:
    reading = read_postcode(typed)
    assert (str(reading.postcode), reading.corrected, reading.doubt) == ("CB1 1JG", False, "")


@pytest.mark.parametrize(
    "typed", ["M1 1AA", "B33 8TH", "CR2 6XH", "DN55 1PT", "W1A 0AX", "EC1A 1BB", "E1W 1AA", "SE1P 5LX", "N1C 4AG"]
)
def test_each_pattern_of_the_grammar_is_read_as_it_stands(typed: str) -> None:
    reading = read_postcode(typed)
    assert str(reading.postcode) == typed
    assert not reading.corrected


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("CBI IJG", "CB1 1JG"),
        ("cbl ljg", "CB1 1JG"),
        ("CB1O 1AA", "CB10 1AA"),
        ("CB1 OAA", "CB1 0AA"),
        ("0X1 1AA", "OX1 1AA"),
        ("S01 1AA", "SO1 1AA"),
        ("SO1O 1AA", "SO10 1AA"),
        ("1P1 1AA", "IP1 1AA"),
        ("1N1 1AA", "LN1 1AA"),
        ("W1I 1AA", "W11 1AA"),
        ("sw1i 1aa", "SW11 1AA"),
        ("CB1 11G", "CB1 1LG"),
    ],
)
def test_slips_of_o_and_i_are_corrected_by_position(typed: str, meant: str) -> None:
    reading = read_postcode(typed)
    assert str(reading.postcode) == meant
    assert reading.corrected


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("CB1", "only the first half"),
        ("CB", "only the letters"),
        ("CB1 1", "last letters missing"),
        ("CB11J", "last letters missing"),
        ("BFPO 16", "British Forces"),
        ("75008", "another country"),
        ("10115", "another country"),
        ("90210", "another country"),
        ("90210-1234", "United States"),
        ("D02 AF30", "Ireland"),
        ("K1A 0B1", "Canada"),
        ("1234 AB", "Netherlands"),
        ("1000-205", "Portugal"),
        ("00-950", "Poland"),
        ("D-10115", "another country"),
        ("GX11 1AA", "Gibraltar"),
        ("FIQQ 1ZZ", "Falkland"),
        ("hello", "not a UK postcode"),
        ("CB1 1JGG", "not a UK postcode"),
        ("CB011AA", "not a UK postcode"),
        ("🎉🎉🎉🎉🎉🎉", "not a UK postcode"),
        ("ЅЕ1 1АА", "not a UK postcode"),  # Cyrillic look-alikes
        ("x" * 5000, "too long"),
    ],
)
def test_what_is_no_full_postcode_is_told_what_it_looks_like(typed: str, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said) as caught:
        read_postcode(typed)
    assert caught.value.field == "postcode"
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("JE2 3AB", "Jersey"),
        ("GY1 1AA", "Guernsey"),
        ("IM1 1AA", "Isle of Man"),
        ("BT1 1AA", "Northern Ireland"),
        ("BF1 0AA", "British Forces"),
        ("GIR 0AA", "no longer in use"),
        ("ZZ1 1AA", "begins with ZZ"),
        ("CB1 1CM", "C or M"),
    ],
)
def test_well_formed_but_not_of_any_british_beat(typed: str, said: str) -> None:
    reading = read_postcode(typed)
    assert str(reading.postcode) == typed
    assert said in reading.doubt


@given(
    st.sampled_from(sorted(AREAS)),
    st.integers(1, 99),
    st.integers(0, 9),
    st.text(INWARD_LETTERS, min_size=2, max_size=2),
)
def test_any_plain_postcode_is_read_as_itself(area: str, district: int, sector: int, unit: str) -> None:
    typed = f"{area}{district} {sector}{unit}"
    reading = read_postcode(typed)
    assert (str(reading.postcode), reading.corrected) == (typed, False)
    assert reading.postcode.area == area
    assert read_postcode(typed.replace(" ", "").lower()) == reading


@given(
    st.sampled_from(sorted(AREAS)),
    st.integers(1, 99),
    st.integers(0, 9),
    st.text(INWARD_LETTERS, min_size=2, max_size=2),
)
def test_digits_typed_as_letters_lead_back(area: str, district: int, sector: int, unit: str) -> None:
    slipped = f"{district} {sector}".replace("0", "O").replace("1", "I")
    reading = read_postcode(f"{area}{slipped}{unit}")
    # S and I1 look like an area SI only where there is one; otherwise what was meant is found.
    assert reading.postcode.area in AREAS
    if len(area) == 2:
        assert reading.postcode == Postcode(f"{area}{district}", f"{sector}{unit}")


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        compact = read_postcode(text).postcode.compact
    except InvalidInputError as refused:
        message, compact = str(refused), "CB11JG"
    else:
        message = "read"
    assert message.isprintable()
    assert set(compact) <= set(string.ascii_uppercase + string.digits)
    assert 5 <= len(compact) <= 7


def test_parts_and_foreign_forms() -> None:
    assert is_outward_only("cb1")
    assert not is_outward_only("ZZ1")
    assert not is_outward_only("CB1 1JG")
    assert foreign_origin("CB1 1JG") == ""
    assert what_else("Mill Road") == ""
    assert "first half" in what_else("CB1")


def test_messages_show_at_most_forty_characters_and_no_control_characters() -> None:
    assert shown("a" * 41) == "“" + "a" * 40 + "…”"
    assert shown("a\x00\u202eb") == "“a??b”"
