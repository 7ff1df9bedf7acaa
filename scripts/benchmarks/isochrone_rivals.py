"""Valhalla and pandana, in an environment of their own, as `python isochrone_rivals.py PBF FOLDER LON LAT ...`.

Needs Python 3.12 or newer with `pip install pyvalhalla pandana`: pandana is AGPL, and Valhalla's wheel wants that
Python, so neither is a dependency. Prints one JSON object. FOLDER keeps Valhalla's tiles from run to run. Imports
nothing of the product.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

MINUTES = (5, 10, 15, 20, 25)
MAX_CONTOURS = 10


def main(arguments: list[str]) -> int:
    """Measure at each LON LAT given."""
    pbf, folder, *numbers = arguments
    places = list(zip(map(float, numbers[::2]), map(float, numbers[1::2]), strict=True))
    print(json.dumps({"valhalla": valhalla_bands(Path(pbf), Path(folder), places)}))
    return 0


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
