"""Finding places and streets by name, forgiving how people write and spell them.

Tried in this order, and the first that finds something decides: the name as written; the name with what tells it
apart ("Mill Road, Cambridge", with or without the comma); the same without a house number; the beginning of a name,
or of a word in it; a name with a few letters wrong. All but the first three are shown as a correction.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from geo_policing.datasets.dataset import Dataset
from geo_policing.domain.place_names import fold, without_house_number
from geo_policing.services.indexes import Shares, derived, district_index

MOST_OPTIONS = 30
"""Places offered for one name; who means another adds the town."""
MOST_GUESSES = 10
"""Names offered for a beginning or a misspelling."""
MOST_SUGGESTIONS = 5
_LEAST_LETTERS = 3
_LEAST_LIKENESS = 60.0
"""rapidfuzz.fuzz.ratio (0 to 100) from which a name is worth suggesting."""
_QUALIFIER_LIKENESS = 85.0
_RANK = {"settlement": 0, "district": 1, "ward": 2, "street": 3}


@dataclass(frozen=True)
class Found:
    """Rows of the places table that may be meant, best first; with none, `suggestions` may be near misses.

    `as_written` is False where the name was completed or its spelling corrected. `more` is how many were left off.
    """

    rows: tuple[int, ...] = ()
    as_written: bool = True
    suggestions: tuple[int, ...] = ()
    more: int = 0


def place_index(dataset: Dataset) -> PlaceIndex:
    """The index of the dataset's places, made at first use and kept."""
    return derived(dataset, "place_index", lambda: PlaceIndex(dataset))


