from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from geo_policing.cli_serve import address_to_listen_on, announce
from geo_policing.datasets.dataset import current_path
from geo_policing.errors import BusyError, InvalidInputError
from tests.cli.conftest import Ran
from tests.support.serving import free_port, serving

GEO_POLICING = [sys.executable, "-m", "geo_policing.cli"]


def serve_command(data: Path, port: int) -> list[str]:
    return [*GEO_POLICING, "serve", "--port", str(port), "--data", str(data)]


def test_serves_until_term_and_logs_no_postcode(data: Path, tmp_path: Path, run: Callable[..., Ran]):
    port = free_port()
    with serving(serve_command(data, port), port, tmp_path / "log") as served:
        served.wait_until_ready(30)
        assert served.json("/api/v1/lookup?postcode=ZZ1+1AA")["outcome"] == "one"
        assert served.get("/ZZ1+1AA?postcode=ZZ1+1AA")[0] == 404
        # A second server on the same port would share it without a word; it is refused instead.
        second = run("serve", "--port", port, "--data", data)
        assert second.code == 2
        assert f"127.0.0.1:{port} is in use by another program" in second.err
        # A second one on another port, in the same folder, is fine.
        other = free_port()
        with serving(serve_command(data, other), other, tmp_path / "log2") as beside:
            beside.wait_until_ready(30)
        assert served.stop() == 0
    assert served.stopped_after_s < 5
    log = served.log.read_text()
    assert f"Serving http://127.0.0.1:{port}/" in log
    assert "ZZ1" not in log
    assert "Traceback" not in log


def test_says_that_it_serves_only_when_it_answers(data: Path):
    port = free_port()
    process = subprocess.Popen(serve_command(data, port), stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        said = next(line for line in process.stderr if "Serving http" in line)
        assert said == f"Serving http://127.0.0.1:{port}/ from {data} (Ctrl-C stops)\n"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
            assert answer.status == 200
    finally:
        process.terminate()
        process.wait(timeout=20)
        process.stderr.close()


class TestAnnounce:
    @pytest.fixture
    def port(self) -> Iterator[int]:
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200 if self.path == "/healthz" else 404)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        with HTTPServer(("127.0.0.1", 0), Answer) as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            yield server.server_port
            server.shutdown()
            thread.join()

    @pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
    def test_an_answer(self, port: int, address: str, capsys: pytest.CaptureFixture[str]):
        announce(address, port, Path("/data"), threading.Event())
        assert capsys.readouterr().err == f"Serving http://{address}:{port}/ from /data (Ctrl-C stops)\n"

    def test_no_answer(self, capsys: pytest.CaptureFixture[str]):
        port = free_port()
        announce("::1", port, Path("/data"), threading.Event(), within_s=0.15)
        assert f"http://[::1]:{port}/ has not answered for 0.15 s" in capsys.readouterr().err

    def test_the_end_before_the_first_answer(self, port: int, capsys: pytest.CaptureFixture[str]):
        stopping = threading.Event()
        stopping.set()
        announce("127.0.0.1", port, Path("/data"), stopping)
        assert capsys.readouterr().err == ""


def test_term_while_preparing_leaves_nothing_half_made(tmp_path: Path):
    data = tmp_path / "data"
    port = free_port()
    process = subprocess.Popen(serve_command(data, port), stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    process.stderr.readline()
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    code = process.wait(timeout=20)
    assert time.monotonic() - began < 5
    said = process.stderr.read()
    process.stderr.close()
    assert code == 143, said
    assert "Traceback" not in said
    assert current_path(data) is None
    assert not list(data.glob("datasets/.building-*/manifest.json"))


def test_what_cannot_be_prepared_is_2(run: Callable[..., Ran], tmp_path: Path):
    (tmp_path / "file").write_text("not a folder")
    done = subprocess.run(serve_command(tmp_path / "file" / "x", free_port()), capture_output=True, text=True)
    assert done.returncode == 2
    assert "cannot be written to" in done.stderr
    assert "Traceback" not in done.stderr


class TestAddress:
    def test_names_become_addresses(self):
        assert address_to_listen_on("127.0.0.1", free_port()) == "127.0.0.1"
        assert address_to_listen_on("localhost", free_port()) in ("127.0.0.1", "::1")

    def test_a_port_that_is_taken(self):
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with pytest.raises(BusyError, match=f"127.0.0.1:{port} is in use"):
                address_to_listen_on("127.0.0.1", port)

    @pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1", "a" * 300, ".."])
    def test_a_host_that_is_not_ours(self, host: str):
        with pytest.raises(InvalidInputError, match="--host"):
            address_to_listen_on(host, free_port())

    def test_a_port_that_needs_root(self, monkeypatch: pytest.MonkeyPatch):
        def refuse(*_: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(socket.socket, "bind", refuse)
        with pytest.raises(InvalidInputError, match="may not listen"):
            address_to_listen_on("127.0.0.1", 80)
