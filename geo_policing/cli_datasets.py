"""`geo-policing build` and `geo-policing datasets`: making datasets and choosing the one that is served."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec
import orjson

from geo_policing.cli_exits import DONE, NO, printable
from geo_policing.cli_progress import CliProgress
from geo_policing.clock import Clock
from geo_policing.config import Settings
from geo_policing.datasets.dataset import MANIFEST, current_path, open_dataset
from geo_policing.datasets.progress import counted
from geo_policing.errors import NotFoundError

if TYPE_CHECKING:
    from geo_policing.services.installing import InstallReport


@dataclass(frozen=True)
class Listed:
    """A dataset as it is listed. `placed_at` is when it was put in its folder; its manifest carries no time."""

    version: str
    is_current: bool
    title: str
    approximate: bool
    force: str
    placed_at: datetime

    def to_json(self) -> dict[str, Any]:
        """Plain JSON types, for `--json`."""
        return {
            "data_version": self.version,
            "current": self.is_current,
            "title": self.title,
            "force": self.force,
            "approximate": self.approximate,
            "placed_at": self.placed_at.isoformat(timespec="seconds"),
        }

    def in_words(self) -> str:
        """One line for a person."""
        served = "* " if self.is_current else "  "
        kind = ", approximate" if self.approximate else ""
        # The title mostly begins with the force's name; it is not said twice.
        name = self.title if self.title.startswith(self.force) else ", ".join(filter(None, (self.force, self.title)))
        return f"{served}{self.version}  {self.placed_at:%Y-%m-%d %H:%M} UTC  {name}{kind}"


def build_and_report(sources: Path, data_dir: Path, force_file: Path | None, *, as_json: bool) -> None:
    """Build, put into service, and show what came of it; the errors of `services.installing.build_and_install`."""
    from geo_policing.services.installing import build_and_install

    with CliProgress(sys.stderr) as progress:
        report = build_and_install(sources, Settings.from_env(data_dir=data_dir), Clock(), force_file, progress)
    _show(report, as_json=as_json)


def use(begins: str, data_dir: Path, *, as_json: bool) -> None:
    """Serve the dataset whose version is or begins so; NotFoundError, and the errors of `services.installing`."""
    from geo_policing.services.installing import install

    dataset = open_dataset(data_dir / "datasets" / full_version(data_dir, begins))
    with CliProgress(sys.stderr) as progress:
        report = install(dataset, Settings.from_env(data_dir=data_dir), Clock(), progress)
    _show(report, as_json=as_json)


def report_as_json(report: InstallReport) -> dict[str, Any]:
    """What is served now in plain JSON types; what the manifest says of its making stands in it as it is."""
    manifest = report.dataset.manifest
    facts = {
        key: manifest.get(key) for key in ("title", "approximate", "counts", "absent", "dropped", "repaired", "ignored")
    }
    plans = msgspec.to_builtins(report.carry_over)
    return {"data_version": report.dataset.data_version, "path": str(report.dataset.path), **facts, "plans": plans}


def report_in_words(report: InstallReport) -> str:
    """What is served now, what its sources lacked, and what became of the plans, for a person."""
    manifest = report.dataset.manifest
    counts = ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in (manifest.get("counts") or {}).items())
    lines = [f"Serving dataset {report.dataset.data_version}: {manifest.get('title') or report.dataset.force.name}"]
    lines += [f"  {counts}"] if counts else []
    lines += [f"  absent: {entry['what']}. {entry['effect']}" for entry in manifest.get("absent") or ()]
    for found in ("repaired", "dropped"):
        entries = manifest.get(found) or ()
        lines += [f"  {found}: {entry['what']}: {entry['count']:,} ({entry['why']})" for entry in entries]
    lines += [f"  not used: {entry['file']} ({entry['why']})" for entry in manifest.get("ignored") or ()]
    lines.append(f"Plans: {_PLANS_IN_WORDS[report.carry_over.adoption]}")
    for plan in report.carry_over.plans:
        moved = len(plan.split) + len(plan.by_point) + len(plan.by_nearest)
        lost = f"; beats left without a unit: {', '.join(plan.lost)}" if plan.lost else ""
        lines.append(f"  {plan.name}: {counted(moved, 'unit')} by best fit{lost}")
    return "\n".join(lines)


def listed(data_dir: Path) -> list[Listed]:
    """The datasets in `data_dir`, newest first; [] where there are none. A damaged manifest is listed as such."""
    current = current_path(data_dir)
    manifests = (data_dir / "datasets").glob(f"[!.]*/{MANIFEST}")
    found = [_listed(path, current) for path in manifests]
    return sorted(found, key=lambda one: (one.placed_at, one.version), reverse=True)


def list_all(data_dir: Path, *, as_json: bool) -> int:
    """Show the datasets; NO where there are none."""
    found = listed(data_dir)
    if as_json:
        click.echo(orjson.dumps([one.to_json() for one in found], option=orjson.OPT_INDENT_2))
    elif found:
        click.echo(printable("\n".join(one.in_words() for one in found)))
    else:
        click.echo(f"{data_dir}: no datasets. Make one with geo-policing build.", err=True)
    return DONE if found else NO


def full_version(data_dir: Path, begins: str) -> str:
    """The one dataset whose version begins so; NotFoundError where that is none or several."""
    versions = [one.version for one in listed(data_dir)]
    matches = [version for version in versions if version.startswith(begins)]
    if len(matches) == 1:
        return matches[0]
    problem = "no dataset" if not matches else f"{len(matches)} datasets"
    raise NotFoundError(
        f"{begins!r}: {problem} in {data_dir} of a version that begins so. There are: {', '.join(versions) or 'none'}."
    )


_PLANS_IN_WORDS = {
    "seeded": "a first plan was made and published.",
    "reseeded": "a new first plan was made, as nobody had changed the old one.",
    "same_units": "taken as they are; the units are the same.",
    "carried": "carried over to the new units by best fit; look through them.",
    "present": "this dataset had its own already.",
}


def _show(report: InstallReport, *, as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps(report_as_json(report), option=orjson.OPT_INDENT_2))
    else:
        click.echo(printable(report_in_words(report)))


def _listed(manifest_path: Path, current: Path | None) -> Listed:
    folder = manifest_path.parent
    try:
        manifest = orjson.loads(manifest_path.read_bytes())
        title, force = str(manifest.get("title") or ""), str(manifest["force"]["name"])
        approximate = bool(manifest["approximate"])
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        title, force, approximate = "damaged: its manifest cannot be read", "?", False
    return Listed(
        version=folder.name,
        is_current=current is not None and current.name == folder.name,
        title=title,
        approximate=approximate,
        force=force,
        placed_at=datetime.fromtimestamp(manifest_path.stat().st_mtime, UTC),
    )
