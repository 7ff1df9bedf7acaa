from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from geo_policing.api.spoken_dates import ago, decimal, weekday_date


# The clock of these tests stands at Monday 23 November 2026, 10:30.
@pytest.mark.parametrize(
    ("day", "english", "polish"),
    [
        (date(2026, 11, 24), "today", "dzisiaj"),
        (date(2026, 11, 23), "today", "dzisiaj"),
        (date(2026, 11, 22), "yesterday", "wczoraj"),
        (date(2026, 11, 21), "2 days ago", "2 dni temu"),
        (date(2026, 11, 17), "6 days ago", "6 dni temu"),
        (date(2026, 11, 16), "1 week ago", "1 tydzień temu"),
        (date(2026, 10, 24), "4 weeks ago", "4 tygodnie temu"),
        (date(2026, 10, 23), "1 month ago", "1 miesiąc temu"),
        (date(2025, 12, 24), "10 months ago", "10 miesięcy temu"),
        (date(2025, 12, 23), "11 months ago", "11 miesięcy temu"),
        (date(2025, 11, 24), "11 months ago", "11 miesięcy temu"),
        (date(2025, 11, 23), "1 year ago", "1 rok temu"),
        (date(2023, 11, 24), "2 years ago", "2 lata temu"),
        (date(2016, 2, 29), "10 years ago", "10 lat temu"),
    ],
)
def test_ages_are_whole_and_never_more_than_has_passed(app: Flask, day: date, english: str, polish: str) -> None:
    with app.test_request_context("/"):
        assert ago(day) == english
    with app.test_request_context("/pl/"):
        assert ago(day) == polish


def test_a_moment_counts_by_its_day_in_london(app: Flask) -> None:
    # Half past eleven in the evening of 30 June in UTC is 1 July in London.
    moment = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    with app.test_request_context("/"):
        assert weekday_date(moment) == "Wednesday 1 July"
        assert ago(moment) == "4 months ago"


def test_a_day_far_off_is_told_with_its_year(app: Flask) -> None:
    with app.test_request_context("/"):
        assert weekday_date(date(2027, 1, 4)) == "Monday 4 January"
        assert weekday_date(date(2027, 6, 28)) == "Monday 28 June 2027"
    with app.test_request_context("/pl/"):
        assert weekday_date(date(2027, 6, 28)) == "poniedziałek 28 czerwca 2027"


def test_numbers_are_written_as_the_language_does(app: Flask) -> None:
    with app.test_request_context("/"):
        assert decimal(1234.56) == "1,234.6"
    with app.test_request_context("/pl/"):
        assert decimal(1.25).endswith(",2")
