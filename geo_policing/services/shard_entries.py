"""Answers in the short form in which shards hold them, for a browser to read.

An entry is an object: `outcome`; `beats`, the candidates as places in the shard's own list of beats; `shares`, one for
each of them, left out for one whole; `near`, for each of them the names nearby; `neighbour`, the district over the
border; `notes`, codes, each with the number it speaks of where it has one. What does not apply is left out.
"""

from __future__ import annotations

from typing import Any

from geo_policing.services.answers import Answer, NoteCode, Outcome
from geo_policing.services.choice_hints import names_near
from geo_policing.services.presentation import shown_share
from geo_policing.services.view import View

Entry = dict[str, Any]

SAID_BY_OUTCOME = frozenset({NoteCode.APPROXIMATE_DATA, NoteCode.NEIGHBOUR_UNNAMED})
"""Notes that hold for all of the data, or that the outcome itself says."""


class BeatList:
    """The beats that a shard speaks of, each once, in the order in which they came up."""

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}
        self.rows: list[list[str]] = []

    def row_of(self, beat_id: str, slug: str, name: str, district: str) -> int:
        """The place of a beat in the list, into which it is put if need be."""
        if beat_id not in self._rows:
            self._rows[beat_id] = len(self.rows)
            self.rows.append([slug, name, district])
        return self._rows[beat_id]


def entry_of(view: View, answer: Answer, beats: BeatList) -> Entry:
    """The short form of `answer`, which must not be INVALID or AMBIGUOUS."""
    rows = [beats.row_of(c.beat.id, c.beat.slug, c.beat.name, c.district.name) for c in answer.candidates]
    shares = [shown_share(candidate.share) for candidate in answer.candidates]
    entry: Entry = {"outcome": answer.outcome.value}
    if rows:
        entry["beats"] = rows
    if shares and shares != [1.0]:
        entry["shares"] = shares
    if answer.outcome is Outcome.MANY:
        hints = names_near(view, answer)
        if hints:
            entry["near"] = [list(hints.get(c.beat.id, ())) for c in answer.candidates]
    if answer.neighbour is not None:
        entry["neighbour"] = answer.neighbour.name
    notes = [_note(note.code, note.distance_m) for note in answer.notes if note.code not in SAID_BY_OUTCOME]
    if notes:
        entry["notes"] = notes
    return entry


def _note(code: NoteCode, distance_m: int | None) -> list[Any]:
    return [code.value] if distance_m is None else [code.value, distance_m]
