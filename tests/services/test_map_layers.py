from __future__ import annotations

import dataclasses
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
import shapely

from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.tables import Table
from geo_policing.domain.beats import Beat
from geo_policing.domain.facilities import Facility, FacilityKind
from geo_policing.services.map_layers import (
    STEP,
    beat_shapes,
    beats_topojson,
    layers_version,
    map_districts,
    name_point,
    only_examples,
    places_on_map,
)
from geo_policing.services.view import View
from geo_policing.spatial.crs import to_easting_northing, to_lon_lat
from tests.support.tiny import tables, write_tiny
from tests.support.views import DAY, tiny_view, view_of, view_without_plan

OFFICE = Facility("o", FacilityKind.ENQUIRY_OFFICE, "Office", "X02", "1 Road", "ZZ1 1AA", (543_000.0, 261_000.0))
POINT = Facility("c", FacilityKind.CONTACT_POINT, "Point", "X01")


@pytest.fixture
def view(tmp_path: Path) -> View:
    return tiny_view(tmp_path)


def decoded(content: dict[str, Any]) -> dict[str, shapely.MultiPolygon]:
    """The beats of a TopoJSON document by slug, read by the rules of its specification."""
    (scale_x, scale_y), (west, south) = content["transform"]["scale"], content["transform"]["translate"]
    arcs = [np.cumsum(arc, axis=0) * (scale_x, scale_y) + (west, south) for arc in content["arcs"]]

    def ring(numbers: list[int]) -> np.ndarray:
        walked = [arcs[n] if n >= 0 else arcs[~n][::-1] for n in numbers]
        return np.vstack([walked[0], *(arc[1:] for arc in walked[1:])])

    return {
        beat["id"]: shapely.MultiPolygon([(ring(o), [ring(h) for h in holes]) for o, *holes in beat["arcs"]])
        for beat in content["objects"]["beats"]["geometries"]
    }


def test_beats_come_as_topojson_of_their_ground(view: View):
    content = orjson.loads(beats_topojson(view))
    assert content["type"] == "Topology"
    found = decoded(content)
    assert list(found) == ["abbey-westham", "market", "abbey-eastham", "fen-end"]
    west, south, east, north = 541_000, 260_000, 542_000, 262_000
    lon, lat = to_lon_lat([west, east, east, west], [south, south, north, north])
    market = shapely.Polygon(np.column_stack([lon, lat]))
    assert found["market"].hausdorff_distance(market) < 2 * STEP


def test_neighbours_share_what_is_between_them(view: View):
    content = orjson.loads(beats_topojson(view))
    shapes = np.array(list(decoded(content).values()), dtype=object)
    # Their common corners are the same numbers, so the shared sides have no area between them.
    assert shapely.union_all(shapes).area == pytest.approx(shapely.area(shapes).sum(), rel=1e-12)
    beats = content["objects"]["beats"]["geometries"]
    used = [n if n >= 0 else ~n for beat in beats for polygon in beat["arcs"] for ring in polygon for n in ring]
    # Four beats in a row: three borders between two of them, and six stretches of the outside.
    assert sorted(used.count(n) for n in range(len(content["arcs"]))) == [1] * 6 + [2] * 3


def test_a_beat_tells_its_name_district_area_and_colour(view: View):
    beat = orjson.loads(beats_topojson(view))["objects"]["beats"]["geometries"][1]
    properties = beat["properties"]
    assert {k: properties[k] for k in ("name", "district", "area", "off_by_m")} == {
        "name": "Market", "district": "X01", "area": "north", "off_by_m": 0,
    }  # fmt: skip
    (east,), (north,) = (v.tolist() for v in to_easting_northing(*([v] for v in properties["label"])))
    assert (541_200 < east < 541_800, 260_400 < north < 261_600) == (True, True)


def test_districts_and_areas_are_named_within_themselves(view: View):
    content = orjson.loads(beats_topojson(view))
    translate = np.array(content["transform"]["translate"])
    named = {
        each["properties"]["name"]: np.array(each["coordinates"]) * STEP + translate
        for kind in ("districts", "areas")
        for each in content["objects"][kind]["geometries"]
    }
    assert list(named) == ["Eastham", "Westham", "North"] or list(named) == ["Westham", "Eastham", "North"]
    east, north = to_easting_northing(*named["Eastham"])
    assert (542_000 < east < 544_000, 260_000 < north < 262_000) == (True, True)


def test_without_a_plan_there_are_no_beats(view: View):
    bare = view_without_plan(view.dataset, DAY, None)
    content = orjson.loads(beats_topojson(bare))
    assert content["arcs"] == content["objects"]["beats"]["geometries"] == []
    assert map_districts(bare) == ()


