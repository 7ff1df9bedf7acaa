"""The application under the server that it is shipped with: what a test client cannot show."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


def _reply(connection: http.client.HTTPConnection) -> Reply:
    with connection.getresponse() as response:
        return Reply(response.status, response.headers, response.read())


MEGABYTE = b"x" * 1_000_000


@dataclass
class Server:
    port: int
    log: Path

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with closing(connection):
            connection.request(method, path, body, {"Content-Type": kind} if kind else {})
            return _reply(connection)


@pytest.fixture(scope="module")
def server(tiny_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("server") / "log"
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "geo_policing.api.wsgi:make_app"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--blocking-threads", "4"]
    environment = {**os.environ, "GEO_POLICING_DATA": str(tiny_dir), "GEO_POLICING_MAX_UPLOAD_BYTES": "2000000"}
    with log.open("wb") as sink:
        process = subprocess.Popen(command, env=environment, stdout=sink, stderr=subprocess.STDOUT)
    try:
        running = Server(port, log)
        _wait_until_ready(running, process)
        yield running
    finally:
        process.terminate()
        process.wait(10)


def _wait_until_ready(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        assert process.poll() is None, server.log.read_text()
        try:
            # The tiny world's plan may begin on another day than today, so being alive is what counts.
            if server.ask("GET", "/healthz").status == 200:
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the server did not start: {server.log.read_text()}")


def _flood(server: Server, headers: str, pieces: int) -> tuple[str, int]:
    """Send a body that never ends until the server answers or hangs up; the status line, and megabytes sent."""
    sent = 0
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as plug:
        plug.sendall(f"POST /api/v1/lookup HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\n{headers}\r\n\r\n".encode())
        chunked = "chunked" in headers
        try:
            for _ in range(pieces):
                plug.sendall(b"f4240\r\n" + MEGABYTE + b"\r\n" if chunked else MEGABYTE)
                sent += 1
        except OSError:
            pass
        try:
            answer = plug.recv(200)
        except OSError:
            answer = b""
    return answer.split(b"\r\n")[0].decode(), sent


@pytest.mark.parametrize("headers", ["Content-Length: 200000000", "Transfer-Encoding: chunked"])
def test_200_mb_are_refused_without_taking_them(server: Server, headers: str) -> None:
    begun = time.monotonic()
    status, sent = _flood(server, headers, pieces=200)
    assert sent < 100, "most of it was taken"
    # A server that hangs up on who goes on sending may take its own answer with it.
    assert status in ("HTTP/1.1 413 Request Entity Too Large", "HTTP/1.1 413 Payload Too Large", "")
    assert time.monotonic() - begun < 10
    assert server.ask("GET", "/healthz").status == 200


def test_a_patient_client_reads_the_413(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    with closing(connection):
        connection.putrequest("POST", "/api/v1/lookup")
        connection.putheader("Content-Type", "text/csv")
        connection.putheader("Content-Length", "200000000")
        connection.endheaders()
        reply = _reply(connection)
    assert reply.status == 413
    assert b"2,000,000 bytes" in reply.body


def test_head_has_the_length_but_no_body(server: Server) -> None:
    reply = server.ask("HEAD", "/about")
    assert reply.status == 200
    assert int(reply.headers["Content-Length"]) > 1000
    assert reply.body == b""


def test_rows_are_streamed(server: Server) -> None:
    rows = b"postcode\n" + b"ZZ1 1AA\n" * 50_000
    reply = server.ask("POST", "/api/v1/lookup", rows, "text/csv")
    assert reply.status == 200
    assert reply.headers["Transfer-Encoding"] == "chunked"
    assert reply.body.count(b"\n") == 50_001


def test_the_log_holds_no_question_and_no_address(server: Server) -> None:
    server.ask("GET", "/api/v1/lookup?postcode=ZZ1+1AB")
    server.ask("POST", "/find", b"postcode=ZZ1+1AC", "application/x-www-form-urlencoded")
    server.ask("GET", "/ZZ11AD?ZZ11AD")
    deadline = time.monotonic() + 5
    while '"route":"(no route)"' not in (log := server.log.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    lines = [line for line in log.splitlines() if '"event":"request"' in line]
    assert any('"route":"/api/v1/lookup"' in line for line in lines)
    assert not re.search(r"ZZ1|127\.0\.0\.1.*request|\?", "\n".join(lines))
    assert "ZZ1" not in log
