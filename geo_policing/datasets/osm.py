"""Roads from OpenStreetMap: an extract (.osm.pbf, .osm), an OSMnx graph (GraphML), or an Overpass reply (JSON).

All three become `Ways`: for each stretch of road its id, its tags, its nodes and its coordinates, so that what routing
needs later (direction, access, speed, shared nodes) is read once, here. The table `roads` is made from them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.datasets.discover import Probe
from geo_policing.datasets.findings import Finding, found
from geo_policing.datasets.tables import Table
from geo_policing.errors import SourceError
from geo_policing.spatial.crs import to_easting_northing, to_lon_lat

_LINKED = ("motorway", "trunk", "primary", "secondary", "tertiary")
DRIVABLE = frozenset(
    {"unclassified", "residential", "living_street", "service", "road", "busway"}
    | {road for name in _LINKED for road in (name, f"{name}_link")}
)
"""OSM classes that carry vehicles."""
STREETS = DRIVABLE | {"pedestrian"}
"""Classes that are kept whether or not they have a name."""
NAMED_PATHS = frozenset({"footway", "path", "steps", "track", "bridleway", "cycleway"})
"""Classes that are kept only with a name: houses stand on some of them, and residents give it as their address."""
MARGIN_M = 2_000.0
"""How far beyond the force roads are kept, so that the map does not end at its border."""
NETWORK_MARGIN_M = 60_000.0
"""How far beyond it they are kept for drive times: half an hour on a motorway."""

_Row = tuple[int, dict[str, str], list[int], list[tuple[float, float]]]


@dataclass(frozen=True)
class Ways:
    """Ways of one file in its order: `lon_lat[offset[i]:offset[i + 1]]` are way i's points, `node_id` their nodes.

    A way that is cut where it leaves the bounds asked for, or that a graph gives in pieces, stands there once a piece.
    """

    file: Path
    way_id: NDArray[np.int64]
    tags: tuple[Mapping[str, str], ...]
    offset: NDArray[np.int64]
    node_id: NDArray[np.int64]
    lon_lat: NDArray[np.float64]
    dropped: tuple[Finding, ...] = ()

    def __len__(self) -> int:
        return len(self.way_id)

    def within(self, bounds: tuple[float, float, float, float]) -> Ways:
        """The ways that come within `MARGIN_M` of `bounds` (west, south, east, north in EPSG:27700)."""
        if not len(self):
            return self
        keep = _Bounds(bounds, MARGIN_M)
        near = np.flatnonzero(np.logical_or.reduceat(keep.holds(self.lon_lat), self.offset[:-1]))
        sizes = np.diff(self.offset)[near]
        offset = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        at = np.arange(offset[-1]) - np.repeat(offset[:-1] - self.offset[near], sizes)
        return Ways(
            file=self.file,
            way_id=self.way_id[near],
            tags=tuple(self.tags[i] for i in near),
            offset=offset,
            node_id=self.node_id[at],
            lon_lat=self.lon_lat[at],
            dropped=self.dropped,
        )


@dataclass(frozen=True)
class Roads:
    """The table `roads`, which file it comes from, and the road files that were not used, each with the reason.

    `probe` and `ways` are that file and all that is within `NETWORK_MARGIN_M`, for drive times.
    """

    table: Table
    file: Path | None
    unused: tuple[tuple[Path, str], ...] = ()
    dropped: tuple[Finding, ...] = ()
    probe: Probe | None = None
    ways: Ways | None = None
    schematic: bool = False
    """True for made-up lines between places instead of roads: every drive time must say so."""


def recognises(probe: Probe) -> bool:
    """True for OSM's own files, GraphML and Overpass replies."""
    return probe.format in _READERS


