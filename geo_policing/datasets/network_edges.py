"""Ways cut into edges at junctions, ends and controls: a network before its edges are joined to chains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo_policing.datasets.osm import Ways
from geo_policing.datasets.osm_controls import SIGNALS, Controls
from geo_policing.datasets.osm_tags import RoadRule, blocks_cars

ATTRIBUTES = (
    "road_class", "forward", "backward", "limit_forward_kph", "limit_backward_kph", "dual", "slow_surface", "built_up",
)  # fmt: skip
SWAPPED = {
    "forward": "backward",
    "backward": "forward",
    "limit_forward_kph": "limit_backward_kph",
    "limit_backward_kph": "limit_forward_kph",
}


@dataclass(frozen=True)
class Edges:
    """Edges before they are joined; `points` of edge i are `point[first[i]:first[i + 1]]`."""

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    way: NDArray[np.int64]
    first: NDArray[np.int64]
    point: NDArray[np.int64]


@dataclass(frozen=True)
class Nodes:
    """Graph nodes: the source's id and the way point that locates it."""

    node_id: NDArray[np.int64]
    point: NDArray[np.int64]


def cut_ways(ways: Ways, open_ways: Sequence[int], controls: Controls) -> tuple[Nodes, Edges]:
    """Graph nodes at junctions, ends and controls; edges between them.

    A node with a barrier that no car passes becomes one node for each road end there, so that none is passed through.
    """
    place = np.concatenate([np.arange(ways.offset[w], ways.offset[w + 1]) for w in open_ways])
    owner = np.repeat(open_ways, ways.offset[np.array(open_ways) + 1] - ways.offset[open_ways])
    ids = ways.node_id[place].copy()
    # GraphML's points between ends carry no id; each is its own.
    ids[ids == 0] = np.iinfo(np.int64).min + np.flatnonzero(ids == 0)
    _, index, count = np.unique(ids, return_inverse=True, return_counts=True)
    at_start = np.concatenate([[True], owner[1:] != owner[:-1]])
    at_end = np.concatenate([at_start[1:], [True]])
    controlled = np.isin(ids, np.array(sorted(control_ids(controls)), dtype=np.int64))
    breaks = np.flatnonzero(at_start | at_end | (count[index] > 1) | controlled)
    from_, to = breaks[:-1], breaks[1:]
    same = owner[from_] == owner[to]
    from_, to = from_[same], to[same]
    blocked = np.array([n for n, tags in controls.nodes.items() if blocks_cars(tags)], dtype=np.int64)
    ends = np.concatenate([from_, to])
    # A blocked end is told apart by its place in `ends`, every other by its node.
    apart = np.where(np.isin(ids[ends], blocked), np.arange(len(ends)) + 1, 0)
    keys, first_seen, node = np.unique(
        np.column_stack([ids[ends], apart]), axis=0, return_index=True, return_inverse=True
    )
    node = node.reshape(-1)
    sizes = to - from_ + 1
    first = np.concatenate([[0], np.cumsum(sizes)])
    within = np.arange(first[-1]) - np.repeat(first[:-1], sizes)
    points = place[np.repeat(from_, sizes) + within]
    edges = Edges(node[: len(from_)], node[len(from_) :], owner[from_], first, points)
    return Nodes(keys[:, 0], place[ends[first_seen]]), edges


def control_ids(controls: Controls) -> set[int]:
    """Nodes at which edges are cut and not joined: those with lights, a barrier, or a turn restriction."""
    ids = {node for node, tags in controls.nodes.items() if blocks_cars(tags) or tags.get("highway") in SIGNALS}
    return ids | {r.via_node for r in controls.restrictions if not r.via_ways}


def without_specks(edges: Edges, xy: NDArray[Any]) -> Edges:
    """The edges without rings of no length, which a doubled point makes."""
    length_m = lengths_m(edges.first, xy[edges.point])
    kept = np.flatnonzero((length_m > 0) | (edges.a != edges.b))
    first, point = _take_ragged(edges.first, edges.point, kept)
    return Edges(edges.a[kept], edges.b[kept], edges.way[kept], first, point)


def attributes_of(rules: Mapping[int, RoadRule], way: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """The `ATTRIBUTES` of edges, by the place of their way in `rules`."""
    places = np.array(sorted(rules))
    at = np.searchsorted(places, way)
    values = {name: np.array([getattr(rules[int(p)], name) for p in places]) for name in ATTRIBUTES}
    return {name: column[at] for name, column in values.items()}


def likeness_keys(attributes: Mapping[str, NDArray[Any]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers that are equal for edges alike: run from a to b, and run from b to a."""
    columns = [np.nan_to_num(attributes[name].astype(float), nan=-1.0) for name in ATTRIBUTES]
    turned = [np.nan_to_num(attributes[SWAPPED.get(n, n)].astype(float), nan=-1.0) for n in ATTRIBUTES]
    both = np.vstack([np.column_stack(columns), np.column_stack(turned)])
    _, key = np.unique(both, axis=0, return_inverse=True)
    key = key.reshape(-1)
    return key[: len(columns[0])], key[len(columns[0]) :]


def lengths_m(first: NDArray[Any], xy: NDArray[Any]) -> NDArray[np.float64]:
    """The length of each line of points; `first` has one entry more than there are lines."""
    steps = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    steps[first[:-1]] = 0
    return np.add.reduceat(steps, first[:-1]) if len(first) > 1 else np.empty(0)


def _take_ragged(
    first: NDArray[Any], values: NDArray[Any], rows: NDArray[Any]
) -> tuple[NDArray[np.int64], NDArray[Any]]:
    sizes = np.diff(first)[rows]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    index = np.arange(starts[-1]) - np.repeat(starts[:-1] - first[rows], sizes)
    return starts, values[index]
