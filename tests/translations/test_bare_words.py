"""No template and no script says a word that does not pass through the catalogues.

What extraction cannot see, the other tests of translations cannot miss; so this one looks for words themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.jslexer import tokenize
from jinja2 import Environment, nodes

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "web/templates").glob("**/*.html"))
SCRIPTS = sorted((ROOT / "web/static").glob("**/*.js"))

# Alike in every language: addresses, and words for the browser rather than the reader.
SAME_EVERYWHERE = {"www.police.uk", "https://www.police.uk/", "light dark"}
# Attributes that are read out or shown.
SPOKEN = {"alt", "title", "aria-label", "aria-description", "placeholder", "label", "summary"}
NO_TEXT = {"script", "style", "code", "svg"}
TRANSLATING = {"_", "gettext", "ngettext", "pgettext"}
EXPRESSION = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
WORD = re.compile(r"[A-Za-z]{2,}")

# What a script compares or hands to the browser, not to a reader.
NAMES_IN_SCRIPTS = {
    "AbortError", "Accept", "ArrowDown", "ArrowLeft", "ArrowRight", "ArrowUp", "Content-Type", "Enter", "Escape",
    "Home", "End", "MultiPolygon", "Polygon", "FeatureCollection", "Feature", "PageUp", "PageDown",
}  # fmt: skip
NO_READERS_IN_SCRIPTS = {
    # In a page of another site, that has neither our catalogue nor our language; the link beside it is asked first.
    ("embed.js", "Find your local policing team"),
    # Names of classes, and an error for whoever puts a page together.
    ("map_beats.js", "beat tint\x00"),
    ("map_of_beat.js", "\x00 is not among the beats"),
}
WORDS_IN_SCRIPTS = re.compile(
    r"^[A-Z][a-z]+\b(?!-)|[A-Za-z]{2,}[.?!…]$|^[A-Za-z]+ [a-z]+ [a-z]+ |[a-z] (the|of|to|is) "
)
WORDS_BESIDE_VALUES = re.compile(r"(?<![\w.#-])[A-Za-z]{2,} |^[A-Z][a-z]+ | [A-Za-z]{2,}(?![\w-])")


class Words(HTMLParser):
    """Collects the words of a page that a reader would see or hear."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in NO_TEXT:
            self._silent.append(tag)
        values = dict(attributes)
        spoken = {name: value for name, value in attributes if name in SPOKEN}
        if tag == "meta" and values.get("name") == "description":
            spoken["content"] = values.get("content")
        self.found += [value for value in spoken.values() if value and WORD.search(value)]

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        text = data.strip()
        if not self._silent and WORD.search(text) and text not in SAME_EVERYWHERE:
            self.found.append(text)


def bare_words(template: str) -> list[str]:
    """Words of `template` outside its expressions."""
    parser = Words()
    parser.feed(EXPRESSION.sub("", template))
    return parser.found


def words_in_expressions(template: str) -> list[str]:
    """Strings in the expressions of `template` that read like words and go round the translation."""
    tree = Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(template)
    return [text for text in _constants(tree) if re.search(r"^[A-Z][a-z]+|[A-Za-z]{2,} [A-Za-z]{2,}", text)]


def _constants(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in TRANSLATING:
        for value in node.kwargs:
            yield from _constants(value.value)
        return
    if isinstance(node, nodes.TemplateData):
        return
    if isinstance(node, nodes.Const) and isinstance(node.value, str) and node.value not in SAME_EVERYWHERE:
        # Markup within expressions counts by its words.
        yield re.sub(r"<[^>]*>?", "", node.value).strip()
    for child in node.iter_child_nodes():
        yield from _constants(child)


def words_of_script(source: str) -> list[str]:
    """Strings of a script that read like words and go round the translation."""
    found = []
    before: list[str] = []
    for token in tokenize(source, jsx=False):
        if token.type == "string" and not _is_translated(before):
            text = token.value[1:-1]
            if WORDS_IN_SCRIPTS.search(text) and text not in NAMES_IN_SCRIPTS:
                found.append(text)
        if token.type == "template_string":
            text = re.sub(r"\$\{[^}]*\}", "\x00", token.value[1:-1])
            if re.search(r"\btn?\(", token.value):
                # Extraction does not look into template strings.
                found.append(token.value)
            elif "\x00" in text and WORDS_BESIDE_VALUES.search(text) and "://" not in text:
                found.append(text)
        if token.type != "linecomment" and token.type != "multilinecomment":
            before = [*before[-3:], token.value]
    return found


def _is_translated(before: list[str]) -> bool:
    """True where a string is the first argument of `t`, or one of the first two of `tn`."""
    return before[-2:] in (["t", "("], ["tn", "("]) or (len(before) == 4 and before[0] == "tn" and before[3] == ",")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_says_a_word_by_itself(path: Path):
    assert bare_words(path.read_text()) == []
    assert words_in_expressions(path.read_text()) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_says_a_word_by_itself(path: Path):
    assert [text for text in words_of_script(path.read_text()) if (path.name, text) not in NO_READERS_IN_SCRIPTS] == []


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<p>Open now</p>", ["Open now"]),
        ('<p>{{ _("Open now") }}</p>', []),
        ('<nav aria-label="Pages"></nav>', ["Pages"]),
        ('<a href="tel:101">101</a> – <code>/readyz</code>', []),
        ("<p>{# a note #}{% if x %}shut{% endif %}</p>", ["shut"]),
    ],
)
def test_a_bare_word_is_seen(template: str, found: list[str]):
    assert bare_words(template) == found


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ('{{ "Open now" if x }}', ["Open now"]),
        ('{{ search("Postcode") }}', ["Postcode"]),
        ('{{ _("Open now") if x else _("Closed") }}', []),
        ('<p class="{{ "is-open wide" if x }}">', ["is-open wide"]),
        ("{{ asset_url('js/find.js') }}", []),
        ('{{ ngettext("%(num)s file", "%(num)s files", n, at=("Some place")) }}', ["Some place"]),
    ],
)
def test_a_word_in_an_expression_is_seen(template: str, found: list[str]):
    assert words_in_expressions(template) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('say("Try again.")', ["Try again."]),
        ('say(t("Try again."))', []),
        ('say(tn("%(num)s hour", "%(num)s hours", n))', []),
        ("say(`${n} minutes`)", ["\x00 minutes"]),
        ('say(`${t("Share")}: ${x}`)', ['`${t("Share")}: ${x}`']),
        ("load(`/tiles/${z}/${x}.svg`)", []),
        ('if (event.key === "ArrowUp") go();', []),
        ('button("Share")', ["Share"]),
        ('make("pan-buttons leaflet-bar")', []),
    ],
)
def test_a_word_in_a_script_is_seen(source: str, found: list[str]):
    assert words_of_script(source) == found