def read_roads(probes: Sequence[Probe], bounds: tuple[float, float, float, float]) -> Roads:
    """Roads within `MARGIN_M` of `bounds` (west, south, east, north in EPSG:27700).

    Of several files the one with the greatest length of road there is used, since extracts overlap and roads must not
    stand twice; the others are named in `unused`. No probes, or no road within the bounds, give an empty table.
    SourceError for a file that is damaged, empty or holds no road at all.
    """
    best: tuple[float, Ways, NDArray[Any], Probe, Ways] | None = None
    lengths: list[tuple[Path, float]] = []
    for probe in probes:
        around = read_ways(probe, bounds, margin_m=NETWORK_MARGIN_M)
        ways = around.within(bounds)
        lines = _lines(ways)
        length_m = float(shapely.length(lines).sum())
        lengths.append((probe.path, length_m))
        if best is None or length_m > best[0]:
            best = (length_m, ways, lines, probe, around)
    if best is None:
        return Roads(Table.empty("roads"), None)
    _, ways, lines, probe, around = best
    unused = tuple(
        (path, f"{length_m / 1000:,.0f} km of road here, where {ways.file.name} has {best[0] / 1000:,.0f} km")
        for path, length_m in lengths
        if path != ways.file
    )
    return Roads(_table(ways, lines), ways.file, unused, ways.dropped, probe, around)


def read_ways(probe: Probe, bounds: tuple[float, float, float, float], *, margin_m: float = MARGIN_M) -> Ways:
    """The roads of one file that come within `margin_m` of `bounds` (EPSG:27700), see `STREETS` and `NAMED_PATHS`.

    A way of which fewer than two nodes have a location is dropped and counted. SourceError for a file that is damaged
    or holds no road at all.
    """
    keep = _Bounds(bounds, margin_m)
    rows: list[_Row] = []
    seen = incomplete = 0
    for way_id, tags, nodes, points in _READERS[probe.format](probe.path):
        seen += 1
        if len(points) < 2:
            incomplete += 1
        elif keep.touches(points):
            rows.append((way_id, tags, nodes, points))
    if not seen:
        raise SourceError(
            "there is no road in it", remedy="Download it again, or take it out of the sources.", file=probe.path
        )
    sizes = [len(points) for _, _, _, points in rows]
    lon_lat = np.array([point for _, _, _, points in rows for point in points], dtype=float).reshape(-1, 2)
    lacking = Finding("ways without locations", incomplete, "the extract lacks their nodes, so they have no line")
    return Ways(
        file=probe.path,
        way_id=np.array([row[0] for row in rows], dtype=np.int64),
        tags=tuple(row[1] for row in rows),
        offset=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        node_id=np.array([node for _, _, nodes, _ in rows for node in nodes], dtype=np.int64),
        lon_lat=lon_lat,
        dropped=found([lacking]),
    )


def extent_of(probe: Probe) -> tuple[float, float, float, float] | None:
    """From where to where all the roads of a file reach, in degrees: west, south, east, north; None without a place."""
    at = np.array([point for *_, points in _READERS[probe.format](probe.path) for point in points], dtype=float)
    if not len(at):
        return None
    (west, south), (east, north) = at.min(axis=0).tolist(), at.max(axis=0).tolist()
    return west, south, east, north


class _Bounds:
    """A box in degrees around bounds in metres; it may be a little larger than they are, never smaller."""

    def __init__(self, bounds: tuple[float, float, float, float], margin_m: float = MARGIN_M) -> None:
        west, south, east, north = bounds
        edge = np.linspace(0, 1, 9)
        e = west - margin_m + edge * (east - west + 2 * margin_m)
        n = south - margin_m + edge * (north - south + 2 * margin_m)
        # The sides of a grid box are curves in degrees, so all four are sampled.
        around_e = np.concatenate([e, e, np.full(9, e[0]), np.full(9, e[-1])])
        around_n = np.concatenate([np.full(9, n[0]), np.full(9, n[-1]), n, n])
        lon, lat = to_lon_lat(around_e, around_n)
        self.west, self.east = float(lon.min()), float(lon.max())
        self.south, self.north = float(lat.min()), float(lat.max())

    def holds(self, lon_lat: NDArray[np.float64]) -> NDArray[np.bool_]:
        """True for each point that lies in the box."""
        low, high = np.array([self.west, self.south]), np.array([self.east, self.north])
        return np.asarray(((lon_lat >= low) & (lon_lat <= high)).all(axis=1))

    def touches(self, points: Iterable[tuple[float, float]]) -> bool:
        """True where one of the points lies in the box."""
        return any(self.west <= lon <= self.east and self.south <= lat <= self.north for lon, lat in points)


