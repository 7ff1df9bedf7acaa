"""What is kept of slow reads: made once, told apart by all it depends on, in either encoding."""

from __future__ import annotations

import gzip

import pytest
from flask import Flask

from geo_policing.api.kept import kept

ZIPPED = {"Accept-Encoding": "gzip"}
PLAIN = {"Accept-Encoding": "identity"}


@pytest.fixture
def app() -> Flask:
    return Flask(__name__)


def test_the_same_question_is_answered_once(app: Flask):
    made = []

    def make() -> str:
        made.append(1)
        return "a long table " * 100

    bodies = []
    for headers in (ZIPPED, PLAIN, ZIPPED):
        with app.test_request_context(headers=headers):
            response = kept(make, "page", 1)
            bodies.append((response.content_encoding, response.get_data()))
    assert len(made) == 1
    assert [encoding for encoding, _ in bodies] == ["gzip", None, "gzip"]
    assert gzip.decompress(bodies[0][1]) == bodies[1][1] == make().encode()


def test_another_revision_is_made_anew(app: Flask):
    with app.test_request_context(headers=PLAIN):
        assert kept(lambda: "one", "page", 1).get_data() == b"one"
        assert kept(lambda: b"two", "page", 2).get_data() == b"two"
        assert kept(lambda: "three", "page", 1, mimetype="text/csv").get_data() == b"three"


def test_what_the_client_holds_is_not_made(app: Flask):
    with app.test_request_context(headers=PLAIN):
        tag = kept(lambda: "one", "page", 1).headers["ETag"]
    with app.test_request_context(headers=PLAIN | {"If-None-Match": tag}):
        response = kept(lambda: pytest.fail("made"), "page", 1)
        assert response.status_code == 304
        assert response.get_data() == b""


def test_applications_keep_their_own(app: Flask):
    with app.test_request_context(headers=PLAIN):
        kept(lambda: "one", "page")
    with Flask("other").test_request_context(headers=PLAIN):
        assert kept(lambda: "two", "page").get_data() == b"two"
