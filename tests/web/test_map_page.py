"""The map of the force as people use it: by mouse, finger, keyboard and location, without scripts, half broken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect

from tests.web.test_access import RULES, SMALL_TARGETS

pytestmark = pytest.mark.browser

# In the middle of "Market", 500 m from the borders to its west and east; and Paris.
IN_MARKET = {"latitude": 52.229, "longitude": 0.0704}
PARIS = {"latitude": 48.8566, "longitude": 2.3522}


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(viewport={"width": 1000, "height": 900}, reduced_motion="reduce") as context:
        yield context


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def open_map(page: Page, site: str, path: str = "/map") -> None:
    page.goto(site + path)
    expect(page.locator("#map .beat")).to_have_count(4)


def status(page: Page) -> Any:
    return page.get_by_role("status")


def point_of(page: Page, name: str) -> tuple[float, float]:
    """Where the name of a beat stands on the map, which is inside the beat."""
    label = page.locator(".map-name.beats", has_text=name).first.locator("span")
    label.scroll_into_view_if_needed()
    box = label.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


class TestAsking:
    def test_a_click_tells_the_local_team(self, page: Page, drive_site: str) -> None:
        open_map(page, drive_site)
        page.mouse.click(*point_of(page, "Fen End"))
        expect(status(page)).to_contain_text("The local team here:")
        expect(status(page)).to_contain_text("Fen End")
        expect(status(page)).to_contain_text("Eastham")
        expect(page.locator("#map .chosen-line")).to_have_count(1)
        status(page).get_by_role("link", name="Fen End").click()
        expect(page).to_have_url(drive_site + "/beat/fen-end")

    def test_a_tap_does_the_same(self, browser: Browser, drive_site: str) -> None:
        with browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True) as phone:
            page = phone.new_page()
            open_map(page, drive_site)
            page.locator("#map").scroll_into_view_if_needed()
            page.touchscreen.tap(*point_of(page, "Fen End"))
            expect(status(page)).to_contain_text("Fen End")

    def test_enter_tells_of_the_middle_which_a_cross_marks(self, page: Page, drive_site: str) -> None:
        open_map(page, drive_site)
        expect(page.locator(".crosshair")).not_to_be_visible()
        page.get_by_role("link", name="All that is on the map, as a list").focus()
        for _ in range(2):
            page.keyboard.press("Tab")
        expect(page.locator("#map")).to_be_focused()
        expect(page.locator(".crosshair")).to_be_visible()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        expect(status(page)).to_contain_text("Eastham")

    def test_a_point_outside_is_said_to_be(self, page: Page, drive_site: str) -> None:
        open_map(page, drive_site)
        board = page.locator("#map").bounding_box()
        assert board
        page.locator("#map").click(position={"x": board["width"] / 2, "y": board["height"] - 40})
        expect(status(page)).to_have_text("This point is outside the area of Tiny Constabulary.")
        expect(page.locator("#map .chosen-line")).to_have_count(0)

    def test_a_sign_tells_its_place(self, page: Page, drive_site: str) -> None:
        open_map(page, drive_site)
        page.locator(".place-mark.contact_point").click()
        expect(status(page)).to_contain_text(re.compile("^Contact points – Eastham Library"))

    def test_nothing_that_is_asked_leaves_the_device(self, page: Page, drive_site: str) -> None:
        open_map(page, drive_site)
        page.wait_for_load_state("networkidle")
        asked: list[Request] = []
        page.on("request", lambda request: asked.append(request))
        page.mouse.click(*point_of(page, "Market"))
        expect(status(page)).to_contain_text("Market")
        assert asked == []


class TestLocation:
    def ask(self, page: Page, site: str) -> None:
        open_map(page, site)
        page.get_by_role("button", name="Use my location").click()

    def test_it_is_not_asked_before_the_button_is_pressed(self, page: Page, drive_site: str) -> None:
        page.add_init_script("window.asked = 0; Geolocation.prototype.getCurrentPosition = () => { window.asked++; };")
        open_map(page, drive_site)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.asked") == 0

    def test_granted_it_finds_the_team_and_tells_nobody(self, context: BrowserContext, drive_site: str) -> None:
        context.grant_permissions(["geolocation"])
        context.set_geolocation({**IN_MARKET, "accuracy": 20})
        page = context.new_page()
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url + (request.post_data or "")))
        self.ask(page, drive_site)
        expect(status(page)).to_contain_text("Your local team:")
        expect(status(page).get_by_role("link")).to_have_text(["Market"])
        page.wait_for_load_state("networkidle")
        assert not [text for text in sent if "52.22" in text or "0.070" in text or "lookup" in text]
        assert "52.22" not in page.url

    def test_known_roughly_it_names_all_that_may_be_meant(self, context: BrowserContext, drive_site: str) -> None:
        context.grant_permissions(["geolocation"])
        context.set_geolocation({**IN_MARKET, "accuracy": 900})
        page = context.new_page()
        self.ask(page, drive_site)
        expect(status(page)).to_contain_text("known to within about 1000 m")
        expect(status(page).get_by_role("link").first).to_have_text("Market")
        assert status(page).get_by_role("link").count() > 1

    def test_on_a_phone_the_answer_comes_into_sight(self, browser: Browser, drive_site: str) -> None:
        with browser.new_context(viewport={"width": 390, "height": 700}, reduced_motion="reduce") as context:
            page = context.new_page()
            self.ask(page, drive_site)
            expect(status(page)).to_contain_text("was not allowed")
            expect(status(page)).to_be_in_viewport(ratio=0.95)

    def test_refused(self, page: Page, drive_site: str) -> None:
        self.ask(page, drive_site)
        expect(status(page)).to_contain_text("was not allowed to tell where you are")

    @pytest.mark.parametrize(("code", "words"), [(2, "Your device cannot tell where you are"), (3, "took too long")])
    def test_timed_out_or_unavailable(self, page: Page, drive_site: str, code: int, words: str) -> None:
        page.add_init_script(
            f"Geolocation.prototype.getCurrentPosition = (found, failed) => failed({{ code: {code} }});"
        )
        self.ask(page, drive_site)
        expect(status(page)).to_contain_text(words)
        # And once more, as nobody is locked out by a failure.
        page.get_by_role("button", name="Use my location").click()
        expect(status(page)).to_contain_text(words)

    def test_a_browser_that_has_none(self, page: Page, drive_site: str) -> None:
        page.add_init_script("Object.defineProperty(Navigator.prototype, 'geolocation', { value: undefined });")
        self.ask(page, drive_site)
        expect(status(page)).to_contain_text("Your device cannot tell where you are")

    def test_in_paris(self, context: BrowserContext, drive_site: str) -> None:
        context.grant_permissions(["geolocation"])
        context.set_geolocation(PARIS)
        page = context.new_page()
        self.ask(page, drive_site)
        # The great circle from Fen End to Paris is 407 km.
        expect(status(page)).to_contain_text(re.compile(r"about 4\d\d km outside the area of Tiny Constabulary"))
        expect(page.locator("#map .beat")).to_have_count(4)

    def test_it_is_rounded_before_anything_sees_it(self, context: BrowserContext, drive_site: str) -> None:
        """The circle that is drawn has its middle on the thousandth of a degree."""
        context.grant_permissions(["geolocation"])
        context.set_geolocation({"latitude": 52.22654321, "longitude": 0.07854321, "accuracy": 1})
        page = context.new_page()
        page.goto(drive_site + "/map")
        found = page.evaluate(
            """async () => {
              const script = document.querySelector('script[src*="map_page.js"]').src;
              const { whereAmI } = await import(script.replace('map_page.js', 'map_locate.js'));
              return whereAmI();
            }"""
        )
        assert found == {"lat": 52.227, "lon": 0.079, "accuracy_m": 76}


class TestLayers:
    def test_the_key_switches_layers_by_keyboard(self, page: Page, drive_site: str) -> None:
        open_map(page, drive_site)
        switches = page.get_by_role("group", name="Key to the map").get_by_role("checkbox")
        expect(switches).to_have_count(6)
        beats = page.get_by_label("Beats", exact=True)
        expect(beats).to_be_checked()
        beats.focus()
        page.keyboard.press("Space")
        expect(page.locator("#map .beat")).to_have_count(0)
        expect(page.locator(".map-name.beats")).to_have_count(0)
        page.keyboard.press("Space")
        expect(page.locator("#map .beat")).to_have_count(4)
        expect(page.locator("#map .area-line")).to_have_count(0)
        page.get_by_label("Policing areas").check()
        expect(page.locator("#map .area-line")).to_have_count(1)
        expect(page.locator(".place-mark.response_base")).to_have_count(0)
        page.get_by_label("Response bases").check()
        expect(page.locator(".place-mark.response_base")).to_have_count(1)

    def test_names_keep_out_of_each_others_way(self, page: Page, drive_site: str) -> None:
        open_map(page, drive_site)
        page.locator(".place-label", has_text="Fen End").wait_for(state="attached")
        boxes = [box for e in page.locator(".map-name span, .place-label span").all() if (box := e.bounding_box())]
        assert len(boxes) > 2
        for i, a in enumerate(boxes):
            for b in boxes[i + 1 :]:
                apart_x = a["x"] + a["width"] <= b["x"] or b["x"] + b["width"] <= a["x"]
                apart_y = a["y"] + a["height"] <= b["y"] or b["y"] + b["height"] <= a["y"]
                assert apart_x or apart_y

    def test_buttons_zoom_and_move(self, page: Page, drive_site: str) -> None:
        open_map(page, drive_site)
        mark = page.locator(".place-mark.contact_point")
        where = "document.querySelector('.place-mark.contact_point').getBoundingClientRect()"
        before = mark.bounding_box()
        assert before
        page.get_by_role("button", name="Move the map east").click()
        page.wait_for_function(f"x => {where}.x < x - 50", arg=before["x"])
        page.get_by_role("button", name="Zoom out").click()
        expect(page.locator(".leaflet-control-scale-line").first).to_be_visible()


class TestEveryone:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("path", ["/map", "/pl/map", "/beat/fen-end"])
    def test_axe_finds_nothing(self, browser: Browser, drive_site: str, scheme: str, path: str) -> None:
        with browser.new_context(
            color_scheme=scheme, viewport={"width": 320, "height": 640}, bypass_csp=True
        ) as context:
            page = context.new_page()
            page.goto(drive_site + path)
            page.locator("#force-map, #beat-map").scroll_into_view_if_needed()
            expect(page.locator("#map .beat")).to_have_count(4)
            page.wait_for_load_state("networkidle")
            found = Axe().run(page, options=RULES)
            assert found.violations_count == 0, found.generate_report()
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
            assert page.evaluate(SMALL_TARGETS) == []

    def test_the_map_and_its_parts_have_names(self, page: Page, drive_site: str) -> None:
        open_map(page, drive_site)
        tree = page.locator("main").aria_snapshot()
        for words in (
            'heading "Map of local policing teams" [level=1]',
            'region "Map. Arrow keys move it, plus and minus zoom, Enter tells whose beat its middle is."',
            'button "Zoom in"',
            'button "Move the map north"',
            'checkbox "Enquiry offices" [checked]',
            "status:\n",
            "paragraph: Choose a point on the map to see its local team.",
        ):
            assert words in tree, f"{words} is not in\n{tree}"

    def test_nobody_else_is_asked_for_anything(self, page: Page, drive_site: str) -> None:
        asked: list[Request] = []
        complaints: list[str] = []
        page.on("request", lambda request: asked.append(request))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        open_map(page, drive_site)
        page.mouse.click(*point_of(page, "Market"))
        page.wait_for_load_state("networkidle")
        assert {urlsplit(request.url).netloc for request in asked} == {urlsplit(drive_site).netloc}
        assert complaints == []

    def test_the_theme_may_change_while_the_map_is_open(self, page: Page, drive_site: str) -> None:
        open_map(page, drive_site)
        ink = "getComputedStyle(document.querySelector('#map .beat-line')).stroke"
        light = page.evaluate(ink)
        page.emulate_media(color_scheme="dark")
        assert page.evaluate(ink) != light


class TestBroken:
    """Whatever is missing, the page tells everything in words, and leads on."""

    def check(self, page: Page) -> None:
        expect(page.locator("#beat-fen-end").get_by_role("link", name="Fen End")).to_be_visible()
        expect(page.locator("main")).to_contain_text("Eastham Library")

    def test_without_scripts_the_beats_of_the_picture_are_links(self, browser: Browser, drive_site: str) -> None:
        with browser.new_context(java_script_enabled=False) as context:
            page = context.new_page()
            page.goto(drive_site + "/map")
            self.check(page)
            # The key tells of what the picture shows, and of nothing else.
            expect(page.locator("#map-key li").filter(visible=True)).to_have_text(["Beats", "Council districts"])
            ground = page.locator(".force-ground")
            assert ground.evaluate("e => e.naturalWidth") > 0
            a, b = ground.bounding_box(), page.locator(".force-picture svg").bounding_box()
            assert a
            assert b
            assert [round(a[k]) for k in ("x", "y", "width", "height")] == [
                round(b[k]) for k in ("x", "y", "width", "height")
            ]
            page.locator(".force-picture a", has=page.locator("title", has_text="Fen End")).click()
            expect(page).to_have_url(drive_site + "/beat/fen-end")

    @pytest.mark.parametrize("missing", ["**/leaflet.js", "**/map_page.js", "**/map_beats.js", "**/language.js"])
    def test_a_script_that_does_not_come_leaves_the_picture(self, page: Page, drive_site: str, missing: str) -> None:
        page.route(missing, lambda route: route.abort())
        page.goto(drive_site + "/map")
        page.wait_for_load_state("networkidle")
        self.check(page)
        expect(page.locator(".force-picture svg")).to_be_visible()
        expect(page.locator("#map")).to_have_count(0)

    @pytest.mark.parametrize("answer", ["abort", "500", "rubbish"])
    def test_beats_that_do_not_come_leave_the_picture_and_say_so(
        self, page: Page, drive_site: str, answer: str
    ) -> None:
        def broken(route: Route) -> None:
            if answer == "abort":
                route.abort()
            else:
                route.fulfill(status=500 if answer == "500" else 200, body="no")

        page.route("**/beats.json", broken)
        page.goto(drive_site + "/map")
        expect(status(page)).to_contain_text("could not be loaded")
        self.check(page)
        expect(page.locator(".force-picture svg")).to_be_visible()

    def test_tiles_and_names_that_fail_leave_a_map_that_works(self, page: Page, drive_site: str) -> None:
        page.route("**/tiles/**", lambda route: route.abort())
        open_map(page, drive_site)
        page.mouse.click(*point_of(page, "Fen End"))
        expect(status(page)).to_contain_text("Fen End")

    def test_a_style_sheet_that_does_not_come_loses_no_words(self, page: Page, drive_site: str) -> None:
        page.route("**/*.css", lambda route: route.abort())
        page.goto(drive_site + "/map")
        self.check(page)


class TestMapOfABeat:
    def test_it_comes_when_it_is_near_and_outlines_the_beat(self, page: Page, drive_site: str) -> None:
        asked: list[str] = []
        page.set_viewport_size({"width": 1000, "height": 500})
        page.on("request", lambda request: asked.append(request.url))
        page.goto(drive_site + "/beat/fen-end")
        page.wait_for_load_state("networkidle")
        assert not [url for url in asked if "leaflet.js" in url or "/tiles/" in url], "nobody has scrolled to it yet"
        page.locator("#beat-map").scroll_into_view_if_needed()
        expect(page.locator("#map .chosen-line")).to_have_count(1)
        board, outline = page.locator("#map").bounding_box(), page.locator("#map .chosen-line").bounding_box()
        assert board
        assert outline
        assert board["y"] < outline["y"]
        assert outline["y"] + outline["height"] < board["y"] + board["height"]
        assert outline["height"] > board["height"] / 2

    def test_where_data_is_spared_a_button_opens_it(self, page: Page, drive_site: str) -> None:
        page.add_init_script("Object.defineProperty(navigator, 'connection', { value: { saveData: true } });")
        page.goto(drive_site + "/beat/fen-end")
        page.locator("#beat-map").scroll_into_view_if_needed()
        page.get_by_role("button", name="Open a map that you can move").click()
        expect(page.locator("#map .chosen-line")).to_have_count(1)

    @pytest.mark.parametrize("missing", ["**/leaflet.js", "**/map_of_beat.js", "**/beats.json", "**/map_beat.js"])
    def test_what_does_not_come_leaves_the_picture(self, page: Page, drive_site: str, missing: str) -> None:
        page.route(missing, lambda route: route.abort())
        page.goto(drive_site + "/beat/fen-end")
        page.locator("#beat-map").scroll_into_view_if_needed()
        page.wait_for_load_state("networkidle")
        picture = page.get_by_role("img", name="Map of Fen End with its border")
        expect(picture).to_be_visible()
        assert picture.evaluate("e => e.complete && e.naturalWidth") > 0
        expect(page.locator("#map")).to_have_count(0)

    def test_without_scripts_the_picture_is_there(self, browser: Browser, drive_site: str) -> None:
        for width, kind in ((1000, "wide"), (320, "narrow")):
            with browser.new_context(java_script_enabled=False, viewport={"width": width, "height": 800}) as context:
                page = context.new_page()
                page.goto(drive_site + "/beat/fen-end")
                picture = page.get_by_role("img", name="Map of Fen End with its border")
                picture.scroll_into_view_if_needed()
                assert f"-{kind}-" in picture.evaluate("e => e.currentSrc")

    def test_one_finger_still_scrolls_the_page(self, browser: Browser, drive_site: str) -> None:
        with browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True) as phone:
            page = phone.new_page()
            page.goto(drive_site + "/beat/fen-end")
            page.locator("#beat-map").scroll_into_view_if_needed()
            expect(page.locator("#map .chosen-line")).to_have_count(1)
            assert page.locator("#map").evaluate("e => getComputedStyle(e).touchAction") == "pan-x pan-y"
