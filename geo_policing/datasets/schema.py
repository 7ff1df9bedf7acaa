"""The tables of a dataset and what each column holds: the one place that says so.

"Row of X" is a 0-based index into table X, -1 for none. Eastings, northings and geometry are EPSG:27700 metres.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

FORMAT_VERSION = 2


class PostcodeStatus(IntEnum):
    """What the sources say of a postcode."""

    LIVE = 0
    TERMINATED = 1
    UNLOCATED = 2
    """In the source, but without a location (Code-Point Open's positional quality 90)."""


@dataclass(frozen=True)
class Column:
    """A column: `dtype` is numpy's, "U" for text of any width, "geometry" for shapely objects."""

    name: str
    dtype: str
    about: str

    @property
    def is_geometry(self) -> bool:
        """True for a column of shapely geometries."""
        return self.dtype == "geometry"


@dataclass(frozen=True)
class TableSchema:
    """A table: what a row is, its order (part of the content hash), and its columns."""

    about: str
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names in storage order."""
        return tuple(c.name for c in self.columns)


TABLES: dict[str, TableSchema] = {
    "units": TableSchema(
        "Building blocks of plans, a valid coverage; ordered by id.",
        (
            Column("id", "U", "the source's code, such as an output area's"),
            Column("district", "<i2", "row of districts; every unit lies in one inside district"),
            Column("lsoa", "U", "LSOA code, '' where the source has none"),
            Column("suggested_beat", "U", "name of the beat the source suggests, '' where it suggests none"),
            Column("population", "<f8", "residents, NaN where no source gives them"),
            Column("geometry", "geometry", "Polygon or MultiPolygon"),
        ),
    ),
    "adjacency": TableSchema(
        "Pairs of units that share a boundary of more than a point; a < b, ordered.",
        (
            Column("a", "<i4", "row of units"),
            Column("b", "<i4", "row of units"),
            Column("shared_m", "<f8", "length of the shared boundary in metres"),
        ),
    ),
    "demand": TableSchema(
        "Recorded incidents per unit and category over the months in the manifest; ordered by unit, category.",
        (
            Column("unit", "<i4", "row of units"),
            Column("category", "U", "the source's name of the category"),
            Column("incidents", "<f8", "incidents, a share of the LSOA's"),
        ),
    ),
    "districts": TableSchema(
        "Local authority districts of the force and those over its border; inside first, then by code.",
        (
            Column("code", "U", "ONS code"),
            Column("name", "U", "name"),
            Column("inside", "?", "True for a district of the force"),
            Column("area", "<i2", "row of areas, -1 where none is configured or it is over the border"),
            Column("geometry", "geometry", "Polygon or MultiPolygon"),
        ),
    ),
    "areas": TableSchema(
        "Command areas of the force (north, south), in the order of force.toml.",
        (Column("code", "U", "of a-z0-9-"), Column("name", "U", "name")),
    ),
    "wards": TableSchema(
        "Electoral wards, where the sources have them; ordered by code.",
        (
            Column("code", "U", "ONS code"),
            Column("name", "U", "name"),
            Column("geometry", "geometry", "Polygon or MultiPolygon"),
        ),
    ),
    "lsoas": TableSchema(
        "Lower-layer super output areas, where the sources have them; ordered by code.",
        (Column("code", "U", "ONS code"), Column("name", "U", "name")),
    ),
    "postcodes": TableSchema(
        "Every postcode of the sources, live or not, inside or not; ordered by postcode.",
        (
            Column("postcode", "U", "without a space, upper case"),
            Column("easting", "<f8", "NaN where unlocated"),
            Column("northing", "<f8", "NaN where unlocated"),
            Column("accuracy_m", "<f4", "how far off the point may be, NaN where not known"),
            Column("quality", "<i2", "the source's positional quality, -1 where it has none"),
            Column("status", "<i1", "PostcodeStatus"),
            Column("large_user", "?", "True where the source marks it as one organisation's"),
            Column("district_code", "U", "the source's own district code, '' where it has none"),
            Column("ward_code", "U", "the source's own ward code, '' where it has none"),
            Column("unit", "<i4", "row of units that decides for the point, -1 outside the force"),
            Column("snapped_m", "<f4", "0 where the point lies in the unit, else how far from it"),
        ),
    ),
    "postcode_units": TableSchema(
        "How a live postcode is shared between units; shares of a postcode sum to 1; ordered by postcode, unit.",
        (
            Column("postcode", "<i4", "row of postcodes"),
            Column("unit", "<i4", "row of units"),
            Column("share", "<f8", "0 < share <= 1, by the method in the manifest"),
        ),
    ),
    "places": TableSchema(
        "Named places and streets to search for; a street once per stretch that hangs together; ordered by id.",
        (
            Column("id", "U", "of a-z0-9-, stable for the same sources"),
            Column("name", "U", "as the source writes it"),
            Column("kind", "U", "settlement, ward, district or street"),
            Column("near", "U", "what tells it from others of its name, such as the next settlement"),
            Column("easting", "<f8", "a point of it"),
            Column("northing", "<f8", "a point of it"),
            Column("accuracy_m", "<f4", "radius of what the name may mean, NaN where not known"),
            Column("population", "<f8", "residents, NaN where not known"),
            Column("district", "<i2", "row of districts in which the point lies, -1 where in none"),
        ),
    ),
    "place_units": TableSchema(
        "How a place or street is shared between units (by residents, or by length); ordered by place, unit.",
        (
            Column("place", "<i4", "row of places"),
            Column("unit", "<i4", "row of units"),
            Column(
                "share",
                "<f8",
                "0 < share <= 1; sums to 1, or to less where part of it lies outside the force",
            ),
        ),
    ),
    "roads": TableSchema(
        "Road lines with their names; ordered by the source's way id.",
        (
            Column("way_id", "<i8", "the source's id"),
            Column("name", "U", "'' where unnamed"),
            Column("ref", "U", "road number, '' where none"),
            Column("highway", "U", "OSM class"),
            Column("geometry", "geometry", "LineString"),
        ),
    ),
    "road_nodes": TableSchema(
        "Junctions, ends and changes of the drivable roads; in the order of the source's node ids.",
        (
            Column("node_id", "<i8", "the source's id; several rows share one where a barrier cuts the road there"),
            Column("easting", "<f8", "EPSG:27700"),
            Column("northing", "<f8", "EPSG:27700"),
            Column("signals", "?", "True where traffic lights stand at the node"),
            Column("core", "?", "True where it can be reached from, and reaches, the rest of the core"),
        ),
    ),
    "road_edges": TableSchema(
        "Drivable roads between two nodes, each once however many ways it runs; ordered by way, then along it.",
        (
            Column("a", "<i4", "row of road_nodes where its points begin"),
            Column("b", "<i4", "row of road_nodes where its points end"),
            Column("way_id", "<i8", "the source's id of the way, of the first one where several were joined"),
            Column("road_class", "<i1", "routing.speeds.RoadClass"),
            Column("forward", "?", "True where one may drive from a to b"),
            Column("backward", "?", "True where one may drive from b to a"),
            Column("limit_forward_kph", "<f4", "tagged speed limit from a to b, NaN where none"),
            Column("limit_backward_kph", "<f4", "tagged speed limit from b to a, NaN where none"),
            Column("dual", "?", "True for one carriageway of a dual one"),
            Column("urban", "?", "True where it runs through houses"),
            Column("slow_surface", "?", "True for gravel, earth or setts"),
            Column("core", "?", "True where it can be left and reached by road; the rest is kept to be mapped"),
            Column("length_m", "<f8", "length along its points in EPSG:27700"),
            Column("first_point", "<i4", "row of road_points where its points begin; the next edge's first ends them"),
        ),
    ),
    "road_points": TableSchema(
        "Points of the edges, end points included, edge by edge.",
        (Column("easting", "<f8", "EPSG:27700"), Column("northing", "<f8", "EPSG:27700")),
    ),
    "turn_bans": TableSchema(
        "Turns that are not allowed, from one edge in one direction to another; ordered.",
        (
            Column("from_edge", "<i4", "row of road_edges"),
            Column("from_forward", "?", "True where it is driven from a to b"),
            Column("to_edge", "<i4", "row of road_edges"),
            Column("to_forward", "?", "True where it is driven from a to b"),
        ),
    ),
    "banned_drives": TableSchema(
        "Drives over three edges or more that are not allowed; ordered by drive, then along it. Later than the other "
        "tables: a dataset from before has none of it.",
        (
            Column("drive", "<i4", "number of the drive, from 0"),
            Column("edge", "<i4", "row of road_edges"),
            Column("forward", "?", "True where it is driven from a to b"),
        ),
    ),
    "walk_barriers": TableSchema(
        "Rivers and railways, which nobody walks across; in the source's order. Motorways are in road_edges.",
        (Column("kind", "U", "river or railway"), Column("geometry", "geometry", "LineString")),
    ),
}
