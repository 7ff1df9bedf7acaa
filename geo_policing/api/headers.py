"""What every answer carries beside its body: security, caching, compression, and who may read it from where."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

from flask import Flask, Response, request
from werkzeug.wrappers import Response as BaseResponse

from geo_policing.api.assets import accepts_gzip, is_compressible
from geo_policing.api.paths import is_for_machines

# Nothing is allowed but our own style sheet, pictures and modules, which ask our own server, and forms that come back
# to us. Leaflet sets styles by the CSSOM, which style-src does not govern.
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
MAP_POLICY = PAGE_POLICY
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
EVERYWHERE = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
AnyResponse = TypeVar("AnyResponse", bound=BaseResponse)
READ_METHODS = "GET, HEAD, OPTIONS"
PREFLIGHT_SECONDS = "86400"
# POSTs that only read: they carry a question too long for an address.
READING_POSTS = frozenset({"/api/v1/lookup", "/api/v1/isochrones", "/api/v1/matrix"})


def register(app: Flask) -> None:
    """Put the headers on every answer of `app`, errors and static files included."""
    app.after_request(_finish)


def no_store(response: AnyResponse) -> AnyResponse:
    """Mark `response` as what no cache may keep: it was made from what a resident typed."""
    response.headers["Cache-Control"] = "no-store"
    return response


def revalidated(make_body: Callable[[], str | bytes], *parts: object, mimetype: str = "text/html") -> Response:
    """A page or document with a strong ETag over `parts`, the media type and the encoding.

    `parts` must hold all that the body depends on: the data version, the revision, the local date, the language.
    Where the client holds this very answer it is a 304, and `make_body` is not called.
    """
    encoding = "gzip" if accepts_gzip() else "identity"
    key = "\0".join(str(part) for part in (*parts, mimetype, encoding))
    response = Response(mimetype=mimetype)
    response.set_etag(hashlib.sha256(key.encode()).hexdigest()[:24])
    response.headers["Cache-Control"] = "no-cache"
    response.vary.add("Accept-Encoding")
    response.make_conditional(request)
    if response.status_code != HTTPStatus.NOT_MODIFIED:
        response.set_data(make_body())
    return response


def _finish(response: Response) -> Response:
    _compress(response)
    for name, value in EVERYWHERE.items():
        response.headers.setdefault(name, value)
    is_page = response.mimetype == "text/html"
    response.headers.setdefault("Content-Security-Policy", PAGE_POLICY if is_page else DATA_POLICY)
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-cache" if response.status_code == HTTPStatus.OK else "no-store"
    if is_for_machines(request.path):
        _share(response)
    return response


def _share(response: Response) -> None:
    """Let pages of other origins read what is public anyway; no cookie and no login is behind any of it."""
    reads = READ_METHODS + (", POST" if request.path in READING_POSTS else "")
    if request.method not in reads:
        return
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "ETag, Link, Retry-After, X-Request-ID"
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        response.headers["Access-Control-Allow-Methods"] = reads
        response.headers["Access-Control-Allow-Headers"] = "Content-Type, If-None-Match"
        response.headers["Access-Control-Max-Age"] = PREFLIGHT_SECONDS


def _compress(response: Response) -> None:
    """Gzip a body that is whole in memory, where the client takes it and it pays."""
    if response.is_streamed or response.content_encoding or response.status_code == HTTPStatus.NOT_MODIFIED:
        return
    body = response.get_data()
    if not is_compressible(response.mimetype or "", len(body)):
        return
    response.vary.add("Accept-Encoding")
    if accepts_gzip():
        response.set_data(gzip.compress(body, 6, mtime=0))
        response.content_encoding = "gzip"
