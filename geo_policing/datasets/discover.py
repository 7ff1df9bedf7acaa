"""Walks a folder of sources and says what each file is by what it contains, not by how it is called.

A file becomes one or more probes (a GeoPackage has one a layer); a registry of kinds, each with a reader's
`recognises`, says which probe is what. What nobody recognises is listed with the reason, never passed over in silence.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from geo_policing.datasets import textfile, vector
from geo_policing.errors import SourceError

VECTOR, CSV, OSM, GRAPHML, OVERPASS, TOML = "vector", "csv", "osm", "graphml", "overpass", "toml"
_HEAD_BYTES = 1 << 16
_TABLE_SUFFIXES = {".csv", ".tsv", ".txt"}
_DATA_SUFFIXES = {".csv", ".tsv", ".geojson", ".json", ".gpkg", ".shp", ".pbf", ".osm", ".graphml", ".toml"}
_SHAPEFILE_PARTS = {".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qmd"}
_SHAPEFILE_PART = "a part of a Shapefile, read with its .shp"
_SQLITE_MAGIC = b"SQLite format 3\0"
_SHAPEFILE_MAGIC = (9994).to_bytes(4, "big")
_JSON_FEATURES = re.compile(rb'"type"\s*:\s*"(FeatureCollection|Feature)"')
_JSON_ELEMENTS = re.compile(rb'"elements"\s*:\s*\[')


@dataclass(frozen=True)
class Probe:
    """What a first look at a file showed.

    `format` is "vector", "csv", "osm", "graphml", "overpass" or "toml". `layer` names the layer of a vector file,
    None elsewhere. `fields` are a vector layer's attribute names, the cells of a delimited file's first row (a header
    or already data, as the publisher has it) or a TOML file's top-level keys; empty elsewhere.
    """

    path: Path
    format: str
    layer: str | None = None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """A kind of source: its name, who recognises it, and whether two of it contradict each other."""

    name: str
    recognises: Callable[[Probe], bool]
    single: bool = False


@dataclass(frozen=True)
class Discovery:
    """What lies in a sources folder. `found` maps each kind's name to its probes in order of path, () for none."""

    root: Path
    found: Mapping[str, tuple[Probe, ...]]
    ignored: tuple[tuple[Path, str], ...] = field(default=())
    """Files that are not used, each with the reason."""

    def paths(self, kind: str) -> list[Path]:
        """Files of `kind`, each once, in order."""
        return list(dict.fromkeys(probe.path for probe in self.found[kind]))

    def label(self, path: Path) -> str:
        """How reports name `path`: relative to the sources, with forward slashes."""
        return path.relative_to(self.root).as_posix()

    def only(self, kind: str) -> Probe | None:
        """The one probe of a `single` kind, None where there is none."""
        return self.found[kind][0] if self.found[kind] else None


def discover(sources: Path, kinds: Sequence[Kind]) -> Discovery:
    """Look at every file below `sources` (hidden ones apart) and sort them into `kinds`.

    The first kind that recognises a probe has it. The result does not depend on the order in which the file system
    lists files. SourceError where the folder is missing or empty, where a file that claims to be a known format is
    damaged, and where two files are of one `single` kind (naming both).
    """
    found: dict[str, list[Probe]] = {kind.name: [] for kind in kinds}
    ignored: list[tuple[Path, str]] = []
    for path in _files(sources):
        result = probe_file(path)
        if isinstance(result, str):
            ignored.append((path, result))
            continue
        for probe in result:
            kind = next((k for k in kinds if k.recognises(probe)), None)
            if kind is None:
                ignored.append((path, _unknown(probe)))
            else:
                found[kind.name].append(probe)
    for kind in kinds:
        if kind.single and len(found[kind.name]) > 1:
            raise _contradiction(sources, kind.name, found[kind.name])
    return Discovery(sources, {name: tuple(probes) for name, probes in found.items()}, tuple(ignored))


