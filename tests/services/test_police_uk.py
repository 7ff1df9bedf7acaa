from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.tables import Table
from geo_policing.domain.events import Event
from geo_policing.domain.facilities import Facility, FacilityKind
from geo_policing.domain.postings import Posting, Role
from geo_policing.domain.priorities import Priority
from geo_policing.errors import InvalidInputError, NotFoundError
from geo_policing.services import police_uk
from geo_policing.services.query_types import PointQuery
from geo_policing.services.view import View
from geo_policing.spatial.crs import to_lon_lat
from tests.support.tiny import FORCE, tables, write_tiny
from tests.support.views import DAY, FIRST_PLAN, view_of, view_without_plan


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return write_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def view(dataset: Dataset) -> View:
    return view_of(dataset)


def found(view: View, beat_id: str = "b1") -> police_uk.Neighbourhood:
    return police_uk.find(view, "tiny", beat_id)


class TestForce:
    def test_there_is_one(self, view: View):
        assert police_uk.forces(view) == [{"id": "tiny", "name": "Tiny Constabulary"}]

    def test_without_a_website_nothing_is_made_up(self, view: View):
        force = police_uk.force(view, "tiny")
        assert (force["url"], force["engagement_methods"]) == (None, [])

    def test_its_website_is_how_to_engage(self, tmp_path: Path):
        website = "https://tiny.example"
        view = view_of(write_tiny(tmp_path, force={**FORCE, "website": website}, approximate=True))
        force = police_uk.force(view, "tiny")
        assert force["url"] == force["engagement_methods"][0]["url"] == website
        assert "approximate" in force["description"]
        beat = police_uk.neighbourhood(view, found(view))
        assert beat["url_force"] == beat["contact_details"]["web"] == beat["links"][0]["url"] == website
        assert "approximate" in beat["description"]

    @pytest.mark.parametrize("force_id", ["", "Tiny", "tiny ", "forces", "v1", "x" * 1000, "\x00"])
    def test_another_is_not_found(self, view: View, force_id: str):
        asked: list[Any] = [police_uk.force, police_uk.senior_officers, police_uk.neighbourhoods]
        for ask in asked:
            with pytest.raises(NotFoundError, match="has the id tiny"):
                ask(view, force_id)


class TestNeighbourhoods:
    def test_are_the_beats_in_their_order(self, view: View):
        assert [n["id"] for n in police_uk.neighbourhoods(view, "tiny")] == ["b1", "b2", "b3", "b4"]

    def test_a_beat_is_found_by_its_id_only(self, view: View):
        assert found(view, "b3").index == 2
        with pytest.raises(NotFoundError, match="its id is b4"):
            found(view, "fen-end")
        with pytest.raises(NotFoundError, match="has no neighbourhood “b9” on 2026-03-02"):
            found(view, "b9")

    def test_without_a_plan_nothing_is_found(self, dataset: Dataset):
        with pytest.raises(NotFoundError, match="begins on 2026-01-01"):
            police_uk.neighbourhoods(view_without_plan(dataset, DAY, FIRST_PLAN), "tiny")
        with pytest.raises(NotFoundError, match=r"in force on 2026-03-02\.$"):
            found(view_without_plan(dataset, DAY, None))


