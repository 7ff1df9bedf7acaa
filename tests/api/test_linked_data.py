"""The page for search engines: schema.org's words, whole addresses, nothing made up."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from geo_policing.clock import LONDON
from geo_policing.domain.events import Event
from tests.support.still import beat_id, stand_still, view_of_app
from tests.support.web import app_over

START = datetime(2026, 12, 1, 18, 30, tzinfo=LONDON)


def linked(client: FlaskClient, path: str = "/beat/market") -> dict[str, Any]:
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', client.get(path).text)
    assert len(found) == 1
    read: dict[str, Any] = json.loads(found[0])
    return read


def test_says_what_the_page_is_about(tiny_dir: Path) -> None:
    client = app_over(tiny_dir, settings={"public_url": "https://police.example"}).test_client()
    found = linked(client)
    assert (found["@context"], found["@type"]) == ("https://schema.org", "GovernmentService")
    assert found["url"] == "https://police.example/beat/market"
    assert found["provider"] == {"@type": "GovernmentOrganization", "name": "Tiny Constabulary", "telephone": "101"}
    assert found["areaServed"]["containedInPlace"]["name"] == "Westham"
    assert linked(client, "/pl/beat/market")["inLanguage"] == "pl"


def test_leaves_out_what_was_made_up(client: FlaskClient) -> None:
    assert linked(client)["availableChannel"]["serviceLocation"] == []
    assert "subjectOf" not in linked(client, "/beat/fen-end")


def test_tells_hours_only_where_they_were_checked(app: Flask) -> None:
    view = view_of_app(app)

    def station(checked: date | None) -> dict[str, Any]:
        stand_still(app, facilities=tuple(replace(f, illustrative=False, verified_on=checked) for f in view.facilities))
        (found,) = linked(app.test_client())["availableChannel"]["serviceLocation"]
        return dict(found)

    assert "openingHoursSpecification" not in station(None)
    known = station(date(2026, 11, 1))
    assert known["@type"] == "PoliceStation"
    assert known["address"]["postalCode"] == "ZZ1 1AA"
    assert known["openingHoursSpecification"][0] == {
        "@type": "OpeningHoursSpecification",
        "opens": "09:00",
        "closes": "17:00",
        "validFrom": "2026-11-23",
        "validThrough": "2026-11-23",
    }


def test_tells_events(app: Flask) -> None:
    market = beat_id(view_of_app(app), "market")
    full = Event(1, market, "Surgery", START, START + timedelta(hours=1), "Library")
    stand_still(app, events={market: (full, Event(2, market, "Stall", START))})
    surgery, stall = linked(app.test_client())["subjectOf"]
    assert (surgery["startDate"], surgery["endDate"]) == ("2026-12-01T18:30:00+00:00", "2026-12-01T19:30:00+00:00")
    assert surgery["location"]["name"] == "Library"
    assert "endDate" not in stall
    assert "location" not in stall
