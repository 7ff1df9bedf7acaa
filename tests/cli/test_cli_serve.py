from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from geo_policing.cli_serve import address_to_listen_on
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
