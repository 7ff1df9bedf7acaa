"""Reading a postcode is written twice, for the server and for the browser; here both read the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from geo_policing.domain.postcodes import AREAS
from geo_policing.errors import InvalidInputError
from geo_policing.services.free_text import read_free_text
from geo_policing.services.query_types import PlaceQuery, PostcodeQuery
from tests.support.typed_postcodes import VECTORS

pytestmark = pytest.mark.browser

READ = """async ([modules, words, texts]) => {
    const { postcodeIn } = await import(modules + "postcode.js");
    const { Outcomes } = await import(modules + "outcomes.js");
    const { facts } = await Outcomes.load(words);
    return texts.map((text) => {
        const found = postcodeIn(text, facts.rules);
        return found && [`${found.outward} ${found.inward}`, found.corrected, found.name_first, found.doubt !== ""];
    });
}"""
# What a slip, a paste or another alphabet may put between the letters of a postcode.
PIECES = [
    *"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    *"cboil015",
    " ",
    " ",
    "-",
    ",",
    ".",
    "é",
    "ß",
    "İ",
    "１",
    "٣",
    "\u200b",
]


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(site + "/")
        yield page


def read_in_browser(page: Page, texts: list[str]) -> list[list[Any] | None]:
    words = page.locator("form[data-outcomes]").get_attribute("data-outcomes")
    modules = page.locator("script[src*='/js/find.js']").get_attribute("src")
    assert modules is not None
    found: list[list[Any] | None] = page.evaluate(READ, [modules.removesuffix("find.js"), words, texts])
    return found


def read_on_server(text: str) -> list[Any] | None:
    try:
        query = read_free_text(text)
    except InvalidInputError:
        return None
    if isinstance(query, PostcodeQuery):
        reading, first_a_name = query.reading, False
    elif isinstance(query, PlaceQuery) and query.or_postcode is not None:
        reading, first_a_name = query.or_postcode, True
    else:
        return None
    # A name that reads as a postcode is a postcode only where the data has it, whatever may be doubted of it.
    return [str(reading.postcode), reading.corrected, first_a_name, reading.doubt != ""]


def test_the_table(page: Page) -> None:
    texts = list(VECTORS)
    for text, found in zip(texts, read_in_browser(page, texts), strict=True):
        wanted = VECTORS[text]
        assert (tuple(found[:2]) if found and not found[2] else None) == wanted, text


def test_anything_at_all(page: Page) -> None:
    made = random.Random(7)
    areas = sorted(AREAS)

    def near_a_postcode() -> str:
        text = f"{made.choice(areas)}{made.randint(0, 99)}{made.choice([' ', ''])}{made.randint(0, 9)}"
        text += made.choice("ABDEFGHJLNPQRSTUWXYZ") + made.choice("ABDEFGHJLNPQRSTUWXYZCI1O0")
        cut = made.randrange(len(text))
        return made.choice([text, text[:cut] + made.choice(PIECES) + text[cut + made.randint(0, 1) :], f"1 {text}"])

    texts = ["".join(made.choices(PIECES, k=made.randint(1, 9))) for _ in range(4000)]
    texts += [near_a_postcode() for _ in range(6000)]
    wrong = [
        (text, found, read_on_server(text))
        for text, found in zip(texts, read_in_browser(page, texts), strict=True)
        if found != read_on_server(text)
    ]
    assert wrong == []


def test_doubts_have_their_words(page: Page, site: str) -> None:
    html = page.request.get(site + str(page.locator("form[data-outcomes]").get_attribute("data-outcomes"))).text()
    for name in ("area", "letters", "girobank", *(f"served-{area}" for area in ("JE", "GY", "IM", "BT", "GX", "BF"))):
        assert f"<dt>doubt-{name}</dt>" in html
