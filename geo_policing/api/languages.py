"""The languages of the pages: each has a path prefix of its own, so that an address says which language it answers in.

English stands at the root. What differs by language is chosen by the address alone, never by a cookie or by what the
browser prefers: so every page can be shared, kept by a cache and written to a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus

from babel import Locale
from babel.support import NullTranslations, Translations
from flask import Blueprint, Flask, Response, has_request_context, redirect, request
from flask_babel import Babel, Domain
from werkzeug.wrappers import Response as BaseResponse

from geo_policing.api.catalogues import Catalogue


@dataclass(frozen=True)
class Language:
    """A language that the pages are written in.

    `code` is its BCP 47 tag, `prefix` what its addresses begin with ("" for English), `name` what its speakers call
    it. `reviewed` is False until a native speaker has read the translation, and pages say so.
    """

    code: str
    prefix: str
    name: str
    reviewed: bool

    @property
    def locale(self) -> Locale:
        """Its rules for dates, numbers and plurals."""
        return _locale(self.code)

    @property
    def direction(self) -> str:
        """ "ltr" or "rtl", as the attribute `dir` wants it."""
        return str(self.locale.text_direction)


ENGLISH = Language("en-GB", "", "English", reviewed=True)
LANGUAGES = (ENGLISH, Language("pl", "/pl", "Polski", reviewed=False))
"""All languages, the default first; each but English has a catalogue in `web/translations` (a test keeps it so)."""


def language_of(path: str) -> Language:
    """The language of a request's path; English where it has no language's prefix.

    >>> language_of("/pl/about").code, language_of("/plan").code, language_of("/pl").code
    ('pl', 'en-GB', 'pl')
    """
    prefix = "/" + path.removeprefix("/").split("/", 1)[0]
    return next((language for language in LANGUAGES if language.prefix == prefix), ENGLISH)


def current_language() -> Language:
    """The language of the page that is answered now; English outside a request."""
    return language_of(request.path) if has_request_context() else ENGLISH


def local_url(path: str, language: Language | None = None) -> str:
    """`path` (of the English page, beginning with "/") as it is in `language`, or in that of the present page.

    Only for pages: data, tiles and static files have one address for all languages.
    """
    return (language or current_language()).prefix + path


def alternatives() -> list[tuple[Language, str]]:
    """Each language with the address of the present page in it.

    That is its start page where the present one has no address of its own: an answer to a form, an error.
    """
    here = current_language()
    path = "/"
    if has_request_context() and request.method in ("GET", "HEAD") and request.url_rule is not None:
        path = request.path.removeprefix(here.prefix)
        path += f"?{request.query_string.decode('ascii', 'replace')}" if request.query_string else ""
    return [(language, local_url(path, language)) for language in LANGUAGES]


def register_pages(app: Flask, blueprint: Blueprint) -> None:
    """Serve the pages of `blueprint` in every language, each below its prefix."""
    for language in LANGUAGES:
        name = f"{blueprint.name}-{language.code}" if language.prefix else blueprint.name
        app.register_blueprint(blueprint, url_prefix=language.prefix or None, name=name)


def prepare_languages(app: Flask, catalogues: Iterable[Catalogue]) -> None:
    """Let the pages of `app` speak every language, from `catalogues`; a language without one stays English."""
    babel = Babel()  # type: ignore[no-untyped-call]
    options = {"locale_selector": lambda: current_language().locale, "default_timezone": "Europe/London"}
    babel.init_app(app, **options)  # type: ignore[no-untyped-call]
    babel.domain_instance = _Catalogues({catalogue.code: catalogue.translations() for catalogue in catalogues})
    app.jinja_env.globals.update(local_url=local_url, current_language=current_language, alternatives=alternatives)
    for language in LANGUAGES[1:]:
        app.add_url_rule(language.prefix, f"start-{language.code}", lambda to=language.prefix: _to_start(to))


class _Catalogues(Domain):
    """Flask-Babel's way to the translations, from catalogues that are in memory already."""

    def __init__(self, translations: Mapping[str, Translations]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._translations = translations

    def get_translations(self) -> Translations | NullTranslations:
        return self._translations.get(current_language().code) or NullTranslations()


def _to_start(prefix: str) -> BaseResponse:
    # Relative, so that no proxy's idea of our host gets into it.
    return redirect(f"{prefix}/", HTTPStatus.PERMANENT_REDIRECT, Response)


@cache
def _locale(code: str) -> Locale:
    return Locale.parse(code, sep="-")
