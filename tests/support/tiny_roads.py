"""Roads for the tiny world: streets between the middles of its squares, a kilometre in 100 s, and two response bases.

northing 261500  4---------5---------6---------7 Eastham's base
                 |         |         |         |
         260500  0---------1---------2---------3
                 Westham's base
         easting 540500    541500    542500    543500
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from geo_policing.clock import Clock
from geo_policing.datasets.dataset import Dataset
from geo_policing.services.live import Live
from geo_policing.services.view import View
from tests.support.live import tiny_live
from tests.support.roads import compile_routing
from tests.support.roads import tables as network_tables
from tests.support.tiny import FORCE, write_tiny

COLUMNS, ROWS = 4, 2
LIMIT_KPH = 60.0
"""Tagged on every street, of which residential streets in town average 0.6: 36 km/h, 100 s a kilometre."""
BASES = [
    {
        "id": "westham-station",
        "name": "Westham Police Station",
        "kinds": ["response_base", "enquiry_office"],
        "district": "X01",
        "postcode": "ZZ1 1AA",
        "opening_hours": "Mo-Fr 09:00-17:00; PH off",
    },
    {
        "id": "eastham-station",
        "name": "Eastham Police Station",
        "kinds": ["response_base"],
        "district": "X02",
        "postcode": "ZZ1 2OO",
    },
    {
        "id": "eastham-library",
        "name": "Eastham Library",
        "kinds": ["enquiry_office", "contact_point"],
        "district": "X02",
        "settlement": "Fen End",
        "opening_hours": "We 10:00-12:00",
    },
]
"""Westham's base stands on node 0, Eastham's on node 7 (540500, 260500 and 543500, 261500)."""
ROAD_SOURCE = {
    "kind": "roads",
    "title": "Roads",
    "publisher": "OpenStreetMap",
    "licence": "Open Database Licence 1.0",
    "licence_url": "https://opendatacommons.org/licenses/odbl/1-0/",
    "attribution": "© OpenStreetMap contributors, ODbL 1.0",
    "vintage": "2026",
}


def nodes() -> list[tuple[float, float]]:
    """The middles of the eight squares, west to east, then south to north."""
    return [(540_500.0 + 1000 * c, 260_500.0 + 1000 * r) for r in range(ROWS) for c in range(COLUMNS)]


def streets() -> list[dict[str, Any]]:
    """Streets between neighbouring squares."""
    pairs = [(r * COLUMNS + c, r * COLUMNS + c + 1) for r in range(ROWS) for c in range(COLUMNS - 1)]
    pairs += [(c, c + COLUMNS) for c in range(COLUMNS)]
    return [{"a": a, "b": b, "limit_kph": LIMIT_KPH} for a, b in pairs]


def manifest_changes() -> dict[str, Any]:
    """What the tiny world's manifest has otherwise where it has roads."""
    return {"force": {**FORCE, "facilities": BASES}, "sources": [ROAD_SOURCE], "population_method": "given"}


def road_tables() -> dict[str, Any]:
    """The network's tables, with what answers from them compiled."""
    compile_routing()
    return network_tables(nodes(), streets())


def tiny_road_dataset(data_dir: Path) -> Dataset:
    """The tiny world with roads, served from `data_dir`; no database."""
    return write_tiny(data_dir, changed_tables=road_tables(), **manifest_changes())


def tiny_road_live(tmp_path: Path, clock: Clock | None = None, **changes: Any) -> Live:
    """The tiny world with roads, seeded and live."""
    return tiny_live(tmp_path, clock, changed_tables=road_tables(), **{**manifest_changes(), **changes})


def tiny_road_view(tmp_path: Path) -> View:
    """Its view of the clock's day, whose beats are those that the data suggests."""
    live = tiny_road_live(tmp_path)
    view = live.view()
    live.close()
    return view
