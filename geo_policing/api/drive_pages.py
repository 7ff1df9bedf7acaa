"""The drive-time page: how far one gets from the response bases, in words and numbers first, then on a map.

Without scripts it is a form, its answer and a picture; with them the picture becomes a map that can be asked. Where
somebody is comes by POST, as on the other pages, and goes no further than the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, request

from geo_policing.api.errors import status_of
from geo_policing.api.headers import MAP_POLICY, no_store, revalidated
from geo_policing.api.rendering import page, page_parts
from geo_policing.api.runtime import the_runtime
from geo_policing.api.tiles import tiles_version
from geo_policing.errors import GeoPolicingError, InvalidInputError, NotFoundError, RuleError
from geo_policing.maps.band_style import MOST_BANDS, BandStyle, band_styles
from geo_policing.maps.basemap_style import PALETTES
from geo_policing.maps.drive_picture import Mark, drive_picture
from geo_policing.maps.extent import credits_of, extent_of
from geo_policing.maps.mercator import LEAST_ZOOM, MOST_ZOOM
from geo_policing.routing.speeds import Profile
from geo_policing.services.bases import Base, bases_of, unlocated_of
from geo_policing.services.drive_page import DrivePageQuery, read_drive_page
from geo_policing.services.drive_reach import BaseTime, DriveNumbers, drive_numbers, times_from
from geo_policing.services.isochrones import isochrones
from geo_policing.services.roads import has_roads
from geo_policing.services.view import View

drive_pages = Blueprint("drive_pages", __name__)

MAX_FORM_BYTES = 8_192
PROFILES = (
    (Profile.NORMAL, "Normal driving", "typical driving, all hours taken together"),
    (Profile.RESPONSE, "Response driving", "an assumption, as no figures for police are published"),
)


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
        query = read_drive_page(view, lists, most_bands=MOST_BANDS)
    except (InvalidInputError, NotFoundError) as error:
        return _refused(view, lists, error)
    parts = ("drive-time", *page_parts(view), tiles_version(view.dataset), query)
    try:
        return _with_map(revalidated(lambda: _page(view, query), *parts))
    except RuleError as error:
        # A trial base that no road is near.
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
        query = read_drive_page(view, lists, most_bands=MOST_BANDS)
        answer = _Answer(where, times_from(view, query, where))
    except (InvalidInputError, NotFoundError, RuleError) as error:
        query = read_drive_page(view, {}, most_bands=MOST_BANDS)
        answer, status = _Answer(where, problem=_heading(str(error))), status_of(error)
    return _with_map(no_store(Response(_page(view, query, answer=answer), status=status, mimetype="text/html")))


@drive_pages.get("/drive-time/map.svg")
def picture() -> Response:
    """The page's picture, in the `style` light or dark."""
    view = the_runtime().live.view()
    lists = dict(request.args.lists())
    (style,) = lists.pop("style", ["light"])[-1:]
    if style not in PALETTES:
        raise NotFoundError(f"style {style!r} is not drawn. Ask for one of {', '.join(PALETTES)}.")
    query = read_drive_page(view, lists, most_bands=MOST_BANDS)
    parts = ("drive-picture", *page_parts(view), tiles_version(view.dataset), query, style)
    return revalidated(lambda: _picture(view, query, style), *parts, mimetype="image/svg+xml")


def _page(
    view: View, query: DrivePageQuery, *, problem: _Problem | None = None, answer: _Answer | None = None,
    typed: Mapping[str, str] | None = None,
) -> str:  # fmt: skip
    numbers = _numbers(view, query)
    styles = band_styles(query.minutes)
    return page(
        "drive_time.html",
        view,
        query=query,
        bases=bases_of(view),
        unlocated=unlocated_of(view),
        profiles=PROFILES,
        profile_name=next((name for profile, name, _ in PROFILES if profile is query.profile), str(query.profile)),
        styles=styles,
        numbers=numbers,
        percent=percent,
        credits=credits_of(view.dataset),
        config=_config(view, query, styles),
        address=_address(query),
        problem=problem,
        answer=answer,
        typed=typed or {"minutes": ", ".join(str(m) for m in query.minutes), "trial": _trial_text(query)},
    )


