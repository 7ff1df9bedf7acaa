"""The drive-time page as people use it: with and without scripts, by mouse, by keyboard, on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.web.test_access import RULES, SMALL_TARGETS

pytestmark = pytest.mark.browser
PATH = "/drive-time?minutes=2,4"
CHANGED = PATH + "&level=beat&instead=westham-station-response-base&trial=52.2222,0.0900"


@pytest.fixture
def page(browser: Browser, drive_site: str) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1000, "height": 800}) as context:
        opened = context.new_page()
        opened.goto(drive_site + PATH)
        opened.locator("#map .band-label").first.wait_for(state="attached")
        yield opened


def answer(page: Page) -> str:
    return page.get_by_role("status").inner_text()


def add_trial(page: Page) -> None:
    page.get_by_role("button", name="Add a trial base").click()
    page.locator("#map[data-drawn]").wait_for()


def test_bands_are_labelled_on_the_map_and_in_the_legend(page: Page) -> None:
    assert page.locator("#map .band-label").all_inner_texts() == ["2 min", "4 min"]
    legend = page.get_by_role("list", name="Legend")
    expect(legend).to_contain_text("0 to 2 minutes")
    expect(legend).to_contain_text("2 to 4 minutes")


def test_bands_are_drawn(page: Page) -> None:
    painted = """() => { const c = document.querySelector('#map canvas'); const d = c.getContext('2d')
        .getImageData(0, 0, c.width, c.height).data; let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 0;
        return n; }"""
    page.wait_for_timeout(300)
    assert page.evaluate(painted) > 1000


def test_a_click_tells_how_long_from_which_base(page: Page) -> None:
    board = page.locator("#map").bounding_box()
    assert board
    page.locator("#map").click(position={"x": board["width"] / 2, "y": board["height"] / 2})
    expect(page.get_by_role("status")).to_contain_text(
        re.compile(r"is \d+ minutes? from Westham Police Station by car")
    )


def test_enter_on_the_map_does_what_a_click_does(page: Page) -> None:
    page.locator("#map").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("from Westham Police Station by car")


def test_a_trial_base_follows_the_mouse_and_is_told(page: Page) -> None:
    add_trial(page)
    marker = page.locator(".trial-mark")
    box = marker.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 20):
        page.mouse.move(x + 3 * step, y)
        page.wait_for_timeout(20)
    page.mouse.up()
    expect(page.get_by_role("status")).to_contain_text(
        re.compile(r"With a trial base at 5\d\.\d+, 0\.\d+, of 800 residents")
    )
    assert int(page.locator("#map").get_attribute("data-drawn") or 0) > 3
    moved = page.locator("#trial").input_value()
    assert re.fullmatch(r"52\.\d{5}, 0\.\d{5}", moved)


def test_a_trial_base_moves_by_the_arrow_keys(page: Page) -> None:
    add_trial(page)
    marker = page.locator(".trial-mark")
    expect(marker).to_be_focused()
    lat, lon = (float(n) for n in page.locator("#trial").input_value().split(","))
    map_before = page.locator(".base-mark").bounding_box()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowRight")
    new_lat, new_lon = (float(n) for n in page.locator("#trial").input_value().split(","))
    assert new_lat > lat
    assert new_lon > lon
    assert page.locator(".base-mark").bounding_box() == map_before, "the map moved with it"
    expect(page.get_by_role("status")).to_contain_text("With a trial base at")


def test_a_trial_base_can_be_put_where_one_asked_and_taken_away(page: Page) -> None:
    page.locator("#map").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Put the trial base here").click()
    expect(page.locator(".trial-mark")).to_be_focused()
    page.get_by_role("button", name="Remove the trial base").click()
    expect(page.locator(".trial-mark")).to_have_count(0)
    assert page.locator("#trial").input_value() == ""
    page.locator("#map .band-label").first.wait_for(state="attached")


def test_a_trial_base_off_the_roads_is_told_and_shows_no_old_bands(page: Page, drive_site: str) -> None:
    add_trial(page)
    page.keyboard.press("-")
    for _ in range(14):
        page.keyboard.press("Shift+ArrowDown")
    expect(page.get_by_role("status")).to_contain_text("no road within")
    expect(page.locator("#map .band-label")).to_have_count(0)


def test_catchments_are_shown_and_told(page: Page) -> None:
    page.get_by_label("which base is nearest").check()
    expect(page.get_by_role("status")).to_contain_text(
        "The nearest base by road, in residents: Westham Police Station to 800"
    )
    expect(page.locator(".catchment-name")).to_have_text("Westham Police Station")
    page.get_by_label("which base is nearest").uncheck()
    expect(page.locator(".catchment-name")).to_have_count(0)


def test_catchments_follow_the_trial_base(page: Page) -> None:
    page.get_by_label("which base is nearest").check()
    expect(page.locator(".catchment-name")).to_have_count(1)
    add_trial(page)
    expect(page.locator(".catchment-name")).to_have_text(["Westham Police Station", "Trial base"])
    page.get_by_role("button", name="Remove the trial base").click()
    expect(page.locator(".catchment-name")).to_have_count(1)


def test_what_a_trial_base_gains_is_shown_and_told(page: Page) -> None:
    choice = page.get_by_label("gained and lost within")
    choice.select_option("2")
    expect(page.get_by_role("status")).to_contain_text("Nothing is changed from today")
    expect(choice).to_have_value("")
    add_trial(page)
    choice.select_option("2")
    expect(page.get_by_role("status")).to_contain_text(
        re.compile(r"Within 2 minutes the change gains \d+ residents \(plus signs on the map\) and loses 0")
    )
    expect(page.locator("#map.showing-change")).to_have_count(1)
    choice.select_option("")
    expect(page.locator("#map.showing-change")).to_have_count(0)


def test_a_base_that_moves_leaves_a_cross(browser: Browser, drive_site: str) -> None:
    with browser.new_context(viewport={"width": 1000, "height": 800}) as context:
        page = context.new_page()
        page.goto(drive_site + PATH)
        page.get_by_label("A trial base, if you want one").fill("52.2222, 0.0900")
        page.get_by_label("What the trial base is").select_option(label="Westham Police Station, moved there")
        with page.expect_navigation():
            page.get_by_role("button", name="Show drive times").click()
        expect(page.get_by_role("heading", name="Your change compared with today")).to_be_visible()
        expect(page.locator(".base-mark.closed")).to_have_count(1)
        expect(page.locator(".trial-mark")).to_have_count(1)
        expect(page.get_by_label("with the bases there are")).to_be_checked()
        page.get_by_role("link", name="Back to today’s bases").click()
        expect(page.locator(".base-mark.open")).to_have_count(1)


def test_a_row_for_each_ward_without_scripts(browser: Browser, drive_site: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(drive_site + PATH)
        page.get_by_role("link", name="ward", exact=True).click()
        expect(page.get_by_role("table", name="Residents within each drive time, by ward")).to_be_visible()
        page.get_by_role("link", name="postcodes", exact=True).click()
        expect(page.get_by_role("table", name="Postcodes within each drive time, by ward")).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("link", name="This table as CSV").click()
        assert download.value.suggested_filename == "drive-time-ward.csv"


def test_the_form_answers_with_the_same_trial(page: Page) -> None:
    add_trial(page)
    expect(page.get_by_role("status")).to_contain_text("With a trial base at")
    page.get_by_role("button", name="Show drive times").click()
    expect(page.locator(".trial-mark")).to_have_count(1)
    assert "with the trial base at" in page.locator("#reach + p").inner_text()


def test_all_of_it_without_scripts(browser: Browser, drive_site: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(drive_site + "/drive-time")
        page.get_by_label("Minutes", exact=True).fill("3, 6")
        page.get_by_label("Response driving –").check()
        page.get_by_role("button", name="Show drive times").click()
        assert "minutes=3%2C+6" in page.url
        expect(page.locator("#reach + p")).to_contain_text("within 3 minutes")
        picture = page.get_by_role("img", name="Map of the areas within 3, 6 minutes")
        expect(picture).to_be_visible()
        assert picture.evaluate("e => e.naturalWidth") > 0
        page.get_by_label("Postcode, or latitude and longitude").fill("ZZ1 2OO")
        page.get_by_role("button", name="Show the time").click()
        expect(page.locator(".times-list")).to_contain_text("Westham Police Station")
        assert "ZZ1" not in page.url


def test_a_script_blocked_half_way_leaves_text_form_and_a_link(browser: Browser, drive_site: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.route("**/leaflet.js", lambda route: route.abort())
        page.goto(drive_site + PATH)
        expect(page.locator("#reach + p")).to_contain_text("800 residents")
        page.get_by_role("link", name="The map as a picture").click()
        assert page.url.startswith(drive_site + "/drive-time/map.svg")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everyone_can_use_it_at_phone_width(browser: Browser, drive_site: str, scheme: str) -> None:
    # axe is put into the page by the test, which the page's own policy would rightly forbid.
    with browser.new_context(color_scheme=scheme, viewport={"width": 320, "height": 640}, bypass_csp=True) as context:
        page = context.new_page()
        for path in ("/drive-time?minutes=2,4", "/drive-time?minutes=x", CHANGED):
            page.goto(drive_site + path)
            page.locator("#map .place-label").first.wait_for(state="attached")
            if path == PATH:
                add_trial(page)
                page.wait_for_timeout(800)
            page.locator("details").evaluate_all("all => all.forEach((e) => { e.open = true; })")
            found = Axe().run(page, options=RULES)
            assert found.violations_count == 0, found.generate_report()
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, f"{path} scrolls sideways"
            assert page.evaluate(SMALL_TARGETS.replace(".skip", ".skip, [type=hidden], [hidden] *")) == []


def test_forced_colours_keep_the_marks(browser: Browser, drive_site: str) -> None:
    with browser.new_context(forced_colors="active") as context:
        page = context.new_page()
        page.goto(drive_site + PATH)
        page.locator("#map .band-label").first.wait_for(state="attached")
        expect(page.locator(".base-mark")).to_be_visible()
