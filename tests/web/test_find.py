"""Answers for postcodes in the browser: the words of the server, nothing sent but the outward code, and no trap."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.web.conftest import LABEL

pytestmark = pytest.mark.browser

# Each kind of outcome that a postcode can have in the tiny world, and each way of typing one wrongly.
ANSWERED_IN_PLACE = {
    "split": "ZZ1 1AB",
    "split, with a slip": "ZZI 1AB",
    "slip": "ZZI 1AA",
    "slip, and notes": "ZZl lAH",
    "large user": "ZZ1 1AF",
    "large user, with a slip": "zzi iaf",
    "over the border": "ZZ1 1AG",
    "over the border, nowhere named": "ZZ9 9ZZ",
    "terminated": "ZZ1 1AD",
    "terminated, with a slip": "ZZI 1AD",
    "unlocated": "ZZ1 1AE",
    "unknown": "ZZ1 1BB",
    "unknown outward code": "CB1 1JG",
    "Jersey": "JE2 3AB",
    "the Forces": "BF1 2AB",
    "no such area": "QQ1 1AB",
    "no such letters": "CB1 1CI",
    "no such letter": "CB1 1CA",
    "Girobank": "GIR 0AA",
}
CONTENT = "() => [document.title, document.querySelector('main').innerText.replace(/\\s+/g, ' ').trim()]"


def ask(page: Page, site: str, typed: str, start: str = "/") -> None:
    page.goto(site + start)
    page.locator("#postcode").fill(typed)
    page.locator("#postcode").press("Enter")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context() as context:
        yield context.new_page()


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    """A page without scripts: what the server says."""
    with browser.new_context(java_script_enabled=False) as context:
        yield context.new_page()


def told_by_server(plain: Page, site: str, typed: str, start: str) -> list[str]:
    ask(plain, site, typed, start)
    expect(plain).to_have_url(site + start + "find")
    # innerText follows what is shown, so it is the same question to both.
    content: list[str] = plain.evaluate(CONTENT)
    return content


class TestSameWords:
    @pytest.mark.parametrize("start", ["/", "/pl/"])
    def test_as_the_server(self, page: Page, plain: Page, site: str, start: str) -> None:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
        for kind, typed in ANSWERED_IN_PLACE.items():
            server = told_by_server(plain, site, typed, start)
            ask(page, site, typed, start)
            expect(page, kind).to_have_title(server[0])
            assert page.evaluate(CONTENT) == server, kind
            assert page.url == site + start, kind
        assert not [made for made in asked if made.startswith("POST")]

    def test_what_is_typed_is_kept_where_it_is_wrong(self, page: Page, site: str) -> None:
        ask(page, site, "ZZ1 1BB")
        expect(page.get_by_role("alert")).to_be_focused()
        expect(page.get_by_label(LABEL)).to_have_value("ZZ1 1BB")


class TestPrivacy:
    @pytest.mark.parametrize("typed", ["ZZ1 1AA", "zz11ab", "ZZI 1AF", "ZZ1  1ag"])
    def test_no_more_than_the_outward_code_leaves_the_device(self, page: Page, site: str, typed: str) -> None:
        sent: list[str] = []
        page.on("request", lambda r: sent.append(f"{r.method} {r.url} {r.post_data or ''} {r.headers}"))
        ask(page, site, typed)
        expect(page.get_by_role("heading", level=1)).not_to_have_text("Find your local policing team")
        inward = typed.replace(" ", "")[-3:].upper()
        assert any("/ZZ1.json" in request for request in sent)
        assert not [request for request in sent if inward in request.upper().replace(" ", "")]
        assert inward not in page.url.upper()
        assert page.evaluate(
            "[JSON.stringify(history.state), document.cookie, localStorage.length, sessionStorage.length]"
        )[1:] == ["", 0, 0]
        assert inward not in str(page.evaluate("JSON.stringify(history.state)")).upper()

    def test_an_outward_code_that_there_is_not_is_not_asked_for(self, page: Page, site: str) -> None:
        sent: list[str] = []
        page.on("request", lambda r: sent.append(r.url))
        ask(page, site, "SW1A 1AA")
        expect(page.get_by_role("alert")).to_contain_text("SW1A 1AA is not one of them")
        assert not [url for url in sent if "/shards/" in url]

    def test_places_and_coordinates_are_sent_as_before(self, page: Page, site: str) -> None:
        for typed in ("Fen End", "52.2, 0.1", "TL4558", "Mill Road", "ZZ1", "101", "   "):
            ask(page, site, typed)
            expect(page).not_to_have_url(site + "/")


class TestOneTeam:
    def test_leads_to_its_page_and_back_to_the_question(self, page: Page, site: str) -> None:
        ask(page, site, "ZZ1 1AA")
        expect(page).to_have_url(site + "/beat/abbey-westham")
        page.go_back()
        expect(page).to_have_url(site + "/")
        expect(page.get_by_role("heading", level=1)).to_have_text("Find your local policing team")

    def test_in_the_language_of_the_page(self, page: Page, site: str) -> None:
        ask(page, site, "ZZ1 1AA", "/pl/")
        expect(page).to_have_url(site + "/pl/beat/abbey-westham")

    def test_an_example_is_one_press(self, page: Page, site: str) -> None:
        page.goto(site + "/")
        page.get_by_role("button", name="ZZ1 1AC").click()
        expect(page).to_have_url(site + "/beat/market")

    def test_from_a_page_that_tells_of_a_mistake(self, page: Page, site: str) -> None:
        ask(page, site, "Qwertyuiop")
        expect(page).to_have_url(site + "/find")
        page.get_by_label(LABEL).fill("ZZ1 1AA")
        page.get_by_label(LABEL).press("Enter")
        expect(page).to_have_url(site + "/beat/abbey-westham")


class TestBackAndForth:
    def test_back_leads_to_the_question_and_forward_to_the_answer(self, page: Page, site: str) -> None:
        ask(page, site, "ZZ1 1AB")
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_be_focused()
        expect(heading).to_have_text("ZZ1 1AB lies in two beats")
        page.go_back()
        expect(heading).to_have_text("Find your local policing team")
        expect(page.get_by_label(LABEL)).to_be_focused()
        expect(page.get_by_label(LABEL)).to_have_value("ZZ1 1AB")
        expect(page).to_have_title("Find your local policing team – Your local policing team")
        page.go_forward()
        expect(heading).to_have_text("ZZ1 1AB lies in two beats")
        page.get_by_role("link", name="Market").click()
        expect(page).to_have_url(site + "/beat/market")

    def test_answer_after_answer(self, page: Page, site: str) -> None:
        ask(page, site, "ZZ1 1AB")
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_have_text("ZZ1 1AB lies in two beats")
        page.locator("#postcode").fill("ZZ1 1AD")
        page.locator("#postcode").press("Enter")
        expect(heading).to_have_text("ZZ1 1AD is no longer in use")
        page.go_back()
        expect(heading).to_have_text("ZZ1 1AB lies in two beats")
        page.go_back()
        expect(heading).to_have_text("Find your local policing team")

    def test_back_after_a_choice_leads_to_a_page_that_works(self, page: Page, site: str) -> None:
        ask(page, site, "ZZ1 1AB")
        page.get_by_role("link", name="Market").click()
        expect(page).to_have_url(site + "/beat/market")
        page.go_back()
        expect(page).to_have_url(site + "/")
        page.locator("#postcode").fill("ZZ1 1AA")
        page.locator("#postcode").press("Enter")
        expect(page).to_have_url(site + "/beat/abbey-westham")

    def test_loading_anew_leads_to_the_question(self, page: Page, site: str) -> None:
        ask(page, site, "ZZ1 1AB")
        expect(page.get_by_role("heading", level=1)).to_have_text("ZZ1 1AB lies in two beats")
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_have_text("Find your local policing team")
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_have_text("Find your local policing team")

    def test_two_tabs_know_nothing_of_each_other(self, page: Page, site: str) -> None:
        other = page.context.new_page()
        ask(page, site, "ZZ1 1AB")
        expect(page.get_by_role("heading", level=1)).to_have_text("ZZ1 1AB lies in two beats")
        ask(other, site, "ZZ1 1AD")
        expect(other.get_by_role("heading", level=1)).to_have_text("ZZ1 1AD is no longer in use")
        expect(page.get_by_role("heading", level=1)).to_have_text("ZZ1 1AB lies in two beats")
        other.go_back()
        expect(page.get_by_role("heading", level=1)).to_have_text("ZZ1 1AB lies in two beats")


@pytest.mark.parametrize(
    "broken",
    ["**/js/find.js", "**/js/postcode.js", "**/js/language.js", "**/outcomes/*.html", "**/shards/**"],
)
@pytest.mark.parametrize("how", ["gone", "nonsense"])
class TestBrokenHalfWay:
    def test_the_form_still_works(self, page: Page, site: str, broken: str, how: str) -> None:
        break_it: dict[str, Callable[[Route], None]] = {
            "gone": lambda route: route.abort(),
            "nonsense": lambda route: route.fulfill(body="<p>", content_type="text/plain"),
        }
        page.route(broken, break_it[how])
        ask(page, site, "ZZ1 1AB")
        expect(page.get_by_role("heading", level=1)).to_have_text("ZZ1 1AB lies in two beats")
        expect(page).to_have_url(site + "/find")
        page.unroute(broken)


def test_a_line_that_hangs_is_not_waited_for(page: Page, site: str) -> None:
    """A list that never comes: after a while the form is sent."""
    page.add_init_script("const real = AbortSignal.timeout; AbortSignal.timeout = () => real.call(AbortSignal, 300);")
    page.route("**/shards/**", lambda route: None)
    ask(page, site, "ZZ1 1AB")
    expect(page.get_by_role("heading", level=1)).to_have_text("ZZ1 1AB lies in two beats")
    expect(page).to_have_url(site + "/find")
