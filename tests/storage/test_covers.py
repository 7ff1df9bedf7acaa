from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from geo_policing.domain.beats import Beat
from geo_policing.domain.covers import Cover
from geo_policing.domain.postings import Posting, Role
from geo_policing.errors import DatabaseError, NotFoundError, RuleError
from geo_policing.storage import audit, covers, plans, postings
from geo_policing.storage.audit import Change
from geo_policing.storage.database import Database

DAY = date(2026, 6, 3)
ANN = Change("ann", datetime(2026, 6, 3, 12, tzinfo=UTC))
LATER = Change("bob", datetime(2026, 6, 9, 8, 30, tzinfo=UTC))


@pytest.fixture
def posting(database: Database) -> Posting:
    """A PCSO of Market, beside whom there is the beat Abbey."""
    with database.write() as connection:
        plan_id = plans.create(connection, plans.NewPlan("A", "v1", "planner", "by hand", DAY), ANN)
        beats = [Beat("b001", "abbey", "Abbey", "X01"), Beat("b002", "market", "Market", "X01")]
        plans.add_beats(connection, plan_id, beats)
        return postings.add(connection, Posting(0, "b002", Role.PCSO, "PCSO 1", 1.0, DAY), ANN)


def test_a_cover_comes_back_as_it_was(database: Database, posting: Posting) -> None:
    asked = Cover(0, "b001", posting.id, DAY, date(2026, 6, 30))
    with database.write() as connection:
        stored = covers.add(connection, asked, ANN)
    with database.read() as connection:
        assert covers.every(connection) == (replace(asked, id=stored.id),)
        (entry,) = audit.entries(connection, subject_kind="cover")
    assert (entry.actor, entry.action, entry.detail) == ("ann", "add", {"beat": "b001", "posting": posting.id})


def test_a_cover_ends(database: Database, posting: Posting) -> None:
    with database.write() as connection:
        stored = covers.add(connection, Cover(0, "b001", posting.id, DAY), ANN)
        covers.end(connection, stored.id, DAY, LATER)
    with database.read() as connection:
        assert covers.every(connection)[0].ends_on == DAY
        changes = audit.last_changes(connection, ("cover", "posting"))
    assert changes == {("cover", str(stored.id)): LATER.at, ("posting", str(posting.id)): ANN.at}


def test_nobody_covers_the_own_beat(database: Database, posting: Posting) -> None:
    with pytest.raises(RuleError, match="is on beat b002 already"), database.write() as connection:
        covers.add(connection, Cover(0, "b002", posting.id, DAY), ANN)


def test_what_is_not_there_is_named(database: Database, posting: Posting) -> None:
    with pytest.raises(NotFoundError, match="no posting 99"), database.write() as connection:
        covers.add(connection, Cover(0, "b001", 99, DAY), ANN)
    with pytest.raises(NotFoundError, match="no cover 99"), database.write() as connection:
        covers.end(connection, 99, DAY, ANN)
    with pytest.raises(DatabaseError), database.write() as connection:
        covers.add(connection, Cover(0, "nowhere", posting.id, DAY), ANN)


def test_a_cover_cannot_end_before_it_starts(database: Database, posting: Posting) -> None:
    with database.write() as connection:
        stored = covers.add(connection, Cover(0, "b001", posting.id, DAY), ANN)
    with pytest.raises(DatabaseError), database.write() as connection:
        covers.end(connection, stored.id, date(2026, 6, 2), ANN)


def test_nothing_recorded_is_nothing(database: Database) -> None:
    with database.read() as connection:
        assert covers.every(connection) == ()
        assert audit.last_changes(connection, ("cover",)) == {}
