"""National Grid references, against the Ordnance Survey's published examples and by round trip."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.errors import InvalidInputError
from geo_policing.spatial.grid_refs import GridSquare, looks_like_grid_ref, read_grid_ref, to_grid_ref


@pytest.mark.parametrize(
    ("text", "west", "south", "size"),
    [
        ("TL", 500_000, 200_000, 100_000),
        ("TL 45 58", 545_000, 258_000, 1_000),
        ("tl4558", 545_000, 258_000, 1_000),
        (" T L 4 5 5 8 ", 545_000, 258_000, 1_000),
        ("TL45", 540_000, 250_000, 10_000),
        ("TG 51409 13177", 651_409, 313_177, 1),  # the OS guide's Caister water tower
        ("SV 0 0", 0, 0, 10_000),
        ("NN 166 712", 216_600, 771_200, 100),  # Ben Nevis
        ("HP 6 1", 460_000, 1_210_000, 10_000),
    ],
)
def test_references_name_squares(text: str, west: float, south: float, size: float) -> None:
    assert read_grid_ref(text) == GridSquare(west, south, size)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("TL 451 58", "as many digits"),
        ("TL 451", "as many digits"),
        ("TL123456789012", "12 digits"),
        ("AA 11 11", "no square"),
        ("TI 11 11", "no square"),
        ("45 58", "not a National Grid"),
        ("TL 45 5x", "not a National Grid"),
        ("TL٤٥٥٨", "not a National Grid"),
        ("TL" + "1" * 100, "too long"),
    ],
)
def test_what_is_no_reference_is_refused_with_the_remedy(text: str, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said) as caught:
        read_grid_ref(text)
    assert caught.value.field == "grid_ref"
    assert "TL 45 58" in str(caught.value)


def test_centre_and_accuracy_are_those_of_the_square() -> None:
    square = read_grid_ref("TL 45 58")
    assert square.centre == (545_500, 258_500)
    assert square.bounds == (545_000, 258_000, 546_000, 259_000)
    assert math.isclose(square.accuracy_m, math.hypot(500, 500))


@given(
    st.floats(0, 699_999.99),
    st.floats(0, 1_299_999.99),
    st.sampled_from([0, 2, 4, 6, 8, 10]),
)
def test_a_point_lies_in_the_square_of_its_reference(easting: float, northing: float, digits: int) -> None:
    square = read_grid_ref(to_grid_ref(easting, northing, digits))
    assert square.size_m == 10 ** (5 - digits // 2)
    assert square.west_m <= easting < square.west_m + square.size_m
    assert square.south_m <= northing < square.south_m + square.size_m
    assert looks_like_grid_ref(to_grid_ref(easting, northing, digits)) is (digits > 0)


@pytest.mark.parametrize(("easting", "northing", "digits"), [(-1, 0, 10), (0, 1_300_000, 10), (0, 0, 3), (0, 0, 12)])
def test_no_reference_off_the_grid_or_of_odd_length(easting: float, northing: float, digits: int) -> None:
    with pytest.raises(ValueError, match=r"digits|off the National Grid"):
        to_grid_ref(easting, northing, digits)


@pytest.mark.parametrize("text", ["CB1", "TL", "SW1A 1AA", "Ely", "AA11", "TI11"])
def test_other_things_do_not_look_like_references(text: str) -> None:
    assert not looks_like_grid_ref(text)
