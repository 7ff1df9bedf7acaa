from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient
from numpy.typing import NDArray
from werkzeug.test import TestResponse

from geo_policing.api.pages import MAX_FORM_BYTES
from geo_policing.datasets.tables import Table
from tests.support import tiny
from tests.support.web import text_of, tiny_app


def find(client: FlaskClient, typed: str, **more: str) -> TestResponse:
    return client.post("/find", data={"postcode": typed, **more})


def links_to_beats(html: str) -> list[str]:
    return re.findall(r'<a class="choice" href="/beat/([a-z0-9-]+)"', html)


def _other_way_round(shares: NDArray[np.float32]) -> NDArray[np.float32]:
    """`shares` with the 60:40 of ZZ1 1AB made 40:60."""
    return np.where(np.isclose(shares, 0.6), 0.4, np.where(np.isclose(shares, 0.4), 0.6, shares))


class TestHome:
    def test_asks_one_question(self, client: FlaskClient) -> None:
        html = client.get("/").text
        assert html.count("<h1") == 1
        assert html.count("<input") == 1
        assert 'name="postcode"' in html
        assert 'autocomplete="postal-code"' in html
        assert '<label class="label" for="postcode">' in html

    def test_says_999_before_anything_else(self, client: FlaskClient) -> None:
        text = text_of(client.get("/").text)
        assert text.index("call 999") < text.index("Find your local policing team", 100)

    def test_names_the_force_and_is_unofficial(self, client: FlaskClient) -> None:
        text = text_of(client.get("/").text)
        assert "Tiny Constabulary" in text
        assert "Unofficial" in text
        assert "It is not run by Tiny Constabulary" in text

    def test_says_nothing_of_unofficial_once_the_operator_says_so(self, tmp_path: Path) -> None:
        client = tiny_app(tmp_path, settings={"official": True}).test_client()
        for path in ("/", "/about", "/beat/market"):
            assert "nofficial" not in client.get(path).text

    def test_lists_what_works_where_the_data_knows_few_postcodes(self, client: FlaskClient) -> None:
        text = text_of(client.get("/").text)
        assert "ZZ1 1AA" in text
        assert "ZZ1 1AD" not in text, "terminated"
        assert "ZZ1 1AG" not in text, "over the border"
        assert "Fen End" in text

    def test_calls_approximate_data_so_on_every_page(self, tmp_path: Path) -> None:
        client = tiny_app(tmp_path, approximate=True).test_client()
        for path in ("/", "/about", "/beat/market", "/nowhere"):
            assert "Approximate data" in text_of(client.get(path).text), path
        assert "Approximate data" in text_of(find(client, "ZZ1 1AB").text)

    def test_does_not_call_surveyed_data_approximate(self, client: FlaskClient) -> None:
        assert "Approximate" not in client.get("/").text


