"""Sentences that remember how they were made, so that a page can say them in another language.

What the layers below the pages tell a person, in an answer or an error, is English text; API and command line give it
as it is. Made by `worded` it also carries its pattern and its values, and the pages look the pattern up in the
catalogue of their language. So no layer but theirs knows of languages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple


class Plural(NamedTuple):
    """The English patterns for one and for any other number; the number itself is the value `num`."""

    one: str
    many: str


class Wording(str):
    """English text, with what it was made from; it behaves as the text itself everywhere."""

    __slots__ = ("pattern", "values")

    pattern: str | Plural
    values: Mapping[str, object]


class Translator(NamedTuple):
    """How one language says things: a pattern, a plural's pattern for a number, and any other value."""

    one: Callable[[str], str]
    plural: Callable[[str, str, int], str]
    value: Callable[[object], object]


def worded(pattern: str, /, **values: object) -> Wording:
    """The text of `pattern` with each `%(name)s` filled from `values`; a percent sign is written `%%`.

    A value may be a Wording itself, a date, or a count (an int: 12345 is written "12,345"). KeyError where a value is
    missing. `scripts/translate` finds patterns by this function's name, so they are written out where it is called.

    >>> worded("%(code)s is not in use.", code="CB1 1JG")
    'CB1 1JG is not in use.'
    """
    return _made(pattern, pattern, values)


def worded_plural(one: str, many: str, num: int, /, **values: object) -> Wording:
    """`worded` by the pattern that fits the number `num`, which is the value `num` too.

    >>> worded_plural("%(num)s beat", "%(num)s beats", 2)
    '2 beats'
    """
    return _made(Plural(one, many), one if num == 1 else many, {**values, "num": num})


def sentences(*texts: str) -> Wording:
    """`texts` after one another, each still to be translated by itself; empty ones are left out.

    >>> sentences("It may be new.", "", "Try a place.")
    'It may be new. Try a place.'
    """
    values = {f"s{i}": text for i, text in enumerate(filter(None, texts))}
    pattern = " ".join(f"%({name})s" for name in values)
    return _made(pattern, pattern, values)


def marked(text: str, /) -> str:
    """`text` as it is, noted for translation: for what is written into a file now and shown to people later."""
    return text


def in_language(text: str, language: Translator) -> str:
    """`text` as `language` says it; a text that is no Wording is looked up as it is, since it may be `marked`."""
    if not isinstance(text, Wording):
        return language.one(text) if text else text

    def told(value: object) -> object:
        return in_language(value, language) if isinstance(value, Wording) else language.value(value)

    pattern, values = text.pattern, text.values
    if isinstance(pattern, Plural):
        found = language.plural(pattern.one, pattern.many, int(str(values["num"])))
    else:
        found = language.one(pattern)
    return found % {name: told(value) for name, value in values.items()}


def _made(pattern: str | Plural, english: str, values: Mapping[str, object]) -> Wording:
    made = Wording(english % {name: _in_english(value) for name, value in values.items()})
    made.pattern, made.values = pattern, values
    return made


def _in_english(value: object) -> object:
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    return f"{value:,}" if isinstance(value, int) else value
