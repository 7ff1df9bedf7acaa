"""The manifest: what a dataset was made of, by which methods, and what it has to own up to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import geo_policing
from geo_policing.datasets import kinds
from geo_policing.datasets.discover import CSV, VECTOR, Discovery
from geo_policing.datasets.findings import Absence, Finding, found
from geo_policing.datasets.forces import ForceChoice
from geo_policing.datasets.ground import Ground, Report
from geo_policing.datasets.provenance import describe
from geo_policing.datasets.schema import PostcodeStatus
from geo_policing.datasets.tables import Table
from geo_policing.datasets.textfile import UTF_8, encoding_of
from geo_policing.spatial.crs import grid_shift_used
from geo_policing.wording import marked


@dataclass(frozen=True)
class UsedFile:
    """A file that went into a dataset: how the manifest names it, what it is, and how many records it has where its
    reader counted them; `fields` are its attributes where it is a map layer."""

    path: Path
    label: str
    kind: str
    fields: tuple[str, ...] = ()
    records: int | None = None
    is_table: bool = False


def used_files(
    discovery: Discovery,
    choice: ForceChoice,
    report: Report,
    records: Mapping[Path, int],
    packaged_places: Path | None,
) -> list[UsedFile]:
    """Every file that the build drew on: those found but for `report.unused`, and the packaged or given ones."""
    unused = {path for path, _ in report.unused}
    used = [
        UsedFile(
            probe.path,
            discovery.label(probe.path),
            kind,
            probe.fields if probe.format == VECTOR else (),
            records.get(probe.path),
            probe.format == CSV,
        )
        for kind, probes in discovery.found.items()
        for probe in probes
        if probe.path not in unused and (kind != kinds.FORCE or probe.path == choice.path)
    ]
    inside = {file.path for file in used}
    for path, kind in ((choice.path, kinds.FORCE), (packaged_places, kinds.PLACES)):
        if path is not None and path not in inside:
            origin = "packaged" if choice.packaged else "given"
            used.append(UsedFile(path, f"({origin}) {path.name}", kind))
    return sorted(used, key=lambda file: (file.label, file.kind))


def make_manifest(
    discovery: Discovery,
    ground: Ground,
    report: Report,
    tables: Mapping[str, Table],
    used: Sequence[UsedFile],
    methods: Mapping[str, Any],
) -> dict[str, Any]:
    """The manifest but for what `write_dataset` adds; plain JSON types, and nothing that changes from run to run.

    `methods` (with `approximate` among them) are keys of the manifest and taken as they are.
    """
    ignored = sorted((discovery.label(path), why) for path, why in [*discovery.ignored, *report.unused])
    return {
        "title": ground.force.name + (" (starter data)" if methods["approximate"] else ""),
        "force": ground.force.to_mapping(),
        "force_origin": ground.choice.origin,
        **methods,
        "crs_transform": grid_shift_used(),
        "sources": [describe(f.path, f.kind, label=f.label, fields=f.fields, records=f.records) for f in used],
        "ignored": [{"file": label, "why": why} for label, why in ignored],
        "absent": [absence.to_mapping() for absence in (*report.absent, *_no_areas(ground))],
        "dropped": [finding.to_mapping() for finding in found(report.dropped)],
        "repaired": [finding.to_mapping() for finding in found([*report.repaired, _reencoded(used)])],
        "agreement": ground.agreement,
        "counts": _counts(tables),
        "builder": f"geo_policing {geo_policing.__version__}",
    }


def _no_areas(ground: Ground) -> Iterable[Absence]:
    if not ground.force.areas:
        yield Absence(marked("command areas"), marked("No area is named: the force's configuration has none."))


def _reencoded(used: Sequence[UsedFile]) -> Finding:
    tables = [file for file in used if file.is_table and encoding_of(file.path) != UTF_8]
    return Finding.of("files that are not UTF-8", [file.label for file in tables], "read as Windows-1252")


def _counts(tables: Mapping[str, Table]) -> dict[str, int]:
    """Rows of every table, and the figures that people ask for."""
    postcodes, inside = tables["postcodes"], tables["districts"]["inside"]
    live, located = postcodes["status"] == PostcodeStatus.LIVE, postcodes["unit"] >= 0
    shared = np.bincount(tables["postcode_units"]["postcode"], minlength=len(postcodes))
    return {
        **{name: len(table) for name, table in tables.items()},
        "districts_inside": int(inside.sum()),
        "districts_outside": int((~inside).sum()),
        "postcodes_live": int(live.sum()),
        "postcodes_live_inside": int((live & located).sum()),
        "postcodes_live_shared": int((shared > 1).sum()),
        "postcodes_terminated": int((postcodes["status"] == PostcodeStatus.TERMINATED).sum()),
        "postcodes_unlocated": int((postcodes["status"] == PostcodeStatus.UNLOCATED).sum()),
        "residents": round(float(np.nansum(tables["units"]["population"]))),
    }
