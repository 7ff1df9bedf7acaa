"""Tiles that were drawn lately, compressed, within a bound of bytes."""

from __future__ import annotations

import gzip
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable


class TileCache:
    """Keeps what was asked for last, up to `most_bytes` of compressed tiles; safe between threads."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, draw: Callable[[], str]) -> bytes:
        """The gzip of what `draw` gives, drawn only where `key` is not kept. The same text gives the same bytes."""
        with self._lock:
            body = self._kept.get(key)
            if body is not None:
                self._kept.move_to_end(key)
                return body
        # Drawn outside the lock: two threads may draw one tile at once, but none waits for another's.
        body = gzip.compress(draw().encode(), 6, mtime=0)
        with self._lock:
            before = self._kept.pop(key, None)
            self.bytes += len(body) - (len(before) if before is not None else 0)
            self._kept[key] = body
            while self.bytes > self.most_bytes:
                _, dropped = self._kept.popitem(last=False)
                self.bytes -= len(dropped)
        return body
