"""Who covers a beat, from the database to the answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from geo_policing.cli_lookup import answer_in_words
from geo_policing.domain.covers import Cover
from geo_policing.services.answers import Answer
from geo_policing.services.live import Live
from geo_policing.services.lookup import lookup
from geo_policing.services.presentation import answer_to_json
from geo_policing.services.queries import parse_query
from geo_policing.services.view import View
from geo_policing.storage import covers, postings
from geo_policing.storage.audit import Change
from tests.support.live import NOON, tiny_live

ANN = Change("ann", NOON)
TODAY = date(2026, 6, 3)
UNTIL = date(2026, 6, 30)


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    """The tiny world in which the PCSO of Abbey (Westham) left yesterday, and Market's covers until 30 June."""
    live = tiny_live(tmp_path)
    at = {slug: beat_id(live.view(), slug) for slug in ("abbey-westham", "market")}
    posted = live.view().postings
    gone, lent = posted[at["abbey-westham"]][0], posted[at["market"]][0]
    with live.database.write() as connection:
        postings.end(connection, gone.id, gone.starts_on, ANN)
        covers.add(connection, Cover(0, gone.beat_id, lent.id, TODAY, UNTIL), ANN)
    yield live
    live.close()


def beat_id(view: View, slug: str) -> str:
    assert view.plan is not None
    return next(beat.id for beat in view.plan.beats if beat.slug == slug)


def answer_on(live: Live, day: date) -> tuple[Answer, View]:
    view = live.view(day)
    return lookup(view, parse_query({"postcode": "ZZ1 1AA"})), view


def test_the_cover_is_in_the_team_and_says_whence(live: Live) -> None:
    answer, view = answer_on(live, TODAY + timedelta(days=1))
    (post,) = answer_to_json(answer, view)["candidates"][0]["team"]
    market = beat_id(view, "market")
    expected = {"beat": {"id": market, "slug": "market", "name": "Market"}, "until": "2026-06-30"}
    assert post["covering"] == expected
    assert post["collar_number"] == view.postings[market][0].collar_number
    words = answer_in_words(answer)
    assert "nobody is posted there now" in words
    assert f"covered from Market until 2026-06-30: {post['collar_number']}" in words


def test_own_posts_cover_nothing(live: Live) -> None:
    answer, view = answer_on(live, TODAY)
    own, lent = answer_to_json(answer, view)["candidates"][0]["team"]
    assert own["covering"] is None
    assert lent["covering"] is not None


def test_a_cover_ends_on_its_last_day(live: Live) -> None:
    for day, count in ((UNTIL, 1), (UNTIL + timedelta(days=1), 0)):
        answer, view = answer_on(live, day)
        assert len(answer_to_json(answer, view)["candidates"][0]["team"]) == count


def test_a_cover_ends_with_the_posting_that_it_lends(live: Live) -> None:
    lent = live.view().postings[beat_id(live.view(), "market")][0]
    with live.database.write() as connection:
        postings.end(connection, lent.id, TODAY, ANN)
    answer, _ = answer_on(live, TODAY + timedelta(days=1))
    assert (answer.candidates[0].team, answer.candidates[0].cover) == ((), ())


def test_what_people_record_has_a_date(live: Live) -> None:
    recorded = live.view().recorded
    assert {kind for kind, _ in recorded} == {"posting", "cover", "facility", "action_team"}
    assert recorded["cover", "1"] == NOON
