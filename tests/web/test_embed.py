"""The search within a page of another origin, friendly or not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FrameLocator, Page, Request, expect

from tests.support.host_page import HostSite, host_site
from tests.web.test_access import RULES

pytestmark = pytest.mark.browser

HOSTILE_STYLE = """
* { all: unset !important; font: 60px fantasy !important; color: lime !important; }
html, body { overflow: hidden !important; height: 100% !important; }
iframe { display: none !important; height: 1px !important; width: 3px !important; opacity: 0 !important;
  position: fixed !important; transform: scale(0) !important; }
"""
HOSTILE_SCRIPT = """
Array.prototype.map = Array.prototype.forEach = Array.prototype.push = () => { throw new Error("no arrays here"); };
Array.prototype.intruder = 1;
Object.prototype.intruder = 1;
Object.defineProperty(Object.prototype, "geoPolicingHeight", { get: () => 1, set: () => { throw new Error("no"); } });
String.prototype.startsWith = () => { throw new Error("no strings here"); };
window.URL = window.URLSearchParams = window.JSON = window.Promise = window.fetch = window.ResizeObserver = null;
window.name = "geo_policing";
"""


@pytest.fixture
def host() -> Iterator[HostSite]:
    with host_site() as started:
        yield started


class Visit:
    """A page of the host, every request that was made for it, and what its console said."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[Request] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    @property
    def frame(self) -> FrameLocator:
        return self.page.frame_locator("iframe")


@pytest.fixture
def visit(browser: Browser, site: str, host: HostSite) -> Iterator[Visit]:
    with browser.new_context() as context:
        seen = Visit(context.new_page())
        yield seen
        assert context.cookies() == []
        for made in seen.requests:
            assert made.url.startswith((site, host.address)), made.url
            assert "ZZ1" not in made.url.upper()
            if made.resource_type != "script" and made.url.startswith(site):
                assert host.address not in made.headers.get("referer", ""), made.url


def snippet(site: str, attributes: str = "") -> str:
    return f'<a href="{site}/">Find your team</a>\n<script async src="{site}/embed.js" {attributes}></script>'


def document(body: str, head: str = "") -> str:
    start = f"<!doctype html><html lang='en'><head><title>Council</title>{head}</head>"
    return f"{start}<body><h1>Council</h1>{body}</body></html>"


def expect_fitted(page: Page, nth: int = 0) -> None:
    """The frame is exactly as high as what is in it, so that nothing in it scrolls."""
    frame = page.locator("iframe").nth(nth)
    content = page.frame_locator("iframe").nth(nth).locator("html")
    expect(content).to_be_visible()

    def difference() -> float:
        box = frame.bounding_box()
        assert box is not None
        return abs(box["height"] - content.evaluate("e => Math.ceil(e.getBoundingClientRect().height)"))

    for _ in range(100):
        if difference() < 1:
            return
        page.wait_for_timeout(50)
    assert difference() < 1


