"""The search within other sites: what it answers, and what its answers allow."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from geo_policing.domain.covers import Cover, Covering
from tests.support.still import beat_id, stand_still, view_of_app
from tests.support.web import app_over, text_of


def ask(client: FlaskClient, typed: str, path: str = "/embed", **more: str) -> TestResponse:
    return client.post(path, data={"postcode": typed, **more})


class TestAsking:
    def test_the_question(self, client: FlaskClient) -> None:
        page = client.get("/embed")
        assert page.status_code == 200
        assert "Postcode, street or place" in text_of(page.text)
        assert 'name="robots" content="noindex"' in page.text

    def test_one_sure_beat_leads_to_its_team_within_the_frame(self, client: FlaskClient) -> None:
        found = ask(client, "zz1 1aa")
        assert (found.status_code, found.headers["Location"]) == (303, "/embed?beat=abbey-westham")
        assert found.headers["Cache-Control"] == "no-store"
        assert "ZZ1" not in str(found.headers).upper()

    def test_theme_and_language_are_kept(self, client: FlaskClient) -> None:
        found = ask(client, "zz1 1aa", "/pl/embed", theme="light")
        assert found.headers["Location"] == "/pl/embed?beat=abbey-westham&theme=light"
        assert '<input type="hidden" name="theme" value="light">' in client.get("/embed?theme=light").text
        assert 'class="light"' in client.get("/embed?theme=light").text
        assert 'class="light"' not in client.get("/embed?theme=auto").text

    @pytest.mark.parametrize(
        ("typed", "status", "said"),
        [
            ("ZZ1 1AB", 200, "ZZ1 1AB lies in two beats"),
            ("ZZI 1AA", 200, "We read it as ZZ1 1AA"),
            ("Mill Road", 200, "Which one do you mean?"),
            ("ZZ1 1AG", 200, "Another police force serves this place"),
            ("ZZ1 1AD", 200, "This postcode is no longer in use"),
            ("Qwertyuiop", 404, "Error: Our data has no place or street called"),
            ("", 400, "Error: Enter a postcode, a street or a place"),
            ("999", 400, "This page cannot make a call"),
        ],
    )
    def test_every_outcome_is_told_in_the_frame(self, client: FlaskClient, typed: str, status: int, said: str) -> None:
        answer = ask(client, typed)
        assert answer.status_code == status
        assert said in text_of(answer.text)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.text.count("<h1") == 1

    def test_choices_stay_within_the_frame(self, client: FlaskClient) -> None:
        many = ask(client, "ZZ1 1AB", theme="light").text
        assert 'href="/embed?beat=market&amp;theme=light"' in many
        places = ask(client, "Mill Road").text
        chosen = re.findall(r'name="place_id" value="([^"]+)"', places)
        assert sorted(chosen) == ["mill-road-eastham", "mill-road-westham"]
        found = client.post("/embed", data={"place_id": "mill-road-eastham"})
        assert found.headers["Location"] == "/embed?beat=abbey-eastham"

    def test_nothing_leads_out_but_in_a_new_tab(self, client: FlaskClient) -> None:
        for page in (client.get("/embed?beat=market"), ask(client, "ZZ1 1AG"), client.get("/embed")):
            for link in re.findall(r"<a [^>]*>", page.text):
                inside = 'href="/embed' in link or 'href="tel:' in link or 'href="mailto:' in link
                assert inside or ('target="_blank"' in link and 'rel="noopener"' in link), link

    def test_too_much_is_refused(self, client: FlaskClient) -> None:
        answer = ask(client, "x" * 9000)
        assert answer.status_code == 413
        assert "x" * 300 not in answer.text


class TestTeam:
    def test_is_told_with_the_next_meeting(self, client: FlaskClient) -> None:
        text = text_of(client.get("/embed?beat=fen-end").text)
        assert "PCSO 7104 Example Your PCSO" in text
        assert "Next to be met: Wednesday 25 November, 10am , Eastham Library Example" in text
        assert "All about your team (opens in a new tab)" in text

    def test_vacancy_and_cover_are_told(self, app: Flask) -> None:
        view = view_of_app(app)
        market, lent = beat_id(view, "market"), view.postings[beat_id(view, "fen-end")][0]
        covering = Covering(Cover(1, market, lent.id, lent.starts_on), lent)
        stand_still(app, postings={}, covers={market: (covering,)})
        text = text_of(app.test_client().get("/embed?beat=market").text)
        assert f"This post is vacant. {lent.collar_number} Example Looks after this beat at present" in text

    def test_a_beat_that_is_gone_leads_to_the_question(self, client: FlaskClient) -> None:
        page = client.get("/embed?beat=atlantis")
        assert page.status_code == 404
        assert "Beats can change when a new plan begins" in text_of(page.text)
        assert 'name="postcode"' in page.text

    def test_a_theme_that_there_is_not_is_refused(self, client: FlaskClient) -> None:
        assert client.get("/embed?theme=pink").status_code == 404


class TestHeaders:
    @pytest.mark.parametrize("path", ["/embed", "/embed?beat=market", "/embed?beat=atlantis", "/pl/embed"])
    def test_any_site_may_frame_it_and_it_alone(self, client: FlaskClient, path: str) -> None:
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "frame-ancestors *" in policy
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "X-Frame-Options" not in headers
        assert "Set-Cookie" not in headers
        for other in ("/", "/beat/market", "/embed/how-to", "/privacy", "/embed/nothing"):
            assert "frame-ancestors 'none'" in client.get(other).headers["Content-Security-Policy"]

    def test_answers_may_be_framed_too(self, client: FlaskClient) -> None:
        for typed in ("ZZ1 1AA", "ZZ1 1AB", "", "x" * 9000):
            assert "frame-ancestors *" in ask(client, typed).headers["Content-Security-Policy"]

    def test_pages_are_revalidated(self, client: FlaskClient) -> None:
        for path in ("/embed", "/embed?beat=market"):
            tag = client.get(path).headers["ETag"]
            assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
        assert client.get("/embed").headers["ETag"] != client.get("/embed?theme=light").headers["ETag"]


class TestScript:
    def test_may_be_loaded_from_anywhere_and_kept_for_an_hour(self, client: FlaskClient) -> None:
        script = client.get("/embed.js")
        assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert script.headers["Cache-Control"] == "public, max-age=3600"
        assert script.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert script.headers["Access-Control-Allow-Origin"] == "*"
        again = client.get("/embed.js", headers={"If-None-Match": script.headers["ETag"]})
        assert again.status_code == 304

    def test_is_small(self, client: FlaskClient) -> None:
        assert len(client.get("/embed.js", headers={"Accept-Encoding": "gzip"}).data) < 2_500


class TestHowTo:
    def test_snippets_name_this_site(self, client: FlaskClient) -> None:
        text = client.get("/embed/how-to", base_url="https://team.example").text
        assert "&lt;script async src=&#34;https://team.example/embed.js&#34;&gt;&lt;/script&gt;" in text
        assert "&lt;iframe src=&#34;https://team.example/embed&#34;" in text

    def test_or_the_address_that_the_operator_gave(self, tiny_dir: Path) -> None:
        client = app_over(tiny_dir, settings={"public_url": "https://police.example"}).test_client()
        text = client.get("/pl/embed/how-to").text
        assert "https://police.example/embed.js&#34; data-language=&#34;pl&#34;" in text
        assert "https://police.example/pl/embed&#34;" in text

    def test_a_stranger_s_host_is_no_answer_for_another(self, client: FlaskClient) -> None:
        one = client.get("/embed/how-to", base_url="https://one.example").headers["ETag"]
        assert client.get("/embed/how-to", base_url="https://two.example").headers["ETag"] != one
