"""Answers as the JSON that API and command line give; the shape is a published contract."""

from __future__ import annotations

from typing import Any

from geo_policing.domain.areas import Area, District
from geo_policing.domain.postings import Posting
from geo_policing.services.answers import Answer, Candidate, LentPost, PlaceOption
from geo_policing.services.view import View

SHARE_DIGITS = 4
_LEAST_SHARE = 10.0**-SHARE_DIGITS


def answer_to_json(answer: Answer, view: View) -> dict[str, Any]:
    """`answer` in plain JSON types; keys that do not apply are null or empty, never absent.

    `share` is rounded to 4 digits but stays above 0; `accuracy_m` to decimetres. `corrected` is null, or what was
    typed and what it was read as. `approximate` is true for data that is not surveyed.
    """
    correction = answer.correction
    return {
        "outcome": answer.outcome.value,
        "candidates": [_candidate(candidate) for candidate in answer.candidates],
        "places": [_place(option) for option in answer.places],
        "neighbour": _named(answer.neighbour),
        "method": str(answer.method),
        "accuracy_m": None if answer.accuracy_m is None else round(answer.accuracy_m, 1),
        "data_version": answer.data_version,
        "as_of": answer.as_of.isoformat(),
        "corrected": None if correction is None else {"typed": correction.typed, "read_as": correction.read_as},
        "notes": [{"code": note.code.value, "text": note.text} for note in answer.notes],
        "approximate": view.dataset.approximate,
        "message": answer.message,
    }


def shown_share(share: float) -> float:
    """A share as served: 4 digits, above 0."""
    return max(round(share, SHARE_DIGITS), _LEAST_SHARE)


def _candidate(candidate: Candidate) -> dict[str, Any]:
    beat, district = candidate.beat, candidate.district
    return {
        "beat": {"id": beat.id, "slug": beat.slug, "name": beat.name},
        "share": shown_share(candidate.share),
        "district": _named(district),
        "area": _named(district.area),
        "team": [*map(_post, candidate.team), *map(_lent, candidate.cover)],
    }


def _post(posting: Posting) -> dict[str, Any]:
    return {
        "role": posting.role.value,
        "collar_number": posting.collar_number,
        "name": posting.name,
        "fte": posting.fte,
        "contact": {"email": posting.email, "telephone": posting.telephone},
        "illustrative": posting.illustrative,
        "covering": None,
    }


def _lent(lent: LentPost) -> dict[str, Any]:
    """A post from another beat, of which `covering` says whence and until when."""
    home = lent.home
    return {
        **_post(lent.posting),
        "covering": {
            "beat": None if home is None else {"id": home.id, "slug": home.slug, "name": home.name},
            "until": None if lent.until is None else lent.until.isoformat(),
        },
    }


def _place(option: PlaceOption) -> dict[str, Any]:
    return {
        "id": option.id,
        "name": option.name,
        "kind": option.kind,
        "near": option.near,
        "district": _named(option.district),
    }


def _named(what: District | Area | None) -> dict[str, str] | None:
    return None if what is None else {"code": what.code, "name": what.name}
