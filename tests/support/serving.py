"""Starting the real server as a process, asking it, and ending it."""

from __future__ import annotations

import json
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


@dataclass
class Served:
    """A server process. `log` is where its standard output and error go."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path
    stopped_after_s: float = field(default=float("nan"))

    def get(self, path: str, *, timeout_s: float = 10) -> tuple[int, bytes]:
        """Status and body of a GET; error statuses are no exceptions."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=timeout_s) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def json(self, path: str) -> Any:
        """The JSON at `path`."""
        return json.loads(self.get(path)[1])

    def wait_until_ready(self, within_s: float) -> None:
        """Return when /readyz says so; AssertionError with the log where that takes longer or the process ends."""
        give_up = time.monotonic() + within_s
        while time.monotonic() < give_up:
            assert self.process.poll() is None, f"the server ended\n{self.log.read_text()}"
            try:
                if self.get("/readyz")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"not ready within {within_s} s\n{self.log.read_text()}")

    def stop(self) -> int:
        """Send TERM, note how long the end takes, and give the exit code."""
        began = time.monotonic()
        self.process.terminate()
        code = self.process.wait(timeout=20)
        self.stopped_after_s = time.monotonic() - began
        return code


@contextmanager
def serving(
    command: Sequence[str | Path],
    port: int,
    log: Path,
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Iterator[Served]:
    """Run `command`, which is to listen on `port` of this machine, for the time of the `with`."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=cwd, env=env)
        served = Served(process, f"http://127.0.0.1:{port}", log)
        try:
            yield served
        finally:
            if process.poll() is None:
                served.stop()
