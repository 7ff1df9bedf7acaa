from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient

from geo_policing.api.drive_pages import percent
from tests.support.mapped import mapped_app
from tests.support.tiny import FORCE
from tests.support.web import text_of, tiny_app

BASE = "westham-station-response-base"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return mapped_app(tmp_path_factory.mktemp("drive"))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def config_of(html: str) -> dict:
    return json.loads(unescape(re.search(r'data-config="([^"]*)"', html)[1]))


def test_words_and_numbers_come_before_the_map(client: FlaskClient):
    html = client.get("/drive-time").text
    assert html.index('id="reach"') < html.index('id="drive-map"')
    text = text_of(html)
    assert "They are not response times" in text
    # The farthest corner is 4.5 km by road from Westham's base: 15 minutes even at 20 km/h.
    assert "Of 800 residents" in text
    assert "800 (100%) live within 15 minutes" in text
    assert "Westham 400" in text
    assert "© Road drawers <and> friends" in text


def test_the_map_is_told_what_the_form_says(client: FlaskClient):
    html = client.get(f"/drive-time?base={BASE}&minutes=4,2&profile=response&trial=52.22,0.08").text
    config = config_of(html)
    assert (config["minutes"], config["profile"]) == ([2, 4], "response")
    assert [(base["id"], base["state"]) for base in config["bases"]] == [(BASE, "open")]
    assert config["trial"] == [52.22, 0.08]
    assert [band["minutes"] for band in config["bands"]] == [2, 4]
    assert re.search(r'name="minutes" type="text" value="2, 4"', html)
    assert re.search(r'value="response" checked', html)
    assert "with the trial base at 52.22000, 0.08000" in text_of(html)


def test_a_form_with_empty_fields_asks_for_what_is_usual(client: FlaskClient):
    html = client.get("/drive-time?minutes=+&trial=&profile=normal").text
    assert config_of(html)["minutes"] == [5, 10, 15, 20]
    assert config_of(html)["trial"] is None


def test_no_scripts_but_our_own_may_run(client: FlaskClient):
    policy = client.get("/drive-time").headers["Content-Security-Policy"]
    assert "script-src 'self'; connect-src 'self'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in client.get("/drive-time/map.svg").headers["Content-Security-Policy"]


def test_the_page_is_revalidated(client: FlaskClient):
    tag = client.get("/drive-time").headers["ETag"]
    assert client.get("/drive-time", headers={"If-None-Match": tag}).status_code == 304
    assert client.get("/drive-time?minutes=7", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("minutes=0", 400, "Minutes 0 is not between"),
        ("minutes=-5", 400, "Minutes -5 is not between"),
        ("minutes=10000", 400, "and 60"),
        ("minutes=five", 400, "not a number"),
        ("minutes=2.5", 400, "whole minutes"),
        ("minutes=1,2,3,4,5,6,7", 400, "at most 6"),
        ("profile=flying", 400, "none of"),
        ("base=atlantis", 404, "no response base"),
        ("trial=here", 400, "latitude and a longitude"),
        ("trial=0.1,52.2", 400, "swapped"),
        ("trial=57,-4", 422, "no road within"),
        ("colour=red", 400, "not a parameter"),
    ],
)
def test_what_cannot_be_asked_is_said_and_the_page_stays(client: FlaskClient, query: str, status: int, said: str):
    response = client.get(f"/drive-time?{query}")
    assert response.status_code == status
    assert "There is a problem" in response.text
    assert said in text_of(response.text)
    assert "Of 800 residents" in text_of(response.text)
    assert response.headers["Cache-Control"] == "no-store"


def test_a_wrong_field_keeps_what_was_typed(client: FlaskClient):
    html = client.get("/drive-time?minutes=%3Cb%3E").text
    assert 'value="&lt;b&gt;"' in html
    assert 'aria-invalid="true"' in html
    assert '<a href="#minutes">' in html


class TestOnePlace:
    def test_the_time_to_a_postcode(self, client: FlaskClient):
        response = client.post("/drive-time", data={"where": "zz1 2oo", "minutes": "5", "profile": "normal"})
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "no-store"
        assert re.search(
            r"The drive to zz1 2oo takes, from Westham Police Station ?: \d+ minutes?", text_of(response.text)
        )

    def test_the_time_to_a_point(self, client: FlaskClient):
        response = client.post("/drive-time", data={"where": "52.2230, 0.1000", "base": BASE})
        assert "Westham Police Station" in text_of(response.text)
        assert response.status_code == 200

    @pytest.mark.parametrize(
        ("where", "status", "said"),
        [
            ("", 400, "Enter a postcode"),
            ("nowhere at all", 400, "postcode"),
            ("ZZ1 1ZZ", 404, "not in the data"),
            ("1, 2, 3", 400, "postcode"),
            ("57, -4", 422, "No road is within 1000 m"),
        ],
    )
    def test_what_is_no_place_is_said(self, client: FlaskClient, where: str, status: int, said: str):
        response = client.post("/drive-time", data={"where": where})
        assert response.status_code == status
        assert said in text_of(response.text)
        assert 'id="where-error"' in response.text

    def test_what_is_typed_stands_in_no_address(self, client: FlaskClient):
        html = client.post("/drive-time", data={"where": "ZZ1 1AA"}).text
        assert not re.search(r'(href|src|action|srcset)="[^"]*(ZZ1|zz1)', html)


class TestPicture:
    def test_it_shows_the_bands_and_bases(self, client: FlaskClient):
        response = client.get("/drive-time/map.svg?minutes=1,3")
        assert response.mimetype == "image/svg+xml"
        root = ElementTree.fromstring(response.data)
        ids = {e.attrib.get("id") for e in root.iter()}
        assert {"b1", "b3"} <= ids
        assert "Westham Police Station" in response.text

    def test_the_same_question_gives_the_same_bytes_and_a_304(self, client: FlaskClient):
        one, two = (client.get("/drive-time/map.svg?style=dark&minutes=2") for _ in range(2))
        assert one.data == two.data
        again = client.get("/drive-time/map.svg?style=dark&minutes=2", headers={"If-None-Match": one.headers["ETag"]})
        assert again.status_code == 304

    def test_a_trial_base_is_drawn_apart(self, client: FlaskClient):
        assert "Trial base" in client.get("/drive-time/map.svg?trial=52.22,0.08").text

    def test_an_unknown_style_is_not_found(self, client: FlaskClient):
        assert client.get("/drive-time/map.svg?style=sepia").status_code == 404


def test_without_roads_the_page_says_so(tmp_path: Path):
    response = tiny_app(tmp_path).test_client().get("/drive-time")
    assert response.status_code == 200
    assert "no road network" in text_of(response.text)
    assert 'id="drive-map"' not in response.text


def test_without_bases_the_page_says_so(tmp_path: Path):
    response = mapped_app(tmp_path, force={**FORCE, "facilities": []}).test_client().get("/drive-time")
    assert response.status_code == 200
    assert "No response base" in text_of(response.text)


@pytest.mark.parametrize(
    ("share", "said"),
    [(0, "0%"), (0.004, "under 1%"), (0.5, "50%"), (0.995, "over 99%"), (1, "100%"), (None, "not known")],
)
def test_a_share_never_claims_all_nor_none_wrongly(share: float | None, said: str):
    assert percent(share) == said
