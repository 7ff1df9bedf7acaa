"""Priorities, events and action teams: what may be said of them, and on which days they count."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from geo_policing.domain.events import Event
from geo_policing.domain.priorities import Priority
from geo_policing.domain.teams import ActionTeam

DAY = date(2026, 6, 3)
NOON = datetime(2026, 6, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"issue": " "}, "issue is empty"),
        ({"action": "Checks."}, "go together"),
        ({"action_on": DAY}, "go together"),
        ({"action": "Checks.", "action_on": date(2026, 6, 2)}, "before 2026-06-03"),
    ],
)
def test_a_priority_that_contradicts_itself_is_refused(values: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Priority(**{"id": 1, "beat_id": "b001", "issue": "Speeding", "issued_on": DAY, **values})  # type: ignore[arg-type]


def test_a_priority_is_known_from_its_day() -> None:
    priority = Priority(1, "b001", "Speeding", DAY)
    assert [priority.known_on(date(2026, 6, d)) for d in (2, 3, 4)] == [False, True, True]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"title": ""}, "title is empty"),
        ({"starts_at": NOON.replace(tzinfo=None)}, "need a time zone"),
        ({"ends_at": NOON.replace(tzinfo=None)}, "need a time zone"),
        ({"ends_at": datetime(2026, 6, 3, 11, tzinfo=UTC)}, "before it starts"),
    ],
)
def test_an_event_that_contradicts_itself_is_refused(values: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Event(**{"id": 1, "beat_id": "b001", "title": "Stall", "starts_at": NOON, **values})  # type: ignore[arg-type]


def test_an_event_is_over_after_its_last_local_day() -> None:
    # 23:30 UTC in June is 00:30 of the next day in London.
    event = Event(1, "b001", "Stall", NOON, datetime(2026, 6, 3, 23, 30, tzinfo=UTC))
    assert [event.ends_on_or_after(date(2026, 6, d)) for d in (3, 4, 5)] == [True, True, False]
    assert not Event(1, "b001", "Stall", NOON).ends_on_or_after(date(2026, 6, 4))


def test_a_team_without_districts_serves_all() -> None:
    assert ActionTeam("a", "A", "").serves("X01")
    assert ActionTeam("a", "A", "", ("X01",)).serves("X01")
    assert not ActionTeam("a", "A", "", ("X01",)).serves("X02")
