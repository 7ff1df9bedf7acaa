"""Rasters kept on disk beside the dataset (`services.kept_arrays`): those of a county take seconds to make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np

from geo_policing.datasets.dataset import Dataset
from geo_policing.routing.field import Grid, Quality
from geo_policing.routing.network import Network
from geo_policing.services.kept_arrays import KeptArrays, full_name, types_of


class GridStore:
    """The kept rasters of one dataset. A folder that cannot be written to is no error: nothing is kept then."""

    def __init__(self, dataset: Dataset) -> None:
        self._kept = KeptArrays(dataset)

    def get(self, quality: Quality, network: Network, make: Callable[[], Grid]) -> Grid:
        """The raster of a quality, memory-mapped; what `make` gives where none is kept or it is damaged."""
        found = self._read(quality, network)
        if found is not None:
            return found
        grid = make()
        arrays = {name: np.asarray(getattr(grid, name), dtype) for name, dtype in types_of(Grid).items()}
        try:
            self._kept.put(_name(quality), arrays, {name: getattr(grid, name) for name in _numbers()})
        except OSError:
            return grid
        return self._read(quality, network) or grid

    def has(self, quality: Quality) -> bool:
        """True where the raster of a quality is kept."""
        return self._kept.get(_name(quality), types_of(Grid)) is not None

    def _read(self, quality: Quality, network: Network) -> Grid | None:
        kept = self._kept.get(_name(quality), types_of(Grid))
        if kept is None or set(kept.numbers) != set(_numbers()):
            return None
        values: dict[str, Any] = {**kept.numbers, **kept.arrays}
        return Grid(network=network, quality=quality, **values)


def kept_grids() -> list[str]:
    """The full names of the rasters that a dataset may have kept."""
    return [full_name(_name(quality), types_of(Grid)) for quality in Quality]


def _name(quality: Quality) -> str:
    return f"grid-{quality.value}"


def _numbers() -> list[str]:
    """The fields of a raster that are plain numbers."""
    return [f.name for f in fields(Grid) if f.name not in types_of(Grid) and f.name not in ("network", "quality")]
