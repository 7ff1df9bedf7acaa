"""A folder of files that is put in place whole or not at all: what `export --static` writes into."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from geo_policing.errors import ConflictError

MARKER = "geo-policing-export.json"
"""The file by which an earlier export is known, so that nobody's other files are ever replaced."""


class SiteFolder:
    """Files being written beside their place."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.files = 0
        self.size_bytes = 0

    def write(self, path: str, body: bytes) -> None:
        """Write the file `path` (relative, with "/"); ValueError for a path that leads out of the folder."""
        target = self._root / path
        if not target.resolve().is_relative_to(self._root.resolve()):
            raise ValueError(f"{path} leads out of the folder")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)
        self.files += 1
        self.size_bytes += len(body)

    def mark(self, content: dict[str, Any]) -> None:
        """Write the marker."""
        self.write(MARKER, json.dumps(content, indent=2, sort_keys=True).encode() + b"\n")


@contextmanager
def site_folder(target: Path) -> Iterator[SiteFolder]:
    """A folder to write into that takes the place of `target` when the `with` ends well, and is gone when it does not.

    ConflictError where `target` holds anything but an earlier export. For the moment between two renames `target` is
    not there.
    """
    target = target.absolute()
    _check(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as beside:
        new, old = Path(beside) / "new", Path(beside) / "old"
        new.mkdir(mode=0o755)
        yield SiteFolder(new)
        # Somebody may have put something there in the meantime.
        _check(target)
        if target.exists():
            target.rename(old)
        try:
            new.rename(target)
        except OSError:
            if old.exists():
                old.rename(target)
            raise
        shutil.rmtree(old, ignore_errors=True)


def _check(target: Path) -> None:
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise ConflictError(f"{target} is not a folder. Name one that is empty, or that is not there yet.")
    if target.is_dir() and next(target.iterdir(), None) and not (target / MARKER).is_file():
        raise ConflictError(
            f"{target} holds files that are no earlier export (no {MARKER}). "
            "Name an empty folder, or one that is not there yet."
        )
