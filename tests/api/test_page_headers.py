"""What pages carry beside their text: tags for caches, compression, guards, and how much they weigh."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.web import app_over, tiny_app


class TestCaching:
    @pytest.mark.parametrize("path", ["/", "/about", "/beat/market"])
    def test_answers_304_while_nothing_changed(self, client: FlaskClient, path: str) -> None:
        first = client.get(path)
        assert first.headers["Cache-Control"] == "no-cache"
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]

    def test_gives_each_page_encoding_and_day_its_own_strong_tag(self, tmp_path: Path, client: FlaskClient) -> None:
        tags = [
            client.get("/beat/market").headers["ETag"],
            client.get("/beat/fen-end").headers["ETag"],
            client.get("/beat/market", headers={"Accept-Encoding": "gzip"}).headers["ETag"],
            client.get("/beat/market?as_of=2027-01-01").headers["ETag"],
        ]
        assert len(set(tags)) == len(tags)
        assert all(re.fullmatch(r'"[0-9a-f]+"', tag) for tag in tags)

    def test_a_page_that_tells_of_an_outage_is_another_page(self, tmp_path: Path) -> None:
        client = tiny_app(tmp_path).test_client()
        before = client.get("/beat/market").headers["ETag"]
        database = tmp_path / "geo_policing.sqlite"
        database.rename(tmp_path / "away")
        stale = client.get("/beat/market", headers={"If-None-Match": before})
        assert stale.status_code == 200
        assert "has not been reachable since" in stale.text
        assert stale.headers["ETag"] != before

    def test_words_of_answers_have_another_address_for_another_operator(self, tiny_dir: Path) -> None:
        def address(**settings: str) -> str:
            html = app_over(tiny_dir, settings=settings).test_client().get("/").text
            (found,) = set(re.findall(r'data-outcomes="([^"]+)"', html))
            return found

        assert address() == address()
        assert address() != address(contact="police@example.org")
        words = app_over(tiny_dir).test_client().get(address())
        assert "immutable" in words.headers["Cache-Control"]
        assert app_over(tiny_dir).test_client().get("/outcomes/0.html").headers["Cache-Control"] == "no-cache"

    def test_compresses_for_those_who_take_it(self, client: FlaskClient) -> None:
        plain = client.get("/")
        packed = client.get("/", headers={"Accept-Encoding": "gzip"})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in packed.headers["Vary"]
        assert "Content-Encoding" not in plain.headers
        assert "Accept-Encoding" in plain.headers["Vary"]
        assert len(packed.data) < len(plain.data) / 2

    def test_heads_are_as_the_pages_without_their_bodies(self, client: FlaskClient) -> None:
        for path in ("/", "/beat/market"):
            head, got = client.head(path), client.get(path)
            assert head.data == b""
            assert head.headers["ETag"] == got.headers["ETag"]
            assert head.headers["Content-Length"] == got.headers["Content-Length"]


# A script that is neither one of our own files nor data.
INLINE = r'<script(?! type="(?:module" src="/assets/|application/ld\+json"))'


class TestSecurity:
    def test_pages_allow_nothing_but_our_own(self, client: FlaskClient) -> None:
        policy = client.get("/").headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy

    @pytest.mark.parametrize("path", ["/", "/about", "/beat/market", "/nowhere", "/api/v1/lookup", "/healthz"])
    def test_every_answer_carries_the_guards(self, client: FlaskClient, path: str) -> None:
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "geolocation=()" in headers["Permissions-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "Set-Cookie" not in headers

    def test_pages_hold_no_inline_style_nor_script_nor_foreign_file(self, app: Flask, client: FlaskClient) -> None:
        pages = [client.get(p).text for p in ("/", "/about", "/beat/market", "/nowhere")]
        typed = ("ZZ1 1AB", "Mill Road", "ZZ1 1AG", "ZZ1 1AD", "ZZI 1AA", "")
        pages += [client.post("/find", data={"postcode": each}).text for each in typed]
        for html in pages:
            assert not re.search(INLINE + r"|<style|\sstyle=|\son[a-z]+=|javascript:", html)
            assert not re.search(r'(?:src|srcset|action)="(?:https?:)?//|<link[^>]*href="(?:https?:)?//', html)
            assert html.count("<h1") == 1
            assert '<html lang="en-GB" dir="ltr">' in html


class TestWeight:
    def test_a_page_and_its_files_before_the_map_stay_below_60_kb(self, client: FlaskClient) -> None:
        html = client.get("/beat/market")
        paths = [p for p in re.findall(r'(?:href|src)="(/assets/[^"]+)"', html.text) if not re.search("map|leaflet", p)]
        assert {p.rsplit("/", 1)[1] for p in paths} >= {"style.css", "icon.svg", "share.js"}
        whole = len(html.data) + sum(len(client.get(path).data) for path in paths)
        assert whole < 60_000
