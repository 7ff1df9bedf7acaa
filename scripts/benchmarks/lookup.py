"""scripts/bench lookup: bulk points beside shapely and geopandas, bulk rows, and the real server under load."""

from __future__ import annotations

import argparse
import io
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.clock import Clock
from geo_policing.config import Settings
from geo_policing.datasets.schema import PostcodeStatus
from geo_policing.services.bulk_lookup import lookup_csv, lookup_rows
from geo_policing.services.installing import build_and_install, prepare
from geo_policing.services.live import Live
from geo_policing.services.lookup import lookup
from geo_policing.services.queries import parse_query
from geo_policing.services.view import View
from geo_policing.spatial.index import UnitGrid, UnitTree
from scripts.benchmarks import Figures, machine, rate
from scripts.benchmarks.load import ask_steadily
from scripts.benchmarks.server import HOST, WORKERS, pss_mb_of_children, serving

JITTER_M = 50.0
SEED = 20261122
RIVAL_POINTS = 200_000
NAMES = 200
BULK_ROWS = 100_000
WARM_UP_S = 3

Floats = NDArray[np.float64]


def build(sources: Path, data_dir: Path) -> None:
    """The dataset of `sources`, with its first plan."""
    build_and_install(sources, Settings(data_dir=data_dir), Clock())


def measure(data_dir: Path, options: argparse.Namespace) -> Figures:
    """Every figure of the benchmark, on the dataset that is current in `data_dir`."""
    settings = Settings(data_dir=data_dir)
    prepare(settings, Clock())
    live = Live(settings, Clock())
    view = live.view()
    points = _points(view, options.points)
    figures = {
        "benchmark": "lookup",
        "data_version": view.dataset.data_version,
        "machine": machine("numpy", "numba", "shapely", "geopandas", "pyproj", "granian", "flask"),
        "points": _bulk_points(view, points, options.runs),
        "rows": _bulk_rows(view, points, min(3, options.runs)),
        "names": _names(view, min(3, options.runs)),
        "http": _http(data_dir, view, options),
    }
    live.close()
    return figures


def _points(view: View, count: int) -> tuple[Floats, Floats]:
    """Live postcodes of the force, each moved by a random distance (normal, 50 m in each direction)."""
    postcodes = view.dataset["postcodes"]
    rows = np.flatnonzero((postcodes["unit"] >= 0) & (postcodes["status"] == PostcodeStatus.LIVE))
    rng = np.random.default_rng(SEED)
    chosen = rng.choice(rows, count)
    moved = rng.normal(0, JITTER_M, (2, count))
    return postcodes["easting"][chosen] + moved[0], postcodes["northing"][chosen] + moved[1]


def _bulk_points(view: View, points: tuple[Floats, Floats], runs: int) -> Figures:
    import geopandas

    geometries = view.dataset["units"]["geometry"]
    tree = UnitTree(geometries)
    start = time.perf_counter()
    grid = UnitGrid(tree)
    cold_s = time.perf_counter() - start
    start = time.perf_counter()
    grid = UnitGrid(tree)
    build_s = time.perf_counter() - start
    few = tuple(values[:RIVAL_POINTS] for values in points)
    shapes = shapely.points(*few)
    frames = (
        geopandas.GeoDataFrame(geometry=shapes, crs=27700),
        geopandas.GeoDataFrame(geometry=geometries, crs=27700),
    )
    ours = rate(lambda: grid.at_points(*points), len(points[0]), runs)
    strtree = rate(lambda: tree.strtree.query(shapes, predicate="intersects"), len(shapes), runs)
    sjoin = rate(lambda: geopandas.sjoin(*frames, predicate="intersects"), len(shapes), runs)
    return {
        "units": len(geometries),
        "cell_m": round(grid.cell_m, 1),
        "index_mb": round(grid.nbytes / 1e6, 1),
        "index_first_s": round(cold_s, 2),
        "index_s": round(build_s, 2),
        "grid": ours,
        "shapely_strtree_query": strtree,
        "geopandas_sjoin": sjoin,
        "times_strtree": round(ours["per_second"] / strtree["per_second"], 1),
        "times_sjoin": round(ours["per_second"] / sjoin["per_second"], 1),
        "agreement": _agreement(tree, grid, points),
    }


