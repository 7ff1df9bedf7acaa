"""Events: where residents of a beat can meet their team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from geo_policing.clock import LONDON


@dataclass(frozen=True)
class Event:
    """A meeting, surgery or stall on a beat; `starts_at` and `ends_at` are aware times, kept in UTC.

    `kind` is free text ("surgery", "meeting"), `contact` how to ask about it. ValueError where the title is empty, a
    time carries no zone, or it ends before it starts.
    """

    id: int
    beat_id: str
    title: str
    starts_at: datetime
    ends_at: datetime | None = None
    place: str = ""
    description: str = ""
    kind: str = ""
    contact: str = ""

    def __post_init__(self) -> None:
        if not self.title.strip():
            raise ValueError(f"event of beat {self.beat_id}: the title is empty")
        if self.starts_at.tzinfo is None or (self.ends_at is not None and self.ends_at.tzinfo is None):
            raise ValueError(f"event {self.title!r}: its times need a time zone")
        if self.ends_at is not None and self.ends_at < self.starts_at:
            raise ValueError(f"event {self.title!r}: ends {self.ends_at} before it starts {self.starts_at}")

    def ends_on_or_after(self, day: date) -> bool:
        """True where its last day, in Europe/London, is `day` or later: what a page lists on `day`."""
        return (self.ends_at or self.starts_at).astimezone(LONDON).date() >= day
