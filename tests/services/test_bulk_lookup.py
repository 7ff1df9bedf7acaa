"""Many rows: the same answers as one by one, in order, and nothing that fails the others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_policing.datasets.findings import STATUS_ABSENT
from geo_policing.errors import InvalidInputError
from geo_policing.services import bulk_answers
from geo_policing.services.answers import Outcome
from geo_policing.services.bulk_lookup import ROWS_PER_CHUNK, answer_chunk, lookup_rows
from geo_policing.services.lookup import invalid_answer, lookup
from geo_policing.services.queries import parse_query
from geo_policing.services.view import View
from tests.support import tiny
from tests.support.views import FIRST_PLAN, tiny_view, view_without_plan

POSTCODES = [code for code, *_ in tiny.POSTCODES]
VALUES = st.one_of(
    st.sampled_from(
        [*POSTCODES, "zz1 1ab", "ZZ1 IAA", "CB1 1JG", "JE2 3AB", "", "ZZ1", "Mill Road", "Fen End", "TL4060"]
    ),
    st.floats(allow_nan=True),
    st.integers(),
    st.booleans(),
    st.none(),
    st.text(max_size=8),
    st.lists(st.integers(), max_size=1),
)
NAMES = st.sampled_from(
    ["postcode", "lat", "lon", "easting", "northing", "grid_ref", "place", "place_id", "as_of", "z"]
)
POINTS = st.one_of(
    st.fixed_dictionaries({"easting": st.floats(539_000, 546_000), "northing": st.integers(259_000, 263_000)}),
    st.fixed_dictionaries({"lat": st.floats(52.2, 52.25), "lon": st.floats(0.03, 0.13).map(str)}),
    st.fixed_dictionaries(
        {
            "easting": st.integers(5390, 5460).map(lambda e: str(e * 100)),
            "northing": st.sampled_from(["260000", "261000"]),
        }
    ),
)
ROWS = st.one_of(
    POINTS,
    st.fixed_dictionaries({"postcode": st.sampled_from([*POSTCODES, *(code.lower() for code in POSTCODES)])}),
    st.dictionaries(NAMES, VALUES, max_size=3),
)


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> View:
    return tiny_view(tmp_path_factory.mktemp("tiny"))


def one_by_one(view: View, row: dict[str, Any]) -> Any:
    try:
        texts = {k: v if isinstance(v, str) else repr(v) for k, v in row.items() if v is not None}
        return lookup(view, parse_query(texts))
    except InvalidInputError as error:
        return invalid_answer(view, error)


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(ROWS, max_size=8))
def test_bulk_answers_are_those_of_single_lookups(view: View, rows: list[dict[str, Any]]) -> None:
    answers = list(lookup_rows(view, rows))
    assert len(answers) == len(rows)
    for row, answer in zip(rows, answers, strict=True):
        if any(isinstance(value, bool | list) for value in row.values()) or "as_of" in row:
            assert isinstance(answer.outcome, Outcome)
        else:
            assert answer == one_by_one(view, row)


@pytest.mark.parametrize("changes", [{}, {"approximate": True}, {"absent": [{"what": STATUS_ABSENT, "effect": ""}]}])
def test_every_postcode_in_bulk_is_as_alone(tmp_path: Path, changes: dict[str, Any]) -> None:
    view = tiny_view(tmp_path, **changes)
    rows = [{"postcode": code} for code in POSTCODES * 2]
    assert list(lookup_rows(view, rows)) == [one_by_one(view, row) for row in rows]
    early = view_without_plan(view.dataset, date(2025, 1, 1), FIRST_PLAN)
    assert list(lookup_rows(early, rows)) == [one_by_one(early, row) for row in rows]


def test_order_is_kept_across_chunks(view: View) -> None:
    def rows() -> Iterator[dict[str, str]]:
        for i in range(ROWS_PER_CHUNK * 2 + 7):
            yield (
                {"postcode": POSTCODES[i % 10]} if i % 3 else {"easting": "540500", "northing": str(260_000 + i % 2000)}
            )

    answers = list(lookup_rows(view, rows()))
    assert [a.asked for a in answers] == [one_by_one(view, row).asked for row in rows()]


def test_rows_are_taken_as_they_are_needed(view: View) -> None:
    taken = 0

    def rows() -> Iterator[dict[str, str]]:
        nonlocal taken
        while True:
            taken += 1
            yield {"postcode": "ZZ1 1AA"}

    answers = lookup_rows(view, rows())
    assert next(answers).outcome is Outcome.ONE
    assert taken <= ROWS_PER_CHUNK


@pytest.mark.parametrize(
    ("row", "field", "said"),
    [
        (3, None, "not an object"),
        (None, None, "not an object"),
        ({"postcode": True}, "postcode", "neither text nor a number"),
        ({"postcode": ["ZZ1 1AA"]}, "postcode", "neither text nor a number"),
        ({"postcode": None}, None, "Nothing was asked"),
        ({}, None, "Nothing was asked"),
        ({"lat": float("nan"), "lon": 0.1}, "lat", "not a number"),
        ({"lat": 0.1, "lon": 52.2}, "lat", "swapped"),
        ({"postcode": "ZZ1 1AA", "as_of": "2020-01-01"}, "as_of", "call of its own"),
    ],
)
def test_what_is_wrong_with_a_row_is_its_own_answer(view: View, row: Any, field: str | None, said: str) -> None:
    before, answer, after = lookup_rows(view, [{"postcode": "ZZ1 1AA"}, row, {"postcode": "ZZ1 1AA"}])
    assert (before.outcome, after.outcome) == (Outcome.ONE, Outcome.ONE)
    assert (answer.outcome, answer.field) == (Outcome.INVALID, field)
    assert said in answer.message


def test_a_row_may_ask_for_another_day(view: View) -> None:
    early = view_without_plan(view.dataset, date(2025, 1, 1), FIRST_PLAN)
    days = []

    def view_on(day: date) -> View:
        days.append(day)
        return early

    rows = [{"postcode": "ZZ1 1AA", "as_of": "2025-01-01"}, {"postcode": "ZZ1 1AA", "as_of": view.as_of.isoformat()}]
    there, here = lookup_rows(view, rows, view_on=view_on)
    assert (there.outcome, there.as_of, here.outcome) == (Outcome.NOT_FOUND, date(2025, 1, 1), Outcome.ONE)
    assert days == [date(2025, 1, 1)]


def test_an_error_among_the_rows_is_answered(view: View) -> None:
    (answer,) = answer_chunk(view, [InvalidInputError("too many cells")])
    assert (answer.outcome, answer.message) == (Outcome.INVALID, "too many cells")


def test_what_is_kept_for_copying_is_bounded(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_answers.Copies, "MOST_KEPT", 2)
    copies = bulk_answers.Copies()
    template = one_by_one(view, {"postcode": "ZZ1 1AA"})
    for sort in range(5):
        assert copies.like(sort, f"{sort}", lambda: template).asked == str(sort)
        assert len(copies._first) <= 2
