"""Folding names of places."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.domain.place_names import fold, without_house_number


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Mill Road", "mill road"),
        ("MILL RD.", "mill road"),
        ("St Ives", "saint ives"),
        ("St. Neots", "saint neots"),
        ("High St", "high street"),
        ("St Mary's St", "saint marys street"),
        ("St Mary’s Street", "saint marys street"),
        ("King’s Lynn & Wisbech", "kings lynn and wisbech"),
        ("Gt Abington", "great abington"),
        ("Stow-cum-Quy", "stow cum quy"),
        ("Café Lane", "cafe lane"),
        ("St", "saint"),
        ("Dr", "dr"),
        ("…", ""),
        ("", ""),
    ],
)
def test_names_fold_as_they_are_spoken(name: str, folded: str) -> None:
    assert fold(name) == folded


@pytest.mark.parametrize(
    ("address", "street"),
    [
        ("12 mill road", "mill road"),
        ("12a mill road", "mill road"),
        ("flat 3 12 mill road", "mill road"),
        ("12 14 mill road", "mill road"),
        ("mill road", "mill road"),
        ("12", "12"),
        ("5th avenue", "5th avenue"),
    ],
)
def test_house_numbers_are_left_out(address: str, street: str) -> None:
    assert without_house_number(address) == street


@given(st.text(max_size=60))
def test_folding_ignores_case_and_outer_space(text: str) -> None:
    assert fold(f"  {text} ") == fold(text)
    assert "  " not in fold(text)
