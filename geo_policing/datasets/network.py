"""The routable network: roads a car may use, cut at junctions, with what a search needs to know of each.

Made from the ways and controls of one road file (`datasets.osm`, `datasets.osm_controls`). Lengths are measured on the
National Grid, whose scale differs from the ground by less than 0.04% in England.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo_policing.datasets.contraction import join_chains
from geo_policing.datasets.findings import Finding, found
from geo_policing.datasets.network_edges import attributes_of, control_ids, cut_ways, likeness_keys, without_specks
from geo_policing.datasets.network_tables import NetworkTables, NoNetworkError
from geo_policing.datasets.osm import DRIVABLE, Ways
from geo_policing.datasets.osm_controls import Controls
from geo_policing.datasets.osm_tags import RoadRule, read_rule
from geo_policing.datasets.tables import Table
from geo_policing.datasets.turn_restrictions import banned_drives, meeting_nodes
from geo_policing.spatial.crs import to_easting_northing

__all__ = ["NETWORK_TABLES", "BuiltNetwork", "NoNetworkError", "build_network", "no_network"]

NETWORK_TABLES = ("road_nodes", "road_edges", "road_points", "turn_bans", "banned_drives", "walk_barriers")


@dataclass(frozen=True)
class BuiltNetwork:
    """The network's tables, what was left out, and what the manifest says of it."""

    tables: Mapping[str, Table]
    dropped: tuple[Finding, ...]
    about: Mapping[str, Any]


def no_network() -> BuiltNetwork:
    """The tables of a dataset whose sources have no roads."""
    return BuiltNetwork({name: Table.empty(name) for name in NETWORK_TABLES}, (), {})


def build_network(
    ways: Ways, controls: Controls, dwellings: tuple[NDArray[Any], NDArray[Any]] | None = None
) -> BuiltNetwork:
    """The network of `ways`; `dwellings` are easting and northing of live postcodes, which tell town from country.

    NoNetworkError where no way may be driven, or none of them forms a circuit that can be both reached and left.
    """
    rules, closed = _rules(ways)
    if not rules:
        raise NoNetworkError(
            "there is no road in it that a car may use",
            remedy="Use an extract with highway tags, such as osmnx's network_type='drive'.",
            file=ways.file,
        )
    easting, northing = to_easting_northing(ways.lon_lat[:, 0], ways.lon_lat[:, 1])
    xy = np.round(np.column_stack([easting, northing]), 2)
    nodes, edges = cut_ways(ways, sorted(rules), controls)
    edges = without_specks(edges, xy)
    attributes = attributes_of(rules, edges.way)
    banned = banned_drives(ways, nodes, edges, attributes, controls.restrictions)
    keep = control_ids(controls) | meeting_nodes(ways, controls.restrictions)
    protected = np.isin(nodes.node_id, np.array(sorted(keep), dtype=np.int64))
    chains = join_chains(edges.a, edges.b, *likeness_keys(attributes), protected)
    made = NetworkTables(ways, xy, nodes, edges, attributes, chains, controls)
    tables, left_out = made.made(banned.drives, dwellings)
    unsupported = controls.unsupported_restrictions + banned.unplaced
    return BuiltNetwork(tables, _findings(closed, left_out, unsupported), _about(tables, controls, unsupported))


def _rules(ways: Ways) -> tuple[dict[int, RoadRule], Counter[str]]:
    """The rule of each way that may be driven, by its place, and how many roads are closed to cars and why."""
    rules: dict[int, RoadRule] = {}
    closed: Counter[str] = Counter()
    for place, tags in enumerate(ways.tags):
        rule = read_rule(tags)
        if not rule.closed:
            rules[place] = rule
        elif tags.get("highway") in DRIVABLE or rule.closed != "not for cars":
            closed[rule.closed] += 1
    return rules, closed


def _findings(closed: Counter[str], left_out: Mapping[str, Any], unsupported: int) -> tuple[Finding, ...]:
    notes = [
        Finding(f"roads that are {why}", count, "not part of the routable network")
        for why, count in sorted(closed.items())
    ]
    notes.append(
        Finding(
            "stretches of road outside the network's core",
            left_out["edges"],
            f"{left_out['km']:,.1f} km that cannot be both reached and left by road; kept for the map only",
            tuple(left_out["ways"][:5]),
        )
    )
    notes.append(
        Finding(
            "turn restrictions not used", unsupported, "they name roads that are not in the file or may not be driven"
        )
    )
    return found(notes)


def _about(tables: Mapping[str, Table], controls: Controls, unsupported: int) -> dict[str, Any]:
    edges, nodes = tables["road_edges"], tables["road_nodes"]
    core = edges["core"]
    return {
        "nodes": int(nodes["core"].sum()),
        "edges": int(core.sum()),
        "km": round(float(edges["length_m"][core].sum() / 1000), 1),
        "left_out_edges": int((~core).sum()),
        "left_out_km": round(float(edges["length_m"][~core].sum() / 1000), 1),
        "turn_bans": len(tables["turn_bans"]),
        "banned_drives": len(set(tables["banned_drives"]["drive"].tolist())),
        "unsupported_restrictions": unsupported,
        "signals": int(nodes["signals"].sum()),
        "barriers": dict(sorted(Counter(kind for kind, _ in controls.barriers).items())),
    }
