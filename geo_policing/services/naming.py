"""Answers for places and streets."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace

from geo_policing.datasets.findings import SETTLEMENTS_ABSENT, STREETS_ABSENT
from geo_policing.domain.postcodes import shown
from geo_policing.services.answers import Answer, Correction, Outcome, PlaceOption
from geo_policing.services.locating import answer_point
from geo_policing.services.methods import Method
from geo_policing.services.place_search import Found, place_index
from geo_policing.services.ready import Ready
from geo_policing.wording import sentences, worded, worded_plural


def answer_found(ready: Ready, text: str, found: Found, *, if_unknown: str = "") -> Answer:
    """The answer to a search: located for one place, AMBIGUOUS for several, NOT_FOUND with suggestions for none."""
    if not found.rows:
        return _unknown(ready, text, found, if_unknown)
    options = _without_doubles(ready, [option(ready, row) for row in found.rows])
    if len(options) == 1 and not found.more:
        answer = answer_row(ready, place_index(ready.dataset).row_of_id(options[0].id))
        return answer if found.as_written else replace(answer, correction=Correction(text, answer.asked))
    if len({chosen.name for chosen in options}) == 1:
        message = same_name_message(options[0].name, len(options), found.more)
    else:
        message = several_message(text)
    return ready.answer(Outcome.AMBIGUOUS, places=tuple(options), method=Method.PLACE_NAME, asked=text, message=message)


def answer_place_id(ready: Ready, place_id: str) -> Answer:
    """The answer for a place by the id of an option; NOT_FOUND where the data has none such (any more)."""
    row = place_index(ready.dataset).row_of_id(place_id)
    if row >= 0:
        return answer_row(ready, row)
    message = worded(
        "Our data has no place %(id)s. It may have been replaced since; search for it by its name.", id=shown(place_id)
    )
    return ready.answer(Outcome.NOT_FOUND, method=Method.PLACE_NAME, asked=place_id, message=message, field="place_id")


def answer_row(ready: Ready, row: int) -> Answer:
    """The answer for one row of the places table: by its shares, else by its point."""
    places = ready.dataset["places"]
    kind, district_row = str(places["kind"][row]), int(places["district"][row])
    accuracy_m = _known(places["accuracy_m"][row])
    asked = full_name(ready, row)
    shares = place_index(ready.dataset).shares.of(row)
    if shares:
        method = Method.STREET_LENGTH if kind == "street" else Method.PLACE_RESIDENTS
        return ready.located(shares, method=method, asked=asked, accuracy_m=accuracy_m)
    if district_row >= 0 and not ready.districts.inside[district_row]:
        neighbour = ready.districts.districts[district_row]
        return ready.outside(neighbour, method=Method.PLACE_DISTRICT, asked=asked, accuracy_m=accuracy_m)
    easting, northing = float(places["easting"][row]), float(places["northing"][row])
    return answer_point(ready, easting, northing, asked=asked, accuracy_m=accuracy_m, method=Method.PLACE_POINT)


def option(ready: Ready, row: int) -> PlaceOption:
    """One row of the places table as something to choose."""
    places = ready.dataset["places"]
    district_row = int(places["district"][row])
    return PlaceOption(
        id=str(places["id"][row]),
        name=str(places["name"][row]),
        kind=str(places["kind"][row]),
        near=str(places["near"][row]),
        district=ready.districts.districts[district_row] if district_row >= 0 else None,
    )


def full_name(ready: Ready, row: int) -> str:
    """The name with what tells it apart: "Mill Road, Ely"."""
    places = ready.dataset["places"]
    name, near = str(places["name"][row]), str(places["near"][row])
    return f"{name}, {near}" if near and near != name else name


def _unknown(ready: Ready, text: str, found: Found, if_unknown: str) -> Answer:
    towns = place_index(ready.dataset).towns_in(text) if STREETS_ABSENT in ready.absent else ()
    options = tuple(option(ready, row) for row in towns or found.suggestions)
    if towns:
        advice = worded("Choose the town or village instead, or try a postcode.")
        if ready.dataset.approximate:
            advice = worded("Choose the town or village instead.")
        no_streets = worded("Our data has no names of streets, so it cannot find %(typed)s.", typed=shown(text))
        message: str = sentences(no_streets, advice)
    else:
        message = if_unknown or not_found_message(ready, text, suggests=bool(options))
    return ready.answer(
        Outcome.NOT_FOUND, places=options, method=Method.PLACE_NAME, asked=text, message=message, field="place"
    )


def several_message(text: str) -> str:
    """What is said over places of several names that `text` may mean."""
    return worded("%(typed)s may mean several places. Choose one.", typed=shown(text))


def not_found_message(ready: Ready, text: str, *, suggests: bool) -> str:
    """What is said of a name that the data has not got; `suggests` where others are offered for it."""
    settlements, streets = (what in ready.absent for what in (SETTLEMENTS_ABSENT, STREETS_ABSENT))
    typed = shown(text)
    if settlements and streets:
        message = worded(
            "Our data has no place or street called %(typed)s: it has no names of settlements and no names of streets.",
            typed=typed,
        )
    elif settlements:
        message = worded(
            "Our data has no place or street called %(typed)s: it has no names of settlements.", typed=typed
        )
    elif streets:
        message = worded("Our data has no place or street called %(typed)s: it has no names of streets.", typed=typed)
    else:
        message = worded("Our data has no place or street called %(typed)s.", typed=typed)
    if suggests:
        return sentences(message, worded("Choose one of these if you meant it, or try a postcode."))
    if settlements or streets:
        return sentences(message, worded("Try a postcode."))
    return sentences(message, worded("Check the spelling, or try a postcode."))


def same_name_message(name: str, listed: int, more: int) -> str:
    """What is said over several places of one name, of which `more` are not listed."""
    if more:
        return worded(
            "%(count)s places are called %(name)s; the first %(listed)s are listed. "
            "Choose one, or add the town or village.",
            count=listed + more,
            name=name,
            listed=listed,
        )
    return worded_plural(
        "%(num)s place is called %(name)s. Choose one, or add the town or village.",
        "%(num)s places are called %(name)s. Choose one, or add the town or village.",
        listed,
        name=name,
    )


def _without_doubles(ready: Ready, options: list[PlaceOption]) -> list[PlaceOption]:
    """`options` with one for all that nobody could tell apart and that have the same beat for their answer.

    Such are the stretches of one street on both sides of a gap: there is no need to ask which is meant.
    """
    labels = Counter(replace(each, id="") for each in options)
    kept: dict[tuple[PlaceOption, str], PlaceOption] = {}
    for each in options:
        label = replace(each, id="")
        own = each.id if labels[label] == 1 else _sole_beat(ready, each) or each.id
        kept.setdefault((label, own), each)
    return list(kept.values())


def _sole_beat(ready: Ready, chosen: PlaceOption) -> str:
    answer = answer_row(ready, place_index(ready.dataset).row_of_id(chosen.id))
    return answer.candidates[0].beat.id if answer.outcome is Outcome.ONE else ""


def _known(value: float) -> float | None:
    return None if math.isnan(value) else round(float(value), 1)
