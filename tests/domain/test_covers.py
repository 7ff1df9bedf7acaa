from __future__ import annotations

from datetime import date

import pytest

from geo_policing.domain.covers import Cover, Covering
from geo_policing.domain.postings import Posting, Role

FIRST, LAST = date(2026, 3, 2), date(2026, 3, 31)


@pytest.mark.parametrize(
    ("day", "holds"), [(date(2026, 3, 1), False), (FIRST, True), (LAST, True), (date(2026, 4, 1), False)]
)
def test_a_cover_holds_on_its_first_and_last_day(day: date, holds: bool) -> None:
    assert Cover(1, "b1", 7, FIRST, LAST).holds_on(day) is holds


def test_a_cover_without_an_end_goes_on() -> None:
    assert Cover(1, "b1", 7, FIRST).holds_on(date(2099, 1, 1))


def test_a_cover_may_last_one_day_and_no_less() -> None:
    assert Cover(1, "b1", 7, FIRST, FIRST).holds_on(FIRST)
    with pytest.raises(ValueError, match="cover of beat b1: ends 2026-03-02 before it starts 2026-03-31"):
        Cover(1, "b1", 7, LAST, FIRST)


def test_covering_speaks_of_the_beat_that_is_covered() -> None:
    lent = Posting(7, "b2", Role.PCSO, "PCSO 1", 1.0, FIRST)
    assert Covering(Cover(1, "b1", 7, FIRST), lent).beat_id == "b1"
