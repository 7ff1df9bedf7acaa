"""Road networks small enough to check by hand, and OSM text to read them from.

The grid has 5 by 5 junctions, 1 km apart, at eastings 540000 to 544000 and northings 260000 to 264000; every road is
driven at 36 km/h (`SPEEDS`), so that a kilometre takes 100 s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo_policing.datasets.tables import Table
from geo_policing.routing.engine import Engine
from geo_policing.routing.network import Network
from geo_policing.routing.speeds import RoadClass, SpeedTable
from geo_policing.spatial.crs import to_lon_lat

WEST, SOUTH, SIDE_M, COUNT = 540_000, 260_000, 1_000, 5
SPEEDS = SpeedTable.default().with_overrides(kph={road.label: 36.0 for road in RoadClass})


def tables(
    nodes: Sequence[tuple[float, float]],
    edges: Sequence[Mapping[str, Any]],
    *,
    bans: Sequence[tuple[int, bool, int, bool]] = (),
    banned_drives: Sequence[Sequence[tuple[int, bool]]] = (),
    signals: Sequence[int] = (),
    barriers: Sequence[tuple[str, Any]] = (),
) -> dict[str, Table]:
    """Network tables: edges give `a`, `b` and may give `via` (points between), `oneway`, `road` and `limit_kph`."""
    lines = [[nodes[e["a"]], *e.get("via", []), nodes[e["b"]]] for e in edges]
    points = np.array([point for line in lines for point in line], dtype=float).reshape(-1, 2)
    lengths = [shapely.LineString(line).length for line in lines]
    limits = [e.get("limit_kph", np.nan) for e in edges]
    columns = list(zip(*bans, strict=True)) if bans else [[]] * 4
    return {
        "road_nodes": Table.of(
            "road_nodes",
            node_id=range(len(nodes)),
            easting=[n[0] for n in nodes],
            northing=[n[1] for n in nodes],
            signals=[i in signals for i in range(len(nodes))],
            core=[True] * len(nodes),
        ),
        "road_edges": Table.of(
            "road_edges",
            a=[e["a"] for e in edges],
            b=[e["b"] for e in edges],
            way_id=range(len(edges)),
            road_class=[e.get("road", RoadClass.RESIDENTIAL) for e in edges],
            forward=[True] * len(edges),
            backward=[not e.get("oneway", False) for e in edges],
            limit_forward_kph=limits,
            limit_backward_kph=limits,
            dual=[False] * len(edges),
            urban=[True] * len(edges),
            slow_surface=[False] * len(edges),
            core=[True] * len(edges),
            length_m=lengths,
            first_point=np.concatenate([[0], np.cumsum([len(line) for line in lines])])[:-1],
        ),
        "road_points": Table.of("road_points", easting=points[:, 0], northing=points[:, 1]),
        "turn_bans": Table.of(
            "turn_bans", from_edge=columns[0], from_forward=columns[1], to_edge=columns[2], to_forward=columns[3]
        ),
        "banned_drives": Table.of(
            "banned_drives",
            drive=[i for i, drive in enumerate(banned_drives) for _ in drive],
            edge=[edge for drive in banned_drives for edge, _ in drive],
            forward=[forward for drive in banned_drives for _, forward in drive],
        ),
        "walk_barriers": Table.of(
            "walk_barriers", kind=[kind for kind, _ in barriers], geometry=[line for _, line in barriers]
        ),
    }


def network(nodes: Sequence[tuple[float, float]], edges: Sequence[Mapping[str, Any]], **others: Any) -> Network:
    """The network of `tables`."""
    return Network.from_tables(tables(nodes, edges, **others))


def junctions() -> list[tuple[float, float]]:
    """The grid's junctions, west to east, then south to north."""
    return [(WEST + SIDE_M * c, SOUTH + SIDE_M * r) for r in range(COUNT) for c in range(COUNT)]


def streets() -> list[dict[str, Any]]:
    """The grid's edges: those that run east, then those that run north."""
    east = [{"a": r * COUNT + c, "b": r * COUNT + c + 1} for r in range(COUNT) for c in range(COUNT - 1)]
    north = [{"a": r * COUNT + c, "b": r * COUNT + c + COUNT} for r in range(COUNT - 1) for c in range(COUNT)]
    return east + north


def grid_network(**others: Any) -> Network:
    """The whole grid."""
    return network(junctions(), streets(), **others)


@cache
def compile_routing() -> None:
    """Compile the loops of routing, once a process: on a fresh machine that takes longer than a request waits."""
    Engine(grid_network()).warm()


def osm_xml(
    nodes: Mapping[int, tuple[float, float]],
    ways: Mapping[int, tuple[Sequence[int], Mapping[str, str]]],
    *,
    node_tags: Mapping[int, Mapping[str, str]] | None = None,
    relations: Sequence[tuple[Mapping[str, str], Sequence[tuple[str, int, str]]]] = (),
) -> str:
    """OSM XML of nodes at (easting, northing), ways and relations (tags, members as type, ref, role)."""
    out = ['<?xml version="1.0"?><osm version="0.6">']
    for key, place in sorted(nodes.items()):
        lon, lat = (float(v) for v in to_lon_lat(*place))
        out.append(
            f'<node id="{key}" version="1" lat="{lat:.7f}" lon="{lon:.7f}">'
            f"{_tags((node_tags or {}).get(key, {}))}</node>"
        )
    for key, (refs, tags) in sorted(ways.items()):
        listed = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        out.append(f'<way id="{key}" version="1">{listed}{_tags(tags)}</way>')
    for number, (tags, members) in enumerate(relations, 1):
        listed = "".join(f'<member type="{kind}" ref="{ref}" role="{role}"/>' for kind, ref, role in members)
        out.append(f'<relation id="{number}" version="1">{listed}{_tags(tags)}</relation>')
    return "\n".join([*out, "</osm>"])


def write_osm(path: Path, *args: Any, **kwargs: Any) -> Path:
    """`osm_xml` into a file."""
    path.write_text(osm_xml(*args, **kwargs), encoding="utf-8")
    return path


def _tags(tags: Mapping[str, str]) -> str:
    return "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items())
