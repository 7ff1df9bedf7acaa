from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.web import app_over

URL = "/api/v1/lookup"


def get(client: FlaskClient, **parameters: object) -> Any:
    return client.get(URL, query_string=parameters)


class TestOne:
    def test_answers_in_the_shape_of_the_contract(self, client: FlaskClient) -> None:
        response = get(client, postcode="zz11aa")
        assert response.status_code == 200
        assert response.mimetype == "application/json"
        answer = response.json
        assert answer["outcome"] == "one"
        found = answer["candidates"][0]
        assert found["beat"]["slug"] == "abbey-westham"
        assert found["district"] == {"code": "X01", "name": "Westham"}
        assert found["area"] == {"code": "north", "name": "North"}
        assert found["team"][0]["role"] == "pcso"
        assert answer["as_of"] == "2026-11-23"
        assert answer["approximate"] is False

    @pytest.mark.parametrize(
        ("parameters", "outcome"),
        [
            ({"easting": 540500, "northing": 260500}, "one"),
            ({"place": "Fen End"}, "one"),
            ({"postcode": "ZZ1 1AB"}, "many"),
            ({"place": "Mill Road"}, "ambiguous"),
            ({"place_id": "mill-road-eastham"}, "one"),
            ({"postcode": "ZZ1 1AG"}, "outside"),
            ({"postcode": "ZZ1 1AD"}, "terminated"),
        ],
    )
    def test_answers_each_outcome_with_200(self, client: FlaskClient, parameters: dict[str, Any], outcome: str) -> None:
        response = get(client, **parameters)
        assert (response.status_code, response.json["outcome"]) == (200, outcome)

    def test_not_found_is_a_problem_that_says_so(self, client: FlaskClient) -> None:
        response = get(client, postcode="ZZ1 1ZZ")
        assert response.status_code == 404
        assert response.mimetype == "application/problem+json"
        assert response.json["outcome"] == "not_found"
        assert response.json["status"] == 404
        assert response.json["detail"]

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("", None),
            ("postcode=ZZ1+1AA&place=Ely", "place"),
            ("postcode=ZZ1+1AA&colour=red", "colour"),
            ("postcode=ZZ1+1AA&postcode=ZZ1+1AB", "postcode"),
            ("postcode=", "postcode"),
            ("lat=52", "lon"),
            ("lat=nan&lon=0", "lat"),
            ("lat=0.1&lon=52.2", "lat"),
            ("postcode=ZZ1+1AA&as_of=soon", "as_of"),
            ("postcode=" + "A" * 3000, "postcode"),
            ("postcode=%00%ff", "postcode"),
        ],
    )
    def test_invalid_is_a_problem_that_names_the_field(
        self, client: FlaskClient, query: str, field: str | None
    ) -> None:
        response = client.get(f"{URL}?{query}")
        assert response.status_code == 400
        assert response.mimetype == "application/problem+json"
        assert response.json["outcome"] == "invalid"
        assert response.json.get("field") == field
        assert response.json["approximate"] is False

    def test_before_the_first_plan_says_from_when_there_is_one(self, client: FlaskClient) -> None:
        response = get(client, postcode="ZZ1 1AA", as_of="2001-01-01")
        assert response.status_code == 404
        assert [note["code"] for note in response.json["notes"]] == ["no_plan_yet"]
        assert "2026" in response.json["detail"]

    def test_is_never_cached_and_may_be_read_from_anywhere(self, client: FlaskClient) -> None:
        for response in (get(client, postcode="ZZ1 1AA"), get(client, postcode="ZZ1 1ZZ"), get(client)):
            assert response.headers["Cache-Control"] == "no-store"
            assert response.headers["Access-Control-Allow-Origin"] == "*"
            assert 'rel="license"' in response.headers["Link"]
            assert "Set-Cookie" not in response.headers

    def test_head_is_get_without_its_body(self, client: FlaskClient) -> None:
        response = client.head(f"{URL}?postcode=ZZ11AA")
        assert (response.status_code, response.data) == (200, b"")

    def test_options_tells_a_browser_what_it_may_do(self, client: FlaskClient) -> None:
        response = client.options(URL, headers={"Origin": "https://a.example", "Access-Control-Request-Method": "POST"})
        assert response.status_code == 200
        assert "POST" in response.headers["Access-Control-Allow-Methods"]
        assert "Content-Type" in response.headers["Access-Control-Allow-Headers"]
        assert {"GET", "HEAD", "OPTIONS", "POST"} <= set(response.headers["Allow"].split(", "))

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
    def test_other_methods_are_refused_as_problems(self, client: FlaskClient, method: str) -> None:
        response = client.open(URL, method=method)
        assert response.status_code == 405
        assert response.mimetype == "application/problem+json"
        assert "GET" in response.headers["Allow"]


