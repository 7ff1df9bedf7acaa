"""Valhalla and pandana, in an environment of their own, as `python isochrone_rivals.py PBF FOLDER GRAPH LON LAT ...`.

Needs Python 3.12 or newer with `pip install pyvalhalla pandana`: pandana is AGPL, and Valhalla's wheel wants that
Python, so neither is a dependency. Prints one JSON object. FOLDER keeps Valhalla's tiles from run to run. Imports
nothing of the product. GRAPH is a JSON file of arcs with their seconds, for pandana.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

MINUTES = (5, 10, 15, 20, 25)
MAX_CONTOURS = 10


def main(arguments: list[str]) -> int:
    """Measure at each LON LAT given."""
    pbf, folder, graph, *numbers = arguments
    places = list(zip(map(float, numbers[::2]), map(float, numbers[1::2]), strict=True))
    valhalla = valhalla_bands(Path(pbf), Path(folder), places)
    print(json.dumps({"valhalla": valhalla, "pandana": pandana_searches(Path(graph))}))
    return 0


def pandana_searches(path: Path) -> dict[str, Any]:
    """Nearest of ten bases over all nodes (after pandana's contraction), and the nodes within each band of one base.

    pandana makes no polygons.
    """
    import pandana
    import pandas as pd

    graph = json.loads(path.read_text(encoding="utf-8"))
    begin = time.perf_counter()
    network = pandana.Network(
        pd.Series(graph["x"]),
        pd.Series(graph["y"]),
        pd.Series(graph["tail"]),
        pd.Series(graph["head"]),
        pd.DataFrame({"seconds": graph["seconds"]}),
        twoway=False,
    )
    made_s = time.perf_counter() - begin
    ten = graph["bases"][:10]
    xs, ys = (pd.Series([graph[axis][node] for node in ten]) for axis in "xy")
    limit_s = 4 * 3600.0
    network.set_pois("bases", limit_s, 1, xs, ys)

    def nearest() -> None:
        network.nearest_pois(limit_s, "bases", num_pois=1)

    def bands() -> None:
        for minutes in MINUTES:
            network.nodes_in_range([ten[0]], minutes * 60.0)

    return {
        "nearest_of_10_ms": median_ms(nearest),
        "five_bands_nodes_only_ms": median_ms(bands),
        "preparation_s": round(made_s, 1),
        "version": version("pandana"),
    }


def median_ms(work: Callable[[], None], *, runs: int = 7) -> float:
    """Median milliseconds of `runs`, after one that is not counted."""
    work()
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return round(statistics.median(times) * 1000, 2)


def valhalla_bands(pbf: Path, folder: Path, places: list[tuple[float, float]]) -> dict[str, Any]:
    """Five bands a place as polygons, by car, Valhalla's own defaults."""
    import valhalla

    actor = valhalla.Actor(str(tiles(pbf, folder)))
    times, sizes = [], []
    for lon, lat in [places[0], *places]:
        request = json.dumps(
            {
                "locations": [{"lat": lat, "lon": lon}],
                "costing": "auto",
                "contours": [{"time": minutes} for minutes in MINUTES],
                "polygons": True,
            }
        )
        begin = time.perf_counter()
        answer = actor.isochrone(request)
        times.append(time.perf_counter() - begin)
        sizes.append(len(answer))
    # The first one fills Valhalla's caches and is not counted.
    return {
        "median_ms": round(statistics.median(times[1:]) * 1000, 1),
        "runs": len(places),
        "bytes_median": statistics.median(sizes[1:]),
        "version": version("pyvalhalla"),
    }


def tiles(pbf: Path, folder: Path) -> Path:
    """Valhalla's configuration, its tiles built from `pbf` where they are not there yet."""
    config = folder / "valhalla.json"
    if not (folder / "tiles").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        programs = Path(sys.executable).parent
        # The wheel's programs look for themselves on the path.
        env = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"}
        made = subprocess.run(
            [programs / "valhalla_build_config", "--mjolnir-tile-dir", folder / "tiles"],
            check=True,
            capture_output=True,
            text=True,
            env=env,
        ).stdout
        content = json.loads(made)
        content["service_limits"]["isochrone"]["max_contours"] = MAX_CONTOURS
        config.write_text(json.dumps(content), encoding="utf-8")
        subprocess.run([programs / "valhalla_build_tiles", "-c", config, pbf], check=True, capture_output=True, env=env)
    return config


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
