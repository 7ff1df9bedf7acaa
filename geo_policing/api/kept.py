"""Reads whose making takes long: kept for whoever asks the same again, until data, plan or day change."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from http import HTTPStatus

from flask import Response, current_app

from geo_policing.api.assets import accepts_gzip
from geo_policing.api.headers import revalidated
from geo_policing.api.zip_cache import ZipCache

KEPT_BYTES = 8_000_000
"""A worker's; about 500 pages or tables of a county."""


def kept(make_body: Callable[[], str | bytes], *parts: object, mimetype: str = "text/html") -> Response:
    """`revalidated`, its body made once for the same `parts` and kept compressed.

    Only for what is made of a planner's question: nothing that a resident typed may be kept.
    """
    texts = tuple(str(part) for part in (*parts, mimetype))
    response = revalidated(lambda: _cache().get(texts, make_body), *parts, mimetype=mimetype)
    if response.status_code == HTTPStatus.OK:
        if accepts_gzip():
            response.content_encoding = "gzip"
        else:
            response.set_data(gzip.decompress(response.get_data()))
    return response


def _cache() -> ZipCache:
    cache: ZipCache = current_app.extensions.setdefault("geo_policing_kept", ZipCache(KEPT_BYTES))
    return cache
