"""Both indexes against asking each unit in turn, on coverages of all kinds."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geo_policing.spatial import grid_kernels
from geo_policing.spatial import index as index_module
from geo_policing.spatial.index import OUTSIDE, UnitGrid, UnitIndex, UnitTree
from tests.support import tiny

TINY = tiny.tables()["units"]["geometry"]


def brute_force(geometries: NDArray[Any], easting: float, northing: float) -> int:
    """What every index must answer: the first unit of all that meets the point."""
    point = shapely.Point(easting, northing)
    return next((row for row, unit in enumerate(geometries) if shapely.intersects(unit, point)), OUTSIDE)


def voronoi_units(seed: int, count: int, *, snap_m: float = 0.0) -> NDArray[Any]:
    """A valid coverage of a round-cornered area with a hole: Voronoi cells, some of them joined to others far off."""
    rng = np.random.default_rng(seed)
    sites = shapely.MultiPoint(rng.uniform(0, 3000, (count, 2)))
    outline = shapely.Point(1500, 1500).buffer(1400).difference(shapely.box(1200, 1300, 1600, 1500))
    cells = shapely.get_parts(shapely.voronoi_polygons(sites, extend_to=outline))
    # One overlay of all lines, so that neighbours share their vertices even on the outline.
    lines = shapely.union_all([*shapely.boundary(cells), outline.boundary])
    if snap_m:
        lines = shapely.set_precision(lines, snap_m)
    faces = shapely.get_parts(shapely.polygonize([shapely.node(lines)]))
    faces = faces[shapely.contains(outline.buffer(snap_m), shapely.point_on_surface(faces))]
    hole = shapely.Point(1400, 1400)
    faces = faces[~shapely.contains(faces, hole)]
    group = np.arange(len(faces)) % max(2, count * 2 // 3)
    units = [shapely.coverage_union_all(faces[group == g]) for g in np.unique(group)]
    return np.array(units, dtype=object)


def asked_points(units: NDArray[Any], seed: int, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Random points in and around the units, every vertex, and the middle of every edge."""
    vertices = shapely.get_coordinates(units)
    middles = (vertices[1:] + vertices[:-1]) / 2
    rng = np.random.default_rng(seed)
    west, south, east, north = shapely.total_bounds(units)
    random = rng.uniform((west - 200, south - 200), (east + 200, north + 200), (count, 2))
    e, n = np.vstack([random, vertices, middles]).T
    return e, n


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10_000), st.integers(3, 25), st.sampled_from([0.0, 1.0, 100.0]), st.sampled_from([None, 37.0, 900.0])
)
def test_grid_and_tree_answer_as_asking_each_unit_does(
    seed: int, count: int, snap_m: float, cell_m: float | None
) -> None:
    units = voronoi_units(seed, count, snap_m=snap_m)
    tree = UnitTree(units)
    e, n = asked_points(units, seed, 150)
    expected = [brute_force(units, x, y) for x, y in zip(e, n, strict=True)]
    assert tree.at_points(e, n).tolist() == expected
    assert UnitGrid(tree, cell_m=cell_m).at_points(e, n).tolist() == expected
    assert [tree.at_point(x, y) for x, y in zip(e[:20], n[:20], strict=True)] == expected[:20]


def test_round_coordinates_on_cell_borders_fall_to_the_lowest_unit() -> None:
    e, n = (g.ravel() for g in np.meshgrid(np.arange(539_900.0, 544_200, 50), np.arange(259_900.0, 262_200, 50)))
    expected = [brute_force(TINY, x, y) for x, y in zip(e, n, strict=True)]
    for cell_m in (None, 50.0, 1000.0):
        assert UnitGrid(UnitTree(TINY), cell_m=cell_m).at_points(e, n).tolist() == expected
    assert UnitIndex(TINY).at_point(541_000, 261_000) == 0


def test_a_reference_point_on_a_boundary_makes_the_cell_ask_the_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "_REFERENCE_AT", (0.0, 0.0))
    e, n = asked_points(TINY, 3, 500)
    grid = UnitGrid(UnitTree(TINY), cell_m=250.0)
    assert grid.at_points(e, n).tolist() == [brute_force(TINY, x, y) for x, y in zip(e, n, strict=True)]


