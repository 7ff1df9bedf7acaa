"""The starting plan: what is in the database after seeding, twice or over earlier plans, and where premises lie."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from geo_policing.clock import Clock
from geo_policing.config import FacilityConfig
from geo_policing.datasets.dataset import Dataset
from geo_policing.domain.beats import Beat
from geo_policing.domain.facilities import FacilityKind
from geo_policing.domain.plans import PlanState
from geo_policing.domain.postings import Role
from geo_policing.errors import ConfigError
from geo_policing.services.facility_places import place_facility
from geo_policing.services.seeding import keep_identities, refresh_premises, seed
from geo_policing.services.suggested_beats import suggest_beats
from geo_policing.storage import audit, facilities, plans, postings, teams
from geo_policing.storage.audit import Change
from geo_policing.storage.database import Database
from tests.support.tiny import FORCE, write_tiny

NOON = datetime(2026, 6, 3, 11, tzinfo=UTC)
CLOCK = Clock.fixed(NOON)
ANN = Change("ann", NOON)


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return write_tiny(tmp_path / "data")


def force(**changes: Any) -> dict[str, Any]:
    return {**FORCE, **changes}


class TestSeed:
    def test_the_plan_is_published_from_today_with_every_unit(self, database: Database, dataset: Dataset) -> None:
        with database.write() as connection:
            plan_id = seed(dataset, connection, CLOCK)
        assert plan_id is not None
        with database.read() as connection:
            (head,) = plans.heads(connection)
            assert (head.id, head.name, head.origin, head.state) == (
                plan_id,
                "Starting plan",
                "seed",
                PlanState.PUBLISHED,
            )
            assert (head.data_version, head.effective_from) == (dataset.data_version, date(2026, 6, 3))
            assert plans.assignments_of(connection, plan_id) == {
                "u1": "b001", "u5": "b001", "u2": "b002", "u6": "b002",
                "u3": "b003", "u7": "b003", "u4": "b004", "u8": "b004",
            }  # fmt: skip
            assert len(plans.changesets_of(connection, plan_id)[0].changes) == 8
        assert database.revision_now() == 1

    def test_each_beat_has_one_made_up_pcso(self, database: Database, dataset: Dataset) -> None:
        with database.write() as connection:
            seed(dataset, connection, CLOCK)
            found = postings.every(connection)
        assert [(p.beat_id, p.collar_number) for p in found] == [
            ("b001", "PCSO 7101"),
            ("b002", "PCSO 7102"),
            ("b003", "PCSO 7103"),
            ("b004", "PCSO 7104"),
        ]
        assert {(p.role, p.fte, p.illustrative, p.starts_on, p.ends_on, p.name) for p in found} == {
            (Role.PCSO, 1.0, True, date(2026, 6, 3), None, None)
        }

    def test_premises_and_teams_come_from_the_force_s_file(self, database: Database, dataset: Dataset) -> None:
        with database.write() as connection:
            seed(dataset, connection, CLOCK)
            found = {f.id: f for f in facilities.of_force(connection, "tiny")}
            (team,) = teams.of_force(connection, "tiny")
        assert set(found) == {
            "westham-station-response-base",
            "westham-station-enquiry-office",
            "eastham-library-enquiry-office",
            "eastham-library-contact-point",
        }
        office = found["westham-station-enquiry-office"]
        assert (office.kind, office.district_code) == (FacilityKind.ENQUIRY_OFFICE, "X01")
        assert (office.easting_northing, office.accuracy_m) == ((540_500, 260_500), 10.0)
        assert office.opening_hours == "Mo-Fr 09:00-17:00; PH off"
        assert office.verified_on is None
        assert office.illustrative
        assert (team.id, team.district_codes, team.illustrative) == ("rural", (), True)

    def test_seeding_again_changes_nothing(self, database: Database, dataset: Dataset) -> None:
        with database.write() as connection:
            seed(dataset, connection, CLOCK)
        with database.write() as connection:
            assert seed(dataset, connection, CLOCK) is None
            assert len(plans.heads(connection)) == 1
            assert len(postings.every(connection)) == 4

    def test_beats_keep_their_identity_in_the_seed_of_another_dataset(
        self, database: Database, dataset: Dataset, tmp_path: Path
    ) -> None:
        other = write_tiny(tmp_path / "other", title="Another")
        with database.write() as connection:
            seed(dataset, connection, CLOCK)
            second = seed(other, connection, CLOCK)
            assert second is not None
            assert [b.id for b in plans.beats_of(connection, second)] == ["b001", "b002", "b003", "b004"]
            assert len(postings.every(connection)) == 4

    def test_hours_that_cannot_be_read_are_named_with_their_facility(self, database: Database, tmp_path: Path) -> None:
        broken = [{**FORCE["facilities"][0], "opening_hours": "nine to five"}]
        dataset = write_tiny(tmp_path / "data", force=force(facilities=broken))
        with pytest.raises(ConfigError, match="facility 'westham-station': Opening hours 'nine to five'"):
            self.seed_into(database, dataset)
        with database.read() as connection:
            assert plans.heads(connection) == ()

    def seed_into(self, database: Database, dataset: Dataset) -> None:
        with database.write() as connection:
            seed(dataset, connection, CLOCK)

    def test_a_kill_in_the_middle_leaves_nothing_half_done(self, tmp_path: Path) -> None:
        from geo_policing.storage.migrate import migrate

        write_tiny(tmp_path)
        database = Database(f"sqlite:///{tmp_path / 'a.sqlite'}")
        migrate(database)
        done = subprocess.run([sys.executable, "-c", KILLED_MIDWAY, str(tmp_path)], check=False)
        assert done.returncode == -9
        with database.write() as connection:
            assert plans.heads(connection) == ()
            assert plans.identities(connection) == ()
            assert postings.every(connection) == ()
        assert database.revision_now() == 1
        database.close()


KILLED_MIDWAY = """
import os, signal, sys
from pathlib import Path
from geo_policing.clock import Clock
from geo_policing.datasets.dataset import current_path, open_dataset
from geo_policing.services import seeding
from geo_policing.storage.database import Database

