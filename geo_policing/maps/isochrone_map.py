"""Isochrones as one HTML file that people take away: made by folium, with everything inside and nothing fetched.

The same input gives the same bytes: folium's random ids are numbered in the order in which they stand.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import numpy as np
import shapely

from geo_policing.routing.network import Network
from geo_policing.routing.speeds import RoadClass
from geo_policing.services.drive_about import bases_to_json
from geo_policing.services.drive_params import plain
from geo_policing.services.isochrones import Isochrones, multipolygon_to_json
from geo_policing.services.roads import roads_of
from geo_policing.services.view import View
from geo_policing.spatial.crs import to_lon_lat

COLOURS = ("#0b3c5d", "#1d6a96", "#3f8fb5", "#7fb2c9", "#b4cfdc", "#d6e3ea")
"""From the nearest to the farthest band; dashes and the labels tell them apart without colour."""
DASHES = ("", "8 4", "4 4", "2 4", "8 4 2 4", "1 6")
ROADS_SHOWN = RoadClass.SECONDARY_LINK
"""Roads of this class and above are drawn beneath."""
SIMPLIFIED_M = 30.0
_RANDOM_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")


def isochrones_html(view: View, found: Isochrones) -> bytes:
    """The page, UTF-8."""
    import folium
    import xstatic.pkg.leaflet as leaflet

    page = folium.Map(tiles=None, control_scale=True, zoom_control=True, attributionControl=True)
    page.default_js, page.default_css = [], []
    root: Any = page.get_root()
    root.title = _title(found)
    assets = files(leaflet) / "data"
    root.header.add_child(folium.Element(f"<style>{_style(assets)}</style>"), name="leaflet_css")
    root.header.add_child(folium.Element(f"<script>{_script(assets)}</script>"), name="leaflet_js")
    roads = _road_lines(roads_of(view.dataset).engine.network)
    _layer(folium, roads, {"color": "#8a8a8a", "weight": 1, "opacity": 0.7}, "").add_to(page)
    shapes = found.geometries()
    rows = list(zip(found.properties(), shapes, strict=True))
    for i, (properties, shape) in reversed(list(enumerate(rows))):
        style = {
            "color": "#1a1a1a",
            "weight": 1.5,
            "dashArray": DASHES[min(i, len(DASHES) - 1)],
            "fillColor": COLOURS[min(i, len(COLOURS) - 1)],
            "fillOpacity": 0.35,
        }
        _layer(folium, multipolygon_to_json(shape), style, _label(properties)).add_to(page)
    for base in bases_to_json(found.placed):
        folium.CircleMarker(
            (base["lat"], base["lon"]), radius=6, color="#000", fill=True, fill_color="#fff", fill_opacity=1,
            tooltip=html.escape(base["name"]),
        ).add_to(page)  # fmt: skip
    page.fit_bounds(_bounds(shapes, found))
    root.html.add_child(folium.Element(_words(found, [properties for properties, _ in rows])))
    return _numbered(root.render()).encode()


def _layer(folium: Any, geometry: dict[str, Any], style: dict[str, Any], label: str) -> Any:
    feature = {"type": "Feature", "properties": {}, "geometry": geometry}
    return folium.GeoJson(
        feature, style_function=lambda _, s=style: s, tooltip=label or None, smooth_factor=0.5, interactive=bool(label)
    )


def _label(properties: dict[str, Any]) -> str:
    if properties["from_minutes"]:
        return f"{properties['from_minutes']} to {properties['minutes']} minutes"
    return f"within {properties['minutes']} minutes"


def _title(found: Isochrones) -> str:
    minutes = ", ".join(str(plain(m)) for m in found.query.minutes)
    return f"Drive time of {minutes} minutes"


def _words(found: Isochrones, rows: Sequence[dict[str, Any]]) -> str:
    """Legend, assumption and attribution as text beneath the map."""
    items = "".join(
        f'<li><svg width="44" height="14" aria-hidden="true"><rect x="2" y="2" width="40" height="10" '
        f'fill="{COLOURS[min(i, len(COLOURS) - 1)]}" fill-opacity="0.5" stroke="#1a1a1a" stroke-width="1.5" '
        f'stroke-dasharray="{DASHES[min(i, len(DASHES) - 1)]}"/></svg> {html.escape(_label(row))}: '
        f"{row['area_km2']:,.0f} km²{' (may reach beyond the roads in the data)' if row['truncated'] else ''}</li>"
        for i, row in enumerate(rows)
    )
    about = found.about
    names = ", ".join(html.escape(base.name) for base in found.placed.bases)
    return (
        f'<section id="words"><h1>{html.escape(_title(found))}</h1><p>From: {names or "nowhere"}.</p><ul>{items}</ul>'
        f"<p>{html.escape(about['assumption'])} {about['direction'].capitalize()}, {about['profile']} driving, "
        f"{about['as_of']}. Method {about['method']}, resolution {about['resolution_m']:g} m.</p>"
        f"<p>{html.escape(about['attribution'])}</p></section>"
    )


def _style(assets: Traversable) -> str:
    """Leaflet's sheet with its pictures inside, and ours."""
    text = (assets / "leaflet.css").read_text(encoding="utf-8")

    def inside(match: re.Match[str]) -> str:
        name = match[1].strip("'\"")
        content = base64.b64encode((assets / name).read_bytes()).decode()
        return f"url(data:image/png;base64,{content})"

    text = re.sub(r"url\(([^)#]*\.png)\)", inside, text)
    return text + (
        "body{margin:0;font-family:sans-serif}.folium-map{height:70vh!important;position:relative!important}"
        "#words{padding:0 1rem 1rem;max-width:60rem}#words ul{list-style:none;padding:0}"
    )


def _script(assets: Traversable) -> str:
    text = (assets / "leaflet.js").read_text(encoding="utf-8")
    return re.sub(r"//# sourceMappingURL=\S+", "", text).replace("</script", "<\\/script")


def _road_lines(network: Network) -> dict[str, Any]:
    """The larger roads, simplified, as one MultiLineString."""
    rows = np.flatnonzero(network.road_class <= ROADS_SHOWN)
    lines = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(network.lines[rows]))) if len(rows) else []
    coordinates = []
    for line in shapely.simplify(lines, SIMPLIFIED_M):
        lon, lat = to_lon_lat(*shapely.get_coordinates(line).T)
        coordinates.append(np.round(np.column_stack([lon, lat]), 5).tolist())
    return {"type": "MultiLineString", "coordinates": coordinates}


def _bounds(shapes: Sequence[Any], found: Isochrones) -> list[list[float]]:
    west, south, east, north = shapely.total_bounds(np.array(shapes, dtype=object))
    if np.isnan(west):
        lat_lon = np.array([base.lat_lon for base in found.placed.bases] or [(54.0, -2.0)])
        (south, west), (north, east) = lat_lon.min(axis=0), lat_lon.max(axis=0)
    return [[float(south), float(west)], [float(north), float(east)]]


def _numbered(text: str) -> str:
    """`text` with each random id as a number, and its language named."""
    seen: dict[str, str] = {}
    numbered = _RANDOM_ID.sub(lambda match: seen.setdefault(match[0], f"{len(seen):032d}"), text)
    return numbered.replace("<html>", '<html lang="en">', 1)
