"""A beat's meetings as an iCalendar file (RFC 5545), the same bytes for the same facts.

Times are written in UTC, which every calendar shows in the reader's own zone, so that no definition of a time zone
has to be sent along.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from geo_policing.services.meetings import Meeting

if TYPE_CHECKING:
    from icalendar import Event

MIMETYPE = "text/calendar"
MOST_MEETINGS = 200
REFRESH = timedelta(days=1)
"""How often a calendar that subscribes to the file may ask again."""


@dataclass(frozen=True)
class CalendarFacts:
    """What the file says of its beat: its slug and name, its force's slug, its page, and whether that address is whole.

    `as_of` stands for when a meeting became known where nothing was recorded of it.
    """

    slug: str
    name: str
    force_slug: str
    page: str
    as_of: datetime


def calendar_file(
    facts: CalendarFacts, meetings: Iterable[Meeting], recorded: Mapping[tuple[str, str], datetime]
) -> bytes:
    """The file for `meetings` (the first `MOST_MEETINGS`), UTF-8 with lines that end in CR LF.

    UIDs are made of the force's slug and the meeting's key, so that a calendar that reads the file again changes its
    entries rather than doubling them. `recorded` is the view's; it gives each entry its DTSTAMP.
    """
    # Some tenths of a second at import, for one route.
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", f"-//geo_policing//{facts.force_slug}//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("Police in %(beat)s", beat=facts.name))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", f"P{REFRESH.days}D")
    for meeting in list(meetings)[:MOST_MEETINGS]:
        calendar.add_component(_entry(facts, meeting, recorded))
    return bytes(calendar.to_ical())


def _entry(facts: CalendarFacts, meeting: Meeting, recorded: Mapping[tuple[str, str], datetime]) -> Event:
    from icalendar import Event

    entry = Event()
    entry.add("uid", f"{meeting.key}@{facts.force_slug}.geo-policing")
    entry.add("dtstamp", recorded.get(_subject(meeting), facts.as_of).astimezone(UTC).replace(microsecond=0))
    entry.add("dtstart", meeting.starts.astimezone(UTC))
    if meeting.ends is not None:
        entry.add("dtend", meeting.ends.astimezone(UTC))
    entry.add("summary", _summary(meeting))
    entry.add("status", "CONFIRMED" if meeting.confirmed else "TENTATIVE")
    # A reminder of when somebody may be met takes nobody's time.
    entry.add("transp", "TRANSPARENT")
    if meeting.place:
        entry.add("location", meeting.place)
    entry.add("description", "\n".join(_lines(facts, meeting)))
    if "://" in facts.page:
        entry.add("url", facts.page)
    return entry


def _subject(meeting: Meeting) -> tuple[str, str]:
    if meeting.event is not None:
        return ("event", str(meeting.event.id))
    return ("facility", meeting.facility.id if meeting.facility else "")


def _summary(meeting: Meeting) -> str:
    said = meeting.title if meeting.event else _("Police at %(place)s", place=meeting.title)
    return _("Example: %(what)s", what=said) if meeting.illustrative else said


def _lines(facts: CalendarFacts, meeting: Meeting) -> list[str]:
    lines = []
    if meeting.event is not None:
        lines += [meeting.event.description, meeting.event.contact]
    if meeting.illustrative:
        lines.append(_("This was made up to show how the calendar works."))
    elif not meeting.confirmed:
        lines.append(_("Nobody has checked this time. Call 101 before you go."))
    lines.append(_("Beat: %(beat)s", beat=facts.name))
    return [line for line in lines if line]
