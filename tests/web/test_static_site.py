"""The site as files, behind nothing but Python's own http.server."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page, expect

from geo_policing.api.static_site import export_site
from geo_policing.clock import Clock
from geo_policing.config import Settings
from geo_policing.datasets.progress import SILENT
from tests.support.live import tiny_live
from tests.support.web import NOW
from tests.web.conftest import LABEL

pytestmark = pytest.mark.browser


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that http.server gave it
        pass


@pytest.fixture(scope="module", params=["/", "/police/team/"])
def static_site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the tiny world's export at the root of a host, and below a path."""
    data, root = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("host")
    tiny_live(data, clock=Clock.fixed(NOW), approximate=True).close()
    target = root / request.param.strip("/") if request.param != "/" else root / "site"
    export_site(Settings(data_dir=data), Clock.fixed(NOW), target, SILENT, base=request.param, most_zoom=10)
    served = root if request.param != "/" else target
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(served)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{request.param.rstrip('/')}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def page(browser: Browser, static_site: str) -> Iterator[Page]:
    """A page that asks nobody but the host, sends nothing, and whose console stays empty."""
    with browser.new_context() as context:
        page, complaints, asked = context.new_page(), [], []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda made: asked.append((made.method, made.url)))
        yield page
        assert [made for made in asked if made[0] != "GET" or not made[1].startswith(static_site)] == []
        assert complaints == []
        assert context.cookies() == []


def ask(page: Page, site: str, typed: str, start: str = "/") -> None:
    page.goto(site + start)
    page.locator("#postcode").fill(typed)
    page.locator("#postcode").press("Enter")


class TestSearch:
    def test_a_postcode_leads_to_its_team(self, page: Page, static_site: str) -> None:
        ask(page, static_site, "zz1 1aa")
        expect(page).to_have_url(f"{static_site}/beat/abbey-westham/")
        expect(page.get_by_role("heading", level=1)).to_have_text("Abbey")
        expect(page.get_by_text("PCSO 7101").first).to_be_visible()

    def test_in_polish(self, page: Page, static_site: str) -> None:
        ask(page, static_site, "zz1 1aa", "/pl/")
        expect(page).to_have_url(f"{static_site}/pl/beat/abbey-westham/")

    def test_a_split_postcode_lets_one_choose(self, page: Page, static_site: str) -> None:
        ask(page, static_site, "ZZ1 1AB")
        expect(page.get_by_role("heading", level=1)).to_have_text("ZZ1 1AB lies in two beats")
        page.get_by_role("link", name="Market").click()
        expect(page).to_have_url(f"{static_site}/beat/market/")
        page.get_by_label(LABEL).fill("ZZ1 2OO")
        page.get_by_label(LABEL).press("Enter")
        expect(page).to_have_url(f"{static_site}/beat/fen-end/")

    @pytest.mark.parametrize(
        ("typed", "slug"),
        [
            ("Fen End", "fen-end"),
            ("12 Mill Road, Fen End", "abbey-eastham"),
            ("mill rd westham", "abbey-westham"),
            ("Mill Road, Fen Emd", "abbey-eastham"),
        ],
    )
    def test_a_place_leads_to_its_team(self, page: Page, static_site: str, typed: str, slug: str) -> None:
        ask(page, static_site, typed)
        expect(page).to_have_url(f"{static_site}/beat/{slug}/")

    def test_a_street_in_two_places_lets_one_choose(self, page: Page, static_site: str) -> None:
        ask(page, static_site, "Mill Road")
        expect(page.get_by_role("heading", level=1)).to_have_text("Which Mill Road do you mean?")
        expect(page.get_by_text("2 places are called Mill Road")).to_be_visible()
        page.get_by_role("button", name="near Fen End").click()
        expect(page).to_have_url(f"{static_site}/beat/abbey-eastham/")

    @pytest.mark.parametrize(
        ("typed", "heading"),
        [
            ("Fen Ende", "Is this what you meant?"),
            ("st marys", "St Mary's Street, Market lies in two beats"),
            ("St Marys Street", "St Mary's Street, Market lies in two beats"),
            ("Eastham", "Eastham lies in two beats"),
            ("Over There", "Another police force serves Over There"),
            ("ZZ1 1AD", "ZZ1 1AD is no longer in use"),
        ],
    )
    def test_other_answers(self, page: Page, static_site: str, typed: str, heading: str) -> None:
        ask(page, static_site, typed)
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading)

    @pytest.mark.parametrize(
        ("typed", "told"),
        [
            ("Qwertyuiop", "no place or street called “Qwertyuiop”"),
            ("", "Enter a postcode, a street or a place"),
            ("999", "This page cannot make a call"),
            ("52.2, 0.1", "no place or street"),
            ("بلدة", "no place or street"),
        ],
    )
    def test_says_what_is_wrong(self, page: Page, static_site: str, typed: str, told: str) -> None:
        ask(page, static_site, typed)
        expect(page.get_by_role("alert")).to_contain_text(told)
        expect(page.get_by_role("alert")).to_be_focused()
        expect(page.locator("#postcode")).to_have_value(typed)

    def test_says_so_when_the_line_is_gone(self, browser: Browser, static_site: str) -> None:
        with browser.new_context() as context:
            page = context.new_page()
            page.route("**/shards/**", lambda route: route.abort())
            ask(page, static_site, "ZZ1 1AA")
            expect(page.get_by_role("alert")).to_contain_text("could not be loaded")


