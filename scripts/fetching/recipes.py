"""How each publisher hands out its data: one function a recipe of the table."""

from __future__ import annotations

import csv
import importlib
import io
import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from geo_policing.datasets.discover import Probe, probe_file
from geo_policing.datasets.osm import NETWORK_MARGIN_M
from geo_policing.errors import SourceError
from scripts.fetching import beside
from scripts.fetching.archives import extract, matching
from scripts.fetching.feature_service import BoundingBox, bounding_box, codes_clause, fetch_features
from scripts.fetching.http import MOVED, Client, DownloadError
from scripts.fetching.road_extracts import merge_roads, read_index, regions_around, widened
from scripts.fetching.table import Recipe, Source

MARGIN_DEGREES = 0.02
"""How far beyond the force's districts boundaries are asked for (some 2 km): its neighbours come whole all the same."""
NOMIS_CODES = 100
"""Codes in one request to Nomis, whose addresses may not grow without bound."""


@dataclass(frozen=True)
class Errand:
    """One run: where files go, whose they are, and who asks.

    `slug` is the force's name at data.police.uk, `region` that of its own extract at Geofabrik. `sources` are those of
    the table, by id, also those that are not downloaded in this run.
    """

    folder: Path
    districts: tuple[str, ...]
    slug: str
    region: str
    client: Client
    sources: dict[str, Source]

    def place(self, source: Source) -> Path:
        """The file or folder that `source` becomes."""
        return self.folder / source.save_as

    def url(self, source: Source) -> str:
        """The address of `source` for this force."""
        return source.url.replace("{slug}", self.slug).replace("{region}", self.region)


def fetch(errand: Errand, source: Source) -> None:
    """Bring `source` to its place and make sure that it is what it should be; what is wrong is not left there.

    DownloadError and SourceError say what failed.
    """
    place = errand.place(source)
    place.parent.mkdir(parents=True, exist_ok=True)
    RECIPES[source.recipe](errand, source)
    try:
        check_content(source, place)
    except SourceError:
        wrong = beside(place, ".wrong")
        shutil.rmtree(wrong, ignore_errors=True)
        place.rename(wrong)
        raise


def check_content(source: Source, place: Path) -> None:
    """SourceError where the reader of `source.kind` recognises nothing in the file or folder at `place`."""
    reader = importlib.import_module(f"geo_policing.datasets.{source.kind}")
    files = sorted(path for path in place.rglob("*") if path.is_file()) if place.is_dir() else [place]
    if not any(reader.recognises(probe) for path in files for probe in _probes(path)):
        raise SourceError(
            f"is not what {source.title} should be",
            file=place,
            remedy=f"It was kept as a hidden file whose name ends in .wrong. {MOVED}",
        )


def _probes(path: Path) -> tuple[Probe, ...]:
    result = probe_file(path)
    return () if isinstance(result, str) else result


def _feature_service(errand: Errand, source: Source) -> None:
    around = _extent(errand)
    fetch_features(errand.client, errand.url(source), errand.place(source), source.fields, around=around)


def _extent(errand: Errand) -> BoundingBox:
    """The box around the force's districts, from their own boundaries, which are asked for first."""
    districts = errand.sources["districts"]
    own = errand.folder / ".force-districts.geojson"
    if not own.is_file():
        own.parent.mkdir(parents=True, exist_ok=True)
        clause = codes_clause(districts.fields[0], errand.districts)
        fetch_features(errand.client, errand.url(districts), own, districts.fields, where=clause)
    west, south, east, north = bounding_box(own, districts.fields[0], errand.districts)
    return west - MARGIN_DEGREES, south - MARGIN_DEGREES, east + MARGIN_DEGREES, north + MARGIN_DEGREES


def _file(errand: Errand, source: Source) -> None:
    errand.client.download(errand.url(source), errand.place(source), max_bytes=source.max_bytes)


