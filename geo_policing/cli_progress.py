"""How the command line shows long work: one line that moves on a terminal, plain log lines elsewhere."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO

from geo_policing.cli_exits import printable

_CLEAR_LINE = "\r\x1b[K"


class CliProgress:
    """A `datasets.progress.Progress` that writes to `stream` (standard error); use it in a `with`.

    On a terminal each step keeps one line, which shows its latest detail and, when it has ended, its seconds.
    Elsewhere every step and detail is a line of its own, after the UTC time. A stream that was closed by its reader
    is given up without an error: no work ends because nobody watches it.
    """

    def __init__(self, stream: TextIO, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._seconds = seconds
        self._terminal = stream.isatty()
        self._watched = True
        self._step = ""
        self._detail = ""
        self._began = 0.0

    def __enter__(self) -> CliProgress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_line("stopped" if error is not None else "")
        self._step = ""

    def step(self, name: str) -> None:
        """A new step begins; the one before it has ended."""
        self._end_line("")
        self._step, self._detail, self._began = printable(name), "", self._seconds()
        self._show()

    def detail(self, text: str) -> None:
        """A figure within the step; on a terminal it takes the place of the one before it."""
        self._detail = printable(text)
        self._show()

    def _show(self) -> None:
        text = ": ".join(filter(None, (self._step, self._detail)))
        if self._terminal:
            width = shutil.get_terminal_size().columns
            self._write(f"{_CLEAR_LINE}{_shortened(text + ' …', width - 1)}")
        else:
            self._write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {text}\n")

    def _end_line(self, remark: str) -> None:
        if self._terminal and self._step:
            text = ": ".join(filter(None, (self._step, self._detail)))
            took = remark or f"{self._seconds() - self._began:.1f} s"
            self._write(f"{_CLEAR_LINE}{text} ({took})\n")

    def _write(self, text: str) -> None:
        if not self._watched:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except (BrokenPipeError, ValueError):
            # ValueError is what a closed stream raises.
            self._watched = False


def _shortened(text: str, width: int) -> str:
    """`text` in at most `width` characters, so that a line that is written over never wraps."""
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"
