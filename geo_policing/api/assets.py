"""Static files under names that change with their content, so that a browser may keep them for ever."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import request

# Below this the gzip header and the Vary cost more than they save.
LEAST_GZIP_BYTES = 1_000
_TEXT_TYPES = ("text/", "image/svg+xml", "application/json", "application/geo+json", "application/problem+json")


@dataclass(frozen=True)
class Asset:
    """One file, held in memory: a page needs few and small ones. `gzipped` is None where it does not pay."""

    body: bytes
    gzipped: bytes | None
    mimetype: str
    digest: str


@dataclass(frozen=True)
class Assets:
    """The static files by name, and one digest over all of them and the templates."""

    files: Mapping[str, Asset]
    digest: str

    @classmethod
    def load(cls, web: Path) -> Assets:
        """Read `web/static` into memory; FileNotFoundError where the package was installed without it."""
        static = web / "static"
        found = {p.relative_to(static).as_posix(): _asset(p) for p in sorted(static.rglob("*")) if p.is_file()}
        if not found:
            raise FileNotFoundError(f"{static}: no static files. The package is not installed whole; install it again.")
        return cls(found, _digest_of(sorted(p for p in web.rglob("*") if p.suffix in (".html", ".css", ".svg"))))

    def url(self, name: str) -> str:
        """The path at which `name` is served; KeyError for a file that is not there."""
        return f"/assets/{self.files[name].digest}/{name}"


def is_compressible(mimetype: str, size: int) -> bool:
    """True where gzip is worth its while for `size` bytes of `mimetype`."""
    return size >= LEAST_GZIP_BYTES and mimetype.startswith(_TEXT_TYPES)


def accepts_gzip() -> bool:
    """True where the client of this request takes gzip."""
    return request.accept_encodings["gzip"] > 0


def _asset(path: Path) -> Asset:
    body = path.read_bytes()
    mimetype = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    # mtime=0 keeps the bytes the same for the same content.
    gzipped = gzip.compress(body, 9, mtime=0) if is_compressible(mimetype, len(body)) else None
    return Asset(body, gzipped, mimetype, hashlib.sha256(body).hexdigest()[:16])


def _digest_of(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
