from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from geo_policing.services.methods import ABOUT, Method
from geo_policing.services.queries import PARAMETERS

URL = "/api/v1/openapi.json"


@pytest.fixture
def description(client: FlaskClient) -> dict[str, Any]:
    content: dict[str, Any] = client.get(URL).json
    return content


def conforms(description: dict[str, Any], schema: str, content: Any) -> None:
    whole = {"$ref": f"#/components/schemas/{schema}", "components": description["components"]}
    Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(content)


class TestDescription:
    def test_is_valid_openapi(self, description: dict[str, Any]) -> None:
        validate(description)
        assert description["openapi"] == "3.1.0"

    def test_has_every_parameter_that_is_read(self, description: dict[str, Any]) -> None:
        parameters = description["paths"]["/api/v1/lookup"]["get"]["parameters"]
        assert {p["name"] for p in parameters} == PARAMETERS
        assert set(description["components"]["schemas"]["Question"]["properties"]) == PARAMETERS

    def test_says_what_every_method_means(self, description: dict[str, Any]) -> None:
        said = description["components"]["schemas"]["Answer"]["properties"]["method"]["description"].splitlines()
        assert [line for line in said if line.startswith("- ")] == [f"- `{m}`: {ABOUT[m]}" for m in Method]

    def test_is_kept_until_it_changes(self, client: FlaskClient) -> None:
        first = client.get(URL)
        assert first.headers["Cache-Control"] == "no-cache"
        assert client.get(URL, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


class TestAnswers:
    @pytest.mark.parametrize(
        "query",
        [
            "postcode=ZZ11AA",
            "postcode=ZZ11AB",
            "postcode=ZZ11AF",
            "postcode=ZZI1AA",
            "postcode=ZZ11AG",
            "postcode=ZZ99ZZ",
            "postcode=ZZ11AD",
            "place=Mill+Road",
            "place=Fen+End",
            "easting=540500&northing=260500",
        ],
    )
    def test_are_as_described(self, client: FlaskClient, description: dict[str, Any], query: str) -> None:
        response = client.get(f"/api/v1/lookup?{query}")
        assert response.status_code == 200
        conforms(description, "Answer", response.json)

    @pytest.mark.parametrize(
        "query",
        [
            "postcode=ZZ11ZZ",
            "postcode=ZZ11AE",
            "place=Qwertyuiop",
            "postcode=!",
            "",
            "postcode=ZZ11AA&as_of=2001-01-01",
        ],
    )
    def test_problems_are_as_described(self, client: FlaskClient, description: dict[str, Any], query: str) -> None:
        response = client.get(f"/api/v1/lookup?{query}")
        assert response.status_code in (400, 404)
        conforms(description, "Problem", response.json)

    def test_bulk_answers_are_as_described(self, client: FlaskClient, description: dict[str, Any]) -> None:
        rows = [{"postcode": "ZZ1 1AA"}, {"place": "Mill Road"}, {}, {"lat": 52.2, "lon": 0.1}]
        conforms(description, "Answers", client.post("/api/v1/lookup", json=rows).json)
