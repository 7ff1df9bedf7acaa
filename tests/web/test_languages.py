"""Languages as a reader meets them, and the words of scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.web.test_access import RULES, SMALL_TARGETS, each_page

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    yield opened
    opened.close()


def in_scripts(page: Page, body: str) -> Any:
    """What `body` gives with `t`, `tn`, `number` and `speak` of the page's own module at hand."""
    source = page.locator('script[type="module"]').first.get_attribute("src") or ""
    module = re.sub(r"[^/]+$", "language.js", source)
    return page.evaluate(f"async () => {{ const {{ t, tn, number, speak }} = await import('{module}'); {body} }}")


class TestReading:
    def test_the_way_from_the_start_to_a_beat_stays_polish(self, page: Page, site: str) -> None:
        page.goto(site)
        page.get_by_role("link", name="Polski").click()
        expect(page).to_have_url(f"{site}/pl/")
        page.get_by_label("Kod pocztowy, ulica lub miejscowość").fill("ZZ1 1AA")
        page.get_by_role("button", name="Znajdź mój zespół").click()
        expect(page).to_have_url(re.compile(rf"{site}/pl/beat/[a-z0-9-]+$"))
        expect(page.locator("html")).to_have_attribute("lang", "pl")
        expect(page.get_by_role("heading", name=re.compile("^Twój funkcjonariusz PCSO"))).to_be_visible()

    def test_back_to_english_on_the_same_page(self, page: Page, site: str) -> None:
        page.goto(f"{site}/pl/beat/market")
        page.get_by_role("link", name="English").click()
        expect(page).to_have_url(f"{site}/beat/market")
        expect(page.locator("html")).to_have_attribute("lang", "en-GB")

    def test_no_cookie_remembers_the_language(self, page: Page, site: str) -> None:
        page.goto(f"{site}/pl/")
        assert page.context.cookies() == []
        assert page.evaluate("localStorage.length + sessionStorage.length") == 0


class TestScripts:
    def test_english_is_said_without_a_catalogue(self, page: Page, site: str) -> None:
        page.goto(site)
        assert in_scripts(page, 'return t("Within %(a)s of %(b)s", { a: 5, b: "Ely" })') == "Within 5 of Ely"
        assert in_scripts(page, 'return [1, 2, 0].map((n) => tn("%(num)s way", "%(num)s ways", n))') == [
            "1 way", "2 ways", "0 ways",
        ]  # fmt: skip
        assert in_scripts(page, "return number(12345.6)") == "12,345.6"

    def test_polish_comes_from_the_catalogue(self, page: Page, site: str) -> None:
        page.goto(f"{site}/pl/")
        assert in_scripts(page, 'return t("Zoom in")') == "Przybliż"
        assert in_scripts(page, "return number(12345.6)") == "12\xa0345,6"

    def test_every_polish_form_of_a_plural_is_found(self, page: Page, site: str) -> None:
        page.goto(f"{site}/pl/")
        spoken = """
            speak({ language: "pl", messages: { "%(num)s way": ["%(num)s droga", "%(num)s drogi", "%(num)s dróg"] } });
            return [0, 1, 2, 5, 12, 22, 25, 101, 1.5].map((n) => tn("%(num)s way", "%(num)s ways", n));
        """
        assert in_scripts(page, spoken) == [
            "0 dróg", "1 droga", "2 drogi", "5 dróg", "12 dróg", "22 drogi", "25 dróg", "101 dróg", "1,5 dróg",
        ]  # fmt: skip

    def test_what_is_not_translated_stays_english(self, page: Page, site: str) -> None:
        page.goto(f"{site}/pl/")
        assert in_scripts(page, 'return t("Nobody knows %(what)s", { what: "this" })') == "Nobody knows this"

    def test_values_are_taken_as_they_are(self, page: Page, site: str) -> None:
        page.goto(site)
        assert in_scripts(page, 'return t("%(a)s and %(b)s", { a: "%(b)s", b: "$&" })') == "%(b)s and $&"
        assert in_scripts(page, 'return t("100%% of %(missing)s")') == "100% of %(missing)s"
        assert in_scripts(page, 'return t("%(toString)s")') == "%(toString)s"

    def test_without_its_catalogue_a_page_still_works(self, page: Page, site: str) -> None:
        page.route("**/catalogue_pl.js", lambda route: route.abort())
        page.goto(f"{site}/pl/")
        page.get_by_label("Kod pocztowy, ulica lub miejscowość").fill("ZZ1 1AA")
        page.get_by_role("button", name="Znajdź mój zespół").click()
        expect(page).to_have_url(re.compile(r"/pl/beat/"))


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_polish_pages_can_be_used_by_everyone(browser: Browser, site: str, theme: Literal["light", "dark"]) -> None:
    """What `test_access` asks of the English pages; longer words must not make a page scroll sideways."""
    window = {"width": 320, "height": 640}
    with browser.new_context(color_scheme=theme, viewport=window, bypass_csp=True) as context:
        page = context.new_page()
        for where in each_page(page, f"{site}/pl"):
            found = Axe().run(page, options=RULES)
            assert found.violations_count == 0, f"{where}: {found.generate_report()}"
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, f"{where} scrolls sideways"
            assert page.evaluate(SMALL_TARGETS) == [], f"{where} has targets below 24 px"
            assert page.evaluate("document.documentElement.lang") == "pl"
            assert page.title().endswith("Twój lokalny zespół policji")


def test_long_names_and_other_scripts_do_not_break_a_page(page: Page, site: str) -> None:
    """A name as long as any on Earth, and one that runs from right to left, in the narrowest window."""
    page.set_viewport_size({"width": 320, "height": 640})
    for name in ("Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch" * 2, "שלום עולם 12 (a) – مرحبا"):
        page.goto(f"{site}/pl/")
        page.get_by_label("Kod pocztowy, ulica lub miejscowość").fill(name)
        page.get_by_role("button", name="Znajdź mój zespół").click()
        expect(page.locator(".error-summary")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