class TestScript:
    def test_a_resident_finds_the_team_without_leaving_the_page(self, visit: Visit, site: str, host: HostSite) -> None:
        visit.page.goto(host.put(document(snippet(site))))
        visit.frame.get_by_label("Postcode, street or place").fill("ZZ1 1AA")
        expect_fitted(visit.page)
        visit.frame.get_by_role("button", name="Find my team").click()
        expect(visit.frame.get_by_role("heading", level=1)).to_have_text("Abbey")
        expect_fitted(visit.page)
        expect(visit.page.get_by_role("link", name="Find your team")).to_be_hidden()
        expect(visit.page).to_have_url(host.address + "/")
        assert visit.complaints == []

    def test_a_split_postcode_and_a_street_are_chosen_within(self, visit: Visit, site: str, host: HostSite) -> None:
        visit.page.goto(host.put(document(snippet(site))))
        visit.frame.get_by_label("Postcode, street or place").fill("ZZ1 1AB")
        visit.frame.get_by_role("button", name="Find my team").click()
        visit.frame.get_by_role("link", name="Market").click()
        expect(visit.frame.get_by_role("heading", level=1)).to_have_text("Market")
        visit.frame.get_by_role("link", name="Search again").click()
        visit.frame.get_by_label("Postcode, street or place").fill("Mill Road")
        visit.frame.get_by_label("Postcode, street or place").press("Enter")
        visit.frame.get_by_role("button", name="near Fen End").click()
        expect(visit.frame.get_by_role("heading", level=1)).to_have_text("Abbey")
        expect_fitted(visit.page)

    def test_the_full_page_opens_in_a_tab_of_its_own(self, visit: Visit, site: str, host: HostSite) -> None:
        visit.page.goto(host.put(document(snippet(site, 'data-beat="market"'))))
        with visit.page.context.expect_page() as opened:
            visit.frame.get_by_role("link", name="All about your team").click()
        expect(opened.value).to_have_url(f"{site}/beat/market")
        assert opened.value.evaluate("window.opener") is None

    def test_beat_theme_language_and_title_are_taken(self, visit: Visit, site: str, host: HostSite) -> None:
        chosen = 'data-beat="market" data-theme="light" data-language="pl" data-title="Policja"'
        visit.page.goto(host.put(document(snippet(site, chosen))))
        frame = visit.page.get_by_title("Policja")
        expect(frame).to_have_attribute("src", f"{site}/pl/embed?beat=market&theme=light")
        expect(visit.frame.get_by_role("heading", level=1)).to_have_text("Market")

    def test_what_is_no_setting_is_left_out(self, visit: Visit, site: str, host: HostSite) -> None:
        odd = 'data-beat="../../etc" data-theme="x&y" data-language="javascript:"'
        visit.page.goto(host.put(document(snippet(site, odd))))
        expect(visit.page.get_by_title("Find your team")).to_have_attribute("src", f"{site}/embed")

    def test_loaded_twice_gives_two_frames_that_do_not_mix(self, visit: Visit, site: str, host: HostSite) -> None:
        twice = snippet(site, 'data-beat="market"') + snippet(site)
        visit.page.goto(host.put(document(twice)))
        expect(visit.page.locator("iframe")).to_have_count(2)
        for nth in (0, 1):
            expect_fitted(visit.page, nth)
        heights = [f.bounding_box() for f in visit.page.locator("iframe").all()]
        assert heights[0] is not None
        assert heights[1] is not None
        assert heights[0]["height"] != heights[1]["height"]
        assert visit.complaints == []

    def test_a_loader_or_a_module_may_bring_it(self, visit: Visit, site: str, host: HostSite) -> None:
        loaded = f"""<script>addEventListener("load", () => {{ const s = document.createElement("script");
            s.src = "{site}/embed.js"; document.body.append(s); }})</script>"""
        module = f'<script type="module" src="{site}/embed.js"></script>'
        visit.page.goto(host.put(document(loaded + module)))
        expect(visit.page.locator("iframe")).to_have_count(2)


