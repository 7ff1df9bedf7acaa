"""The whole public site as files for any web server or CDN: `geo-policing export --static DIR`.

The application itself answers for every page, as it does for a browser, in a state in which templates leave out what
needs a server (`Runtime.written`). What a page links to is followed, so that an export cannot have a dead link: one is
an ExportError. Beside the pages there are the shards from which browsers answer, and a bounded pyramid of tiles.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from geo_policing.api.app import create_app
from geo_policing.api.finding import current_shards, words_version
from geo_policing.api.languages import LANGUAGES, local_url
from geo_policing.api.map_data import WRITTEN_MARGIN
from geo_policing.api.operator import Operator
from geo_policing.api.runtime import Runtime, WrittenPages, the_runtime
from geo_policing.api.static_links import file_of, links_in, prepared, served_at
from geo_policing.api.tiles import tiles_version
from geo_policing.clock import Clock
from geo_policing.config import Settings
from geo_policing.datasets.progress import Progress
from geo_policing.errors import ExportError
from geo_policing.maps.basemap_style import PALETTES
from geo_policing.maps.extent import extent_of
from geo_policing.maps.mercator import LEAST_ZOOM, world_of_lon_lat
from geo_policing.services.place_shards import place_shards
from geo_policing.services.site_folder import SiteFolder, site_folder
from geo_policing.services.view import View

DEFAULT_MOST_ZOOM = 14
"""Streets have their names there; each zoom more takes four times the files."""
PAGES_A_LINE = 50
NO_PAGE = "/no-such-page"
"""What is asked for to get the page for addresses that there are not."""


@dataclass(frozen=True)
class StaticExport:
    """What was written: how many files of how many bytes, of which so many tiles, from which data and at what time."""

    files: int
    size_bytes: int
    tiles: int
    pages: int
    data_version: str
    written_at: datetime


@dataclass
class _Site:
    """An export under way: what has been asked for, and what waits."""

    client: FlaskClient
    folder: SiteFolder
    base: str
    public_url: str
    written: dict[str, str] = field(default_factory=dict)
    """Each path that was answered, with the file that it went into."""
    waiting: deque[tuple[str, str]] = field(default_factory=deque)
    """Paths to ask for, each with the page that names it."""
    pages: int = 0


def export_site(
    settings: Settings,
    clock: Clock,
    target: Path,
    progress: Progress,
    *,
    base: str = "/",
    most_zoom: int = DEFAULT_MOST_ZOOM,
) -> StaticExport:
    """Write the site into `target`, which it takes the place of as a whole; the same data and time give the same files.

    `base` is the path at which the site will be, with a slash at both ends; tiles go from zoom 7 to `most_zoom`.
    ConflictError where `target` holds other files, ExportError where a page cannot be made or names what there is
    not, and what `services.live.Live.view` raises.
    """
    now = clock.now_local()
    app = create_app(settings, clock, written=WrittenPages(now, most_zoom, base))
    with site_folder(target) as folder, app.test_request_context("/"):
        view = the_runtime().live.view()
        if view.plan is None:
            raise ExportError("No plan of beats is in force today, so there is no team to show. Publish one first.")
        site = _Site(app.test_client(), folder, base, settings.public_url)
        progress.step("Writing pages")
        _write_pages(site, app, view, progress)
        progress.step("Writing shards")
        _write_all(site, _shards(view))
        progress.step("Writing tiles")
        tiles = _write_tiles(site, view, most_zoom, progress)
        progress.step("Finishing")
        _write_extras(site, app)
        folder.mark(
            {"data_version": view.dataset.data_version, "written_at": now.isoformat(), "base": base, "zoom": most_zoom}
        )
        the_runtime().live.close()
    return StaticExport(folder.files, folder.size_bytes, tiles, site.pages, view.dataset.data_version, now)


def _write_pages(site: _Site, app: Flask, view: View, progress: Progress) -> None:
    """Every page that is linked to from the start pages, and what stands in none of them."""
    words = words_version(view)
    for language in LANGUAGES:
        for path in ("/", f"/outcomes/{words}.html", "/embed"):
            site.waiting.append((local_url(path, language), "the list of pages"))
    runtime: Runtime = the_runtime()
    site.waiting += [(runtime.assets.url(name), "the list of assets") for name in runtime.assets.files]
    site.waiting.append(("/embed.js", "the list of assets"))
    while site.waiting:
        path, named_by = site.waiting.popleft()
        if path not in site.written:
            _write(site, path, named_by)
            if site.pages % PAGES_A_LINE == 0 and file_of(path, "text/html").endswith(".html"):
                progress.detail(f"{site.pages:,}")
    for language in LANGUAGES:
        for beat in view.plan.beats if view.plan is not None else ():
            embedded = local_url(f"/embed/{beat.slug}", language)
            _write(site, local_url(f"/embed?beat={beat.slug}", language), "the list of pages", as_path=embedded)
    found = site.client.get(NO_PAGE)
    _put(site, NO_PAGE, "404.html", found)


def _write(site: _Site, path: str, named_by: str, as_path: str = "") -> None:
    response = site.client.get(path)
    if response.status_code != HTTPStatus.OK:
        raise ExportError(
            f"{path}, which {named_by} names, answers {response.status_code}. "
            "Nothing was exported; report this as a fault of the program."
        )
    path = as_path or path
    _put(site, path, file_of(path, response.mimetype or ""), response)


def _put(site: _Site, path: str, file: str, response: TestResponse) -> None:
    """Write an answer to its file, its links fitted to where it will be, and note what it links to."""
    site.written[path] = file
    body = response.get_data()
    if response.mimetype == "text/html" and "attachment" not in response.headers.get("Content-Disposition", ""):
        site.pages += 1
        html = body.decode()
        site.waiting += [(link, path) for link in links_in(html) if link not in site.written]
        policy = response.headers.get("Content-Security-Policy", "")
        body = prepared(html, policy, lambda link: served_at(link, site.base), site.public_url).encode()
    site.folder.write(file, body)


def _write_all(site: _Site, paths: Iterable[str]) -> int:
    count = 0
    for path in paths:
        _write(site, path, "the list of files")
        count += 1
    return count


def _shards(view: View) -> Iterator[str]:
    shards, places = current_shards(view), place_shards(view)
    yield from (f"/shards/{shards.version}/{outward}.json" for outward in shards.outward_codes)
    yield from (f"/shards/{shards.version}/places/{key}.json" for key in places.keys)


def _write_tiles(site: _Site, view: View, most_zoom: int, progress: Progress) -> int:
    version, count = tiles_version(view.dataset), 0
    for zoom in range(LEAST_ZOOM, most_zoom + 1):
        names = [f"{zoom}/{x}/{y}.svg" for x, y in tiles_over(view, zoom)]
        for style in PALETTES:
            count += _write_all(site, (f"/tiles/{version}/{style}/{name}" for name in names))
        progress.detail(f"zoom {zoom}, {count:,} tiles")
    if (labels := f"/tiles/{version}/places.json") not in site.written:
        _write(site, labels, "the list of files")
    return count


def tiles_over(view: View, zoom: int) -> list[tuple[int, int]]:
    """The tiles (x, y) of one zoom over the force and the margin that maps in files show."""
    extent = extent_of(view.dataset)
    lon_margin = (extent.east - extent.west) * WRITTEN_MARGIN
    lat_margin = (extent.north - extent.south) * WRITTEN_MARGIN
    xs, ys = world_of_lon_lat(
        [extent.west - lon_margin, extent.east + lon_margin], [extent.north + lat_margin, extent.south - lat_margin]
    )
    side = 2**zoom
    columns = range(int(xs[0] * side), int(xs[1] * side) + 1)
    rows = range(int(ys[0] * side), int(ys[1] * side) + 1)
    return [(x, y) for x in columns for y in rows]


def _write_extras(site: _Site, app: Flask) -> None:
    """What web servers and search engines read: robots.txt, a site map where the address is known, and headers."""
    public_url = Operator.of(the_runtime().settings).public_url
    robots = "User-agent: *\nDisallow:\n"
    if public_url:
        pages = sorted(
            path for path, file in site.written.items()
            if file.endswith("index.html") and "embed" not in path
        )  # fmt: skip
        urls = "".join(f"<url><loc>{public_url}{served_at(path, site.base)}</loc></url>\n" for path in pages)
        content = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}</urlset>\n'
        site.folder.write("sitemap.xml", f'<?xml version="1.0" encoding="UTF-8"?>\n{content}'.encode())
        robots += f"Sitemap: {public_url}{site.base}sitemap.xml\n"
    site.folder.write("robots.txt", robots.encode())
    site.folder.write("_headers", headers_file(site.base).encode())


def headers_file(base: str) -> str:
    """The headers that a host should send, in the form that Netlify and Cloudflare Pages read."""
    kept = "".join(
        f"{base}{folder}/*\n  Cache-Control: public, max-age=31536000, immutable\n"
        for folder in ("assets", "shards", "tiles", "map-data")
    )
    everywhere = "  Referrer-Policy: no-referrer\n  X-Content-Type-Options: nosniff\n"
    return f"{base}*\n{everywhere}{kept}"
