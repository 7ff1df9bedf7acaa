"""Shards answer as a lookup does: for every postcode that the data has, and for those that it has not."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.tables import Table
from geo_policing.domain.postcodes import read_postcode
from geo_policing.errors import NotFoundError
from geo_policing.services.answers import Answer, NoteCode, Outcome
from geo_policing.services.choice_hints import names_near
from geo_policing.services.lookup import lookup
from geo_policing.services.postcode_shards import postcode_shards
from geo_policing.services.presentation import answer_to_json
from geo_policing.services.query_types import PostcodeQuery
from geo_policing.services.suggested_beats import suggest_beats
from geo_policing.services.view import View
from tests.support.live import tiny_live
from tests.support.tiny import PLACES, tables, write_tiny
from tests.support.views import tiny_view, view_of, view_without_plan

Told = dict[str, Any]
SAID_OF_ALL = (NoteCode.APPROXIMATE_DATA.value, NoteCode.NEIGHBOUR_UNNAMED.value)


def read(shard: dict[str, Any], inward: str) -> Told | None:
    """What a shard says of an inward code: written from its description alone, not from what makes it."""

    def parts(codes: str) -> list[str]:
        assert len(codes) % 3 == 0
        return [codes[at : at + 3] for at in range(0, len(codes), 3)]

    found: list[Told] = []
    if inward in parts(shard["terminated"]):
        found.append({"outcome": "terminated"})
    if inward in parts(shard["unlocated"]):
        found.append({"outcome": "not_found", "notes": [["unlocated"]]})
    found += [{"outcome": "one", "beats": [row]} for row, codes in enumerate(shard["one"]) if inward in parts(codes)]
    found += [
        {"outcome": "outside", **({"neighbour": name} if name else {})}
        for name, codes in shard["outside"].items()
        if inward in parts(codes)
    ]
    found += [shard["other"][inward]] if inward in shard["other"] else []
    assert len(found) <= 1, f"{inward} stands in a shard more than once"
    if not found:
        return None
    entry = found[0]
    beats = [shard["beats"][row] for row in entry.get("beats", ())]
    shares = entry.get("shares", [1.0] * len(beats))
    return {
        "outcome": entry["outcome"],
        "candidates": [(*beat, share) for beat, share in zip(beats, shares, strict=True)],
        "neighbour": entry.get("neighbour"),
        "notes": [tuple(note) for note in entry.get("notes", ())],
        "near": entry.get("near"),
    }


def told(view: View, answer: Answer) -> Told:
    """The same of an answer, by way of the JSON that the API gives."""
    content = answer_to_json(answer, view)
    near = names_near(view, answer)
    notes = [n for n in answer.notes if n.code.value not in SAID_OF_ALL]
    return {
        "outcome": content["outcome"],
        "candidates": [
            (c["beat"]["slug"], c["beat"]["name"], c["district"]["name"], c["share"]) for c in content["candidates"]
        ],
        "neighbour": content["neighbour"] and content["neighbour"]["name"],
        "notes": [(n.code.value, *(() if n.distance_m is None else (n.distance_m,))) for n in notes],
        "near": [list(near.get(c.beat.id, ())) for c in answer.candidates] if near else None,
    }


def check_every_postcode(view: View) -> int:
    """Compare shards and lookups for all postcodes of the view's data; gives how many there are."""
    shards = postcode_shards(view)
    codes = [str(code) for code in view.dataset["postcodes"]["postcode"].tolist()]
    for code in codes:
        answer = lookup(view, PostcodeQuery(read_postcode(code), code))
        assert read(shards.shard(code[:-3]), code[-3:]) == told(view, answer), code
    held = sum(
        len("".join([*s["one"], s["terminated"], s["unlocated"], *s["outside"].values()])) // 3 + len(s["other"])
        for s in map(shards.shard, shards.outward_codes)
    )
    assert held == len(codes)
    return held


