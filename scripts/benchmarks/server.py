"""The real server, started for a benchmark."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOST = "127.0.0.1"
WORKERS = 2
_START_WITHIN_S = 60.0
_END_WITHIN_S = 10.0


@contextmanager
def serving(data_dir: Path, path: str) -> Iterator[tuple[int, int, float]]:
    """Runs `geo-policing serve`; gives its process id, its port, and the seconds until `path` was first answered."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "geo_policing.cli", "serve", "--host", HOST, "--port", str(port)]
    entry = Path(sys.executable).with_name("geo-policing")
    if entry.exists():
        command[:3] = [str(entry)]
    start = time.perf_counter()
    server = subprocess.Popen(
        [*command, "--data", str(data_dir)],
        env={**os.environ, "GEO_POLICING_WORKERS": str(WORKERS)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(server, f"http://{HOST}:{port}{path}")
        yield server.pid, port, time.perf_counter() - start
    finally:
        server.terminate()
        try:
            server.wait(_END_WITHIN_S)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def pss_mb_of_children(pid: int) -> list[float]:
    """Proportional set size of each worker, in megabytes, the largest first.

    Workers are forks, so they bear the server's own command line; a helper process does not, nor one that has ended.
    """
    sizes = []
    command = Path(f"/proc/{pid}/cmdline").read_bytes()
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            if Path(f"/proc/{child}/cmdline").read_bytes() != command:
                continue
            rollup = Path(f"/proc/{child}/smaps_rollup").read_text()
            found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
            if found:
                sizes.append(round(int(found[1]) / 1024, 1))
    return sorted(sizes, reverse=True)


def _wait_for(server: subprocess.Popen[bytes], url: str) -> None:
    end = time.perf_counter() + _START_WITHIN_S
    while time.perf_counter() < end:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended by itself with code {server.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                answer.read()
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise RuntimeError(f"no answer from {url} within {_START_WITHIN_S:g} s")
