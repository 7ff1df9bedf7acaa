"""Publishers' files of the tiny world (see `tiny`), in the formats that publishers use; nothing in them is real.

`write_sources` makes a folder that builds; tests then damage one file of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import mapping

from geo_policing.spatial.crs import to_lon_lat
from tests.support.tiny import square

Feature = tuple[Mapping[str, Any], Any]
NATIONAL_GRID = "urn:ogc:def:crs:EPSG::27700"
OA_CODES = [f"E0000000{i}" for i in range(1, 9)]
LSOA_CODES = ["E01000001", "E01000002", "E01000003", "E01000004"]
WESTHAM, EASTHAM, FARHAM = "E07000901", "E07000902", "E07000903"
DISTRICT_NAMES = {WESTHAM: "Westham", EASTHAM: "Eastham", FARHAM: "Farham"}
WARD_NAMES = {"E05000001": "Abbey", "E05000002": "Market", "E05000003": "Abbey Fields", "E05000004": "Fen End"}

FORCE_TOML = f"""
name = "Tiny Constabulary"
slug = "tiny"
[districts]
{WESTHAM} = "Westham"
{EASTHAM} = "Eastham"
[[areas]]
code = "north"
name = "North"
districts = ["{WESTHAM}", "{EASTHAM}"]
"""

# postcode, quality, easting, northing, district, ward
CODE_POINT = [
    ("ZZ1 1AA", 10, 540_500, 260_500, WESTHAM, "E05000001"),
    ("ZZ1 1AB", 10, 541_500, 260_500, WESTHAM, "E05000002"),
    ("ZZ1 1AC", 10, 542_500, 260_500, EASTHAM, "E05000003"),
    ("ZZ1 1AD", 10, 543_500, 260_500, EASTHAM, "E05000004"),
    ("ZZ1 1AE", 90, 0, 0, WESTHAM, "E05000001"),
    ("ZZ1 1AF", 10, 544_500, 261_500, FARHAM, "E05000009"),
    ("ZZ1 1AG", 10, 540_500, 261_500, WESTHAM, "E05000001"),
]


def units() -> list[Feature]:
    """Eight output areas, in the order of the map in `tiny`."""
    return [
        (
            {"OA21CD": OA_CODES[4 * row + column], "LSOA21CD": LSOA_CODES[column], "LAD21CD": _district(column)},
            square(column, row),
        )
        for row in (0, 1)
        for column in range(4)
    ]


def districts() -> list[Feature]:
    """Westham and Eastham, and Farham over the border."""
    edges = {WESTHAM: (540_000, 542_000), EASTHAM: (542_000, 544_000), FARHAM: (544_000, 545_000)}
    return [
        ({"LAD24CD": code, "LAD24NM": DISTRICT_NAMES[code]}, shapely.box(west, 260_000, east, 262_000))
        for code, (west, east) in edges.items()
    ]


def wards() -> list[Feature]:
    """Four wards, a column of squares each."""
    return [
        ({"WD24CD": code, "WD24NM": name}, shapely.box(540_000 + 1000 * i, 260_000, 541_000 + 1000 * i, 262_000))
        for i, (code, name) in enumerate(WARD_NAMES.items())
    ]


def lsoas() -> list[Feature]:
    """Four LSOAs, a column of squares each."""
    return [
        ({"LSOA21CD": code, "LSOA21NM": f"Tiny 00{i + 1}A"}, shapely.union_all([square(i, 0), square(i, 1)]))
        for i, code in enumerate(LSOA_CODES)
    ]


def force_areas() -> list[Feature]:
    """One police force area that holds both districts."""
    return [({"PFA23CD": "E23000099", "PFA23NM": "Tinyshire"}, shapely.box(540_000, 260_000, 544_000, 262_000))]


def geojson(path: Path, features: Iterable[Feature], *, crs: str | None = NATIONAL_GRID, degrees: bool = False) -> Path:
    """Write `features` (in National Grid metres) as GeoJSON; `degrees` turns them into WGS 84 and drops the crs."""
    content: dict[str, Any] = {"type": "FeatureCollection"}
    if crs and not degrees:
        content["crs"] = {"type": "name", "properties": {"name": crs}}
    content["features"] = [
        {
            "type": "Feature",
            "properties": dict(properties),
            "geometry": None if shape is None else mapping(in_degrees(shape) if degrees else shape),
        }
        for properties, shape in features
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def by_gdal(path: Path, features: Sequence[Feature], *, driver: str, layer: str | None = None, crs: str | None) -> Path:
    """Write `features` as a GeoPackage layer ("GPKG") or a Shapefile ("ESRI Shapefile")."""
    import pyogrio.raw

    names = list(features[0][0])
    path.parent.mkdir(parents=True, exist_ok=True)
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(np.array([shape for _, shape in features], dtype=object)),
        field_data=[np.array([properties[name] for properties, _ in features], dtype=object) for name in names],
        fields=names,
        geometry_type="Polygon",
        crs=crs,
        driver=driver,
        layer=layer,
        append=path.exists() and layer is not None,
    )
    return path


def in_degrees(shape: Any) -> Any:
    """`shape` from National Grid metres to WGS 84 longitude and latitude."""
    return shapely.transform(shape, lambda xy: np.column_stack(to_lon_lat(xy[:, 0], xy[:, 1])))


def code_point(folder: Path, rows: Sequence[tuple[Any, ...]] = CODE_POINT) -> Path:
    """Code-Point Open as it is laid out: headerless data, and the publisher's notes in `Doc`."""
    data, notes = folder / "Data" / "CSV", folder / "Doc"
    data.mkdir(parents=True, exist_ok=True)
    notes.mkdir(exist_ok=True)
    (notes / "metadata.txt").write_text("PRODUCT: OS CODE-POINT\nCOPYRIGHT DATE: 20260420\n", encoding="utf-8")
    lines = [
        f'"{code}",{quality},{easting},{northing},"E92000001","","","","{district}","{ward}"'
        for code, quality, easting, northing, district, ward in rows
    ]
    path = data / "zz.csv"
    path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8")
    return path


