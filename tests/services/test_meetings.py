from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.clock import LONDON
from geo_policing.domain.events import Event
from geo_policing.domain.facilities import Facility, FacilityKind
from geo_policing.services.meetings import HORIZON, meetings

# A Monday.
MONDAY = datetime(2026, 11, 23, 10, 30, tzinfo=LONDON)
LIBRARY = Facility(
    "library", FacilityKind.CONTACT_POINT, "Library", "X01", "1 Mill Road", "ZZ1 1AA", opening_hours="We 10:00-12:00"
)


def event(number: int, starts: datetime, hours: float | None = 1) -> Event:
    ends = None if hours is None else starts + timedelta(hours=hours)
    return Event(number, "b1", f"Event {number}", starts, ends, "Village hall")


def test_advertised_times_become_dates_for_eight_weeks() -> None:
    found = meetings([LIBRARY], [], MONDAY)
    assert [m.starts.date() for m in found] == [date(2026, 11, 25) + timedelta(weeks=i) for i in range(8)]
    assert {(m.starts.hour, m.ends.hour if m.ends else None) for m in found} == {(10, 12)}
    assert found[0].key == "library-20261125T1000"
    assert (found[0].title, found[0].place) == ("Library", "1 Mill Road, ZZ1 1AA")


def test_points_and_events_are_told_in_one_order() -> None:
    late, soon = event(2, MONDAY + timedelta(days=2, hours=6)), event(1, MONDAY + timedelta(hours=2))
    found = meetings([LIBRARY], [late, soon], MONDAY)
    assert [m.title for m in found[:3]] == ["Event 1", "Library", "Event 2"]
    assert (found[0].key, found[0].place) == ("event-1", "Village hall")


@pytest.mark.parametrize(
    ("hours_before", "hours", "told"), [(1, 2, True), (1, 1, True), (2, 1, False), (1, None, False)]
)
def test_what_is_over_is_not_told(hours_before: float, hours: float | None, told: bool) -> None:
    found = meetings([], [event(1, MONDAY - timedelta(hours=hours_before), hours)], MONDAY)
    assert bool(found) is told


def test_events_are_told_however_far_ahead() -> None:
    assert meetings([], [event(1, MONDAY + 3 * HORIZON)], MONDAY)


def test_events_kept_in_utc_are_told_in_london() -> None:
    (found,) = meetings([], [event(1, datetime(2027, 6, 1, 17, 30, tzinfo=UTC))], MONDAY)
    assert found.starts.isoformat() == "2027-06-01T18:30:00+01:00"


@pytest.mark.parametrize("hours", ["", "24/7"])
def test_what_has_no_set_times_is_no_meeting(hours: str) -> None:
    point = Facility("p", FacilityKind.CONTACT_POINT, "P", "X01", opening_hours=hours)
    assert meetings([point], [], MONDAY) == ()


def test_only_what_was_checked_is_confirmed() -> None:
    def found(**more: object) -> tuple[bool, bool]:
        point = Facility(
            "p",
            FacilityKind.CONTACT_POINT,
            "P",
            "X01",
            opening_hours="Mo 12:00-13:00",
            **more,  # type: ignore[arg-type]
        )
        meeting = meetings([point], [], MONDAY)[0]
        return meeting.confirmed, meeting.illustrative

    checked = date(2026, 11, 1)
    assert found() == (False, False)
    assert found(verified_on=checked) == (True, False)
    assert found(verified_on=checked, illustrative=True) == (False, True)
    assert meetings([], [event(1, MONDAY)], MONDAY)[0].confirmed


@given(st.integers(0, 5 * 365 * 24 * 60))
def test_what_comes_is_in_order_unique_and_not_over(minutes: int) -> None:
    since = MONDAY + timedelta(minutes=minutes)
    weekly = Facility("a", FacilityKind.CONTACT_POINT, "A", "X01", opening_hours="Mo,We 22:00-02:00; PH off")
    found = meetings([LIBRARY, weekly], [event(1, since)], since)
    starts = [m.starts for m in found]
    assert starts == sorted(starts)
    assert len({m.key for m in found}) == len(found)
    assert all((m.ends or m.starts) >= since for m in found)
    assert all(m.starts < since + HORIZON for m in found)
