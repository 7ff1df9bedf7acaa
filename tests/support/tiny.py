"""A world small enough to check by hand: eight 1 km squares, four beats, two districts and one over the border.

northing 262000  +--------+--------+--------+--------+--------+
                 | u5     | u6     | u7     | u8     |        |
                 | Abbey  | Market | Abbey  | Fen End|  X03   |
         261000  +--------+--------+--------+--------+ outside|
                 | u1     | u2     | u3     | u4     |        |
                 | Abbey  | Market | Abbey  | Fen End|        |
         260000  +--------+--------+--------+--------+--------+
         easting 540000   541000   542000   543000   544000   545000
                 |--- X01 Westham --|---- X02 Eastham --|
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo_policing.datasets.dataset import Dataset, point_current_at, write_dataset
from geo_policing.datasets.schema import TABLES, PostcodeStatus
from geo_policing.datasets.tables import Table

WEST, SOUTH, SIDE_M = 540_000, 260_000, 1_000
NAN = float("nan")

FORCE: dict[str, Any] = {
    "name": "Tiny Constabulary",
    "slug": "tiny",
    "districts": {"X01": "Westham", "X02": "Eastham"},
    "areas": [{"code": "north", "name": "North", "districts": ["X01", "X02"]}],
    "areas_note": "An assumption made for tests.",
    "pcso_fte_floor": 3.0,
    "facilities": [
        {
            "id": "westham-station",
            "name": "Westham Police Station",
            "kinds": ["response_base", "enquiry_office"],
            "district": "X01",
            "postcode": "ZZ1 1AA",
            "opening_hours": "Mo-Fr 09:00-17:00; PH off",
            "access": "Step-free entrance",
        },
        {
            "id": "eastham-library",
            "name": "Eastham Library",
            "kinds": ["enquiry_office", "contact_point"],
            "district": "X02",
            "settlement": "Fen End",
            "opening_hours": "We 10:00-12:00",
        },
    ],
    "action_teams": [{"id": "rural", "name": "Rural Team", "about": "Works on rural crime."}],
}

# postcode, easting, northing, accuracy_m, quality, status, large_user, district_code, ward_code, unit row, snapped_m
POSTCODES = [
    ("ZZ11AA", 540_500, 260_500, 10, 10, PostcodeStatus.LIVE, False, "X01", "W1", 0, 0),
    ("ZZ11AB", 540_950, 260_500, 10, 10, PostcodeStatus.LIVE, False, "X01", "W1", 0, 0),
    ("ZZ11AC", 541_100, 260_500, 10, 10, PostcodeStatus.LIVE, False, "X01", "W2", 1, 0),
    ("ZZ11AD", 541_500, 261_500, NAN, -1, PostcodeStatus.TERMINATED, False, "X01", "", 5, 0),
    ("ZZ11AE", NAN, NAN, NAN, 90, PostcodeStatus.UNLOCATED, False, "X01", "W2", -1, 0),
    ("ZZ11AF", 542_500, 260_500, 10, 10, PostcodeStatus.LIVE, True, "X02", "W3", 2, 0),
    ("ZZ11AG", 544_500, 260_500, 10, 10, PostcodeStatus.LIVE, False, "X03", "W9", -1, 0),
    ("ZZ11AH", 539_980, 260_500, 10, 10, PostcodeStatus.LIVE, False, "X01", "W1", 0, 20),
    ("ZZ12OO", 543_500, 261_500, 50, 50, PostcodeStatus.LIVE, False, "X02", "W4", 7, 0),
    ("ZZ99ZZ", 549_000, 269_000, 10, 10, PostcodeStatus.LIVE, False, "X99", "", -1, 0),
]
# postcode row, unit row, share: AB is split between beats 60:40, AC 90:10
POSTCODE_UNITS = [
    (0, 0, 1.0),
    (1, 0, 0.6),
    (1, 1, 0.4),
    (2, 0, 0.1),
    (2, 1, 0.9),
    (5, 2, 1.0),
    (7, 0, 1.0),
    (8, 7, 1.0),
]

# id, name, kind, near, easting, northing, accuracy_m, population, district row
PLACES = [
    ("eastham", "Eastham", "district", "", 543_000, 261_000, 1000, 400, 1),
    ("fen-end", "Fen End", "settlement", "Eastham", 543_500, 260_500, 500, 200, 1),
    ("mill-road-eastham", "Mill Road", "street", "Fen End", 542_500, 261_500, 100, NAN, 1),
    ("mill-road-westham", "Mill Road", "street", "Market", 540_500, 261_500, 100, NAN, 0),
    ("over-there", "Over There", "settlement", "", 544_500, 261_500, 500, 90, 2),
    ("st-marys-street", "St Mary's Street", "street", "Market", 541_000, 260_500, 200, NAN, 0),
]
# place row, unit row, share: St Mary's Street runs half in u1, half in u2
PLACE_UNITS = [
    (0, 2, 0.25),
    (0, 3, 0.25),
    (0, 6, 0.25),
    (0, 7, 0.25),
    (1, 3, 1.0),
    (2, 6, 1.0),
    (3, 4, 1.0),
    (5, 0, 0.5),
    (5, 1, 0.5),
]


def square(column: int, row: int) -> shapely.Polygon:
    """The 1 km square in the given column and row, from the south-west."""
    e, n = WEST + column * SIDE_M, SOUTH + row * SIDE_M
    return shapely.box(e, n, e + SIDE_M, n + SIDE_M)


def tables() -> dict[str, Table]:
    """Every table of the tiny world."""
    squares = [square(c, r) for r in (0, 1) for c in range(4)]
    pairs = [(a, b) for a in range(8) for b in range(a + 1, 8) if squares[a].intersection(squares[b]).length > 0]
    made = {name: Table.empty(name) for name in TABLES}
    made["units"] = Table.of(
        "units",
        id=[f"u{i}" for i in range(1, 9)],
        district=[0, 0, 1, 1] * 2,
        lsoa=["L1", "L2", "L3", "L4"] * 2,
        suggested_beat=["Abbey", "Market", "Abbey", "Fen End"] * 2,
        population=[100.0] * 8,
        geometry=squares,
    )
    made["adjacency"] = Table.of(
        "adjacency", a=[p[0] for p in pairs], b=[p[1] for p in pairs], shared_m=[1000] * len(pairs)
    )
    made["demand"] = Table.of(
        "demand", unit=list(range(8)), category=["Burglary"] * 8, incidents=[float(i) for i in range(8)]
    )
    made["districts"] = Table.of(
        "districts",
        code=["X01", "X02", "X03"],
        name=["Westham", "Eastham", "Farham"],
        inside=[True, True, False],
        area=[0, 0, -1],
        geometry=[
            shapely.box(540_000, 260_000, 542_000, 262_000),
            shapely.box(542_000, 260_000, 544_000, 262_000),
            shapely.box(544_000, 260_000, 545_000, 262_000),
        ],
    )
    made["areas"] = Table.of("areas", code=["north"], name=["North"])
    made["wards"] = Table.of(
        "wards",
        code=["W1", "W2", "W3", "W4"],
        name=["Abbey", "Market", "Abbey", "Fen End"],
        geometry=[shapely.box(e, 260_000, e + 1000, 262_000) for e in range(540_000, 544_000, 1000)],
    )
    made["lsoas"] = Table.of(
        "lsoas", code=["L1", "L2", "L3", "L4"], name=["Westham 001A", "Westham 001B", "Eastham 001A", "Eastham 002A"]
    )
    made["postcodes"] = _rows("postcodes", POSTCODES)
    made["postcode_units"] = _rows("postcode_units", POSTCODE_UNITS)
    made["places"] = _rows("places", PLACES)
    made["place_units"] = _rows("place_units", PLACE_UNITS)
    return made


def manifest(**changes: Any) -> dict[str, Any]:
    """A manifest for the tiny world, with `changes` laid over it."""
    return {
        "force": FORCE,
        "approximate": False,
        "title": "Tiny world",
        "postcode_share_method": "voronoi_area",
        "sources": [],
        "absent": [],
        "dropped": [],
        "repaired": [],
        **changes,
    }


def write_tiny(data_dir: Path, *, changed_tables: dict[str, Table] | None = None, **manifest_changes: Any) -> Dataset:
    """Write the tiny world below `data_dir`, point `current` at it, and open it."""
    dataset = write_dataset(data_dir, {**tables(), **(changed_tables or {})}, manifest(**manifest_changes))
    point_current_at(data_dir, dataset.data_version)
    return dataset


def _rows(table_name: str, rows: list[tuple[Any, ...]]) -> Table:
    names = TABLES[table_name].column_names
    return Table.of(table_name, **{name: np.array([row[i] for row in rows]) for i, name in enumerate(names)})