class TestNeighbourhood:
    def test_numbers_are_strings(self, view: View):
        beat = police_uk.neighbourhood(view, found(view))
        assert beat["population"] == "200"
        lon, lat = to_lon_lat(540_500, 261_000)
        assert float(beat["centre"]["longitude"]) == pytest.approx(float(lon), abs=1e-6)
        assert float(beat["centre"]["latitude"]) == pytest.approx(float(lat), abs=1e-6)

    def test_residents_that_no_source_gives_are_nought_and_in_geojson_null(self, tmp_path: Path):
        units = tables()["units"]
        population = np.array([float("nan"), *units["population"][1:]])
        changed = Table.of("units", **{**units.columns, "population": population})
        view = view_of(write_tiny(tmp_path, changed_tables={"units": changed}))
        assert police_uk.neighbourhood(view, found(view))["population"] == "0"
        assert orjson.loads(police_uk.boundary_geojson(view, found(view)))["properties"]["population"] is None
        assert police_uk.neighbourhood(view, found(view, "b2"))["population"] == "200"

    def test_a_beat_without_units_has_neither_residents_nor_ground(self, dataset: Dataset):
        view = view_of(dataset, beat_of_unit=[0, 1, 2, 2] * 2)
        empty = found(view, "b4")
        beat = police_uk.neighbourhood(view, empty)
        assert (beat["population"], beat["centre"]) == ("0", {"latitude": None, "longitude": None})
        for ask in (police_uk.boundary, police_uk.boundary_geojson, police_uk.require_ground):
            with pytest.raises(NotFoundError, match="no ground"):
                ask(view, empty)

    def test_locations_are_where_residents_of_the_district_can_go(self, view: View):
        point = Facility("a", FacilityKind.CONTACT_POINT, "Shop", "X01", verified_on=DAY)
        office = Facility(
            "b",
            FacilityKind.ENQUIRY_OFFICE,
            "Station <1>",
            "X01",
            address="1 Mill Road",
            postcode="ZZ1 1AA",
            easting_northing=(540_500.0, 260_500.0),
            opening_hours="Mo 09:00-10:00",
            access="Step-free",
            telephone="01234 567890",
            location_note="Placed by its postcode.",
        )
        base = Facility("c", FacilityKind.RESPONSE_BASE, "Base", "X01")
        elsewhere = Facility("d", FacilityKind.ENQUIRY_OFFICE, "Other", "X02", illustrative=True)
        view = replace(view, facilities=(point, office, base, elsewhere))
        first, second = police_uk.neighbourhood(view, found(view))["locations"]
        assert (first["name"], first["type"], first["telephone"]) == ("Station <1>", "enquiry office", "01234 567890")
        assert (first["postcode"], first["address"]) == ("ZZ1 1AA", "1 Mill Road")
        assert first["longitude"] == f"{to_lon_lat(540_500, 260_500)[0]:.7f}"
        for said in ("Mo 09:00-10:00", "Step-free", "Placed by", "Nobody has verified"):
            assert said in first["description"]
        assert second == {
            "name": "Shop",
            "latitude": None,
            "longitude": None,
            "postcode": "",
            "address": "",
            "type": "contact point",
            "description": "<p>Opening hours: not known</p>",
        }
        (example,) = police_uk.neighbourhood(view, found(view, "b3"))["locations"]
        assert "An example" in example["description"]
        assert "Nobody" not in example["description"]


class TestBoundary:
    def test_is_left_open_and_goes_round_the_largest_part(self, dataset: Dataset):
        view = view_of(dataset, beat_of_unit=[0, 1, 0, 0, 1, 1, 1, 0])
        ring = police_uk.boundary(view, found(view))
        corners = [(float(p["longitude"]), float(p["latitude"])) for p in ring]
        assert len(corners) == len(set(corners)) == 8
        lon, lat = to_lon_lat(543_500, 260_500)
        assert shapely.contains_xy(shapely.Polygon(corners), lon, lat)
        assert not shapely.contains_xy(shapely.Polygon(corners), *to_lon_lat(540_500, 260_500))

    def test_geojson_has_every_part(self, dataset: Dataset):
        view = view_of(dataset, beat_of_unit=[0, 1, 0, 0, 1, 1, 1, 0])
        feature = orjson.loads(police_uk.boundary_geojson(view, found(view)))
        assert (feature["type"], feature["id"], feature["geometry"]["type"]) == ("Feature", "b1", "MultiPolygon")
        ground = shapely.from_geojson(orjson.dumps(feature["geometry"]).decode())
        assert len(ground.geoms) == 2
        assert feature["properties"]["data_version"] == dataset.data_version
        assert feature["properties"]["as_of"] == "2026-03-02"

    def test_both_have_the_same_coordinates(self, view: View):
        feature = orjson.loads(police_uk.boundary_geojson(view, found(view)))
        (ring,) = feature["geometry"]["coordinates"][0]
        texts = [(p["longitude"], p["latitude"]) for p in police_uk.boundary(view, found(view))]
        assert texts == [(f"{lon:.7f}", f"{lat:.7f}") for lon, lat in ring[:-1]]


def person(view: View, **changes: Any) -> dict[str, Any]:
    posting = replace(Posting(1, "b1", Role.CONSTABLE, "1234", 1.0, FIRST_PLAN), **changes)
    (one,) = police_uk.people(replace(view, postings={"b1": (posting,)}), found(view))
    return one


