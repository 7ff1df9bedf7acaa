"""The command line of scripts/bench."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from geo_policing.errors import GeoPolicingError
from scripts.benchmarks import Figures, lines

SOURCES = Path(__file__).resolve().parents[3] / "shared" / "open-data"


def main(arguments: list[str]) -> int:
    """Run one benchmark; exit 0 done, 2 bad input."""
    options = _parser().parse_args(arguments)
    if options.data is None and not options.sources.is_dir():
        print(f"{options.sources}: no such folder. Name the publishers' files with --sources DIR.", file=sys.stderr)
        return 2
    try:
        figures = _run(options)
    except GeoPolicingError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(figures) if options.json else "\n".join(lines(figures)))
    return 0


def _run(options: argparse.Namespace) -> Figures:
    from scripts.benchmarks import isochrones, lookup, pages, tiles

    modules = {"lookup": lookup, "isochrones": isochrones, "tiles": tiles, "pages": pages}
    bench = modules[options.what].measure
    if options.data is not None:
        return bench(options.data.absolute(), options)
    with tempfile.TemporaryDirectory(prefix="geo-policing-bench-") as folder:
        lookup.build(options.sources, Path(folder))
        return bench(Path(folder), options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measure the product beside its rivals.")
    parser.add_argument("what", choices=["lookup", "isochrones", "tiles", "pages"], help="which benchmark")
    parser.add_argument("--json", action="store_true", help="one JSON object with every figure")
    parser.add_argument("--sources", type=Path, default=SOURCES, help="folder of the publishers' files")
    parser.add_argument("--data", type=Path, help="a data folder that is built already, instead of --sources")
    parser.add_argument("--points", type=_above_zero, default=1_000_000, help="points looked up in one go")
    parser.add_argument("--runs", type=_above_zero, default=5, help="runs of each measurement")
    parser.add_argument("--seconds", type=_above_zero, default=30, help="how long the server is asked")
    parser.add_argument("--per-second", type=_above_zero, default=200, help="requests a second")
    parser.add_argument("--tiles", type=_above_zero, nargs="*", default=[1, 10, 58], help="copies of the network")
    parser.add_argument("--rivals", type=Path, help="a Python >= 3.12 that has pyvalhalla and pandana")
    parser.add_argument("--tiles-dir", type=Path, default=Path("/tmp/geo-policing-valhalla"), help="Valhalla's tiles")
    return parser


def _above_zero(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value
