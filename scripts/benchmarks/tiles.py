"""How long tiles take: drawn afresh, and from the cache, over the towns and villages of the data."""

from __future__ import annotations

import argparse
import gzip
import time
from pathlib import Path

import numpy as np

from geo_policing.api.zip_cache import ZipCache
from geo_policing.datasets.dataset import current_path, open_dataset
from geo_policing.errors import DatasetError
from geo_policing.maps.basemap import Basemap
from geo_policing.maps.basemap_style import PALETTES
from geo_policing.maps.mercator import LEAST_ZOOM, MOST_ZOOM, Tile, world_of_lon_lat
from geo_policing.maps.place_labels import place_labels
from scripts.benchmarks import Figures

PER_ZOOM = 60


def measure(data: Path, options: argparse.Namespace) -> Figures:
    """Milliseconds a tile by zoom, drawn and compressed, and from the cache; DatasetError without a dataset."""
    path = current_path(data)
    if path is None:
        raise DatasetError(f"{data}: no dataset is served here. Make one with geo-policing build.")
    dataset = open_dataset(path)
    began = time.perf_counter()
    drawing = Basemap(dataset)
    drawing.warm()
    made_s = time.perf_counter() - began
    places = place_labels(dataset)
    x, y = world_of_lon_lat([p.lon for p in places], [p.lat for p in places])
    chosen = np.random.default_rng(7).integers(0, len(places), PER_ZOOM)
    figures: Figures = {"tiles_runs": options.runs, "tiles_prepare_s": round(made_s, 3)}
    everything = []
    for zoom in range(LEAST_ZOOM, MOST_ZOOM + 1):
        tiles = {Tile(zoom, int(x[i] * 2**zoom), int(y[i] * 2**zoom)) for i in chosen.tolist()}
        cold = [_drawn(drawing, tile) for tile in sorted(tiles, key=lambda t: (t.x, t.y)) for _ in range(options.runs)]
        everything += cold
        figures[f"tiles_z{zoom}_cold_p50_ms"] = _percentile([ms for ms, _ in cold], 50)
        figures[f"tiles_z{zoom}_cold_p99_ms"] = _percentile([ms for ms, _ in cold], 99)
        figures[f"tiles_z{zoom}_gzip_max_bytes"] = max(size for _, size in cold)
    figures["tiles_cold_p99_ms"] = _percentile([ms for ms, _ in everything], 99)
    figures["tiles_warm_p99_ms"] = _warm(drawing, x, y, chosen)
    return figures


def _drawn(drawing: Basemap, tile: Tile) -> tuple[float, int]:
    began = time.perf_counter()
    body = gzip.compress(drawing.svg(tile, PALETTES["light"]).encode(), 6, mtime=0)
    return (time.perf_counter() - began) * 1e3, len(body)


def _warm(drawing: Basemap, x: np.ndarray, y: np.ndarray, chosen: np.ndarray) -> float:
    cache, taken = ZipCache(24_000_000), []
    for _ in range(20):
        for i in chosen.tolist():
            tile = Tile(13, int(x[i] * 2**13), int(y[i] * 2**13))
            began = time.perf_counter()
            cache.get(tile, lambda tile=tile: drawing.svg(tile, PALETTES["light"]))
            taken.append((time.perf_counter() - began) * 1e3)
    return _percentile(taken[len(chosen) :], 99)


def _percentile(values: list[float], which: int) -> float:
    return round(float(np.percentile(values, which)), 3)