def _road_extracts(errand: Errand, source: Source) -> None:
    """The regions that hold the force and half an hour's drive around it, and what drive times need of them in one."""
    place = errand.place(source)
    index = read_index(errand.client.get_json(source.url), source.url)
    chosen = regions_around(index, errand.region, widened(_extent(errand), NETWORK_MARGIN_M))
    folder = beside(place, ".extracts")
    files = [folder / f"{region.id.replace('/', '-')}.osm.pbf" for region in chosen]
    for number, (region, file) in enumerate(zip(chosen, files, strict=True), 1):
        errand.client.progress.detail(f"{region.id} ({number} of {len(chosen)})")
        if not file.is_file():
            errand.client.download(region.url, file, max_bytes=source.max_bytes)
    errand.client.progress.detail(f"bringing {len(chosen)} extracts together")
    merge_roads(files, place)
    shutil.rmtree(folder)


def _zip(errand: Errand, source: Source, url: str = "") -> None:
    place = errand.place(source)
    archive = beside(place, ".zip")
    if not archive.is_file():
        errand.client.download(url or errand.url(source), archive, max_bytes=source.max_bytes)
    wanted = [pattern.replace("{slug}", errand.slug) for pattern in source.include]
    codes = [code.encode() for code in errand.districts]

    def choose(names: list[str]) -> list[str]:
        return matching(names, [*wanted, *source.mentioning_districts], newest=source.newest)

    def keep(name: str, content: bytes) -> bool:
        by_content = bool(matching([name], source.mentioning_districts))
        return not by_content or any(code in content for code in codes)

    extract(archive, place, choose, keep=keep, max_bytes=10 * source.max_bytes, progress=errand.client.progress)
    archive.unlink()


def _newest_item(errand: Errand, source: Source) -> None:
    """The newest item of a search at ArcGIS Online whose title is right; it is a zip."""
    found = errand.client.get_json(source.url + "&sortField=created&sortOrder=desc&num=20&f=json")
    items = found.get("results", []) if isinstance(found, dict) else []
    ids = [str(item["id"]) for item in items if str(item.get("title", "")).startswith(source.item_title)]
    if not ids or not ids[0].isalnum():
        raise DownloadError(f"{source.url}: no item's title begins with {source.item_title!r}. {MOVED}")
    errand.client.progress.detail(items[0]["title"])
    base = source.url.partition("/search?")[0]
    _zip(errand, source, f"{base}/content/items/{ids[0]}/data")


def _nomis(errand: Errand, source: Source) -> None:
    """One figure for each LSOA of the boundaries that were fetched before, as a CSV file of two columns."""
    lsoas = errand.sources["lsoas"]
    if not errand.place(lsoas).is_file():
        raise DownloadError(f"{source.id} needs {lsoas.id} first. Fetch that too, or both together.")
    features = json.loads(errand.place(lsoas).read_text(encoding="utf-8"))["features"]
    codes = sorted(feature["properties"][lsoas.fields[0]] for feature in features)
    values: dict[str, str] = {}
    for start in range(0, len(codes), NOMIS_CODES):
        asked = codes[start : start + NOMIS_CODES]
        values |= _nomis_values(errand.client, source, asked)
        errand.client.progress.detail(f"{len(values):,} of {len(codes):,} areas")
    _write_csv(errand.place(source), tuple(source.rename.values()), sorted(values.items()))


def _nomis_values(client: Client, source: Source, codes: list[str]) -> dict[str, str]:
    """The latest total (all ages, all persons, a count) of each of `codes`."""
    question = {"geography": ",".join(codes), "date": "latest", "gender": "0", "c_age": "200", "measures": "20100"}
    answer = client.get_bytes(source.url, question | {"select": ",".join(source.rename).lower()})
    code_column, value_column = source.rename
    rows = list(csv.DictReader(io.StringIO(answer.decode("utf-8-sig", errors="replace"))))
    values = {str(row.get(code_column)): str(row.get(value_column)) for row in rows}
    missing = [code for code in codes if not values.get(code, "").isdigit()]
    if missing or len(rows) != len(codes):
        raise DownloadError(f"{source.url}: {len(rows)} rows for {len(codes)} areas, without {missing[:3]}. {MOVED}")
    return values


def _write_csv(final: Path, header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    part = beside(final, ".part")
    with part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    part.replace(final)


RECIPES: dict[Recipe, Callable[[Errand, Source], None]] = {
    "feature_service": _feature_service,
    "nomis": _nomis,
    "file": _file,
    "zip": _zip,
    "newest_item": _newest_item,
    "road_extracts": _road_extracts,
}
