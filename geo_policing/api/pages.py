"""The residents' pages: one question, an honest answer for each outcome, and the page of a beat.

What a resident types comes by POST and goes no further than the answer: it never stands in an address, a header or a
log line, and the answer is never cached.
"""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, redirect, request
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as BaseResponse

from geo_policing.api.choices import beat_choices, heading_of, is_town
from geo_policing.api.errors import status_of
from geo_policing.api.headers import no_store, revalidated
from geo_policing.api.languages import local_url
from geo_policing.api.linked_data import linked_data
from geo_policing.api.map_pages import beat_map_of
from geo_policing.api.operator import Operator
from geo_policing.api.rendering import page, page_parts
from geo_policing.api.runtime import the_runtime
from geo_policing.api.speech import error_text, translated
from geo_policing.errors import InvalidInputError, TooLargeError
from geo_policing.services.answers import Answer, Note, NoteCode, Outcome, PlaceOption
from geo_policing.services.beat_facts import TIMES_SHOWN, BeatFacts, beat_facts
from geo_policing.services.choice_hints import names_near
from geo_policing.services.contact_times import ContactTime, contact_times
from geo_policing.services.data_facts import data_facts
from geo_policing.services.fact_sources import FactKind, fact_sources
from geo_policing.services.free_text import read_free_text
from geo_policing.services.lookup import lookup
from geo_policing.services.queries import parse_query
from geo_policing.services.query_types import LookupQuery, PostcodeQuery
from geo_policing.services.query_values import read_day
from geo_policing.services.view import View
from geo_policing.wording import worded

pages = Blueprint("pages", __name__)