def _agreement(tree: UnitTree, grid: UnitGrid, points: tuple[Floats, Floats]) -> Figures:
    """Points that grid and tree answer differently: random ones, then every vertex and middle of an edge."""
    vertices = shapely.get_coordinates(tree.geometries)
    middles = (vertices[1:] + vertices[:-1]) / 2
    compared = {"points": points, "vertices": tuple(vertices.T), "edge_middles": tuple(middles.T)}
    return {
        name: {
            "compared": len(e),
            "different": int(np.count_nonzero(grid.at_points(e, n) != tree.at_points(e, n))),
        }
        for name, (e, n) in compared.items()
    }


def _bulk_rows(view: View, points: tuple[Floats, Floats], runs: int) -> Figures:
    """Whole lookups in bulk: answers with teams and all, reading of JSON or CSV left out but for the last."""
    postcodes = _live_postcodes(view)
    by_postcode = [{"postcode": postcodes[i % len(postcodes)]} for i in range(BULK_ROWS)]
    by_point = [
        {"easting": f"{e:.1f}", "northing": f"{n:.1f}"} for e, n in zip(*(p[:BULK_ROWS] for p in points), strict=True)
    ]
    file = ("postcode\n" + "\n".join(row["postcode"] for row in by_postcode) + "\n").encode()
    return {
        "postcodes": rate(lambda: _exhaust(lookup_rows(view, by_postcode)), BULK_ROWS, runs),
        "points": rate(lambda: _exhaust(lookup_rows(view, by_point)), len(by_point), runs),
        "csv": rate(lambda: _exhaust(lookup_csv(view, io.BytesIO(file), max_rows=BULK_ROWS)), BULK_ROWS, runs),
    }


def _names(view: View, runs: int) -> Figures:
    """Whole lookups one by one, by a place's or street's name as it is written and with its fourth letter left out."""
    names = view.dataset["places"]["name"]
    chosen = [str(name) for name in np.random.default_rng(SEED).permutation(names)[:NAMES] if len(name) > 5]
    asked = {"as_written": chosen, "misspelt": [name[:3] + name[4:] for name in chosen]}
    return {
        kind: rate(lambda texts=texts: [lookup(view, parse_query({"place": text})) for text in texts], len(texts), runs)
        for kind, texts in asked.items()
    }


def _http(data_dir: Path, view: View, options: argparse.Namespace) -> Figures:
    rng = np.random.default_rng(SEED)
    postcodes = rng.permutation(_live_postcodes(view)).tolist()
    paths = [f"/api/v1/lookup?postcode={quote(postcode)}" for postcode in postcodes]
    with serving(data_dir, paths[0]) as (pid, port, first_answer_s):
        load: dict[str, Any] = {"per_second": options.per_second}
        ask_steadily(HOST, port, paths, seconds=WARM_UP_S, **load)
        asked = ask_steadily(HOST, port, paths, seconds=options.seconds, **load)
        pss_mb = pss_mb_of_children(pid)
    return {"workers": WORKERS, "first_answer_s": round(first_answer_s, 2), **asked, "pss_mb_of_workers": pss_mb}


def _live_postcodes(view: View) -> list[str]:
    """Those of the force, in a fixed random order, each as people write it."""
    postcodes = view.dataset["postcodes"]
    live = (postcodes["unit"] >= 0) & (postcodes["status"] == PostcodeStatus.LIVE)
    shuffled = np.random.default_rng(SEED).permutation(postcodes["postcode"][live]).tolist()
    return [f"{code[:-3]} {code[-3:]}" for code in shuffled]


def _exhaust(answers: Any) -> None:
    for _ in answers:
        pass
