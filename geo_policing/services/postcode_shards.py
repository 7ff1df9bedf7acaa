"""Shards: all that is known of the postcodes of one outward code, so that a browser can answer for one by itself.

Whoever asks for a shard tells the server "CB1" and nothing more. A shard answers as `services.lookup` would for the
plan in force: `one` gives, for each beat in the shard's list, the inward codes that lie in it as a whole, run together
(three characters each); `terminated` and `unlocated` those without a place; `outside` those over the border, by the
name of their district ("" where the data has none); `other` everything that takes more words, by inward code, as
`services.shard_entries` says.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any

from geo_policing.datasets.schema import PostcodeStatus
from geo_policing.domain.place_names import fold
from geo_policing.domain.postcodes import Postcode, PostcodeReading, read_postcode
from geo_policing.errors import InvalidInputError, NotFoundError
from geo_policing.services.answers import Answer, Outcome
from geo_policing.services.by_postcode import answer_postcode
from geo_policing.services.indexes import derived
from geo_policing.services.ready import Ready, ready_for
from geo_policing.services.shard_entries import BeatList, Entry, entry_of
from geo_policing.services.view import View

INWARD_CHARACTERS = 3
Shard = dict[str, Any]


def postcode_shards(view: View) -> PostcodeShards:
    """The shards of a view in which a plan is in force, made at first use and kept with it."""
    return derived(view, "postcode_shards", lambda: PostcodeShards(view))


@dataclass
class _Draft:
    """A shard as it grows, by inward code."""

    beats: BeatList
    one: dict[int, list[str]]
    outside: dict[str, list[str]]
    terminated: list[str]
    unlocated: list[str]
    other: dict[str, Entry]


class PostcodeShards:
    """The shards of one view; ValueError where no plan was in force on its day."""

    def __init__(self, view: View) -> None:
        if view.plan is None:
            raise ValueError(f"no plan was in force on {view.as_of}, so there is nothing to put into shards")
        self._view = view
        self._shards: dict[str, Shard] = {}

    @cached_property
    def version(self) -> str:
        """What stands in the shards' addresses: of a-f0-9, another one for other data, beats or answering code."""
        return _version_of(self._view)

    @cached_property
    def outward_codes(self) -> tuple[str, ...]:
        """Every outward code for which there is a shard, in order."""
        return tuple(sorted(self._rows))

    @cached_property
    def names_like_postcodes(self) -> tuple[str, ...]:
        """Folded names of places that could be read as a postcode typed with slips; the name goes first there."""
        names = {fold(name) for name in set(self._view.dataset["places"]["name"].tolist())}
        return tuple(sorted(name for name in names if _reads_as_postcode(name)))

    def shard(self, outward: str) -> Shard:
        """The shard of one outward code; NotFoundError where the data has no postcode that begins so."""
        if outward not in self._rows:
            raise NotFoundError(f"there is no shard for {outward!r}: our data has no postcode that begins so.")
        if outward not in self._shards:
            self._shards[outward] = self._made(outward)
        return self._shards[outward]

    @cached_property
    def _rows(self) -> dict[str, list[int]]:
        rows: dict[str, list[int]] = defaultdict(list)
        for row, code in enumerate(self._view.dataset["postcodes"]["postcode"].tolist()):
            rows[code[:-INWARD_CHARACTERS]].append(row)
        return dict(rows)

    def _made(self, outward: str) -> Shard:
        ready = ready_for(self._view)
        codes, statuses = ready.postcodes.columns["postcode"], ready.postcodes.columns["status"]
        draft = _Draft(BeatList(), defaultdict(list), defaultdict(list), [], [], {})
        for row in self._rows[outward]:
            inward = str(codes[row])[-INWARD_CHARACTERS:]
            if statuses[row] == PostcodeStatus.TERMINATED:
                draft.terminated.append(inward)
            elif statuses[row] != PostcodeStatus.LIVE:
                draft.unlocated.append(inward)
            else:
                self._put(draft, inward, _answer_of(ready, row, outward, inward))
        return _finished(draft, outward, self._view)

    def _put(self, draft: _Draft, inward: str, answer: Answer) -> None:
        entry = entry_of(self._view, answer, draft.beats)
        if answer.outcome is Outcome.ONE and entry.keys() == {"outcome", "beats"}:
            draft.one[entry["beats"][0]].append(inward)
        elif answer.outcome is Outcome.OUTSIDE and not entry.get("notes"):
            draft.outside[entry.get("neighbour", "")].append(inward)
        else:
            draft.other[inward] = entry


def _answer_of(ready: Ready, row: int, outward: str, inward: str) -> Answer:
    postcode = Postcode(outward, inward)
    return answer_postcode(ready, row, PostcodeReading(postcode), str(postcode))


def _finished(draft: _Draft, outward: str, view: View) -> Shard:
    whole = ["".join(draft.one.get(row, ())) for row in range(len(draft.beats.rows))]
    return {
        "outward": outward,
        "data_version": view.dataset.data_version,
        "beats": draft.beats.rows,
        "one": whole,
        "terminated": "".join(draft.terminated),
        "unlocated": "".join(draft.unlocated),
        "outside": {name: "".join(codes) for name, codes in sorted(draft.outside.items())},
        "other": draft.other,
    }


def _reads_as_postcode(name: str) -> bool:
    try:
        read_postcode(name)
    except InvalidInputError:
        return False
    return True


def _version_of(view: View) -> str:
    plan = view.plan
    assert plan is not None  # noqa: S101 - refused when the shards were made
    digest = hashlib.sha256(view.dataset.data_version.encode())
    digest.update(repr([(beat.id, beat.slug, beat.name, beat.district_code) for beat in plan.beats]).encode())
    digest.update(plan.beat_of_unit.tobytes())
    digest.update(_code_digest())
    return digest.hexdigest()[:16]


def _code_digest() -> bytes:
    """A digest of the modules that decide what an answer is."""
    digest = hashlib.sha256()
    for source in sorted(files("geo_policing.services").iterdir(), key=lambda path: path.name):
        if source.name.endswith(".py"):
            digest.update(source.read_bytes())
    return digest.digest()
