"""The road network of a dataset made ready for driving: made once and kept with the dataset."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.network import NETWORK_TABLES
from geo_policing.errors import BusyError, NotFoundError
from geo_policing.routing.engine import Engine
from geo_policing.routing.field import Grid, Quality, make_grid
from geo_policing.routing.network import Network
from geo_policing.routing.speeds import SpeedTable
from geo_policing.services.grid_store import GridStore
from geo_policing.services.indexes import derived

AT_ONCE = 2
"""Searches and rasters of so many requests are in memory at once in a worker; others wait for their turn."""
PATIENCE_S = 20.0
"""How long a request waits for its turn before it is told to come again."""
T = TypeVar("T")
ROAD_KINDS = ("roads", "starter_roads")


class StoredEngine(Engine):
    """An engine whose rasters are kept on disk beside the dataset, shared by all workers."""

    def __init__(self, dataset: Dataset) -> None:
        own = dataset.force.speeds
        speeds = SpeedTable.default().with_overrides(kph=own.kph, response=own.response)
        super().__init__(
            Network.from_tables({name: dataset[name] for name in NETWORK_TABLES}),
            speeds,
            schematic=dataset.schematic_roads,
        )
        self._store = GridStore(dataset)

    def grid(self, quality: Quality = Quality.PUBLISHED) -> Grid:
        """The raster of a quality: from the store, else made (seconds for a county) and put there."""
        return self._once(
            ("grid", quality),
            lambda: self._store.get(quality, self.network, lambda: make_grid(self.network, quality)),
        )


class Roads:
    """The roads of one dataset; threads may share it. `engine` answers, `run` bounds how much does so at once."""

    def __init__(self, dataset: Dataset) -> None:
        """NotFoundError where the dataset has no road network."""
        must_have_roads(dataset)
        self.engine = StoredEngine(dataset)
        self.source = _source(dataset)
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="drive-time")

    def run(self, work: Callable[[], T]) -> T:
        """What `work` gives, done in one of `AT_ONCE` threads; BusyError where it is not done within `PATIENCE_S`.

        Searches keep scratch space for each thread that they run in, so few threads bound that, too.
        """
        job = self._pool.submit(work)
        try:
            return job.result(PATIENCE_S)
        except TimeoutError as error:
            job.cancel()
            raise BusyError(
                "Drive times are being made ready, or too many are being worked out just now. Try again shortly."
            ) from error


def has_roads(dataset: Dataset) -> bool:
    """True where the dataset has a routable network."""
    return bool(dataset["road_edges"]["core"].any())


def must_have_roads(dataset: Dataset) -> None:
    """NotFoundError where the dataset has no routable network."""
    if not has_roads(dataset):
        raise NotFoundError(
            "The data that is served has no road network, so there are no drive times. "
            "Build it from sources with an .osm.pbf, OSMnx or Overpass file of roads."
        )


def roads_of(dataset: Dataset) -> Roads:
    """The roads of `dataset`, made once; NotFoundError where it has none."""
    return derived(dataset, "roads", lambda: Roads(dataset))


def _source(dataset: Dataset) -> dict[str, Any]:
    """Title, licence and attribution of the roads: what whatever is made of them must name; "" where not known."""
    entries = [entry for entry in dataset.manifest.get("sources", ()) if entry.get("kind") in ROAD_KINDS]
    entry = entries[0] if entries else {}
    return {name: str(entry.get(name) or "") for name in ("title", "licence", "licence_url", "attribution", "vintage")}
