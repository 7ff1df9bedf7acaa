"""scripts/bench isochrones: bands, nearest bases, closing a base, accuracy and growth, with rivals in the same run.

Rivals: the osmnx/networkx recipe (an ego graph by travel time and the convex hull of its nodes, once a band) and
scipy's Dijkstra here; Valhalla and pandana run in an environment of their own, which `--rivals` names
(scripts/benchmarks/isochrone_rivals.py says what it needs).
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo_policing.config import Settings
from geo_policing.datasets.dataset import current_path, open_dataset
from geo_policing.datasets.network import NETWORK_TABLES
from geo_policing.datasets.schema import PostcodeStatus
from geo_policing.routing.contours import make_contours
from geo_policing.routing.costs import make_costs
from geo_policing.routing.coverage import measure as measure_coverage
from geo_policing.routing.engine import Engine
from geo_policing.routing.field import Quality, make_field, margin_s
from geo_policing.routing.network import Network
from geo_policing.routing.reach import nearest_two, search
from geo_policing.routing.snapping import Snapped, place_of
from geo_policing.routing.speeds import SpeedTable
from geo_policing.spatial.crs import to_lon_lat
from scripts.benchmarks import Figures, machine
from scripts.benchmarks.isochrone_accuracy import densest_district, measure_accuracy, measure_city_graph
from scripts.benchmarks.trials import measure_trials

MINUTES = (5.0, 10.0, 15.0, 20.0, 25.0)
SEED = 20261122
BASES = 30


def measure(data_dir: Path, options: argparse.Namespace) -> Figures:
    """Every figure, on the dataset that is current in `data_dir`."""
    path = current_path(Settings(data_dir=data_dir).data_dir)
    if path is None:
        raise SystemExit(f"{data_dir}: no dataset is current there; build one first.")
    dataset = open_dataset(path)
    network = Network.from_tables({name: dataset[name] for name in NETWORK_TABLES})
    postcodes = dataset["postcodes"]
    live = np.flatnonzero(
        (np.asarray(postcodes["status"]) == PostcodeStatus.LIVE) & (np.asarray(postcodes["unit"]) >= 0)
    )
    east, north = (np.asarray(postcodes[name])[live] for name in ("easting", "northing"))
    engine = Engine(network, SpeedTable.default())
    engine.warm()
    rng = np.random.default_rng(SEED)
    homes = engine.snap(east, north)
    bases = homes.take(rng.choice(np.flatnonzero(homes.found), BASES, replace=False))
    return {
        "benchmark": "isochrones",
        "data_version": dataset.data_version,
        "machine": machine("numpy", "numba", "scipy", "shapely", "networkx"),
        "network": {"nodes": network.node_count, "edges": network.edge_count},
        "bands": _bands(engine, bases),
        "rivals": _rivals(engine, bases) | _elsewhere(engine, bases, options),
        "search": _searches(engine, bases),
        "coverage": _coverage(engine, bases, homes),
        "trials": measure_trials(data_dir),
        "accuracy": measure_accuracy(engine, east, north, densest_district(dataset, live)),
        "city_graph": measure_city_graph(options.sources, east, north),
        "growth": _growth(network, options.tiles),
    }


def _bands(engine: Engine, bases: Snapped) -> Figures:
    """Five bands from one base to GeoJSON bytes, and where the time goes; wall and processor milliseconds."""
    out: Figures = {}
    for quality in Quality:
        grid, costs = engine.grid(quality), engine.costs()
        parts = np.empty((len(bases), 4))
        cpu, size = [], []
        for i in range(len(bases)):
            base = bases.take(np.array([i]))
            began = time.thread_time()
            marks = [time.perf_counter()]
            reach = search(engine.network, costs, base, limit_s=MINUTES[-1] * 60 + margin_s(grid))
            marks.append(time.perf_counter())
            field = make_field(grid, reach, MINUTES[-1] * 60)
            marks.append(time.perf_counter())
            contours = make_contours(field, [m * 60 for m in MINUTES])
            marks.append(time.perf_counter())
            size.append(sum(len(contour.coordinates_json()) for contour in contours))
            marks.append(time.perf_counter())
            cpu.append(time.thread_time() - began)
            parts[i] = np.diff(marks)
        total = parts.sum(axis=1) * 1000
        out[quality.value] = {
            "median_ms": round(float(np.median(total)), 2),
            "p95_ms": round(float(np.percentile(total, 95)), 2),
            "processor_median_ms": round(float(np.median(cpu)) * 1000, 2),
            "parts_median_ms": dict(
                zip(
                    ("search", "field", "contours", "json"),
                    np.round(np.median(parts, axis=0) * 1000, 2).tolist(),
                    strict=True,
                )
            ),
            "json_bytes_median": int(np.median(size)),
            "runs": len(bases),
        }
    return out


def _rivals(engine: Engine, bases: Snapped) -> Figures:
    """The two osmnx recipes on the same graph with the same seconds, five bands a base.

    `hull`: an ego graph a band, and the convex hull of its nodes. `buffers`: an ego graph a band, and the union of
    buffers (25 and 50 m) of its nodes and edges, with their geometry. Attributes other than the time are left out,
    which favours the recipes.
    """
    import networkx as nx

    network, costs = engine.network, engine.costs()
    graph = nx.MultiDiGraph()
    tail = np.repeat(np.arange(network.node_count), np.diff(costs.first))
    graph.add_weighted_edges_from(
        zip(tail.tolist(), costs.head.tolist(), costs.cost_s.tolist(), strict=True), weight="time"
    )
    places = np.column_stack([network.node_easting, network.node_northing])
    hulls, buffers = [], []
    for edge in bases.edge[:3]:
        begin = time.perf_counter()
        kept = []
        for minutes in MINUTES:
            reached = nx.ego_graph(graph, int(network.edge_a[edge]), radius=minutes * 60, distance="time")
            kept.append(np.array(list(reached.nodes)))
            shapely.to_geojson(shapely.MultiPoint(places[kept[-1]]).convex_hull)
        hulls.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        for nodes in kept:
            inside = np.isin(network.edge_a, nodes) & np.isin(network.edge_b, nodes)
            shapes = [shapely.buffer(shapely.points(places[nodes]), 50), shapely.buffer(network.lines[inside], 25)]
            shapely.to_geojson(shapely.union_all(np.concatenate(shapes)))
        buffers.append(hulls[-1] + time.perf_counter() - begin)
    return {
        f"osmnx_{name}": {"median_ms": round(float(np.median(times)) * 1000, 1), "runs": len(times)}
        for name, times in (("hull", hulls), ("buffers", buffers))
    }


def _elsewhere(engine: Engine, bases: Snapped, options: argparse.Namespace) -> Figures:
    """Valhalla and pandana, by the Python that `--rivals` names; nothing without."""
    if options.rivals is None:
        return dict.fromkeys(("valhalla", "pandana"), "not measured: name their Python with --rivals")
    lon, lat = to_lon_lat(*place_of(engine.network, bases))
    script = Path(__file__).with_name("isochrone_rivals.py")
    places = [str(value) for pair in zip(lon, lat, strict=True) for value in pair]
    # Tiles lie beside the data, so that a second run need not build them.
    with tempfile.TemporaryDirectory(prefix="geo-policing-bench-") as folder:
        graph = Path(folder) / "graph.json"
        graph.write_text(json.dumps(_graph(engine, bases)), encoding="utf-8")
        pbf = next(options.sources.rglob("*.osm.pbf"))
        command = [options.rivals, script, pbf, options.tiles_dir, graph, *places]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    answer: Figures = json.loads(done.stdout.splitlines()[-1])
    return answer


def _graph(engine: Engine, bases: Snapped) -> dict[str, Any]:
    """The same arcs with the same seconds, for pandana, which starts at nodes: the first ends of the bases' edges."""
    network, costs = engine.network, engine.costs()
    tail = np.repeat(np.arange(network.node_count), np.diff(costs.first))
    return {
        "x": network.node_easting.tolist(),
        "y": network.node_northing.tolist(),
        "tail": tail.tolist(),
        "head": costs.head.tolist(),
        "seconds": costs.cost_s.tolist(),
        "bases": network.edge_a[bases.edge].tolist(),
    }


