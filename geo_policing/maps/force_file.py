"""The map of the force as one HTML file that people take away, made by folium from plain JSON.

Run as `python -m geo_policing.maps.force_file` it reads that JSON and writes the file, so that a worker which answers
pages can have it made beside itself, without folium in its own memory. All words come with the input, in its language.
"""

from __future__ import annotations

import base64
import html
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from geo_policing.maps.map_style import DISTRICT_DASH, INKS, TINT_OPACITY, TINTS
from geo_policing.maps.one_file import empty_map, one_file

MARK_PX = 24


def force_file(content: Mapping[str, Any]) -> bytes:
    """The file for `content`, UTF-8; the same input gives the same bytes.

    `content` has: `language`, `direction`, `title`, `intro`; `layers`, the names of the layers "beats", "districts",
    "areas" and of each kind of places; `ground`: `svg` and the `bounds` that it fills; `bounds` of what is shown;
    `names`: (name, lat, lon) of towns; `beats`: GeoJSON features with `text` and `tint`; `borders`: GeoJSON geometries
    of "districts" and "areas" (null for none); `places`: `kind`, `letter`, `fill`, `path`, `text` and `at` (lat, lon);
    `list`: (heading, groups of (heading, lines)) a district; `notes` and `credits`: lines. All text is plain, and
    escaped here.
    """
    import folium

    page = empty_map(content["title"])
    names = {
        kind: f"{_swatch(kind, content['places'])} {html.escape(name)}" for kind, name in content["layers"].items()
    }
    svg = base64.b64encode(content["ground"]["svg"].encode()).decode()
    ground = f"data:image/svg+xml;base64,{svg}"
    folium.raster_layers.ImageOverlay(ground, content["ground"]["bounds"], control=False, alt="").add_to(page)
    _beats(folium, content["beats"], names["beats"]).add_to(page)
    for layer in _borders(folium, content["borders"], names):
        layer.add_to(page)
    for kind in dict.fromkeys(place["kind"] for place in content["places"]):
        _marks(folium, kind, content["places"], names[kind]).add_to(page)
    _towns(folium, content["names"]).add_to(page)
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
    ".mark{vertical-align:middle;overflow:visible}.town span{position:absolute;transform:translate(-50%,4px);"
    "white-space:nowrap;font-size:13px;text-shadow:0 0 3px #fff,0 0 3px #fff,0 0 3px #fff}"
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


def _borders(folium: Any, borders: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[Any]:
    for kind, style in _BORDERS.items():
        if borders.get(kind):
            feature = {"type": "Feature", "properties": {}, "geometry": borders[kind]}
            yield folium.GeoJson(
                feature,
                name=names[kind],
                style_function=lambda _, s=style: s,
                interactive=False,
                show=kind == "districts",
            )


def _marks(folium: Any, kind: str, places: Sequence[Mapping[str, Any]], name: str) -> Any:
    group = folium.FeatureGroup(name=name)
    for place, left in _beside_each_other(places):
        if place["kind"] == kind:
            _marker(folium, place, left).add_to(group)
    return group


def _towns(folium: Any, names: Sequence[Sequence[Any]]) -> Any:
    # In a group of their own: put on the map at once, each would first ask for a picture that is not there.
    group = folium.FeatureGroup(control=False)
    for name, *at in names:
        icon = folium.DivIcon(html=f"<span>{html.escape(name)}</span>", icon_size=(0, 0), class_name="town")
        folium.Marker(at, icon=icon, keyboard=False, interactive=False).add_to(group)
    return group


def _beside_each_other(places: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], float]]:
    """Each place with how many pixels to the left its mark stands, as one building may have several."""
    at: dict[tuple[float, ...], list[Mapping[str, Any]]] = {}
    for place in places:
        at.setdefault(tuple(place["at"]), []).append(place)
    for together in at.values():
        for row, place in enumerate(together):
            yield place, ((len(together) - 1) / 2 - row) * (MARK_PX + 2)


def _marker(folium: Any, place: Mapping[str, Any], left: float) -> Any:
    anchor = (round(MARK_PX / 2 + left), MARK_PX // 2)
    icon = folium.DivIcon(html=_sign(place), icon_size=(MARK_PX, MARK_PX), icon_anchor=anchor)
    # The list beneath says the same in words, so the keyboard need not stop at each mark.
    return folium.Marker(place["at"], icon=icon, tooltip=html.escape(place["text"]), keyboard=False)


def _sign(place: Mapping[str, Any]) -> str:
    return (
        f'<svg class="mark" viewBox="-2 -2 28 28" width="{MARK_PX}" height="{MARK_PX}" aria-hidden="true">'
        f'<path d="{place["path"]}" fill="{place["fill"]}" stroke="#fff" stroke-width="2"/>'
        f'<text x="12" y="17">{html.escape(place["letter"])}</text></svg>'
    )


def _swatch(kind: str, places: Sequence[Mapping[str, Any]]) -> str:
    """What stands beside a layer's name in the key."""
    place = next((place for place in places if place["kind"] == kind), None)
    if place is not None:
        return _sign(place)
    style = _BORDERS.get(kind, {"color": _INKS.beat, "weight": 1.2})
    dash = f' stroke-dasharray="{style["dashArray"]}"' if "dashArray" in style else ""
    fill = TINTS[0] if kind == "beats" else "none"
    return (
        f'<svg class="mark" viewBox="0 0 24 24" width="{MARK_PX}" height="{MARK_PX}" aria-hidden="true">'
        f'<path d="M1 4h22v16h-22z" fill="{fill}" fill-opacity="{TINT_OPACITY}" stroke="{style["color"]}" '
        f'stroke-width="{style["weight"]}" stroke-opacity="{style.get("opacity", 1)}"{dash}/></svg>'
    )


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
