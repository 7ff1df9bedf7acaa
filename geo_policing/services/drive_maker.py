"""A process of its own that makes drive times ready for a worker, which asks in one line of JSON on standard input.

`{"dataset": folder, "places": [[easting, northing, kind], …]}`. It ends when it has done so, or with the worker: then
standard input closes.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import TextIO

from geo_policing.datasets.dataset import open_dataset
from geo_policing.domain.facilities import Facility, FacilityKind
from geo_policing.errors import GeoPolicingError
from geo_policing.services.drive_ready import make_missing


def main(orders: TextIO) -> int:
    """0 where all is ready, 2 where something failed, which is said on standard error."""
    order = json.loads(orders.readline())
    threading.Thread(target=_end_with, args=(orders,), name="end-with-asker", daemon=True).start()
    places = [
        Facility(f"place-{i}", FacilityKind(kind), "", "", easting_northing=(easting, northing))
        for i, (easting, northing, kind) in enumerate(order["places"])
    ]
    try:
        make_missing(open_dataset(Path(order["dataset"])), places)
    except (GeoPolicingError, OSError) as error:
        sys.stderr.write(f"Drive times cannot be made ready: {error}\n")
        return 2
    return 0


def _end_with(orders: TextIO) -> None:
    """Ends this process when the one that asked is gone."""
    orders.read()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.stdin))