class TestSameAnswers:
    def test_in_the_tiny_world(self, tmp_path: Path) -> None:
        view = tiny_view(tmp_path)
        assert check_every_postcode(view) == 10
        codes = view.dataset["postcodes"]["postcode"].tolist()
        outcomes = {lookup(view, PostcodeQuery(read_postcode(code), code)).outcome for code in codes}
        assert outcomes == set(Outcome) - {Outcome.AMBIGUOUS, Outcome.INVALID}

    def test_where_the_data_says_less(self, tmp_path: Path) -> None:
        check_every_postcode(tiny_view(tmp_path, approximate=True, absent=[{"what": "status", "effect": "unknown"}]))

    def test_by_another_plan(self, tmp_path: Path) -> None:
        dataset = write_tiny(tmp_path)
        check_every_postcode(view_of(dataset, beat_of_unit=[3, 2, 1, 0] * 2))

    def test_a_postcode_that_there_is_not(self, tmp_path: Path) -> None:
        shards = postcode_shards(tiny_view(tmp_path))
        assert read(shards.shard("ZZ1"), "9ZZ") is None
        with pytest.raises(NotFoundError, match="CB1"):
            shards.shard("CB1")


class TestShape:
    def test_of_the_tiny_world(self, tmp_path: Path) -> None:
        shards = postcode_shards(tiny_view(tmp_path))
        assert shards.outward_codes == ("ZZ1", "ZZ9")
        shard = shards.shard("ZZ1")
        assert shard["terminated"] == "1AD"
        assert shard["unlocated"] == "1AE"
        assert shard["outside"] == {"Farham": "1AG"}
        assert shard["other"]["1AH"] == {"outcome": "one", "beats": [0], "notes": [["snapped_to_nearest_unit", 20]]}
        assert shard["other"]["1AB"]["shares"] == [0.6, 0.4]

    def test_nothing_of_it_is_about_people(self, tmp_path: Path) -> None:
        shards = postcode_shards(tiny_view(tmp_path))
        assert b"7101" not in orjson.dumps(shards.shard("ZZ1"))

    def test_is_made_once(self, tmp_path: Path) -> None:
        view = tiny_view(tmp_path)
        assert postcode_shards(view) is postcode_shards(view)
        assert postcode_shards(view).shard("ZZ1") is postcode_shards(view).shard("ZZ1")

    def test_none_without_a_plan(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="no plan"):
            postcode_shards(view_without_plan(write_tiny(tmp_path), date(2026, 1, 1), None))


class TestVersion:
    def test_follows_what_is_answered(self, tmp_path: Path) -> None:
        dataset = write_tiny(tmp_path)
        version = postcode_shards(view_of(dataset)).version
        assert postcode_shards(view_of(dataset, day=date(2026, 4, 1))).version == version
        assert postcode_shards(view_of(dataset, beat_of_unit=[1, 0, 2, 3] * 2)).version != version
        other = write_tiny(tmp_path / "other", title="Another world")
        assert postcode_shards(view_of(other)).version != version


class TestNamesLikePostcodes:
    def test_a_village_that_reads_as_one(self, tmp_path: Path) -> None:
        names = [row[1] for row in PLACES]
        assert postcode_shards(tiny_view(tmp_path / "plain")).names_like_postcodes == ()
        places = Table.of("places", **{**tables()["places"].columns, "name": np.array([*names[:-1], "Sol Oab"])})
        dataset = write_tiny(tmp_path, changed_tables={"places": places})
        assert postcode_shards(view_of(dataset)).names_like_postcodes == ("sol oab",)


def test_in_a_live_view(tmp_path: Path) -> None:
    live = tiny_live(tmp_path)
    assert check_every_postcode(live.view()) == 10
    live.close()


@pytest.mark.real_files
@pytest.mark.slow
def test_every_postcode_of_the_real_files(real_dataset: Dataset) -> None:
    suggested = suggest_beats(real_dataset)
    view = view_of(real_dataset, beats=suggested.beats, beat_of_unit=suggested.beat_of_unit)
    assert check_every_postcode(view) > 70_000
    shards = postcode_shards(view)
    sizes = [len(gzip.compress(orjson.dumps(shards.shard(outward)), 6)) for outward in shards.outward_codes]
    assert max(sizes) <= 12_000
    assert sorted(sizes)[len(sizes) // 2] <= 3_500
    # A village and a street, with O for 0 and L for 1: H0 1ME and SA11 0WS. Their names go first.
    assert shards.names_like_postcodes == ("holme", "sallows")
