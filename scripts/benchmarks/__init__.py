"""Benchmarks: what several of them share."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

Figures = dict[str, Any]


def rate(work: Callable[[], object], items: int, runs: int) -> Figures:
    """How many items a second `work` does: median and best of `runs`, after one run that is not counted."""
    work()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return {
        "items": items,
        "runs": runs,
        "per_second": round(items / statistics.median(seconds)),
        "per_second_best": round(items / min(seconds)),
    }


def machine(*packages: str) -> Figures:
    """Where it was measured, and the versions of what was measured."""
    return {
        "python": platform.python_version(),
        "cores": len(os.sched_getaffinity(0)),
        "load_before": round(os.getloadavg()[0], 2),
        "versions": {name: version(name) for name in packages},
    }


def percentile(values: list[float], share: float) -> float:
    """The value that `share` of `values` (one or more) do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def lines(figures: Figures, indent: str = "") -> list[str]:
    """`figures` for reading."""
    width = max(map(len, figures), default=0)
    out = []
    for name, value in figures.items():
        if isinstance(value, dict):
            out += [f"{indent}{name}", *lines(value, indent + "  ")]
        else:
            shown = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
            out.append(f"{indent}{name:<{width}}  {shown}")
    return out