def probe_file(path: Path) -> tuple[Probe, ...] | str:
    """What `path` contains, or in a phrase why it is nothing that is read.

    SourceError where it claims to be a format that is read but is damaged or empty.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head:
        if path.suffix.lower() in _DATA_SUFFIXES:
            raise SourceError("the file is empty", remedy="Download it again, or take it away.", file=path)
        return "empty"
    if head.startswith(_SHAPEFILE_MAGIC) and path.suffix.lower() in _SHAPEFILE_PARTS:
        return _SHAPEFILE_PART  # an index begins like the .shp that it belongs to
    binary = _binary_format(head)
    if binary is None:
        return _text_probes(path, head.removeprefix(b"\xef\xbb\xbf").lstrip())
    if binary == VECTOR:
        return _vector_probes(path)
    return (Probe(path, OSM),) if binary == OSM else binary


def _files(sources: Path) -> Iterator[Path]:
    if not sources.is_dir():
        raise SourceError("no such folder", remedy="Give the folder that holds the publishers' files.", file=sources)
    paths = []
    for folder, names, files in os.walk(sources):
        names[:] = [name for name in names if not name.startswith(".")]
        paths += [Path(folder) / name for name in files if not name.startswith(".")]
    if not paths:
        raise SourceError(
            "the folder is empty",
            remedy="It needs at least units, districts and postcodes; docs/data.md lists what is read.",
            file=sources,
        )
    return iter(sorted(paths, key=lambda path: path.relative_to(sources).as_posix()))


def _binary_format(head: bytes) -> str | None:
    """A format's name, or why the file is not read; None for what may be text."""
    if head.startswith((_SQLITE_MAGIC, _SHAPEFILE_MAGIC)):
        return VECTOR
    if b"OSMHeader" in head[:64]:
        return OSM
    if head.startswith(b"PK\x03\x04"):
        return "a zip archive; unpack it to have its files read"
    if head.startswith(b"\x1f\x8b"):
        return "compressed with gzip; unpack it to have it read"
    return None


def _text_probes(path: Path, head: bytes) -> tuple[Probe, ...] | str:
    suffix = path.suffix.lower()
    if head.startswith((b"{", b"[")):
        return _json_probes(path, head)
    if head.startswith(b"<"):
        return _xml_probes(path, head)
    if suffix == ".toml":
        return (Probe(path, TOML, None, _toml_keys(path)),)
    if suffix in _TABLE_SUFFIXES:
        return _table_probes(path)
    if suffix in _DATA_SUFFIXES - {".json"}:
        # Passing it over would quietly make another, poorer dataset: of LSOAs where the output areas are damaged.
        raise SourceError(
            f"the name says {suffix[1:]}, but it does not begin as one",
            remedy="Download it again, or take it away.",
            file=path,
        )
    return _SHAPEFILE_PART if suffix in _SHAPEFILE_PARTS else "not a form that is read"


def _vector_probes(path: Path) -> tuple[Probe, ...] | str:
    layers = vector.list_layers(path)
    return tuple(Probe(path, VECTOR, layer, fields) for layer, fields in layers) or "a database without a map layer"


def _json_probes(path: Path, head: bytes) -> tuple[Probe, ...] | str:
    if _JSON_FEATURES.search(head):
        return _vector_probes(path)
    if _JSON_ELEMENTS.search(head):
        return (Probe(path, OVERPASS),)
    if path.suffix.lower() == ".geojson":
        raise SourceError(
            "not GeoJSON: no FeatureCollection in its beginning",
            remedy="Download it again as GeoJSON; a reply with an error in it is sometimes saved under this name.",
            file=path,
        )
    return "JSON of another kind"


def _xml_probes(path: Path, head: bytes) -> tuple[Probe, ...] | str:
    if b"<graphml" in head:
        return (Probe(path, GRAPHML),)
    if b"<osm" in head:
        return (Probe(path, OSM),)
    return "XML or HTML of another kind"


def _table_probes(path: Path) -> tuple[Probe, ...] | str:
    try:
        fields = textfile.read_header(path)
    except SourceError as error:
        # Prose is often called .txt too, and no table can be missed that its own reader would have accepted.
        if path.suffix.lower() == ".txt":
            return f"not a table: {error.problem}"
        raise
    return (Probe(path, CSV, None, fields),)


def _toml_keys(path: Path) -> tuple[str, ...]:
    try:
        return tuple(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        return ()


def _unknown(probe: Probe) -> str:
    if not probe.fields:
        return "not a kind of file that is used"
    if probe.format == CSV and len(probe.fields) == 1:
        return "text without columns"
    shown = ", ".join(probe.fields[:6])[:80]
    where = f"layer {probe.layer}: " if probe.layer else ""
    return f"{where}not a kind of table that is used (its first fields: {shown})"


def _contradiction(sources: Path, kind: str, probes: Sequence[Probe]) -> SourceError:
    names = [
        probe.path.relative_to(sources).as_posix() + (f" (layer {probe.layer})" if probe.layer else "")
        for probe in probes
    ]
    return SourceError(
        f"{len(probes)} files of one kind, {kind}: {', '.join(names)}",
        remedy="Keep the vintage that you mean and take the others out of the folder.",
        file=sources,
    )
