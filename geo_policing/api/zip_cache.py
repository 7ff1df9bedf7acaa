"""What was made lately, compressed, within a bound of bytes: tiles, pages, answers."""

from __future__ import annotations

import gzip
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable


class ZipCache:
    """Keeps what was asked for last, up to `most_bytes` compressed; safe between threads."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], str | bytes]) -> bytes:
        """The gzip of what `make` gives, made only where `key` is not kept. The same text gives the same bytes.

        `key` must hold all that the text depends on.
        """
        with self._lock:
            body = self._kept.get(key)
            if body is not None:
                self._kept.move_to_end(key)
                return body
        # Made outside the lock: two threads may make one thing at once, but none waits for another's.
        made = make()
        body = gzip.compress(made.encode() if isinstance(made, str) else made, 6, mtime=0)
        with self._lock:
            before = self._kept.pop(key, None)
            self.bytes += len(body) - (len(before) if before is not None else 0)
            self._kept[key] = body
            while self.bytes > self.most_bytes:
                _, dropped = self._kept.popitem(last=False)
                self.bytes -= len(dropped)
        return body
