"""The graph of units that share a boundary: which hang together, and what lies beside what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.datasets.dataset import Dataset

NONE = -1
"""The label of a unit that nothing has spoken for."""


@dataclass(frozen=True)
class UnitGraph:
    """`neighbours[u]` maps each unit beside u to the length of their shared boundary in metres."""

    neighbours: tuple[Mapping[int, float], ...]

    @classmethod
    def of(cls, dataset: Dataset) -> UnitGraph:
        """The graph of a dataset's units, from its adjacency table."""
        found: list[dict[int, float]] = [{} for _ in range(len(dataset["units"]))]
        adjacency = dataset["adjacency"]
        columns = (adjacency[name].tolist() for name in ("a", "b", "shared_m"))
        for a, b, shared_m in zip(*columns, strict=True):
            found[a][b] = shared_m
            found[b][a] = shared_m
        return cls(tuple(found))

    def parts(self, units: Iterable[int]) -> list[list[int]]:
        """The parts of `units` that hang together, the largest first, then by the lowest unit; [] for no units."""
        left = set(units)
        parts = []
        while left:
            queue = [min(left)]
            left.discard(queue[0])
            part = []
            while queue:
                unit = queue.pop()
                part.append(unit)
                beside = left.intersection(self.neighbours[unit])
                left -= beside
                queue.extend(beside)
            parts.append(sorted(part))
        return sorted(parts, key=lambda part: (-len(part), part[0]))


def fill_gaps(labels: NDArray[np.int32], districts: NDArray[np.int16], dataset: Dataset) -> NDArray[np.int32]:
    """`labels` (one a unit) with every `NONE` given the label of a neighbour in the same district.

    The neighbour label with the longest shared boundary wins, the lowest of equals; what no chain of neighbours
    reaches takes the label of the nearest unit of its district. A district without any label stays `NONE`.
    """
    filled = labels.copy()
    graph = UnitGraph.of(dataset)
    waiting = np.flatnonzero(filled == NONE).tolist()
    while waiting:
        # All of a round see the labels of the round before, so that the order of units does not matter.
        found = {u: label for u in waiting if (label := _longest_beside(u, filled, districts, graph)) != NONE}
        if not found:
            break
        filled[list(found)] = list(found.values())
        waiting = [u for u in waiting if u not in found]
    if waiting:
        _take_nearest(filled, waiting, districts, dataset)
    return filled


def _longest_beside(unit: int, labels: NDArray[np.int32], districts: NDArray[np.int16], graph: UnitGraph) -> int:
    shared_m: dict[int, float] = defaultdict(float)
    for beside, length_m in graph.neighbours[unit].items():
        if labels[beside] != NONE and districts[beside] == districts[unit]:
            shared_m[int(labels[beside])] += length_m
    return min(shared_m, key=lambda label: (-shared_m[label], label), default=NONE)


def _take_nearest(
    labels: NDArray[np.int32], waiting: list[int], districts: NDArray[np.int16], dataset: Dataset
) -> None:
    geometry = dataset["units"]["geometry"]
    labelled = labels != NONE
    for unit in waiting:
        near = np.flatnonzero(labelled & (districts == districts[unit]))
        if len(near):
            labels[unit] = labels[near[np.argmin(shapely.distance(geometry[near], geometry[unit]))]]
