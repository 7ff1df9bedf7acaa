"""The map of the force as one HTML file that people take away, made by folium from plain JSON.

Run as `python -m geo_policing.maps.force_file` it reads that JSON and writes the file, so that a worker which answers
pages can have it made beside itself, without folium in its own memory. All words come with the input, in its language.
"""

from __future__ import annotations

import base64
import html
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from geo_policing.maps.map_style import DISTRICT_DASH, INKS, TINT_OPACITY, TINTS
from geo_policing.maps.one_file import empty_map, one_file

MARK_PX = 24


def force_file(content: Mapping[str, Any]) -> bytes:
    """The file for `content`, UTF-8; the same input gives the same bytes.

    `content` has: `language`, `direction`, `title`, `intro`; `layers`, the names of the layers "beats", "districts",
    "areas" and of each kind of places; `ground`: `svg` and the `bounds` that it fills; `bounds` of what is shown;
    `beats`: GeoJSON features with `text` and `tint`; `borders`: GeoJSON geometries of "districts" and "areas" (null for
    none); `places`: `kind`, `letter`, `fill`, `path`, `text` and `at` (lat, lon); `list`: (heading, groups of
    (heading, lines)) a district; `notes` and `credits`: lines. All text is plain, and escaped here.
    """
    import folium

    page = empty_map(content["title"])
    layers = content["layers"]
    svg = base64.b64encode(content["ground"]["svg"].encode()).decode()
    ground = f"data:image/svg+xml;base64,{svg}"
    folium.raster_layers.ImageOverlay(ground, content["ground"]["bounds"], control=False, alt="").add_to(page)
    _beats(folium, content["beats"], layers["beats"]).add_to(page)
    for name, style in _BORDERS.items():
        if content["borders"].get(name):
            feature = {"type": "Feature", "properties": {}, "geometry": content["borders"][name]}
            shown = name == "districts"
            folium.GeoJson(
                feature, name=layers[name], style_function=lambda _, s=style: s, interactive=False, show=shown
            ).add_to(page)
    for kind in dict.fromkeys(place["kind"] for place in content["places"]):
        group = folium.FeatureGroup(name=layers[kind])
        for place in content["places"]:
            if place["kind"] == kind:
                _marker(folium, place).add_to(group)
        group.add_to(page)
    folium.LayerControl(collapsed=False).add_to(page)
    page.fit_bounds(content["bounds"])
    root: Any = page.get_root()
    root.header.add_child(folium.Element(f"<style>{_STYLE}</style>"))
    root.html.add_child(folium.Element(_heading(content)))
    return one_file(page, language=content["language"], direction=content["direction"], beneath=_words(content))


_INKS = INKS["light"]
_BORDERS = {
    "areas": {"color": _INKS.district, "weight": 6, "opacity": 0.45, "fill": False},
    "districts": {"color": _INKS.district, "weight": 2.2, "dashArray": DISTRICT_DASH, "fill": False},
}
_STYLE = (
    ".leaflet-container{background:#e6e9ea;font:inherit}.leaflet-control-layers label{font-size:1rem;padding:.2rem 0}"
    ".leaflet-control-layers-selector{width:1.25rem;height:1.25rem;vertical-align:middle}"
    "header{padding:0 1rem}header h1{margin:.6rem 0 .2rem}header p{margin:0 0 .6rem}"
    ".columns{columns:16rem}.mark text{font:700 14px sans-serif;fill:#fff;text-anchor:middle}"
    "@media(max-width:40rem){.leaflet-control-layers{max-width:11rem}}"
)


def _beats(folium: Any, features: Sequence[Mapping[str, Any]], name: str) -> Any:
    def style(feature: Mapping[str, Any]) -> dict[str, Any]:
        fill = TINTS[feature["properties"]["tint"] % len(TINTS)]
        return {"color": _INKS.beat, "weight": 1.2, "fillColor": fill, "fillOpacity": TINT_OPACITY}

    collection = {
        "type": "FeatureCollection",
        "features": [
            {**each, "properties": {**each["properties"], "text": html.escape(each["properties"]["text"])}}
            for each in features
        ],
    }
    tooltip = folium.GeoJsonTooltip(fields=["text"], labels=False, sticky=True) if features else None
    return folium.GeoJson(collection, name=name, style_function=style, tooltip=tooltip, smooth_factor=0.3)


def _marker(folium: Any, place: Mapping[str, Any]) -> Any:
    picture = (
        f'<svg class="mark" viewBox="-2 -2 28 28" width="{MARK_PX}" height="{MARK_PX}" aria-hidden="true">'
        f'<path d="{place["path"]}" fill="{place["fill"]}" stroke="#fff" stroke-width="2"/>'
        f'<text x="12" y="17">{html.escape(place["letter"])}</text></svg>'
    )
    icon = folium.DivIcon(html=picture, icon_size=(MARK_PX, MARK_PX), icon_anchor=(MARK_PX // 2, MARK_PX // 2))
    # The list beneath says the same in words, so the keyboard need not stop at each mark.
    return folium.Marker(place["at"], icon=icon, tooltip=html.escape(place["text"]), keyboard=False)


def _heading(content: Mapping[str, Any]) -> str:
    return f"<header><h1>{html.escape(content['title'])}</h1><p>{html.escape(content['intro'])}</p></header>"


def _words(content: Mapping[str, Any]) -> str:
    """All that is on the map as text beneath it, with the notes and the attributions."""
    parts = []
    for heading, groups in content["list"]:
        parts.append(f"<h2>{html.escape(heading)}</h2>")
        for title, lines in groups:
            items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
            parts.append(f'<h3>{html.escape(title)}</h3><ul class="columns">{items}</ul>')
    parts += [f"<p>{html.escape(line)}</p>" for line in (*content["notes"], *content["credits"])]
    return f'<main id="words">{"".join(parts)}</main>'


def main() -> None:
    """From standard input to standard output."""
    sys.stdout.buffer.write(force_file(orjson.loads(sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
