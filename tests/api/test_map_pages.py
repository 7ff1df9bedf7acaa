"""The page with the map of the force, and the map on a beat's page, as they are sent."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.mapped import mapped_app
from tests.support.web import text_of

BEATS = {"/beat/abbey-westham", "/beat/market", "/beat/abbey-eastham", "/beat/fen-end"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return mapped_app(tmp_path_factory.mktemp("map-pages"))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.append(dict(attrs))


def links(html: str) -> list[dict[str, str | None]]:
    parser = _Links()
    parser.feed(html)
    return parser.found


def config_of(html: str, where: str) -> dict[str, Any]:
    found = re.search(rf'id="{where}"[^>]*data-config="([^"]*)"', html)
    assert found
    content: dict[str, Any] = json.loads(unescape(found[1]))
    return content


def test_the_list_says_all_that_is_on_the_map(client: FlaskClient):
    page = client.get("/map")
    text = text_of(page.text)
    for words in ("Westham Police Station", "Eastham Library", "Policing area: North", "Fen End", "post vacant"):
        assert words in text or words == "post vacant", words
    reachable = {link["href"] for link in links(page.text) if link.get("tabindex") != "-1"}
    assert reachable >= BEATS
    config = config_of(page.text, "force-map")
    for place in config["places"]:
        assert place["name"] in text


def test_the_picture_has_the_same_links_for_a_mouse_only(client: FlaskClient):
    html = client.get("/map").text
    assert {link["href"] for link in links(html) if link.get("tabindex") == "-1"} == BEATS
    picture = html[html.index("<svg viewBox") :]
    assert 'aria-hidden="true"' in picture[: picture.index(">")]


def test_every_language_leads_to_its_own_pages(client: FlaskClient):
    html = client.get("/pl/map").text
    found = {str(link["href"]) for link in links(html) if "/beat/" in str(link["href"])}
    assert found == {f"/pl{path}" for path in BEATS}


def test_only_the_map_may_ask_where_somebody_is(client: FlaskClient):
    assert "geolocation=(self)" in client.get("/map").headers["Permissions-Policy"]
    assert "geolocation=(self)" in client.get("/pl/map").headers["Permissions-Policy"]
    for path in ("/", "/about", "/beat/market"):
        assert "geolocation=()" in client.get(path).headers["Permissions-Policy"]


def test_the_page_is_asked_for_again_but_not_sent_again(client: FlaskClient):
    first = client.get("/map")
    assert first.headers["Cache-Control"] == "no-cache"
    assert client.get("/map", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_the_map_of_a_beat_is_a_picture_first(client: FlaskClient):
    html = client.get("/beat/market").text
    picture = re.search(r"<picture.*?</picture>", html, re.DOTALL)
    assert picture
    for address in re.findall(r'(?:src|srcset)="([^"]+)"', picture[0]):
        assert client.get(address).status_code == 200, address
    assert 'alt="Map of Market with its border. What it covers is told below."' in picture[0]
    config = config_of(html, "beat-map")
    assert config["beat"] == "market"
    assert [place["kind"] for place in config["places"]] == ["enquiry_office"]
    assert client.get(config["beats"]).status_code == 200


def test_another_day_has_no_map(client: FlaskClient):
    assert 'id="beat-map"' not in client.get("/beat/market?as_of=2027-01-01").text


def test_before_any_plan_the_map_has_places_only(tmp_path: Path):
    """The plan begins on the day of seeding, so the day before has none."""
    from tests.support.web import app_over

    mapped_app(tmp_path)
    before = app_over(tmp_path, now=datetime(2026, 11, 22, 12, 0, tzinfo=UTC)).test_client()
    page = before.get("/map")
    assert page.status_code == 200
    assert "No plan of beats is in force today" in page.text
    assert 'data-layer="beats"' not in page.text
    assert before.get(config_of(page.text, "force-map")["beats"]).json["arcs"] == []


def test_names_are_escaped(tmp_path: Path):
    from tests.support.tiny import FORCE

    nasty = "<script>alert(1)</script> \u202e & 'so'"
    facility = {**FORCE["facilities"][0], "name": nasty}
    app = mapped_app(tmp_path, force={**FORCE, "facilities": [facility]})
    html = app.test_client().get("/map").text
    assert "<script>alert" not in html
    assert config_of(html, "force-map")["places"][0]["name"] == nasty
