"""The pages of a lookup's outcomes as forms to be filled in, so that a script answers in the very words of the server.

`/outcomes/{version}` holds, in the page's language, one template for each kind of answer, made by the templates of the
pages themselves over an answer whose values are slots: `⟪asked⟫` is where the postcode goes. `data-when` marks what is
only said where it applies, `data-each` what is said once for each of several. Beside them are the short texts that
depend on a number or a kind (`outcome_words`), and what a script must know before it asks for a shard.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from flask import Blueprint, Response
from markupsafe import Markup

from geo_policing.api.choices import BeatChoice, is_town
from geo_policing.api.finding import slot, words_version
from geo_policing.api.outcome_words import facts_for, messages_for, slotted
from geo_policing.api.pages import as_heading, notes_to_tell
from geo_policing.api.rendering import page, page_parts
from geo_policing.api.runtime import the_runtime
from geo_policing.api.tiles import drawn_once
from geo_policing.domain.areas import District
from geo_policing.domain.beats import Beat
from geo_policing.services.answers import Answer, Candidate, Correction, Note, Outcome, PlaceOption
from geo_policing.services.by_postcode import large_user_note, share_method, status_unknown_note
from geo_policing.services.locating import snapped
from geo_policing.services.ready import partly_outside_note, ready_for
from geo_policing.services.view import View

outcomes = Blueprint("outcomes", __name__)


@outcomes.get("/outcomes/<version>.html")
def forms(version: str) -> Response:
    """The forms for today's answers; under another version they are sent too, but not to be kept."""
    view = the_runtime().live.view()
    current = words_version(view)
    key = ("outcomes", current, *page_parts(view))
    return drawn_once(key, version == current, "text/html", lambda: _page(view))


def _page(view: View) -> str:
    return page(
        "outcomes.html",
        view,
        templates=list(_templates(view)),
        messages=messages_for(view),
        facts=facts_for(view),
    )


def _templates(view: View) -> Iterator[Markup]:
    """One filled-in page for each kind of outcome, its key first."""
    notes = _notes(view)
    for corrected in (False, True):
        one = _answer(Outcome.ONE, view.as_of, corrected=corrected, candidates=(_candidate(),))
        yield _template("one-corrected" if corrected else "one", "found.html", view, answer=one, notes=notes)
    many = _answer(Outcome.MANY, view.as_of)
    lines = {name: slot(name) for name in ("share", "district", "near")}
    choice = {"heading": slot("heading"), "choices": (BeatChoice(slot("slug"), slot("beat"), lines),)}
    for count, key in ((2, "many"), (99, "many-town")):
        yield _template(key, "choose_beat.html", view, answer=many, notes=notes, is_town=is_town(count), **choice)
    for neighbour, key in ((District("", slot("neighbour")), "outside"), (None, "outside-unnamed")):
        outside = _answer(Outcome.OUTSIDE, view.as_of, neighbour=neighbour)
        yield _template(key, "outside.html", view, answer=outside, notes=notes)
    terminated = _answer(Outcome.TERMINATED, view.as_of)
    yield _template("terminated", "terminated.html", view, answer=terminated, notes=())
    places = (PlaceOption(slot("id"), slot("name"), slot("about"), "", None),)
    ambiguous = _answer(Outcome.AMBIGUOUS, view.as_of, places=places, message=slot("message"))
    yield _template("ambiguous", "choose_place.html", view, answer=ambiguous, notes=())
    yield _template(
        "not_found",
        "home.html",
        view,
        typed=slot("typed"),
        error=as_heading(slot("message")),
        meant="",
        suggestions=places,
        elsewhere=slot("asked"),
    )


def _template(key: str, template: str, view: View, **values: Any) -> Markup:
    return Markup(page(template, view, layout="fragment.html", key=key, **values))  # noqa: S704 - our own template


def _answer(outcome: Outcome, day: date, *, corrected: bool = True, **fields: Any) -> Answer:
    correction = Correction(slot("typed"), slot("asked")) if corrected else None
    return Answer(outcome, "", day, asked=slot("asked"), correction=correction, **fields)


def _candidate() -> Candidate:
    district = District("", slot("district"))
    return Candidate(Beat("", slot("slug"), slot("beat"), ""), 1.0, district, ())


def _notes(view: View) -> tuple[Note, ...]:
    """Every note that an answer for a postcode or a place can carry, its values slots."""
    ready = ready_for(view)
    notes = (
        snapped("", 1.0),
        large_user_note(""),
        status_unknown_note(""),
        partly_outside_note(slot("asked"), share_method(ready), ready.force.name),
    )
    slots = tuple(Note(note.code, slotted(note.text)) for note in notes)
    return notes_to_tell(Answer(Outcome.ONE, "", view.as_of, notes=slots))
