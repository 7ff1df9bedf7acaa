"""Static files under names that change with their content, so that a browser may keep them for ever.

Beside our own there is Leaflet, from its pinned package; nothing is fetched from another server.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import request
from xstatic.pkg import leaflet

from geo_policing.api.catalogues import Catalogue, catalogue_script

# Below this the gzip header and the Vary cost more than they save.
LEAST_GZIP_BYTES = 1_000
LEAFLET_FILES = ("leaflet.css", "leaflet.js")
_TEXT_TYPES = ("text/", "image/svg+xml", "application/json", "application/geo+json", "application/problem+json")


@dataclass(frozen=True)
class Asset:
    """One file, held in memory: a page needs few and small ones. `gzipped` is None where it does not pay.

    Files in folders share one digest: modules name each other by relative paths, which keep the folder above them.
    """

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
    def load(cls, web: Path, catalogues: Iterable[Catalogue] = ()) -> Assets:
        """Read `web/static` into memory, and make the scripts of `catalogues`.

        FileNotFoundError where the package was installed without its static files.
        """
        static = web / "static"
        paths = {p.relative_to(static).as_posix(): p for p in sorted(static.rglob("*")) if p.is_file()}
        if not paths:
            raise FileNotFoundError(f"{static}: no static files. The package is not installed whole; install it again.")
        paths |= {f"leaflet/{name}": Path(leaflet.BASE_DIR) / name for name in LEAFLET_FILES}
        made = {catalogue_script(c.code): c.script() for c in catalogues}
        together = _digest_of([path for name, path in sorted(paths.items()) if "/" in name], *made.values())
        found = {name: _asset(path, together if "/" in name else "") for name, path in paths.items()}
        found |= {name: _made(body, Path(name), together) for name, body in made.items()}
        pages = sorted(p for p in web.rglob("*") if p.suffix in (".html", ".css", ".svg", ".js", ".po"))
        return cls(found, _digest_of(pages))

    def url(self, name: str) -> str:
        """The path at which `name` is served; KeyError for a file that is not there."""
        return f"/assets/{self.files[name].digest}/{name}"


def is_compressible(mimetype: str, size: int) -> bool:
    """True where gzip is worth its while for `size` bytes of `mimetype`."""
    return size >= LEAST_GZIP_BYTES and mimetype.startswith(_TEXT_TYPES)


def accepts_gzip() -> bool:
    """True where the client of this request takes gzip."""
    return request.accept_encodings["gzip"] > 0


def _asset(path: Path, digest: str = "") -> Asset:
    return _made(path.read_bytes(), path, digest)


def _made(body: bytes, path: Path, digest: str = "") -> Asset:
    # Python's own table calls a script by its old name, and a machine's may call it anything.
    script = path.suffix == ".js"
    mimetype = "text/javascript" if script else mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    # mtime=0 keeps the bytes the same for the same content.
    gzipped = gzip.compress(body, 9, mtime=0) if is_compressible(mimetype, len(body)) else None
    return Asset(body, gzipped, mimetype, digest or hashlib.sha256(body).hexdigest()[:16])


def _digest_of(paths: list[Path], *made: bytes) -> str:
    digest = hashlib.sha256(b"\0".join(made))
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
