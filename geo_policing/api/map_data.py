"""What maps of beats are made of: the beats' shapes, and pictures for those who have only those.

Below `/map-data/{version}/`: `beats.json` (TopoJSON), `ground-{style}.svg` (what lies under the page's own picture of
the force) and `beat/{slug}-{size}-{style}.svg`. `version` covers data, plan, places and drawing code, so a browser may
keep what it got for ever; under another version the present one is sent, but not to be kept.
"""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Blueprint, Response

from geo_policing.api.runtime import the_runtime
from geo_policing.api.tiles import drawn_once, tiles_version
from geo_policing.datasets.dataset import Dataset
from geo_policing.errors import NotFoundError
from geo_policing.maps.basemap_style import PALETTES, Palette
from geo_policing.maps.beat_picture import SIZES, beat_picture
from geo_policing.maps.extent import extent_of
from geo_policing.maps.force_picture import ground_picture
from geo_policing.maps.map_style import MARKS
from geo_policing.maps.mercator import LEAST_ZOOM, MOST_ZOOM
from geo_policing.services.indexes import derived
from geo_policing.services.map_layers import MapPlace, beat_shapes, beats_topojson, layers_version, places_on_map
from geo_policing.services.view import View

WRITTEN_MARGIN = 0.1
"""How far beyond the force there are tiles where they are files."""

map_data = Blueprint("map_data", __name__, url_prefix="/map-data")


def map_version(view: View) -> str:
    """What stands in these addresses: of a-f0-9, another one for anything that would be drawn otherwise."""
    text = tiles_version(view.dataset) + layers_version(view)
    return derived(view, "map_version", lambda: hashlib.sha256(text.encode()).hexdigest()[:16])


def base_map_config(dataset: Dataset) -> dict[str, Any]:
    """What js/map.js needs to show the basemap of `dataset`, as JSON types."""
    version, written = tiles_version(dataset), the_runtime().written
    return {
        "tiles": f"/tiles/{version}/{{style}}/{{z}}/{{x}}/{{y}}.svg",
        "places": f"/tiles/{version}/places.json",
        "bounds": extent_of(dataset).corners,
        "zooms": [LEAST_ZOOM, MOST_ZOOM if written is None else written.most_zoom],
        # How far beyond the force there are tiles, as a share of its width and height.
        "margin": 1 if written is None else WRITTEN_MARGIN,
    }


def beats_map_config(view: View, places: tuple[MapPlace, ...]) -> dict[str, Any]:
    """What js/map_beats.js needs to show beats with `places` over it; those without a point are left out."""
    return {
        "map": base_map_config(view.dataset),
        "beats": f"/map-data/{map_version(view)}/beats.json",
        "places": [place.to_json() for place in places if place.lat_lon is not None],
        "marks": {kind.value: {"letter": mark.letter, "path": mark.path} for kind, mark in MARKS.items()},
    }


def beat_picture_address(view: View, slug: str, size: str, style: str) -> str:
    """Where the picture of a beat is."""
    return f"/map-data/{map_version(view)}/beat/{slug}-{size}-{style}.svg"


def ground_address(view: View, style: str) -> str:
    """Where the ground of the force's picture is."""
    return f"/map-data/{map_version(view)}/ground-{style}.svg"


@map_data.get("/<version>/beats.json")
def beats(version: str) -> Response:
    """The beats in force today as TopoJSON."""
    view = the_runtime().live.view()
    current = map_version(view)
    return drawn_once(("beats", current), version == current, "application/json", lambda: beats_topojson(view).decode())


@map_data.get("/<version>/ground-<style>.svg")
def ground(version: str, style: str) -> Response:
    """The basemap under the force's picture, in the `style` light or dark; 404 for another."""
    view = the_runtime().live.view()
    palette, current = _palette(style), map_version(view)
    key = ("ground", current, style)
    return drawn_once(key, version == current, "image/svg+xml", lambda: ground_picture(view.dataset, palette))


@map_data.get("/<version>/beat/<slug>-<size>-<style>.svg")
def picture_of_beat(version: str, slug: str, size: str, style: str) -> Response:
    """The picture of a beat, `size` wide or narrow, `style` light or dark; 404 for another, or a beat there is not."""
    view = the_runtime().live.view()
    palette, current = _palette(style), map_version(view)
    if size not in SIZES:
        raise NotFoundError(f"size {size!r} is not drawn. Ask for one of {', '.join(SIZES)}.")
    row = next((row for row, beat in enumerate(view.plan.beats if view.plan else ()) if beat.slug == slug), None)
    if view.plan is None or row is None:
        raise NotFoundError("No beat of the plan in force has this address. Beats can change when a new plan begins.")
    shapes = beat_shapes(view.plan, view)
    return drawn_once(
        ("beat", current, slug, size, style),
        version == current,
        "image/svg+xml",
        lambda: beat_picture(view.dataset, palette, size, shapes.lon_lat, row, places_on_map(view)),
    )


def _palette(style: str) -> Palette:
    palette = PALETTES.get(style)
    if palette is None:
        raise NotFoundError(f"style {style!r} is not drawn. Ask for one of {', '.join(PALETTES)}.")
    return palette
