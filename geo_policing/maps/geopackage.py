"""Isochrones as a GeoPackage: one layer of areas, one of the bases, in WGS 84."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo_policing.services.drive_about import bases_to_json
from geo_policing.services.isochrones import Isochrones

AREAS, BASES = "isochrones", "bases"


def isochrones_geopackage(found: Isochrones) -> bytes:
    """The file's content; its metadata names the method, the licence and whose data the roads are.

    GeoPackages carry the time of writing, so two of the same isochrones differ in that.
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
        return path.read_bytes()


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
