"""Postings: who serves on which beat, from when to when, and for how much of a full-time post."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Role(StrEnum):
    """What a person does on a beat."""

    PCSO = "pcso"
    CONSTABLE = "constable"
    SERGEANT = "sergeant"
    INSPECTOR = "inspector"
    SPECIAL = "special_constable"


@dataclass(frozen=True)
class Posting:
    """A person (or a post by its collar number) in a role on a beat, from a local date up to and including one.

    `ends_on` None means no end is known; `fte` is full-time equivalents, above 0 and at most 1.
    """

    id: int
    beat_id: str
    role: Role
    collar_number: str
    fte: float
    starts_on: date
    ends_on: date | None = None
    name: str | None = None
    email: str | None = None
    telephone: str | None = None
    illustrative: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.fte <= 1:
            raise ValueError(f"posting {self.collar_number}: fte {self.fte} is not above 0 and at most 1")
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise ValueError(f"posting {self.collar_number}: ends {self.ends_on} before it starts {self.starts_on}")

    def serves_on(self, day: date) -> bool:
        """True on each day from `starts_on` to `ends_on`, both included."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


def fte_on(postings: Iterable[Posting], day: date, role: Role = Role.PCSO) -> float:
    """Full-time equivalents in `role` on `day`; 0.0 for no postings."""
    return sum(p.fte for p in postings if p.role is role and p.serves_on(day))