class PlaceIndex:
    """Every name, folded."""

    def __init__(self, dataset: Dataset) -> None:
        places = dataset["places"]
        districts = district_index(dataset)
        self.shares = Shares(dataset["place_units"], "place", len(places))
        self._kinds: list[str] = places["kind"].tolist()
        self._populations: list[float] = places["population"].tolist()
        self._district_rows: list[int] = places["district"].tolist()
        self._ids: dict[str, int] = {place_id: row for row, place_id in enumerate(places["id"].tolist())}
        self._rows_of: dict[str, list[int]] = {}
        for row, name in enumerate(places["name"].tolist()):
            self._rows_of.setdefault(fold(name), []).append(row)
        self._names = sorted(self._rows_of)
        # What may stand after a name to tell it apart; the force's own name is right for all ("Ely, Cambridgeshire").
        near = {name: fold(name) for name in set(places["near"].tolist())}
        district_names = [fold(district.name) for district in districts.districts]
        force = fold(dataset.force.name)
        self._tellers = [
            (near[n], district_names[d] if d >= 0 else "", force)
            for n, d in zip(places["near"].tolist(), self._district_rows, strict=True)
        ]

        self._known_tellers = {teller for tellers in set(self._tellers) for teller in tellers[:2] if teller}

    def row_of_id(self, place_id: str) -> int:
        """The row of a place by its id, -1 for none."""
        return self._ids.get(place_id, -1)

    def search(self, text: str) -> Found:
        """What `text` may mean. Folding to nothing finds nothing."""
        whole = fold(text)
        parts = [fold(part) for part in text.split(",")]
        for name, tellers in self._ways_to_read(whole, [p for p in parts if p]):
            rows = self._told_apart(self._rows_of.get(name, []), tellers)
            if rows:
                return self._found(rows, as_written=True)
        if len(whole.replace(" ", "")) >= _LEAST_LETTERS:
            bare, *tellers = [without_house_number(p) for p in parts if p]
            guessed = self._beginning_with(whole, []) or self._beginning_with(bare, tellers)
            for name, told_by in [(whole, []), (bare, tellers), *self._known_tellers_cut_off(whole)]:
                guessed = guessed or self._misspelt(name, told_by)
            if guessed:
                return self._found(guessed, as_written=False)
        return Found(suggestions=self._suggestions(parts[0] or whole))

    def towns_in(self, address: str) -> tuple[int, ...]:
        """The settlements that `address` ends with or names after a comma, by their exact names, in its order.

        For data without streets: of "12 Mill Road, Cambridge" it knows Cambridge. () where it knows none.
        """
        whole, *parts = fold(address), *(fold(part) for part in address.split(",")[1:])
        words = whole.split()
        ends = (" ".join(words[cut:]) for cut in range(1, len(words)))
        towns = [self._settlements(name) for name in (*parts, *ends)]
        named = [rows for rows in towns[: len(parts)] if rows] or [rows for rows in towns if rows][:1]
        return tuple(dict.fromkeys(row for rows in named for row in rows))[:MOST_SUGGESTIONS]

    def _settlements(self, name: str) -> list[int]:
        return [row for row in self._rows_of.get(name, []) if self._kinds[row] == "settlement"]

    def _ways_to_read(self, whole: str, parts: list[str]) -> Iterable[tuple[str, list[str]]]:
        """(name, what tells it apart) as `whole` may be meant, the likeliest first."""
        bare = without_house_number(whole)
        for address in dict.fromkeys((whole, bare)):
            yield address, []
        if len(parts) > 1:
            yield parts[0], parts[1:]
            yield without_house_number(parts[0]), parts[1:]
        words = bare.split()
        for cut in range(len(words) - 1, 0, -1):
            # Folded again: the last word of a shorter name may be a short form ("high st ely").
            yield fold(" ".join(_unfold_saint(words[:cut]))), [" ".join(words[cut:])]

    def _known_tellers_cut_off(self, whole: str) -> Iterable[tuple[str, list[str]]]:
        """(name, what tells it apart) where the last words are a town or district that some place is near."""
        words = without_house_number(whole).split()
        for cut in range(1, len(words)):
            if (teller := " ".join(words[cut:])) in self._known_tellers:
                yield " ".join(words[:cut]), [teller]

    def _told_apart(self, rows: list[int], tellers: list[str]) -> list[int]:
        """Those of `rows` that fit the most of `tellers`, at least one; all where there are none."""
        if not tellers or not rows:
            return rows
        fits = [sum(max(_fit(teller, known) for known in self._tellers[row]) for teller in tellers) for row in rows]
        best = max(fits)
        return [row for row, fit in zip(rows, fits, strict=True) if best and fit == best]

    def _beginning_with(self, text: str, tellers: list[str]) -> list[int]:
        if len(text) < _LEAST_LETTERS:
            return []
        start = bisect_left(self._names, text)
        names = []
        while start < len(self._names) and self._names[start].startswith(text):
            names.append(self._names[start])
            start += 1
        if not names:
            names = [name for name in self._names if f" {text}" in name]
        return self._told_apart([row for name in names for row in self._rows_of[name]], tellers)

    def _misspelt(self, name: str, tellers: list[str]) -> list[int]:
        slips = _slips_allowed(name)
        if not slips:
            return []
        near = process.extract(name, self._names, scorer=OSA.distance, score_cutoff=slips, limit=None)
        for distance in range(slips + 1):
            rows = [row for match, slipped, _ in near if slipped == distance for row in self._rows_of[match]]
            told = self._told_apart(rows, tellers)
            if told:
                return told
        return []

    def _suggestions(self, name: str) -> tuple[int, ...]:
        if len(name) < _LEAST_LETTERS:
            return ()
        # A name that exists, but not where it was said to be, is the best suggestion there is.
        rows = list(self._rows_of.get(name, []))
        likely = process.extract(
            name, self._names, scorer=fuzz.ratio, score_cutoff=_LEAST_LIKENESS, limit=MOST_SUGGESTIONS
        )
        rows += [self.ranked(self._rows_of[match])[0] for match, _, _ in likely if match != name]
        return tuple(rows[:MOST_SUGGESTIONS])

    def _found(self, rows: list[int], *, as_written: bool) -> Found:
        ranked = self.ranked(self._without_namesakes(rows))
        most = MOST_OPTIONS if as_written else MOST_GUESSES
        return Found(tuple(ranked[:most]), as_written, more=max(0, len(ranked) - most))

    def ranked(self, rows: list[int]) -> list[int]:
        """Settlements first, the largest first; otherwise in the order of ids."""
        return sorted(rows, key=lambda row: (_RANK.get(self._kinds[row], 9), -_or_zero(self._populations[row]), row))

    def _without_namesakes(self, rows: list[int]) -> list[int]:
        """`rows` without the wards and districts named after a settlement among them that lies in the same district.

        Who types "Ely" means the town, and is not asked whether the ward of that name was meant.
        """
        towns = {self._district_rows[row] for row in rows if self._kinds[row] == "settlement"}
        return [
            row for row in rows if self._kinds[row] not in ("ward", "district") or self._district_rows[row] not in towns
        ]


def _unfold_saint(words: list[str]) -> list[str]:
    """`words` with a last "saint" as "st" again, which may be a street's."""
    return [*words[:-1], "st"] if words[-1] == "saint" else words


def _fit(teller: str, known: str) -> int:
    """2 where what was typed to tell a place apart is `known` or some of its words, 1 where nearly so, else 0."""
    if not known:
        return 0
    if set(teller.split()) <= set(known.split()):
        return 2
    return 1 if fuzz.ratio(teller, known) >= _QUALIFIER_LIKENESS else 0


def _slips_allowed(name: str) -> int:
    """How many letters may be wrong, missing, doubled or swapped: one in about four, at most three."""
    return min(3, len(name) // 4)


def _or_zero(population: float) -> float:
    return 0.0 if math.isnan(population) else population
