"""What there is to translate: gathered from templates, from the package's code and from the pages' scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TypeAlias

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file, extract_javascript, extract_python
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parents[2]
PYTHON_WORDS = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "worded": None,
    "worded_plural": (1, 2),
    "marked": None,
}
SCRIPT_WORDS = {"t": None, "tn": (1, 2)}
COMMENT_TAGS = ("Translators:",)

Keywords: TypeAlias = dict[str, tuple[int | tuple[int, str], ...] | None]


class Message(NamedTuple):
    """One text to translate: `text` is (one, many) for a plural; `place` is the file below the root."""

    text: str | tuple[str, str]
    place: str
    context: str | None
    comments: tuple[str, ...]


def messages() -> Iterator[Message]:
    """Everything that is to be translated, in the order of the files' names.

    Places go without lines: else every change of the code would change the catalogues.
    """
    for path in sorted((ROOT / "geo_policing").rglob("*.py")):
        yield from _from_file(extract_python, path, PYTHON_WORDS, {})
    for path in sorted((ROOT / "web/templates").rglob("*.html")):
        yield from _from_file(babel_extract, path, PYTHON_WORDS, {"trimmed": "true", "silent": "false", **BLOCKS})
    for path in sorted((ROOT / "web/static").rglob("*.js")):
        yield from _from_file(extract_javascript, path, SCRIPT_WORDS, {"template_string": "false"})


# As the application sets them; a template that lacks an end is an error here, too.
BLOCKS = {"trim_blocks": "true", "lstrip_blocks": "true"}


def gathered() -> Catalog:
    """All of `messages` as one catalogue without translations."""
    catalogue = Catalog(project="geo-policing")
    for message in messages():
        catalogue.add(
            message.text, locations=[(message.place, None)], context=message.context, auto_comments=message.comments
        )
    return catalogue


def _from_file(method: object, path: Path, words: Keywords, options: dict[str, str]) -> Iterator[Message]:
    found = extract_from_file(method, path, keywords=words, comment_tags=COMMENT_TAGS, options=options)  # type: ignore[arg-type]
    place = path.relative_to(ROOT).as_posix()
    for _, text, comments, context in found:
        yield Message(text, place, context, tuple(comments))
