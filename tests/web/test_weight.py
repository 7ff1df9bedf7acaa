"""How heavy pages are: bytes on the wire as Chromium counts them, headers included, with nothing in its cache."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.web import installed

pytestmark = pytest.mark.browser

BEFORE_THE_MAP, WITH_THE_MAP = 60_000, 250_000
"""The budget of the project's issue 7."""
OF_THE_MAP = re.compile(r"^/(tiles|map-data)/|/leaflet/|/js/map|/js/(place_labels|leaflet)\.js$")


@pytest.fixture(scope="module")
def real_site(real_data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    database = tmp_path_factory.mktemp("real") / "real.sqlite"
    with installed(real_data_dir, database_url=f"sqlite:///{database}") as address:
        yield address


class Scale:
    """Counts what `page` fetches, by path."""

    def __init__(self, page: Page, *, cached: bool = False) -> None:
        self.bytes: dict[str, int] = {}
        self._path: dict[str, str] = {}
        session = page.context.new_cdp_session(page)
        session.on("Network.requestWillBeSent", lambda e: self._path.update({e["requestId"]: e["request"]["url"]}))
        session.on("Network.loadingFinished", self._count)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": not cached})

    def _count(self, event: dict[str, object]) -> None:
        path = urlsplit(self._path[str(event["requestId"])]).path
        self.bytes[path] = self.bytes.get(path, 0) + int(float(str(event["encodedDataLength"])))

    @property
    def before(self) -> int:
        return sum(size for path, size in self.bytes.items() if not OF_THE_MAP.search(path))

    @property
    def whole(self) -> int:
        return sum(self.bytes.values())

    def told(self) -> str:
        rows = sorted(self.bytes.items(), key=lambda row: -row[1])
        return "\n".join(f"{size:>8} {path}" for path, size in rows)


def weigh(browser: Browser, site: str, path: str) -> Scale:
    """Open a page, scroll down to its map where it has one, and wait until nothing more comes."""
    with browser.new_context(viewport={"width": 1280, "height": 800}, device_scale_factor=2) as context:
        page = context.new_page()
        scale = Scale(page)
        page.goto(site + path)
        page.wait_for_load_state("networkidle")
        where = page.locator("#force-map, #beat-map")
        if where.count():
            where.scroll_into_view_if_needed()
            expect(page.locator("#map .beat").first).to_be_attached(timeout=60_000)
            page.wait_for_load_state("networkidle")
        return scale


def check(scale: Scale) -> None:
    assert 1_000 < scale.before <= BEFORE_THE_MAP, scale.told()
    assert scale.whole <= WITH_THE_MAP, scale.told()


PATHS = ("/", "/pl/", "/map", "/pl/map", "/about")


class TestStarter:
    @pytest.mark.parametrize("path", [*PATHS, "/beat/bottisham"])
    def test_pages_are_light(self, browser: Browser, starter_site: str, path: str) -> None:
        check(weigh(browser, starter_site, path))


@pytest.mark.slow
@pytest.mark.real_files
class TestReal:
    @pytest.mark.parametrize("path", [*PATHS, "/beat/abbey", "/beat/cambourne"])
    def test_pages_are_light(self, browser: Browser, real_site: str, path: str) -> None:
        check(weigh(browser, real_site, path))


def test_what_never_changes_is_fetched_once(browser: Browser, starter_site: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(starter_site + "/map")
        page.wait_for_load_state("networkidle")
        scale = Scale(page, cached=True)
        page.reload()
        page.wait_for_load_state("networkidle")
        kept = [path for path in scale.bytes if path.startswith(("/assets/", "/map-data/", "/tiles/"))]
        assert "/map" in scale.bytes
        assert len(kept) > 5
        assert sum(scale.bytes[path] for path in kept) == 0, scale.told()
