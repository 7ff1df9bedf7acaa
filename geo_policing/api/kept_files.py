"""Files that take a while to make, kept beside the datasets so that one making serves every worker.

They lie in `{data}/cache/{name}/`, one a key; the folder can be deleted at any time. Where it cannot be written to, a
file is made afresh for each who asks.
"""

from __future__ import annotations

import fcntl
import gzip
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from geo_policing.errors import BusyError

MOST_KEPT = 8
"""Files of one name; the oldest go first."""


def kept_file(folder: Path, key: str, make: Callable[[], bytes]) -> bytes:
    """The gzip of what `make` gives, made only where `folder` does not have `key` yet.

    BusyError while another is being made: making is heavy, and one at a time is enough.
    """
    place = folder / f"{key}.gz"
    try:
        return place.read_bytes()
    except OSError:
        pass
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "making.lock").open("a")
    except OSError:
        return gzip.compress(make(), 9, mtime=0)
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(f"{place}: another file is being made. Ask again shortly.") from error
        if place.exists():
            return place.read_bytes()
        body = gzip.compress(make(), 9, mtime=0)
        # A disk that is full, or a folder taken away meanwhile, is no reason not to answer.
        with suppress(OSError):
            _keep(place, body)
    return body


def _keep(place: Path, body: bytes) -> None:
    """Whole or not at all."""
    with tempfile.NamedTemporaryFile(dir=place.parent, prefix=".making-", delete=False) as file:
        made = Path(file.name)
        try:
            file.write(body)
            file.flush()
            made.chmod(0o644)
            made.replace(place)
        except OSError:
            made.unlink(missing_ok=True)
            raise
    kept = sorted(place.parent.glob("*.gz"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for old in kept[MOST_KEPT:]:
        old.unlink(missing_ok=True)
