"""Covers: who looks after a beat whose own post is vacant, or whose PCSO is away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from geo_policing.domain.postings import Posting


@dataclass(frozen=True)
class Cover:
    """Somebody posted to another beat who covers this one too, from a local date up to and including one.

    It adds no post: full-time equivalents are those of the posting, which belongs to its own beat. `ends_on` None
    means that no end is known. ValueError where it ends before it starts.
    """

    id: int
    beat_id: str
    posting_id: int
    starts_on: date
    ends_on: date | None = None

    def __post_init__(self) -> None:
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise ValueError(f"cover of beat {self.beat_id}: ends {self.ends_on} before it starts {self.starts_on}")

    def holds_on(self, day: date) -> bool:
        """True on each day from `starts_on` to `ends_on`, both included."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True)
class Covering:
    """A cover with the posting that it lends, whose `beat_id` is the beat that the person comes from."""

    cover: Cover
    posting: Posting

    @property
    def beat_id(self) -> str:
        """The beat that is covered."""
        return self.cover.beat_id
