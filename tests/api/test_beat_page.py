"""What a beat's page says of facts that the seeded plan does not have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from geo_policing.api.runtime import install, the_runtime
from geo_policing.clock import LONDON
from geo_policing.domain.events import Event
from geo_policing.domain.postings import Posting, Role
from geo_policing.domain.priorities import Priority
from geo_policing.services.view import View
from tests.support.web import NOW, text_of


class Still:
    """A live view that stands still."""

    def __init__(self, view: View) -> None:
        self._view = view

    def view(self, as_of: date | None = None) -> View:
        return self._view


@pytest.fixture
def page(app: Flask) -> Callable[..., str]:
    """The text of the page of a beat once its view was changed."""

    def shown(slug: str = "market", **changes: Any) -> str:
        with app.app_context():
            runtime = the_runtime()
        view = replace(runtime.live.view(), **changes)
        install(app, replace(runtime, live=Still(view)))  # type: ignore[arg-type]
        response = app.test_client().get(f"/beat/{slug}")
        assert response.status_code == 200
        return text_of(response.text)

    return shown


@pytest.fixture
def view(app: Flask) -> View:
    with app.app_context():
        return the_runtime().live.view()


def market_of(view: View) -> str:
    assert view.plan is not None
    return next(beat.id for beat in view.plan.beats if beat.slug == "market")


class TestTeam:
    def test_a_vacant_post_is_called_vacant(self, page: Callable[..., str]) -> None:
        text = page(postings={})
        assert "This post is vacant. No PCSO serves on this beat today" in text
        assert "Call 101" in text

    def test_people_are_shown_with_their_contact(self, page: Callable[..., str], view: View) -> None:
        pcso = Posting(1, "x", Role.PCSO, "PCSO 1", 0.5, date(2026, 1, 1), name="Ada Example", email="ada@example.org")
        sergeant = Posting(2, "x", Role.SERGEANT, "PS 2", 1.0, date(2026, 1, 1), telephone="01223 000000")
        text = page(postings={market_of(view): (pcso, pcso, sergeant)})
        assert "Your PCSOs" in text
        assert "Ada Example" in text
        assert "PCSO 1 – part time" in text.replace("(PCSO),", "")
        assert "ada@example.org" in text
        assert "The rest of the team PS 2 Sergeant Telephone: 01223 000000" in text
        assert "not a real officer" not in text


class TestOffice:
    def test_open_and_closed_are_told_once_verified(self, page: Callable[..., str], view: View) -> None:
        verified = tuple(
            replace(f, verified_on=date(2026, 11, 1), illustrative=False, telephone="101") for f in view.facilities
        )
        text = page(facilities=verified)
        assert "Open now" in text
        assert "Checked on 1 November 2026." in text
        shut = tuple(replace(f, opening_hours="Tu 09:00-10:00") for f in verified)
        assert "Closed now" in page(facilities=shut)

    def test_unchecked_facts_are_called_so(self, page: Callable[..., str], view: View) -> None:
        unchecked = tuple(replace(f, illustrative=False, opening_hours="") for f in view.facilities)
        text = page(facilities=unchecked)
        assert "Opening times: not known. Call 101 before you go." in text
        assert "Nobody has checked this yet." in text

    def test_no_office_at_all_is_told(self, page: Callable[..., str]) -> None:
        text = page(facilities=())
        assert "No enquiry office is known for Westham" in text
        assert "Contact points" not in text


class TestLocalLife:
    def test_priorities_carry_their_age(self, page: Callable[..., str], view: View) -> None:
        market = market_of(view)
        done = Priority(1, market, "Bicycle theft", date(2026, 5, 1), "Marked 80 bicycles", date(2026, 6, 2))
        text = page(priorities={market: (done, Priority(2, market, "Speeding", date(2026, 7, 1)))})
        assert "What the team is working on Bicycle theft since 1 May 2026 Marked 80 bicycles 2 June 2026" in text
        assert "Speeding since 1 July 2026" in text

    def test_events_are_told_in_local_time(self, page: Callable[..., str], view: View) -> None:
        market = market_of(view)
        start = datetime(2026, 12, 1, 18, 30, tzinfo=LONDON)
        full = Event(1, market, "Surgery", start, start + timedelta(hours=1), "Library", "Come by", "surgery", "PCSO 1")
        text = page(events={market: (full, Event(2, market, "Stall", start))})
        assert "Surgery 1 December 2026, 6:30pm to 7:30pm, Library Come by Questions: PCSO 1" in text
        assert "Stall 1 December 2026, 6:30pm" in text

    def test_there_is_nothing_where_there_is_nothing(self, page: Callable[..., str]) -> None:
        text = page(action_teams=())
        for heading in ("What the team is working on", "Events", "Community action team"):
            assert heading not in text


class TestAge:
    def test_facts_last_known_are_called_so(self, page: Callable[..., str]) -> None:
        assert "not been reachable since 10:30am on 23 November 2026" in page(stale_since=NOW)

    def test_the_plan_is_named_with_its_beginning(self, page: Callable[..., str]) -> None:
        assert "in force since 23 November 2026" in page()


def test_readyz_is_not_ready_without_a_plan(app: Flask, view: View) -> None:
    with app.app_context():
        install(app, replace(the_runtime(), live=Still(replace(view, plan=None))))  # type: ignore[arg-type]
    response = app.test_client().get("/readyz")
    assert response.status_code == 503
    assert "No plan is in force" in response.json["detail"]
