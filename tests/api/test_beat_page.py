"""What a beat's page says of facts that the seeded plan does not have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from geo_policing.clock import LONDON
from geo_policing.domain.covers import Cover, Covering
from geo_policing.domain.events import Event
from geo_policing.domain.postings import Posting, Role
from geo_policing.domain.priorities import Priority
from geo_policing.services.view import View
from tests.support.still import beat_id, stand_still, view_of_app
from tests.support.web import NOW, app_over, text_of, tiny_app


@pytest.fixture
def page(app: Flask) -> Callable[..., str]:
    """The text of the page of a beat once its view was changed."""

    def shown(slug: str = "market", **changes: Any) -> str:
        stand_still(app, **changes)
        response = app.test_client().get(f"/beat/{slug}")
        assert response.status_code == 200
        return text_of(response.text)

    return shown


@pytest.fixture
def view(app: Flask) -> View:
    return view_of_app(app)


def market_of(view: View) -> str:
    return beat_id(view, "market")


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
        assert "Checked on 1 November 2026 (3 weeks ago)." in text
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
        assert (
            "Bicycle theft Marked 80 bicycles 2 June 2026 (5 months ago) Raised on 1 May 2026 (6 months ago)." in text
        )
        assert "Speeding Raised on 1 July 2026 (4 months ago)." in text

    def test_events_are_told_in_local_time(self, page: Callable[..., str], view: View) -> None:
        market = market_of(view)
        start = datetime(2026, 12, 1, 18, 30, tzinfo=LONDON)
        full = Event(1, market, "Surgery", start, start + timedelta(hours=1), "Library", "Come by", "surgery", "PCSO 1")
        text = page(events={market: (full, Event(2, market, "Stall", start))})
        assert "Surgery Tuesday 1 December, 6:30pm to 7:30pm, Library Come by Questions: PCSO 1" in text
        assert "Stall Tuesday 1 December, 6:30pm" in text

    def test_there_is_nothing_where_there_is_nothing(self, page: Callable[..., str]) -> None:
        text = page(action_teams=())
        for heading in ("What the team is working on", "Events", "Community action team"):
            assert heading not in text


class TestAge:
    def test_facts_last_known_are_called_so(self, page: Callable[..., str]) -> None:
        assert "not been reachable since 10:30am on 23 November 2026" in page(stale_since=NOW)

    def test_the_plan_is_named_with_its_beginning(self, page: Callable[..., str]) -> None:
        assert "in force since 23 November 2026 (today)" in page()


class TestCover:
    @pytest.fixture
    def covering(self, view: View) -> Covering:
        lent = Posting(
            7, beat_id(view, "fen-end"), Role.PCSO, "PCSO 7", 1.0, date(2026, 1, 1), telephone="01223 000000"
        )
        return Covering(Cover(1, market_of(view), 7, date(2026, 11, 20), date(2026, 12, 31)), lent)

    def test_a_vacant_post_names_who_covers_and_from_where(
        self, page: Callable[..., str], view: View, covering: Covering
    ) -> None:
        text = page(postings={}, covers={market_of(view): (covering,)})
        assert "This post is vacant. While it is, somebody from another beat looks after this one: PCSO 7" in text
        assert "From the beat Fen End . Covers until 31 December 2026." in text
        assert "Covers since 20 November 2026 (3 days ago)." in text
        assert "ask for the team in" not in text

    def test_a_cover_stands_beside_a_pcso_who_is_there(
        self, page: Callable[..., str], view: View, covering: Covering
    ) -> None:
        text = page(covers={market_of(view): (covering,)})
        assert "vacant" not in text
        assert "Also looks after this beat PCSO 7" in text

    def test_a_cover_without_an_end_or_a_beat_of_the_plan(
        self, page: Callable[..., str], view: View, covering: Covering
    ) -> None:
        stray = Covering(replace(covering.cover, ends_on=None), replace(covering.posting, beat_id="gone"))
        text = page(postings={}, covers={market_of(view): (stray,)})
        assert "From the beat" not in text
        assert "until" not in text.split("Covers since")[0]


class TestMeetings:
    def test_the_next_dates_come_first_and_the_rest_are_counted(self, client: FlaskClient) -> None:
        text = text_of(client.get("/beat/fen-end").text)
        first = "When and where to meet the police next Wednesday 25 November, 10am to midday Eastham Library Example"
        assert first in text
        assert "– not checked: call 101 before you go" in text
        assert "and 2 more times in the weeks after." in text
        assert "Wednesday 30 December" in text
        assert "Wednesday 6 January, 10am to midday" not in text

    def test_none_are_said_to_be_none(self, client: FlaskClient) -> None:
        page = client.get("/beat/market")
        assert "No dates are known for the weeks ahead." in text_of(page.text)
        assert "meetings.ics" not in page.text


class TestOpensNext:
    def test_a_closed_office_says_when_it_opens(self, page: Callable[..., str], view: View) -> None:
        shut = tuple(
            replace(f, opening_hours="Tu 09:00-10:00", verified_on=date(2026, 11, 1), illustrative=False)
            for f in view.facilities
        )
        assert "Closed now . Opens next on Tuesday 24 November at 9am." in page(facilities=shut)

    def test_how_to_get_there_in_words(self, page: Callable[..., str], client: FlaskClient) -> None:
        # ZZ1 1AA lies at (540 500, 260 500), three kilometres west of the middle of Fen End.
        text = page()
        assert "About 3.0 km west of the middle of Fen End. Grid reference: TL 4050 6050." in text
        assert 'href="geo:52.22' in client.get("/beat/market").text

    def test_a_place_known_roughly_is_told_by_its_settlement(self, page: Callable[..., str]) -> None:
        text = page("fen-end")
        assert "Somewhere in Fen End." in text
        assert "Grid reference" not in text


class TestReports:
    def test_go_to_the_operators_address(self, tiny_dir: Path) -> None:
        client = app_over(tiny_dir, settings={"contact": "web@police.example"}).test_client()
        html = client.get("/beat/market").text
        assert (
            "mailto:web@police.example?subject=Something%20is%20wrong%20on%20the%20page%20of%20the%20beat%20market"
            in html
        )

    def test_without_one_say_so_and_what_to_do(self, client: FlaskClient) -> None:
        text = text_of(client.get("/beat/market").text)
        assert "has given no address for reports" in text
        assert "mailto" not in client.get("/beat/market").text


class TestSharing:
    def test_the_link_is_whole_where_the_address_is_known(self, tiny_dir: Path) -> None:
        client = app_over(tiny_dir, settings={"public_url": "https://police.example"}).test_client()
        html = client.get("/beat/market?as_of=2026-11-24").text
        assert '<link rel="canonical" href="https://police.example/beat/market">' in html
        assert '<meta property="og:url" content="https://police.example/beat/market">' in html
        assert "This page: https://police.example/beat/market, as of 24 November 2026" in text_of(html)

    def test_and_relative_where_not(self, client: FlaskClient) -> None:
        html = client.get("/pl/beat/market").text
        assert '<link rel="canonical" href="/pl/beat/market">' in html
        assert "og:url" not in html


class TestSources:
    SOURCES = (
        {"kind": "districts", "title": "Districts", "publisher": "ONS", "vintage": "December 2024"},
        {"kind": "open_names", "title": "Names", "publisher": "OS", "vintage": "2025-10"},
    )

    def test_stand_beside_the_facts(self, tmp_path: Path) -> None:
        text = text_of(tiny_app(tmp_path, sources=list(self.SOURCES)).test_client().get("/beat/fen-end").text)
        assert "Covers Fen End Source: Names, OS (2025-10)." in text
        assert "Council district Eastham Source: Districts, ONS (December 2024)." in text
        assert "This beat’s boundary As in the plan “Starting plan”, in force since 23 November 2026 (today)." in text

    def test_what_people_entered_has_its_date(self, page: Callable[..., str], view: View) -> None:
        post = Posting(5, "x", Role.PCSO, "PCSO 5", 1.0, date(2025, 9, 1))
        entered = {("posting", "5"): datetime(2025, 9, 2, 8, tzinfo=LONDON)}
        text = page(postings={market_of(view): (post,)}, recorded=entered)
        assert (
            "On this beat since 1 September 2025 (1 year ago). Entered here on 2 September 2025 (1 year ago)." in text
        )


class TestForeignText:
    def test_long_and_right_to_left_names_are_kept_apart(self, client: FlaskClient, app: Flask, view: View) -> None:
        arabic = "سرعة السيارات"
        stand_still(app, priorities={market_of(view): (Priority(1, market_of(view), arabic, date(2026, 7, 1)),)})
        assert f"<bdi>{arabic}</bdi>" in app.test_client().get("/beat/market").text

    def test_markup_in_names_stays_text(self, app: Flask, view: View) -> None:
        bad = "</script><script>alert(1)</script>"
        event = Event(1, market_of(view), bad, NOW + timedelta(days=1))
        stand_still(app, events={market_of(view): (event,)})
        html = app.test_client().get("/beat/market").text
        assert bad not in html
        assert "\\u003c/script\\u003e" in html


def test_readyz_is_not_ready_without_a_plan(app: Flask, view: View) -> None:
    stand_still(app, plan=None)
    response = app.test_client().get("/readyz")
    assert response.status_code == 503
    assert "No plan is in force" in response.json["detail"]
