"""How far contours are from the truth: on the dataset's own roads, and on an OSMnx graph of one city by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.discover import probe_file
from geo_policing.datasets.network import build_network
from geo_policing.datasets.osm import read_ways
from geo_policing.datasets.osm_controls import read_controls
from geo_policing.routing.engine import Engine
from geo_policing.routing.field import Quality
from geo_policing.routing.network import Network
from geo_policing.routing.snapping import Snapped, place_of
from geo_policing.routing.speeds import SpeedTable
from scripts.benchmarks import Figures
from scripts.benchmarks.isochrone_truth import Addresses, errors, points_along

SEED = 20261122
BASES = 20
MINUTES = (5.0, 10.0, 15.0, 20.0)
EVERY_M, EVERY_M_IN_CITY = 200, 50


def measure_accuracy(engine: Engine, east: Any, north: Any, city: tuple[str, Any]) -> Figures:
    """Percent on the wrong side of each line: addresses and points along roads, and all addresses seen from bases in
    one city, where roads are dense."""
    network = engine.network
    addresses = Addresses.around(network, engine.snapper, east, north)
    along = Addresses.around(network, engine.snapper, *points_along(network, every_m=EVERY_M))
    rng = np.random.default_rng(SEED)
    bases = addresses.nearest.take(rng.choice(len(addresses.lon), BASES, replace=False))
    in_city = np.flatnonzero(shapely.contains_xy(city[1], *place_of(network, addresses.nearest)))
    city_bases = addresses.nearest.take(rng.choice(in_city, BASES, replace=False))
    cases = {
        "addresses": (addresses, bases),
        "along_roads": (along, bases),
        "addresses_from_city": (addresses, city_bases),
    }
    counts = {"addresses": len(addresses.lon), "along_roads": len(along.lon), "bases": BASES, "city": city[0]}
    return _by_quality(engine, cases) | counts


def measure_city_graph(sources: Path, east: Any, north: Any) -> Figures:
    """The same on the first GraphML of `sources`, read as a build reads it; {} where there is none.

    The graph ends at the city's edge, and truth and contours end there alike: `addresses_within_percent` says what
    share of the addresses each line holds. One that holds all of them cannot be wrong about any.
    """
    path = next(iter(sorted(sources.rglob("*.graphml"))), None)
    if path is None:
        return {}
    engine = Engine(_network_of(path, east, north), SpeedTable.default())
    addresses = Addresses.around(engine.network, engine.snapper, east, north)
    along = Addresses.around(engine.network, engine.snapper, *points_along(engine.network, every_m=EVERY_M_IN_CITY))
    bases = addresses.nearest.take(np.random.default_rng(SEED).choice(len(addresses.lon), BASES, replace=False))
    seconds = np.array([engine.search(bases.take(np.array([i]))).at(addresses.nearest)[0] for i in range(BASES)])
    return _by_quality(engine, {"addresses": (addresses, bases), "along_roads": (along, bases)}) | {
        "file": path.name,
        "nodes": engine.network.node_count,
        "edges": engine.network.edge_count,
        "addresses": len(addresses.lon),
        "along_roads": len(along.lon),
        "bases": BASES,
        "addresses_within_percent": {f"{m:g} min": round(float((seconds <= m * 60).mean() * 100), 1) for m in MINUTES},
    }


def densest_district(dataset: Dataset, live: Any) -> tuple[str, Any]:
    """The district with the most live postcodes for its area (a city), and its outline."""
    districts, units = dataset["districts"], dataset["units"]
    own = np.asarray(units["district"])[np.asarray(dataset["postcodes"]["unit"])[live]]
    dense = np.bincount(own, minlength=len(districts)) / shapely.area(districts["geometry"])
    row = int(np.argmax(dense))
    return str(districts["name"][row]), districts["geometry"][row]


def _by_quality(engine: Engine, cases: dict[str, tuple[Addresses, Snapped]]) -> Figures:
    return {
        quality.value: {
            name: errors(engine.network, engine.costs(), engine.grid(quality), points, of, MINUTES)
            for name, (points, of) in cases.items()
        }
        for quality in Quality
    }


def _network_of(path: Path, east: Any, north: Any) -> Network:
    """The network of a file of roads, where postcodes tell town from country."""
    probes = probe_file(path)
    if isinstance(probes, str):
        raise SystemExit(f"{path}: {probes}")
    bounds = (float(east.min()), float(north.min()), float(east.max()), float(north.max()))
    built = build_network(read_ways(probes[0], bounds), read_controls(probes[0]), (east, north))
    return Network.from_tables(built.tables)
