"""WCAG 2.2 AA as far as a machine can tell, on every kind of page, in both themes, at phone width."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PATHS = ("/", "/about", "/beat/abbey-westham", "/beat/fen-end", "/nowhere", "/beat/market?as_of=2027-01-01")
TYPED = ("ZZ1 1AB", "ZZI 1AA", "Mill Road", "ZZ1 1AG", "ZZ9 9ZZ", "ZZ1 1AD", "ZZ1 1AE", "Qwertyuiop", "")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def each_page(page: Page, site: str) -> Iterator[str]:
    """Each kind of page in turn, opened in `page`; gives how it was reached."""
    for path in PATHS:
        page.goto(site + path)
        yield path
    for typed in TYPED:
        page.goto(site + "/")
        page.fill("#postcode", typed)
        page.click(".search button")
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
    .map(e => [e.textContent.trim(), e.getBoundingClientRect()])
    .filter(([, box]) => box.width < 24 || box.height < 24).map(([text]) => text)"""
COUNTS = "['h1', 'main', 'header', 'footer', '.skip'].map(s => document.querySelectorAll(s).length)"


def test_every_page_can_be_used_by_everyone(page: Page, site: str) -> None:
    for where in each_page(page, site):
        for details in page.locator("details").all():
            details.evaluate("e => e.open = true")
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, f"{where}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, f"{where} scrolls sideways"
        assert page.evaluate(SMALL_TARGETS) == [], f"{where} has targets below 24 px"
        assert page.evaluate(COUNTS) == [1, 1, 1, 1, 1], where
        assert page.evaluate("document.documentElement.lang") == "en-GB"
        assert page.title().endswith("Your local policing team")


def test_text_may_be_spaced_out_and_enlarged(page: Page, site: str) -> None:
    spacing = (
        "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
        " html { font-size: 200% }"
    )
    for path in ("/", "/beat/fen-end"):
        page.goto(site + path)
        page.set_viewport_size({"width": 640, "height": 800})
        page.add_style_tag(content=spacing)
        assert page.evaluate("document.documentElement.scrollWidth") <= 640, path


def test_print_leaves_out_what_paper_cannot_do(page: Page, site: str) -> None:
    page.goto(site + "/beat/fen-end")
    page.emulate_media(media="print")
    assert not page.locator(".search").is_visible()
    assert page.get_by_role("heading", name="Your PCSO").is_visible()
    assert page.get_by_text("999").first.is_visible()
