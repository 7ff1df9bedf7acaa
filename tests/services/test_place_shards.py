from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.domain.place_names import fold
from geo_policing.errors import NotFoundError
from geo_policing.services.place_shards import key_of, place_shards
from tests.support.tiny import PLACES
from tests.support.views import tiny_view


def test_every_place_stands_in_the_shard_of_its_name(tmp_path: Path) -> None:
    shards = place_shards(tiny_view(tmp_path))
    assert shards.keys == ("ea", "fe", "mi", "ov", "sa")
    ids = set()
    for key in shards.keys:
        for name, places in shards.shard(key)["names"].items():
            assert key_of(name) == key
            assert all(fold(place["name"]) == name for place in places)
            ids |= {place["id"] for place in places}
    assert ids == {row[0] for row in PLACES}


def test_a_place_is_told_as_a_search_answers(tmp_path: Path) -> None:
    shard = place_shards(tiny_view(tmp_path)).shard("mi")
    beats = [beat[0] for beat in shard["beats"]]
    told = [(p["id"], p["near"], p["in"], p["outcome"], beats[p["beats"][0]]) for p in shard["names"]["mill road"]]
    assert told == [
        ("mill-road-eastham", "Fen End", "Eastham", "one", "abbey-eastham"),
        ("mill-road-westham", "Market", "Westham", "one", "abbey-westham"),
    ]


def test_over_the_border_and_in_several_beats(tmp_path: Path) -> None:
    shards = place_shards(tiny_view(tmp_path))
    (over,) = shards.shard("ov")["names"]["over there"]
    assert (over["outcome"], over["neighbour"]) == ("outside", "Farham")
    (street,) = shards.shard("sa")["names"]["saint marys street"]
    assert (street["outcome"], street["shares"], street["method"]) == ("many", [0.5, 0.5], "street_length")


def test_a_key_that_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="zz"):
        place_shards(tiny_view(tmp_path)).shard("zz")


@given(st.text(max_size=20))
def test_a_key_can_stand_in_an_address(name: str) -> None:
    key = key_of(fold(name))
    assert len(key) == 2
    assert all(c in "abcdefghijklmnopqrstuvwxyz0123456789_" for c in key)