def _numbers(view: View, query: DrivePageQuery) -> DriveNumbers | None:
    """None where there are no roads, or nothing to drive from."""
    if not has_roads(view.dataset) or not (query.bases or query.trial):
        return None
    return drive_numbers(view, query)


def _refused(view: View, lists: Mapping[str, list[str]], error: GeoPolicingError) -> Response:
    field = error.field if isinstance(error, InvalidInputError) else "trial" if isinstance(error, RuleError) else "base"
    problem = _Problem(_heading(str(error)), field or "")
    typed = {name: ", ".join(lists.get(name, [])) for name in ("minutes", "trial")}
    query = read_drive_page(view, {}, most_bands=MOST_BANDS)
    html = _page(view, query, problem=problem, typed=typed)
    return _with_map(no_store(Response(html, status=status_of(error), mimetype="text/html")))


def _with_map(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = MAP_POLICY
    return response


def _picture(view: View, query: DrivePageQuery, style: str) -> str:
    found = isochrones(view, query.isochrones(bands=True))
    bands = list(zip(band_styles(query.minutes), found.geometries(), strict=False))
    marks = [_mark(base, trial=query.trial is not None and base.id not in query.bases) for base in found.placed.bases]
    return drive_picture(view.dataset, PALETTES[style], bands, marks, _alternative(query, marks))


def _mark(base: Base, *, trial: bool) -> Mark:
    lat, lon = base.lat_lon
    return Mark("Trial base" if trial else base.name, lat, lon, trial)


def _alternative(query: DrivePageQuery, marks: list[Mark]) -> str:
    minutes = ", ".join(str(m) for m in query.minutes)
    return f"Map of the areas within {minutes} minutes' drive of {', '.join(mark.name for mark in marks) or 'no base'}"


def _config(view: View, query: DrivePageQuery, styles: tuple[BandStyle, ...]) -> dict[str, Any]:
    """What the page's script needs to know, as JSON types."""
    version = tiles_version(view.dataset)
    places = [(base, base.lat_lon) for base in bases_of(view)]
    return {
        "map": {
            "tiles": f"/tiles/{version}/{{style}}/{{z}}/{{x}}/{{y}}.svg",
            "places": f"/tiles/{version}/places.json",
            "bounds": extent_of(view.dataset).corners,
            "zooms": [LEAST_ZOOM, MOST_ZOOM],
        },
        "bands": [style.to_json() for style in styles],
        "bases": [{"id": base.id, "name": base.name, "lat": lat, "lon": lon} for base, (lat, lon) in places],
        "chosen": list(query.bases),
        "minutes": list(query.minutes),
        "profile": str(query.profile),
        "trial": None if query.trial is None else [query.trial.y, query.trial.x],
    }


def _address(query: DrivePageQuery) -> list[tuple[str, str]]:
    """The query as an address's parameters."""
    found = [("base", base) for base in query.bases]
    found += [("minutes", ",".join(str(m) for m in query.minutes)), ("profile", str(query.profile))]
    return found + ([("trial", _trial_text(query))] if query.trial is not None else [])


def percent(share: float | None) -> str:
    """A share as a whole percentage that never claims all or none where it is neither.

    >>> percent(0.123), percent(0.999), percent(0.001), percent(1.0), percent(None)
    ('12%', 'over 99%', 'under 1%', '100%', 'not known')
    """
    if share is None:
        return "not known"
    if 0 < share < 0.01:
        return "under 1%"
    return "over 99%" if 0.99 < share < 1 else f"{share:.0%}"


def _trial_text(query: DrivePageQuery) -> str:
    return "" if query.trial is None else f"{query.trial.y:.5f}, {query.trial.x:.5f}"


def _heading(text: str) -> str:
    return (text[:1].upper() + text[1:]).rstrip(".")
