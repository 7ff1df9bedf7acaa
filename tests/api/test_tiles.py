from __future__ import annotations

import gzip
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient

from geo_policing.api.runtime import the_runtime
from geo_policing.api.tiles import tiles_version
from tests.support.mapped import mapped_app
from tests.support.web import app_over

# The tile of zoom 12 that holds Fen End's point, 52.223 N 0.100 E.
TILE = "12/2049/1348.svg"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return mapped_app(tmp_path_factory.mktemp("tiles"))


@pytest.fixture
def version(app: Flask) -> str:
    with app.app_context():
        return tiles_version(the_runtime().live.view().dataset)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_a_tile_is_an_svg_to_be_kept_for_ever(client: FlaskClient, version: str):
    response = client.get(f"/tiles/{version}/light/{TILE}")
    assert response.status_code == 200
    assert response.mimetype == "image/svg+xml"
    assert ElementTree.fromstring(response.data).tag == "{http://www.w3.org/2000/svg}svg"
    assert "#8fa9c4" in response.text
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Vary"] == "Accept-Encoding"


def test_gzip_is_the_same_picture_under_another_tag(client: FlaskClient, version: str):
    plain = client.get(f"/tiles/{version}/dark/{TILE}")
    zipped = client.get(f"/tiles/{version}/dark/{TILE}", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(zipped.data) == plain.data
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert zipped.headers["ETag"] != plain.headers["ETag"]
    assert not plain.headers["ETag"].startswith("W/")


def test_what_is_held_already_is_not_sent(client: FlaskClient, version: str):
    address = f"/tiles/{version}/light/{TILE}"
    tag = client.get(address).headers["ETag"]
    again = client.get(address, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    other = client.get(f"/tiles/{version}/dark/{TILE}", headers={"If-None-Match": tag})
    assert other.status_code == 200


def test_under_another_version_the_present_tile_is_sent_but_not_kept(client: FlaskClient, version: str):
    response = client.get(f"/tiles/0000/light/{TILE}")
    assert response.data == client.get(f"/tiles/{version}/light/{TILE}").data
    assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("light/12/x/1348.svg", 400),
        ("light/12/-1/1348.svg", 400),
        ("light/12/1.5/1348.svg", 400),
        ("light/99999999999/1/1.svg", 400),
        ("light/6/1/1.svg", 404),
        ("light/18/1/1.svg", 404),
        ("light/12/4096/0.svg", 404),
        ("light/12/0/4096.svg", 404),
        ("sepia/12/2049/1348.svg", 404),
        ("light/12/2049/1348.png", 404),
        ("light/12/2049/1348@2x.svg", 400),
    ],
)
def test_bad_addresses_are_problems(client: FlaskClient, version: str, path: str, status: int):
    response = client.get(f"/tiles/{version}/{path}")
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"


def test_the_names_of_places(client: FlaskClient, version: str):
    response = client.get(f"/tiles/{version}/places.json")
    assert [row[0] for row in response.json["places"]] == ["Fen End", "Over There"]
    assert "immutable" in response.headers["Cache-Control"]


def test_other_data_or_drawing_has_other_addresses(version: str, tmp_path: Path):
    other = mapped_app(tmp_path, title="Another title")
    with other.app_context():
        assert tiles_version(the_runtime().live.view().dataset) != version


def test_each_application_keeps_its_own(app: Flask, client: FlaskClient, version: str):
    client.get(f"/tiles/{version}/light/{TILE}")
    again = app_over(Path(app.extensions["geo_policing"].settings.data_dir))
    assert "geo_policing_tiles" in app.extensions
    assert "geo_policing_tiles" not in again.extensions