def _wanted(tags: Mapping[str, str]) -> bool:
    highway = tags.get("highway", "")
    return (highway in STREETS or (highway in NAMED_PATHS and "name" in tags)) and tags.get("area") != "yes"


def _read_extract(path: Path) -> Iterator[_Row]:
    import osmium

    try:
        ways = (
            osmium.FileProcessor(str(path))
            .with_locations()
            .with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
            .with_filter(osmium.filter.KeyFilter("highway"))
        )
        for way in ways:
            if not isinstance(way, osmium.osm.Way):
                continue
            tags = {tag.k: tag.v for tag in way.tags}
            if _wanted(tags):
                located = [(node.ref, node.lon, node.lat) for node in way.nodes if node.location.valid()]
                yield way.id, tags, [ref for ref, _, _ in located], [(lon, lat) for _, lon, lat in located]
    except (RuntimeError, ValueError) as error:
        raise _damaged(path, error) from error


def _read_overpass(path: Path) -> Iterator[_Row]:
    import orjson

    try:
        elements = orjson.loads(path.read_bytes())["elements"]
        nodes = {e["id"]: (e["lon"], e["lat"]) for e in elements if e["type"] == "node" and "lon" in e}
        for element in elements:
            tags = element.get("tags", {})
            if element["type"] != "way" or not _wanted(tags):
                continue
            refs = element.get("nodes", [])
            # "out geom" puts the points into the way; other replies give them as nodes.
            if "geometry" in element:
                pairs = zip(refs, element["geometry"], strict=True)
                located = [(ref, (p["lon"], p["lat"])) for ref, p in pairs if p is not None]
            else:
                located = [(ref, nodes[ref]) for ref in refs if ref in nodes]
            yield element["id"], tags, [ref for ref, _ in located], [point for _, point in located]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(path, error) from error


def _read_graphml(path: Path) -> Iterator[_Row]:
    from geo_policing.datasets.graphml import read_edges

    return (row for row in read_edges(path) if _wanted(row[1]))


_READERS: dict[str, Callable[[Path], Iterator[_Row]]] = {
    "osm": _read_extract,
    "graphml": _read_graphml,
    "overpass": _read_overpass,
}


def _lines(ways: Ways) -> NDArray[Any]:
    """The ways as lines in EPSG:27700, in their order."""
    if not len(ways):
        return np.empty(0, dtype=object)
    easting, northing = to_easting_northing(ways.lon_lat[:, 0], ways.lon_lat[:, 1])
    # Decimetres are finer than any OSM survey, and the same on every machine.
    coordinates = np.round(np.column_stack([easting, northing]), 1)
    lines: NDArray[Any] = shapely.linestrings(
        coordinates, indices=np.repeat(np.arange(len(ways)), np.diff(ways.offset))
    )
    return lines


def _table(ways: Ways, lines: NDArray[Any]) -> Table:
    order = np.argsort(ways.way_id, kind="stable")
    texts = {
        column: np.array([tags.get(column, "") for tags in ways.tags], dtype=str)[order]
        for column in ("name", "ref", "highway")
    }
    return Table.of("roads", way_id=ways.way_id[order], geometry=lines[order], **texts)


def _damaged(path: Path, error: Exception) -> SourceError:
    return SourceError(
        f"it cannot be read as OpenStreetMap data ({error})",
        remedy="It is cut off or damaged; download it again.",
        file=path,
    )
