"""The residents' pages: one question, an honest answer for each outcome, and the page of a beat.

What a resident types comes by POST and goes no further than the answer: it never stands in an address, a header or a
log line, and the answer is never cached.
"""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, redirect, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as BaseResponse

from geo_policing.api.errors import status_of
from geo_policing.api.headers import no_store, revalidated
from geo_policing.api.rendering import page, page_parts
from geo_policing.api.runtime import the_runtime
from geo_policing.errors import InvalidInputError, TooLargeError
from geo_policing.services.answers import Answer, NoteCode, Outcome, PlaceOption
from geo_policing.services.beat_facts import BeatFacts, beat_facts
from geo_policing.services.choice_hints import names_near
from geo_policing.services.contact_times import ContactTime, contact_times
from geo_policing.services.free_text import read_free_text
from geo_policing.services.lookup import lookup
from geo_policing.services.queries import parse_query
from geo_policing.services.query_types import LookupQuery, PostcodeQuery
from geo_policing.services.query_values import read_day
from geo_policing.services.view import View

pages = Blueprint("pages", __name__)

# A form with one field: more than this is not a question.
MAX_FORM_BYTES = 8_192
# More than this of what was typed is not shown again.
MAX_KEPT_CHARS = 200
EMPTY = "Enter a postcode, a street or a place"
# Somebody who types one of these may be in trouble: they are told first of all that this page cannot call.
PHONE_NUMBERS = frozenset({"999", "112", "101"})
NO_CALL = (
    f"This page cannot make a call. In an emergency call 999 on a phone, otherwise 101. To find your team: {EMPTY}"
)

# What the frame of every page, or the page for the outcome, says in its own words.
_SAID_ANYWAY = frozenset({NoteCode.APPROXIMATE_DATA, NoteCode.NEIGHBOUR_UNNAMED})

_TEMPLATE_OF = {
    Outcome.ONE: "found.html",
    Outcome.MANY: "choose_beat.html",
    Outcome.AMBIGUOUS: "choose_place.html",
    Outcome.OUTSIDE: "outside.html",
    Outcome.TERMINATED: "terminated.html",
}


@pages.get("/")
def home() -> Response:
    """The one question."""
    view = the_runtime().live.view()
    return revalidated(lambda: _home(view), "home", *page_parts(view))


@pages.post("/find")
def find() -> BaseResponse:
    """Answer what was typed: the beat's page for one sure beat, else a page in place."""
    view = the_runtime().live.view()
    request.max_content_length = MAX_FORM_BYTES
    typed = ""
    try:
        typed = _typed()
        query = _query(typed)
        answer = lookup(view, query)
    except InvalidInputError as error:
        return _in_place(_home(view, typed, _in_plain_words(error), meant=error.meant), status_of(error))
    if answer.outcome is Outcome.ONE and answer.correction is None and not _is_large_user(answer):
        # Relative, so that no proxy's idea of our host gets into it.
        return no_store(redirect(f"/beat/{answer.candidates[0].beat.slug}", HTTPStatus.SEE_OTHER, Response))
    return _answer_in_place(view, answer, typed, query)


@pages.get("/find")
def find_again() -> BaseResponse:
    """Send somebody who opens the address of an answer back to the question; the answer is not kept anywhere."""
    return no_store(redirect("/", HTTPStatus.SEE_OTHER, Response))


@pages.get("/beat/<slug>")
def beat(slug: str) -> Response:
    """The page of one beat, on the day `as_of` where one is given."""
    runtime = the_runtime()
    view = runtime.live.view(_as_of())
    facts = beat_facts(view, slug, runtime.clock.now_local())
    # Before the ETag, which holds how much was known when the page was made.
    drives = contact_times(view, facts)
    parts = (slug, *page_parts(view), *_spoken_of_now(facts), len(drives))
    return revalidated(lambda: _beat(view, facts, drives), "beat", *parts)


@pages.get("/about")
def about() -> Response:
    """Where the facts come from, under which licence, and what happens to what is typed."""
    view = the_runtime().live.view()
    return revalidated(lambda: page("about.html", view, stale=view.stale_since), "about", *page_parts(view))


def _typed() -> str:
    try:
        return request.form.get("postcode", "")
    except RequestEntityTooLarge as error:
        raise TooLargeError(f"What you typed is too long. {EMPTY}.", field="postcode") from error


def _query(typed: str) -> LookupQuery:
    chosen = request.form.get("place_id", "")
    if chosen:
        return parse_query({"place_id": chosen})
    if not typed.strip():
        raise InvalidInputError(EMPTY, field="postcode")
    if typed.strip() in PHONE_NUMBERS:
        raise InvalidInputError(NO_CALL, field="postcode")
    return read_free_text(typed)


def _in_plain_words(error: InvalidInputError) -> str:
    """What is wrong with what was typed; where that is known to be an order of numbers, without our names for them."""
    return f"Did you mean {error.meant}?" if error.meant else str(error)


def _answer_in_place(view: View, answer: Answer, typed: str, query: LookupQuery) -> Response:
    template = _TEMPLATE_OF.get(answer.outcome)
    if template is None:
        status = HTTPStatus.NOT_FOUND if answer.outcome is Outcome.NOT_FOUND else HTTPStatus.BAD_REQUEST
        elsewhere = _may_be_elsewhere(query, answer)
        return _in_place(_home(view, typed, answer.message, suggestions=answer.places, elsewhere=elsewhere), status)
    hints = names_near(view, answer)
    notes = tuple(n for n in answer.notes if n.code not in _SAID_ANYWAY)
    return _in_place(page(template, view, answer=answer, hints=hints, notes=notes), HTTPStatus.OK)


def _may_be_elsewhere(query: LookupQuery, answer: Answer) -> str:
    """The postcode that our data cannot place though nothing is wrong with it, so that it may be another force's."""
    well_formed = isinstance(query, PostcodeQuery) and not query.reading.doubt
    return answer.asked if well_formed and answer.field == "postcode" else ""


def _is_large_user(answer: Answer) -> bool:
    """Where one organisation's post goes need not be where anybody lives or works, so it is said before the team."""
    return any(note.code is NoteCode.LARGE_USER for note in answer.notes)


def _in_place(html: str, status: HTTPStatus) -> Response:
    return no_store(Response(html, status=status, mimetype="text/html"))


def _home(
    view: View,
    typed: str = "",
    error: str = "",
    *,
    meant: str = "",
    suggestions: tuple[PlaceOption, ...] = (),
    elsewhere: str = "",
) -> str:
    typed = typed.strip()
    kept = typed if len(typed) <= MAX_KEPT_CHARS and typed.isprintable() else ""
    values = {"meant": meant, "suggestions": suggestions, "elsewhere": elsewhere}
    return page("home.html", view, typed=kept, error=_as_heading(error), **values)


def _as_heading(text: str) -> str:
    return (text[:1].upper() + text[1:]).rstrip(".")


def _beat(view: View, facts: BeatFacts, drives: dict[str, ContactTime]) -> str:
    today = the_runtime().clock.today()
    values: dict[str, Any] = {"facts": facts, "as_of": view.as_of, "today": today, "plan": view.plan, "drives": drives}
    values["schematic"] = view.dataset.schematic_roads
    return page("beat.html", view, stale=view.stale_since, **values)


def _spoken_of_now(facts: BeatFacts) -> tuple[object, ...]:
    """What of the page changes with the hour: which doors are open, and when they are next."""
    return tuple((p.is_open, p.times) for p in (*facts.offices, *facts.contact_points))


def _as_of() -> date | None:
    text = request.args.get("as_of")
    return None if text is None else read_day(text)