data = Path(sys.argv[1])
seeding.refresh_premises = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
with Database(f"sqlite:///{data / 'a.sqlite'}").write() as connection:
    seeding.seed(open_dataset(current_path(data)), connection, Clock())
"""


class TestKeepIdentities:
    def test_ids_follow_slug_and_district(self, dataset: Dataset) -> None:
        known = [
            Beat("b007", "market", "Market", "X01"),
            Beat("b009", "fen-end", "Fen End", "X01"),
            Beat("old", "fen-end-eastham", "Fen End", "X03"),
        ]
        kept = keep_identities(suggest_beats(dataset), known, dataset)
        assert [(b.id, b.slug) for b in kept.beats] == [
            ("b010", "abbey-westham"),
            ("b007", "market"),
            ("b011", "abbey-eastham"),
            ("b012", "fen-end-eastham-2"),
        ]
        assert kept.beat_of_unit.tolist() == suggest_beats(dataset).beat_of_unit.tolist()


class TestRefreshPremises:
    def refresh(self, database: Database, dataset: Dataset) -> dict[str, str]:
        with database.write() as connection:
            refresh_premises(dataset, connection, Change(audit.SYSTEM, NOON))
            return {f.id: f.name for f in facilities.of_force(connection, "tiny")}

    def test_what_the_force_no_longer_names_goes(self, database: Database, dataset: Dataset, tmp_path: Path) -> None:
        assert len(self.refresh(database, dataset)) == 4
        fewer = write_tiny(tmp_path / "fewer", force=force(facilities=FORCE["facilities"][:1], action_teams=[]))
        assert set(self.refresh(database, fewer)) == {"westham-station-response-base", "westham-station-enquiry-office"}
        with database.read() as connection:
            assert teams.of_force(connection, "tiny") == ()

    def test_what_a_person_changed_is_left_alone(self, database: Database, dataset: Dataset, tmp_path: Path) -> None:
        self.refresh(database, dataset)
        with database.write() as connection:
            office, other, *_ = facilities.of_force(connection, "tiny")
            facilities.save(connection, "tiny", replace(office, name="Moved"), ANN)
            facilities.remove(connection, other.id, ANN)
            (team,) = teams.of_force(connection, "tiny")
            teams.save(connection, "tiny", replace(team, name="Fen Team"), ANN)
        found = self.refresh(database, write_tiny(tmp_path / "none", force=force(facilities=[], action_teams=[])))
        assert found == {office.id: "Moved"}
        found = self.refresh(database, dataset)
        assert found[office.id] == "Moved"
        assert other.id not in found
        with database.read() as connection:
            assert [t.name for t in teams.of_force(connection, "tiny")] == ["Fen Team"]

    def test_nothing_new_writes_nothing(self, database: Database, dataset: Dataset) -> None:
        self.refresh(database, dataset)
        with database.read() as connection:
            before = len(audit.entries(connection, limit=999))
        self.refresh(database, dataset)
        with database.read() as connection:
            assert len(audit.entries(connection, limit=999)) == before


class TestPlaceFacility:
    def place(self, dataset: Dataset, **values: Any) -> tuple[tuple[float, float] | None, float | None, str]:
        config = FacilityConfig(
            id="x", name="X", kinds=(FacilityKind.ENQUIRY_OFFICE,), district=values.pop("district", "X01"), **values
        )
        placed = place_facility(config, dataset)
        return placed.easting_northing, placed.accuracy_m, placed.note

    def test_by_its_postcode_however_it_is_typed(self, dataset: Dataset) -> None:
        found = self.place(dataset, postcode="zz1 1aa", settlement="Fen End", lat=52.0, lon=0.0)
        assert found == ((540_500, 260_500), 10.0, "Placed by its postcode.")

    def test_by_a_postcode_that_is_known_roughly(self, tmp_path: Path) -> None:
        from geo_policing.datasets.tables import Table
        from tests.support.tiny import tables

        table = tables()["postcodes"]
        rough = Table({**table.columns, "accuracy_m": table["accuracy_m"] * 130})
        dataset = write_tiny(tmp_path / "rough", changed_tables={"postcodes": rough})
        assert self.place(dataset, postcode="ZZ1 1AA")[2].endswith("which this data knows to within 1.3 km.")

    def test_by_coordinates_where_the_postcode_is_not_live(self, dataset: Dataset) -> None:
        # Expected by the Airy 1830 projection at 52.3 N 0.1 E, to the kilometre.
        point, accuracy_m, note = self.place(dataset, postcode="ZZ1 1AD", lat=52.3, lon=0.1, accuracy_m=300.0)
        assert point is not None
        assert (round(point[0], -3), round(point[1], -3)) == (543_000, 269_000)
        assert accuracy_m == 300.0
        assert note == "Placed by its coordinates. Its postcode ZZ1 1AD is not in use or has no location."

    def test_by_its_settlement_in_its_own_district(self, dataset: Dataset) -> None:
        found = self.place(dataset, postcode="ZZ9 9ZA", settlement="fen END", location_note="By the green.")
        note = "Somewhere in Fen End. Its postcode ZZ9 9ZA is not in this data. By the green."
        assert found == ((543_500, 260_500), 500.0, note)

    def test_a_postcode_without_a_location_does_not_place(self, dataset: Dataset) -> None:
        point, _, note = self.place(dataset, postcode="ZZ1 1AE")
        assert point is None
        assert note == "Not on the map. Its postcode ZZ1 1AE is not in use or has no location."

    def test_nowhere(self, dataset: Dataset) -> None:
        assert self.place(dataset) == (None, None, "Not on the map. Its place is not given.")
        assert self.place(dataset, settlement="Atlantis")[2] == (
            "Not on the map. This data has no settlement called Atlantis."
        )

    def test_a_street_of_that_name_is_no_settlement(self, dataset: Dataset) -> None:
        assert self.place(dataset, settlement="Mill Road")[0] is None