def write_sources(folder: Path, *, everything: bool = False) -> Path:
    """A folder that builds: units, districts, postcodes and a force.toml; with `everything` the optional files too."""
    geojson(folder / "oa.geojson", units())
    geojson(folder / "lad.geojson", districts(), degrees=True)
    code_point(folder / "codepo")
    (folder / "force.toml").write_text(FORCE_TOML, encoding="utf-8")
    if everything:
        geojson(folder / "wards.geojson", wards())
        geojson(folder / "lsoa.geojson", lsoas(), degrees=True)
        geojson(folder / "Police_Force_Areas_December_2023.geojson", force_areas())
        residents = "\n".join(["LSOA21CD,population", *[f"{code},{100 + i}" for i, code in enumerate(LSOA_CODES)]])
        (folder / "population_mid2024.csv").write_text(residents + "\n", encoding="utf-8")
        _street_crime(folder / "2026-01" / "2026-01-tinyshire-street.csv")
        _roads(folder / "roads.osm")
        (folder / "notes.md").write_text("Taken from nowhere.", encoding="utf-8")
    return folder


def _district(column: int) -> str:
    return WESTHAM if column < 2 else EASTHAM


def _street_crime(path: Path) -> None:
    header = "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type"
    rows = [f"c{i},2026-01,Tiny,Tiny,0,52,On or near X,{LSOA_CODES[i % 4]},Tiny,Burglary" for i in range(6)]
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join([header + ",Last outcome category,Context", *[row + ",," for row in rows]])
    path.write_text(text + "\n", encoding="utf-8")


def _roads(path: Path) -> None:
    ends = [(540_200, 260_500), (541_800, 260_500)]
    lon, lat = to_lon_lat(*np.array(ends, dtype=float).T)
    nodes = [f'<node id="{i + 1}" lat="{lat[i]:.7f}" lon="{lon[i]:.7f}" version="1"/>' for i in range(2)]
    way = (
        '<way id="9" version="1"><nd ref="1"/><nd ref="2"/>'
        '<tag k="highway" v="residential"/><tag k="name" v="Mill Road"/></way>'
    )
    path.write_text(f'<osm version="0.6">{"".join(nodes)}{way}</osm>', encoding="utf-8")
