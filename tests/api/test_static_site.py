"""What an export holds, judged by its files alone; tests/web/test_static_site.py uses it with a browser."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from geo_policing.api.languages import LANGUAGES
from geo_policing.api.static_links import file_of, links_in, prepared, served_at
from geo_policing.api.static_site import StaticExport, export_site, headers_file
from geo_policing.clock import Clock
from geo_policing.config import Settings
from geo_policing.datasets.progress import SILENT
from geo_policing.errors import ConflictError, ExportError
from geo_policing.services.live import Live
from geo_policing.services.site_folder import MARKER
from tests.support.live import tiny_live
from tests.support.web import NOW

BASE = "/police/"
SITE = "https://team.example"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    tiny_live(folder, clock=Clock.fixed(NOW)).close()
    return folder


def write(data: Path, target: Path, *, base: str = "/", public_url: str = "") -> StaticExport:
    settings = Settings(data_dir=data, public_url=public_url)
    return export_site(settings, Clock.fixed(NOW), target, SILENT, base=base, most_zoom=8)


@pytest.fixture(scope="module")
def root(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export for the root of a host whose address is not known."""
    target = tmp_path_factory.mktemp("root") / "site"
    write(data, target)
    return target


@pytest.fixture(scope="module")
def below(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export for a path below a known address."""
    target = tmp_path_factory.mktemp("below") / "site"
    write(data, target, base=BASE, public_url=SITE)
    return target


class _Links(HTMLParser):
    """Every address that a page names in an attribute by which a browser loads or follows something."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            if name in ("href", "src", "action", "data-shards", "data-outcomes", "data-beats", "data-places") and value:
                self.found.append(value)
            if name == "srcset" and value:
                self.found += [each.split()[0] for each in value.split(",")]
            if name == "data-config" and value:
                self.found += re.findall(r'"(/[^"]+)"', value)


def pages_of(site: Path) -> list[Path]:
    return sorted(path for path in site.rglob("*.html") if path.parent.name != "export")


def target_of(site: Path, base: str, address: str) -> Path:
    path = unquote(urlsplit(address).path)
    assert path.startswith(base), address
    relative = path.removeprefix(base)
    return site / (relative + "index.html" if relative == "" or relative.endswith("/") else relative)


@pytest.mark.parametrize("which", ["root", "below"])
def test_no_page_has_a_dead_link(which: str, request: pytest.FixtureRequest) -> None:
    site, base = request.getfixturevalue(which), BASE if which == "below" else "/"
    checked = 0
    for page in pages_of(site):
        links = _Links()
        links.feed(page.read_text())
        for address in links.found:
            whole = address.removeprefix(SITE)
            if not whole.startswith("/"):
                if address.startswith("#") and page.parent.name != next(site.glob("outcomes")).name:
                    assert address[1:] in links.ids, (page, address)
                continue
            for name, value in (("slug", "market"), ("outward", "ZZ1"), ("key", "mi"), ("address", "")):
                whole = whole.replace(f"⟪{name}⟫", value)
            if "{z}" in whole:
                folder = target_of(site, base, whole.partition("{")[0] + "places.json").parent
                assert all(any((folder / style / zoom).rglob("*.svg")) for style in ("light", "dark") for zoom in "78")
                continue
            assert target_of(site, base, whole).is_file(), (page, address)
            checked += 1
    assert checked > 500


def test_has_what_a_site_needs(root: Path, below: Path) -> None:
    for language in LANGUAGES:
        home = root / language.prefix.strip("/")
        for name in ("index.html", "beat/market/index.html", "beat/fen-end/meetings.ics", "places/index.html",
                     "map/index.html", "about/index.html", "privacy/index.html", "accessibility/index.html",
                     "embed/index.html", "embed/market/index.html"):  # fmt: skip
            assert (home / name).is_file(), name
    assert "Page not found" in (root / "404.html").read_text()
    assert (root / "embed.js").is_file()
    assert (root / "robots.txt").read_text() == "User-agent: *\nDisallow:\n"
    assert not (root / "sitemap.xml").exists()
    assert f"Sitemap: {SITE}{BASE}sitemap.xml" in (below / "robots.txt").read_text()
    site_map = (below / "sitemap.xml").read_text()
    assert f"<loc>{SITE}{BASE}pl/beat/market/</loc>" in site_map
    assert "/embed" not in site_map


def test_what_needs_a_server_is_left_out(root: Path) -> None:
    assert not (root / "drive-time").exists()
    assert not (root / "find").exists()
    for page in pages_of(root):
        html = page.read_text()
        assert not re.search(r'(action|method)="', html), page
        assert "/api/" not in html, page
        if "outcomes" not in page.parts:
            assert '<meta http-equiv="Content-Security-Policy" content="default-src &#x27;none&#x27;;' in html, page
            assert "frame-ancestors" not in html


def test_nothing_speaks_of_this_moment(root: Path) -> None:
    for page in (root / "beat").rglob("index.html"):
        assert "Open now" not in page.read_text()
        assert "Closed now" not in page.read_text()
        assert "These pages were made on 23 November 2026 at 10:30am" in page.read_text()


def test_says_where_it_will_be(root: Path, below: Path) -> None:
    assert f"{SITE}{BASE}embed.js" in (below / "embed/how-to/index.html").read_text()
    linked = re.search(r'ld\+json">(.*?)</script>', (below / "beat/fen-end/index.html").read_text(), re.DOTALL)
    assert linked is not None
    assert f'"{SITE}{BASE}beat/fen-end/"' in linked[1]
    assert "https://ADDRESS-OF-THIS-SITE/embed.js" in (root / "embed/how-to/index.html").read_text()
    assert "localhost" not in (root / "embed/how-to/index.html").read_text()
    assert f'hreflang="pl" href="{SITE}{BASE}pl/about/"' in (below / "about/index.html").read_text()


def test_the_same_again_gives_the_same_bytes(data: Path, root: Path, tmp_path: Path) -> None:
    write(data, tmp_path / "again")
    first = {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}
    second = {
        p.relative_to(tmp_path / "again").as_posix(): p.read_bytes()
        for p in (tmp_path / "again").rglob("*")
        if p.is_file()
    }
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_counts_what_it_wrote(data: Path, tmp_path: Path) -> None:
    done = write(data, tmp_path / "site")
    files = [path for path in (tmp_path / "site").rglob("*") if path.is_file()]
    assert done.files == len(files)
    assert done.size_bytes == sum(path.stat().st_size for path in files)
    assert done.tiles == len(list((tmp_path / "site" / "tiles").rglob("*.svg")))
    assert json.loads((tmp_path / "site" / MARKER).read_text())["data_version"] == done.data_version


class TestTarget:
    def test_other_files_are_left_alone(self, data: Path, tmp_path: Path) -> None:
        (tmp_path / "site").mkdir()
        (tmp_path / "site" / "thesis.txt").write_text("years of work")
        with pytest.raises(ConflictError, match="no earlier export"):
            write(data, tmp_path / "site")
        assert (tmp_path / "site" / "thesis.txt").read_text() == "years of work"
        assert [path.name for path in tmp_path.iterdir()] == ["site"]

    def test_an_earlier_export_stays_until_the_new_one_is_whole(
        self, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        target = tmp_path / "site"
        target.mkdir()
        (target / MARKER).write_text("{}")
        (target / "index.html").write_text("old")
        monkeypatch.setattr("geo_policing.api.static_site.PALETTES", {"sepia": None})
        with pytest.raises(ExportError, match="sepia"):
            write(data, target)
        assert (target / "index.html").read_text() == "old"
        assert [path.name for path in tmp_path.iterdir()] == ["site"]

    def test_no_plan_no_site(self, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        live = Live(Settings(data_dir=data), Clock.fixed(NOW.replace(year=2020)))
        assert live.view().plan is None
        live.close()
        settings = Settings(data_dir=data)
        with pytest.raises(ExportError, match="No plan of beats"):
            export_site(settings, Clock.fixed(NOW.replace(year=2020)), tmp_path / "site", SILENT)
        assert list(tmp_path.iterdir()) == []


class TestLinks:
    def test_pages_become_folders(self) -> None:
        assert file_of("/beat/abbey", "text/html") == "beat/abbey/index.html"
        assert file_of("/outcomes/ab12.html", "text/html") == "outcomes/ab12.html"
        assert file_of("/shards/ab12/CB1.json", "application/json") == "shards/ab12/CB1.json"

    @pytest.mark.parametrize(
        ("link", "base", "where"),
        [
            ("/", "/", "/"),
            ("/", "/p/", "/p/"),
            ("/pl/", "/p/", "/p/pl/"),
            ("/about", "/", "/about/"),
            ("/about#data", "/p/", "/p/about/#data"),
            ("/beat/⟪slug⟫", "/p/", "/p/beat/⟪slug⟫/"),
            ("/assets/1f/js/find.js", "/p/", "/p/assets/1f/js/find.js"),
            ("/tiles/1f/{style}/{z}/{x}/{y}.svg", "/p/", "/p/tiles/1f/{style}/{z}/{x}/{y}.svg"),
        ],
    )
    def test_where_a_link_leads(self, link: str, base: str, where: str) -> None:
        assert served_at(link, base) == where

    def test_what_is_a_link(self) -> None:
        page = (
            '<a href="/about#x"><img src="/a.svg" alt="/not/ /this"><a href="//other.example/"><a href="#main">'
            '<form data-beats="/beat/⟪slug⟫"><div data-config="{&#34;beats&#34;: &#34;/b.json&#34;, &#34;n&#34;: [1, '
            '&#34;/c.json&#34;], &#34;tiles&#34;: &#34;/t/{z}.svg&#34;}">/text/is/none<div data-config="{no json">'
        )
        assert sorted(links_in(page)) == ["/a.svg", "/about", "/b.json", "/c.json"]

    def test_a_page_made_ready(self) -> None:
        page = '<meta charset="utf-8"><a href="/about" title="/ 5">&amp;</a>'
        page += '<div data-config="{&#34;a&#34;: &#34;/b&#34;}">'
        made = prepared(page, "default-src 'none'; frame-ancestors 'none'; img-src 'self'", lambda link: "/p" + link)
        assert made == (
            '<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="default-src &#x27;none&#x27;;'
            ' img-src &#x27;self&#x27;"><a href="/p/about" title="/ 5">&amp;</a>'
            '<div data-config="{&quot;a&quot;:&quot;/p/b&quot;}">'
        )

    def test_headers_for_hosts(self) -> None:
        assert "/p/shards/*\n  Cache-Control: public, max-age=31536000, immutable\n" in headers_file("/p/")
