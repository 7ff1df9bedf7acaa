"""WCAG 2.2 AA as far as a machine can tell: every kind of page, both themes, each language, at phone width."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from geo_policing.api.languages import LANGUAGES, Language

pytestmark = pytest.mark.browser

PATHS = (
    "/",
    "/about",
    "/accessibility",
    "/privacy",
    "/embed/how-to",
    "/map",
    "/places",
    "/beat/abbey-westham",
    "/beat/fen-end",
    "/nowhere",
    "/beat/market?as_of=2027-01-01",
)
TYPED = ("ZZ1 1AB", "ZZI 1AA", "Mill Road", "ZZ1 1AG", "ZZ9 9ZZ", "ZZ1 1AD", "ZZ1 1AE", "Qwertyuiop", "")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def each_page(page: Page, start: str) -> Iterator[str]:
    """Each kind of page below `start` in turn, opened in `page`; gives how it was reached."""
    for path in PATHS:
        page.goto(start + path)
        yield path
    for typed in TYPED:
        page.goto(start + "/")
        asked = page.title()
        page.fill("#postcode", typed)
        page.click(".search button")
        # The answer comes as a page or in the place of this one; either way under a title of its own.
        expect(page).not_to_have_title(asked)
        page.wait_for_load_state()
        yield f"find {typed!r}"


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    # axe is put into the page by the test, which the page's own policy would rightly forbid.
    with browser.new_context(
        color_scheme=request.param, viewport={"width": 320, "height": 640}, bypass_csp=True
    ) as context:
        yield context.new_page()


SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, input, summary')]
    .filter(e => !e.closest('p, dd, td, th, .error-summary li') && !e.matches('.skip'))
    .filter(e => e.checkVisibility() && e.type !== 'hidden')
    .map(e => [e.textContent.trim(), e.getBoundingClientRect()])
    .filter(([, box]) => box.width < 24 || box.height < 24).map(([text]) => text)"""
COUNTS = "['h1', 'main', 'header', 'footer', '.skip'].map(s => document.querySelectorAll(s).length)"
LEVELS = "[...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(e => Number(e.tagName[1]))"


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.code)
def test_every_page_can_be_used_by_everyone(page: Page, site: str, language: Language) -> None:
    for where in each_page(page, site + language.prefix):
        for details in page.locator("details").all():
            details.evaluate("e => e.open = true")
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, f"{where}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, f"{where} scrolls sideways"
        assert page.evaluate(SMALL_TARGETS) == [], f"{where} has targets below 24 px"
        assert page.evaluate(COUNTS) == [1, 1, 1, 1, 1], where
        levels = page.evaluate(LEVELS)
        assert all(after - before <= 1 for before, after in pairwise(levels)), f"{where}: {levels}"
        assert page.evaluate("document.documentElement.lang") == language.code


def test_text_may_be_spaced_out_and_enlarged(page: Page, site: str) -> None:
    spacing = (
        "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
        " html { font-size: 200% }"
    )
    for path in ("/", "/beat/fen-end", "/privacy", "/embed/how-to", "/embed?beat=fen-end"):
        page.goto(site + path)
        page.set_viewport_size({"width": 640, "height": 800})
        page.add_style_tag(content=spacing)
        assert page.evaluate("document.documentElement.scrollWidth") <= 640, path


def test_at_400_percent_nothing_is_lost(page: Page, site: str) -> None:
    # What is left of 1280 by 1024 pixels at 400%.
    page.set_viewport_size({"width": 320, "height": 256})
    for path in ("/", "/beat/fen-end", "/accessibility", "/embed/how-to"):
        page.goto(site + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_who_wants_no_motion_gets_none(browser: Browser, site: str) -> None:
    moving = """() => [...document.querySelectorAll('*')].filter(e => { const s = getComputedStyle(e);
        return s.scrollBehavior === 'smooth' || parseFloat(s.transitionDuration) > 0.01
            || (s.animationName !== 'none' && parseFloat(s.animationDuration) > 0.01); }).length"""
    with browser.new_context(reduced_motion="reduce") as context:
        page = context.new_page()
        for path in ("/", "/beat/fen-end", "/map", "/embed"):
            page.goto(site + path)
            assert page.evaluate(moving) == 0, path


class TestNamesAndRoles:
    """What a screen reader is told."""

    def test_of_a_beats_page(self, page: Page, site: str) -> None:
        page.goto(site + "/beat/fen-end")
        expect(page.get_by_role("banner")).to_be_visible()
        expect(page.get_by_role("contentinfo")).to_be_visible()
        main = page.get_by_role("main")
        for name in (
            "Your PCSO",
            "How to reach the police",
            "When and where to meet the police next",
            "Enquiry office",
            "Contact points",
            "Where this beat is",
            "Keep or share this page",
            "Is something here wrong?",
            "Not your area?",
        ):
            region = main.get_by_role("region", name=name, exact=True)
            expect(region.get_by_role("heading", name=name, exact=True)).to_be_visible()
        expect(main.get_by_role("link", name="Add these dates to your calendar")).to_be_visible()
        expect(main.get_by_role("textbox", name="Postcode, street or place")).to_be_visible()
        expect(main.get_by_role("link", name="999").first).to_have_attribute("href", "tel:999")

    def test_of_a_mistake(self, page: Page, site: str) -> None:
        page.goto(site + "/embed")
        page.get_by_role("button", name="Find my team").click()
        field = page.get_by_role("textbox", name="Postcode, street or place")
        expect(page.get_by_role("alert")).to_contain_text("Enter a postcode, a street or a place")
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_accessible_description(re.compile("Enter a postcode"))

    def test_links_say_where_they_lead(self, page: Page, site: str) -> None:
        for path in ("/beat/fen-end", "/embed/how-to", "/privacy", "/embed?beat=fen-end"):
            page.goto(site + path)
            links = page.get_by_role("link").all()
            assert links
            for link in links:
                name = link.inner_text().strip() or link.get_attribute("aria-label") or ""
                assert name.casefold() not in ("", "here", "click here", "more", "link"), f"{path}: {link}"
