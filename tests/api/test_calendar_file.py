"""The calendar file of a beat: what RFC 5545 asks for, and that a calendar understands it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from icalendar import Event as Entry

from geo_policing.api.calendar_file import MOST_MEETINGS, CalendarFacts, calendar_file
from geo_policing.clock import LONDON
from geo_policing.domain.events import Event
from geo_policing.services.meetings import Meeting
from tests.support.still import beat_id, stand_still, view_of_app
from tests.support.web import app_over

FACTS = CalendarFacts(
    "market", "Market", "tiny", "https://police.example/beat/market", datetime(2026, 1, 1, tzinfo=UTC)
)
START = datetime(2026, 7, 1, 18, 30, tzinfo=LONDON)


def entries(body: bytes) -> list[Entry]:
    return list(Calendar.from_ical(body).walk("VEVENT"))


def made(app: Flask, *events: Event, facts: CalendarFacts = FACTS, **recorded: datetime) -> bytes:
    told = [Meeting(f"event-{e.id}", e.starts_at, e.ends_at, event=e) for e in events]
    with app.test_request_context("/"):
        return calendar_file(facts, told, {("event", key[1:]): at for key, at in recorded.items()})


class TestFile:
    def test_holds_the_contact_points_times(self, client: FlaskClient) -> None:
        response = client.get("/beat/fen-end/meetings.ics")
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert response.headers["Content-Disposition"] == 'attachment; filename="fen-end-meetings.ics"'
        found = entries(response.data)
        assert len(found) == 8
        first = found[0]
        assert first["uid"] == "eastham-library-contact-point-20261125T1000@tiny.geo-policing"
        assert first["dtstart"].dt == datetime(2026, 11, 25, 10, tzinfo=UTC)
        assert first["dtend"].dt == datetime(2026, 11, 25, 12, tzinfo=UTC)
        assert first["summary"] == "Example: Police at Eastham Library"
        assert first["status"] == "TENTATIVE"

    def test_is_the_same_all_day_and_moves_on_with_the_next(self, tiny_dir: Path) -> None:
        def at(hour: int, day: int = 25) -> bytes:
            now = datetime(2026, 11, day, hour, tzinfo=UTC)
            return app_over(tiny_dir, now=now).test_client().get("/beat/fen-end/meetings.ics").data

        assert at(1) == at(11) == at(23)
        assert entries(at(1, day=26))[0]["dtstart"].dt.date() == date(2026, 12, 2)

    def test_answers_304_to_who_has_it(self, client: FlaskClient) -> None:
        tag = client.get("/beat/fen-end/meetings.ics").headers["ETag"]
        assert client.get("/beat/fen-end/meetings.ics", headers={"If-None-Match": tag}).status_code == 304

    def test_a_beat_without_meetings_has_an_empty_calendar(self, client: FlaskClient) -> None:
        assert entries(client.get("/beat/market/meetings.ics").data) == []

    def test_no_such_beat_is_not_found(self, client: FlaskClient) -> None:
        assert client.get("/beat/atlantis/meetings.ics").status_code == 404

    def test_speaks_the_language_of_its_address(self, client: FlaskClient) -> None:
        assert client.get("/pl/beat/fen-end/meetings.ics").status_code == 200

    def test_is_linked_from_the_page(self, client: FlaskClient) -> None:
        assert client.get("/pl/beat/fen-end").text.count('href="/pl/beat/fen-end/meetings.ics"') == 2


class TestForm:
    def test_lines_end_in_crlf_and_are_folded(self, app: Flask) -> None:
        body = made(app, Event(1, "b", "A very long title, " * 20 + "żółć", START))
        assert body.endswith(b"END:VCALENDAR\r\n")
        assert b"\n" not in body.replace(b"\r\n", b"")
        assert max(len(line) for line in body.split(b"\r\n")) <= 75
        assert body.decode()  # folding splits no character
        assert entries(body)[0]["summary"] == "A very long title, " * 20 + "żółć"

    def test_commas_semicolons_backslashes_and_lines_survive(self, app: Flask) -> None:
        nasty = "Come; bring tea, cake\\biscuits\nEND:VEVENT"
        (entry,) = entries(made(app, Event(1, "b", "T", START, place="Hall; 1, The Green", description=nasty)))
        assert entry["location"] == "Hall; 1, The Green"
        assert str(entry["description"]) == f"{nasty}\nBeat: Market"

    def test_summer_time_is_told_in_utc(self, app: Flask) -> None:
        body = made(app, Event(1, "b", "T", START, START + timedelta(hours=1)))
        assert b"DTSTART:20260701T173000Z\r\n" in body
        assert b"DTEND:20260701T183000Z\r\n" in body
        assert b"VTIMEZONE" not in body

    def test_no_end_is_no_end(self, app: Flask) -> None:
        (entry,) = entries(made(app, Event(1, "b", "T", START)))
        assert "dtend" not in entry
        assert entry["status"] == "CONFIRMED"
        assert entry["url"] == "https://police.example/beat/market"

    def test_stamps_come_from_the_data(self, app: Flask) -> None:
        at = datetime(2026, 5, 4, 3, 2, 1, 999, tzinfo=UTC)
        known, unknown = entries(made(app, Event(1, "b", "T", START), Event(2, "b", "U", START), _1=at))
        assert known["dtstamp"].dt == at.replace(microsecond=0)
        assert unknown["dtstamp"].dt == datetime(2026, 1, 1, tzinfo=UTC)

    def test_a_relative_address_is_left_out(self, app: Flask) -> None:
        (entry,) = entries(made(app, Event(1, "b", "T", START), facts=replace(FACTS, page="/beat/market")))
        assert "url" not in entry

    def test_required_properties_are_there_once(self, app: Flask) -> None:
        body = made(app, Event(1, "b", "T", START))
        for line in (b"VERSION:2.0", b"PRODID:-//geo_policing//tiny//EN", b"X-PUBLISHED-TTL:P1D"):
            assert body.count(line + b"\r\n") == 1
        assert body.count(b"UID:event-1@tiny.geo-policing\r\n") == 1

    def test_a_calendar_has_an_end(self, app: Flask) -> None:
        many = [Event(i, "b", "T", START) for i in range(MOST_MEETINGS + 5)]
        assert len(entries(made(app, *many))) == MOST_MEETINGS


@pytest.mark.parametrize("checked", [True, False])
def test_what_nobody_checked_says_so(app: Flask, checked: bool) -> None:
    view = view_of_app(app)
    verified = date(2026, 11, 1) if checked else None
    stand_still(app, facilities=tuple(replace(f, illustrative=False, verified_on=verified) for f in view.facilities))
    first = entries(app.test_client().get("/beat/fen-end/meetings.ics").data)[0]
    assert first["status"] == ("CONFIRMED" if checked else "TENTATIVE")
    assert ("Call 101 before you go" in str(first["description"])) is not checked
    assert beat_id(view, "fen-end")