class TestFind:
    def test_goes_to_the_beat_of_a_sure_postcode(self, client: FlaskClient) -> None:
        response = find(client, "ZZ1 1AA")
        assert response.status_code == 303
        assert response.headers["Location"] == "/beat/abbey-westham"

    @pytest.mark.parametrize("typed", ["zz11aa", "  zz1  1aa ", "Fen End", "540500, 260500"])
    def test_reads_what_people_type(self, client: FlaskClient, typed: str) -> None:
        assert find(client, typed).status_code == 303

    def test_keeps_the_postcode_to_itself(self, client: FlaskClient) -> None:
        for typed in ("ZZ1 1AA", "ZZ1 1AB", "ZZ1 1AG", "ZZ1 1AD", "ZZ1 1ZZ", "Mill Road", ""):
            response = find(client, typed)
            assert response.headers["Cache-Control"] == "no-store", typed
            assert response.headers["Referrer-Policy"] == "no-referrer"
            assert "Set-Cookie" not in response.headers
            assert "ZZ1" not in str(response.headers).upper()

    def test_shows_a_slip_that_it_forgave_and_asks(self, client: FlaskClient) -> None:
        response = find(client, "ZZI 1AA")
        assert response.status_code == 200
        text = text_of(response.text)
        assert "You typed ZZI 1AA . We read it as ZZ1 1AA ." in text
        assert links_to_beats(response.text) == ["abbey-westham"]

    def test_says_of_a_large_user_s_postcode_that_it_is_one_before_the_team(self, client: FlaskClient) -> None:
        response = find(client, "ZZ1 1AF")
        assert response.status_code == 200
        assert "ZZ1 1AF belongs to one organisation" in text_of(response.text)
        assert "Is this where you are?" in text_of(response.text)
        assert links_to_beats(response.text) == ["abbey-eastham"]

    def test_lets_a_split_postcode_choose_and_says_why(self, client: FlaskClient) -> None:
        response = find(client, "ZZ1 1AB")
        assert response.status_code == 200
        assert links_to_beats(response.text) == ["abbey-westham", "market"]
        text = text_of(response.text)
        assert "ZZ1 1AB lies in two beats" in text
        assert "The boundary between them runs through it" in text
        assert text.index("More than half of its area") < text.index("Less than half of its area")

    def test_lists_the_largest_share_first_though_the_point_lies_in_another(self, tmp_path: Path) -> None:
        shares = tiny.tables()["postcode_units"]
        swapped = Table.of("postcode_units", **{**shares.columns, "share": _other_way_round(shares["share"])})
        client = tiny_app(tmp_path, changed_tables={"postcode_units": swapped}).test_client()
        assert links_to_beats(find(client, "ZZ1 1AB").text) == ["market", "abbey-westham"]
        candidates = client.get("/api/v1/lookup?postcode=ZZ11AB").json["candidates"]
        assert [c["share"] for c in candidates] == [0.4, 0.6], "the beat of the point first"

    def test_speaks_of_addresses_where_shares_count_them(self, tmp_path: Path) -> None:
        client = tiny_app(tmp_path, postcode_share_method="addresses").test_client()
        assert "More than half of its addresses" in text_of(find(client, "ZZ1 1AB").text)

    @pytest.mark.parametrize(
        ("method", "said"), [("lsoa_by_live_postcodes", "of its residents"), ("none", "of its postcodes")]
    )
    def test_speaks_of_residents_only_where_they_are_known(self, tmp_path: Path, method: str, said: str) -> None:
        client = tiny_app(tmp_path, population_method=method).test_client()
        assert said in text_of(find(client, "Eastham").text)

    def test_the_about_page_says_how_shares_and_residents_are_worked_out(self, tmp_path: Path) -> None:
        client = tiny_app(tmp_path, population_method="lsoa_by_live_postcodes").test_client()
        text = text_of(client.get("/about").text)
        assert "by the area that is nearer to it than to any other postcode" in text
        assert "brought down to smaller ones by the number of live postcodes" in text

    def test_names_a_street_that_lies_in_one_of_the_beats_alone(self, client: FlaskClient) -> None:
        text = text_of(find(client, "ZZ1 1AB").text)
        assert "Near Mill Road" in text
        assert "St Mary's Street" not in text, "it runs through both"

    def test_asks_which_of_two_streets_is_meant(self, client: FlaskClient) -> None:
        response = find(client, "Mill Road")
        assert response.status_code == 200
        assert "Which Mill Road do you mean?" in text_of(response.text)
        ids = re.findall(r'name="place_id" value="([^"]+)"', response.text)
        assert sorted(ids) == ["mill-road-eastham", "mill-road-westham"]
        chosen = client.post("/find", data={"place_id": "mill-road-eastham"})
        assert chosen.headers["Location"] == "/beat/abbey-eastham"

    def test_names_the_district_over_the_border(self, client: FlaskClient) -> None:
        response = find(client, "ZZ1 1AG")
        assert response.status_code == 200
        text = text_of(response.text)
        assert "Another police force serves ZZ1 1AG" in text
        assert "ask for the police in Farham" in text

    def test_says_so_where_the_district_over_the_border_is_not_known(self, client: FlaskClient) -> None:
        text = text_of(find(client, "ZZ9 9ZZ").text)
        assert text.count("does not say") == 1

    def test_does_not_guess_for_a_terminated_postcode(self, client: FlaskClient) -> None:
        response = find(client, "ZZ1 1AD")
        assert response.status_code == 200
        assert "ZZ1 1AD is no longer in use" in text_of(response.text)
        assert links_to_beats(response.text) == []

    @pytest.mark.parametrize("typed", ["ZZ1 1ZZ", "Qwertyuiop", "ZZ1 1AE"])
    def test_says_that_it_found_nothing_in_the_error_pattern(self, client: FlaskClient, typed: str) -> None:
        response = find(client, typed)
        assert response.status_code == 404
        assert_error_pattern(response.text, kept=typed)

    @pytest.mark.parametrize(
        ("typed", "meant"),
        [("0.12, 52.2", "52.2, 0.12"), ("-0.12 52.2", "52.2, -0.12"), ("1045000 258000", "258000, 1045000")],
    )
    def test_offers_the_two_numbers_the_other_way_round(self, client: FlaskClient, typed: str, meant: str) -> None:
        response = find(client, typed)
        assert response.status_code == 400
        assert_error_pattern(response.text, kept=typed)
        text = text_of(response.text)
        assert f"There is a problem Did you mean {meant}?" in text
        assert not re.search("lat|lon|swapped|easting", text.lower().replace("population", ""))
        assert f'name="postcode" value="{meant}"' in response.text
        assert find(client, meant).status_code in (200, 303)

    def test_says_whom_to_ask_of_a_postcode_that_it_does_not_know(self, client: FlaskClient) -> None:
        said = text_of(find(client, "SW1A 1AA").text)
        assert "If SW1A 1AA is somewhere else Another police force may serve it. Call 101 and ask" in said
        assert "find the force at www.police.uk . In an emergency call 999 : it works everywhere" in said

    @pytest.mark.parametrize("typed", ["ZZ1 1ZZ", "JE2 3AB", "SW1A 1AC", "Qwertyuiop", "SW1"])
    def test_does_not_speak_of_another_force_where_no_such_postcode_is(self, client: FlaskClient, typed: str) -> None:
        assert "Another police force may serve it" not in text_of(find(client, typed).text)

    @pytest.mark.parametrize("typed", ["", "   ", "\x00\x01", "a" * 300, "ZZ1 1A\N{REPLACEMENT CHARACTER}\x07"])
    def test_says_what_is_wrong_with_what_it_cannot_read(self, client: FlaskClient, typed: str) -> None:
        response = find(client, typed)
        assert response.status_code == 400
        assert_error_pattern(response.text, kept="")

    @pytest.mark.parametrize("typed", ["999", " 112", "101"])
    def test_tells_who_types_an_emergency_number_to_call_it(self, client: FlaskClient, typed: str) -> None:
        said = text_of(find(client, typed).text)
        assert "This page cannot make a call. In an emergency call 999 on a phone" in said
        assert "not a UK postcode" not in said

    def test_takes_nothing_sent_for_nothing_typed(self, client: FlaskClient) -> None:
        response = client.post("/find")
        assert response.status_code == 400
        assert "Enter a postcode, a street or a place" in text_of(response.text)

    def test_is_not_upset_by_bytes_that_are_no_text(self, client: FlaskClient) -> None:
        body = b"postcode=%ff%fe%00\xff"
        response = client.post("/find", data=body, content_type="application/x-www-form-urlencoded")
        assert response.status_code in (400, 404)
        assert "There is a problem" in text_of(response.text)

    @pytest.mark.parametrize("size", [MAX_FORM_BYTES + 1, 1_000_000])
    def test_refuses_a_field_that_is_no_question(self, client: FlaskClient, size: int) -> None:
        response = find(client, "a" * size)
        assert response.status_code == 413
        assert_error_pattern(response.text, kept="")
        assert len(response.data) < 20_000

    def test_refuses_a_file(self, client: FlaskClient) -> None:
        response = client.post("/find", data=b"x" * 50_000, content_type="multipart/form-data; boundary=x")
        assert response.status_code == 413

    def test_ignores_fields_that_it_does_not_know(self, client: FlaskClient) -> None:
        assert find(client, "ZZ1 1AA", email="filled in by a browser").status_code == 303

    def test_escapes_what_was_typed(self, client: FlaskClient) -> None:
        html = find(client, '"><script>alert(1)</script>').text
        assert "<script>" not in html

    def test_refuses_a_place_that_it_never_offered(self, client: FlaskClient) -> None:
        response = client.post("/find", data={"place_id": "atlantis"})
        assert response.status_code in (400, 404)
        assert "There is a problem" in text_of(response.text)

    def test_sends_a_reader_of_an_old_answer_back_to_the_question(self, client: FlaskClient) -> None:
        response = client.get("/find?postcode=ZZ1+1AA")
        assert (response.status_code, response.headers["Location"]) == (303, "/")