class TestJsonRows:
    def test_answers_each_row_in_order(self, client: FlaskClient) -> None:
        rows = [{"postcode": "ZZ1 1AA"}, {"postcode": "rubbish!"}, {"place": "Fen End"}, {"postcode": "ZZ1 1AG"}]
        response = client.post(URL, json=rows)
        assert response.status_code == 200
        outcomes = [result["outcome"] for result in response.json["results"]]
        assert outcomes == ["one", "invalid", "one", "outside"]
        assert response.headers["Cache-Control"] == "no-store"

    def test_takes_no_row_at_all(self, client: FlaskClient) -> None:
        assert client.post(URL, json=[]).json == {"results": []}

    def test_a_row_that_is_no_object_is_invalid_by_itself(self, client: FlaskClient) -> None:
        results = client.post(URL, json=[7, None, {"postcode": "ZZ1 1AA"}, []]).json["results"]
        assert [r["outcome"] for r in results] == ["invalid", "invalid", "one", "invalid"]

    def test_more_rows_than_a_chunk_come_out_whole(self, client: FlaskClient) -> None:
        response = client.post(URL, json=[{"postcode": "ZZ1 1AA"}] * 1203)
        assert [r["outcome"] for r in response.json["results"]] == ["one"] * 1203

    @pytest.mark.parametrize(
        "body", [b"", b"{", b"[1,", b'{"queries": []}', b"7", b"\xff\xfe", b"[NaN]", b"[" * 100_000]
    )
    def test_a_body_that_is_no_array_is_refused(self, client: FlaskClient, body: bytes) -> None:
        response = client.post(URL, data=body, content_type="application/json")
        assert response.status_code == 400
        assert response.json["outcome"] == "invalid"

    def test_too_many_rows_are_refused_and_the_limit_named(self, tiny_dir: Path) -> None:
        client = app_over(tiny_dir, settings={"max_bulk_rows": 3}).test_client()
        assert client.post(URL, json=[{"postcode": "ZZ1 1AA"}] * 3).status_code == 200
        response = client.post(URL, json=[{"postcode": "ZZ1 1AA"}] * 4)
        assert response.status_code == 413
        assert "at most 3" in response.json["detail"]

    def test_parameters_do_not_stand_in_the_address(self, client: FlaskClient) -> None:
        response = client.post(f"{URL}?as_of=2026-01-01", json=[])
        assert response.status_code == 400
        assert "as_of" in response.json["detail"]

    def test_a_large_answer_is_valid_json(self, client: FlaskClient) -> None:
        body = client.post(URL, json=[{"postcode": "ZZ1 1AB"}] * 501).data
        assert len(json.loads(body)["results"]) == 501


class TestCsvRows:
    CSV = "name,postcode\nfirst,ZZ1 1AA\nsecond,nonsense!\nthird,ZZ1 1AG\n"

    def test_comes_back_as_csv_with_its_own_columns(self, client: FlaskClient) -> None:
        response = client.post(URL, data=self.CSV.encode(), content_type="text/csv")
        assert response.status_code == 200
        assert response.mimetype == "text/csv"
        rows = list(csv.DictReader(io.StringIO(response.data.decode("utf-8-sig"))))
        assert [row["name"] for row in rows] == ["first", "second", "third"]
        assert [row["outcome"] for row in rows] == ["one", "invalid", "outside"]
        assert rows[0]["beat_slug"] == "abbey-westham"
        assert response.headers["Cache-Control"] == "no-store"

    def test_takes_a_file_from_a_form(self, client: FlaskClient) -> None:
        data = {"file": (io.BytesIO(self.CSV.encode()), "rows.csv")}
        response = client.post(URL, data=data, content_type="multipart/form-data")
        assert response.status_code == 200
        assert response.text.count("\n") == 4

    def test_takes_exactly_one_file(self, client: FlaskClient) -> None:
        response = client.post(URL, data={"note": "no file"}, content_type="multipart/form-data")
        assert response.status_code == 400
        assert "0 files" in response.json["detail"]

    @pytest.mark.parametrize("body", [b"", b"name,colour\na,b\n"])
    def test_a_file_without_a_column_to_look_up_is_refused(self, client: FlaskClient, body: bytes) -> None:
        response = client.post(URL, data=body, content_type="text/csv")
        assert response.status_code == 400
        assert response.json["outcome"] == "invalid"

    def test_too_many_rows_are_refused_before_the_first_byte(self, tiny_dir: Path) -> None:
        client = app_over(tiny_dir, settings={"max_bulk_rows": 2}).test_client()
        response = client.post(URL, data=self.CSV.encode(), content_type="text/csv")
        assert response.status_code == 413
        assert response.mimetype == "application/problem+json"


class Flood(io.RawIOBase):
    """A body without an end; `given` bytes of it were read."""

    given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        buffer[:] = b"x" * len(buffer)
        self.given += len(buffer)
        return len(buffer)


def post_flood(client: FlaskClient, kind: str, flood: Flood, **environ: Any) -> Any:
    return client.post(URL, content_type=kind, environ_overrides={"wsgi.input": flood, **environ})


class TestSize:
    @pytest.mark.parametrize("kind", ["application/json", "text/csv", "multipart/form-data; boundary=x"])
    def test_a_declared_200_mb_is_refused_unread(self, client: FlaskClient, kind: str) -> None:
        flood = Flood()
        response = post_flood(client, kind, flood, CONTENT_LENGTH="200000000")
        assert response.status_code == 413
        assert response.json["outcome"] == "invalid"
        assert "bytes" in response.json["detail"]
        assert flood.given == 0

    @pytest.mark.parametrize("kind", ["application/json", "text/csv", "multipart/form-data; boundary=x"])
    def test_an_undeclared_flood_is_cut_at_the_limit(self, tiny_dir: Path, kind: str) -> None:
        limit = 200_000
        client = app_over(tiny_dir, settings={"max_upload_bytes": limit}).test_client()
        flood = Flood()
        more = {"wsgi.input_terminated": True, "CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
        response = post_flood(client, kind, flood, **more)
        assert response.status_code == 413
        assert response.mimetype == "application/problem+json"
        assert flood.given < 3 * limit

    @pytest.mark.parametrize("kind", ["", "application/xml", "application/x-www-form-urlencoded", "text/plain"])
    def test_other_kinds_of_content_are_refused(self, client: FlaskClient, kind: str) -> None:
        response = client.post(URL, data=b"x", content_type=kind)
        assert response.status_code == 415
        assert "text/csv" in response.json["detail"]
