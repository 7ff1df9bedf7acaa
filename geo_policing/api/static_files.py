"""Serving the static files under their hashed names."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from geo_policing.api.assets import accepts_gzip
from geo_policing.api.runtime import the_runtime

static_files = Blueprint("static_files", __name__)

FOR_EVER = "public, max-age=31536000, immutable"


@static_files.get("/assets/<digest>/<path:name>")
def asset(digest: str, name: str) -> Response:
    """A static file. Under an older digest the present file is sent, but not to be kept."""
    found = the_runtime().assets.files.get(name)
    if found is None:
        abort(404)
    gzipped = found.gzipped if accepts_gzip() else None
    response = Response(found.body if gzipped is None else gzipped, mimetype=found.mimetype)
    if found.gzipped is not None:
        response.vary.add("Accept-Encoding")
    if gzipped is not None:
        response.content_encoding = "gzip"
    response.headers["Cache-Control"] = FOR_EVER if digest == found.digest else "no-cache"
    response.set_etag(f"{found.digest}-{'gzip' if gzipped is not None else 'identity'}")
    response.make_conditional(request)
    return response
