"""The short texts and the facts from which a script answers (see `api.outcomes`), in the language of the page."""

from __future__ import annotations

from typing import Any

from geo_policing.api.choices import about_place, district_line, heading_of, near_line, share_line
from geo_policing.api.finding import slot
from geo_policing.api.pages import EMPTY, NO_CALL, PHONE_NUMBERS, as_heading
from geo_policing.api.rendering import SHARE_WORDS, listed
from geo_policing.api.runtime import the_runtime
from geo_policing.api.speech import translated
from geo_policing.domain.areas import District
from geo_policing.domain.postcodes import (
    AREAS,
    LETTER_ENDINGS,
    LONGEST_TYPED,
    NEVER_INWARD,
    SERVED_BY_OTHERS,
    TERRITORIES,
    Postcode,
    doubt_about,
    read_postcode,
)
from geo_policing.services.answers import PlaceOption
from geo_policing.services.by_postcode import share_method, unknown_message, unlocated_message
from geo_policing.services.choice_hints import NAMES_SHOWN
from geo_policing.services.data_facts import data_facts
from geo_policing.services.methods import Method
from geo_policing.services.naming import not_found_message, same_name_message, several_message
from geo_policing.services.place_search import MOST_OPTIONS
from geo_policing.services.place_shards import place_shards
from geo_policing.services.postcode_shards import postcode_shards
from geo_policing.services.ready import Ready, ready_for
from geo_policing.services.view import View
from geo_policing.spatial.crs import LATITUDE
from geo_policing.wording import Plural, Wording, worded, worded_plural

KEPT = frozenset({"force"})
"""Values of sentences that are the same for every answer, so they are no slots."""
_PLACE_METHODS = (Method.PLACE_RESIDENTS, Method.STREET_LENGTH, Method.PLACE_POINT)
_MOST_BEATS_SPELT = 5


def slotted(text: str) -> str:
    """`text` with a slot for each value that it was made from, but for those in KEPT; a plain text as it is."""
    if not isinstance(text, Wording):
        return text
    values = {
        name: value if name in KEPT else slotted(value) if isinstance(value, Wording) else slot(name)
        for name, value in text.values.items()
    }
    if isinstance(text.pattern, Plural):
        return worded_plural(
            *text.pattern, int(str(text.values["num"])), **{k: v for k, v in values.items() if k != "num"}
        )
    return worded(text.pattern, **values)


def messages_for(view: View) -> dict[str, str]:
    """Every short text by its name, with slots for what a script fills in.

    `lists` are patterns for two names and more; `many-N` the heading over N beats; `share-METHOD-I` the share of rank
    I; the others are named for what they say.
    """
    ready = ready_for(view)
    return {
        **_problems(ready),
        **_headings(view),
        **_shares(view),
        **{f"list-{count}": listed(tuple(slot(f"n{i}") for i in range(count))) for count in range(2, NAMES_SHOWN + 1)},
        "district": district_line(slot("district")),
        "near": near_line(slot("names")),
        **(_for_places(ready) if the_runtime().written else {}),
    }


def facts_for(view: View) -> dict[str, Any]:
    """What a script must know besides: the rules of reading, which shards there are, and the steps of shares."""
    shards = postcode_shards(view)
    written = the_runtime().written is not None
    return {
        **({"place_keys": list(place_shards(view).keys)} if written else {}),
        "rules": {
            "areas": sorted(AREAS),
            "endings": {area: "".join(sorted(letters)) for area, letters in sorted(LETTER_ENDINGS.items())},
            "never_inward": "".join(sorted(NEVER_INWARD)),
            "served_by_others": sorted(SERVED_BY_OTHERS),
            "territories": sorted(TERRITORIES),
            "longest": LONGEST_TYPED,
            "latitude": list(LATITUDE),
        },
        "outward": list(shards.outward_codes),
        "names_like_postcodes": list(shards.names_like_postcodes),
        "share_steps": [least for least, _ in SHARE_WORDS],
        "postcode_method": str(share_method(ready_for(view))),
        "approximate": view.dataset.approximate,
        "phone_numbers": sorted(PHONE_NUMBERS),
    }


def _problem(text: str) -> str:
    return as_heading(translated(text))


def _problems(ready: Ready) -> dict[str, str]:
    """What is said of a postcode that the data cannot place, by why."""
    asked, outward = slot("asked"), slot("outward")

    def unknown(doubt: str = "", *, outward_known: bool = True) -> str:
        return _problem(unknown_message(ready, asked, outward, doubt=doubt, outward_known=outward_known))

    return {
        "unlocated": _problem(unlocated_message(asked)),
        "unknown": unknown(),
        "unknown-outward": unknown(outward_known=False),
        "doubt-girobank": unknown(read_postcode("GIR 0AA").doubt),
        "doubt-area": unknown(slotted(doubt_about(Postcode("QQ1", "1AA")))),
        "doubt-letters": unknown(slotted(doubt_about(Postcode("CB1", "1CC")))),
        **{f"doubt-served-{a}": unknown(slotted(doubt_about(Postcode(f"{a}1", "1AA")))) for a in SERVED_BY_OTHERS},
    }


def _headings(view: View) -> dict[str, str]:
    """The question over each number of beats that one place can lie in."""
    most = _MOST_BEATS_SPELT if not the_runtime().written or view.plan is None else len(view.plan.beats)
    return {f"many-{count}": heading_of(slot("asked"), count) for count in range(2, most + 1)}


def _shares(view: View) -> dict[str, str]:
    population = data_facts(view.dataset).population_method
    methods = (share_method(ready_for(view)), *(_PLACE_METHODS if the_runtime().written else ()))
    return {
        f"share-{method}-{rank}": share_line(method, population, least)
        for method in methods
        for rank, (least, _) in enumerate(SHARE_WORDS)
    }


def _for_places(ready: Ready) -> dict[str, str]:
    """What a page in a file says of places, which otherwise the server finds."""
    near, district = slot("near"), District("", slot("district"))
    forms = {
        f"place-{kind}-{'near' if with_near else ''}-{'in' if within else ''}": about_place(
            PlaceOption("", "", kind, near if with_near else "", district if within else None)
        )
        for kind in ("settlement", "district", "ward", "street")
        for with_near in (False, True)
        for within in (False, True)
    }
    inside = {
        f"place-{kind}-same-": about_place(PlaceOption("", "", kind, slot("near"), District("", slot("near"))))
        for kind in ("settlement", "district", "ward", "street")
    }
    named = {f"named-{n}": translated(same_name_message(slot("name"), n, 0)) for n in range(2, MOST_OPTIONS + 1)}
    return {
        **forms,
        **inside,
        **named,
        "several": translated(several_message(slot("typed"))),
        "no-place": _problem(not_found_message(ready, slot("typed"), suggests=False)),
        "no-call": translated(NO_CALL),
        "empty": translated(EMPTY),
    }
