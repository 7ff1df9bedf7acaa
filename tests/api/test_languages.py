from __future__ import annotations

import re
from datetime import UTC, date, datetime, time

import pytest
from babel.messages.catalog import Catalog
from flask import Flask
from flask.testing import FlaskClient

from geo_policing.api.catalogues import Catalogue, catalogue_script
from geo_policing.api.languages import ENGLISH, LANGUAGES, alternatives, current_language, language_of, local_url
from geo_policing.api.rendering import listed, share_words
from geo_policing.api.speech import data_text, error_text, translated
from geo_policing.api.spoken_dates import clock_time, day_month, long_date, weekday_date
from geo_policing.errors import InvalidInputError, NotFoundError
from geo_policing.wording import worded, worded_plural

POLISH = LANGUAGES[1]


class TestAddresses:
    @pytest.mark.parametrize(
        ("path", "code"),
        [
            ("/", "en-GB"), ("/about", "en-GB"), ("/pl/about", "pl"), ("/pl/", "pl"), ("/pl", "pl"),
            ("/place", "en-GB"), ("/PL/about", "en-GB"), ("/beat/pl", "en-GB"), ("", "en-GB"), ("//pl", "en-GB"),
        ],
    )  # fmt: skip
    def test_the_path_alone_says_the_language(self, path: str, code: str) -> None:
        assert language_of(path).code == code

    def test_every_page_is_served_in_every_language(self, app: Flask) -> None:
        """Read from the routes: one that was registered by itself, in English only, is found here."""
        rules = {str(rule.rule) for rule in app.url_map.iter_rules()}
        polish = {rule.removeprefix("/pl") for rule in rules if rule.startswith("/pl/")}
        machines = ("/api", "/tiles", "/assets", "/shards", "/healthz", "/readyz", "/static")
        elsewhere = {rule for rule in rules - {"/pl"} if not rule.startswith(("/pl/", *machines))}
        assert polish <= elsewhere
        # Files that have no words, or none of ours.
        assert all("." in rule or "/map/" in rule for rule in elsewhere - polish), elsewhere - polish

    def test_the_start_page_has_one_address(self, client: FlaskClient) -> None:
        answer = client.get("/pl")
        assert answer.status_code == 308
        assert answer.headers["Location"] == "/pl/"
        assert client.get("/pl/").status_code == 200

    @pytest.mark.parametrize(
        "path", ["/de/", "/xx/about", "/en/", "/PL/about", "/pl/pl/about", "/pl/api/v1/lookup", "/pl/healthz"]
    )
    def test_an_unknown_language_is_an_address_of_nothing(self, client: FlaskClient, path: str) -> None:
        assert client.get(path).status_code == 404

    def test_an_answer_leads_to_the_beat_in_the_same_language(self, client: FlaskClient) -> None:
        answer = client.post("/pl/find", data={"postcode": "ZZ1 1AA"})
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/pl/beat/")
        assert client.get("/pl/find").headers["Location"] == "/pl/"

    def test_what_a_browser_prefers_changes_nothing(self, client: FlaskClient) -> None:
        plain = client.get("/about")
        asked = client.get("/about", headers={"Accept-Language": "pl"})
        assert asked.data == plain.data
        assert asked.headers["ETag"] == plain.headers["ETag"]
        assert "Accept-Language" not in asked.headers.get("Vary", "")
        assert "Set-Cookie" not in asked.headers

    def test_the_etag_tells_languages_apart(self, client: FlaskClient) -> None:
        english = client.get("/about")
        assert client.get("/pl/about", headers={"If-None-Match": english.headers["ETag"]}).status_code == 200


