"""Isochrones as one HTML file that people take away: made by folium, with everything inside and nothing fetched.

The same input gives the same bytes.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from geo_policing.maps.one_file import empty_map, one_file
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


def isochrones_html(view: View, found: Isochrones) -> bytes:
    """The page, UTF-8."""
    import folium

    page = empty_map(_title(found))
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
    page.get_root().html.add_child(folium.Element(_words(found, [properties for properties, _ in rows])))
    return one_file(page)


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
