"""What a change to the bases does, on the page and over HTTP; counts are made by hand on the tiny world's streets.

A kilometre takes 100 s. Westham's base stands on the node of ZZ1 1AA, Eastham's three kilometres east and one north;
100 residents live in each of eight squares, see `tests.services.test_coverage_counts`.
"""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from geo_policing.clock import Clock
from geo_policing.services import scenarios
from geo_policing.services.drive_params import read_trial
from tests.api.test_drive_time import conforms
from tests.support.tiny_roads import tiny_road_live
from tests.support.web import NOW, app_over, text_of

WESTHAM, EASTHAM = "westham-station-response-base", "eastham-station-response-base"
NAME = "Without Eastham & <more>"


@pytest.fixture(scope="module")
def roads_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("roads")
    live = tiny_road_live(folder, Clock.fixed(NOW))
    scenarios.keep(live, NAME, read_trial({"close": [EASTHAM]}), note="Saves a roof", actor="test")
    live.close()
    return folder


@pytest.fixture(scope="module")
def client(roads_dir: Path) -> FlaskClient:
    return app_over(roads_dir).test_client()


def section(html: str, name: str) -> str:
    found = re.search(rf'<section aria-labelledby="{name}">.*?</section>', html, re.DOTALL)
    return found[0] if found else ""


def config_of(html: str) -> dict:
    return json.loads(unescape(re.search(r'data-config="([^"]*)"', html)[1]))


