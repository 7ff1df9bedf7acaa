"""Bank holidays, against the dates that the government has published (gov.uk/bank-holidays)."""

from __future__ import annotations

from datetime import date

import pytest

from geo_policing.domain.bank_holidays import bank_holidays, easter_sunday


@pytest.mark.parametrize(
    ("year", "published"),
    [
        (2024, ["01-01", "03-29", "04-01", "05-06", "05-27", "08-26", "12-25", "12-26"]),
        (2025, ["01-01", "04-18", "04-21", "05-05", "05-26", "08-25", "12-25", "12-26"]),
        # Boxing Day is a Saturday: Monday stands in for it.
        (2026, ["01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-26", "12-28"]),
        # Christmas is a Saturday: Monday and Tuesday stand in.
        (2027, ["01-01", "03-26", "03-29", "05-03", "05-31", "08-30", "12-25", "12-26", "12-27", "12-28"]),
        # New Year's Day is a Saturday.
        (2028, ["01-01", "01-03", "04-14", "04-17", "05-01", "05-29", "08-28", "12-25", "12-26"]),
        # Christmas is a Sunday: Tuesday stands in, for Monday is Boxing Day.
        (2033, ["01-01", "01-03", "04-15", "04-18", "05-02", "05-30", "08-29", "12-25", "12-26", "12-27"]),
    ],
)
def test_the_holidays_of_a_year(year: int, published: list[str]) -> None:
    assert sorted(bank_holidays(year)) == [date.fromisoformat(f"{year}-{day}") for day in published]


@pytest.mark.parametrize(
    "sunday", ["1961-04-02", "2000-04-23", "2008-03-23", "2011-04-24", "2019-04-21", "2038-04-25", "2285-03-22"]
)
def test_easter(sunday: str) -> None:
    assert easter_sunday(int(sunday[:4])) == date.fromisoformat(sunday)