class TestLinks:
    def test_each_page_names_itself_in_all_languages(self, client: FlaskClient) -> None:
        for path in ("/about", "/pl/about"):
            html = client.get(path).text
            found = dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', html))
            assert found == {"en-GB": "/about", "pl": "/pl/about"}

    def test_a_link_leads_to_the_other_language(self, client: FlaskClient) -> None:
        assert '<a href="/pl/about" lang="pl" hreflang="pl">Polski</a>' in client.get("/about").text
        assert '<a href="/about" lang="en-GB" hreflang="en-GB">English</a>' in client.get("/pl/about").text

    def test_the_day_that_was_asked_for_goes_along(self, client: FlaskClient) -> None:
        html = client.get("/beat/market?as_of=2026-11-24").text
        assert 'href="/pl/beat/market?as_of=2026-11-24" lang="pl"' in html

    def test_an_answer_to_a_form_links_to_the_start(self, client: FlaskClient) -> None:
        """It has no address; what was typed must not get into one."""
        html = client.post("/find", data={"postcode": "ZZ1 1AB"}).text
        assert '<a href="/pl/" lang="pl"' in html
        assert not re.search(r'href="[^"]*ZZ1', html)

    @pytest.mark.parametrize("path", ["/nowhere", "/pl/nowhere", "/%22onclick=x", "/find"])
    def test_an_error_links_to_the_start(self, app: Flask, path: str) -> None:
        with app.test_request_context(path, method="POST"):
            assert [address for _, address in alternatives()] == ["/", "/pl/"]

    def test_a_path_with_two_slashes_leads_to_no_other_site(self, client: FlaskClient) -> None:
        for path in ("//evil.example/", "/pl//evil.example/"):
            assert not re.search(r'href="//', client.get(path).text)

    def test_query_text_stays_within_its_attribute(self, client: FlaskClient) -> None:
        html = client.get('/about?x="><script>').text
        assert "<script>" not in html

    def test_the_translation_is_said_to_be_unreviewed(self, client: FlaskClient) -> None:
        assert "rodzimy użytkownik języka" in client.get("/pl/about").text
        assert "native speaker" not in client.get("/about").text

    def test_local_addresses(self, app: Flask) -> None:
        assert local_url("/about") == "/about"
        assert local_url("/about", POLISH) == "/pl/about"
        with app.test_request_context("/pl/about"):
            assert local_url("/") == "/pl/"
            assert local_url("/about", ENGLISH) == "/about"
            assert current_language() is POLISH


class TestScripts:
    def test_a_polish_page_loads_its_words_before_what_says_them(self, client: FlaskClient) -> None:
        scripts = re.findall(r'<script type="module" src="([^"]+)">', client.get("/pl/").text)
        assert scripts[0].endswith("/js/catalogue_pl.js")
        assert len(scripts) > 1

    def test_an_english_page_loads_none(self, client: FlaskClient) -> None:
        assert "catalogue" not in client.get("/").text

    def test_the_words_are_served_for_ever(self, client: FlaskClient) -> None:
        (address,) = re.findall(r'src="([^"]+catalogue_pl.js)"', client.get("/pl/").text)
        answer = client.get(address)
        assert answer.mimetype == "text/javascript"
        assert "immutable" in answer.headers["Cache-Control"]
        assert "Przesuń mapę na północ" in answer.text
        assert "Godziny otwarcia" not in answer.text

    def test_only_what_scripts_say_is_sent(self) -> None:
        entries = Catalog(locale="pl")
        entries.add("Zoom in", "Przybliż", locations=[("web/static/js/map.js", None)])
        entries.add(("%(num)s km", "%(num)s km"), ("a", "b", "c"), locations=[("web/static/js/map.js", None)])
        entries.add("A page's", "Strony", locations=[("web/templates/home.html", None)])
        entries.add("Guessed", "Zgadnięte", locations=[("web/static/js/map.js", None)], flags=["fuzzy"])
        entries.add("Not done", "", locations=[("web/static/js/map.js", None)])
        script = Catalogue("pl", entries).script().decode()
        assert script == (
            'import { speak } from "./language.js";\n'
            'speak({"language":"pl","messages":{"%(num)s km":["a","b","c"],"Zoom in":"Przybliż"}});\n'
        )
        assert catalogue_script("pl") == "js/catalogue_pl.js"


