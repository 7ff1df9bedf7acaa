"""Priorities: what a beat's team has agreed with residents to work on, and what it did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Priority:
    """An issue raised on a local date and, once there is one, the action taken on it.

    ValueError where the issue is empty, an action has no date (or a date no action), or it came before the issue.
    """

    id: int
    beat_id: str
    issue: str
    issued_on: date
    action: str = ""
    action_on: date | None = None

    def __post_init__(self) -> None:
        if not self.issue.strip():
            raise ValueError(f"priority of beat {self.beat_id}: the issue is empty")
        if bool(self.action) != (self.action_on is not None):
            raise ValueError(f"priority of beat {self.beat_id}: an action and its date go together")
        if self.action_on is not None and self.action_on < self.issued_on:
            raise ValueError(f"priority of beat {self.beat_id}: action on {self.action_on} before {self.issued_on}")

    def known_on(self, day: date) -> bool:
        """True from the day on which the issue was raised."""
        return self.issued_on <= day
