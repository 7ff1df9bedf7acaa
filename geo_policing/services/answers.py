"""What a lookup answers: the shapes that pages, the API and the command line all present."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from geo_policing.domain.areas import District
from geo_policing.domain.beats import Beat
from geo_policing.domain.postings import Posting


class Outcome(StrEnum):
    """How a lookup ended."""

    ONE = "one"
    MANY = "many"
    OUTSIDE = "outside"
    TERMINATED = "terminated"
    AMBIGUOUS = "ambiguous"
    NOT_FOUND = "not_found"
    INVALID = "invalid"


class NoteCode(StrEnum):
    """What a reader must know beside the answer; each page and client words it from its code."""

    APPROXIMATE_DATA = "approximate_data"
    SNAPPED_TO_NEAREST_UNIT = "snapped_to_nearest_unit"
    LARGE_USER = "large_user"
    STATUS_UNKNOWN = "status_unknown"
    UNLOCATED = "unlocated"
    NO_PLAN_YET = "no_plan_yet"
    NEIGHBOUR_UNNAMED = "neighbour_unnamed"
    PARTLY_OUTSIDE = "partly_outside"


@dataclass(frozen=True)
class Note:
    """A note in plain English; `text` is a whole sentence fit for a resident.

    `distance_m` is the number in it where it speaks of one, in whole metres.
    """

    code: NoteCode
    text: str
    distance_m: int | None = None


@dataclass(frozen=True)
class LentPost:
    """A post of another beat that looks after this one.

    `home` is its own beat, None where the plan in force has not got it; `until` the last day, None where no end is
    known.
    """

    posting: Posting
    home: Beat | None
    since: date
    until: date | None


@dataclass(frozen=True)
class Candidate:
    """A beat that may be meant, with its share of what was asked for (0 < share <= 1)."""

    beat: Beat
    share: float
    district: District
    team: tuple[Posting, ...]
    """The posts serving on the beat on the day; empty while it is vacant."""
    cover: tuple[LentPost, ...] = ()
    """Those from other beats who look after this one on the day."""


@dataclass(frozen=True)
class PlaceOption:
    """A place that may be meant; `id` answers for it in a next lookup."""

    id: str
    name: str
    kind: str
    near: str
    district: District | None


@dataclass(frozen=True)
class Correction:
    """A typing slip that was forgiven: what was typed, and what it was read as."""

    typed: str
    read_as: str


@dataclass(frozen=True)
class Answer:
    """The whole answer to one lookup.

    `candidates` is empty but for ONE and MANY; `places` but for AMBIGUOUS (and for NOT_FOUND, where it may suggest).
    `neighbour` is the district over the border for OUTSIDE, None where the data does not name it. `message` says what
    was wrong for NOT_FOUND and INVALID, and `field` which parameter. `asked` is how to speak of what was asked for
    ("CB1 1JG", "Mill Road, Ely"); it never goes into a log. `accuracy_m` is how far off the asked point may be, None
    where not known. `method` is one of the names that docs/data.md explains.
    """

    outcome: Outcome
    data_version: str
    as_of: date
    method: str = ""
    asked: str = ""
    candidates: tuple[Candidate, ...] = ()
    places: tuple[PlaceOption, ...] = ()
    neighbour: District | None = None
    accuracy_m: float | None = None
    correction: Correction | None = None
    notes: tuple[Note, ...] = field(default=())
    message: str = ""
    field: str | None = None