class TestSpeech:
    def test_dates_and_times(self, app: Flask) -> None:
        with app.test_request_context("/pl/"):
            assert long_date(date(2026, 11, 2)) == "2 listopada 2026"
            assert day_month(date(2026, 5, 31)) == "31 maja"
            assert weekday_date(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == "czwartek 2 lipca"
            assert [clock_time(t) for t in (time(0, 0), time(9, 5), time(12, 0), time(17, 30))] == [
                "0:00",
                "9:05",
                "12:00",
                "17:30",
            ]

    def test_lists_and_shares(self, app: Flask) -> None:
        with app.test_request_context("/pl/"):
            assert listed(("Ely", "March", "Soham")) == "Ely, March i Soham"
            assert listed(["Ely", "March"], "or") == "Ely lub March"
            assert listed([]) == ""
            assert share_words(0.5) == "około połowy"

    def test_counts_and_plurals(self, app: Flask) -> None:
        texts = [
            worded_plural(
                "%(num)s place is called %(name)s. Choose one, or add the town or village.",
                "%(num)s places are called %(name)s. Choose one, or add the town or village.",
                count,
                name="Mill",
            )
            for count in (1, 3, 5, 22)
        ]
        with app.test_request_context("/pl/"):
            forms = [translated(text).split(" nos")[0] for text in texts]
            assert forms == ["1 miejsce", "3 miejsca", "5 miejsc", "22 miejsca"]
            assert translated(worded("What you typed")) == "Wpisany tekst"

    def test_long_counts_are_grouped_as_the_language_does(self, app: Flask) -> None:
        text = worded("%(typed)s is too long for a postcode (%(length)s characters).", typed="x", length=12_345)
        assert "12,345" in text
        with app.test_request_context("/pl/"):
            assert "12\xa0345" in translated(text)

    def test_errors(self, app: Flask) -> None:
        with app.test_request_context("/pl/"):
            assert error_text(InvalidInputError(worded("The postcode is empty."))) == "Kod pocztowy jest pusty."
            assert error_text(NotFoundError("Nobody knows this text.")) == "Nobody knows this text."
            assert error_text(NotFoundError()) == ""

    def test_text_from_right_to_left_is_kept_apart(self, app: Flask) -> None:
        text = worded("%(typed)s is not a UK postcode.", typed=worded("“%(text)s”", text="שלום 12"))
        assert translated(text) == "“\u2068שלום 12\u2069” is not a UK postcode."
        assert str(text) == "“שלום 12” is not a UK postcode."

    def test_a_day_within_a_sentence(self, app: Flask) -> None:
        text = worded(
            "No plan of beats was in force on %(day)s; the first began on %(first)s.",
            day=date(2026, 1, 2),
            first=date(2026, 3, 4),
        )
        with app.test_request_context("/pl/"):
            assert translated(text).startswith("W dniu 2 stycznia 2026 nie obowiązywał")

    def test_data_without_a_translation_is_marked_as_english(self, app: Flask) -> None:
        assert data_text("Step-free <entrance>") == "Step-free <entrance>"
        with app.test_request_context("/pl/"):
            assert data_text("Step-free <entrance>") == '<span lang="en">Step-free &lt;entrance&gt;</span>'
            assert data_text("wards", capital=True) == "Okręgi wyborcze (wards)"
            assert data_text("") == ""
        assert data_text("wards", capital=True) == "Wards"


class TestApi:
    def test_programs_are_answered_in_english(self, client: FlaskClient) -> None:
        answer = client.get("/api/v1/lookup?postcode=CB1", headers={"Accept-Language": "pl"})
        assert answer.status_code == 400
        assert answer.json["detail"].startswith("“CB1” is only the first half of a postcode.")