class TestPeople:
    def test_a_vacant_beat_has_none(self, view: View):
        assert police_uk.people(view, found(view, "b2")) == []

    def test_a_post_without_a_name_is_its_rank_and_number(self, view: View):
        assert person(view) == {"bio": None, "contact_details": {}, "name": "Constable 1234", "rank": "Constable"}
        assert person(view, role=Role.PCSO, collar_number="PCSO 7101")["name"] == "PCSO 7101"
        assert person(view, role=Role.SPECIAL)["name"] == "Special constable 1234"

    def test_a_made_up_post_is_told_to_be_one(self, view: View):
        assert "not a real officer" in person(view, illustrative=True)["bio"]

    def test_a_person_is_named(self, view: View):
        one = person(view, name="Sam Doe", email="s@example.org", telephone="101", fte=0.5)
        assert (one["name"], one["bio"]) == ("Sam Doe", "<p>Collar number 1234.</p><p>Serves part time.</p>")
        assert one["contact_details"] == {"email": "s@example.org", "telephone": "101"}

    @pytest.mark.parametrize("role", list(Role))
    def test_every_role_has_a_rank(self, view: View, role: Role):
        assert person(view, role=role)["rank"]


def event(view: View, **changes: Any) -> dict[str, Any]:
    happening = replace(Event(1, "b1", "Surgery", datetime(2026, 7, 1, 9, 0, tzinfo=UTC)), **changes)
    (one,) = police_uk.events(replace(view, events={"b1": (happening,)}), found(view))
    return one


class TestEvents:
    def test_none_is_an_empty_list(self, view: View):
        assert police_uk.events(view, found(view)) == []

    def test_times_are_those_of_the_clock_on_the_wall(self, view: View):
        assert event(view)["start_date"] == "2026-07-01T10:00:00"
        assert event(view)["end_date"] is None
        winter = event(
            view,
            starts_at=datetime(2026, 12, 1, 9, 0, 5, 999, tzinfo=UTC),
            ends_at=datetime(2026, 12, 1, 23, 30, tzinfo=UTC),
        )
        assert (winter["start_date"], winter["end_date"]) == ("2026-12-01T09:00:05", "2026-12-01T23:30:00")

    def test_what_is_not_known_is_null(self, view: View):
        one = event(view)
        assert {one[name] for name in ("description", "address", "type")} == {None}
        assert one["contact_details"] == {}

    @pytest.mark.parametrize(
        ("contact", "details"),
        [
            ("101", {"telephone": "101"}),
            (" 01234 567890 ", {"telephone": "01234 567890"}),
            ("+44 (0)1234-567890", {"telephone": "+44 (0)1234-567890"}),
            ("team@example.org", {"email": "team@example.org"}),
            ("https://example.org/x", {"web": "https://example.org/x"}),
        ],
    )
    def test_a_plain_contact_is_told_by_its_kind(self, view: View, contact: str, details: dict[str, str]):
        one = event(view, contact=contact)
        assert (one["contact_details"], one["description"]) == (details, None)

    @pytest.mark.parametrize("contact", ["Ask at the desk", "javascript:alert(1)", "call 101", "a@b", "<a@b.c>"])
    def test_any_other_is_a_sentence(self, view: View, contact: str):
        one = event(view, contact=contact, description="Come along.")
        assert one["contact_details"] == {}
        assert one["description"].startswith("<p>Come along.</p><p>Contact: ")
        assert "<a" not in one["description"]


def priority(view: View, **changes: Any) -> dict[str, Any]:
    raised = replace(Priority(1, "b1", "Parking", date(2026, 2, 1)), **changes)
    (one,) = police_uk.priorities(replace(view, priorities={"b1": (raised,)}), found(view))
    return one


