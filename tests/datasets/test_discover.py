"""Files are told by what they contain, not by how they are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo_policing.datasets.discover import CSV, GRAPHML, OSM, OVERPASS, TOML, VECTOR, Kind, Probe, discover, probe_file
from geo_policing.errors import SourceError
from tests.support import sources

ANYTHING = Kind("anything", lambda probe: True)


def _write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "form"),
    [
        ("x.csv", b"a,b\n1,2\n", CSV),
        ("x.TXT", b"a\tb\n", CSV),
        ("x.tsv", b"a\tb\n", CSV),
        ("x.bin", b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18", OSM),
        ("x", b"<?xml version='1.0'?>\n<osm version='0.6'></osm>", OSM),
        ("x.xml", b"\xef\xbb\xbf<graphml></graphml>", GRAPHML),
        ("x.json", b'{"version": 0.6, "elements": []}', OVERPASS),
        ("x.toml", b'slug = "x"\n', TOML),
        ("x.toml", b"not toml at all", TOML),
    ],
)
def test_a_file_is_what_it_contains(tmp_path: Path, name: str, content: bytes, form: str) -> None:
    [probe] = probe_file(_write(tmp_path / name, content))
    assert probe.format == form


def test_a_vector_file_gives_a_probe_a_layer_whatever_its_name(tmp_path: Path) -> None:
    path = sources.geojson(tmp_path / "download (3).json", sources.units())
    assert probe_file(path) == (Probe(path, VECTOR, "download (3)", ("OA21CD", "LSOA21CD", "LAD21CD")),)
    package = tmp_path / "all.gpkg"
    sources.by_gdal(tmp_path / "all.gpkg", sources.units(), driver="GPKG", layer="oa", crs="EPSG:27700")
    sources.by_gdal(tmp_path / "all.gpkg", sources.wards(), driver="GPKG", layer="wards", crs="EPSG:27700")
    assert [probe.layer for probe in probe_file(package)] == ["oa", "wards"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.zip", b"PK\x03\x04abc", "unpack it"),
        ("a.csv.gz", b"\x1f\x8b\x08", "unpack it"),
        ("a.md", b"words", "not a form"),
        ("a.dbf", b"\x03words", "part of a Shapefile"),
        ("a.shx", b"\x00\x00\x27\x0a" + b"\0" * 96, "part of a Shapefile"),
        ("a.sbn", b"\x00\x00\x27\x0a\xff\xff\xfe\x70", "part of a Shapefile"),
        ("a.html", b"<html></html>", "XML or HTML"),
        ("a.json", b'{"a": 1}', "JSON of another kind"),
        ("a.txt", b'"A quoted word that never ends\n', "not a table"),
        (".keep.me", b"", "empty"),
    ],
)
def test_what_is_not_read_says_why(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    result = probe_file(_write(tmp_path / name, content))
    assert isinstance(result, str)
    assert reason in result


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.csv", b"", "the file is empty"),
        ("a.geojson", b"", "the file is empty"),
        ("a.geojson", b'{"error": {"code": 400}}', "not GeoJSON"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [', "cannot be read as a vector file"),
        ("a.gpkg", b"SQLite format 3\0" + b"x" * 100, "cannot be read as a vector file"),
        ("a.geojson", b"\x8b\x07\xff\x00", "does not begin as one"),
        ("a.osm.pbf", b"\x8b\x07\xff\x00", "does not begin as one"),
        ("a.csv", b"a,\0\n", "NUL bytes"),
        ("a.csv", b'"a,b\n', "a quote is not closed"),
    ],
)
def test_a_damaged_file_of_a_known_form_is_an_error(tmp_path: Path, name: str, content: bytes, problem: str) -> None:
    path = _write(tmp_path / name, content)
    with pytest.raises(SourceError, match=problem) as caught:
        probe_file(path)
    assert caught.value.file == path


def test_the_first_kind_that_recognises_a_file_has_it_and_hidden_files_are_not_looked_at(tmp_path: Path) -> None:
    _write(tmp_path / "b" / "two.csv", b"b\n")
    _write(tmp_path / "a" / "one.csv", b"a\n")
    _write(tmp_path / ".git" / "x.csv", b"\0")
    _write(tmp_path / ".hidden.csv", b"\0")
    kinds = [Kind("first", lambda probe: probe.fields == ("a",)), ANYTHING]
    found = discover(tmp_path, kinds)
    assert found.paths("first") == [tmp_path / "a" / "one.csv"]
    assert found.paths("anything") == [tmp_path / "b" / "two.csv"]
    assert found.ignored == ()
    assert found.label(tmp_path / "a" / "one.csv") == "a/one.csv"


def test_what_nobody_recognises_is_listed_with_its_fields(tmp_path: Path) -> None:
    _write(tmp_path / "one.csv", b"name,of,columns\n")
    sources.geojson(tmp_path / "two.geojson", sources.wards())
    _write(tmp_path / "three.txt", b"prose\n")
    ignored = {path.name: why for path, why in discover(tmp_path, []).ignored}
    assert "name, of, columns" in ignored["one.csv"]
    assert "WD24CD" in ignored["two.geojson"]
    assert ignored["three.txt"] == "text without columns"


def test_two_files_of_one_single_kind_are_named_both(tmp_path: Path) -> None:
    sources.geojson(tmp_path / "old.geojson", sources.wards())
    sources.geojson(tmp_path / "new.geojson", sources.wards())
    single = Kind("wards", lambda probe: probe.format == VECTOR, single=True)
    with pytest.raises(SourceError, match=r"2 files of one kind, wards: new\.geojson.*old\.geojson"):
        discover(tmp_path, [single])


def test_only_gives_the_one_probe_or_none(tmp_path: Path) -> None:
    _write(tmp_path / "one.csv", b"a\n")
    found = discover(tmp_path, [ANYTHING, Kind("none", lambda probe: False)])
    only = found.only("anything")
    assert only is not None
    assert only.path.name == "one.csv"
    assert found.only("none") is None


def test_a_missing_or_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such folder"):
        discover(tmp_path / "nowhere", [])
    with pytest.raises(SourceError, match="the folder is empty"):
        discover(tmp_path, [])