def _searches(engine: Engine, bases: Snapped) -> Figures:
    """Nearest of ten bases over all nodes: ours with labels, scipy's without, and how far they differ."""
    import scipy.sparse
    import scipy.sparse.csgraph

    network, costs = engine.network, engine.costs()
    ten = bases.take(np.arange(10))
    count = network.node_count
    seeds = np.concatenate([network.edge_b[ten.edge], network.edge_a[ten.edge]])
    first_s = np.concatenate([costs.from_a_s[ten.edge] * (1 - ten.fraction), costs.from_b_s[ten.edge] * ten.fraction])
    arcs: dict[tuple[int, int], float] = {}
    tails = np.repeat(np.arange(count), np.diff(costs.first))
    for tail, head, cost in zip(
        np.append(tails, np.full(len(seeds), count)).tolist(),
        np.append(costs.head, seeds).tolist(),
        np.append(costs.cost_s, first_s).tolist(),
        strict=True,
    ):
        # csr sums doubles, where the shortest of parallel roads counts; a stored 0 is no arc to scipy.
        if np.isfinite(cost):
            arcs[tail, head] = min(arcs.get((tail, head), np.inf), max(cost, 1e-12))
    keys = np.array(list(arcs))
    graph = scipy.sparse.csr_matrix((list(arcs.values()), (keys[:, 0], keys[:, 1])), shape=(count + 1, count + 1))
    theirs = scipy.sparse.csgraph.dijkstra(graph, indices=count)[:count]
    ours = search(network, costs, ten).node_s
    return {
        "nearest_of_10_ms": _best(lambda: search(network, costs, ten)),
        "two_nearest_of_10_ms": _best(lambda: nearest_two(network, costs, ten)),
        "scipy_ms": _best(lambda: scipy.sparse.csgraph.dijkstra(graph, indices=count)),
        "greatest_difference_s": float(np.abs(ours - theirs)[np.isfinite(theirs)].max()),
        "with_turns_ms": _best(_with_turns(engine, ten)),
    }


