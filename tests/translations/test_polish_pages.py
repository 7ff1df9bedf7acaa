"""The pages themselves, in Polish: no English is left on them but what is marked as English or is a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient

from geo_policing.api.languages import LANGUAGES
from scripts.translating.__main__ import CATALOGUES, load
from tests.support.mapped import mapped_app
from tests.support.web import tiny_app

PAGES = (
    "/", "/about", "/accessibility", "/privacy", "/embed", "/embed/how-to", "/map", "/beat/market", "/beat/fen",
    "/beat/market?as_of=2026-11-24", "/nowhere", "/beat/nowhere", "/beat/market?as_of=x",
)  # fmt: skip
TYPED = (
    "ZZ1 1AB", "Mill Road", "ZZ1 1AG", "ZZ1 1AD", "ZZI 1AA", "", "999", "ZZ9 9ZZ", "ZZ1", "M5V 2T6", "JE2 3AB",
    "52.2 98", "0.1, 52.2", "TL 45 5", "545000 99999999", "Nowhereville", "SW1A 1AA", "bfpo 1", "x" * 300, "Marke",
    "ZZ1 1QC",
)  # fmt: skip
# Words that no Polish sentence holds, and few names do.
ENGLISH = re.compile(
    r"\b(the|and|with|from|this|which|you|your|is|are|was|not|of|for|at|on|by|in|or|their|has|have|be|it|one)\b", re.I
)
ALIKE_IN_POLISH = {"i", "o", "w", "z", "to", "do", "on", "by", "a"}
VOID = {
    "area",
    "base",
    "br",
    "col",
    "embed",
    "hr",
    "img",
    "input",
    "link",
    "meta",
    "source",
    "track",
    "wbr",
    "path",
    "rect",
    "circle",
}
SPOKEN = ("alt", "title", "aria-label", "placeholder", "content")


class Polish(HTMLParser):
    """Collects what is to be read as Polish: outside what is marked as another language, as a name or as code."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._open: list[tuple[str, bool]] = []

    @property
    def _skipped(self) -> bool:
        return any(skip for _, skip in self._open)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        language = values.get("lang") or "pl"
        skip = tag in ("script", "style", "code", "bdi", "q", "textarea") or language != "pl"
        if not self._skipped and not skip:
            told = [values.get(name) for name in SPOKEN if tag != "meta" or values.get("name") == "description"]
            self.pieces += [text for text in told if text]
        if tag not in VOID:
            self._open.append((tag, skip))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._skipped and data.strip():
            self.pieces.append(" ".join(data.split()))


def polish_of(html: str) -> list[str]:
    parser = Polish()
    parser.feed(html)
    return parser.pieces


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    source = {
        "title": "Places with at least 500 residents", "publisher": "GeoNames", "licence": "CC BY 4.0",
        "attribution": "Contains data from GeoNames", "vintage": "2024",
    }  # fmt: skip
    return tiny_app(tmp_path_factory.mktemp("pl"), approximate=True, sources=[source])


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="module")
def everything(client: FlaskClient) -> dict[str, str]:
    """Every kind of page in Polish, by what was asked for."""
    pages = {path: client.get(f"/pl{path}").text for path in PAGES}
    return pages | {f"find {typed}": client.post("/pl/find", data={"postcode": typed}).text for typed in TYPED}


@pytest.fixture(scope="module")
def english() -> list[re.Pattern[str]]:
    """Every English text that has another wording in Polish, as a pattern that holds its values open."""
    catalogue = load(CATALOGUES / "pl/LC_MESSAGES/messages.po")
    return [re.compile(pattern) for entry in catalogue if entry.id for pattern in patterns(entry.id, entry.string)]


def patterns(identifier: str | tuple[str, ...], translation: str | tuple[str, ...]) -> Iterator[str]:
    ours = (identifier,) if isinstance(identifier, str) else identifier
    theirs = (translation,) if isinstance(translation, str) else translation
    for text in ours:
        words = re.sub(r"<[^>]+>", "\0", text)
        words = re.sub(r"%\(\w+\)s", "\0", words).replace("%%", "%")
        for part in words.split("\0"):
            # Less than three words may well stand in a Polish sentence, too.
            if len(part.split()) >= 3 and not any(part.strip() in other for other in theirs):
                yield re.escape(part.strip())


def test_no_page_holds_a_sentence_of_the_english_catalogue(everything: dict[str, str], english: list[re.Pattern[str]]):
    for asked, html in everything.items():
        text = " ".join(polish_of(html))
        assert [p.pattern for p in english if p.search(text)] == [], asked


def test_no_page_holds_an_english_word(everything: dict[str, str]):
    """Also of what no catalogue knows of: texts of the data, or of code that forgot them."""
    for asked, html in everything.items():
        for piece in polish_of(html):
            words = {word.lower() for word in ENGLISH.findall(piece)} - ALIKE_IN_POLISH
            assert not words, (asked, piece)


def test_every_page_says_its_language_and_that_nobody_has_reviewed_it(everything: dict[str, str]):
    for asked, html in everything.items():
        assert '<html lang="pl" dir="ltr"' in html, asked
        if not asked.startswith("/embed"):
            assert "nie sprawdził jeszcze rodzimy użytkownik" in html, asked


def test_links_between_pages_stay_in_the_language(everything: dict[str, str]):
    """But for the link to the other languages, and for what has one address in all: assets, data, calendar files."""
    for asked, html in everything.items():
        for tag in re.findall(r"<(?:a|form)\s[^>]*>", html):
            address = re.search(r'(?:href|action)="(/[^"]*)"', tag)
            if address and "hreflang" not in tag:
                assert re.match(r"/(pl/|assets/|api/|map/export)", address[1]), (asked, tag)


@pytest.mark.parametrize("language", LANGUAGES[1:], ids=lambda language: language.code)
def test_english_pages_hold_no_other_language(client: FlaskClient, language: object):
    for path in ("/", "/about", "/beat/market", "/map"):
        assert not re.search(r"[ąćęłńśźż]", client.get(path).text), path


class TestDriveTime:
    @pytest.fixture(scope="class")
    @classmethod
    def pages(cls, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
        client = mapped_app(tmp_path_factory.mktemp("drive")).test_client()
        asked = ("", "?minutes=x", "?base=none", "?minutes=5&trial=52.2,0.1", "?trial=1", "?profile=response")
        pages = {query: client.get(f"/pl/drive-time{query}").text for query in asked}
        return pages | {
            where: client.post("/pl/drive-time", data={"where": where}).text for where in ("", "ZZ1 1AA", "?")
        }

    def test_no_page_holds_english(self, pages: dict[str, str], english: list[re.Pattern[str]]):
        for asked, html in pages.items():
            pieces = polish_of(html)
            assert [p.pattern for p in english if p.search(" ".join(pieces))] == [], asked
            for piece in pieces:
                assert not {word.lower() for word in ENGLISH.findall(piece)} - ALIKE_IN_POLISH, (asked, piece)


def test_the_beats_own_page_has_polish_dates(client: FlaskClient):
    html = client.get("/pl/beat/market?as_of=2026-11-24").text
    assert "24 listopada 2026" in html
    assert "24 November" not in html
