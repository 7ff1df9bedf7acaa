"""Shards of places and streets by the first letters of their names, for pages behind which there is no server.

A shard holds every name that begins so, folded (`domain.place_names`), each with its places in the order in which a
search ranks them. A place is an entry of `services.shard_entries` with `id`, `name`, `kind`, `near`, `in` (its
district), `as` (how to speak of it) and `method`. What tells places of one name apart is `near` and `in`.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import Any

from geo_policing.domain.place_names import fold
from geo_policing.errors import NotFoundError
from geo_policing.services.indexes import derived
from geo_policing.services.naming import answer_row, full_name, option
from geo_policing.services.place_search import place_index
from geo_policing.services.ready import Ready, ready_for
from geo_policing.services.shard_entries import BeatList, Entry, entry_of
from geo_policing.services.view import View

KEY_LETTERS = 2
PlaceShard = dict[str, Any]


def place_shards(view: View) -> PlaceShards:
    """The place shards of a view, made at first use and kept with it."""
    return derived(view, "place_shards", lambda: PlaceShards(view))


def key_of(folded: str) -> str:
    """The shard in which a folded name stands: its first letters, each character that is not a-z or 0-9 as "_".

    >>> key_of("mill road"), key_of("éa"), key_of("x"), key_of("a 1")
    ('mi', '_a', 'x_', 'a_')
    """
    first = folded[:KEY_LETTERS].ljust(KEY_LETTERS, "_")
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in first)


class PlaceShards:
    """The place shards of one view."""

    def __init__(self, view: View) -> None:
        self._view = view

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Every key for which there is a shard, in order."""
        return tuple(sorted(self._rows))

    def shard(self, key: str) -> PlaceShard:
        """The shard of one key; NotFoundError where no name begins so."""
        if key not in self._rows:
            raise NotFoundError(f"there is no shard {key!r}: no place or street has a name that begins so.")
        ready, beats = ready_for(self._view), BeatList()
        ranked = place_index(self._view.dataset).ranked
        names: dict[str, list[Entry]] = {}
        for name, rows in sorted(self._rows[key].items()):
            names[name] = [self._place(ready, row, beats) for row in ranked(rows)]
        return {"data_version": self._view.dataset.data_version, "names": names, "beats": beats.rows}

    @cached_property
    def _rows(self) -> dict[str, dict[str, list[int]]]:
        rows: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for row, name in enumerate(self._view.dataset["places"]["name"].tolist()):
            folded = fold(name)
            if folded:
                rows[key_of(folded)][folded].append(row)
        return rows

    def _place(self, ready: Ready, row: int, beats: BeatList) -> Entry:
        place, answer = option(ready, row), answer_row(ready, row)
        about = {"id": place.id, "name": place.name, "kind": place.kind, "near": place.near}
        about["in"] = place.district.name if place.district is not None else ""
        spoken = full_name(ready, row)
        return {
            **about,
            **({"as": spoken} if spoken != place.name else {}),
            "method": str(answer.method),
            **entry_of(self._view, answer, beats),
        }
