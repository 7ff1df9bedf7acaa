"""Drive time over HTTP: what is answered, in which form, how it is cached, and what is refused how."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import shapely
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from geo_policing.api.runtime import the_runtime
from geo_policing.clock import Clock
from geo_policing.services import contact_times
from geo_policing.services.coverage import PARAMETERS as COVERAGE_PARAMETERS
from geo_policing.services.drive_ready import make_missing
from geo_policing.services.drive_times import NEAREST_PARAMETERS
from geo_policing.services.isochrones import PARAMETERS as ISOCHRONE_PARAMETERS
from tests.support.tiny_roads import tiny_road_live
from tests.support.web import NOW, app_over, text_of

WESTHAM, EASTHAM = "westham-station-response-base", "eastham-station-response-base"
ISOCHRONES, NEAREST, COVERAGE = "/api/v1/isochrones", "/api/v1/nearest-base", "/api/v1/coverage"
MATRIX, CATCHMENTS = "/api/v1/matrix", "/api/v1/catchments"


@pytest.fixture(scope="module")
def roads_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("roads")
    tiny_road_live(folder, Clock.fixed(NOW)).close()
    return folder


@pytest.fixture(scope="module")
def roads(roads_dir: Path) -> FlaskClient:
    return app_over(roads_dir).test_client()


@pytest.fixture(scope="module")
def description(roads: FlaskClient) -> dict[str, Any]:
    content: dict[str, Any] = roads.get("/api/v1/openapi.json").json
    return content


def conforms(description: dict[str, Any], schema: str, content: Any) -> None:
    whole = {"$ref": f"#/components/schemas/{schema}", "components": description["components"]}
    Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(content)


class TestIsochrones:
    @pytest.mark.parametrize(
        "query",
        [
            "",
            f"base={WESTHAM}",
            f"base={WESTHAM}&base={EASTHAM}&minutes=2",
            "base=westham-station,eastham-station&minutes=4,2",
            "lat=52.2214&lon=0.0585&minutes=2",
            "easting=541000&northing=260500&minutes=2&quality=interactive",
            "postcode=ZZ1+1AC&minutes=2&bands=true",
            f"close={WESTHAM}&open=52.2214,0.0585&minutes=2&profile=response&direction=inbound",
        ],
    )
    def test_are_as_described(self, roads: FlaskClient, description: dict[str, Any], query: str):
        response = roads.get(f"{ISOCHRONES}?{query}")
        assert response.status_code == 200, response.get_data(as_text=True)
        assert response.mimetype == "application/geo+json"
        content = json.loads(response.get_data())
        conforms(description, "Isochrones", content)
        assert all(shapely.geometry.shape(f["geometry"]).is_valid for f in content["features"])

    def test_of_a_list_equal_those_of_an_address(self, roads: FlaskClient, description: dict[str, Any]):
        body = {"places": [{"base": WESTHAM}, {"postcode": "ZZ1 2OO"}], "minutes": [2, 1], "bands": False}
        conforms(description, "IsochroneQuestion", body)
        posted = roads.post(ISOCHRONES, json=body)
        assert posted.status_code == 200
        assert posted.headers["Cache-Control"] == "no-store"
        got = roads.get(f"{ISOCHRONES}?base={WESTHAM}&postcode=ZZ12OO&minutes=1,2")
        assert posted.get_data() == got.get_data()

    def test_are_byte_for_byte_the_same_and_kept_by_etag(self, roads: FlaskClient, roads_dir: Path):
        first = roads.get(f"{ISOCHRONES}?base={WESTHAM}&minutes=2")
        other_worker = app_over(roads_dir).test_client().get(f"{ISOCHRONES}?base={WESTHAM}&minutes=2")
        assert first.get_data() == other_worker.get_data()
        assert first.headers["ETag"] == other_worker.headers["ETag"]
        again = roads.get(f"{ISOCHRONES}?base={WESTHAM}&minutes=2", headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.get_data()) == (304, b"")
        assert roads.get(f"{ISOCHRONES}?base={WESTHAM}&minutes=3").headers["ETag"] != first.headers["ETag"]
        zipped = roads.get(f"{ISOCHRONES}?base={WESTHAM}&minutes=2", headers={"Accept-Encoding": "gzip"})
        assert zipped.headers["Content-Encoding"] == "gzip"
        assert zipped.headers["ETag"] != first.headers["ETag"]

    def test_name_the_licence_of_the_roads(self, roads: FlaskClient):
        response = roads.get(f"{ISOCHRONES}?base={WESTHAM}&minutes=2")
        assert response.headers["Link"] == '<https://opendatacommons.org/licenses/odbl/1-0/>; rel="license"'
        assert response.headers["Access-Control-Allow-Origin"] == "*"

    def test_may_be_asked_for_from_other_origins(self, roads: FlaskClient):
        response = roads.options(
            MATRIX, headers={"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
        )
        assert "POST" in response.headers["Access-Control-Allow-Methods"]

    def test_sixteen_at_once_are_answered_alike(self, roads_dir: Path):
        app = app_over(roads_dir)

        def ask(_: int) -> tuple[int, bytes]:
            response = app.test_client().get(f"{ISOCHRONES}?minutes=1,2,3")
            return response.status_code, response.get_data()

        with ThreadPoolExecutor(16) as pool:
            answers = set(pool.map(ask, range(16)))
        assert len(answers) == 1
        assert answers.pop()[0] == 200


class TestNearestBase:
    def test_is_the_one_with_the_shortest_drive(self, roads: FlaskClient, description: dict[str, Any]):
        content = roads.get(f"{NEAREST}?postcode=ZZ1+1AC").json
        conforms(description, "NearestBase", content)
        assert content["base"]["id"] == WESTHAM
        assert content["duration_s"] == pytest.approx(60, abs=0.5)
        # By 541500, 542500 and 543500, then north: 2,400 m and 1,000 m.
        assert content["bases"][1]["duration_s"] == pytest.approx(340, abs=0.5)

    def test_counts_the_walk_from_the_road(self, roads: FlaskClient):
        content = roads.get(f"{NEAREST}?easting=541000&northing=260600").json
        assert content["duration_s"] == pytest.approx(50 + 72, abs=0.5)
        assert content["place"]["offset_m"] == 100

    def test_is_null_where_no_road_is_near(self, roads: FlaskClient, description: dict[str, Any]):
        content = roads.get(f"{NEAREST}?easting=550000&northing=269000").json
        conforms(description, "NearestBase", content)
        assert content["base"] is content["duration_s"] is content["place"]["offset_m"] is None

    def test_is_never_kept_by_a_cache(self, roads: FlaskClient):
        response = roads.get(f"{NEAREST}?postcode=ZZ1+1AC")
        assert response.headers["Cache-Control"] == "no-store"
        again = roads.get(f"{NEAREST}?postcode=ZZ1+1AC", headers={"If-None-Match": response.headers["ETag"]})
        assert again.status_code == 304

    def test_minds_trials(self, roads: FlaskClient):
        content = roads.get(f"{NEAREST}?postcode=ZZ1+1AC&close={WESTHAM}").json
        assert [base["id"] for base in content["bases"]] == [EASTHAM]


class TestMatrix:
    def test_has_a_row_for_each_source(self, roads: FlaskClient, description: dict[str, Any]):
        body = {
            "sources": [{"base": WESTHAM}, "eastham-station"],
            "targets": ["ZZ1 1AA", {"postcode": "zz11ac"}, {"easting": 541000, "northing": "260600"}],
        }
        conforms(description, "MatrixQuestion", body)
        content = roads.post(MATRIX, json=body).json
        conforms(description, "Matrix", content)
        assert content["durations_s"][0] == pytest.approx([0, 60, 122], abs=0.5)
        assert content["durations_s"][1] == pytest.approx([400, 340, 350 + 72], abs=0.5)

    def test_has_null_for_what_is_nowhere(self, roads: FlaskClient, description: dict[str, Any]):
        body = {
            "sources": ["westham-station", "no-such-base", {"lat": 55, "lon": -2}],
            "targets": ["ZZ1 1AE", "ZZ1 9ZZ", "ZZ1 2OO"],
        }
        content = roads.post(MATRIX, json=body).json
        conforms(description, "Matrix", content)
        assert content["durations_s"][0] == [None, None, pytest.approx(400, abs=0.5)]
        assert content["durations_s"][1:] == [[None] * 3] * 2
        assert "neither" in content["sources"][1]["problem"]
        assert "No road" in content["sources"][2]["problem"]
        assert content["targets"][2]["problem"] is None

    def test_takes_two_thousand_targets(self, roads: FlaskClient):
        targets = [{"easting": 540_500 + i, "northing": 260_500} for i in range(2000)]
        row = roads.post(MATRIX, json={"sources": [WESTHAM], "targets": targets}).json["durations_s"][0]
        assert row == pytest.approx([i / 10 for i in range(2000)], abs=0.2)

    def test_inbound_is_outbound_turned_round(self, roads: FlaskClient):
        ends = {"sources": [WESTHAM], "targets": [EASTHAM, "ZZ1 1AC"]}
        there = roads.post(MATRIX, json=ends).json["durations_s"]
        assert roads.post(MATRIX, json=ends | {"direction": "inbound"}).json["durations_s"] == there

    def test_of_nothing_is_empty(self, roads: FlaskClient):
        assert roads.post(MATRIX, json={"sources": [], "targets": []}).json["durations_s"] == []

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({"sources": ["a"] * 101, "targets": []}, 413),
            ({"sources": [], "targets": ["a"] * 10_001}, 413),
            ({"sources": ["a"] * 100, "targets": ["a"] * 9_000}, 413),
            ({"sources": ["a"]}, 400),
            ([], 400),
            ({"sources": [], "targets": [], "turbo": True}, 400),
        ],
    )
    def test_is_bounded(self, roads: FlaskClient, body: object, status: int):
        response = roads.post(MATRIX, json=body)
        assert (response.status_code, response.mimetype) == (status, "application/problem+json")


class TestCoverage:
    @pytest.mark.parametrize("query", ["", f"close={WESTHAM}", "level=force&minutes=1", "open=52.2214,0.0585&worst=1"])
    def test_is_as_described(self, roads: FlaskClient, description: dict[str, Any], query: str):
        response = roads.get(f"{COVERAGE}?{query}")
        assert response.status_code == 200
        conforms(description, "Coverage", response.json)

    def test_comes_as_a_table_by_parameter_or_header(self, roads: FlaskClient):
        by_name = roads.get(f"{COVERAGE}?format=csv&level=district")
        by_header = roads.get(f"{COVERAGE}?level=district", headers={"Accept": "text/csv"})
        assert by_name.mimetype == by_header.mimetype == "text/csv"
        assert by_name.get_data() == by_header.get_data()
        assert "Accept" in by_header.headers["Vary"]
        assert by_header.headers["ETag"] != roads.get(f"{COVERAGE}?level=district").headers["ETag"]

    def test_shows_what_a_trial_changes(self, roads: FlaskClient, description: dict[str, Any]):
        content = json.loads(roads.get(f"{COVERAGE}?format=geojson&close={WESTHAM}&minutes=2").get_data())
        conforms(description, "AreasOnMap", content)
        assert [f["properties"]["change"] for f in content["features"]] == ["gained", "lost"]

    def test_catchments_are_as_described(self, roads: FlaskClient, description: dict[str, Any]):
        content = json.loads(roads.get(CATCHMENTS).get_data())
        conforms(description, "AreasOnMap", content)
        assert {f["properties"]["base"] for f in content["features"]} == {WESTHAM, EASTHAM}


class TestRefusals:
    @pytest.mark.parametrize(
        ("path", "status", "field"),
        [
            (f"{ISOCHRONES}?minutes=0", 400, "minutes"),
            (f"{ISOCHRONES}?minutes=-5", 400, "minutes"),
            (f"{ISOCHRONES}?minutes=10000", 400, "minutes"),
            (f"{ISOCHRONES}?minutes=abc", 400, "minutes"),
            (f"{ISOCHRONES}?colour=red", 400, "colour"),
            (f"{ISOCHRONES}?lat=52.2", 400, "lon"),
            (f"{ISOCHRONES}?lat=0.1&lon=52.2", 400, "lat"),
            (f"{ISOCHRONES}?base=nobody", 404, None),
            (f"{ISOCHRONES}?easting=550000&northing=269000", 422, None),
            (f"{ISOCHRONES}?close={WESTHAM}&close={EASTHAM}", 422, None),
            (f"{ISOCHRONES}?minutes={','.join(str(1 + i / 4) for i in range(61))}", 413, "minutes"),
            (f"{ISOCHRONES}?base={','.join(['a'] * 1001)}", 413, "base"),
            (f"{NEAREST}", 400, None),
            (f"{NEAREST}?postcode=ZZ1+1AA&postcode=ZZ1+1AB", 400, None),
            (f"{NEAREST}?postcode=ZZ1+1AE", 404, None),
            (f"{NEAREST}?postcode=!", 400, "postcode"),
            (f"{COVERAGE}?format=xml", 400, "format"),
            (f"{COVERAGE}?format=geojson", 400, "close"),
            (f"{COVERAGE}?limit=5", 400, "limit"),
            (f"{CATCHMENTS}?minutes=5", 400, "minutes"),
            (f"{COVERAGE}?{'&'.join(['open=52.2,0.1'] * 51)}", 413, "close"),
        ],
    )
    def test_say_what_is_wrong_where(
        self, roads: FlaskClient, description: dict[str, Any], path: str, status: int, field: str | None
    ):
        response = roads.get(path)
        assert (response.status_code, response.mimetype) == (status, "application/problem+json")
        conforms(description, "Problem", response.json)
        assert response.json.get("field") == field
        assert response.headers["Cache-Control"] == "no-store"

    def test_of_a_body(self, roads: FlaskClient):
        assert roads.post(MATRIX, data=b"{", content_type="application/json").status_code == 400
        assert roads.post(f"{MATRIX}?a=b", json={}).status_code == 400
        big = b" " * (2 * 1024 * 1024 + 1)
        assert roads.post(MATRIX, data=big, content_type="application/json").status_code == 413

    def test_without_roads_say_so(self, client: FlaskClient):
        for path in (ISOCHRONES, COVERAGE, CATCHMENTS, f"{NEAREST}?postcode=ZZ1+1AA"):
            response = client.get(path)
            assert response.status_code == 404
            assert "no road network" in response.json["detail"]

    def test_nothing_can_be_written(self, roads: FlaskClient):
        for path in (NEAREST, COVERAGE, CATCHMENTS):
            assert roads.post(path, json={}).status_code == 405


class TestDescription:
    @pytest.mark.parametrize(
        ("path", "parameters"),
        [
            (ISOCHRONES, ISOCHRONE_PARAMETERS),
            (NEAREST, NEAREST_PARAMETERS),
            (COVERAGE, COVERAGE_PARAMETERS | {"format"}),
        ],
    )
    def test_has_every_parameter_that_is_read(self, description: dict[str, Any], path: str, parameters: frozenset[str]):
        assert {p["name"] for p in description["paths"][path]["get"]["parameters"]} == parameters


def test_a_residents_page_tells_the_drive_to_the_office(roads_dir: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(contact_times, "make_soon", lambda *_: None)
    app = app_over(roads_dir)
    client = app.test_client()
    before = client.get("/beat/fen-end")
    assert "By car from this beat" not in before.get_data(as_text=True)
    with app.app_context():
        view = the_runtime().live.view()
        make_missing(view.dataset, view.facilities)
    after = client.get("/beat/fen-end")
    text = text_of(after.get_data(as_text=True))
    assert "By car from this beat: about 1 minute for half of the residents, 2 for nine in ten." in text
    assert "not how long the police take" in text
    assert after.headers["ETag"] != before.headers["ETag"]