# A form with one field: more than this is not a question.
MAX_FORM_BYTES = 8_192
# More than this of what was typed is not shown again.
MAX_KEPT_CHARS = 200
# More dates than this are for the calendar file.
MEETINGS_SHOWN = 6
EMPTY = worded("Enter a postcode, a street or a place")
# Somebody who types one of these may be in trouble: they are told first of all that this page cannot call.
PHONE_NUMBERS = frozenset({"999", "112", "101"})
NO_CALL = worded(
    "This page cannot make a call. In an emergency call 999 on a phone, otherwise 101. "
    "To find your team: enter a postcode, a street or a place"
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
    typed = ""
    try:
        typed = typed_in_form()
        query = question_of(typed)
        answer = lookup(view, query)
    except InvalidInputError as error:
        return _in_place(_home(view, typed, in_plain_words(error), meant=error.meant), status_of(error))
    if answer.outcome is Outcome.ONE and answer.correction is None and not is_large_user(answer):
        # Relative, so that no proxy's idea of our host gets into it.
        return no_store(redirect(local_url(f"/beat/{answer.candidates[0].beat.slug}"), HTTPStatus.SEE_OTHER, Response))
    return _answer_in_place(view, answer, typed, query)


@pages.get("/find")
def find_again() -> BaseResponse:
    """Send somebody who opens the address of an answer back to the question; the answer is not kept anywhere."""
    return no_store(redirect(local_url("/"), HTTPStatus.SEE_OTHER, Response))


@pages.get("/beat/<slug>")
def beat(slug: str) -> Response:
    """The page of one beat, on the day `as_of` where one is given."""
    runtime = the_runtime()
    view = runtime.live.view(_as_of())
    facts = beat_facts(view, slug, runtime.clock.now_local())
    # Before the ETag, which holds what was known when the page was made.
    drives = contact_times(view, facts)
    parts = (slug, *page_parts(view), *_spoken_of_now(facts), tuple(drives))
    return revalidated(lambda: _beat(view, facts, drives), "beat", *parts)


@pages.get("/about")
def about() -> Response:
    """Where the facts come from, under which licence, and what happens to what is typed."""
    view = the_runtime().live.view()
    return revalidated(lambda: page("about.html", view, stale=view.stale_since), "about", *page_parts(view))


def typed_in_form() -> str:
    """What stands in the form's field, as it was typed; TooLargeError for more than `MAX_FORM_BYTES`."""
    request.max_content_length = MAX_FORM_BYTES
    try:
        return request.form.get("postcode", "")
    except RequestEntityTooLarge as error:
        too_long = worded("What you typed is too long. Enter a postcode, a street or a place.")
        raise TooLargeError(too_long, field="postcode") from error


def question_of(typed: str) -> LookupQuery:
    """The query that the form sends: the chosen place, else what was `typed`; InvalidInputError in plain words."""
    chosen = request.form.get("place_id", "")
    if chosen:
        return parse_query({"place_id": chosen})
    if not typed.strip():
        raise InvalidInputError(EMPTY, field="postcode")
    if typed.strip() in PHONE_NUMBERS:
        raise InvalidInputError(NO_CALL, field="postcode")
    return read_free_text(typed)


def in_plain_words(error: InvalidInputError) -> str:
    """What is wrong with what was typed; where that is known to be an order of numbers, without our names for them."""
    return _("Did you mean %(meant)s?", meant=error.meant) if error.meant else error_text(error)


def _answer_in_place(view: View, answer: Answer, typed: str, query: LookupQuery) -> Response:
    template = _TEMPLATE_OF.get(answer.outcome)
    if template is None:
        status = HTTPStatus.NOT_FOUND if answer.outcome is Outcome.NOT_FOUND else HTTPStatus.BAD_REQUEST
        elsewhere = may_be_elsewhere(query, answer)
        problem = translated(answer.message)
        return _in_place(_home(view, typed, problem, suggestions=answer.places, elsewhere=elsewhere), status)
    values: dict[str, Any] = {"answer": answer, "notes": notes_to_tell(answer)}
    if answer.outcome is Outcome.MANY:
        values |= choice_of(view, answer)
    return _in_place(page(template, view, **values), HTTPStatus.OK)


def notes_to_tell(answer: Answer) -> tuple[Note, ...]:
    """The notes that the page for an answer lists, without those that it says in its own words anyway."""
    return tuple(n for n in answer.notes if n.code not in _SAID_ANYWAY)


def choice_of(view: View, answer: Answer) -> dict[str, Any]:
    """What a page says of a MANY answer: `heading`, `choices`, and whether they are a town's (`is_town`)."""
    count = len(answer.candidates)
    choices = beat_choices(answer, names_near(view, answer), data_facts(view.dataset).population_method)
    return {"heading": heading_of(answer.asked, count), "is_town": is_town(count), "choices": choices}


def may_be_elsewhere(query: LookupQuery, answer: Answer) -> str:
    """The postcode that our data cannot place though nothing is wrong with it, so that it may be another force's."""
    well_formed = isinstance(query, PostcodeQuery) and not query.reading.doubt
    return answer.asked if well_formed and answer.field == "postcode" else ""


def is_large_user(answer: Answer) -> bool:
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
    return page("home.html", view, typed=kept, error=as_heading(error), **values)


def as_heading(text: str) -> str:
    """A sentence as a heading: with a capital and without a full stop."""
    return (text[:1].upper() + text[1:]).rstrip(".")


def _beat(view: View, facts: BeatFacts, drives: dict[str, ContactTime]) -> str:
    today = the_runtime().clock.today()
    values: dict[str, Any] = {"facts": facts, "as_of": view.as_of, "today": today, "plan": view.plan, "drives": drives}
    values["schematic"] = view.dataset.schematic_roads
    values["beat_map"] = beat_map_of(view, facts)
    values["sources"] = {kind.value: fact_sources(view.dataset, kind) for kind in FactKind}
    values["linked"] = linked_data(facts, data_facts(view.dataset), Operator.of(the_runtime().settings))
    values |= {"meetings_shown": MEETINGS_SHOWN, "times_shown": TIMES_SHOWN}
    return page("beat.html", view, stale=view.stale_since, **values)


def _spoken_of_now(facts: BeatFacts) -> tuple[object, ...]:
    """What of the page changes with the hour: which doors are open, and when they are next."""
    doors = tuple((p.is_open, p.times) for p in (*facts.offices, *facts.contact_points))
    return (*doors, tuple(m.key for m in facts.meetings))


def _as_of() -> date | None:
    text = request.args.get("as_of")
    return None if text is None else read_day(text)
