"""The pictures of docs/isochrones.md, by scripts/make-drive-time-pictures."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo_policing.config import Settings
from geo_policing.datasets.build import build_dataset
from geo_policing.datasets.dataset import Dataset, current_path, open_dataset
from geo_policing.datasets.network import NETWORK_TABLES
from geo_policing.domain.facilities import FacilityKind
from geo_policing.errors import GeoPolicingError
from geo_policing.routing.engine import Engine
from geo_policing.routing.field import Quality
from geo_policing.routing.snapping import Snapped, place_of
from geo_policing.spatial.crs import to_easting_northing
from scripts.benchmarks.isochrone_truth import Addresses, points_along

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs" / "images"
STARTER = ROOT / "boundaries" / "cambridgeshire"
BENCH = ROOT / "docs" / "isochrones-bench.json"
MINUTES = (5, 10, 15, 20)
# Light to dark, so that the bands' order shows without colour too; each is labelled on its line as well.
BAND_COLOURS = ("#08306b", "#2171b5", "#6baed6", "#c6dbef")
INK, ROAD = "#222222", "#9a9a9a"
EVERY_M = 100.0
METADATA = {"Software": None}
"""matplotlib would name its version; the same data should give the same bytes."""


def main(arguments: list[str]) -> int:
    """Draw; exit 0 done, 2 bad input."""
    options = _parser().parse_args(arguments)
    if options.data is not None and (options.out is None or options.out.resolve().is_relative_to(ROOT)):
        print("--data needs --out, a folder outside the repository: its roads are the publishers'.", file=sys.stderr)
        return 2
    if find_spec("matplotlib") is None:
        print("matplotlib is missing: .venv/bin/python -m pip install -e '.[dev]'", file=sys.stderr)
        return 2
    out = IMAGES if options.out is None else options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix="geo-policing-pictures-") as folder:
            made = _maps(_dataset(options.data, Path(folder)), out)
    except GeoPolicingError as error:
        print(error, file=sys.stderr)
        return 2
    if options.bench.is_file():
        made.append(draw_growth(json.loads(options.bench.read_text(encoding="utf-8")), out / "isochrone-growth.png"))
    for path in made:
        print(f"{path}: {path.stat().st_size:,} bytes")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/make-drive-time-pictures", description=__doc__)
    parser.add_argument("--data", type=Path, help="a data folder that is built already, instead of the starter")
    parser.add_argument("--out", type=Path, help="folder to write to (default: docs/images)")
    parser.add_argument("--bench", type=Path, default=BENCH, help="figures of scripts/bench isochrones --json")
    return parser


def _dataset(data: Path | None, folder: Path) -> Dataset:
    if data is None:
        return build_dataset(STARTER, folder)
    path = current_path(Settings(data_dir=data).data_dir)
    if path is None:
        raise GeoPolicingError(f"{data}: no dataset is current there; build one first.")
    return open_dataset(path)


def _maps(dataset: Dataset, out: Path) -> list[Path]:
    engine = Engine.from_tables({name: dataset[name] for name in NETWORK_TABLES}, schematic=dataset.schematic_roads)
    name, base = _base(engine, dataset)
    bands, errors = out / "isochrone-bands.png", out / "isochrone-errors.png"
    draw_bands(engine, base, f"Minutes by car from {name}", bands)
    draw_errors(engine, base, f"Wrong side of the line, from {name}", errors)
    return [bands, errors]


def _base(engine: Engine, dataset: Dataset) -> tuple[str, Snapped]:
    """The first response base of the force that a postcode places, by name."""
    postcodes = dataset["postcodes"]
    row_of = {str(code): row for row, code in enumerate(postcodes["postcode"])}
    for facility in dataset.force.facilities:
        row = row_of.get((facility.postcode or "").replace(" ", ""))
        if FacilityKind.RESPONSE_BASE in facility.kinds and row is not None:
            at = (postcodes["easting"][row], postcodes["northing"][row])
            return facility.name, engine.snap_bases([at[0]], [at[1]], names=[facility.name])
    raise GeoPolicingError("The force has no response base that a postcode places.")


def draw_bands(engine: Engine, base: Snapped, title: str, path: Path) -> None:
    """The bands, darkest nearest, each line labelled with its minutes, over the roads."""
    axes, figure = _map(engine, base, title)
    made = engine.isochrones(base, list(MINUTES))
    for contour, minutes, colour in reversed(list(zip(made.contours, made.minutes, BAND_COLOURS, strict=True))):
        shape = _metres(contour.to_geometry())
        _fill(axes, shape, colour)
        ring = shapely.get_parts(shape)[np.argmax(shapely.area(shapely.get_parts(shape)))].exterior
        top = shapely.get_coordinates(ring)[np.argmax(shapely.get_coordinates(ring)[:, 1])]
        axes.annotate(f"{minutes:g} min", top, ha="center", va="bottom", fontsize=9, color=INK, zorder=5)
    _save(figure, path)


def draw_errors(engine: Engine, base: Snapped, title: str, path: Path) -> None:
    """Points along roads: on the right side of every line, wrongly inside one, wrongly outside one."""
    axes, figure = _map(engine, base, title)
    along = Addresses.around(engine.network, engine.snapper, *points_along(engine.network, every_m=EVERY_M))
    seconds = along.truths(engine.search(base))["nearest"]
    made = engine.isochrones(base, list(MINUTES), quality=Quality.PUBLISHED)
    inside = np.zeros(len(along.lon), dtype=bool)
    outside = inside.copy()
    for contour, minutes in zip(made.contours, made.minutes, strict=True):
        shape = contour.to_geometry()
        shapely.prepare(shape)
        held = shapely.intersects_xy(shape, along.lon, along.lat)
        inside |= held & (seconds > minutes * 60)
        outside |= ~held & (seconds <= minutes * 60)
        _outline(axes, _metres(shape))
    easting, northing = to_easting_northing(along.lon, along.lat)
    for wrong, colour, marker, label in (
        (inside, "#b2182b", "^", "held, but too far"),
        (outside, "#2166ac", "v", "near enough, but not held"),
    ):
        share = 100 * wrong.sum() / max((seconds <= MINUTES[-1] * 60).sum(), 1)
        axes.scatter(easting[wrong], northing[wrong], s=9, c=colour, marker=marker, zorder=4, lw=0,
                     label=f"{label}: {share:.2f}%")  # fmt: skip
    axes.legend(loc="lower left", fontsize=8, title=f"points every {EVERY_M:g} m of road", title_fontsize=8)
    _save(figure, path)


def draw_growth(figures: dict[str, Any], path: Path) -> Path:
    """Time and memory against the number of junctions, on logarithmic axes."""
    from matplotlib.figure import Figure

    growth = figures["growth"]
    nodes = [row["nodes"] for row in growth]
    figure = Figure(figsize=(8, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    for key, marker, label in (
        ("nearest_ms", "o", "nearest base of every junction"),
        ("one_base_30_min_ms", "s", "30 minutes from one base"),
    ):
        left.loglog(nodes, [row[key] for row in growth], marker=marker, color=INK, label=label,
                    ls="-" if marker == "o" else "--")  # fmt: skip
    left.set(xlabel="junctions", ylabel="milliseconds")
    right.loglog(nodes, [row["network_mb"] for row in growth], marker="o", color=INK, label="the network")
    right.loglog(nodes, [row["peak_mb"] for row in growth], marker="s", ls="--", color=INK, label="process, at most")
    right.set(xlabel="junctions", ylabel="megabytes")
    for axes in (left, right):
        axes.legend(fontsize=8)
        axes.grid(visible=True, which="major", color="#dddddd")
    _save(figure, path)
    return path


def _map(engine: Engine, base: Snapped, title: str) -> tuple[Any, Any]:
    """Axes in metres around what the last band reaches, with the roads drawn."""
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure

    reach = _metres(engine.isochrones(base, [MINUTES[-1]]).contours[0].to_geometry())
    west, south, east, north = shapely.bounds(shapely.buffer(reach, 2_000))
    figure = Figure(figsize=(7, 7 * (north - south) / (east - west)), layout="constrained")
    axes = figure.add_subplot()
    lines = [shapely.get_coordinates(line) for line in engine.network.lines]
    axes.add_collection(LineCollection(lines, colors=ROAD, linewidths=0.4, zorder=3))
    at = [float(v[0]) for v in place_of(engine.network, base)]
    axes.plot(*at, marker="*", color="white", markeredgecolor=INK, markersize=14, zorder=6)
    axes.set(xlim=(west, east), ylim=(south, north), aspect="equal", xticks=[], yticks=[])
    axes.set_title(title + (" (schematic roads)" if engine.schematic else ""), fontsize=11)
    return axes, figure


def _metres(shape: Any) -> Any:
    def metres(lon_lat: Any) -> Any:
        return np.column_stack(to_easting_northing(lon_lat[:, 0], lon_lat[:, 1]))

    return shapely.transform(shape, metres)


def _fill(axes: Any, shape: Any, colour: str) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as Outline

    for part in shapely.get_parts(shape):
        rings = [shapely.get_coordinates(ring) for ring in shapely.get_rings(part)]
        outline = Outline.make_compound_path(*[Outline(ring, closed=True) for ring in rings])
        axes.add_patch(PathPatch(outline, facecolor=colour, edgecolor="white", linewidth=0.5, zorder=2))


def _outline(axes: Any, shape: Any) -> None:
    from matplotlib.collections import LineCollection

    rings = [shapely.get_coordinates(ring) for ring in shapely.get_rings(shapely.get_parts(shape))]
    axes.add_collection(LineCollection(rings, colors=INK, linewidths=0.7, zorder=3))


def _save(figure: Any, path: Path) -> None:
    figure.savefig(path, dpi=110, metadata=METADATA)