class TestPriorities:
    def test_none_is_an_empty_list(self, view: View):
        assert police_uk.priorities(view, found(view)) == []

    def test_its_dates_are_always_there(self, view: View):
        assert priority(view) == {
            "action": None,
            "issue-date": "2026-02-01T00:00:00",
            "action-date": None,
            "issue": "<p>Parking</p>",
        }

    def test_an_action_is_told_from_its_day_on(self, view: View):
        acted = priority(view, action="Cones", action_on=DAY)
        assert (acted["action"], acted["action-date"]) == ("<p>Cones</p>", "2026-03-02T00:00:00")
        later = priority(view, action="Cones", action_on=date(2026, 3, 3))
        assert (later["action"], later["action-date"]) == (None, None)

    def test_nothing_typed_is_html(self, view: View):
        one = priority(view, issue="<img src=x onerror=alert(1)>", action="<b>", action_on=DAY)
        assert (one["issue"], one["action"]) == ("<p>&lt;img src=x onerror=alert(1)&gt;</p>", "<p>&lt;b&gt;</p>")

    def test_an_issue_without_any_letter_is_an_empty_text(self, view: View):
        assert priority(view, issue="\x07")["issue"] == ""


def read(q: str) -> PointQuery | InvalidInputError | NotFoundError:
    try:
        return police_uk.read_q(q)
    except (InvalidInputError, NotFoundError) as error:
        return error


class TestLocating:
    def test_the_centre_of_each_beat_is_in_it(self, view: View):
        for listed in police_uk.neighbourhoods(view, "tiny"):
            centre = police_uk.neighbourhood(view, found(view, listed["id"]))["centre"]
            query = police_uk.read_q(f"{centre['latitude']},{centre['longitude']}")
            assert police_uk.locate(view, query) == {"force": "tiny", "neighbourhood": listed["id"]}

    def test_outside_and_without_a_plan_nothing_is_found(self, view: View, dataset: Dataset):
        with pytest.raises(NotFoundError, match="outside the area of Tiny Constabulary"):
            police_uk.locate(view, police_uk.read_q("51.5,-0.1"))
        with pytest.raises(NotFoundError, match="No plan"):
            police_uk.locate(view_without_plan(dataset, DAY, None), police_uk.read_q("52.2338,0.0559"))

    def test_swapped_degrees_are_put_right_in_the_error(self):
        with pytest.raises(InvalidInputError, match="swapped") as refused:
            police_uk.read_q("0.1,52.2")
        assert (refused.value.field, refused.value.meant) == ("q", "52.2,0.1")

    @given(st.text(max_size=40))
    def test_whatever_is_typed_is_read_or_refused(self, text: str):
        outcome = read(text)
        if isinstance(outcome, PointQuery):
            assert [outcome.y, outcome.x] == [float(part) for part in text.split(",")]
        elif isinstance(outcome, InvalidInputError):
            assert outcome.field == "q"

    @given(st.floats(-90, 90), st.floats(-180, 180))
    def test_any_place_on_earth_is_a_point_or_not_found(self, lat: float, lon: float):
        outcome = read(f"{lat},{lon}")
        if 49.5 <= lat <= 61.5 and -9.5 <= lon <= 2.5:
            assert outcome == PointQuery(lon, lat, True)
        elif 49.5 <= lon <= 61.5 and -9.5 <= lat <= 2.5:
            assert "swapped" in str(outcome)
        else:
            assert isinstance(outcome, NotFoundError)


@pytest.mark.real_files
@pytest.mark.slow
def test_every_beat_of_the_real_county_has_a_sound_boundary(real_dataset: Dataset):
    from geo_policing.services.suggested_beats import suggest_beats

    suggested = suggest_beats(real_dataset)
    view = view_of(real_dataset, beats=suggested.beats, beat_of_unit=suggested.beat_of_unit)
    slug = real_dataset.force.slug
    grounds = []
    for listed in police_uk.neighbourhoods(view, slug):
        one = police_uk.find(view, slug, listed["id"])
        feature = orjson.loads(police_uk.boundary_geojson(view, one))
        grounds.append(shapely.from_geojson(orjson.dumps(feature["geometry"]).decode()))
        ring = shapely.Polygon([(float(p["longitude"]), float(p["latitude"])) for p in police_uk.boundary(view, one)])
        largest = max(grounds[-1].geoms, key=shapely.area)
        assert shapely.equals(ring, shapely.Polygon(largest.exterior))
        centre = police_uk.neighbourhood(view, one)["centre"]
        query = police_uk.read_q(f"{centre['latitude']},{centre['longitude']}")
        assert police_uk.locate(view, query)["neighbourhood"] == listed["id"]
    served = np.array(grounds)
    assert shapely.is_valid(served).all()
    assert shapely.coverage_is_valid(served)
