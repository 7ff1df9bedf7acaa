"""The live view: one revision and one day, current within a request, and honest when the database is gone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from geo_policing.clock import Clock
from geo_policing.config import Settings
from geo_policing.datasets.dataset import point_current_at
from geo_policing.domain.events import Event
from geo_policing.domain.facilities import Facility, FacilityKind
from geo_policing.domain.plans import PlanException, PlanState
from geo_policing.domain.postings import Posting, Role
from geo_policing.domain.priorities import Priority
from geo_policing.errors import DatabaseError, DatabaseVersionError, DatasetError
from geo_policing.services import live as live_module
from geo_policing.services.live import Live
from geo_policing.services.seeding import seed
from geo_policing.storage import events, facilities, plans, postings, priorities
from geo_policing.storage.audit import Change
from tests.support.databases import postgres_server
from tests.support.live import NOON, tiny_live
from tests.support.tiny import write_tiny

DAY = date(2026, 6, 3)
ANN = Change("ann", NOON)


@pytest.fixture
def live(tmp_path: Path, migrated_url: str) -> Iterator[Live]:
    live = tiny_live(tmp_path, database_url=migrated_url)
    yield live
    live.close()


@pytest.fixture
def sqlite_live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    monkeypatch.setattr(live_module, "RETRY_S", 0.0)
    live = tiny_live(tmp_path)
    yield live
    live.close()


def publish(live: Live, effective_from: date, name: str = "Next") -> int:
    """A plan that gives every unit to one beat."""
    dataset = live.view().dataset
    with live.database.write() as connection:
        new = plans.NewPlan(name, dataset.data_version, "planner", effective_from=effective_from)
        plan_id = plans.create(connection, new, ANN)
        plans.add_beats(connection, plan_id, [plans.identities(connection)[0]])
        plans.fill(connection, plan_id, dict.fromkeys(dataset["units"]["id"].tolist(), "b001"), ANN, reason="test")
        plans.add_exceptions(connection, plan_id, [PlanException("b001", "detached", "Because.")])
        plans.set_state(connection, plan_id, PlanState.PUBLISHED, ANN)
    return plan_id


class TestView:
    def test_it_shows_the_seeded_plan(self, live: Live) -> None:
        view = live.view()
        assert view.plan is not None
        assert [b.slug for b in view.plan.beats] == ["abbey-westham", "market", "abbey-eastham", "fen-end"]
        assert view.plan.beat_of_unit.tolist() == [0, 1, 2, 3, 0, 1, 2, 3]
        assert {b: [p.collar_number for p in ps] for b, ps in view.postings.items()} == {
            f"b00{n}": [f"PCSO 710{n}"] for n in (1, 2, 3, 4)
        }
        assert (view.as_of, view.revision, view.first_plan_from) == (DAY, 1, DAY)
        assert (len(view.facilities), len(view.action_teams), view.stale_since) == (4, 1, None)
        assert live.problem() is None

    def test_what_it_holds_cannot_be_changed(self, live: Live) -> None:
        plan = live.view().plan
        assert plan is not None
        with pytest.raises(ValueError, match="read-only"):
            plan.beat_of_unit[0] = 3

    def test_asking_again_gives_the_same_object(self, live: Live) -> None:
        assert live.view() is live.view()
        assert live.view(DAY) is live.view()

    def test_before_the_first_plan(self, live: Live) -> None:
        view = live.view(DAY - timedelta(days=1))
        assert (view.plan, view.first_plan_from, view.postings) == (None, DAY, {})

    def test_a_publication_shows_at_once_and_older_days_keep_their_plan(self, live: Live) -> None:
        before = live.view()
        publish(live, DAY + timedelta(days=5))
        assert live.view().revision == before.revision + 1
        found = {d: live.view(DAY + timedelta(days=d)).plan for d in (-1, 0, 4, 5, 400)}
        assert {d: p.plan.name if p else None for d, p in found.items()} == {
            -1: None, 0: "Starting plan", 4: "Starting plan", 5: "Next", 400: "Next"
        }  # fmt: skip
        assert [p.name for p in live.view().plan_history] == ["Starting plan", "Next"]
        assert live.view(DAY + timedelta(days=5)).exceptions["b001"][0].reason == "Because."
        assert before.plan is not None
        assert before.plan.plan.name == "Starting plan", "a view never changes"

    def test_postings_of_beats_that_the_plan_has_not_are_left_out(self, live: Live) -> None:
        publish(live, DAY)
        assert set(live.view().postings) == {"b001"}

    def test_people_and_premises_are_those_of_the_day(self, live: Live) -> None:
        sergeant = Posting(0, "b001", Role.SERGEANT, "1", 1.0, DAY + timedelta(days=2), DAY + timedelta(days=3))
        office = Facility("new", FacilityKind.ENQUIRY_OFFICE, "New", "X01", starts_on=DAY + timedelta(days=2))
        with live.database.write() as connection:
            postings.add(connection, sergeant, ANN)
            facilities.save(connection, "tiny", office, ANN)
        for days, serving, open_then in ((1, 1, False), (2, 2, True), (3, 2, True), (4, 1, True)):
            view = live.view(DAY + timedelta(days=days))
            assert len(view.postings["b001"]) == serving
            assert ("new" in {f.id for f in view.facilities}) is open_then

    def test_priorities_and_events_are_those_of_the_day(self, live: Live) -> None:
        with live.database.write() as connection:
            priorities.add(connection, Priority(0, "b001", "Speeding", DAY), ANN)
            events.add(connection, Event(0, "b001", "Stall", NOON), ANN)
        shown = [
            (len(v.priorities.get("b001", ())), len(v.events.get("b001", ())))
            for v in (live.view(DAY + timedelta(days=d)) for d in (0, 1))
        ]
        assert shown == [(1, 1), (1, 0)]

    def test_a_new_day_brings_its_plan_without_any_write(self, tmp_path: Path) -> None:
        now = [NOON]
        live = tiny_live(tmp_path, Clock(lambda: now[0]))
        publish(live, DAY + timedelta(days=1))
        assert live.view().plan.plan.name == "Starting plan"  # type: ignore[union-attr]
        # 23:30 UTC is half past midnight in London.
        now[0] = datetime(2026, 6, 3, 23, 30, tzinfo=UTC)
        assert live.view().plan.plan.name == "Next"  # type: ignore[union-attr]
        live.close()

    def test_many_days_do_not_fill_the_memory(self, live: Live) -> None:
        for n in range(100):
            live.view(DAY + timedelta(days=n))
        assert live._snapshot is not None
        assert len(live._snapshot._views) == 32

    def test_another_dataset_is_shown_with_its_own_plans(self, tmp_path: Path, live: Live) -> None:
        first = live.view().dataset
        other = write_tiny(tmp_path, title="Another")
        view = live.view()
        assert (view.dataset.data_version, view.plan) == (other.data_version, None)
        assert "No plan is in force" in str(live.problem())
        with live.database.write() as connection:
            seed(other, connection, live.clock)
        assert live.view().plan is not None
        point_current_at(tmp_path, first.data_version)
        assert live.view().dataset.data_version == first.data_version
        assert live.view().plan is not None

    def test_threads_get_views_that_fit_together(self, live: Live) -> None:
        problems: list[str] = []
        stop = threading.Event()

        def look() -> None:
            while not stop.is_set():
                view = live.view()
                plan = view.plan
                if plan is None or len(plan.beats) != (4 if plan.plan.name == "Starting plan" else 1):
                    problems.append(str(plan))
                if plan is not None and set(view.postings) != {b.id for b in plan.beats}:
                    problems.append(str(view.postings))

        threads = [threading.Thread(target=look) for _ in range(3)]
        for thread in threads:
            thread.start()
        for n in range(3):
            publish(live, DAY, name=f"Next {n}")
        stop.set()
        for thread in threads:
            thread.join()
        assert problems == []


class TestFaults:
    def test_no_dataset_yet(self, tmp_path: Path, sqlite_live: Live) -> None:
        (tmp_path / "current").unlink()
        with pytest.raises(DatasetError, match="no dataset is served here"):
            sqlite_live.view()
        assert "no dataset is served here" in str(sqlite_live.problem())

    def test_no_database_yet(self, tmp_path: Path) -> None:
        write_tiny(tmp_path)
        live = Live(Settings(data_dir=tmp_path), Clock.fixed(NOON))
        with pytest.raises(DatabaseError, match="not there"):
            live.view()
        assert "not there" in str(live.problem())

    def test_a_database_of_a_newer_program(self, sqlite_live: Live) -> None:
        with sqlite_live.database.exclusive() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(DatabaseVersionError, match="newer"):
            sqlite_live.view()

    def test_the_last_known_view_is_marked_stale_until_the_database_is_back(
        self, tmp_path: Path, sqlite_live: Live
    ) -> None:
        known = sqlite_live.view()
        path = tmp_path / "geo_policing.sqlite"
        path.rename(tmp_path / "away")
        view = sqlite_live.view()
        assert view == replace(known, stale_since=NOON)
        assert sqlite_live.view() is view, "what is made once of a view is not made at every request"
        assert sqlite_live.view(DAY - timedelta(days=3)).stale_since == NOON, "other days too"
        assert "not there" in str(sqlite_live.problem())
        (tmp_path / "away").rename(path)
        assert sqlite_live.view() is known
        assert sqlite_live.problem() is None

    def test_an_older_plan_that_was_never_read_cannot_be_shown_then(self, tmp_path: Path, sqlite_live: Live) -> None:
        publish(sqlite_live, DAY + timedelta(days=9))
        sqlite_live.view()
        (tmp_path / "geo_policing.sqlite").rename(tmp_path / "away")
        with pytest.raises(DatabaseError, match="not there"):
            sqlite_live.view(DAY + timedelta(days=9))

    def test_a_database_that_is_gone_is_not_asked_at_every_request(
        self, tmp_path: Path, sqlite_live: Live, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(live_module, "RETRY_S", 3600.0)
        sqlite_live.view()
        (tmp_path / "geo_policing.sqlite").rename(tmp_path / "away")
        assert sqlite_live.view().stale_since == NOON
        monkeypatch.setattr(sqlite_live.database, "revision_now", lambda: pytest.fail("asked again"))
        assert sqlite_live.view().stale_since == NOON

    def test_others_do_not_wait_for_the_one_that_asks(self, tmp_path: Path, sqlite_live: Live) -> None:
        sqlite_live.view()
        (tmp_path / "geo_policing.sqlite").rename(tmp_path / "away")
        sqlite_live.view()
        with sqlite_live._probing:
            assert sqlite_live.view().stale_since == NOON

    def test_a_damaged_plan_is_named(self, sqlite_live: Live) -> None:
        with sqlite_live.database.write() as connection:
            connection.exec_driver_sql("DROP TRIGGER tr_assignments_delete")
            connection.exec_driver_sql("DELETE FROM assignments WHERE unit_id = 'u5'")
        with pytest.raises(DatabaseError, match=r"plan 1 \('Starting plan'\): 1 units .* such as u5"):
            sqlite_live.view()

    @pytest.mark.postgres
    def test_a_postgresql_server_that_goes_and_comes_back(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(live_module, "RETRY_S", 0.0)
        with postgres_server() as server:
            live = tiny_live(tmp_path, database_url=server.new_url())
            known = live.view()
            server.stop()
            assert live.view() == replace(known, stale_since=NOON)
            assert "cannot be reached" in str(live.problem())
            server.start()
            assert live.view() is known
            live.close()
