"""The published JSON shape of an answer."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from geo_policing.services.lookup import lookup
from geo_policing.services.presentation import answer_to_json, shown_share
from geo_policing.services.queries import parse_query
from tests.support.views import tiny_view

KEYS = {
    "outcome",
    "candidates",
    "places",
    "neighbour",
    "method",
    "accuracy_m",
    "data_version",
    "as_of",
    "corrected",
    "notes",
    "approximate",
    "message",
}


def test_a_located_postcode_in_full(tmp_path: Path) -> None:
    view = tiny_view(tmp_path)
    content = answer_to_json(lookup(view, parse_query({"postcode": "ZZ1 IAB"})), view)
    west = {"code": "X01", "name": "Westham"}
    north = {"code": "north", "name": "North"}
    assert content == {
        "outcome": "many",
        "candidates": [
            {
                "beat": {"id": "b1", "slug": "abbey-westham", "name": "Abbey"},
                "share": 0.6,
                "district": west,
                "area": north,
                "team": [
                    {
                        "role": "pcso",
                        "collar_number": "PCSO 7101",
                        "name": None,
                        "fte": 1.0,
                        "contact": {"email": "b1@example.org", "telephone": None},
                        "illustrative": True,
                        "covering": None,
                    }
                ],
            },
            {
                "beat": {"id": "b2", "slug": "market", "name": "Market"},
                "share": 0.4,
                "district": west,
                "area": north,
                "team": [],
            },
        ],
        "places": [],
        "neighbour": None,
        "method": "postcode_voronoi_area",
        "accuracy_m": 10.0,
        "data_version": view.dataset.data_version,
        "as_of": "2026-03-02",
        "corrected": {"typed": "ZZ1 IAB", "read_as": "ZZ1 1AB"},
        "notes": [],
        "approximate": False,
        "message": "",
    }


def test_every_outcome_has_the_same_keys_and_is_json(tmp_path: Path) -> None:
    view = tiny_view(tmp_path, approximate=True)
    for params in (
        {"postcode": "ZZ1 1AD"},
        {"postcode": "ZZ1 1AG"},
        {"postcode": "ZZ1 1AE"},
        {"place": "Mill Road"},
        {"place": "Xyzzy"},
        {"grid_ref": "TL4060"},
    ):
        answer = lookup(view, parse_query(params))
        content = answer_to_json(answer, view)
        assert set(content) == KEYS
        assert json.loads(json.dumps(content, allow_nan=False)) == content
    option = answer_to_json(lookup(view, parse_query({"place": "Mill Road"})), view)["places"][0]
    assert option == {
        "id": "mill-road-eastham",
        "name": "Mill Road",
        "kind": "street",
        "near": "Fen End",
        "district": {"code": "X02", "name": "Eastham"},
    }


def test_shares_and_accuracy_are_rounded_but_never_to_nothing(tmp_path: Path) -> None:
    assert (shown_share(1 / 3), shown_share(1e-9), shown_share(1.0)) == (0.3333, 0.0001, 1.0)
    view = tiny_view(tmp_path)
    answer = replace(lookup(view, parse_query({"postcode": "ZZ1 1AA"})), accuracy_m=707.1067811865476)
    assert answer_to_json(answer, view)["accuracy_m"] == 707.1
