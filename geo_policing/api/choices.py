"""The lines in which a resident is offered a choice: of beats, or of places that may be meant.

They stand apart from the templates, as the same lines are also handed to the browser (`api.outcomes`), which answers
for postcodes by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from geo_policing.api.rendering import listed, share_words
from geo_policing.services.answers import Answer, Candidate, PlaceOption
from geo_policing.services.methods import Method

IS_TOWN_FROM = 6
"""So many beats are no choice by share any more."""


@dataclass(frozen=True)
class BeatChoice:
    """One beat to choose: where it leads, its name, and what helps to tell it apart, by the name of the line."""

    slug: str
    name: str
    lines: Mapping[str, str]


def is_town(count: int) -> bool:
    """True where `count` beats are listed by name rather than by share."""
    return count >= IS_TOWN_FROM


def heading_of(asked: str, count: int) -> str:
    """The question over `count` (two or more) beats.

    Numbers up to five are written as words, each sentence whole, as languages put words after numbers differently.
    """
    if count == 2:
        return _("%(place)s lies in two beats", place=asked)
    if count == 3:
        return _("%(place)s lies in three beats", place=asked)
    if count == 4:
        return _("%(place)s lies in four beats", place=asked)
    if count == 5:
        return _("%(place)s lies in five beats", place=asked)
    return ngettext("%(place)s lies in %(num)s beat", "%(place)s lies in %(num)s beats", count, place=asked)


def beat_choices(answer: Answer, hints: Mapping[str, Sequence[str]], population_method: str) -> tuple[BeatChoice, ...]:
    """The beats of a MANY answer: by share, the largest first; by name where they are as many as a town's.

    The beat of the postcode's point comes first in an answer; a reader expects the largest share there.
    """
    town = is_town(len(answer.candidates))
    several = len({c.district.code for c in answer.candidates}) > 1

    def choice(candidate: Candidate) -> BeatChoice:
        near = hints.get(candidate.beat.id)
        lines = {
            "share": "" if town else share_line(answer.method, population_method, candidate.share),
            "district": district_line(candidate.district.name) if several else "",
            "near": near_line(listed(tuple(near))) if near else "",
        }
        return BeatChoice(candidate.beat.slug, candidate.beat.name, lines)

    if town:
        ordered = sorted(answer.candidates, key=lambda c: c.beat.name.casefold())
    else:
        ordered = sorted(answer.candidates, key=lambda c: -c.share)
    return tuple(map(choice, ordered))


def share_line(method: str, population_method: str, share: float) -> str:
    """How much of what was asked for lies in a beat, and by what that is measured."""
    much = share_words(share)
    much = much[:1].upper() + much[1:]
    if method in (Method.POSTCODE_VORONOI_AREA, Method.GRID_CELL):
        return _("%(share)s of its area", share=much)
    if method == Method.POSTCODE_ADDRESSES:
        return _("%(share)s of its addresses", share=much)
    if method == Method.STREET_LENGTH:
        return _("%(share)s of its length", share=much)
    if method == Method.PLACE_RESIDENTS:
        by_postcodes = population_method == "none"
        return (
            _("%(share)s of its postcodes", share=much) if by_postcodes else _("%(share)s of its residents", share=much)
        )
    return _("%(share)s of it", share=much)


def district_line(name: str) -> str:
    """In which district a beat is, where the beats to choose from lie in several."""
    return _("In %(district)s", district=name)


def near_line(names: str) -> str:
    """What is near in one beat alone; `names` as a sentence lists them."""
    return _("Near %(names)s", names=names)


def about_place(option: PlaceOption) -> str:
    """What tells a place from others of its name: what it is, what it is near, and its district.

    Each form is a sentence of its own, since languages bend the names of kinds and order the parts differently.
    """
    district = option.district.name if option.district is not None else ""
    in_near = bool(option.near) and option.near == district
    kind = kind_name(option.kind)
    if district in (option.near, option.name):
        district = ""
    if in_near:
        return _("%(kind)s, in %(district)s", kind=kind, district=option.near)
    if option.near and district:
        return _("%(kind)s, near %(near)s, in %(district)s", kind=kind, near=option.near, district=district)
    if option.near:
        return _("%(kind)s, near %(near)s", kind=kind, near=option.near)
    return _("%(kind)s, in %(district)s", kind=kind, district=district) if district else kind


def kind_name(kind: str) -> str:
    """What a kind of place is called at the beginning of a line; a kind that has no name yet as it is."""
    names = {"settlement": _("Settlement"), "district": _("District"), "ward": _("Ward"), "street": _("Street")}
    return names.get(kind, kind)
