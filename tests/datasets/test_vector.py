"""Areas from GeoJSON, GeoPackage and Shapefile, and the ways in which such files are wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from geo_policing.datasets.vector import list_layers, read_layer
from geo_policing.errors import SourceError
from tests.support import sources
from tests.support.tiny import square

CODE = "OA21CD"


def _with(path: Path, geometry: Any, *, crs: str | None = None) -> Path:
    """Two features, the second with the raw GeoJSON `geometry`."""
    good = {"type": "Polygon", "coordinates": [[[0.1, 52.1], [0.2, 52.1], [0.2, 52.2], [0.1, 52.1]]]}
    content: dict[str, Any] = {"type": "FeatureCollection"}
    if crs:
        content["crs"] = {"type": "name", "properties": {"name": crs}}
    content["features"] = [
        {"type": "Feature", "properties": {CODE: code}, "geometry": shape}
        for code, shape in (("E1", good), ("E2", geometry))
    ]
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def _look_and_read(path: Path) -> None:
    """As a build does: a damaged file may show at either step."""
    list_layers(path)
    read_layer(path)


@pytest.mark.parametrize("degrees", [False, True], ids=["national grid", "wgs 84"])
@pytest.mark.parametrize("form", ["geojson", "gpkg", "shp"])
def test_every_form_gives_the_same_areas(tmp_path: Path, form: str, degrees: bool) -> None:
    features = sources.units()
    path = tmp_path / f"oa.{form}"
    if form == "geojson":
        sources.geojson(path, features, degrees=degrees)
    else:
        moved = [(properties, sources.in_degrees(shape) if degrees else shape) for properties, shape in features]
        driver = "GPKG" if form == "gpkg" else "ESRI Shapefile"
        sources.by_gdal(path, moved, driver=driver, crs="EPSG:4326" if degrees else "EPSG:27700")
    layer = read_layer(path)
    assert layer.text(CODE).tolist() == sources.OA_CODES
    assert len(layer) == 8
    expected = np.array([shape for _, shape in features], dtype=object)
    # Two millimetres along four sides of 1 km.
    assert (shapely.area(shapely.symmetric_difference(layer.geometry, expected)) < 8.0).all()
    assert "as declared" in layer.crs_note


def test_layers_of_a_geopackage_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "all.gpkg"
    sources.by_gdal(path, sources.units(), driver="GPKG", layer="oa", crs="EPSG:27700")
    sources.by_gdal(path, sources.wards(), driver="GPKG", layer="wards", crs="EPSG:27700")
    assert list_layers(path) == [("oa", ("OA21CD", "LSOA21CD", "LAD21CD")), ("wards", ("WD24CD", "WD24NM"))]
    assert read_layer(path, "wards").text("WD24NM").tolist() == list(sources.WARD_NAMES.values())


def test_national_grid_without_a_declaration_is_recognised_by_its_extent(tmp_path: Path) -> None:
    layer = read_layer(sources.geojson(tmp_path / "oa.geojson", sources.units(), crs=None))
    assert shapely.total_bounds(layer.geometry).tolist() == [540_000, 260_000, 544_000, 262_000]
    assert layer.crs_note == "National Grid, recognised by its extent"


def test_degrees_declared_as_metres_are_recognised_by_their_extent(tmp_path: Path) -> None:
    features = [({CODE: "E1"}, sources.in_degrees(square(0, 0)))]
    layer = read_layer(sources.geojson(tmp_path / "oa.geojson", features))
    assert layer.crs_note == "WGS 84, recognised by its extent"
    assert shapely.total_bounds(layer.geometry) == pytest.approx([540_000, 260_000, 541_000, 261_000], abs=0.01)


def test_another_system_is_transformed_as_declared(tmp_path: Path) -> None:
    import pyproj

    to_mercator = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
    shape = shapely.transform(
        sources.in_degrees(square(0, 0)), lambda xy: np.column_stack(to_mercator.transform(*xy.T))
    )
    path = sources.by_gdal(tmp_path / "oa.gpkg", [({CODE: "E1"}, shape)], driver="GPKG", crs="EPSG:3857")
    assert read_layer(path).geometry[0].area == pytest.approx(1e6, rel=1e-6)


@pytest.mark.parametrize(
    ("geometry", "problem"),
    [
        (None, "no geometry"),
        ({"type": "Point", "coordinates": [0.1, 52.1]}, "a Point where an area is needed"),
        ({"type": "LineString", "coordinates": [[0.1, 52.1], [0.2, 52.1]]}, "a LineString where an area"),
        ({"type": "Polygon", "coordinates": []}, "an empty geometry"),
        (
            {"type": "Polygon", "coordinates": [[[0.1, 52.1], [float("nan"), 52.1], [0.2, 52.2], [0.1, 52.1]]]},
            "NaN or infinite",
        ),
        (
            {"type": "Polygon", "coordinates": [[[0.1, 52.1], [0.2, float("inf")], [0.2, 52.2], [0.1, 52.1]]]},
            "NaN or infinite",
        ),
        ({"type": "Polygon", "coordinates": [[[2.3, 48.8], [2.4, 48.8], [2.4, 48.9], [2.3, 48.8]]]}, "outside Britain"),
        ({"type": "Polygon", "coordinates": [[[0.1, 95], [0.2, 95], [0.2, 96], [0.1, 95]]]}, "outside Britain"),
        ({"type": "Polygon", "coordinates": [[[0.1, -89], [0.2, -89], [0.2, -88.9], [0.1, -89]]]}, "outside Britain"),
    ],
    ids=["null", "point", "line", "empty", "nan", "infinite", "Paris", "beyond the pole", "the South Pole"],
)
def test_a_wrong_feature_is_named_with_its_row_and_the_remedy(tmp_path: Path, geometry: Any, problem: str) -> None:
    path = _with(tmp_path / "oa.geojson", geometry)
    with pytest.raises(SourceError, match=re.escape(problem)) as caught:
        read_layer(path)
    assert (caught.value.file, caught.value.row, caught.value.field) == (path, 2, "geometry")
    assert caught.value.remedy


def test_an_unclosed_ring_is_named(tmp_path: Path) -> None:
    geometry = {"type": "Polygon", "coordinates": [[[0.1, 52.1], [0.2, 52.1]]]}
    with pytest.raises(SourceError, match="row 2, field geometry"):
        read_layer(_with(tmp_path / "oa.geojson", geometry))


def test_swapped_axes_are_named_with_the_remedy(tmp_path: Path) -> None:
    swapped = [
        (properties, shapely.transform(sources.in_degrees(shape), lambda xy: xy[:, ::-1]))
        for properties, shape in sources.units()
    ]
    path = sources.geojson(tmp_path / "oa.geojson", swapped, crs=None)
    with pytest.raises(SourceError, match="latitude stands where longitude belongs") as caught:
        read_layer(path)
    assert "longitude (x) first" in caught.value.remedy


def test_a_system_that_fits_neither_is_refused(tmp_path: Path) -> None:
    far = [({CODE: "E1"}, shapely.box(5e6, 5e6, 5.1e6, 5.1e6))]
    path = sources.by_gdal(tmp_path / "oa.shp", far, driver="ESRI Shapefile", crs="EPSG:27700")
    (tmp_path / "oa.prj").unlink()
    with pytest.raises(SourceError, match="no coordinate system is declared"):
        read_layer(path)


def test_an_unknown_declaration_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyogrio.raw

    path = sources.geojson(tmp_path / "oa.geojson", sources.units())
    meta, *rest = pyogrio.raw.read(path)
    monkeypatch.setattr(pyogrio.raw, "read", lambda *_, **__: ({**meta, "crs": "EPSG:0"}, *rest))
    with pytest.raises(SourceError, match=r"an unknown coordinate system \(EPSG:0\)"):
        read_layer(path)


def test_a_file_without_features_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no features"):
        read_layer(sources.geojson(tmp_path / "oa.geojson", []))


@pytest.mark.parametrize("form", ["geojson", "gpkg", "shp"])
@pytest.mark.parametrize("share", [0.3, 0.7])
def test_a_truncated_file_is_named(tmp_path: Path, form: str, share: float) -> None:
    path = tmp_path / f"oa.{form}"
    if form == "geojson":
        sources.geojson(path, sources.units())
    else:
        driver = "GPKG" if form == "gpkg" else "ESRI Shapefile"
        sources.by_gdal(path, sources.units(), driver=driver, crs="EPSG:27700")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(SourceError, match=re.escape(path.name)) as caught:
        _look_and_read(path)
    assert "again" in caught.value.remedy


def test_numbers_are_read_and_checked(tmp_path: Path) -> None:
    features = [({CODE: "E1", "n": 5}, square(0, 0)), ({CODE: "E2", "n": None}, square(1, 0))]
    layer = read_layer(sources.geojson(tmp_path / "a.geojson", features))
    assert layer.numbers("n").tolist() == [5.0, pytest.approx(np.nan, nan_ok=True)]
    assert np.isnan(layer.numbers(None)).all()
    assert layer.text(None).tolist() == ["", ""]
    assert layer.text("n").tolist()[1] == ""
    bad = read_layer(sources.geojson(tmp_path / "b.geojson", [({CODE: "E1", "n": "many"}, square(0, 0))]))
    with pytest.raises(SourceError, match=r"row 1, field n: 'many' is not a number"):
        bad.numbers("n")
    negative = read_layer(sources.geojson(tmp_path / "c.geojson", [({CODE: "E1", "n": -1}, square(0, 0))]))
    with pytest.raises(SourceError, match="field n"):
        negative.numbers("n")
