"""The one clock: UTC in store, Europe/London for people, and settable by tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True)
class Clock:
    """Tells the time; `now_utc` returns an aware UTC datetime and is what a test replaces."""

    now_utc: Callable[[], datetime] = lambda: datetime.now(UTC)

    @classmethod
    def fixed(cls, moment: datetime) -> Clock:
        """A clock that stands at `moment`; ValueError where it carries no time zone."""
        if moment.tzinfo is None:
            raise ValueError(f"a clock needs an aware time, not {moment!r}")
        return cls(lambda: moment.astimezone(UTC))

    def now_local(self) -> datetime:
        """The time in Europe/London, aware."""
        return self.now_utc().astimezone(LONDON)

    def today(self) -> date:
        """The date in Europe/London: plans and postings begin and end on local days."""
        return self.now_local().date()
