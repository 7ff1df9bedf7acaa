"""The dataset: an immutable folder named by a hash of its content, opened whole or not at all.

`{data}/datasets/{data_version}/` holds `manifest.json` and one folder a table; `{data}/current` is a symbolic link
to the one that is served. The manifest lists every file with its SHA-256 and carries no time of building, so that the
same sources give the same `data_version`: the first 16 hexadecimal digits of the manifest's own SHA-256.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from geo_policing.config import Force
from geo_policing.datasets.schema import FORMAT_VERSION, TABLES
from geo_policing.datasets.tables import Table, read_table, write_table
from geo_policing.errors import DatasetError

MANIFEST = "manifest.json"
BUILDING_PREFIX = ".building-"


@dataclass(frozen=True)
class Dataset:
    """One opened dataset. Tables are read at first use and kept; none of them may be written to."""

    path: Path
    data_version: str
    manifest: Mapping[str, Any]

    def __getitem__(self, table_name: str) -> Table:
        tables: dict[str, Table] = self.__dict__.setdefault("_tables", {})
        if table_name not in tables:
            # A table that came later than the dataset is as good as empty; what a dataset has, its manifest names.
            known = any(name.startswith(f"{table_name}/") for name in self.manifest.get("files", ()))
            tables[table_name] = read_table(table_name, self.path) if known else Table.empty(table_name)
        return tables[table_name]

    @cached_property
    def force(self) -> Force:
        """The force as it was configured when the dataset was built."""
        return Force.from_mapping(self.manifest["force"], place=f"{self.path / MANIFEST}: force")

    @property
    def approximate(self) -> bool:
        """True for data that is derived rather than surveyed (the starter): every answer must say so."""
        return bool(self.manifest["approximate"])

    @property
    def schematic_roads(self) -> bool:
        """True where the network is lines between places instead of roads: every drive time must say so."""
        return bool(self.manifest.get("network", {}).get("schematic", False))


def open_dataset(path: Path) -> Dataset:
    """Open and verify the dataset at `path`; DatasetError where a file is missing, damaged or of another format."""
    manifest_bytes = _read_manifest(path)
    try:
        manifest = json.loads(manifest_bytes)
    except ValueError as error:
        raise DatasetError(
            f"{path / MANIFEST}: damaged ({error}). Build the dataset again, or point current at another."
        ) from error
    if manifest.get("format_version") != FORMAT_VERSION:
        raise DatasetError(
            f"{path}: format {manifest.get('format_version')}, this program reads {FORMAT_VERSION}. "
            "Build it again from its sources."
        )
    for name, expected in manifest["files"].items():
        if not (path / name).is_file() or _sha256((path / name).read_bytes()) != expected:
            raise DatasetError(
                f"{path / name}: missing or damaged (its checksum is not the manifest's). "
                "Build the dataset again, or point current at another."
            )
    return Dataset(path.resolve(), _version(manifest_bytes), manifest)


def current_path(data_dir: Path) -> Path | None:
    """The folder that `current` points at, or None where there is none yet."""
    try:
        return data_dir / (data_dir / "current").readlink()
    except FileNotFoundError:
        return None


def point_current_at(data_dir: Path, data_version: str) -> None:
    """Make `data_version` the dataset that is served, in one step; DatasetError where it is not there."""
    target = Path("datasets") / data_version
    if not (data_dir / target / MANIFEST).is_file():
        raise DatasetError(f"{data_dir / target}: no such dataset. The folder datasets/ lists what there is.")
    temporary = data_dir / f".current-{os.getpid()}"
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(data_dir / "current")


def write_dataset(data_dir: Path, tables: Mapping[str, Table], manifest: Mapping[str, Any]) -> Dataset:
    """Write a dataset below `data_dir/datasets` and open it; nothing is seen there until it is whole.

    `tables` must hold every table of the schema. `manifest` must carry `force` and `approximate`; `format_version`
    and `files` are added here. Where the same content is there already, that is opened and nothing is written; where it
    has been damaged since, the new copy takes its place.
    """
    if set(tables) != set(TABLES):
        raise ValueError(f"missing or unknown tables: {sorted(set(tables) ^ set(TABLES))}")
    with _building_folder(data_dir) as building:
        for name in TABLES:
            write_table(tables[name], name, building)
        files = {
            str(path.relative_to(building)): _sha256(path.read_bytes()) for path in sorted(building.rglob("*.npy"))
        }
        whole = {**manifest, "format_version": FORMAT_VERSION, "files": files}
        content = json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False).encode()
        (building / MANIFEST).write_bytes(content)
        _sync(building)
        final = data_dir / "datasets" / _version(content)
        if final.exists() and not _is_sound(final):
            # Under the name of a build, so that the next one clears it away if this is the last thing we do.
            final.rename(building.with_name(f"{building.name}-damaged"))
        if not final.exists():
            building.rename(final)
            _sync_folder(final.parent)
        shutil.rmtree(building.with_name(f"{building.name}-damaged"), ignore_errors=True)
    return open_dataset(final)


def _is_sound(path: Path) -> bool:
    try:
        open_dataset(path)
    except DatasetError:
        return False
    return True


@contextmanager
def _building_folder(data_dir: Path) -> Iterator[Path]:
    datasets = data_dir / "datasets"
    datasets.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=BUILDING_PREFIX, dir=datasets))
    building.chmod(0o755)
    try:
        yield building
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _read_manifest(path: Path) -> bytes:
    try:
        return (path / MANIFEST).read_bytes()
    except OSError as error:
        raise DatasetError(f"{path}: no dataset here ({error}). Make one with geo-policing build.") from error


def _sync(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _version(manifest_bytes: bytes) -> str:
    return _sha256(manifest_bytes)[:16]
