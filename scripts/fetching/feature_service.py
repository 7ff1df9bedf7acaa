"""Features of an ArcGIS feature service as one GeoJSON file, asked for page by page.

Each page is kept beside the file, hidden, until all are there, so that a later run continues. Coordinates are asked
for in WGS 84 (EPSG:4326), longitude first, as GeoJSON has them.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from scripts.fetching import beside
from scripts.fetching.http import MOVED, Client, DownloadError

PAGE_FEATURES = 500
"""Well below what ONS's services give at most (2,000), and small enough to begin again without regret."""
MAX_PAGES = 2_000
BoundingBox = tuple[float, float, float, float]


def codes_clause(field: str, codes: Sequence[str]) -> str:
    """A `where` clause for the features whose `field` is one of `codes`, which are letters and digits only."""
    odd = [code for code in codes if not code.isalnum()]
    if odd:
        raise ValueError(f"not codes: {odd}")
    return f"{field} IN ({', '.join(repr(code) for code in codes)})"


def fetch_features(
    client: Client,
    url: str,
    final: Path,
    fields: Sequence[str],
    *,
    where: str = "1=1",
    around: BoundingBox | None = None,
) -> None:
    """Write the features of the layer at `url` to `final`: those for which `where` holds and that touch `around`.

    `around` is west, south, east, north in degrees. Features are ordered by `fields[0]`, which must tell them apart.
    DownloadError where the service does not answer as described, or where features are missing or stand twice.
    """
    query = {"where": where, "outFields": ",".join(fields), "orderByFields": fields[0], "outSR": "4326"}
    if around is not None:
        query |= {
            "geometry": ",".join(f"{degrees:.6f}" for degrees in around),
            "geometryType": "esriGeometryEnvelope",
            "inSR": "4326",
            "spatialRel": "esriSpatialRelIntersects",
        }
    pages = beside(final, ".pages")
    _begin_again_if_other(pages, url, query)
    expected = client.get_json(f"{url}/query", {**query, "returnCountOnly": "true", "f": "json"}).get("count")
    features = [feature for page in _pages(client, f"{url}/query", query, pages, expected) for feature in page]
    codes = [str((feature.get("properties") or {}).get(fields[0])) for feature in features]
    if len(codes) != expected or len(set(codes)) != len(codes):
        shutil.rmtree(pages)
        raise DownloadError(
            f"{url}: {len(codes)} features with {len(set(codes))} different {fields[0]} came, the service counts "
            f"{expected}. It may have changed while it was read; run the command again."
        )
    collection = {"type": "FeatureCollection", "features": features}
    part = beside(final, ".part")
    part.write_text(json.dumps(collection, separators=(",", ":")), encoding="utf-8")
    part.replace(final)
    shutil.rmtree(pages)


def bounding_box(file: Path, code_field: str, codes: Sequence[str]) -> BoundingBox:
    """West, south, east, north of the features of a GeoJSON file whose `code_field` is one of `codes`."""
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    wanted = [f for f in features if f["properties"].get(code_field) in codes]
    missing = sorted(set(codes) - {f["properties"][code_field] for f in wanted})
    if missing:
        raise DownloadError(
            f"{file}: no district {', '.join(missing)}. The layer may be of another vintage than the force.toml."
        )
    positions = [position for f in wanted for position in _positions(f["geometry"]["coordinates"])]
    lons, lats = zip(*positions, strict=True)
    return min(lons), min(lats), max(lons), max(lats)


def _begin_again_if_other(pages: Path, url: str, query: dict[str, str]) -> None:
    """Keep the pages of an earlier run only where they answer the same question."""
    question = json.dumps([url, query])
    note = pages / "question.json"
    if not note.is_file() or note.read_text() != question:
        shutil.rmtree(pages, ignore_errors=True)
        pages.mkdir(parents=True)
        note.write_text(question)


def _pages(
    client: Client, url: str, query: dict[str, str], folder: Path, expected: int | None
) -> Iterator[list[dict[str, Any]]]:
    offset = 0
    for number in range(MAX_PAGES):
        kept = folder / f"{number:04d}.json"
        if not kept.is_file():
            page = {**query, "resultOffset": str(offset), "resultRecordCount": str(PAGE_FEATURES), "f": "geojson"}
            content = client.get_json(url, page)
            if not isinstance(content, dict) or not isinstance(content.get("features"), list):
                raise DownloadError(f"{url}: the answer is not a FeatureCollection. {MOVED}")
            whole = kept.with_suffix(".part")
            whole.write_text(json.dumps(content["features"]), encoding="utf-8")
            whole.replace(kept)
        features = json.loads(kept.read_text(encoding="utf-8"))
        if not features:
            return
        yield features
        # A service may give fewer a page than was asked for, so the next begins after what came.
        offset += len(features)
        client.progress.detail(f"{offset:,} of {expected} features")
        if expected is not None and offset >= expected:
            return
    raise DownloadError(f"{url}: more than {MAX_PAGES} pages.")


def _positions(coordinates: Any) -> Iterator[tuple[float, float]]:
    """Every position in the nested arrays of a GeoJSON geometry."""
    if coordinates and isinstance(coordinates[0], int | float):
        yield coordinates[0], coordinates[1]
    else:
        for inner in coordinates:
            yield from _positions(inner)
