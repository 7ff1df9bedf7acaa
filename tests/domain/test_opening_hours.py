"""Opening hours: what is open when, on holidays, at midnight, when the clocks change, and where nothing is known."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_policing.clock import LONDON
from geo_policing.domain import opening_hours
from geo_policing.domain.bank_holidays import bank_holidays
from geo_policing.domain.opening_hours import is_open, next_opening, next_times, times_until, validate
from geo_policing.errors import InvalidInputError

OFFICE = "Mo-Fr 09:00-17:00; PH off"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def shown(times: list[tuple[datetime, datetime]]) -> list[str]:
    return [f"{start:%Y-%m-%d %H:%M} - {end:%Y-%m-%d %H:%M}" for start, end in times]


class TestValidate:
    @pytest.mark.parametrize("good", ["", OFFICE, "24/7", "We 10:00-12:00", "Mo[1] 10:00-12:00", "PH,Sa 10:00-12:00"])
    def test_what_can_be_read(self, good: str) -> None:
        validate(good)

    @pytest.mark.parametrize("bad", ["foo", "Mo-Fr 9-17", "Mo 25:00-26:00", "open on Mondays", " ", "\x00", "\n", "Mö"])
    def test_what_cannot(self, bad: str) -> None:
        with pytest.raises(InvalidInputError, match="cannot be read") as raised:
            validate(bad, field="opening_hours")
        assert raised.value.field == "opening_hours"
        assert repr(bad) in str(raised.value)

    def test_where_it_went_wrong_is_said(self) -> None:
        with pytest.raises(InvalidInputError, match="from character 7 on"):
            validate("Mo-Fr 9-17")

    def test_what_is_too_long(self) -> None:
        with pytest.raises(InvalidInputError, match="501 characters"):
            validate("x" * 501)

    def test_reading_what_cannot_be_read_says_the_same(self) -> None:
        with pytest.raises(InvalidInputError, match="cannot be read"):
            is_open("foo", at("2026-06-03 12:00"))


class TestIsOpen:
    @pytest.mark.parametrize(
        ("moment", "expected"),
        [
            ("2026-06-03 08:59", False),
            ("2026-06-03 09:00", True),
            ("2026-06-03 16:59", True),
            ("2026-06-03 17:00", False),
            ("2026-06-06 12:00", False),
        ],
    )
    def test_an_office_on_wednesday_and_saturday(self, moment: str, expected: bool) -> None:
        assert is_open(OFFICE, at(moment)) is expected

    @pytest.mark.parametrize("day", sorted(d for y in range(2024, 2046) for d in bank_holidays(y) if d.weekday() < 5))
    def test_closed_on_every_bank_holiday(self, day: date) -> None:
        assert is_open(OFFICE, datetime.combine(day, time(12), LONDON)) is False
        assert is_open("Mo-Fr 09:00-17:00", datetime.combine(day, time(12), LONDON)) is True

    @pytest.mark.parametrize("day", ["2022-06-03", "2022-09-19", "2023-05-08"])
    def test_closed_on_holidays_that_were_proclaimed_once(self, day: str) -> None:
        assert is_open(OFFICE, at(f"{day} 12:00")) is False

    @pytest.mark.parametrize("day", ["2026-01-02", "2026-03-17", "2026-08-03", "2026-07-13"])
    def test_open_on_holidays_of_scotland_and_northern_ireland(self, day: str) -> None:
        assert is_open(OFFICE, at(f"{day} 12:00")) is True

    def test_hours_for_holidays_only(self) -> None:
        assert is_open("PH 10:00-12:00", at("2026-04-06 11:00")) is True
        assert is_open("PH 10:00-12:00", at("2026-04-07 11:00")) is False

    def test_not_known(self) -> None:
        assert is_open("", at("2026-06-03 12:00")) is None
        assert is_open('Mo-Fr 09:00-17:00 unknown "ask"', at("2026-06-03 12:00")) is None

    def test_moments_of_other_zones_are_understood(self) -> None:
        assert is_open(OFFICE, datetime(2026, 6, 3, 8, 0, tzinfo=UTC)) is True
        assert is_open(OFFICE, datetime(2026, 1, 5, 8, 0, tzinfo=UTC)) is False

    def test_a_moment_without_a_zone_is_refused(self) -> None:
        with pytest.raises(ValueError, match="no time zone"):
            is_open(OFFICE, datetime(2026, 6, 3, 12))  # noqa: DTZ001 - that is what is tested

    def test_past_midnight(self) -> None:
        assert is_open("Fr 22:00-02:00", at("2026-06-06 01:00")) is True
        assert is_open("Fr 22:00-02:00", at("2026-06-06 02:00")) is False


class TestNextTimes:
    def test_the_next_days_over_a_holiday_weekend(self) -> None:
        assert shown(next_times(OFFICE, at("2026-04-02 18:00"), 2)) == [
            "2026-04-07 09:00 - 2026-04-07 17:00",
            "2026-04-08 09:00 - 2026-04-08 17:00",
        ]

    def test_the_one_that_is_open_now_comes_first(self) -> None:
        assert shown(next_times(OFFICE, at("2026-06-03 12:00"), 1)) == ["2026-06-03 09:00 - 2026-06-03 17:00"]
        assert next_opening(OFFICE, at("2026-06-03 12:00")) == at("2026-06-03 12:00")

    def test_its_end_is_over(self) -> None:
        assert next_opening(OFFICE, at("2026-06-03 17:00")) == at("2026-06-04 09:00")

    def test_openings_that_meet_at_midnight_are_one(self) -> None:
        found = next_times("Fr 22:00-24:00; Sa 00:00-02:00", at("2026-06-05 12:00"), 1)
        assert shown(found) == ["2026-06-05 22:00 - 2026-06-06 02:00"]
        assert shown(next_times("Fr 22:00-02:00", at("2026-06-06 01:00"), 1)) == ["2026-06-05 22:00 - 2026-06-06 02:00"]

    def test_always_open_ends_with_the_horizon(self) -> None:
        ((start, end),) = next_times("24/7", at("2026-06-03 12:00"), 3)
        assert start <= at("2026-06-03 00:00")
        assert end >= at("2026-06-03 00:00") + timedelta(days=opening_hours.HORIZON_DAYS - 1)

    def test_the_clock_going_back_adds_an_hour(self) -> None:
        ((start, end),) = next_times("Su 00:30-03:00", at("2026-10-24 12:00"), 1)
        assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=3, minutes=30)

    @pytest.mark.parametrize("expression", ["", "24/7 off", "2020 Mo 10:00-12:00", "Mo-Fr 09:00-17:00 unknown"])
    def test_nothing_to_wait_for(self, expression: str) -> None:
        assert next_times(expression, at("2026-06-03 12:00"), 3) == []
        assert next_opening(expression, at("2026-06-03 12:00")) is None

    def test_none_are_asked_for(self) -> None:
        assert next_times(OFFICE, at("2026-06-03 12:00"), 0) == []

    @given(
        moment=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - made aware below
        expression=st.sampled_from(
            [OFFICE, "Mo[1] 10:00-12:00", "Fr 20:00-26:00", "PH 10:00-11:00", "Sa-Su 00:00-24:00"]
        ),
    )
    @settings(max_examples=60, deadline=None)
    def test_openings_are_in_order_apart_and_open(self, moment: datetime, expression: str) -> None:
        now = moment.replace(tzinfo=LONDON)
        found = next_times(expression, now, 4)
        assert len(found) == 4
        for start, end in found:
            assert start < end
            assert end.astimezone(UTC) > now.astimezone(UTC)
            assert is_open(expression, start)
            assert not is_open(expression, end)
        assert all(a[1] < b[0] for a, b in pairwise(found))


class TestTimesUntil:
    def test_what_begins_before_the_end_is_told(self) -> None:
        found = times_until(OFFICE, at("2026-06-03 12:00"), at("2026-06-05 09:01"))
        assert shown(found) == [
            "2026-06-03 09:00 - 2026-06-03 17:00",
            "2026-06-04 09:00 - 2026-06-04 17:00",
            "2026-06-05 09:00 - 2026-06-05 17:00",
        ]

    def test_what_begins_at_the_end_is_not(self) -> None:
        assert len(times_until(OFFICE, at("2026-06-03 12:00"), at("2026-06-05 09:00"))) == 2

    def test_what_has_just_ended_is_not(self) -> None:
        assert times_until("Mo 10:00-12:00", at("2026-06-01 12:00"), at("2026-06-02 00:00")) == []

    def test_nothing_is_known_of_no_hours(self) -> None:
        assert times_until("", at("2026-06-03 12:00"), at("2027-06-03 12:00")) == []

    def test_a_time_without_a_zone_is_refused(self) -> None:
        with pytest.raises(ValueError, match="no time zone"):
            times_until("", at("2026-06-03 09:00").replace(tzinfo=None), at("2026-06-05 09:00"))