class TestWithoutScript:
    def test_the_list_leads_to_a_team(self, browser: Browser, static_site: str) -> None:
        with browser.new_context(java_script_enabled=False) as context:
            page = context.new_page()
            page.goto(static_site + "/")
            expect(page.locator("#postcode")).to_be_hidden()
            page.get_by_role("link", name="Choose from the list of all places").click()
            expect(page).to_have_url(f"{static_site}/places/")
            page.get_by_role("link", name="Fen End").first.click()
            expect(page).to_have_url(f"{static_site}/beat/fen-end/")
            expect(page.get_by_role("heading", level=1)).to_have_text("Fen End")

    def test_a_frame_leads_to_the_list(self, browser: Browser, static_site: str) -> None:
        with browser.new_context(java_script_enabled=False) as context:
            page = context.new_page()
            page.goto(static_site + "/embed/")
            link = page.get_by_role("link", name="Choose from the list of all places")
            with context.expect_page() as opened:
                link.click()
            expect(opened.value).to_have_url(f"{static_site}/places/")

    def test_no_form_can_put_what_is_typed_into_an_address(self, browser: Browser, static_site: str) -> None:
        with browser.new_context(java_script_enabled=False) as context:
            page = context.new_page()
            for path in ("/", "/beat/market/", "/embed/", "/map/", "/pl/"):
                page.goto(static_site + path)
                assert page.locator("form:visible").count() == 0, path


class TestPages:
    def test_the_policy_stands_in_the_page(self, browser: Browser, static_site: str) -> None:
        with browser.new_context() as context:
            page = context.new_page()
            complaints: list[str] = []
            page.on("console", lambda message: complaints.append(message.text))
            page.goto(static_site + "/")
            page.evaluate("() => { const s = document.createElement('script'); s.textContent = 'window.intruder = 1';"
                          " document.body.append(s); }")  # fmt: skip
            assert page.evaluate("window.intruder") is None
            assert any("Content Security Policy" in text for text in complaints)

    def test_say_when_they_were_made_and_not_what_is_now(self, page: Page, static_site: str) -> None:
        page.goto(static_site + "/beat/fen-end/")
        expect(page.get_by_text("These pages were made on 23 November 2026 at 10:30am")).to_be_visible()
        text = page.locator("main").inner_text()
        assert not re.search(r"\b(Open|Closed) now\b", text)

    def test_the_map_shows_and_asks_only_for_tiles_there_are(self, page: Page, static_site: str) -> None:
        missing: list[str] = []
        page.on("response", lambda response: missing.append(response.url) if response.status == 404 else None)
        page.goto(static_site + "/map/")
        expect(page.locator("#force-map .leaflet-tile-loaded").first).to_be_visible()
        page.get_by_role("button", name="Zoom out").click()
        expect(page.locator("#force-map .leaflet-tile-loaded").first).to_be_visible()
        assert missing == []

    def test_a_frame_finds_a_team(self, page: Page, static_site: str) -> None:
        ask(page, static_site, "ZZ1 1AA", "/embed/")
        expect(page).to_have_url(f"{static_site}/embed/abbey-westham/")
        page.goto(f"{static_site}/embed/?beat=market")
        expect(page).to_have_url(f"{static_site}/embed/market/")
