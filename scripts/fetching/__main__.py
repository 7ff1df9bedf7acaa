"""`scripts/fetch-open-data DIR`: downloads the open data for one force, and says under which licence each is."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from geo_policing.cli_exits import exit_code_of
from geo_policing.cli_progress import CliProgress
from geo_policing.config import Force, packaged_force_paths
from geo_policing.errors import ConfigError, GeoPolicingError
from scripts.fetching.http import Client
from scripts.fetching.recipes import Errand, fetch
from scripts.fetching.table import TABLE, Source, Table, read_table

LICENCES = "LICENCES.txt"


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where all that was asked for is there; 2 where something is missing, which was said then."""
    options = _options(arguments)
    table = read_table(options.table)
    chosen = _chosen(table, options.only)
    if options.list:
        print(licence_text(table, chosen), end="")
        return 0
    force = _force(options.force)
    options.dir.mkdir(parents=True, exist_ok=True)
    (options.dir / LICENCES).write_text(licence_text(table, table.sources), encoding="utf-8")
    with CliProgress(sys.stderr) as progress:
        errand = Errand(
            folder=options.dir,
            districts=tuple(sorted(force.districts)),
            slug=options.police_slug or force.slug,
            region=options.osm_region or f"england/{force.slug}",
            client=Client(progress=progress),
            sources={source.id: source for source in table.sources},
        )
        failed = [source.id for source in chosen if not _one(errand, source, progress, again=options.again)]
    if failed:
        print(f"Not downloaded: {', '.join(failed)}. Run the command again; it continues.", file=sys.stderr)
        return 2
    print(f"All in {options.dir}; {LICENCES} there says whose it is. Next: geo-policing build --sources {options.dir}")
    return 0


def licence_text(table: Table, sources: Sequence[Source]) -> str:
    """What each of `sources` is, whose, under which licence, with what must be said where it is shown."""
    lines = []
    for source in sources:
        licence = table.licences[source.licence]
        checked = source.checked_on or "never: nobody has tried this address yet"
        lines += [
            f"{source.id}: {source.title}",
            f"  by {source.publisher}, {licence.name} ({licence.url})",
            f"  {source.attribution}",
            f"  from {source.url}",
            f"  last checked on {checked}" if source.checked_on else f"  last checked: {checked}",
            "",
        ]
    return "\n".join(lines) + "\n"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/fetch-open-data", description=__doc__)
    parser.add_argument("dir", type=Path, nargs="?", metavar="DIR", help="folder for the files")
    parser.add_argument("--force", type=Path, help="the force.toml (default: the packaged one, where there is one)")
    parser.add_argument("--only", action="append", metavar="ID", help="download this only; may be given again")
    parser.add_argument("--again", action="store_true", help="download also what is there already")
    parser.add_argument("--list", action="store_true", help="say what would be downloaded under which licence, and end")
    parser.add_argument("--police-slug", help="the force's name at data.police.uk (default: the slug in force.toml)")
    parser.add_argument(
        "--osm-region",
        help="Geofabrik's region that holds the force (default: england/SLUG); its neighbours come with it",
    )
    parser.add_argument("--table", type=Path, default=TABLE, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.dir is None and not options.list:
        parser.error("DIR is missing")
    return options


def _chosen(table: Table, only: list[str] | None) -> list[Source]:
    known = {source.id for source in table.sources}
    unknown = sorted(set(only or ()) - known)
    if unknown:
        raise ConfigError(f"--only {', '.join(unknown)}: unknown. There are {', '.join(sorted(known))}.")
    return [source for source in table.sources if only is None or source.id in only]


def _force(path: Path | None) -> Force:
    packaged = packaged_force_paths()
    if path is None and len(packaged) != 1:
        raise ConfigError(f"--force is needed: {len(packaged)} force.toml files ship with the program.")
    return Force.from_toml(path or packaged[0])


def _one(errand: Errand, source: Source, progress: CliProgress, *, again: bool) -> bool:
    """Fetch one source; False where that failed, which was said. One failure does not stop the others."""
    progress.step(source.title)
    if errand.place(source).exists() and not again:
        progress.detail("is there already")
        return True
    try:
        fetch(errand, source)
    except GeoPolicingError as error:
        progress.detail(f"FAILED: {error}")
        return False
    return True


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
