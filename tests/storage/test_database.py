"""Reading, writing, the revision, addresses, and what the constraints refuse."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from geo_policing.clock import LONDON
from geo_policing.config import Settings
from geo_policing.errors import (
    ConfigError,
    ConflictError,
    DatabaseError,
    RuleError,
)
from geo_policing.storage.database import Database, read_revision
from geo_policing.storage.migrate import migrate
from geo_policing.storage.schema import audit_log, beats, postings, revision
from tests.support.databases import copy_migrated_sqlite

NOON = datetime(2026, 6, 3, 12, tzinfo=UTC)
NEW_YEAR = date(2026, 1, 1)
BEAT = {"id": "b001", "slug": "abbey"}


def sqlite_at(path: Path) -> Database:
    copy_migrated_sqlite(path)
    return Database(f"sqlite:///{path}", busy_timeout_s=0.1)


class TestReadingAndWriting:
    def test_a_new_database_is_at_revision_zero(self, database: Database) -> None:
        assert database.revision_now() == 0

    def test_what_is_written_is_read(self, database: Database) -> None:
        with database.write() as connection:
            connection.execute(insert(beats).values(BEAT))
        with database.read() as connection:
            assert connection.execute(select(beats.c.slug)).scalar_one() == "abbey"

    def test_each_write_raises_the_revision_by_one(self, database: Database) -> None:
        for _ in range(3):
            with database.write():
                pass
        assert database.revision_now() == 3
        with database.read() as connection:
            assert read_revision(connection) == 3

    def test_a_write_that_no_answer_depends_on_leaves_the_revision(self, database: Database) -> None:
        with database.write(bump=False) as connection:
            connection.execute(insert(beats).values(BEAT))
        assert database.revision_now() == 0

    def test_an_exception_undoes_all_of_a_write(self, database: Database) -> None:
        def half_done() -> None:
            with database.write() as connection:
                connection.execute(insert(beats).values(BEAT))
                raise KeyError("midway")

        with pytest.raises(KeyError, match="midway"):
            half_done()
        assert database.revision_now() == 0
        with database.read() as connection:
            assert connection.execute(select(beats)).all() == []

    def test_a_read_sees_one_moment_throughout(self, database: Database) -> None:
        with database.read() as connection:
            before = read_revision(connection)
            with database.write():
                pass
            assert read_revision(connection) == before
        assert database.revision_now() == before + 1

    def test_writers_come_one_after_another(self, database_url: str) -> None:
        database = Database(database_url)
        migrate(database)

        def add_ten() -> None:
            for _ in range(10):
                with database.write(bump=False) as connection:
                    number = read_revision(connection)
                    connection.execute(revision.update().values(number=number + 1))

        threads = [threading.Thread(target=add_ten) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert database.revision_now() == 30
        database.close()

    def test_sqlite_keeps_its_promises(self, tmp_path: Path) -> None:
        database = sqlite_at(tmp_path / "a.sqlite")
        with database.read() as connection:
            pragmas = {p: connection.exec_driver_sql(f"PRAGMA {p}").scalar_one() for p in PROMISED}
        assert pragmas == PROMISED


PROMISED = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 100}


class TestAddresses:
    @pytest.mark.parametrize(
        ("url", "said"),
        [
            ("", "no database address"),
            ("nonsense", "no database address"),
            ("sqlite://", "names no file"),
            ("sqlite:///:memory:", "names no file"),
            ("mysql://u:hidden@h/d", "mysql is not supported"),
        ],
    )
    def test_a_wrong_address_is_named(self, url: str, said: str) -> None:
        with pytest.raises(ConfigError, match=said) as raised:
            Database(url)
        assert "hidden" not in str(raised.value)
        assert "sqlite:///FILE" in str(raised.value)

    def test_plain_postgresql_uses_pg8000_and_hides_the_password(self) -> None:
        database = Database("postgresql://me:hidden@example.org/force")
        assert database.place == "postgresql+pg8000://me:***@example.org/force"
        assert not database.is_sqlite

    def test_a_path_with_odd_characters_is_opened(self, tmp_path: Path) -> None:
        folder = tmp_path / "a b?c#d%20é"
        folder.mkdir()
        database = Database(Settings(data_dir=folder).resolved_database_url)
        migrate(database)
        assert database.revision_now() == 0
        assert (folder / "geo_policing.sqlite").is_file()


class TestConstraints:
    def test_a_row_that_is_there_already_is_a_conflict(self, database: Database) -> None:
        with database.write() as connection:
            connection.execute(insert(beats).values(BEAT))
        with pytest.raises(ConflictError, match="there already"), database.write() as connection:
            connection.execute(insert(beats).values(BEAT))

    def test_a_reference_to_nothing_is_refused(self, database: Database) -> None:
        row = {
            "beat_id": "b999",
            "role": "pcso",
            "collar_number": "PCSO 1",
            "fte": 1.0,
            "starts_on": NEW_YEAR,
            "illustrative": True,
        }
        with pytest.raises(DatabaseError, match="refuses what was to be stored"), database.write() as connection:
            connection.execute(insert(postings).values(row))

    def test_a_value_out_of_range_is_refused(self, database: Database) -> None:
        with pytest.raises(DatabaseError, match="refuses"), database.write() as connection:
            connection.execute(insert(beats).values(id="B001", slug="abbey"))

    @pytest.mark.parametrize("statement", ["UPDATE audit_log SET actor = 'x'", "DELETE FROM audit_log"])
    def test_the_audit_log_is_append_only(self, database: Database, statement: str) -> None:
        with database.write() as connection:
            connection.execute(
                insert(audit_log).values(at=NOON, actor="a", action="b", subject_kind="c", subject_id="d", detail="{}")
            )
        with pytest.raises(RuleError, match="append-only"), database.write() as connection:
            connection.execute(text(statement))

    def test_a_mistake_in_a_statement_is_no_fault_of_the_database(self, database: Database) -> None:
        with pytest.raises(Exception, match="nonsense") as raised, database.read() as connection:
            connection.execute(text("SELECT nonsense FROM revision"))
        assert not isinstance(raised.value, DatabaseError)

    def test_a_time_without_a_zone_is_refused(self, database: Database) -> None:
        with pytest.raises(Exception, match="no time zone"), database.write() as connection:
            connection.execute(
                insert(audit_log).values(
                    at=NOON.replace(tzinfo=None), actor="a", action="b", subject_kind="c", subject_id="d", detail=""
                )
            )

    def test_times_come_back_aware_and_in_utc(self, database: Database) -> None:
        with database.write() as connection:
            connection.execute(
                insert(audit_log).values(
                    at=NOON.astimezone(LONDON), actor="a", action="b", subject_kind="c", subject_id="d", detail=""
                )
            )
        with database.read() as connection:
            moment = connection.execute(select(audit_log.c.at)).scalar_one()
        assert moment == NOON
        assert moment.utcoffset().total_seconds() == 0
