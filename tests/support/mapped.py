"""The tiny world with roads: the grid of `tests.support.roads`, three of its lines named, a river and a railway."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import shapely
from flask import Flask

from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.tables import Table
from tests.support import roads
from tests.support.tiny import write_tiny
from tests.support.web import tiny_app

EAST, NORTH = roads.WEST + 4 * roads.SIDE_M, roads.SOUTH + 4 * roads.SIDE_M
RIVER = shapely.LineString([(540_200, 260_300), (543_800, 261_700)])
RAILWAY = shapely.LineString([(540_300, 261_900), (543_900, 260_200)])
SOURCES = (
    {"kind": "roads", "title": "Roads", "licence": "ODbL", "attribution": "© Road drawers <and> friends"},
    {"kind": "population", "title": "Residents", "licence": "OGL", "attribution": "Contains residents"},
)


def line(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString(points)


def road_tables() -> dict[str, Table]:
    """Every table that the tiny world lacks for drawing and driving, with what answers from them compiled."""
    roads.compile_routing()
    made = roads.tables(roads.junctions(), roads.streets(), barriers=[("river", RIVER), ("railway", RAILWAY)])
    made["roads"] = Table.of(
        "roads",
        way_id=[1, 2, 3, 4],
        name=["", "Mill & Lane", "", "Back Alley"],
        ref=["M1", "", "A 2", ""],
        highway=["motorway", "residential", "primary", "service"],
        geometry=[
            line((540_000, 261_000), (544_000, 261_000)),
            line((540_000, 260_000), (542_000, 260_000), (544_000, 260_000)),
            line((542_000, 260_000), (542_000, 264_000)),
            line((543_000, 260_000), (543_000, 260_400)),
        ],
    )
    return made


def mapped_dataset(data_dir: Path, **changes: Any) -> Dataset:
    """The tiny world with roads, below `data_dir`."""
    return write_tiny(data_dir, changed_tables=road_tables() | changes.pop("changed_tables", {}), **changes)


def mapped_app(data_dir: Path, **more: Any) -> Flask:
    """The application over it."""
    return tiny_app(data_dir, changed_tables=road_tables(), sources=list(SOURCES), **more)