def _with_turns(engine: Engine, bases: Snapped) -> Callable[[], Any]:
    costs = make_costs(engine.network, engine.speeds, turns=True)
    return lambda: search(engine.network, costs, bases)


def _coverage(engine: Engine, bases: Snapped, homes: Snapped) -> Figures:
    """A base closed and everyone counted again, beside measuring afresh without it."""
    fifteen = {f"base-{i}": bases.take(np.array([i])) for i in range(15)}
    weight = np.ones(len(homes))
    covered = measure_coverage(engine, fifteen, homes)
    left = {name: base for name, base in fifteen.items() if name != "base-3"}
    closing = _best(lambda: covered.close("base-3").within((5, 10, 15, 20), weight))
    afresh = _best(lambda: measure_coverage(engine, left, homes).within((5, 10, 15, 20), weight), runs=3)
    return {"close_ms": closing, "afresh_ms": afresh, "ratio": round(afresh / closing, 1), "points": len(homes)}


def _growth(network: Network, tiles: list[int]) -> list[Figures]:
    """Nearest of bases on the network laid side by side, each copy joined to the next by a road."""
    out = []
    for count in tiles:
        tiled = _tiled(network, count)
        costs = make_costs(tiled, SpeedTable.default())
        rng = np.random.default_rng(SEED)
        number = max(10, 10 * count // 2)
        edges = rng.choice(tiled.edge_count, number, replace=False).astype(np.int32)
        bases = Snapped(edges, np.full(number, 0.5), np.zeros(number))
        runs = 5 if count < 20 else 2
        one = bases.take(np.array([0]))
        out.append(
            {
                "copies": count,
                "nodes": tiled.node_count,
                "bases": number,
                "nearest_ms": _best(lambda c=costs, t=tiled, b=bases: search(t, c, b), runs=runs),
                "one_base_30_min_ms": _best(lambda c=costs, t=tiled, b=one: search(t, c, b, limit_s=1800.0), runs=runs),
                "network_mb": round(_bytes(tiled) / 1e6, 1),
                "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
            }
        )
    return out


def _tiled(network: Network, count: int) -> Network:
    """`count` copies of the network, 200 km apart eastwards, each joined to the next between their first nodes."""
    if count == 1:
        return network
    nodes, edges, points = network.node_count, network.edge_count, len(network.point_easting)
    copy = np.arange(count)
    shifted = np.tile(network.point_easting, count) + np.repeat(copy * 200_000.0, points)
    joints = np.arange(count - 1)
    values: dict[str, Any] = {name: np.tile(getattr(network, name), count) for name in _PER_EDGE}
    for name in _PER_EDGE:
        values[name] = np.concatenate([values[name], np.repeat(getattr(network, name)[:1], count - 1)])
    values["forward"][-(count - 1) :] = values["backward"][-(count - 1) :] = True
    values["length_m"][-(count - 1) :] = 200_000.0
    node_easting = np.tile(network.node_easting, count) + np.repeat(copy * 200_000.0, nodes)
    node_northing = np.tile(network.node_northing, count)
    ends = np.column_stack([joints * nodes, (joints + 1) * nodes]).ravel()
    first = np.concatenate([network.first_point[:-1] + i * points for i in copy])
    return Network(
        node_easting=node_easting,
        node_northing=node_northing,
        signals=np.tile(network.signals, count),
        edge_a=np.concatenate([np.tile(network.edge_a, count) + np.repeat(copy * nodes, edges), joints * nodes]).astype(
            np.int32
        ),
        edge_b=np.concatenate(
            [np.tile(network.edge_b, count) + np.repeat(copy * nodes, edges), (joints + 1) * nodes]
        ).astype(np.int32),
        first_point=np.concatenate([first, points * count + 2 * np.arange(count)]),
        point_easting=np.concatenate([shifted, node_easting[ends]]),
        point_northing=np.concatenate([np.tile(network.point_northing, count), node_northing[ends]]),
        bans=np.empty((0, 2), dtype=np.int64),
        barriers=np.empty(0, dtype=object),
        barrier_kinds=(),
        **values,
    )


_PER_EDGE = (
    "forward", "backward", "road_class", "urban", "dual", "slow_surface", "limit_forward_kph", "limit_backward_kph",
    "length_m", "row", "way_id",
)  # fmt: skip


def _bytes(network: Network) -> int:
    return sum(value.nbytes for value in vars(network).values() if isinstance(value, np.ndarray))


def _best(work: Callable[[], Any], *, runs: int = 7) -> float:
    """Median milliseconds of `runs`, after one that is not counted."""
    work()
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return round(float(np.median(times)) * 1000, 2)
