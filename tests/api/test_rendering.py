from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.api.rendering import clock_time, listed, long_date, share_words


class TestDates:
    def test_are_written_in_full(self) -> None:
        assert long_date(date(2026, 11, 2)) == "2 November 2026"

    def test_of_a_moment_are_londons(self) -> None:
        assert long_date(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) == "1 July 2026"

    @pytest.mark.parametrize(
        ("hour", "minute", "text"),
        [
            (9, 0, "9am"),
            (9, 5, "9:05am"),
            (12, 0, "midday"),
            (12, 30, "12:30pm"),
            (0, 0, "midnight"),
            (23, 59, "11:59pm"),
        ],
    )
    def test_times_read_as_on_gov_uk(self, hour: int, minute: int, text: str) -> None:
        assert clock_time(datetime(2026, 1, 5, hour, minute, tzinfo=UTC)) == text


class TestShares:
    @pytest.mark.parametrize(
        ("share", "words"),
        [(1.0, "most"), (0.6, "more than half"), (0.5, "about half"), (0.4, "less than half"), (1 / 3, "about a third"),
         (0.25, "about a quarter"), (0.1, "a small part"), (1e-9, "a very small part")],
    )  # fmt: skip
    def test_are_told_in_words(self, share: float, words: str) -> None:
        assert share_words(share) == words

    @given(st.floats(min_value=0, max_value=1, exclude_min=True))
    def test_every_share_has_words(self, share: float) -> None:
        assert share_words(share)


class TestLists:
    @pytest.mark.parametrize(
        ("names", "text"), [((), ""), (("A",), "A"), (("A", "B"), "A and B"), (("A", "B", "C"), "A, B and C")]
    )
    def test_read_as_sentences(self, names: tuple[str, ...], text: str) -> None:
        assert listed(names) == text
