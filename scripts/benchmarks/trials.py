"""What-if: a base closed and everything counted again, beside doing all of it afresh, on the plan's own bases."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from geo_policing.clock import Clock
from geo_policing.config import Settings
from geo_policing.services.bases import bases_of
from geo_policing.services.counting import count
from geo_policing.services.coverage import coverage, measure_coverage, parse_coverage
from geo_policing.services.demand_points import demand_points
from geo_policing.services.live import Live
from geo_policing.services.roads import roads_of
from geo_policing.services.view import View
from scripts.benchmarks import Figures

MINUTES = (5.0, 10.0, 15.0, 20.0)


def measure_trials(data_dir: Path) -> Figures:
    """Milliseconds, the best of several runs; {} where the plan has fewer than two bases."""
    with closing(Live(Settings(data_dir=data_dir), Clock())) as live:
        view = live.view()
    bases = bases_of(view)
    if len(bases) < 2:
        return {}
    query = parse_coverage({"close": [bases[0].id]})
    measure_coverage(view, query)
    recount = _best(lambda: measure_coverage(view, query), runs=9)
    afresh = _best(lambda: _afresh(view), runs=5)
    return {
        "bases": len(bases),
        "points": len(demand_points(view.dataset)),
        "close_and_recount_ms": recount,
        "afresh_ms": afresh,
        "ratio": round(afresh / recount, 1),
        "whole_answer_ms": _best(lambda: coverage(view, query), runs=5),
    }


def _afresh(view: View) -> None:
    """One search from all the bases that are left, and the same counts; without the product's kept times."""
    engine, points = roads_of(view.dataset).engine, demand_points(view.dataset)
    left = bases_of(view)[1:]
    snapped = engine.snap([b.easting for b in left], [b.northing for b in left])
    seconds, _ = engine.search(snapped).at(points.snapped)
    count(points, seconds.astype("f4"), MINUTES)


def _best(work: Callable[[], Any], *, runs: int) -> float:
    taken = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return round(min(taken) * 1000, 3)
