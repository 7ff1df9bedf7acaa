"""The drive-time page: how far one gets from the response bases, in words and numbers first, then on a map.

Without scripts it is a form, its answer and a picture; with them the picture becomes a map that can be asked. Where
somebody is comes by POST, as on the other pages, and goes no further than the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from urllib.parse import urlencode

from babel.numbers import format_percent
from flask import Blueprint, Response, request
from flask_babel import gettext as _

from geo_policing.api.drive_config import map_config
from geo_policing.api.errors import status_of
from geo_policing.api.headers import MAP_POLICY, no_store
from geo_policing.api.kept import kept
from geo_policing.api.languages import current_language, local_url
from geo_policing.api.rendering import page, page_parts
from geo_policing.api.runtime import the_runtime
from geo_policing.api.speech import error_text
from geo_policing.api.tiles import tiles_version
from geo_policing.errors import GeoPolicingError, InvalidInputError, NotFoundError, RuleError
from geo_policing.maps.band_style import GAINED, LOST, MOST_BANDS, band_styles
from geo_policing.maps.extent import credits_of
from geo_policing.routing.speeds import Profile
from geo_policing.services import scenarios
from geo_policing.services.bases import bases_of, unlocated_of
from geo_policing.services.drive_page import DrivePageQuery, read_drive_page
from geo_policing.services.drive_params import NO_TRIAL, Lists
from geo_policing.services.drive_reach import BaseTime, DriveNumbers, drive_numbers, times_from
from geo_policing.services.roads import has_roads
from geo_policing.services.view import View
from geo_policing.wording import marked

drive_pages = Blueprint("drive_pages", __name__)

MAX_FORM_BYTES = 8_192
PROFILES = (
    (Profile.NORMAL, marked("Normal driving"), marked("typical driving, all hours taken together")),
    (Profile.RESPONSE, marked("Response driving"), marked("an assumption, as no figures for police are published")),
    (Profile.RESPONSE_LOW, marked("Response driving, low"), marked("the slower end of that assumption")),
    (Profile.RESPONSE_HIGH, marked("Response driving, high"), marked("the quicker end of it")),
)
FIELDS = frozenset({"minutes", "trial", "worse_by", "instead"})
"""Fields of the form that an error can lead to."""


@dataclass(frozen=True)
class _Problem:
    """What was wrong with the form, and with which field ("" where with none)."""

    text: str
    field: str


@dataclass(frozen=True)
class _Answer:
    """How long it takes to a place that was typed: bases by time, or what was wrong."""

    where: str
    times: tuple[BaseTime, ...] = ()
    problem: str = ""


@drive_pages.get("/drive-time")
def drive_time() -> Response:
    """The page; 400 where the address asks for what there is not, with the page as it is without it."""
    view = the_runtime().live.view()
    lists = dict(request.args.lists())
    try:
        query = read(view, lists)
    except (InvalidInputError, NotFoundError) as error:
        return _refused(view, lists, error)
    parts = ("drive-time", *page_parts(view), tiles_version(view.dataset), query)
    try:
        return _with_map(kept(lambda: _page(view, query), *parts))
    except (NotFoundError, RuleError) as error:
        # A trial base that no road is near; a scenario of a base that has gone since.
        return _refused(view, lists, error)


@drive_pages.post("/drive-time")
def time_from() -> Response:
    """The page with the drive times to a place that was typed; what was typed is not kept anywhere."""
    view = the_runtime().live.view()
    request.max_content_length = MAX_FORM_BYTES
    lists = {name: values for name, values in request.form.lists() if name != "where"}
    where = request.form.get("where", "").strip()
    status = HTTPStatus.OK
    try:
        query = read(view, lists)
        answer = _Answer(where, times_from(view, query, where))
    except (InvalidInputError, NotFoundError, RuleError) as error:
        query = read(view, {})
        answer, status = _Answer(where, problem=_heading(error_text(error))), status_of(error)
    return _with_map(no_store(Response(_page(view, query, answer=answer), status=status, mimetype="text/html")))


def read(view: View, lists: Lists) -> DrivePageQuery:
    """The page's query in an address's parameters; the errors of `read_drive_page`."""
    return read_drive_page(the_runtime().live, view, lists, most_bands=MOST_BANDS)


def _page(
    view: View, query: DrivePageQuery, *, problem: _Problem | None = None, answer: _Answer | None = None,
    typed: Mapping[str, str] | None = None,
) -> str:  # fmt: skip
    styles = band_styles(query.minutes)
    address = query.address()
    return page(
        "drive_time.html",
        view,
        query=query,
        bases=bases_of(view),
        unlocated=unlocated_of(view),
        profiles=PROFILES,
        profile_name=next(name for profile, name, about in PROFILES if profile is query.profile),
        scenarios=scenarios.kept(the_runtime().live),
        styles=styles,
        change_styles=(GAINED, LOST),
        numbers=_numbers(view, query),
        percent=percent,
        credits=credits_of(view.dataset),
        config=map_config(view, query, styles),
        address=address,
        back=_link(replace(query, scenario="", change=NO_TRIAL, trial=None, instead="")),
        base_names={base.id: base.name for base in bases_of(view)},
        link=lambda **changes: _link(query, **changes),
        picture=lambda **more: local_url("/drive-time/map.svg") + "?" + urlencode([*more.items(), *address]),
        csv="/api/v1/coverage?" + urlencode([("format", "csv"), ("level", query.level), *query.api_address()]),
        problem=problem,
        answer=answer,
        typed=typed or _as_typed(query),
    )


def _numbers(view: View, query: DrivePageQuery) -> DriveNumbers | None:
    """None where there are no roads, or nothing to drive from."""
    if not has_roads(view.dataset) or not (query.bases or query.change.open):
        return None
    return drive_numbers(view, query)


def _link(query: DrivePageQuery, **changes: str) -> str:
    """The page's address with other words in the query."""
    asked = urlencode(replace(query, **changes).address())  # type: ignore[arg-type]
    return local_url("/drive-time") + (f"?{asked}" if asked else "")


def _as_typed(query: DrivePageQuery) -> dict[str, str]:
    trial = "" if query.trial is None else f"{query.trial.y:.5f}, {query.trial.x:.5f}"
    return {"minutes": ", ".join(str(m) for m in query.minutes), "trial": trial, "worse_by": f"{query.worse_by:g}"}


def _refused(view: View, lists: Lists, error: GeoPolicingError) -> Response:
    field = error.field if isinstance(error, InvalidInputError) else "trial" if isinstance(error, RuleError) else "base"
    problem = _Problem(_heading(error_text(error)), field if field in FIELDS else "")
    query = read(view, {})
    typed = _as_typed(query) | {
        name: ", ".join(lists[name]) for name in ("minutes", "trial", "worse_by") if name in lists
    }
    html = _page(view, query, problem=problem, typed=typed)
    return _with_map(no_store(Response(html, status=status_of(error), mimetype="text/html")))


def _with_map(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = MAP_POLICY
    return response


def percent(share: float | None) -> str:
    """A share as a whole percentage that never claims all or none where it is neither.

    >>> percent(0.123), percent(0.999), percent(0.001), percent(1.0), percent(None)
    ('12%', 'over 99%', 'under 1%', '100%', 'not known')
    """
    if share is None:
        return _("not known")
    if 0 < share < 0.01:
        return _("under 1%")
    return _("over 99%") if 0.99 < share < 1 else format_percent(share, locale=current_language().locale)


def _heading(text: str) -> str:
    return (text[:1].upper() + text[1:]).rstrip(".")
