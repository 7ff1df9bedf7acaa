"""What comes from below the pages (`geo_policing.wording`), and from the data, said in the language of the page."""

from __future__ import annotations

from datetime import date
from unicodedata import bidirectional

from babel.numbers import format_decimal
from flask_babel import get_translations
from markupsafe import Markup

from geo_policing.api.languages import ENGLISH, current_language
from geo_policing.api.spoken_dates import long_date
from geo_policing.errors import GeoPolicingError
from geo_policing.wording import Translator, in_language

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
"""Unicode Standard Annex 9: what stands between is laid out by itself."""


def translated(text: str) -> str:
    """`text` in the language of the page; what has no translation stays as it is."""
    return in_language(text, _TRANSLATOR)


def error_text(error: GeoPolicingError) -> str:
    """What `error` says, in the language of the page."""
    return translated(error.args[0]) if error.args else ""


def data_text(text: str, *, capital: bool = False) -> str:
    """A text from the data, such as a note of the force's; where it has no translation, marked as English.

    So a screen reader does not read English aloud by the rules of another language (WCAG 2.2, 3.1.2). With `capital`
    its first letter is made one.
    """
    told = translated(text)
    shown = told[:1].upper() + told[1:] if capital else told
    if not text or told != text or current_language() is ENGLISH:
        return shown
    return Markup('<span lang="en">{}</span>').format(shown)


def _value(value: object) -> object:
    if isinstance(value, date):
        return long_date(value)
    if isinstance(value, int):
        return format_decimal(value, locale=current_language().locale)
    return _isolated(value) if isinstance(value, str) else value


def _isolated(text: str) -> str:
    """`text` with marks around it where it runs from right to left, so that it does not turn its sentence about."""
    runs_leftwards = any(bidirectional(character) in ("R", "AL") for character in text)
    return f"{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}" if runs_leftwards else text


_TRANSLATOR = Translator(
    lambda pattern: str(get_translations().ugettext(pattern)),
    lambda one, many, number: str(get_translations().ungettext(one, many, number)),
    _value,
)
