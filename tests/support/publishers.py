"""A local server that plays the publishers of open data, with the faults that real ones have."""

from __future__ import annotations

import io
import json
import re
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Asked:
    """One request: its path, its parameters (the first of each name) and its headers in lower case."""

    path: str
    parameters: dict[str, str]
    headers: dict[str, str]


@dataclass
class Reply:
    """One answer. `cut_after` sends so many bytes of `body` and then closes the connection."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    announce_length: bool = True


Play = Callable[[Asked], Reply]


@dataclass
class Publishers:
    """What each path answers, and what was asked so far."""

    url: str
    plays: dict[str, Play] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [one.path for one in self.asked]


class FileOnServer:
    """A file that can be had in ranges, as from a good server; the first so many answers are cut short."""

    def __init__(self, content: bytes, *, etag: str = '"v1"', cuts: tuple[int, ...] = ()) -> None:
        self.content, self.etag, self.cuts = content, etag, list(cuts)

    def __call__(self, asked: Asked) -> Reply:
        cut = self.cuts.pop(0) if self.cuts else None
        wanted = asked.headers.get("range", "")
        if wanted and asked.headers.get("if-range") == self.etag:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            span = f"bytes {start}-{len(self.content) - 1}/{len(self.content)}"
            return Reply(self.content[start:], 206, {"ETag": self.etag, "Content-Range": span}, cut)
        return Reply(self.content, 200, {"ETag": self.etag}, cut)


def once(first: Reply, then: Play) -> Play:
    """Answers `first` once, then as `then` does."""
    replies = [first]
    return lambda asked: replies.pop() if replies else then(asked)


class FeatureService:
    """Plays ArcGIS: `where ... IN (...)`, an envelope, offsets, and its own limit of features a page."""

    def __init__(self, features: list[dict[str, Any]], most: int = 2) -> None:
        self.features, self.most = features, most

    def __call__(self, asked: Asked) -> Reply:
        found = sorted(self.features, key=lambda f: f["properties"][asked.parameters["orderByFields"]])
        codes = re.findall(r"'(\w+)'", asked.parameters["where"])
        if codes:
            found = [f for f in found if f["properties"]["LAD24CD"] in codes]
        if "geometry" in asked.parameters:
            west, south, east, north = map(float, asked.parameters["geometry"].split(","))
            corners = [(f, *f["geometry"]["coordinates"][0][0]) for f in found]
            found = [f for f, w, s in corners if w <= east and w + 0.1 >= west and s <= north and s + 0.1 >= south]
        if "returnCountOnly" in asked.parameters:
            return Reply(json.dumps({"count": len(found)}).encode())
        start = int(asked.parameters["resultOffset"])
        page = found[start : start + min(self.most, int(asked.parameters["resultRecordCount"]))]
        return Reply(json.dumps({"type": "FeatureCollection", "features": page}).encode())


def feature(code: str, west: float, south: float, **properties: str) -> dict[str, Any]:
    ring = [[west, south], [west + 0.1, south], [west + 0.1, south + 0.1], [west, south + 0.1], [west, south]]
    return {
        "type": "Feature",
        "properties": {"LAD24CD": code, "LAD24NM": f"District {code}", **properties},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


DISTRICTS = [feature(f"E0700000{n}", n / 10, 52.0) for n in range(1, 8)]


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@contextmanager
def playing() -> Iterator[Publishers]:
    """Serve on a free port of this machine for the time of the `with`."""
    publishers = Publishers("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            parameters = {name: values[0] for name, values in parse_qs(parts.query).items()}
            asked = Asked(parts.path, parameters, {name.lower(): value for name, value in self.headers.items()})
            publishers.asked.append(asked)
            play = publishers.plays.get(parts.path)
            reply = play(asked) if play else Reply(b"nothing here", 404)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.announce_length:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body if reply.cut_after is None else reply.body[: reply.cut_after])

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    publishers.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield publishers
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
