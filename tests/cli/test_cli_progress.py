from __future__ import annotations

import io
import re

import pytest

from geo_policing.cli_progress import CliProgress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_lines_where_nobody_watches():
    stream = io.StringIO()
    with CliProgress(stream) as progress:
        progress.step("Reading\x07")
        progress.detail("51,006 rows")
    lines = stream.getvalue().splitlines()
    assert [line[21:] for line in lines] == ["Reading?", "Reading?: 51,006 rows"]
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ", line) for line in lines)


def test_one_line_a_step_on_a_terminal(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "30")
    ticks = iter([0.0, 2.5, 2.5, 3.0])
    stream = Terminal()
    with CliProgress(stream, seconds=lambda: next(ticks)) as progress:
        progress.step("Reading")
        progress.detail("a very long detail that would wrap")
        progress.detail("9 rows")
        progress.step("Writing")
    shown = stream.getvalue().split("\r\x1b[K")
    assert shown == [
        "",
        "Reading …",
        "Reading: a very long detail …",
        "Reading: 9 rows …",
        "Reading: 9 rows (2.5 s)\n",
        "Writing …",
        "Writing (0.5 s)\n",
    ]
    assert all(len(text) <= 29 for text in shown)


def test_a_failure_says_stopped():
    stream = Terminal()

    def fail() -> None:
        with CliProgress(stream) as progress:
            progress.step("Reading")
            raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        fail()
    assert stream.getvalue().endswith("Reading (stopped)\n")


def test_a_stream_that_was_closed_stops_nothing():
    stream = io.StringIO()
    with CliProgress(stream) as progress:
        progress.step("Reading")
        stream.close()
        progress.detail("more")
        progress.step("Writing")


def test_nothing_is_shown_where_nothing_began():
    stream = Terminal()
    with CliProgress(stream):
        pass
    assert stream.getvalue() == ""
