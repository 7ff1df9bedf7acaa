"""The road network of a dataset made ready for driving: snapping, costs, and rasters, each made once and kept with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.network import NETWORK_TABLES
from geo_policing.errors import BusyError, NotFoundError
from geo_policing.routing.costs import Costs, Direction, make_costs
from geo_policing.routing.field import Grid, Quality, make_grid
from geo_policing.routing.network import Network
from geo_policing.routing.snapping import Snapper
from geo_policing.routing.speeds import Profile, SpeedTable
from geo_policing.services.grid_store import GridStore
from geo_policing.services.indexes import derived

AT_ONCE = 2
"""Searches and rasters of so many requests are in memory at once in a worker; others wait for their turn."""
PATIENCE_S = 20.0
"""How long a request waits for its turn before it is told to come again."""


class Roads:
    """The roads of one dataset; threads may share it."""

    def __init__(self, dataset: Dataset) -> None:
        """NotFoundError where the dataset has no road network."""
        if not has_roads(dataset):
            raise NotFoundError(
                "The data that is served has no road network, so there are no drive times. "
                "Build it from sources with an .osm.pbf, OSMnx or Overpass file of roads."
            )
        self.network = Network.from_tables({name: dataset[name] for name in NETWORK_TABLES})
        self.snapper = Snapper(self.network)
        self.speeds = SpeedTable.default()
        self._dataset = dataset
        self._turn = threading.BoundedSemaphore(AT_ONCE)

    def costs(self, profile: Profile, direction: Direction) -> Costs:
        """What each edge costs for one way of driving."""
        return derived(
            self._dataset,
            f"costs/{profile}/{direction}",
            lambda: make_costs(self.network, self.speeds, profile=profile, direction=direction),
        )

    def grid(self, quality: Quality) -> Grid:
        """The raster of a quality: from the store beside the dataset, else made (seconds) and put there."""
        return derived(
            self._dataset,
            f"grid/{quality}",
            lambda: GridStore(self._dataset).get(str(quality), self.network, lambda: make_grid(self.network, quality)),
        )

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Holds one of `AT_ONCE` places for heavy work; BusyError where none comes free within `PATIENCE_S`."""
        if not self._turn.acquire(timeout=PATIENCE_S):
            raise BusyError("too many drive times are being worked out just now. Try again shortly.")
        try:
            yield
        finally:
            self._turn.release()


def has_roads(dataset: Dataset) -> bool:
    """True where the dataset has a routable network."""
    return bool(dataset["road_edges"]["core"].any())


def roads_of(dataset: Dataset) -> Roads:
    """The roads of `dataset`, made once; NotFoundError where it has none."""
    return derived(dataset, "roads", lambda: Roads(dataset))


def roads_source(dataset: Dataset) -> dict[str, Any]:
    """Publisher, licence and attribution of the roads: what whatever is made of them must name."""
    entries = [entry for entry in dataset.manifest.get("sources", ()) if entry.get("kind") in ROAD_KINDS]
    entry = entries[0] if entries else {}
    return {name: str(entry.get(name) or "") for name in ("title", "licence", "licence_url", "attribution", "vintage")}


ROAD_KINDS = ("roads", "starter_roads")
