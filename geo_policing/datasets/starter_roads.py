"""The starter's schematic roads: straight lines between neighbouring places, for drive times where no road file is.

They become the same `Ways` as a road file's, and the same network by the same steps; the manifest says `schematic`.
"""

from __future__ import annotations

import numpy as np

from geo_policing.datasets.discover import CSV, Probe
from geo_policing.datasets.osm import DRIVABLE, Roads, Ways
from geo_policing.datasets.postcode_rows import Fault, grid_faults, parse_numbers
from geo_policing.datasets.starter import fault_of, refuse_first
from geo_policing.datasets.tables import Table
from geo_policing.datasets.textfile import read_rows
from geo_policing.spatial.crs import to_lon_lat

ROAD_COLUMNS = ("highway", "built_up", "from_easting", "from_northing", "to_easting", "to_northing", "schematic")
_ENDS = ROAD_COLUMNS[2:6]
_NORTHINGS = 10_000_000
"""More than any northing: a node's id is its easting times this, plus its northing."""


def is_roads(probe: Probe) -> bool:
    """True for the starter's table of roads."""
    return probe.format == CSV and set(ROAD_COLUMNS) <= set(probe.fields)


def read_roads(probe: Probe) -> Roads:
    """The roads as ways of two nodes, driven both ways, in the file's order; way ids count from 1.

    Roads that end on the same metre meet there. The table `roads` stays empty: nobody should take a schematic line for
    a road that one could find. SourceError names file, row and field for a class that carries no cars, a coordinate
    that is none or off the National Grid, a road without length, and a word that is neither yes nor no.
    """
    records = list(read_rows(probe.path, ROAD_COLUMNS))
    texts = dict(zip(ROAD_COLUMNS, zip(*records, strict=True) if records else [()] * len(ROAD_COLUMNS), strict=True))
    faults: list[Fault] = []
    ends = {}
    for name in _ENDS:
        ends[name], fault = parse_numbers(name, texts[name])
        faults += [fault, fault_of(name, np.isnan(ends[name]) & ~fault.bad, "is missing", texts[name])]
    start, end = (np.column_stack([ends[a], ends[b]]) for a, b in (_ENDS[:2], _ENDS[2:]))
    faults += grid_faults(_ENDS[:2], *start.T) + grid_faults(_ENDS[2:], *end.T)
    faults.append(fault_of("to_easting", (start == end).all(axis=1), "is where the road begins", texts["to_easting"]))
    faults.append(fault_of("highway", ~np.isin(texts["highway"], list(DRIVABLE)), "carries no cars", texts["highway"]))
    for name in ("built_up", "schematic"):
        faults.append(fault_of(name, ~np.isin(texts[name], ("yes", "no")), "is neither yes nor no", texts[name]))
    refuse_first(probe.path, faults)
    points = np.stack([start, end], axis=1).reshape(-1, 2)
    whole = np.rint(points).astype(np.int64)
    ways = Ways(
        file=probe.path,
        way_id=np.arange(1, len(records) + 1),
        tags=tuple(_tags(*row) for row in zip(texts["highway"], texts["built_up"], strict=True)),
        offset=np.arange(len(records) + 1) * 2,
        node_id=whole[:, 0] * _NORTHINGS + whole[:, 1],
        lon_lat=np.column_stack(to_lon_lat(points[:, 0], points[:, 1])),
    )
    return Roads(Table.empty("roads"), probe.path, probe=probe, ways=ways, schematic=True)


def _tags(highway: str, built_up: str) -> dict[str, str]:
    """As OSM would tag it: lamps stand where houses are, and the setting follows from them."""
    return {"highway": highway, **({"lit": "yes"} if built_up == "yes" else {})}
