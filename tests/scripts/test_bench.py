"""scripts/bench: its options, its load generator against a server of our own, and a short whole run."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from geo_policing.clock import Clock
from geo_policing.config import Settings
from geo_policing.services.installing import prepare
from scripts.benchmarks import lines, machine, percentile, rate
from scripts.benchmarks.command import main
from scripts.benchmarks.load import ask_steadily
from tests.support.tiny import write_tiny

ROOT = Path(__file__).resolve().parents[2]


def test_rates_and_percentiles() -> None:
    calls = []
    figures = rate(lambda: calls.append(1), 1000, 3)
    assert len(calls) == 4  # one that is not counted
    assert (figures["items"], figures["runs"]) == (1000, 3)
    assert figures["per_second_best"] >= figures["per_second"] > 0
    assert [percentile([3.0, 1.0, 2.0], share) for share in (0.0, 0.5, 0.99, 1.0)] == [1.0, 2.0, 3.0, 3.0]


def test_figures_for_reading() -> None:
    assert lines({"a": 1234, "deep": {"flag": True, "x": 1.5}}) == [
        "a     1,234",
        "deep",
        "  flag  True",
        "  x     1.5",
    ]
    assert machine("numpy")["versions"]["numpy"]


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["lookup", "--runs", "0"], ["lookup", "--points", "x"]])
def test_bad_options_are_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_a_missing_folder_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lookup", "--sources", str(tmp_path / "gone")]) == 2
    assert "gone" in capsys.readouterr().err


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        status = 500 if self.path == "/fail" else 200
        self.send_response(status)
        if self.path != "/endless":
            self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Quiet."""


@pytest.fixture
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_load_generator_counts_answers_and_failures(port: int) -> None:
    figures = ask_steadily("127.0.0.1", port, ["/", "/", "/", "/fail"], per_second=100, seconds=1)
    assert (figures["requests"], figures["failures"]) == (100, 25)
    assert figures["first_failures"] == ["status 500"]
    assert 0 < figures["p50_ms"] <= figures["p99_ms"] <= figures["max_ms"]
    odd = ask_steadily("127.0.0.1", port, ["/endless"], per_second=5, seconds=1)
    assert odd["failures"] == 5


def test_nobody_listening_is_a_failure_not_an_exception() -> None:
    figures = ask_steadily("127.0.0.1", 1, ["/"], per_second=5, seconds=1)
    assert figures["failures"] == 5


@pytest.mark.slow
def test_a_whole_run_gives_one_json_object(tmp_path: Path) -> None:
    pytest.importorskip("geopandas", reason="the rivals of the benchmark come with the dev extra")
    write_tiny(tmp_path)
    prepare(Settings(data_dir=tmp_path), Clock())
    arguments = ["lookup", "--json", "--data", str(tmp_path), "--points", "20000", "--runs", "1", "--seconds", "1"]
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "bench"), *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    agreement = figures["points"]["agreement"]
    assert {part["different"] for part in agreement.values()} == {0}
    assert figures["points"]["times_strtree"] > 0
    assert figures["rows"]["postcodes"]["per_second"] > 0
    assert figures["http"]["failures"] == 0
    assert figures["http"]["first_answer_s"] > 0
    assert len(figures["http"]["pss_mb_of_workers"]) == 2