class TestHostility:
    def test_styles_of_the_page_do_not_reach_it(self, visit: Visit, site: str, host: HostSite) -> None:
        visit.page.goto(host.put(document(snippet(site), f"<style>{HOSTILE_STYLE}</style>")))
        expect(visit.page.locator("iframe")).to_be_visible()
        expect_fitted(visit.page)
        box = visit.page.locator("iframe").bounding_box()
        assert box is not None
        assert box["width"] > 300
        assert visit.frame.locator("h1").evaluate("e => getComputedStyle(e).color") != "rgb(0, 255, 0)"

    def test_changed_builtins_do_not_break_it(self, visit: Visit, site: str, host: HostSite) -> None:
        visit.page.goto(host.put(document(snippet(site), f"<script>{HOSTILE_SCRIPT}</script>")))
        expect_fitted(visit.page)
        assert visit.complaints == []

    def test_it_leaves_nothing_behind(self, visit: Visit, site: str, host: HostSite) -> None:
        visit.page.goto(host.put(document("")))
        before = set(visit.page.evaluate("Object.keys(window)"))
        visit.page.goto(host.put(document(snippet(site))))
        expect_fitted(visit.page)
        # Frames are there by number.
        assert {name for name in visit.page.evaluate("Object.keys(window)") if not name.isdigit()} == before

    def test_forged_heights_are_not_believed(self, visit: Visit, site: str, host: HostSite) -> None:
        forger = """<script>setInterval(() => { for (const h of [9999, "9999", -5, NaN, null])
            postMessage({ geoPolicingHeight: h }, "*"); postMessage(null, "*"); }, 5)</script>"""
        visit.page.goto(host.put(document(snippet(site), forger)))
        expect_fitted(visit.page)
        visit.page.wait_for_timeout(200)
        expect_fitted(visit.page)
        assert visit.complaints == []

    def test_a_strict_policy_that_names_us_is_enough(self, visit: Visit, site: str, host: HostSite) -> None:
        policy = f"default-src 'none'; script-src {site}; frame-src {site}"
        visit.page.goto(host.put(document(snippet(site)), Content_Security_Policy=policy))
        expect_fitted(visit.page)
        assert [text for text in visit.complaints if "favicon" not in text] == []

    def test_a_page_that_asks_for_isolation_may_have_it(self, visit: Visit, site: str, host: HostSite) -> None:
        isolated = {"Cross_Origin_Embedder_Policy": "require-corp", "Cross_Origin_Opener_Policy": "same-origin"}
        visit.page.goto(host.put(document(snippet(site)), **isolated))
        expect_fitted(visit.page)

    def test_a_blocked_frame_leaves_the_link(self, visit: Visit, site: str, host: HostSite) -> None:
        visit.page.clock.install()
        policy = f"script-src {site}; frame-src 'none'"
        visit.page.goto(host.put(document(snippet(site)), Content_Security_Policy=policy))
        expect(visit.page.locator("iframe")).to_have_count(1)
        visit.page.clock.run_for(20_000)
        expect(visit.page.locator("iframe")).to_have_count(0)
        expect(visit.page.get_by_role("link", name="Find your team")).to_be_visible()

    def test_no_other_page_of_ours_can_be_framed(self, visit: Visit, site: str, host: HostSite) -> None:
        visit.page.goto(host.put(document(f'<iframe src="{site}/beat/market" referrerpolicy="no-referrer"></iframe>')))
        expect(visit.frame.locator("#main")).to_have_count(0)
        assert any("frame-ancestors" in text for text in visit.complaints)


class TestWithoutScript:
    def test_the_link_stands_there(self, browser: Browser, site: str, host: HostSite) -> None:
        with browser.new_context(java_script_enabled=False) as context:
            page = context.new_page()
            page.goto(host.put(document(snippet(site))))
            with page.expect_navigation():
                page.get_by_role("link", name="Find your team").click()
            expect(page).to_have_url(site + "/")

    def test_a_frame_finds_a_team(self, browser: Browser, site: str, host: HostSite) -> None:
        with browser.new_context(java_script_enabled=False) as context:
            page = context.new_page()
            page.goto(
                host.put(document(f'<iframe src="{site}/embed" title="Team" width="100%" height="420"></iframe>'))
            )
            frame = page.frame_locator("iframe")
            frame.get_by_label("Postcode, street or place").fill("ZZ1 1AA")
            frame.get_by_role("button", name="Find my team").click()
            expect(frame.get_by_role("heading", level=1)).to_have_text("Abbey")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["", "/pl"])
def test_everyone_can_use_it(browser: Browser, site: str, scheme: str, language: str) -> None:
    with browser.new_context(
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": 320, "height": 480},
        bypass_csp=True,
    ) as context:
        page = context.new_page()
        for path in ("/embed", "/embed?beat=fen-end", "/embed?beat=atlantis", "/embed?theme=light"):
            page.goto(site + language + path)
            found = Axe().run(page, options=RULES)
            assert found.violations_count == 0, f"{path}: {found.generate_report()}"
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_the_light_theme_can_be_asked_for(browser: Browser, site: str) -> None:
    colour = "e => getComputedStyle(e).backgroundColor"
    with browser.new_context(color_scheme="dark") as context:
        page = context.new_page()
        page.goto(site + "/embed")
        assert page.locator("body").evaluate(colour) == "rgb(16, 25, 30)"
        page.goto(site + "/embed?theme=light")
        assert page.locator("body").evaluate(colour) == "rgb(255, 255, 255)"
