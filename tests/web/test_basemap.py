"""The map itself: our own tiles and names, by mouse, keyboard and button, and nobody else asked for anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1000, "height": 800}) as context:
        yield context.new_page()


def open_map(page: Page, address: str) -> None:
    page.goto(address + "/drive-time?minutes=2,4")
    page.locator("#map .leaflet-tile-loaded").first.wait_for(state="attached")


def zooms(page: Page) -> set[int]:
    """The zooms of the tiles in the document."""
    sources = page.eval_on_selector_all("#map .leaflet-tile", "tiles => tiles.map(t => t.src)")
    return {int(re.search(r"/(\d+)/\d+/\d+\.svg$", source)[1]) for source in sources}


def middle(page: Page) -> tuple[float, float]:
    """Where the first tile of the document stands on the screen: it moves with the map."""
    box = page.locator("#map .base-mark").first.bounding_box()
    assert box
    return box["x"], box["y"]


def test_everything_comes_from_our_own_server(page: Page, drive_site: str) -> None:
    asked: list[Request] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    open_map(page, drive_site)
    page.get_by_role("button", name="Zoom in").click()
    page.wait_for_load_state("networkidle")
    assert {urlsplit(request.url).netloc for request in asked} == {urlsplit(drive_site).netloc}
    assert complaints == []
    scripts = [r.url for r in asked if r.url.endswith(".js")]
    assert all("/assets/" in url for url in scripts)
    # One digest for all modules, so that each may be kept for ever.
    assert len({url.split("/")[4] for url in scripts}) == 1


def test_the_theme_decides_the_tiles(browser: Browser, drive_site: str) -> None:
    for scheme in ("light", "dark"):
        with browser.new_context(color_scheme=scheme) as context:
            page = context.new_page()
            open_map(page, drive_site)
            sources = page.eval_on_selector_all("#map .leaflet-tile", "tiles => tiles.map(t => t.src)")
            assert all(f"/{scheme}/" in source for source in sources)


def test_the_theme_may_change_while_the_map_is_open(page: Page, drive_site: str) -> None:
    open_map(page, drive_site)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        "() => [...document.querySelectorAll('#map .leaflet-tile')].every(t => t.src.includes('/dark/'))"
    )


def test_names_are_there_for_the_eye_only(page: Page, drive_site: str) -> None:
    open_map(page, drive_site)
    label = page.locator(".place-label", has_text="Fen End")
    label.wait_for(state="attached")
    assert label.evaluate("e => e.closest('[aria-hidden=true]') !== null")


def test_buttons_zoom_and_move(page: Page, drive_site: str) -> None:
    open_map(page, drive_site)
    before = zooms(page)
    page.get_by_role("button", name="Zoom in").click()
    page.wait_for_timeout(600)
    assert max(zooms(page)) > max(before)
    x, y = middle(page)
    page.get_by_role("button", name="Move the map east").click()
    page.wait_for_timeout(600)
    assert middle(page)[0] < x
    page.get_by_role("button", name="Move the map south").click()
    page.wait_for_timeout(600)
    assert middle(page)[1] < y


def test_the_keyboard_zooms_and_moves(page: Page, drive_site: str) -> None:
    open_map(page, drive_site)
    page.locator("#map").focus()
    before, (x, _) = zooms(page), middle(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(600)
    assert middle(page)[0] < x
    page.keyboard.press("+")
    page.wait_for_timeout(600)
    assert max(zooms(page)) > max(before)


def test_every_button_is_large_enough_and_named(page: Page, drive_site: str) -> None:
    open_map(page, drive_site)
    for button in page.locator("#map").get_by_role("button").all():
        box = button.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 24
        assert button.get_attribute("aria-label") or button.inner_text()


def test_failing_tiles_leave_a_map_that_works(page: Page, drive_site: str) -> None:
    def fail(route: Route) -> None:
        route.abort()

    page.route("**/tiles/**", fail)
    page.goto(drive_site + "/drive-time?minutes=2,4")
    expect(page.locator("#map .base-mark")).to_have_count(1)
    page.locator("#map .band-label").first.wait_for(state="attached")


def test_less_motion_where_it_is_asked_for(browser: Browser, drive_site: str) -> None:
    with browser.new_context(reduced_motion="reduce") as context:
        page = context.new_page()
        open_map(page, drive_site)
        assert page.locator("#map.leaflet-fade-anim, #map.leaflet-zoom-anim").count() == 0
