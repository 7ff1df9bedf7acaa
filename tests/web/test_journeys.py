"""What a resident does and sees, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Request, expect

pytestmark = pytest.mark.browser


class Visit:
    """A page, and every request that it made."""

    def __init__(self, page: Page, site: str) -> None:
        self.page, self.site = page, site
        self.requests: list[Request] = []
        page.on("request", lambda request: self.requests.append(request))

    def ask(self, typed: str) -> None:
        self.page.goto(self.site + "/")
        self.page.get_by_label("Postcode, street or place").fill(typed)
        question = self.page.title()
        self.page.get_by_role("button", name="Find my team").click()
        # The click alone may return while the question is still there, and what follows would act on that one. With
        # a script the answer may take its place without another page.
        expect(self.page).not_to_have_title(question)

    @property
    def heading(self) -> str:
        return self.page.locator("h1").inner_text()


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def visit(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Visit]:
    with browser.new_context(java_script_enabled=request.param) as context:
        seen = Visit(context.new_page(), site)
        yield seen
        for made in seen.requests:
            assert made.url.startswith(site), f"a request to another host: {made.url}"
            # A shard's address tells the outward code; without a script nothing of a postcode is in any.
            told = made.url.upper().replace("/ZZ1.JSON", "") if request.param else made.url.upper()
            assert "ZZ1" not in told
            assert "1AA" not in told
            assert not made.headers.get("referer")
        assert context.cookies() == []


class TestJourneys:
    def test_a_postcode_leads_to_its_team(self, visit: Visit) -> None:
        visit.ask("zz11aa")
        expect(visit.page).to_have_url(visit.site + "/beat/abbey-westham")
        assert visit.heading == "Abbey"
        assert visit.page.get_by_text("PCSO 7101", exact=False).first.is_visible()

    def test_a_slip_is_shown_before_it_is_followed(self, visit: Visit) -> None:
        visit.ask("ZZI 1AA")
        assert visit.heading == "Is this what you meant?"
        visit.page.get_by_role("link", name="Yes, show the team for Abbey").click()
        expect(visit.page).to_have_url(visit.site + "/beat/abbey-westham")

    def test_a_split_postcode_lets_one_choose(self, visit: Visit) -> None:
        visit.ask("ZZ1 1AB")
        assert visit.heading == "ZZ1 1AB lies in two beats"
        visit.page.get_by_role("link", name="Market").click()
        expect(visit.page).to_have_url(visit.site + "/beat/market")

    def test_an_ambiguous_street_lets_one_choose(self, visit: Visit) -> None:
        visit.ask("Mill Road")
        visit.page.get_by_role("button", name="near Fen End").click()
        expect(visit.page).to_have_url(visit.site + "/beat/abbey-eastham")

    def test_over_the_border_is_told(self, visit: Visit) -> None:
        visit.ask("ZZ1 1AG")
        assert "Another police force" in visit.heading
        assert visit.page.get_by_role("link", name="101").first.is_visible()

    def test_a_terminated_postcode_is_told(self, visit: Visit) -> None:
        visit.ask("ZZ1 1AD")
        assert visit.heading == "ZZ1 1AD is no longer in use"

    def test_a_mistake_is_shown_kept_and_mended(self, visit: Visit) -> None:
        visit.ask("Qwertyuiop")
        assert visit.page.title().startswith("Error: ")
        visit.page.get_by_role("alert").get_by_role("link").click()
        field = visit.page.get_by_label("Postcode, street or place")
        assert field.input_value() == "Qwertyuiop"
        assert field.evaluate("e => e === document.activeElement") is True
        field.fill("ZZ1 1AA")
        field.press("Enter")
        expect(visit.page).to_have_url(visit.site + "/beat/abbey-westham")

    def test_back_leads_to_the_question(self, visit: Visit) -> None:
        visit.ask("ZZ1 1AA")
        visit.page.go_back()
        expect(visit.page).to_have_url(visit.site + "/")
        assert visit.heading == "Find your local policing team"

    def test_another_search_starts_from_the_beat(self, visit: Visit) -> None:
        visit.ask("ZZ1 1AA")
        visit.page.get_by_label("Postcode, street or place").fill("Fen End")
        visit.page.get_by_role("button", name="Find my team").click()
        expect(visit.page).to_have_url(visit.site + "/beat/fen-end")


class TestKeyboard:
    def test_the_whole_journey_without_a_mouse(self, browser: Browser, site: str) -> None:
        with browser.new_context() as context:
            page = context.new_page()
            page.goto(site + "/")
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
            page.keyboard.press("Enter")
            for _ in range(3):
                page.keyboard.press("Tab")
                if page.evaluate("document.activeElement.id") == "postcode":
                    break
            assert page.evaluate("document.activeElement.id") == "postcode"
            page.keyboard.type("ZZ1 1AB")
            page.keyboard.press("Enter")
            expect(page.get_by_role("heading", level=1)).to_be_focused()
            for _ in range(20):
                page.keyboard.press("Tab")
                if "Market" in page.evaluate("document.activeElement.textContent"):
                    break
            page.keyboard.press("Enter")
            page.wait_for_url("**/beat/market")

    def test_focus_can_be_seen(self, browser: Browser, site: str) -> None:
        with browser.new_context() as context:
            page = context.new_page()
            page.goto(site + "/")
            looks = """() => { const s = getComputedStyle(document.activeElement);
                return [s.outlineStyle, s.boxShadow, s.backgroundColor].join(); }"""
            for _ in range(8):
                plain = page.evaluate("() => document.activeElement.tagName")
                page.keyboard.press("Tab")
                shown = page.evaluate(looks)
                assert plain
                assert "solid" in shown or "rgb(255, 216, 74)" in shown


class TestForbidden:
    def test_the_policy_of_the_page_stops_any_script(self, browser: Browser, site: str) -> None:
        with browser.new_context() as context:
            page = context.new_page()
            complaints: list[str] = []
            page.on("console", lambda message: complaints.append(message.text))
            page.goto(site + "/")
            page.evaluate(
                "() => { const s = document.createElement('script'); s.textContent = 'window.intruder = 1';"
                " document.body.append(s); }"
            )
            assert page.evaluate("window.intruder") is None
            assert any("Content Security Policy" in text for text in complaints)

    def test_our_own_pages_break_no_rule_of_theirs(self, browser: Browser, site: str) -> None:
        with browser.new_context() as context:
            page = context.new_page()
            complaints: list[str] = []
            page.on("console", lambda message: complaints.append(message.text))
            for path in ("/", "/about", "/beat/market"):
                page.goto(site + path)
            assert complaints == []
