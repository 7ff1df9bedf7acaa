"""A beat's page in a browser: on paper, shared, in a calendar, and with names that no designer expects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar
from playwright.sync_api import Browser, Page, expect

from geo_policing.clock import LONDON
from geo_policing.domain.covers import Cover, Covering
from geo_policing.domain.events import Event
from geo_policing.domain.postings import Posting, Role
from geo_policing.domain.priorities import Priority
from tests.support.still import beat_id, stand_still, view_of_app
from tests.support.web import served, tiny_app

pytestmark = pytest.mark.browser

LONG = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch-under-Thorpe-le-Soken-juxta-Mare"
ARABIC = "سرعة السيارات أمام المدرسة"
START = datetime(2026, 12, 1, 18, 30, tzinfo=LONDON)


@pytest.fixture(scope="module")
def full_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site whose beat "fen-end" is vacant and covered, and full of facts under names that are hard to set."""
    app = tiny_app(tmp_path_factory.mktemp("full"), settings={"public_url": "https://police.example"})
    view = view_of_app(app)
    assert view.plan is not None
    here = beat_id(view, "fen-end")
    lent = Posting(
        90, beat_id(view, "market"), Role.PCSO, "PCSO 90", 1.0, date(2025, 1, 1), name=LONG, email="a@b.example"
    )
    sergeant = Posting(91, here, Role.SERGEANT, "PS 91", 1.0, date(2025, 1, 1), name=ARABIC)
    beats = tuple(replace(b, name=LONG) if b.id == here else b for b in view.plan.beats)
    stand_still(
        app,
        plan=replace(view.plan, beats=beats),
        postings={here: (sergeant,)},
        covers={here: (Covering(Cover(1, here, 90, date(2026, 11, 1)), lent),)},
        priorities={here: tuple(Priority(i, here, ARABIC if i % 2 else LONG, date(2026, i, 1)) for i in range(1, 8))},
        events={
            here: tuple(
                Event(i, here, f"{ARABIC} {i}", START + timedelta(days=i), place="Village hall") for i in range(1, 8)
            )
        },
        facilities=tuple(replace(f, name=f"{f.name} {LONG}", address="1 Mill Road") for f in view.facilities),
    )
    with served(app) as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context() as context:
        yield context.new_page()


class TestPaper:
    def pages_of(self, page: Page, address: str) -> int:
        page.goto(address)
        return len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(prefer_css_page_size=True)))

    def test_a_beat_fits_on_one_sheet(self, page: Page, site: str, full_site: str) -> None:
        assert self.pages_of(page, site + "/beat/market") == 1
        assert self.pages_of(page, site + "/pl/beat/fen-end") == 1
        assert self.pages_of(page, full_site + "/beat/fen-end") == 1

    def test_holds_team_reach_meetings_and_office_and_nothing_to_press(self, page: Page, full_site: str) -> None:
        page.emulate_media(media="print")
        page.goto(full_site + "/beat/fen-end")
        for heading in (
            "Your PCSO",
            "How to reach the police",
            "When and where to meet the police next",
            "Enquiry office",
        ):
            expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        expect(page.get_by_text("This page: https://police.example/beat/fen-end")).to_be_visible()
        expect(page.get_by_text("18001 101")).to_be_visible()
        for gone in ("button", "textbox"):
            expect(page.get_by_role(gone)).to_have_count(0)  # type: ignore[arg-type]
        expect(page.get_by_role("link", name="Open in a map app")).to_have_count(0)

    def test_is_dark_on_light_in_either_theme(self, browser: Browser, site: str) -> None:
        with browser.new_context(color_scheme="dark") as context:
            page = context.new_page()
            page.emulate_media(media="print")
            page.goto(site + "/beat/market")
            assert page.locator("body").evaluate("e => getComputedStyle(e).color") == "rgb(0, 0, 0)"
            assert page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(255, 255, 255)"


