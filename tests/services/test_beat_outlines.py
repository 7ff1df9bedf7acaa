from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.tables import Table
from geo_policing.services.beat_outlines import DECIMALS, BeatOutline, beat_outline
from geo_policing.services.view import View
from geo_policing.spatial.crs import to_easting_northing
from tests.support.tiny import square, tables, write_tiny
from tests.support.views import view_of, view_without_plan


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return write_tiny(tmp_path_factory.mktemp("tiny"))


def outline(view: View, index: int) -> BeatOutline:
    found = beat_outline(view, index)
    assert found is not None
    return found


def in_metres(geometry: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(geometry, lambda xy: np.column_stack(to_easting_northing(xy[:, 0], xy[:, 1])))


def test_is_the_union_of_the_units(dataset: Dataset):
    found = outline(view_of(dataset), 0)
    assert shapely.equals(found.area, shapely.box(540_000, 260_000, 541_000, 262_000))
    # Seven decimals of a degree are a centimetre or less.
    assert in_metres(found.polygons).hausdorff_distance(found.area) < 0.02
    assert np.array_equal(found.largest_ring[0], found.largest_ring[-1])
    assert np.array_equal(found.largest_ring, found.largest_ring.round(DECIMALS))


def test_is_made_once_a_plan(dataset: Dataset):
    view = view_of(dataset)
    assert beat_outline(view, 1) is beat_outline(view, 1)


def test_the_ring_is_that_of_the_largest_part(dataset: Dataset):
    # u1 alone, and u3 with u4 and u8: the second is three times as large.
    view = view_of(dataset, beat_of_unit=[0, 1, 0, 0, 1, 1, 1, 0])
    found = outline(view, 0)
    assert len(found.polygons.geoms) == 2
    assert shapely.area(in_metres(shapely.polygons(found.largest_ring))) == pytest.approx(3e6, rel=1e-4)
    assert shapely.contains(found.area, in_metres(shapely.Point(found.centre)))


def test_a_hole_stays_a_hole(tmp_path: Path):
    units = tables()["units"]
    inner = shapely.box(540_400, 260_400, 540_600, 260_600)
    geometry = [shapely.difference(square(0, 0), inner), inner, *units["geometry"][2:]]
    changed = Table.of("units", **{**units.columns, "geometry": np.array(geometry, dtype=object)})
    found = outline(view_of(write_tiny(tmp_path, changed_tables={"units": changed})), 0)
    (part,) = found.polygons.geoms
    assert len(part.interiors) == 1
    assert part.exterior.is_ccw
    assert not part.interiors[0].is_ccw
    assert found.polygons.is_valid


def test_a_ring_around_another_beat_has_its_centre_inside(tmp_path: Path):
    units = tables()["units"]
    inner = shapely.box(540_001, 260_001, 540_999, 260_999)
    geometry = [shapely.difference(square(0, 0), inner), inner, *units["geometry"][2:]]
    changed = Table.of("units", **{**units.columns, "geometry": np.array(geometry, dtype=object)})
    dataset = write_tiny(tmp_path, changed_tables={"units": changed})
    found = outline(view_of(dataset, beat_of_unit=[0, 1, 2, 3, 1, 1, 2, 3]), 0)
    assert shapely.contains(found.area, in_metres(shapely.Point(found.centre)))


def test_a_beat_without_units_has_none(dataset: Dataset):
    assert beat_outline(view_of(dataset, beat_of_unit=[0, 1, 2, 2] * 2), 3) is None


@pytest.mark.parametrize("index", [-1, 4])
def test_a_beat_that_is_not_there_is_an_error(dataset: Dataset, index: int):
    with pytest.raises(IndexError, match=f"beat {index} of 4"):
        beat_outline(view_of(dataset), index)


def test_without_a_plan_there_are_no_beats(dataset: Dataset):
    view = view_of(dataset)
    with pytest.raises(ValueError, match="no plan"):
        beat_outline(view_without_plan(dataset, view.as_of, None), 0)


@given(st.lists(st.integers(0, 3), min_size=8, max_size=8))
def test_outlines_of_any_plan_part_the_ground(dataset: Dataset, beat_of_unit: list[int]):
    view = view_of(dataset, beat_of_unit=beat_of_unit)
    found = [o for o in (beat_outline(view, index) for index in range(4)) if o is not None]
    assert sum(o.area.area for o in found) == pytest.approx(8e6)
    served = np.array([o.polygons for o in found])
    assert shapely.is_valid(served).all()
    # Neighbours keep their corners in common, so as served they overlap nowhere.
    assert shapely.coverage_is_valid(served)
    for one in found:
        assert shapely.contains(one.area, in_metres(shapely.Point(one.centre)))
