"""The access log: what happened, never who asked nor what for.

One line of JSON a request on the logger `geo_policing.access`: the route's pattern instead of the path (somebody may
type a postcode into the address), no query string, no body, no address of the client. What fails is logged on
`geo_policing.errors` by type and place. The text of an error stands there only where it speaks of nothing but this
installation (`TOLD`); any other may quote what a resident typed.
"""

from __future__ import annotations

import logging
import secrets
import sys
import traceback
from datetime import UTC, datetime
from time import perf_counter
from types import TracebackType
from typing import Any

import orjson
from flask import Flask, Response, g, request

from geo_policing.errors import ConfigError, DatabaseError, DatabaseVersionError, DatasetError

ACCESS = logging.getLogger("geo_policing.access")
ERRORS = logging.getLogger("geo_policing.errors")
UNMATCHED = "(no route)"
TOLD = (ConfigError, DatabaseError, DatabaseVersionError, DatasetError)
"""Errors whose text names files, settings and remedies, never what somebody asked."""


def configure() -> None:
    """Send this program's log lines to standard output as they are; for a server process, called once."""
    logger = logging.getLogger("geo_policing")
    if not logger.handlers:
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(logging.Formatter("%(message)s"))
        logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False


def register(app: Flask) -> None:
    """Give each request of `app` an id and, at its end, a line in the access log."""
    app.before_request(_begin)
    app.after_request(_end)


def request_id() -> str:
    """The id of the request that is answered now; a client's own is not taken, as it might say anything."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(8)
    identifier: str = g.request_id
    return identifier


def log_failure(error: BaseException) -> None:
    """Log `error` by type and place, with the causes that led to it; of `TOLD`, what they say too."""
    chain: list[dict[str, object]] = []
    current: BaseException | None = error
    while current is not None and len(chain) < 5:
        said = {"text": _loggable(str(current))} if isinstance(current, TOLD) else {}
        chain.append({"type": type(current).__qualname__, **said, "trace": _places(current.__traceback__)})
        current = current.__cause__ or current.__context__
    _write(ERRORS, logging.ERROR, {"event": "failure", "route": _route(), "request_id": request_id(), "errors": chain})


def _begin() -> None:
    g.started = perf_counter()


def _end(response: Response) -> Response:
    response.headers["X-Request-ID"] = request_id()
    if ACCESS.isEnabledFor(logging.INFO):
        seconds = perf_counter() - g.get("started", perf_counter())
        line = {
            "event": "request",
            "method": request.method if request.method in _METHODS else "OTHER",
            "route": _route(),
            "status": response.status_code,
            "bytes": response.content_length,
            "duration_ms": round(seconds * 1000, 2),
            "request_id": request_id(),
        }
        _write(ACCESS, logging.INFO, line)
    return response


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _route() -> str:
    return str(request.url_rule.rule) if request.url_rule is not None else UNMATCHED


def _loggable(text: str) -> str:
    """`text` without half characters, which stand in names of files that are no UTF-8 and which JSON cannot hold."""
    return text.encode("utf-8", "backslashreplace").decode()


def _places(trace: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]


def _write(logger: logging.Logger, level: int, line: dict[str, Any]) -> None:
    moment = datetime.now(UTC).isoformat(timespec="milliseconds")
    logger.log(level, orjson.dumps({"time": moment, **line}).decode())
