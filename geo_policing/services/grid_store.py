"""Rasters kept on disk beside the datasets, so that workers share one copy in memory and none makes it twice.

`{data}/cache/{data_version}/grid-{quality}-{key}/` holds one `.npy` file an array and the plain numbers as JSON; the
key is of the code that makes them. All of it can be deleted at any time: it is made again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import fields
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from geo_policing.datasets.dataset import Dataset
from geo_policing.routing.field import Grid, Quality
from geo_policing.routing.network import Network

_NUMBERS = "numbers.json"


class GridStore:
    """The kept rasters of one dataset. A folder that cannot be written to is no error: nothing is kept then."""

    def __init__(self, dataset: Dataset) -> None:
        self.folder = dataset.path.parent.parent / "cache" / dataset.data_version

    def get(self, name: str, network: Network, make: Callable[[], Grid]) -> Grid:
        """The raster called `name`, memory-mapped; what `make` gives where none is kept or it is damaged."""
        place = self.folder / f"grid-{name}-{_key()}"
        try:
            return _read(place, network)
        except (OSError, ValueError, TypeError, KeyError):
            grid = make()
        try:
            _write(place, grid)
            return _read(place, network)
        except OSError:
            return grid


def _key() -> str:
    """A name that changes with anything that makes rasters: the text of the routing modules themselves."""
    modules = sorted(
        (m for m in files("geo_policing.routing").iterdir() if m.name.endswith(".py")), key=lambda m: m.name
    )
    text = b"".join(module.name.encode() + module.read_bytes() for module in modules)
    return hashlib.sha256(text).hexdigest()[:12]


def _read(place: Path, network: Network) -> Grid:
    values: dict[str, Any] = json.loads((place / _NUMBERS).read_text(encoding="utf-8"))
    for field in fields(Grid):
        if field.name not in values and field.name != "network":
            values[field.name] = np.load(place / f"{field.name}.npy", mmap_mode="r", allow_pickle=False).view(
                np.ndarray
            )
    return Grid(network=network, **{**values, "quality": Quality(values["quality"])})


def _write(place: Path, grid: Grid) -> None:
    """Whole or not at all; where another process was first, its copy stays."""
    place.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=".making-", dir=place.parent))
    try:
        numbers = {}
        for field in fields(Grid):
            value = getattr(grid, field.name)
            if isinstance(value, np.ndarray):
                np.save(making / f"{field.name}.npy", value, allow_pickle=False)
            elif field.name != "network":
                numbers[field.name] = value
        (making / _NUMBERS).write_text(json.dumps(numbers), encoding="utf-8")
        making.chmod(0o755)
        if place.exists():
            # Damaged, or it would have been read.
            shutil.rmtree(place, ignore_errors=True)
        making.replace(place)
    finally:
        shutil.rmtree(making, ignore_errors=True)
