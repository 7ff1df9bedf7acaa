"""When and where residents of a beat can meet the police next, as dates: advertised times and events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from geo_policing.clock import LONDON
from geo_policing.domain import opening_hours
from geo_policing.domain.events import Event
from geo_policing.domain.facilities import Facility

HORIZON = timedelta(days=56)
"""How far ahead advertised times are told: eight weeks, in which whatever happens monthly comes up."""
LONGEST = timedelta(hours=24)
"""What is open for longer than this is a building that is always open, not a time at which to meet somebody."""


@dataclass(frozen=True)
class Meeting:
    """One time at one place: either of a contact point (`facility`) or an `event`; the other is None.

    `starts` and `ends` are aware, in Europe/London; `ends` is None where an event does not say. `key` is unique and
    stays the same for the same meeting.
    """

    key: str
    starts: datetime
    ends: datetime | None
    facility: Facility | None = None
    event: Event | None = None

    @property
    def title(self) -> str:
        """The event's title, or the contact point's name."""
        return self.event.title if self.event else self.facility.name if self.facility else ""

    @property
    def place(self) -> str:
        """Where it is, as an address is written; "" where that is not known."""
        if self.event:
            return self.event.place
        parts = (self.facility.address, self.facility.postcode) if self.facility else ()
        return ", ".join(filter(None, parts))

    @property
    def confirmed(self) -> bool:
        """True where somebody answers for it: an event that was entered, or advertised times that were checked."""
        return self.facility is None or (self.facility.verified_on is not None and not self.facility.illustrative)

    @property
    def illustrative(self) -> bool:
        """True for what was made up to show the model."""
        return self.facility is not None and self.facility.illustrative


def meetings(points: Iterable[Facility], events: Iterable[Event], since: datetime) -> tuple[Meeting, ...]:
    """What is not over at the aware time `since`, the earliest first.

    Events whenever they are; times of contact points that begin within `HORIZON`. () where there is nothing, which
    includes contact points whose times are not known.
    """
    found = [_of_event(event) for event in events]
    found = [m for m in found if (m.ends or m.starts) >= since]
    for point in points:
        found += _of_point(point, since)
    return tuple(sorted(found, key=lambda m: (m.starts, m.key)))


def _of_event(event: Event) -> Meeting:
    ends = event.ends_at.astimezone(LONDON) if event.ends_at else None
    return Meeting(f"event-{event.id}", event.starts_at.astimezone(LONDON), ends, event=event)


def _of_point(point: Facility, since: datetime) -> list[Meeting]:
    until = since + HORIZON
    return [
        Meeting(f"{point.id}-{start:%Y%m%dT%H%M}", start, end, facility=point)
        for start, end in opening_hours.times_until(point.opening_hours, since, until)
        if end - start <= LONGEST
    ]
