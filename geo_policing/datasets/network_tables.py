"""The tables of a network, made of its edges: joined to chains, measured, and told which belong to the core."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.datasets.contraction import Chains
from geo_policing.datasets.network_edges import ATTRIBUTES, SWAPPED, Edges, Nodes, lengths_m
from geo_policing.datasets.osm import Ways
from geo_policing.datasets.osm_controls import SIGNALS, Controls
from geo_policing.datasets.road_settings import road_settings
from geo_policing.datasets.tables import Table
from geo_policing.datasets.turn_restrictions import Half
from geo_policing.errors import SourceError
from geo_policing.spatial.crs import to_easting_northing


class NoNetworkError(SourceError):
    """A sound file, but its roads make no network; a build without drive times is still a build."""


class NetworkTables:
    """Joins edges to chains and writes them as tables."""

    def __init__(
        self,
        ways: Ways,
        xy: NDArray[Any],
        nodes: Nodes,
        edges: Edges,
        attributes: Mapping[str, NDArray[Any]],
        chains: Chains,
        controls: Controls,
    ) -> None:
        self.ways, self.xy, self.nodes, self.edges, self.chains = ways, xy, nodes, edges, chains
        self.controls = controls
        self.lead = chains.edge[chains.first[:-1]]
        flipped = chains.flipped[chains.first[:-1]]
        self.attributes = {
            name: np.where(flipped, attributes[SWAPPED.get(name, name)][self.lead], attributes[name][self.lead])
            for name in ATTRIBUTES
        }

    def made(
        self, drives: Sequence[tuple[Half, ...]], dwellings: tuple[NDArray[Any], NDArray[Any]] | None
    ) -> tuple[dict[str, Table], dict[str, Any]]:
        """All of the network's tables, and the count and length of what the core leaves out.

        `drives` are those that are banned, over edges. NoNetworkError where no core is left.
        """
        first, xy = self._points()
        used, node = np.unique(self._ends(), return_inverse=True)
        a, b = node[: len(first) - 1], node[len(first) - 1 :]
        length_m = lengths_m(first, xy)
        node_core, edge_core = _core(len(used), a, b, self.attributes, length_m)
        if not node_core.any():
            raise NoNetworkError(
                "its roads form no network: from no road can one drive away and come back",
                remedy="Use an extract that joins up, such as a whole town's.",
                file=self.ways.file,
            )
        tables = {
            "road_nodes": self._node_table(used, node_core),
            "road_edges": self._edge_table(
                a, b, first, length_m, edge_core, road_settings(self.attributes, first, xy, dwellings)
            ),
            "road_points": Table.of("road_points", easting=xy[:, 0], northing=xy[:, 1]),
            "walk_barriers": _barrier_table(self.controls),
            **_ban_tables(self._banned(drives)),
        }
        out = ~edge_core
        return tables, {"edges": int(out.sum()), "km": float(length_m[out].sum() / 1000), "ways": self._way_ids(out)}

    def _points(self) -> tuple[NDArray[np.int64], NDArray[Any]]:
        """Points of the chains; where two edges meet the shared point stands once."""
        edges, chains = self.edges, self.chains
        sizes = np.diff(edges.first)[chains.edge]
        starts = np.concatenate([[0], np.cumsum(sizes)])
        within = np.arange(starts[-1]) - np.repeat(starts[:-1], sizes)
        size, flip = np.repeat(sizes, sizes), np.repeat(chains.flipped, sizes)
        index = np.repeat(edges.first[chains.edge], sizes) + np.where(flip, size - 1 - within, within)
        inner = np.ones(len(chains.edge), dtype=bool)
        inner[chains.first[:-1]] = False
        keep = ~((within == 0) & np.repeat(inner, sizes))
        per_edge = np.add.reduceat(keep, starts[:-1])
        first = np.concatenate([[0], np.cumsum(np.add.reduceat(per_edge, chains.first[:-1]))]).astype(np.int64)
        return first, self.xy[edges.point[index[keep]]]

    def _ends(self) -> NDArray[np.int64]:
        """The nodes where the chains begin, then those where they end."""
        flipped, first = self.chains.flipped, self.chains.first
        last = self.chains.edge[first[1:] - 1]
        begin = np.where(flipped[first[:-1]], self.edges.b[self.lead], self.edges.a[self.lead])
        end = np.where(flipped[first[1:] - 1], self.edges.a[last], self.edges.b[last])
        return np.concatenate([begin, end])

    def _way_ids(self, rows: NDArray[Any]) -> list[str]:
        return [str(way) for way in np.unique(self.ways.way_id[self.edges.way[self.lead[rows]]])]

    def _node_table(self, used: NDArray[Any], core: NDArray[Any]) -> Table:
        ids = self.nodes.node_id[used]
        xy = self.xy[self.nodes.point[used]]
        lit = [node for node, tags in self.controls.nodes.items() if tags.get("highway") in SIGNALS]
        # Points without an id of their own got a made-up one, which nobody should take for the source's.
        return Table.of(
            "road_nodes",
            node_id=np.where(ids < -(1 << 62), 0, ids),
            easting=xy[:, 0],
            northing=xy[:, 1],
            signals=np.isin(ids, np.array(lit, dtype=np.int64)),
            core=core,
        )

    def _edge_table(
        self,
        a: NDArray[Any],
        b: NDArray[Any],
        first: NDArray[Any],
        length_m: NDArray[Any],
        core: NDArray[Any],
        urban: NDArray[Any],
    ) -> Table:
        plain = {name: self.attributes[name] for name in ATTRIBUTES if name != "built_up"}
        way_id = self.ways.way_id[self.edges.way[self.lead]]
        return Table.of(
            "road_edges",
            a=a,
            b=b,
            way_id=way_id,
            urban=urban,
            core=core,
            length_m=length_m,
            first_point=first[:-1],
            **plain,
        )

    def _banned(self, drives: Sequence[tuple[Half, ...]]) -> list[tuple[Half, ...]]:
        """The banned drives over chains, ordered; edges that were joined are one step."""
        chain_of = np.empty(len(self.edges.a), dtype=np.int64)
        chain_of[self.chains.edge] = np.repeat(np.arange(len(self.chains)), np.diff(self.chains.first))
        turned = np.zeros(len(self.edges.a), dtype=bool)
        turned[self.chains.edge] = self.chains.flipped
        steps = ([(int(chain_of[e]), bool(forward != turned[e])) for e, forward in drive] for drive in drives)
        return sorted({tuple(half for half, _ in groupby(drive)) for drive in steps})


def _ban_tables(drives: Sequence[tuple[Half, ...]]) -> dict[str, Table]:
    """Drives over two edges as turns, those over more as they are."""
    turns = [drive for drive in drives if len(drive) == 2]
    longer = [drive for drive in drives if len(drive) > 2]
    before, after = ([turn[i] for turn in turns] for i in (0, 1))
    halves = [half for drive in longer for half in drive]
    return {
        "turn_bans": Table.of(
            "turn_bans",
            from_edge=[edge for edge, _ in before],
            from_forward=[forward for _, forward in before],
            to_edge=[edge for edge, _ in after],
            to_forward=[forward for _, forward in after],
        ),
        "banned_drives": Table.of(
            "banned_drives",
            drive=np.repeat(np.arange(len(longer)), [len(drive) for drive in longer]),
            edge=[edge for edge, _ in halves],
            forward=[forward for _, forward in halves],
        ),
    }


def _core(
    node_count: int, a: NDArray[Any], b: NDArray[Any], attributes: Mapping[str, NDArray[Any]], length_m: NDArray[Any]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    from geo_policing.routing.components import largest_component

    forward, backward = attributes["forward"].astype(bool), attributes["backward"].astype(bool)
    tail, head = np.concatenate([a[forward], b[backward]]), np.concatenate([b[forward], a[backward]])
    weight = np.concatenate([length_m[forward], length_m[backward]])
    nodes = largest_component(node_count, tail, head, weight)
    return nodes, nodes[a] & nodes[b]


def _barrier_table(controls: Controls) -> Table:
    lines = []
    for _, points in controls.barriers:
        lon, lat = np.array(points).T
        lines.append(shapely.linestrings(np.round(np.column_stack(to_easting_northing(lon, lat)), 2)))
    return Table.of("walk_barriers", kind=[kind for kind, _ in controls.barriers], geometry=lines)