def test_neighbours_have_other_colours(view: View):
    assert view.plan
    colours = beat_shapes(view.plan, view).colours
    assert all(a != b for a, b in pairwise(colours))


def test_a_spike_is_smoothed_and_owned_up_to(tmp_path: Path):
    """A spike 30 m high and 10 m wide encloses 150 m², less than the 400 m² of the tolerance."""
    units = tables()["units"]
    geometry = np.asarray(units["geometry"]).copy()
    corners = [(540_000, 260_000), (540_500, 260_000), (540_505, 259_970), (540_510, 260_000), (541_000, 260_000)]
    geometry[0] = shapely.Polygon([*corners, (541_000, 261_000), (540_000, 261_000)])
    changed = Table.of("units", **{**units.columns, "geometry": geometry})
    view = view_of(write_tiny(tmp_path, changed_tables={"units": changed}))
    assert view.plan
    shapes = beat_shapes(view.plan, view)
    assert shapes.off_by_m == (30, 0, 0, 0)
    assert shapes.areas[0].bounds[1] == 260_000


def test_the_name_of_areas_stands_in_their_widest_piece():
    small, large = shapely.box(540_000, 260_000, 540_100, 260_100), shapely.box(541_000, 260_000, 543_000, 262_000)
    lon, lat = name_point(np.array([shapely.MultiPolygon([small, large])], dtype=object))
    east, north = to_easting_northing(lon * STEP, lat * STEP)
    assert (float(east), float(north)) == pytest.approx((542_000, 261_000), abs=60)


def test_places_come_by_kind_then_name_with_or_without_a_point(view: View):
    full = dataclasses.replace(view, facilities=(POINT, OFFICE))
    office, point = places_on_map(full)
    assert (office.facility, point.facility, point.lat_lon) == (OFFICE, POINT, None)
    assert office.to_json() == {
        "kind": "enquiry_office", "name": "Office", "address": "1 Road, ZZ1 1AA", "at": office.lat_lon,
    }  # fmt: skip
    assert office.lat_lon == pytest.approx((52.227, 0.093), abs=0.005)


def test_districts_hold_their_beats_by_name_and_their_places(view: View):
    eastham, westham = map_districts(dataclasses.replace(view, facilities=(POINT, OFFICE)))
    assert (eastham.district.name, westham.district.name) == ("Eastham", "Westham")
    assert [own.beat.name for own in eastham.beats] == ["Abbey", "Fen End"]
    assert [place.facility for place in eastham.places] == [OFFICE]
    assert [own.pcsos for own in eastham.beats] == [(), ()]
    assert westham.beats[0].pcsos[0].collar_number == "PCSO 7101"


def test_examples_are_said_once_only_where_all_are(view: View):
    districts = map_districts(view)
    assert only_examples(districts)
    assert not only_examples(districts[:1]), "no posts at all"
    (post,) = view.postings["b1"]
    real = dataclasses.replace(view, postings={"b1": (post, dataclasses.replace(post, id=2, illustrative=False))})
    assert not only_examples(map_districts(real))


def test_the_version_follows_what_is_shown(view: View):
    moved = view_of(view.dataset, beat_of_unit=[0, 0, 2, 3] * 2)
    places = dataclasses.replace(view, facilities=(OFFICE,))
    later = dataclasses.replace(view, revision=99)
    versions = {layers_version(each) for each in (view, moved, places, view_without_plan(view.dataset, DAY, None))}
    assert len(versions) == 4
    assert layers_version(later) == layers_version(view), "nothing on the map has changed"


@pytest.mark.real_files
@pytest.mark.slow
def test_real_beats_as_served_leave_neither_gap_nor_overlap(real_dataset: Dataset):
    """Sixteen beats of neighbouring units of the real county, decoded and laid beside each other."""
    units = real_dataset["units"]
    order = np.argsort(shapely.get_x(shapely.centroid(units["geometry"])), kind="stable")
    beat_of_unit = np.empty(len(units), dtype=np.int32)
    beat_of_unit[order] = np.arange(len(units)) * 16 // len(units)
    code = str(real_dataset["districts"]["code"][0])
    beats = tuple(Beat(f"b{i}", f"beat-{i}", f"Beat {i}", code) for i in range(16))
    content = orjson.loads(beats_topojson(view_of(real_dataset, beats=beats, beat_of_unit=beat_of_unit)))
    shapes = np.array(list(decoded(content).values()), dtype=object)
    assert shapely.coverage_is_valid(shapely.set_precision(shapely.make_valid(shapes), STEP))
    union = shapely.union_all(shapely.make_valid(shapes))
    assert union.area == pytest.approx(shapely.area(shapes).sum(), rel=1e-6)
    assert len(beats_topojson(view_of(real_dataset, beats=beats, beat_of_unit=beat_of_unit))) < 200_000