class TestSharing:
    def test_the_address_is_copied(self, browser: Browser, site: str) -> None:
        with browser.new_context(permissions=["clipboard-read", "clipboard-write"]) as context:
            page = context.new_page()
            page.goto(site + "/beat/market")
            page.get_by_role("button", name="Copy the address").click()
            expect(page.get_by_role("status").filter(has_text="Copied.")).to_be_visible()
            assert page.evaluate("navigator.clipboard.readText()") == f"{site}/beat/market"

    def test_a_browser_that_refuses_says_so(self, browser: Browser, site: str) -> None:
        with browser.new_context() as context:
            page = context.new_page()
            page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('no'))")
            page.goto(site + "/beat/market")
            page.get_by_role("button", name="Copy the address").click()
            expect(page.get_by_text("Your browser did not allow copying.")).to_be_visible()

    def test_the_device_s_own_sharing_is_offered_where_it_is(self, page: Page, site: str) -> None:
        page.add_init_script("navigator.share = (what) => { window.shared = what; return Promise.resolve(); }")
        page.goto(site + "/beat/market")
        page.get_by_role("button", name="Share").click()
        shared = page.evaluate("window.shared")
        assert shared == {"title": "Market – Your local policing team", "url": f"{site}/beat/market"}

    def test_without_scripts_the_address_stands_there(self, browser: Browser, site: str) -> None:
        with browser.new_context(java_script_enabled=False) as context:
            page = context.new_page()
            page.goto(site + "/beat/market")
            expect(page.locator("#page-link")).to_have_attribute("href", "/beat/market")
            expect(page.get_by_role("button", name="Copy the address")).to_have_count(0)

    def test_snippets_are_copied_whole(self, browser: Browser, site: str) -> None:
        with browser.new_context(permissions=["clipboard-read", "clipboard-write"]) as context:
            page = context.new_page()
            page.goto(site + "/embed/how-to")
            page.get_by_role("button", name="Copy").first.click()
            expect(page.get_by_role("status").filter(has_text="Copied.")).to_be_visible()
            copied = page.evaluate("navigator.clipboard.readText()")
            assert copied.startswith(f'<a href="{site}/">')
            assert copied.endswith(f'<script async src="{site}/embed.js"></script>')


def test_the_calendar_comes_as_a_file(page: Page, site: str) -> None:
    page.goto(site + "/beat/fen-end")
    with page.expect_download() as download:
        page.get_by_role("link", name="Add these dates to your calendar").click()
    assert download.value.suggested_filename == "fen-end-meetings.ics"
    path = Path(download.value.path())
    assert len(Calendar.from_ical(path.read_bytes()).walk("VEVENT")) == 8


@pytest.mark.parametrize("width", [320, 1280])
def test_long_and_right_to_left_names_break_nothing(page: Page, full_site: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("/beat/fen-end", "/embed?beat=fen-end", "/beat/market", "/pl/beat/fen-end"):
        page.goto(full_site + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page.goto(full_site + "/beat/fen-end")
    name = page.locator(".person-name bdi", has_text=ARABIC)
    expect(name).to_be_visible()
    # The page itself stays left to right: what follows the name does not jump before it.
    assert page.locator("html").get_attribute("dir") == "ltr"


def test_the_way_through_the_page_by_keyboard(page: Page, site: str) -> None:
    page.goto(site + "/beat/fen-end")
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim()"))
        if reached[-1] == "Find my team":
            break
    in_order = ["Skip to main content", "999", "101", "Add these dates to your calendar", "Copy the address"]
    places = [reached.index(name) for name in (*in_order, "Find my team")]
    assert places == sorted(places)


def test_two_tabs_show_two_beats(browser: Browser, site: str) -> None:
    with browser.new_context() as context:
        one, two = context.new_page(), context.new_page()
        one.goto(site + "/beat/market")
        two.goto(site + "/beat/fen-end")
        one.reload()
        expect(one.get_by_role("heading", level=1)).to_have_text("Market")
        expect(two.get_by_role("heading", level=1)).to_have_text("Fen End")