def cells(html: str, table: str) -> list[list[str]]:
    """The rows of the table that holds `table`, as texts."""
    body = next(t for t in re.findall(r"<table.*?</table>", html, re.DOTALL) if table in t)
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    return [
        [text_of(cell).strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows
    ]


def table(html: str) -> list[list[str]]:
    """The rows of the page's table, without its head and its sum."""
    return cells(html, 'id="reach-caption"')[1:-1]


class TestToday:
    def test_nothing_is_compared(self, client: FlaskClient):
        assert not section(client.get("/drive-time").text, "change")

    def test_the_table_is_the_csv(self, client: FlaskClient):
        html = client.get("/drive-time?minutes=1,2&level=ward&count=postcodes").text
        link = unescape(re.search(r'<a href="([^"]*format=csv[^"]*)"', html)[1])
        answered = client.get(link)
        assert answered.mimetype == "text/csv"
        rows = list(csv.DictReader(io.StringIO(answered.text)))
        assert {row["level"] for row in rows} == {"ward"}
        told = sorted((row[0], row[1], *(cell.split()[0] for cell in row[2:4])) for row in table(html))
        pairs = zip(rows[::2], rows[1::2], strict=True)
        assert all((one["code"], one["minutes"], two["minutes"]) == (two["code"], "1", "2") for one, two in pairs)
        given = zip(rows[::2], rows[1::2], strict=True)
        assert told == sorted((a["name"], a["postcodes_total"], a["postcodes"], b["postcodes"]) for a, b in given)
        assert len(told) > 1

    @pytest.mark.parametrize("level", ["district", "ward", "beat"])
    @pytest.mark.parametrize("count", ["residents", "postcodes"])
    def test_each_level_sums_to_the_force(self, client: FlaskClient, level: str, count: str):
        html = client.get(f"/drive-time?minutes=1,3&level={level}&count={count}").text
        *rows, force = cells(html, 'id="reach-caption"')[1:]
        whole = lambda text: int(text.split()[0].replace(",", ""))  # noqa: E731
        for column in (1, 2, 3):
            assert sum(whole(row[column]) for row in rows) == whole(force[column])

    def test_the_longest_drives_come_first(self, client: FlaskClient):
        rows = table(client.get("/drive-time?level=beat").text)
        medians = [float(row[-2].split()[0]) for row in rows if row[-2] != "–"]
        assert medians == sorted(medians, reverse=True)

    def test_the_chart_says_what_the_table_says(self, client: FlaskClient):
        html = client.get("/drive-time?minutes=1,3").text
        labels = re.findall(r'class="bar" role="img" aria-label="([^"]*)"', html)
        assert len(labels) == 3
        assert labels[1].startswith("Westham: ")
        bar = re.search(r'<svg class="bar".*?</svg>', html, re.DOTALL)[0]
        ElementTree.fromstring(bar)
        assert "style=" not in bar
        assert 'fill="url(#c1)"' in bar

    def test_choices_are_links_that_keep_the_rest(self, client: FlaskClient):
        html = client.get(f"/drive-time?minutes=1,3&base={WESTHAM}&level=ward").text
        links = [unescape(link) for link in re.findall(r'<a href="(/drive-time[^"]*#table)"', html)]
        assert f"/drive-time?base={WESTHAM}&minutes=1%2C3&level=beat#table" in links
        assert f"/drive-time?base={WESTHAM}&minutes=1%2C3&level=ward&count=postcodes#table" in links
        assert all(client.get(link.partition("#")[0]).status_code == 200 for link in links)

    def test_asked_again_it_is_not_made_again(self, client: FlaskClient, monkeypatch: pytest.MonkeyPatch):
        first = client.get("/drive-time?minutes=7")
        monkeypatch.setattr("geo_policing.api.drive_pages.drive_numbers", lambda *_: pytest.fail("made again"))
        assert client.get("/drive-time?minutes=7").text == first.text
        assert client.get("/api/v1/coverage?minutes=7").status_code == 200


class TestAChange:
    def test_closing_a_base_is_set_beside_today(self, client: FlaskClient):
        html = client.get(f"/drive-time?minutes=1,4&base={WESTHAM}").text
        told = text_of(section(html, "change"))
        assert "Closed: Eastham Police Station" in told
        content = client.get(f"/api/v1/coverage?minutes=1,4&close={EASTHAM}&level=force,district").json
        rows = cells(section(html, "change"), "whole force")[1:]
        today, then = content["change"]["today"][0]["within"], content["areas"][0]["within"]
        for row, old, new in zip(rows, today, then, strict=True):
            expected = [old["residents"], new["residents"], new["residents_gained"], -new["residents_lost"]]
            assert [int(text.replace("−", "-").replace("+", "")) for text in row[1:5]] == expected
        assert "Eastham" in told
        assert "Places that get farther by more than 2 minutes" in told

    def test_how_much_worse_is_chosen(self, client: FlaskClient):
        few = section(client.get(f"/drive-time?base={WESTHAM}&worse_by=50").text, "change")
        assert "more than 50 minutes" in text_of(few)
        assert "None." in text_of(few)

    def test_a_base_can_move(self, client: FlaskClient):
        html = client.get(f"/drive-time?instead={EASTHAM}&trial=52.2222,0.0721&base={WESTHAM}").text
        assert "Moved: Eastham Police Station" in text_of(section(html, "change"))
        config = config_of(html)
        assert (config["instead"], config["trial"]) == (EASTHAM, [52.2222, 0.0721])
        assert config["change"] == {"close": [], "open": [], "move": []}
        assert {base["id"]: base["state"] for base in config["bases"]} == {WESTHAM: "open", EASTHAM: "closed"}
        assert re.search(rf'<option value="{EASTHAM}" selected>', html)

    @pytest.mark.parametrize(
        ("query", "status", "field"),
        [
            (f"instead={EASTHAM}", 400, "trial"),
            ("instead=atlantis&trial=52.2,0.1", 404, "drive-form"),
            ("worse_by=never", 400, "worse_by"),
            ("worse_by=1,2", 400, "worse_by"),
            ("level=street", 400, "drive-form"),
            ("count=sheep", 400, "drive-form"),
            ("scenario=Nowhere", 404, "drive-form"),
            (f"scenario=A&base={WESTHAM}", 400, "drive-form"),
        ],
    )
    def test_what_cannot_be_tried_is_said_at_its_field(self, client: FlaskClient, query: str, status: int, field: str):
        response = client.get(f"/drive-time?{query}")
        assert response.status_code == status
        assert f'<a href="#{field}">' in response.text
        assert f'id="{field}"' in response.text

    def test_the_picture_shows_what_is_lost_and_where_no_base_is_any_more(self, client: FlaskClient):
        html = client.get(f"/drive-time?minutes=1,2&base={WESTHAM}").text
        source = unescape(re.search(r'<img src="([^"]*change=2[^"]*)"', html)[1])
        response = client.get(source)
        root = ElementTree.fromstring(response.data)
        ids = {e.attrib.get("id") for e in root.iter()}
        assert "blost" in ids
        assert "bgained" not in ids
        assert "Map of what is gained and lost within 2 minutes" in response.text

    @pytest.mark.parametrize("change", ["7", "x", ""])
    def test_a_picture_is_of_minutes_that_were_asked_for(self, client: FlaskClient, change: str):
        response = client.get(f"/drive-time/map.svg?minutes=1,2&base={WESTHAM}&change={change}")
        assert response.status_code == 400
        assert client.get("/drive-time/map.svg?minutes=1,2&change=2").status_code == 400, "nothing is changed"


class TestScenarios:
    def test_are_listed(self, client: FlaskClient):
        response = client.get("/api/v1/scenarios")
        conforms(client.get("/api/v1/openapi.json").json, "Scenarios", response.json)
        assert [(s["name"], s["close"]) for s in response.json["scenarios"]] == [(NAME, [EASTHAM])]
        assert client.get("/api/v1/scenarios", headers={"If-None-Match": response.headers["ETag"]}).status_code == 304
        assert client.get("/api/v1/scenarios?name=x").status_code == 400
        assert client.post("/api/v1/scenarios", json={"name": "x"}).status_code == 405

    @pytest.mark.parametrize("path", ["coverage", "coverage?format=csv", "coverage?format=geojson", "catchments",
                                      "isochrones?minutes=2", "nearest-base?postcode=ZZ1+2OO"])  # fmt: skip
    def test_answer_as_what_they_change(self, client: FlaskClient, path: str):
        more = "&" if "?" in path else "?"
        named = client.get(f"/api/v1/{path}{more}scenario=Without+Eastham+%26+%3Cmore%3E")
        spelt = client.get(f"/api/v1/{path}{more}close={EASTHAM}")
        assert named.status_code == 200
        assert named.data == spelt.data

    def test_nothing_gained_has_no_coordinates(self, client: FlaskClient):
        content = json.loads(client.get(f"/api/v1/coverage?format=geojson&minutes=1,2&close={EASTHAM}").data)
        areas = {(f["properties"]["minutes"], f["properties"]["change"]): f["geometry"] for f in content["features"]}
        assert areas[1, "gained"] == {"type": "MultiPolygon", "coordinates": []}
        assert areas[1, "lost"]["coordinates"]

    def test_an_unknown_one_is_not_found_and_two_ways_are_one_too_many(self, client: FlaskClient):
        assert client.get("/api/v1/coverage?scenario=Nowhere").status_code == 404
        both = client.get(f"/api/v1/coverage?scenario=x&close={EASTHAM}")
        assert (both.status_code, both.json["field"]) == (400, "scenario")

    def test_the_page_lists_them_and_shows_one(self, client: FlaskClient):
        html = client.get("/drive-time").text
        listed = section(html, "scenarios")
        assert "closes Eastham Police Station" in text_of(listed)
        assert "Saves a roof" in listed
        assert "command line only" in text_of(listed)
        link = unescape(re.search(r'<a href="(/drive-time\?scenario=[^"#]*)', listed)[1])
        html = client.get(link).text
        assert "Scenario “Without Eastham & <more>” compared with today" in unescape(html)
        assert "Closed: Eastham Police Station" in text_of(section(html, "change"))
        assert config_of(html)["change"]["close"] == [EASTHAM]
        csv_link = unescape(re.search(r'<a href="([^"]*format=csv[^"]*)"', html)[1])
        assert "residents_lost" in client.get(csv_link).text

    def test_a_time_to_a_place_is_of_the_scenario(self, client: FlaskClient):
        response = client.post("/drive-time", data={"where": "ZZ1 2OO", "scenario": NAME})
        assert "from Westham Police Station" in text_of(response.text)
        assert "Eastham Police Station:" not in text_of(section(response.text, "from"))
