"""The application over the tiny world, and a server of it that a browser can reach."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from geo_policing.api.app import create_app
from geo_policing.clock import Clock
from geo_policing.config import Settings
from geo_policing.services.installing import prepare
from tests.support.live import tiny_live

# A Monday, at 10:30 in London.
NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)


def tiny_app(data_dir: Path, *, now: datetime = NOW, settings: dict[str, Any] | None = None, **manifest: Any) -> Flask:
    """The application over a freshly seeded tiny world below `data_dir`, with the clock standing at `now`."""
    tiny_live(data_dir, clock=Clock.fixed(now), **manifest).close()
    return app_over(data_dir, now=now, settings=settings)


def app_over(data_dir: Path, *, now: datetime = NOW, settings: dict[str, Any] | None = None) -> Flask:
    """The application over what is in `data_dir` already."""
    return create_app(Settings(data_dir=data_dir, **(settings or {})), Clock.fixed(now))


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the name that werkzeug gave it
        pass


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """`app` on a free port of this machine; gives its address without a slash at the end."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def installed(data_dir: Path, **settings: Any) -> Iterator[str]:
    """A server of the dataset in `data_dir`, with a first plan; of the starter's where there is none yet."""
    prepare(Settings(data_dir=data_dir, **settings), Clock.fixed(NOW))
    with served(app_over(data_dir, settings=settings)) as address:
        yield address


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._silent = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._silent = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._silent = False

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(data)


def text_of(html: str) -> str:
    """What a reader sees of `html`: its text with single spaces."""
    parser = _Text()
    parser.feed(html)
    return " ".join(" ".join(parser.pieces).split())
