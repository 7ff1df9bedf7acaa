"""What each repository stores comes back as it was, with an entry in the audit log by whoever did it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo_policing.domain.beats import Beat
from geo_policing.domain.events import Event
from geo_policing.domain.facilities import Facility, FacilityKind
from geo_policing.domain.plans import PlanException, PlanState
from geo_policing.domain.postings import Posting, Role
from geo_policing.domain.priorities import Priority
from geo_policing.domain.teams import ActionTeam
from geo_policing.errors import ConflictError, DatabaseError, NotFoundError, RuleError
from geo_policing.storage import audit, events, facilities, plans, postings, priorities, teams
from geo_policing.storage.audit import SYSTEM, Change
from geo_policing.storage.database import Database

NOON = datetime(2026, 6, 3, 12, tzinfo=UTC)
DAY = date(2026, 6, 3)
ANN = Change("ann", NOON)
ABBEY = Beat("b001", "abbey", "Abbey", "X01")
MARKET = Beat("b002", "market", "Market", "X01")
POSTING = Posting(0, "b001", Role.PCSO, "PCSO 7101", 1.0, DAY)


def make_plan(database: Database, *, state: PlanState = PlanState.PUBLISHED, change: Change = ANN) -> int:
    with database.write() as connection:
        plan_id = plans.create(connection, plans.NewPlan("A", "v1", "planner", "by hand", DAY), change)
        plans.add_beats(connection, plan_id, [ABBEY, MARKET])
        plans.fill(connection, plan_id, {"u2": "b002", "u1": "b001"}, change, reason="first")
        plans.add_exceptions(connection, plan_id, [PlanException("b002", "detached", "An island.")])
        if state is not PlanState.DRAFT:
            plans.set_state(connection, plan_id, state, change)
    return plan_id


class TestPlans:
    def test_a_plan_comes_back_as_it_was_made(self, database: Database) -> None:
        plan_id = make_plan(database)
        with database.read() as connection:
            (head,) = plans.heads(connection)
            assert (head.id, head.name, head.state, head.origin) == (plan_id, "A", PlanState.PUBLISHED, "planner")
            assert (head.data_version, head.effective_from, head.method) == ("v1", DAY, "by hand")
            assert plans.beats_of(connection, plan_id) == (ABBEY, MARKET)
            assert plans.assignments_of(connection, plan_id) == {"u1": "b001", "u2": "b002"}
            assert plans.exceptions_of(connection, plan_id) == (PlanException("b002", "detached", "An island."),)

    def test_filling_is_a_changeset_from_nothing(self, database: Database) -> None:
        plan_id = make_plan(database)
        with database.read() as connection:
            (changeset,) = plans.changesets_of(connection, plan_id)
        assert (changeset.actor, changeset.reason, changeset.at) == ("ann", "first", NOON)
        assert changeset.changes == {"u1": (None, "b001"), "u2": (None, "b002")}

    def test_an_empty_database_has_no_plans(self, database: Database) -> None:
        with database.read() as connection:
            assert plans.heads(connection) == ()
            assert plans.data_versions(connection) == ()
            assert plans.identities(connection) == ()
            assert plans.assignments_of(connection, 1) == {}
            assert plans.edited_by_people(connection) is False

    def test_plans_are_told_apart_by_dataset(self, database: Database) -> None:
        make_plan(database)
        with database.write() as connection:
            plans.create(connection, plans.NewPlan("B", "v2", "seed"), ANN)
        with database.read() as connection:
            assert [p.name for p in plans.heads(connection, data_version="v2")] == ["B"]
            assert plans.data_versions(connection) == ("v1", "v2")

    @pytest.mark.parametrize("verb", ["insert", "update", "delete"])
    @pytest.mark.parametrize("table", ["assignments", "plan_beats", "plan_exceptions"])
    def test_a_published_plan_never_changes(self, database: Database, table: str, verb: str) -> None:
        plan_id = make_plan(database)
        statement = {
            "insert": f"INSERT INTO {table} SELECT * FROM {table}",
            "update": f"UPDATE {table} SET plan_id = plan_id",
            "delete": f"DELETE FROM {table}",
        }[verb]
        with pytest.raises(RuleError, match="a published plan never changes"), database.write() as connection:
            connection.exec_driver_sql(statement)
        with database.read() as connection:
            assert plans.assignments_of(connection, plan_id) == {"u1": "b001", "u2": "b002"}

    def test_publishing_cannot_be_undone(self, database: Database) -> None:
        plan_id = make_plan(database)
        with pytest.raises(RuleError, match="never changes"), database.write() as connection:
            plans.set_state(connection, plan_id, PlanState.DRAFT, ANN)

    def test_a_plan_without_a_date_cannot_be_published(self, database: Database) -> None:
        def publish() -> None:
            with database.write() as connection:
                plan_id = plans.create(connection, plans.NewPlan("B", "v2", "planner"), ANN)
                plans.set_state(connection, plan_id, PlanState.PUBLISHED, ANN)

        with pytest.raises(DatabaseError, match="published_has_date"):
            publish()

    def test_an_unknown_plan_is_named(self, database: Database) -> None:
        with pytest.raises(NotFoundError, match="no plan 7"), database.write() as connection:
            plans.set_state(connection, 7, PlanState.PUBLISHED, ANN)

    def test_a_unit_cannot_go_to_a_beat_of_another_plan(self, database: Database) -> None:
        plan_id = make_plan(database, state=PlanState.DRAFT)
        with pytest.raises(DatabaseError, match="refuses"), database.write() as connection:
            plans.fill(connection, plan_id, {"u3": "b009"}, ANN, reason="wrong")

    def test_a_slug_belongs_to_one_beat(self, database: Database) -> None:
        plan_id = make_plan(database, state=PlanState.DRAFT)
        with pytest.raises(ConflictError), database.write() as connection:
            plans.add_beats(connection, plan_id, [replace(ABBEY, id="b009")])

    def test_identities_outlive_plans_and_have_their_newest_name(self, database: Database) -> None:
        make_plan(database)
        with database.write() as connection:
            plan_id = plans.create(connection, plans.NewPlan("B", "v2", "planner"), ANN)
            plans.add_beats(connection, plan_id, [replace(ABBEY, name="Abbey and Fen")])
        with database.read() as connection:
            assert plans.identities(connection) == (replace(ABBEY, name="Abbey and Fen"), MARKET)

    def test_edits_by_people_are_told_from_the_program_s_own(self, database: Database) -> None:
        make_plan(database, change=Change(SYSTEM, NOON))
        with database.read() as connection:
            assert plans.edited_by_people(connection) is False


class TestPostings:
    def with_beats(self, database: Database) -> Database:
        make_plan(database)
        return database

    def test_a_posting_comes_back_as_it_was(self, database: Database) -> None:
        self.with_beats(database)
        full = replace(
            POSTING,
            role=Role.SERGEANT,
            fte=0.6,
            ends_on=DAY,
            name="-",
            email="a@b.c",
            telephone="101",
            illustrative=True,
        )
        with database.write() as connection:
            stored = postings.add(connection, full, ANN)
        with database.read() as connection:
            assert postings.every(connection) == (replace(full, id=stored.id),)

    def test_they_come_by_beat_then_role_then_collar_number(self, database: Database) -> None:
        self.with_beats(database)
        given_in = [
            replace(POSTING, beat_id="b002"),
            replace(POSTING, role=Role.SERGEANT, collar_number="1"),
            replace(POSTING, collar_number="PCSO 7102"),
            POSTING,
        ]
        with database.write() as connection:
            postings.add_seeded(connection, given_in)
        with database.read() as connection:
            found = [(p.beat_id, p.role, p.collar_number) for p in postings.every(connection)]
        assert found == [
            ("b001", Role.PCSO, "PCSO 7101"),
            ("b001", Role.PCSO, "PCSO 7102"),
            ("b001", Role.SERGEANT, "1"),
            ("b002", Role.PCSO, "PCSO 7101"),
        ]

    def test_ending_one(self, database: Database) -> None:
        self.with_beats(database)
        with database.write() as connection:
            stored = postings.add(connection, POSTING, ANN)
            postings.end(connection, stored.id, DAY + timedelta(days=9), ANN)
        with database.read() as connection:
            assert postings.every(connection)[0].ends_on == date(2026, 6, 12)
            assert [e.action for e in audit.entries(connection, subject_kind="posting")] == ["end", "add"]

    def test_ending_before_it_began_is_refused(self, database: Database) -> None:
        self.with_beats(database)
        with database.write() as connection:
            stored = postings.add(connection, POSTING, ANN)
        with pytest.raises(DatabaseError, match="ends_on_not_before_starts_on"), database.write() as connection:
            postings.end(connection, stored.id, DAY - timedelta(days=1), ANN)

    def test_an_unknown_one_is_named(self, database: Database) -> None:
        with pytest.raises(NotFoundError, match="no posting 5"), database.write() as connection:
            postings.end(connection, 5, DAY, ANN)


class TestFacilities:
    OFFICE = Facility(
        id="ely-enquiry-office",
        kind=FacilityKind.ENQUIRY_OFFICE,
        name="Ely",
        district_code="X01",
        address="1 High Street",
        postcode="ZZ1 1AA",
        easting_northing=(540500.25, 260500.5),
        accuracy_m=10.0,
        location_note="By its postcode.",
        opening_hours="Mo-Fr 09:00-17:00",
        access="Step-free",
        telephone="101",
        verified_on=DAY,
        illustrative=True,
        starts_on=DAY,
        ends_on=DAY,
    )

    def test_a_facility_comes_back_as_it_was(self, database: Database) -> None:
        unplaced = Facility("x", FacilityKind.RESPONSE_BASE, "X", "X01")
        with database.write() as connection:
            facilities.save(connection, "tiny", self.OFFICE, ANN)
            facilities.save(connection, "tiny", unplaced, ANN)
        with database.read() as connection:
            assert facilities.of_force(connection, "tiny") == (self.OFFICE, unplaced)
            assert facilities.of_force(connection, "other") == ()

    def test_saving_again_replaces(self, database: Database) -> None:
        with database.write() as connection:
            facilities.save(connection, "tiny", self.OFFICE, Change(SYSTEM, NOON))
            facilities.save(connection, "tiny", replace(self.OFFICE, name="New Ely"), ANN)
        with database.read() as connection:
            assert [f.name for f in facilities.of_force(connection, "tiny")] == ["New Ely"]
            assert audit.touched_by_people(connection, "facility") == {"ely-enquiry-office"}

    def test_removing(self, database: Database) -> None:
        with database.write() as connection:
            facilities.save(connection, "tiny", self.OFFICE, ANN)
            facilities.remove(connection, self.OFFICE.id, ANN)
            assert facilities.of_force(connection, "tiny") == ()
        with pytest.raises(NotFoundError, match="no facility 'ely"), database.write() as connection:
            facilities.remove(connection, self.OFFICE.id, ANN)


class TestTeams:
    RURAL = ActionTeam("rural", "Rural", "Fens.", ("X01", "X02"), True)

    def test_a_team_comes_back_with_its_districts(self, database: Database) -> None:
        everywhere = ActionTeam("roads", "Roads", "All over.")
        with database.write() as connection:
            teams.save(connection, "tiny", self.RURAL, ANN)
            teams.save(connection, "tiny", everywhere, ANN)
        with database.read() as connection:
            assert teams.of_force(connection, "tiny") == (everywhere, self.RURAL)

    def test_saving_again_replaces_its_districts(self, database: Database) -> None:
        with database.write() as connection:
            teams.save(connection, "tiny", self.RURAL, ANN)
            teams.save(connection, "tiny", replace(self.RURAL, district_codes=("X02",)), ANN)
            assert teams.of_force(connection, "tiny")[0].district_codes == ("X02",)

    def test_removing(self, database: Database) -> None:
        with database.write() as connection:
            teams.save(connection, "tiny", self.RURAL, ANN)
            teams.remove(connection, "rural", ANN)
            assert teams.of_force(connection, "tiny") == ()
        with pytest.raises(NotFoundError, match="no action team 'rural'"), database.write() as connection:
            teams.remove(connection, "rural", ANN)


class TestPrioritiesAndEvents:
    def test_priorities_come_newest_first(self, database: Database) -> None:
        make_plan(database)
        with database.write() as connection:
            old = priorities.add(connection, Priority(0, "b001", "Speeding", DAY - timedelta(days=30)), ANN)
            new = priorities.add(connection, Priority(0, "b001", "Hare coursing", DAY), ANN)
            priorities.act(connection, old.id, "Speed checks.", DAY, ANN)
        with database.read() as connection:
            found = priorities.every(connection)
        assert found == (new, replace(old, action="Speed checks.", action_on=DAY))
        with pytest.raises(NotFoundError, match="no priority 99"), database.write() as connection:
            priorities.act(connection, 99, "x", DAY, ANN)

    def test_events_come_in_the_order_of_time(self, database: Database) -> None:
        make_plan(database)
        late = Event(0, "b001", "Surgery", NOON + timedelta(days=1), NOON + timedelta(days=1, hours=2), "Library")
        early = Event(0, "b001", "Stall", NOON)
        with database.write() as connection:
            late = events.add(connection, late, ANN)
            early = events.add(connection, early, ANN)
        with database.read() as connection:
            assert events.every(connection) == (early, late)
        with database.write() as connection:
            events.remove(connection, late.id, ANN)
            assert events.every(connection) == (early,)
        with pytest.raises(NotFoundError, match="no event"), database.write() as connection:
            events.remove(connection, late.id, ANN)

    def test_an_id_is_never_given_twice(self, database: Database) -> None:
        make_plan(database)
        with database.write() as connection:
            first = events.add(connection, Event(0, "b001", "A", NOON), ANN)
            events.remove(connection, first.id, ANN)
            assert events.add(connection, Event(0, "b001", "B", NOON), ANN).id > first.id


class TestAudit:
    def test_entries_come_newest_first_and_in_full(self, database: Database) -> None:
        with database.write() as connection:
            audit.record(connection, ANN, "look", "plan", 1, {"at": DAY, "é": [1]})
            audit.record(connection, Change("bob", NOON), "look", "plan", 2)
        with database.read() as connection:
            newest, oldest = audit.entries(connection)
            assert (newest.actor, newest.subject_id, newest.detail) == ("bob", "2", {})
            assert (oldest.at, oldest.action, oldest.detail) == (NOON, "look", {"at": "2026-06-03", "é": [1]})
            assert audit.entries(connection, subject_kind="plan", subject_id=1) == (oldest,)
            assert audit.entries(connection, limit=1) == (newest,)


@given(
    spans=st.lists(st.tuples(st.integers(0, 60), st.one_of(st.none(), st.integers(0, 60))), max_size=8),
    offset=st.integers(-5, 70),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_postings_of_any_dates_come_back_serving_on_the_same_days(
    database: Database, spans: list[tuple[int, int | None]], offset: int
) -> None:
    day = DAY + timedelta(days=offset)
    with database.read() as connection:
        known = bool(plans.heads(connection))
    if not known:
        make_plan(database)
    made = [
        replace(
            POSTING,
            collar_number=f"PCSO {n}",
            starts_on=DAY + timedelta(days=start),
            ends_on=None if length is None else DAY + timedelta(days=start + length),
        )
        for n, (start, length) in enumerate(spans)
    ]
    with database.write() as connection:
        connection.exec_driver_sql("DELETE FROM postings")
        postings.add_seeded(connection, made)
    with database.read() as connection:
        found = {p.collar_number for p in postings.every(connection) if p.serves_on(day)}
    expected = {
        f"PCSO {n}"
        for n, (start, length) in enumerate(spans)
        if start <= offset and (length is None or offset <= start + length)
    }
    assert found == expected
