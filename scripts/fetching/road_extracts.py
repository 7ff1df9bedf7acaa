"""Roads of a force and half an hour around it, from Geofabrik's regional extracts: which they are, and as one file.

Geofabrik's index (https://download.geofabrik.de/index-v1.json) is GeoJSON: a feature a region, with its outline, its
parent's id and the address of its extract. Neighbouring extracts share the roads that cross between them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from geo_policing.errors import SourceError
from scripts.fetching import beside
from scripts.fetching.http import MOVED, DownloadError

MOSTLY = 0.5
"""A region's parts stand for it where they cover more than this of it; some regions have a town as their only part."""
METRES_PER_DEGREE_LAT = 111_000.0
_KEPT_WATERWAYS = ("river", "canal")

BoundingBox = tuple[float, float, float, float]


@dataclass(frozen=True)
class Region:
    """One region of the index; `parent` is "" for a continent, `url` where its .osm.pbf is."""

    id: str
    parent: str
    url: str
    outline: shapely.Geometry


def read_index(content: Any, url: str) -> dict[str, Region]:
    """The regions by id; DownloadError where the index is not of the form described above."""
    try:
        return {
            feature["properties"]["id"]: Region(
                feature["properties"]["id"],
                feature["properties"].get("parent", ""),
                feature["properties"]["urls"]["pbf"],
                shapely.make_valid(shapely.geometry.shape(feature["geometry"])),
            )
            for feature in content["features"]
        }
    except (KeyError, TypeError, AttributeError, ValueError, shapely.errors.ShapelyError) as error:
        raise DownloadError(f"{url}: not an index of regions as Geofabrik writes it ({error!r}). {MOVED}") from error


def widened(box: BoundingBox, margin_m: float) -> BoundingBox:
    """A box in degrees with `margin_m` around it, at the least."""
    west, south, east, north = box
    up = margin_m / METRES_PER_DEGREE_LAT
    # A degree of longitude is shortest at the northern edge, up to 85 degrees.
    across = up / math.cos(math.radians(min(85.0, max(abs(south - up), abs(north + up)))))
    return west - across, south - up, east + across, north + up


def regions_around(regions: Mapping[str, Region], own_path: str, box: BoundingBox) -> list[Region]:
    """The smallest regions that together hold what the country of `own_path` has in `box`, ordered by address.

    `own_path` is the end of a region's address without "-latest.osm.pbf", such as england/cambridgeshire.
    DownloadError where the index has none such.
    """
    own = next((r for r in regions.values() if r.url.endswith(f"/{own_path}-latest.osm.pbf")), None)
    if own is None:
        raise DownloadError(
            f"Geofabrik has no region {own_path!r}. Name the one that holds the force with --osm-region, such as "
            "england/cambridgeshire (https://download.geofabrik.de/europe/united-kingdom.html)."
        )
    country = own
    while country.parent in regions and regions[country.parent].parent in regions:
        country = regions[country.parent]
    return sorted(_holding(regions, country, shapely.box(*box)), key=lambda region: region.url)


def merge_roads(extracts: Sequence[Path], final: Path) -> None:
    """Write what drive times need of all `extracts` to `final`, every object once.

    That is roads, rivers and railways with their nodes, lights, barriers and turn restrictions. SourceError where an
    extract is damaged.
    """
    import osmium

    kept = [beside(final, f".kept-{i}.osm.pbf") for i in range(len(extracts))]
    part = final.with_name(f".part-{final.name}")
    try:
        for extract, place in zip(extracts, kept, strict=True):
            _keep_roads(extract, place)
        with osmium.SimpleWriter(str(part), overwrite=True) as writer:
            for same in osmium.zip_processors(*(osmium.FileProcessor(str(place)) for place in kept)):
                writer.add(next(thing for thing in same if thing is not None))
        part.replace(final)
    finally:
        for place in (*kept, part):
            place.unlink(missing_ok=True)


def _holding(regions: Mapping[str, Region], region: Region, area: shapely.Geometry) -> Iterator[Region]:
    inside = region.outline.intersection(area)
    if not inside.area:
        return
    parts = [r for r in regions.values() if r.parent == region.id and r.outline.intersects(area)]
    covered = shapely.union_all([r.outline for r in parts]).intersection(inside).area if parts else 0.0
    if covered > MOSTLY * inside.area:
        for part in parts:
            yield from _holding(regions, part, area)
    else:
        yield region


def _keep_roads(extract: Path, place: Path) -> None:
    import osmium

    keys = osmium.filter.KeyFilter("highway", "barrier", "waterway", "railway", "restriction", "restriction:motorcar")
    wanted = osmium.IdTracker()
    add = {"n": wanted.add_node, "w": wanted.add_way, "r": wanted.add_relation}
    try:
        for thing in osmium.FileProcessor(str(extract)).with_filter(keys):
            if _is_wanted(thing):
                add[thing.type_str()](thing.id)
                wanted.add_references(thing)
        wanted.complete_backward_references(str(extract), relation_depth=1)
        with osmium.SimpleWriter(str(place), overwrite=True) as writer:
            for thing in osmium.FileProcessor(str(extract)).with_filter(wanted.id_filter()):
                writer.add(thing)
    except (RuntimeError, ValueError) as error:
        raise SourceError(
            f"it cannot be read as OpenStreetMap data ({error})",
            remedy="Take it away and run the command again, which downloads it again.",
            file=extract,
        ) from error


def _is_wanted(thing: Any) -> bool:
    if thing.is_way():
        return "highway" in thing.tags or "railway" in thing.tags or thing.tags.get("waterway") in _KEPT_WATERWAYS
    if thing.is_node():
        return "barrier" in thing.tags or thing.tags.get("highway") == "traffic_signals"
    return bool(thing.is_relation() and thing.tags.get("type") == "restriction")
