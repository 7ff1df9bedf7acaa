"""A folium map as one HTML file: Leaflet inside, nothing fetched, the same bytes for the same input.

folium is imported where it is used: it costs two seconds and 220 MB, which workers that answer pages do without.
"""

from __future__ import annotations

import base64
import html
import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

_RANDOM_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_VIEWPORT = re.compile(r'<meta name="viewport"[^>]*/?>')
_STYLE = (
    "body{margin:0;font-family:sans-serif}.folium-map{height:70vh!important;position:relative!important}"
    "#words{padding:0 1rem 1rem;max-width:60rem}#words ul{list-style:none;padding:0}"
)


def empty_map(title: str) -> Any:
    """A folium map without tiles whose page has Leaflet and our style inside."""
    import folium
    import xstatic.pkg.leaflet as leaflet

    # Who is to be credited stands in the text, where there is room for it.
    page = folium.Map(tiles=None, control_scale=True, zoom_control=True, attributionControl=False, zoomSnap=0.25)
    page.default_js, page.default_css = [], []
    root: Any = page.get_root()
    root.title = title
    assets = files(leaflet) / "data"
    root.header.add_child(folium.Element(f"<style>{_style(assets)}</style>"), name="leaflet_css")
    root.header.add_child(folium.Element(f"<script>{_script(assets)}</script>"), name="leaflet_js")
    return page


def one_file(page: Any, *, language: str = "en", direction: str = "ltr", beneath: str = "") -> bytes:
    """The page of a folium map, UTF-8, with the HTML `beneath` it.

    folium's random ids are numbered in the order in which they stand, its ban on zooming by fingers is lifted, and its
    map becomes a region of the page, named by the title.
    """
    seen: dict[str, str] = {}
    text = _RANDOM_ID.sub(lambda match: seen.setdefault(match[0], f"{len(seen):032d}"), page.get_root().render())
    text = _VIEWPORT.sub('<meta name="viewport" content="width=device-width, initial-scale=1">', text)
    region = f'class="folium-map" role="region" aria-label="{html.escape(page.get_root().title)}"'
    text = text.replace('class="folium-map"', region, 1)
    text = text.replace("</body>", f"{beneath}</body>", 1)
    named = f'<html lang="{language}">' if direction == "ltr" else f'<html lang="{language}" dir="{direction}">'
    return str(text).replace("<html>", named, 1).encode()


def _style(assets: Traversable) -> str:
    """Leaflet's sheet with its pictures inside, and ours."""
    text = (assets / "leaflet.css").read_text(encoding="utf-8")

    def inside(match: re.Match[str]) -> str:
        name = match[1].strip("'\"")
        content = base64.b64encode((assets / name).read_bytes()).decode()
        return f"url(data:image/png;base64,{content})"

    return re.sub(r"url\(([^)#]*\.png)\)", inside, text) + _STYLE


def _script(assets: Traversable) -> str:
    text = (assets / "leaflet.js").read_text(encoding="utf-8")
    return re.sub(r"//# sourceMappingURL=\S+", "", text).replace("</script", "<\\/script")
