"""Turning facts into pages: the frame that every page shares, and the few words that templates ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import jinja2
from babel.lists import format_list
from flask import Flask, render_template
from markupsafe import Markup

from geo_policing.api import logs
from geo_policing.api.catalogues import catalogue_script
from geo_policing.api.languages import ENGLISH, current_language
from geo_policing.api.operator import Operator
from geo_policing.api.runtime import the_runtime
from geo_policing.api.speech import data_text, translated
from geo_policing.api.spoken_dates import ago, clock_time, day_month, decimal, long_date, weekday_date, whole_number
from geo_policing.errors import GeoPolicingError
from geo_policing.services.data_facts import DataFacts, data_facts
from geo_policing.services.view import View
from geo_policing.wording import marked


@dataclass(frozen=True)
class Frame:
    """What every page says around its own content; `data` is None while there is no dataset to speak of."""

    official: bool
    data: DataFacts | None
    operator: Operator


def prepare(app: Flask, web: Path) -> None:
    """Point `app` at the templates below `web`, strictly: a name that a template lacks is an error, not a blank."""
    app.jinja_loader = jinja2.FileSystemLoader(web / "templates")
    app.jinja_env.undefined = jinja2.StrictUndefined
    app.jinja_env.auto_reload = False
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(long_date=long_date, day_month=day_month, clock_time=clock_time)
    app.jinja_env.filters.update(weekday_date=weekday_date, ago=ago, decimal=decimal, whole_number=whole_number)
    app.jinja_env.filters.update(share_words=share_words, listed=listed, translated=translated, data_text=data_text)
    app.jinja_env.globals.update(asset_url=_asset_url, scripts=_scripts)


def page(template: str, view: View | None, **values: Any) -> str:
    """The HTML of `template` within the frame for `view`."""
    settings = the_runtime().settings
    data = data_facts(view.dataset) if view is not None else None
    frame = Frame(settings.official, data, Operator.of(settings))
    return render_template(template, frame=frame, **values)


def error_page(status: HTTPStatus, text: str) -> str:
    """The page for an error; it needs neither dataset nor database, but names the force where it can."""
    return page("error.html", view_if_any(), status=status, text=text, request_id=logs.request_id())


def page_parts(view: View, *more: object) -> tuple[object, ...]:
    """What a page's ETag covers: data, database and whether it answers, day, language, and the pages' own version."""
    today, language = the_runtime().clock.today(), current_language().code
    known = (view.dataset.data_version, view.revision, view.stale_since)
    return (*known, view.as_of, today, language, *own_version(), *more)


def own_version() -> tuple[object, ...]:
    """What pages in one language say by themselves, whatever the facts: templates, scripts, words and the operator."""
    runtime = the_runtime()
    return (runtime.assets.digest, runtime.settings.official, Operator.of(runtime.settings))


# Lower bounds of a share and how it is spoken of; the figures behind a share do not bear more than this.
SHARE_WORDS = (
    (0.7, marked("most")),
    (0.55, marked("more than half")),
    (0.45, marked("about half")),
    (0.37, marked("less than half")),
    (0.29, marked("about a third")),
    (0.2, marked("about a quarter")),
    (0.05, marked("a small part")),
    (0.0, marked("a very small part")),
)


def share_words(share: float) -> str:
    """A share (0 < share <= 1) in words.

    >>> share_words(0.6), share_words(0.01)
    ('more than half', 'a very small part')
    """
    return translated(next(words for least, words in SHARE_WORDS if share >= least))


def listed(names: Sequence[str], last: str = "and") -> str:
    """Names as a sentence of the page's language lists them, the last after "and" or "or"; "" for none.

    >>> listed(["Ely", "March", "Soham"])
    'Ely, March and Soham'
    """
    return format_list(list(names), style="or" if last == "or" else "standard", locale=current_language().locale)


def _asset_url(name: str) -> str:
    return the_runtime().assets.url(name)


def _scripts(*names: str) -> Markup:
    """Elements that run the modules `names`, after the one from which they speak the page's language."""
    language = current_language()
    catalogue = () if language is ENGLISH else (catalogue_script(language.code),)
    element = Markup('<script type="module" src="{}"></script>')
    return Markup("\n").join(element.format(_asset_url(name)) for name in (*catalogue, *names))


def view_if_any() -> View | None:
    """Today's view, None where none can be had: for what must be said of the data even with an error."""
    try:
        return the_runtime().live.view()
    except GeoPolicingError:
        return None
