"""An open-loop HTTP client: requests go out at their times whether or not the earlier ones were answered.

Latency counts from the time at which a request should have gone out, so that a server that stalls cannot hide it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TypeAlias

from scripts.benchmarks import Figures, percentile

Streams: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]

CONNECTIONS = 32
ANSWER_WITHIN_S = 10.0


def ask_steadily(host: str, port: int, paths: Sequence[str], *, per_second: int, seconds: int) -> Figures:
    """Ask for `paths` in turn, `per_second` a second for `seconds`; latencies in milliseconds, failures counted."""
    return asyncio.run(_ask(host, port, paths, per_second, seconds))


async def _ask(host: str, port: int, paths: Sequence[str], per_second: int, seconds: int) -> Figures:
    count = per_second * seconds
    due: asyncio.Queue[tuple[float, str] | None] = asyncio.Queue()
    latencies_ms: list[float] = []
    failures: list[str] = []
    askers = [asyncio.create_task(_asker(host, port, due, latencies_ms, failures)) for _ in range(CONNECTIONS)]
    start = time.perf_counter()
    for i in range(count):
        at = start + i / per_second
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        due.put_nowait((at, paths[i % len(paths)]))
    for _ in askers:
        due.put_nowait(None)
    await asyncio.gather(*askers)
    return {
        "requests": count,
        "per_second": per_second,
        "seconds": seconds,
        "failures": len(failures),
        "first_failures": sorted(set(failures))[:3],
        "p50_ms": round(percentile(latencies_ms, 0.5), 2),
        "p99_ms": round(percentile(latencies_ms, 0.99), 2),
        "max_ms": round(max(latencies_ms), 2),
    }


async def _asker(
    host: str,
    port: int,
    due: asyncio.Queue[tuple[float, str] | None],
    latencies_ms: list[float],
    failures: list[str],
) -> None:
    """One connection, opened anew after a failure."""
    streams: Streams | None = None
    while (asked := await due.get()) is not None:
        at, path = asked
        try:
            if streams is None:
                streams = await asyncio.open_connection(host, port)
            status = await asyncio.wait_for(_get(*streams, host, path), ANSWER_WITHIN_S)
            if status != 200:
                failures.append(f"status {status}")
        except (OSError, EOFError, TimeoutError, ValueError) as error:
            failures.append(f"{type(error).__name__}: {error}")
            await _close(streams)
            streams = None
        latencies_ms.append((time.perf_counter() - at) * 1000)
    await _close(streams)


async def _close(streams: Streams | None) -> None:
    if streams is not None:
        streams[1].close()
        # A connection that already broke says so again when it is waited for.
        with suppress(OSError):
            await streams[1].wait_closed()


async def _get(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, path: str) -> int:
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\n\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status = int(head.split(" ", 2)[1])
    length = next((line[15:] for line in head.lower().split("\r\n") if line.startswith("content-length:")), None)
    if length is None:
        raise ValueError("the answer has no Content-Length")
    await reader.readexactly(int(length))
    return status
