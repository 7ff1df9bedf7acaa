"""The accessibility statement and the privacy notice: linked from everywhere, and true of the program."""

from __future__ import annotations

import logging
from pathlib import Path

import orjson
import pytest
from flask.testing import FlaskClient

from tests.support.web import app_over, text_of

TOLD_OPERATOR = {"operator": "Fen Trust", "contact": "web@police.example", "log_days": 14}


@pytest.mark.parametrize("path", ["/", "/beat/market", "/about", "/nowhere", "/pl/"])
def test_every_page_leads_to_them(client: FlaskClient, path: str) -> None:
    html = client.get(path).text
    prefix = "/pl" if path.startswith("/pl") else ""
    for name in ("accessibility", "privacy"):
        assert f'href="{prefix}/{name}"' in html
        assert client.get(f"{prefix}/{name}").status_code == 200


def test_they_name_whom_to_tell(tiny_dir: Path) -> None:
    client = app_over(tiny_dir, settings=TOLD_OPERATOR).test_client()
    assert "mailto:web@police.example?subject=Accessibility" in client.get("/accessibility").text
    privacy = text_of(client.get("/privacy").text)
    assert "Who runs it Fen Trust" in privacy
    assert "The operator deletes these lines after 14 days." in privacy


def test_they_do_not_pretend_where_the_operator_said_nothing(client: FlaskClient) -> None:
    privacy = text_of(client.get("/privacy").text)
    assert "has not said who they are" in privacy
    assert "How long these lines are kept, the operator has not said." in privacy
    assert "given no address" in text_of(client.get("/accessibility").text)


def test_the_duty_of_public_bodies_is_told_by_the_force_alone(tiny_dir: Path) -> None:
    for official in (False, True):
        client = app_over(tiny_dir, settings={"official": official}).test_client()
        assert ("Equality and Human Rights Commission" in client.get("/accessibility").text) is official


def test_the_log_holds_what_the_notice_lists_and_no_more(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="geo_policing.access"):
        client.get("/beat/market", headers={"User-Agent": "Somebody's phone", "Referer": "https://elsewhere.example/"})
    (line,) = [orjson.loads(r.message) for r in caplog.records if r.name == "geo_policing.access"]
    assert set(line) == {"time", "event", "method", "route", "status", "bytes", "duration_ms", "request_id"}
    assert line["route"] == "/beat/<slug>"
