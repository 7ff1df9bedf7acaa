from __future__ import annotations

from datetime import UTC, datetime

import pytest

from geo_policing.domain.scenarios import Scenario
from geo_policing.errors import NotFoundError
from geo_policing.storage import scenarios
from geo_policing.storage.audit import Change, entries
from geo_policing.storage.database import Database

CHANGE = Change("planner", datetime(2026, 6, 3, 11, 0, tzinfo=UTC))
NORTH = Scenario("North", ("a",), ((52.25, 0.125),), (("b", 52.5, -0.25),), "Why not")


def test_what_is_kept_comes_back_as_it_was(database: Database):
    with database.write() as connection:
        scenarios.save(connection, "tiny", NORTH, CHANGE)
        scenarios.save(connection, "tiny", Scenario("East", ("a",)), CHANGE)
        scenarios.save(connection, "other", Scenario("North", ("z",)), CHANGE)
    with database.read() as connection:
        assert scenarios.of_force(connection, "tiny") == (Scenario("East", ("a",)), NORTH)
        assert scenarios.by_name(connection, "tiny", "North") == NORTH
        with pytest.raises(NotFoundError, match="South"):
            scenarios.by_name(connection, "tiny", "South")


def test_one_name_is_one_scenario(database: Database):
    with database.write() as connection:
        scenarios.save(connection, "tiny", NORTH, CHANGE)
        scenarios.save(connection, "tiny", Scenario("North", ("b",)), CHANGE)
    with database.read() as connection:
        assert scenarios.of_force(connection, "tiny") == (Scenario("North", ("b",)),)
        assert len(entries(connection, subject_kind="scenario", subject_id="North")) == 2


def test_removing_is_recorded_and_only_once(database: Database):
    with database.write() as connection:
        scenarios.save(connection, "tiny", NORTH, CHANGE)
    with database.write() as connection:
        scenarios.remove(connection, "tiny", "North", CHANGE)
    with database.read() as connection:
        assert scenarios.of_force(connection, "tiny") == ()
        assert entries(connection, subject_kind="scenario")[0].action == "remove"
    with pytest.raises(NotFoundError), database.write() as connection:
        scenarios.remove(connection, "tiny", "North", CHANGE)