def assert_error_pattern(html: str, *, kept: str) -> None:
    assert "<title>Error: " in html
    assert re.search(r'<div class="error-summary" role="alert".*?<a href="#postcode">', html, re.DOTALL)
    assert 'id="postcode-error"' in html
    assert 'aria-invalid="true"' in html
    assert re.search(r'aria-describedby="[^"]*postcode-error"', html)
    assert f'value="{kept}"' in html


class TestBeat:
    def test_names_the_team_and_where_it_is(self, client: FlaskClient) -> None:
        text = text_of(client.get("/beat/abbey-westham").text)
        assert "Abbey In Westham, North area" in text
        assert "PCSO 7101" in text
        assert "An assumption made for tests." in text

    def test_says_how_to_reach_the_police(self, client: FlaskClient) -> None:
        html = client.get("/beat/market").text
        assert [n in html for n in ("tel:999", "tel:101", "tel:18001101", "tel:18000")] == [True] * 4

    def test_calls_a_made_up_post_an_example(self, client: FlaskClient) -> None:
        text = text_of(client.get("/beat/market").text)
        assert "PCSO 7103 Example" in text or re.search(r"PCSO 71\d\d Example", text)
        assert "not a real officer" in text

    def test_shows_the_office_of_the_district_and_its_hours(self, client: FlaskClient) -> None:
        text = text_of(client.get("/beat/market").text)
        assert "Westham Police Station" in text
        assert "Monday 23 November, 9am to 5pm" in text
        assert "Step-free entrance" in text
        assert "Eastham Library" not in text

    def test_does_not_claim_that_an_unverified_office_is_open(self, client: FlaskClient) -> None:
        assert "Open now" not in client.get("/beat/market").text

    def test_shows_contact_points_with_their_times(self, client: FlaskClient) -> None:
        text = text_of(client.get("/beat/fen-end").text)
        assert "Contact points" in text
        assert "Wednesday 25 November, 10am to midday" in text

    def test_does_not_pass_a_beat_of_the_starting_plan_off_as_the_polices(self, client: FlaskClient) -> None:
        assert "The police may draw theirs elsewhere" in text_of(client.get("/beat/market").text)

    def test_says_which_places_it_covers(self, client: FlaskClient) -> None:
        assert "Covers Fen End" in text_of(client.get("/beat/fen-end").text)

    def test_tells_the_sources_with_their_age_and_licence(self, tmp_path: Path) -> None:
        source = {
            "file": "areas.geojson",
            "publisher": "Office of Tests",
            "title": "Output areas",
            "vintage": "December 2011",
            "licence": "Open Licence",
            "licence_url": "https://example.org/licence",
            "attribution": "Contains test data",
        }
        client = tiny_app(
            tmp_path, sources=[source, source], absent=[{"what": "Wards", "effect": "no names"}]
        ).test_client()
        for path in ("/beat/market", "/about"):
            text = text_of(client.get(path).text)
            assert "Output areas Office of Tests, 2 files December 2011 Open Licence" in text
            assert "Wards: no names" in text
            assert "Contains test data" in text

    def test_helps_whoever_follows_a_link_to_a_beat_that_is_gone(self, client: FlaskClient) -> None:
        response = client.get("/beat/long-gone")
        assert response.status_code == 404
        text = text_of(response.text)
        assert "the beats may have changed" in text
        assert 'name="postcode"' in response.text

    def test_answers_for_another_day(self, client: FlaskClient) -> None:
        text = text_of(client.get("/beat/market?as_of=2027-02-01").text)
        assert "as of 1 February 2027" in text
        assert "Open now" not in text

    def test_has_no_beat_before_the_first_plan(self, client: FlaskClient) -> None:
        response = client.get("/beat/market?as_of=2001-01-01")
        assert response.status_code == 404
        assert "No plan of beats was in force on that day" in text_of(response.text)

    @pytest.mark.parametrize("day", ["soon", "2026-02-30", "", "99999-01-01"])
    def test_refuses_a_day_that_is_none(self, client: FlaskClient, day: str) -> None:
        assert client.get("/beat/market", query_string={"as_of": day}).status_code == 400
