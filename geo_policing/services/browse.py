"""Places by name with the beats they lie in: the way to a team that needs neither a search nor a map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo_policing.domain.areas import District
from geo_policing.domain.beats import Beat
from geo_policing.domain.place_names import fold
from geo_policing.services.answers import Candidate
from geo_policing.services.indexes import derived, district_index
from geo_policing.services.naming import answer_row
from geo_policing.services.ready import ready_for
from geo_policing.services.view import View

LEAST_SHARE = 0.02
"""Beats with less of a settlement than this are not listed with it: they only touch its edge."""


@dataclass(frozen=True)
class ListedPlace:
    """A settlement with the beats in which it lies, the largest share first, and the district it is in."""

    name: str
    district: District | None
    beats: tuple[Beat, ...]


def listed_places(view: View) -> tuple[tuple[str, tuple[ListedPlace, ...]], ...]:
    """Every settlement that lies in a beat, by the first letter of its name; () without a plan or without places."""
    return derived(view, "listed_places", lambda: _listed(view))


def beats_by_district(view: View) -> tuple[tuple[District, tuple[Beat, ...]], ...]:
    """The beats in force by district, both by name."""
    if view.plan is None:
        return ()
    districts = district_index(view.dataset)
    beats: dict[str, list[Beat]] = {}
    for beat in view.plan.beats:
        beats.setdefault(beat.district_code, []).append(beat)
    ordered = sorted(beats, key=lambda code: districts.by_code(code).name)
    return tuple((districts.by_code(code), tuple(sorted(beats[code], key=lambda b: fold(b.name)))) for code in ordered)


def _listed(view: View) -> tuple[tuple[str, tuple[ListedPlace, ...]], ...]:
    if view.plan is None:
        return ()
    ready = ready_for(view)
    places: dict[str, list[ListedPlace]] = {}
    for row in np.flatnonzero(view.dataset["places"]["kind"] == "settlement").tolist():
        candidates = answer_row(ready, row).candidates
        if candidates:
            name = str(view.dataset["places"]["name"][row])
            place = ListedPlace(name, candidates[0].district, _beats_of(candidates))
            places.setdefault(fold(name)[:1].upper() or "#", []).append(place)
    return tuple(
        (letter, tuple(sorted(places[letter], key=lambda place: (fold(place.name), place.beats[0].slug))))
        for letter in sorted(places)
    )


def _beats_of(candidates: tuple[Candidate, ...]) -> tuple[Beat, ...]:
    whole = sum(candidate.share for candidate in candidates)
    ordered = sorted(candidates, key=lambda candidate: -candidate.share)
    return tuple(c.beat for c in ordered if c is ordered[0] or c.share >= LEAST_SHARE * whole)
