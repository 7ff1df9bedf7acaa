"""The paths of data.police.uk over HTTP: shapes, headers, what is refused, and a published client library."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import shapely
from flask import Flask
from flask.testing import FlaskClient
from police_api import PoliceAPI
from police_api.exceptions import APIError

from geo_policing.api.police_uk_schemas import SCHEMAS
from tests.api.test_openapi import conforms
from tests.support.live import NOON
from tests.support.told import write_told
from tests.support.web import app_over, served

B1 = "/api/tiny/b001"
READS = [
    "/api/forces",
    "/api/forces/tiny",
    "/api/forces/tiny/people",
    "/api/tiny/neighbourhoods",
    B1,
    f"{B1}/boundary",
    f"{B1}/boundary.geojson",
    f"{B1}/people",
    f"{B1}/events",
    f"{B1}/priorities",
]
# The middle of b001's northern square, in degrees.
INSIDE = "52.2338,0.0559"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = tmp_path_factory.mktemp("told")
    write_told(folder)
    return app_over(folder, now=NOON)


@pytest.fixture
def client(told: Flask) -> FlaskClient:
    return told.test_client()


@pytest.fixture(scope="module")
def description(told: Flask) -> dict[str, Any]:
    content: dict[str, Any] = told.test_client().get("/api/v1/openapi.json").json
    return content


@pytest.fixture(scope="module")
def api(told: Flask) -> Iterator[PoliceAPI]:
    with served(told) as address:
        yield PoliceAPI(base_url=f"{address}/api/")


def operations(description: dict[str, Any]) -> dict[str, tuple[str, dict[str, Any], list[dict[str, Any]]]]:
    """Operation id to path, operation and all parameters, of the paths that this file is about."""
    found = {}
    for path, item in description["paths"].items():
        operation = item.get("get", {})
        if operation.get("operationId", "").startswith("policeUk"):
            parameters = item.get("parameters", []) + operation["parameters"]
            found[operation["operationId"]] = (path, operation, parameters)
    return found


OPERATIONS = [
    "policeUkForces", "policeUkForce", "policeUkSeniorOfficers", "policeUkNeighbourhoods", "policeUkNeighbourhood",
    "policeUkBoundary", "policeUkBoundaryGeojson", "policeUkPeople", "policeUkEvents", "policeUkPriorities",
    "policeUkLocate",
]  # fmt: skip


class TestDescription:
    def test_has_every_path(self, description: dict[str, Any]):
        assert sorted(operations(description)) == sorted(OPERATIONS)
        assert set(SCHEMAS) <= set(description["components"]["schemas"])

    @pytest.mark.parametrize("operation_id", OPERATIONS)
    def test_its_examples_are_true(self, client: FlaskClient, description: dict[str, Any], operation_id: str):
        path, operation, parameters = operations(description)[operation_id]
        query = {}
        for parameter in parameters:
            if parameter["in"] == "path":
                path = path.replace("{" + parameter["name"] + "}", parameter["example"])
            else:
                query[parameter["name"]] = parameter["example"]
        response = client.get(path, query_string=query)
        ((media, content),) = operation["responses"]["200"]["content"].items()
        assert (response.status_code, response.mimetype) == (200, media)
        answered, shown = response.get_json(), content["example"]
        conforms({**description, "components": with_answer(description, content["schema"])}, "_Answer", answered)
        if operation_id == "policeUkBoundaryGeojson":
            # It changes with the form of the dataset.
            answered["properties"].pop("data_version")
            shown["properties"].pop("data_version")
        assert answered == shown

    def test_errors_are_as_described(self, client: FlaskClient, description: dict[str, Any]):
        for path, status in [("/api/other/b001", 404), (f"{B1}?as_of=x", 400), ("/api/locate-neighbourhood", 400)]:
            response = client.get(path)
            assert response.status_code == status
            conforms(description, "Problem", response.json)


def with_answer(description: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    components = description["components"]
    return {**components, "schemas": {**components["schemas"], "_Answer": schema}}


class TestEveryRead:
    @pytest.mark.parametrize("path", READS)
    def test_is_revalidated_and_shared(self, client: FlaskClient, path: str):
        first = client.get(path)
        assert first.status_code == 200
        assert first.headers["Cache-Control"] == "no-cache"
        assert first.headers["Access-Control-Allow-Origin"] == "*"
        assert first.headers["Link"] == '</about>; rel="license"'
        assert not first.headers["ETag"].startswith("W/")
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.get_data()) == (304, b"")
        other_day = client.get(f"{path}?as_of=2026-06-04")
        assert other_day.headers["ETag"] != first.headers["ETag"]

    @pytest.mark.parametrize("path", [*READS, f"/api/locate-neighbourhood?q={INSIDE}"])
    def test_takes_head_and_options_but_no_writing(self, client: FlaskClient, path: str):
        got, head = client.get(path), client.head(path)
        assert (head.status_code, head.get_data(), head.content_length) == (200, b"", got.content_length)
        options = client.options(path, headers={"Origin": "https://a.example", "Access-Control-Request-Method": "GET"})
        assert set(options.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
        assert options.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
        for method in (client.post, client.put, client.delete, client.patch):
            refused = method(path)
            assert refused.status_code == 405
            assert refused.mimetype == "application/problem+json"
            assert "GET" in refused.headers["Allow"]

    @pytest.mark.parametrize("path", [*READS, f"/api/locate-neighbourhood?q={INSIDE}"])
    def test_is_406_where_another_form_is_asked_for(self, client: FlaskClient, path: str):
        refused = client.get(path, headers={"Accept": "text/html"})
        assert (refused.status_code, refused.mimetype) == (406, "application/problem+json")
        for accept in ("application/json", "*/*", "text/html, */*;q=0.1", ""):
            assert client.get(path, headers={"Accept": accept}).status_code == 200

    @pytest.mark.parametrize("path", READS)
    def test_is_gzipped_where_it_pays(self, client: FlaskClient, path: str):
        plain = client.get(path)
        squeezed = client.get(path, headers={"Accept-Encoding": "gzip"})
        assert "Accept-Encoding" in squeezed.headers["Vary"]
        assert squeezed.headers["ETag"] != plain.headers["ETag"]

    @pytest.mark.parametrize("path", READS)
    def test_ignores_what_that_api_ignores(self, client: FlaskClient, path: str):
        assert client.get(f"{path}?date=2024-01&callback=x").get_data() == client.get(path).get_data()

    @pytest.mark.parametrize("path", READS)
    @pytest.mark.parametrize(
        "query", ["as_of=", "as_of=2026-02-30", "as_of=20260603", "as_of=2026-06-03&as_of=2026-06-04"]
    )
    def test_refuses_a_day_that_cannot_be_read(self, client: FlaskClient, path: str, query: str):
        response = client.get(f"{path}?{query}")
        assert response.status_code == 400
        assert response.json["field"] == "as_of"
        assert response.headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("path", [path for path in READS if not path.startswith("/api/forces")])
    def test_is_not_found_before_the_first_plan(self, client: FlaskClient, path: str):
        response = client.get(f"{path}?as_of=2026-06-02")
        assert response.status_code == 404
        assert "The first begins on 2026-06-03" in response.json["detail"]


class TestWhatIsNotThere:
    @pytest.mark.parametrize(
        "path",
        [
            "/api/forces/",
            "/api/forces/other",
            "/api/forces/TINY",
            "/api/forces/tiny/other",
            "/api/other/neighbourhoods",
            "/api/other/b001",
            "/api/tiny",
            "/api/tiny/",
            "/api/tiny/b999",
            "/api/tiny/B001",
            "/api/tiny/-1",
            "/api/tiny/b001/",
            "/api/tiny/b001/other",
            "/api/tiny/neighbourhoods/people",
            "/api/forces/neighbourhoods",
            "/api/neighbourhoods/b001",
            "/api/v1/b001/people",
            "/api/v1/neighbourhoods",
            "/api/locate-neighbourhood/x",
            "/api/crimes-street/all-crime?lat=52.2&lng=0.1",
            f"/api/tiny/{quote('b001/people', safe='')}x",
            "/api/tiny/b001%00",
            "/api/%00/b001",
            f"/api/tiny/{quote('bé001')}",
            f"/api/tiny/{quote('ｂ００１')}",
            "/api/tiny/..%2f..%2fetc%2fpasswd",
            "/api/tiny/%ff%fe",
            "/api/tiny/" + "b" * 5000,
            f"/api/tiny/{quote('<script>alert(1)</script>', safe='')}",
        ],
    )
    def test_is_a_problem(self, client: FlaskClient, path: str):
        response = client.get(path)
        assert (response.status_code, response.mimetype) == (404, "application/problem+json")
        assert response.headers["Cache-Control"] == "no-store"
        assert len(response.get_data()) < 1000

    def test_is_not_made_to_be_there_by_any_etag(self, client: FlaskClient):
        for path in ("/api/tiny/b999", "/api/tiny/b999/boundary", "/api/forces/other", "/api/other/neighbourhoods"):
            assert client.get(path, headers={"If-None-Match": "*"}).status_code == 404

    def test_a_slug_is_told_its_id(self, client: FlaskClient):
        assert "its id is b002" in client.get("/api/tiny/market/people").json["detail"]

    def test_other_paths_of_the_api_stay_what_they_are(self, client: FlaskClient):
        assert client.get("/api/v1/matrix").status_code == 405
        assert client.post("/api/v1/nothing").status_code == 404
        assert client.get("/api/v1/openapi.json").json["openapi"] == "3.1.0"


class TestLocating:
    def ask(self, client: FlaskClient, **query: str) -> Any:
        return client.get("/api/locate-neighbourhood", query_string=query)

    @pytest.mark.parametrize("q", [INSIDE, "52.2338, 0.0559", " 52.2338 ,+0.0559 ", "5.22338e1,0.0559"])
    def test_answers_the_beat(self, client: FlaskClient, q: str):
        response = self.ask(client, q=q)
        assert response.json == {"force": "tiny", "neighbourhood": "b001"}
        assert response.headers["Cache-Control"] == "no-store"
        assert "ETag" not in response.headers

    def test_agrees_with_the_lookup(self, client: FlaskClient):
        # From west to east through the tiny world and out of it on both sides.
        for step in range(-2, 10):
            lat, lon = 52.2338, 0.0485 + 0.00733 * step
            response = self.ask(client, q=f"{lat},{lon:.5f}")
            lookup = client.get("/api/v1/lookup", query_string={"lat": lat, "lon": f"{lon:.5f}"}).json
            found = [c["beat"]["id"] for c in lookup["candidates"]]
            assert (response.status_code, [response.json.get("neighbourhood")]) in ((200, found), (404, [None]))
            assert (response.status_code == 200) == (lookup["outcome"] == "one")

    @pytest.mark.parametrize("q", ["52.2,0.5", "0,0", "48.85,2.35", "-33.9,151.2", "90,180", "-90,-180"])
    def test_outside_is_not_found(self, client: FlaskClient, q: str):
        response = self.ask(client, q=q)
        assert (response.status_code, response.headers["Cache-Control"]) == (404, "no-store")

    def test_says_in_whose_district_a_point_outside_is(self, client: FlaskClient):
        # 544500, 261000 lies in Farham.
        assert "in Farham" in self.ask(client, q="52.2279,0.1140").json["detail"]

    def test_before_the_first_plan_nothing_is_found(self, client: FlaskClient):
        assert self.ask(client, q=INSIDE, as_of="2020-01-01").status_code == 404
        assert self.ask(client, q=INSIDE, as_of="2027-01-01").status_code == 200

    @pytest.mark.parametrize(
        "q",
        [
            "", ",", "52.2", "52.2,", ",0.1", "52.2 0.1", "52.2;0.1", "52.2,0.1,5", "a,b", "nan,nan", "NaN,0.1",
            "inf,0.1", "52.2,-inf", "1e999,0.1", "91,0.1", "52.2,181", "0.1,52.2", "545000,258000", "52\x00,0.1",
            "٥٢,0.1", "0x34,0.1", "52_0,0.1", "5" * 500 + ",0.1", "52,2,0,1",
        ],
    )  # fmt: skip
    def test_what_is_no_point_is_refused(self, client: FlaskClient, q: str):
        response = self.ask(client, q=q)
        assert (response.status_code, response.json["field"]) == (400, "q")
        assert response.headers["Cache-Control"] == "no-store"

    def test_swapped_degrees_are_told_so(self, client: FlaskClient):
        assert "swapped" in self.ask(client, q="0.1,52.2").json["detail"]

    @pytest.mark.parametrize("query", ["", "?lat=52.2&lng=0.1", f"?q={INSIDE}&q={INSIDE}"])
    def test_q_stands_once(self, client: FlaskClient, query: str):
        response = client.get(f"/api/locate-neighbourhood{query}")
        assert (response.status_code, response.json["field"]) == (400, "q")

    def test_what_was_asked_stands_in_no_log(self, client: FlaskClient, caplog: pytest.LogCaptureFixture):
        with caplog.at_level("INFO", logger="geo_policing"):
            self.ask(client, q=INSIDE)
        assert "/api/locate-neighbourhood" in caplog.text
        assert "52.2338" not in caplog.text


class TestGround:
    def test_is_the_whole_beat_as_geojson(self, client: FlaskClient):
        response = client.get(f"{B1}/boundary.geojson")
        assert response.mimetype == "application/geo+json"
        assert "Accept" in response.headers["Vary"]
        assert shapely.from_geojson(response.get_data(as_text=True)).is_valid

    def test_comes_as_json_where_only_that_is_taken(self, client: FlaskClient):
        response = client.get(f"{B1}/boundary.geojson", headers={"Accept": "application/json"})
        assert response.mimetype == "application/json"
        assert json.loads(response.get_data())["type"] == "Feature"


class TestPublishedClient:
    """police-api-client of PyPI, unchanged but for its base address, asking a server."""

    def test_reads_forces(self, api: PoliceAPI):
        (force,) = api.get_forces()
        assert (force.id, force.name) == ("tiny", "Tiny Constabulary")
        assert (force.telephone, force.engagement_methods, force.senior_officers) == ("101", [], [])
        assert "Westham" in force.description

    def test_reads_neighbourhoods(self, api: PoliceAPI):
        assert [n.id for n in api.get_neighbourhoods("tiny")] == ["b001", "b003", "b004", "b002"]
        one = api.get_neighbourhood("tiny", "b001")
        assert (one.name, one.population) == ("Abbey", 200)
        assert one.contact_details == {"telephone": "101"}
        assert one.locations[0]["name"] == "Westham Police Station"
        assert float(one.centre["latitude"]) == pytest.approx(52.229, abs=0.001)

    def test_reads_a_boundary(self, api: PoliceAPI):
        ring = api.get_neighbourhood("tiny", "b001").boundary
        assert len(ring) == len(set(ring)) == 6
        assert all(isinstance(value, float) for corner in ring for value in corner)

    def test_reads_who_and_what(self, api: PoliceAPI):
        one = api.get_neighbourhood("tiny", "b001")
        assert [(officer.name, officer.rank) for officer in one.officers] == [("PCSO 7101", "PCSO")]
        (event,) = one.events
        assert (event.title, event.start_date.isoformat()) == ("Drop-in surgery", "2026-06-17T10:30:00")
        (priority,) = one.priorities
        assert [f"{day:%Y-%m-%d}" for day in (priority.issue_date, priority.action_date)] == [
            "2026-04-14",
            "2026-05-02",
        ]
        assert "<p>" in priority.issue

    def test_locates(self, api: PoliceAPI):
        found = api.locate_neighbourhood(52.2338, 0.0559)
        assert (found.force.id, found.id, found.name) == ("tiny", "b001", "Abbey")
        assert api.locate_neighbourhood(51.5, -0.1) is None

    def test_is_told_what_is_not_there(self, api: PoliceAPI):
        with pytest.raises(APIError) as refused:
            api.get_neighbourhood("tiny", "nowhere").name  # noqa: B018 - it asks when it is read
        assert refused.value.status_code == 404


def test_a_publication_shows_at_the_next_read(tmp_path: Path):
    write_told(tmp_path)
    client = app_over(tmp_path, now=NOON).test_client()
    before = client.get(f"{B1}/priorities")
    from geo_policing.storage import priorities
    from geo_policing.storage.audit import Change

    live = client.application.extensions["geo_policing"].live
    with live.database.write() as connection:
        priorities.act(connection, 1, "Done.", NOON.date(), Change("test", NOON))
    after = client.get(f"{B1}/priorities", headers={"If-None-Match": before.headers["ETag"]})
    assert (after.status_code, after.json[0]["action"]) == (200, "<p>Done.</p>")
