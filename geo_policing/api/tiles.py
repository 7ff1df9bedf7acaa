"""Tiles of the basemap, and the names of places that lie over them.

`/tiles/{version}/{style}/{z}/{x}/{y}.svg` and `/tiles/{version}/places.json`. `version` covers the data and the drawing
code, so a browser may keep what it got for ever; under another version the present tile is sent, but not to be kept.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from importlib.resources import files

from flask import Blueprint, Response, current_app, request

from geo_policing.api.assets import accepts_gzip
from geo_policing.api.runtime import the_runtime
from geo_policing.api.static_files import FOR_EVER
from geo_policing.api.zip_cache import ZipCache
from geo_policing.datasets.dataset import Dataset
from geo_policing.errors import NotFoundError
from geo_policing.maps.basemap import basemap
from geo_policing.maps.basemap_style import PALETTES
from geo_policing.maps.mercator import Tile
from geo_policing.maps.place_labels import labels_json
from geo_policing.services.indexes import derived

tiles = Blueprint("tiles", __name__, url_prefix="/tiles")

CACHE_BYTES = 24_000_000
"""A worker's; about 8,000 tiles of a county, which is all of it up to zoom 14 in one style."""


def tiles_version(dataset: Dataset) -> str:
    """What stands in the tiles' addresses: of a-f0-9, another one for other data or other drawing code."""
    return derived(dataset, "tiles_version", lambda: _version_of(dataset))


@tiles.get("/<version>/<style>/<zoom>/<x>/<y>.svg")
def tile(version: str, style: str, zoom: str, x: str, y: str) -> Response:
    """A tile as SVG. 400 for what is no number, 404 for a style, a zoom or a place that there is not."""
    asked = Tile.parse(zoom, x, y)
    palette = PALETTES.get(style)
    if palette is None:
        raise NotFoundError(f"style {style!r} is not drawn. Ask for one of {', '.join(PALETTES)}.")
    dataset = the_runtime().live.view().dataset
    key = (tiles_version(dataset), style, asked)
    current = version == tiles_version(dataset)
    return drawn_once(key, current, "image/svg+xml", lambda: basemap(dataset).svg(asked, palette))


@tiles.get("/<version>/places.json")
def places(version: str) -> Response:
    """The names of settlements, each with its point, its size and the zoom from which it shows."""
    dataset = the_runtime().live.view().dataset
    key = (tiles_version(dataset), "places")
    current = version == tiles_version(dataset)
    return drawn_once(key, current, "application/json", lambda: labels_json(dataset).decode())


def drawn_once(key: tuple[object, ...], current: bool, mimetype: str, draw: Callable[[], str]) -> Response:
    """What `draw` gives, kept in memory by `key`, which must hold all that it depends on.

    To be kept for ever by who asks, where the address is that of the `current` version.
    """
    zipped = accepts_gzip()
    response = Response(mimetype=mimetype)
    encoding = "gzip" if zipped else "identity"
    response.set_etag(hashlib.sha256(repr((key, encoding)).encode()).hexdigest()[:24])
    response.headers["Cache-Control"] = FOR_EVER if current else "no-cache"
    response.vary.add("Accept-Encoding")
    response.make_conditional(request)
    if response.status_code != 304:
        body = _cache().get(key, draw)
        response.set_data(body if zipped else gzip.decompress(body))
        if zipped:
            response.content_encoding = "gzip"
    return response


def _cache() -> ZipCache:
    kept: ZipCache = current_app.extensions.setdefault("geo_policing_tiles", ZipCache(CACHE_BYTES))
    return kept


def _version_of(dataset: Dataset) -> str:
    digest = hashlib.sha256(dataset.data_version.encode())
    for source in sorted(files("geo_policing.maps").iterdir(), key=lambda path: path.name):
        if source.name.endswith(".py"):
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]
