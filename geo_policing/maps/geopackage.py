"""Isochrones as a GeoPackage: one layer of areas, one of the bases, in WGS 84."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo_policing.services.drive_about import bases_to_json
from geo_policing.services.isochrones import Isochrones

AREAS, BASES = "isochrones", "bases"


def isochrones_geopackage(found: Isochrones) -> bytes:
    """The file's content, the same bytes for the same isochrones.

    Its metadata names the method, the licence and whose data the roads are. Where the format asks when something was
    last changed, it has the beginning of the day (UTC) that the isochrones are of.
    """
    from pyogrio.raw import write

    about = {name: str(value) for name, value in found.about.items()}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "isochrones.gpkg"
        rows = found.properties()
        _write(
            write,
            path,
            AREAS,
            found.geometries(),
            {
                "minutes": np.array([row["minutes"] for row in rows], dtype=float),
                "from_minutes": np.array([row["from_minutes"] for row in rows], dtype=float),
                "truncated": np.array([row["truncated"] for row in rows], dtype=bool),
                "area_km2": np.array([row["area_km2"] for row in rows], dtype=float),
            },
            "MultiPolygon",
            about,
        )
        bases = bases_to_json(found.placed)
        _write(
            write,
            path,
            BASES,
            [shapely.Point(base["lon"], base["lat"]) for base in bases],
            {
                "id": np.array([base["id"] for base in bases], dtype=object),
                "name": np.array([base["name"] for base in bases], dtype=object),
                "offset_m": np.array([base["offset_m"] for base in bases], dtype=float),
            },
            "Point",
            about,
        )
        _date(path, f"{found.about['as_of']}T00:00:00.000Z")
        return path.read_bytes()


# Where the driver writes the time of writing: table and column.
_TIMES = (("gpkg_contents", "last_change"), ("gpkg_metadata_reference", "timestamp"))


def _date(path: Path, moment: str) -> None:
    """Put `moment` in the place of the time of writing."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for table, column in _TIMES:
            connection.execute(f"UPDATE {table} SET {column} = ?", (moment,))  # noqa: S608
        # Else what was there before may be left over in unused bytes.
        connection.execute("VACUUM")


def _write(
    write: Any, path: Path, layer: str, shapes: list[Any], columns: dict[str, Any], kind: str, about: dict[str, str]
) -> None:
    geometries = np.empty(len(shapes), dtype=object)
    geometries[:] = shapes
    if kind == "MultiPolygon":
        geometries = np.array([shapely.multipolygons(shapely.get_parts(shape)) for shape in geometries], dtype=object)
    write(
        path,
        shapely.to_wkb(geometries),
        list(columns.values()),
        list(columns),
        layer=layer,
        driver="GPKG",
        crs="EPSG:4326",
        geometry_type=kind,
        append=path.exists(),
        dataset_metadata=None if path.exists() else about,
        layer_metadata=about,
    )
