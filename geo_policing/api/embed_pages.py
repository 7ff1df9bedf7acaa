"""The search as a part of other sites: a small page that any site may frame, and a script that frames it.

The page asks, answers and stays within its frame; only what leads on opens beside it. It sets no cookie, keeps
nothing, and tells the page around it one thing: how high it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from geo_policing.api.errors import status_of
from geo_policing.api.headers import PAGE_POLICY, no_store, revalidated
from geo_policing.api.languages import LANGUAGES, local_url
from geo_policing.api.operator import Operator
from geo_policing.api.pages import (
    MAX_KEPT_CHARS,
    as_heading,
    choice_of,
    in_plain_words,
    is_large_user,
    notes_to_tell,
    question_of,
    typed_in_form,
)
from geo_policing.api.rendering import page, page_parts
from geo_policing.api.runtime import the_runtime
from geo_policing.errors import InvalidInputError, NotFoundError
from geo_policing.services.answers import Answer, Outcome
from geo_policing.services.beat_facts import beat_facts
from geo_policing.services.lookup import lookup
from geo_policing.services.view import View

embed_pages = Blueprint("embed_pages", __name__)
embed_script = Blueprint("embed_script", __name__)

EMBED_POLICY = PAGE_POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")
"""As on every page of ours, but that any site may frame it."""
UNKNOWN_SITE = "https://ADDRESS-OF-THIS-SITE"
SCRIPT = "embed.js"
SCRIPT_KEPT = "public, max-age=3600"
"""The script's address is written into pages of others, so it cannot carry a digest."""


@dataclass(frozen=True)
class EmbedQuery:
    """What the address of the frame may ask for: one beat at once ("" for the question), and always the light theme."""

    beat: str
    light: bool

    @classmethod
    def read(cls) -> EmbedQuery:
        """From the request's address or, for an answer, from the form; NotFoundError for a theme that there is not."""
        values = request.form if request.method == "POST" else request.args
        theme = values.get("theme", "") or "auto"
        if theme not in ("auto", "light"):
            raise NotFoundError("The theme of an embedded page is auto or light.")
        return cls(values.get("beat", ""), theme == "light")

    def address(self, beat: str = "") -> str:
        """The frame's address for `beat`, in the page's language."""
        asked = {"beat": beat} if beat else {}
        query = urlencode(asked | ({"theme": "light"} if self.light else {}))
        return local_url("/embed") + (f"?{query}" if query else "")


@embed_pages.get("/embed")
def embed() -> BaseResponse:
    """The question, or the team of the beat that the address names; a beat that is gone leads to the question."""
    runtime = the_runtime()
    view, query = runtime.live.view(), EmbedQuery.read()
    if not query.beat:
        return _framed(revalidated(lambda: _ask(view, query), "embed", query, *page_parts(view)))
    try:
        facts = beat_facts(view, query.beat, runtime.clock.now_local())
    except NotFoundError as error:
        return _framed(_at_once(_ask(view, query, error=str(error)), HTTPStatus.NOT_FOUND))
    upcoming = facts.meetings[:1]
    body = revalidated(
        lambda: _page(view, query, facts=facts, upcoming=upcoming),
        "embed",
        query,
        *page_parts(view),
        tuple(m.key for m in upcoming),
    )
    return _framed(body)


@embed_pages.post("/embed")
def find_in_frame() -> BaseResponse:
    """Answer what was typed, within the frame: the team for one sure beat, else a choice or what is wrong."""
    view, typed, query = the_runtime().live.view(), "", EmbedQuery("", light=False)
    try:
        typed = typed_in_form()
        query = EmbedQuery.read()
        answer = lookup(view, question_of(typed))
    except InvalidInputError as error:
        return _framed(_at_once(_ask(view, query, typed, in_plain_words(error)), status_of(error)))
    if answer.outcome is Outcome.ONE and answer.correction is None and not is_large_user(answer):
        address = query.address(answer.candidates[0].beat.slug)
        return _framed(no_store(redirect(address, HTTPStatus.SEE_OTHER, Response)))
    return _framed(_answer(view, query, answer, typed))


@embed_pages.get("/embed/how-to")
def how_to() -> Response:
    """How another site takes the search in, with what to copy."""
    view = the_runtime().live.view()
    # Snippets need a whole address; where the operator has not told it, it is the one by which the reader came.
    written = the_runtime().written
    site = Operator.of(the_runtime().settings).public_url
    if written is not None:
        # Who writes the pages to files without telling where they will be fills in the address by hand.
        site = (site or UNKNOWN_SITE) + written.base.rstrip("/")
    site = site or request.host_url.rstrip("/")
    parts = ("embed-how-to", site, *page_parts(view))
    beat = view.plan.beats[0].slug if view.plan is not None and view.plan.beats else ""
    return revalidated(lambda: page("embed_how_to.html", view, site=site, beat=beat, languages=LANGUAGES), *parts)


@embed_script.get("/embed.js")
def script() -> Response:
    """The script that puts the frame into a page of another site."""
    found = the_runtime().assets.files[SCRIPT]
    response = Response(found.body, mimetype=found.mimetype)
    response.headers["Cache-Control"] = SCRIPT_KEPT
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.set_etag(found.digest)
    response.make_conditional(request)
    return response


def _answer(view: View, query: EmbedQuery, answer: Answer, typed: str) -> Response:
    values: dict[str, Any] = {"answer": answer, "notes": notes_to_tell(answer)}
    if answer.outcome is Outcome.MANY:
        values |= choice_of(view, answer)
    if answer.outcome in (Outcome.NOT_FOUND, Outcome.INVALID):
        status = HTTPStatus.NOT_FOUND if answer.outcome is Outcome.NOT_FOUND else HTTPStatus.BAD_REQUEST
        return _at_once(_ask(view, query, typed, answer.message, answer=answer), status)
    return _at_once(_page(view, query, **values), HTTPStatus.OK)


def _ask(view: View, query: EmbedQuery, typed: str = "", error: str = "", **values: Any) -> str:
    kept = typed if len(typed) <= MAX_KEPT_CHARS and typed.isprintable() else ""
    return _page(view, query, typed=kept, error=as_heading(error), **values)


def _page(view: View, query: EmbedQuery, **values: Any) -> str:
    nothing = {"answer": None, "facts": None, "typed": "", "error": "", "notes": (), "choices": (), "heading": ""}
    return page("embed.html", view, query=query, **(nothing | values))


def _at_once(html: str, status: HTTPStatus) -> Response:
    return no_store(Response(html, status=status, mimetype="text/html"))


def _framed(response: BaseResponse) -> BaseResponse:
    """Let any site show `response` in a frame, one too that asks for isolation."""
    response.headers["Content-Security-Policy"] = EMBED_POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
    return response