def test_coordinates_that_are_no_numbers_or_far_away_are_outside() -> None:
    odd = np.array([np.nan, np.inf, -np.inf, 1e300, -1e300, 0.0])
    for e, n in ((odd, np.full(6, 260_500.0)), (np.full(6, 540_500.0), odd)):
        assert (UnitTree(TINY).at_points(e, n) == -1).all()
        assert (UnitGrid(UnitTree(TINY)).at_points(e, n) == -1).all()
        assert [UnitIndex(TINY).at_point(x, y) for x, y in zip(e, n, strict=True)] == [-1] * 6


def test_no_units_and_no_points() -> None:
    nothing = np.array([], dtype=object)
    assert UnitGrid(UnitTree(nothing)).at_points([1.0], [2.0]).tolist() == [-1]
    assert UnitIndex(nothing).at_point(1.0, 2.0) == -1
    assert len(UnitIndex(TINY).at_points([], [])) == 0
    assert len(UnitGrid(UnitTree(TINY)).at_points([], [])) == 0


def test_a_polygon_that_touches_itself_is_one_unit() -> None:
    pinched = shapely.Polygon([(0, 0), (100, 0), (50, 50), (100, 100), (0, 100), (50, 50)])
    units = np.array([pinched.buffer(0), shapely.Polygon([(0, 0), (50, 50), (0, 100)])], dtype=object)
    e, n = asked_points(units, 1, 300)
    expected = [brute_force(units, x, y) for x, y in zip(e, n, strict=True)]
    assert UnitGrid(UnitTree(units)).at_points(e, n).tolist() == expected


def test_the_index_takes_to_the_grid_only_where_it_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "GRID_PAYS_FROM", 10)
    index = UnitIndex(TINY)
    few = index.at_points(np.full(9, 540_500.0), np.full(9, 260_500.0))
    assert index._grid is None
    many = index.at_points(np.full(10, 540_500.0), np.full(10, 260_500.0))
    assert index._grid is not None
    assert set(few) == set(many) == {0}
    assert index.grid() is index.grid()
    assert index.grid().nbytes > 0


def test_the_nearest_unit_within_a_distance() -> None:
    tree = UnitTree(TINY)
    assert tree.nearest(539_980, 260_500, within_m=50) == (0, 20.0)
    unit, apart_m = tree.nearest(539_900, 260_500, within_m=50)
    assert unit == -1
    assert np.isnan(apart_m)


KERNELS = ("_orientation", "_meets_cell", "_visit", "_cross", "locate")


def test_compiled_loops_do_what_their_text_says(monkeypatch: pytest.MonkeyPatch) -> None:
    units = voronoi_units(11, 9, snap_m=100.0)
    e, n = asked_points(units, 5, 100)
    tree = UnitTree(units)
    compiled = UnitGrid(tree, cell_m=300.0)
    expected = compiled.at_points(e, n)
    for name in KERNELS:
        monkeypatch.setattr(grid_kernels, name, getattr(grid_kernels, name).py_func)
    plain = UnitGrid(tree, cell_m=300.0)
    assert np.array_equal(plain._segments, compiled._segments)
    assert np.array_equal(plain.at_points(e, n), expected)
    odd = np.array([np.nan, 1e300])
    assert plain.at_points(odd, odd).tolist() == [-1, -1]


def test_where_no_folder_can_keep_compiled_code_it_is_compiled_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    def njit(*, nogil: bool, cache: bool = False) -> Any:
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return lambda function: (function, nogil)

    monkeypatch.setattr(grid_kernels.numba, "njit", njit)
    assert grid_kernels._compiled(abs) == (abs, True)


def test_numba_is_loaded_only_with_the_grid() -> None:
    code = (
        "import sys, numpy as np, shapely; from geo_policing.services import bulk_lookup, lookup\n"
        "from geo_policing.spatial.index import UnitIndex\n"
        "UnitIndex(np.array([shapely.box(0, 0, 1, 1)])).at_points([0.5], [0.5])\n"
        "assert not {'numba', 'pandas', 'geopandas', 'pyogrio', 'osmium'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
