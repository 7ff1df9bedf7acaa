"""Starts `services.drive_maker`, without importing anything of what that needs: a server's first process is small."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

MAKER = "geo_policing.services.drive_maker"
Place = tuple[float, float, str]
"""Easting, northing (EPSG:27700 metres), and the kind of facility that is there."""


def start_maker(dataset: Path, places: Iterable[Place] = (), *, rasters: bool = False) -> subprocess.Popen[bytes]:
    """A process that makes ready what misses of the dataset in the folder `dataset`, for `places`.

    What it imports costs a hundred megabytes or two, which end with it. It ends when its standard input closes, and so
    with this process.
    """
    order = json.dumps({"dataset": str(dataset), "places": list(places), "rasters": rasters})
    maker = subprocess.Popen([sys.executable, "-m", MAKER], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    if maker.stdin is not None:
        with suppress(BrokenPipeError):
            maker.stdin.write(order.encode() + b"\n")
            maker.stdin.flush()
    return maker
