"""What maps of beats are made of: addresses that may be kept for ever, and pictures."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient

from geo_policing.api.map_data import beat_picture_address, ground_address, map_version
from geo_policing.api.runtime import the_runtime
from geo_policing.domain.facilities import Facility, FacilityKind
from tests.support.mapped import mapped_app

FOR_EVER = "public, max-age=31536000, immutable"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return mapped_app(tmp_path_factory.mktemp("map-data"))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def base(app: Flask) -> str:
    with app.app_context():
        return f"/map-data/{map_version(the_runtime().live.view())}"


def test_beats_are_topojson_to_be_kept_for_ever(client: FlaskClient, base: str):
    response = client.get(f"{base}/beats.json")
    assert (response.status_code, response.mimetype) == (200, "application/json")
    assert response.json["type"] == "Topology"
    assert response.headers["Cache-Control"] == FOR_EVER
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_under_another_version_the_present_ones_come_but_are_not_kept(client: FlaskClient, base: str):
    response = client.get("/map-data/0000/beats.json")
    assert response.data == client.get(f"{base}/beats.json").data
    assert response.headers["Cache-Control"] == "no-cache"


def test_what_is_held_already_is_not_sent(client: FlaskClient, base: str):
    tag = client.get(f"{base}/beats.json").headers["ETag"]
    again = client.get(f"{base}/beats.json", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def test_pictures_are_where_pages_say(app: Flask, client: FlaskClient):
    with app.app_context():
        view = the_runtime().live.view()
        addresses = [ground_address(view, "dark"), beat_picture_address(view, "market", "narrow", "light")]
        addresses.append(beat_picture_address(view, "abbey-westham", "wide", "dark"))
    for address in addresses:
        response = client.get(address)
        assert (response.status_code, response.mimetype) == (200, "image/svg+xml"), address
        assert ElementTree.fromstring(response.data).tag.endswith("svg")
        assert response.headers["Cache-Control"] == FOR_EVER


@pytest.mark.parametrize(
    "path",
    ["ground-sepia.svg", "beat/market-wide-sepia.svg", "beat/market-huge-light.svg", "beat/nobody-wide-light.svg"],
)
def test_what_there_is_not_is_a_problem(client: FlaskClient, base: str, path: str):
    response = client.get(f"{base}/{path}")
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")
    assert response.headers["Cache-Control"] == "no-store"


def test_other_places_or_other_data_have_other_addresses(app: Flask, base: str, tmp_path: Path):
    with app.app_context():
        view = the_runtime().live.view()
        office = Facility("new", FacilityKind.ENQUIRY_OFFICE, "New", "X01")
        assert map_version(dataclasses.replace(view, facilities=(office,))) not in base
    other = mapped_app(tmp_path, title="Another title")
    with other.app_context():
        assert map_version(the_runtime().live.view()) not in base
