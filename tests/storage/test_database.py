"""Reading, writing, the revision, and what a database that cannot be used is said to be."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
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
    DatabaseVersionError,
    RuleError,
)
from geo_policing.storage.database import Database, read_revision
from geo_policing.storage.migrate import migrate
from geo_policing.storage.schema import audit_log, beats, postings, revision
from tests.support.databases import shared_postgres

NOON = datetime(2026, 6, 3, 12, tzinfo=UTC)
NEW_YEAR = date(2026, 1, 1)
BEAT = {"id": "b001", "slug": "abbey"}


def sqlite_at(path: Path) -> Database:
    database = Database(f"sqlite:///{path}", busy_timeout_s=0.1)
    migrate(database)
    return database


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


class TestSqliteFaults:
    def test_locked_by_another_process(self, tmp_path: Path) -> None:
        database = sqlite_at(tmp_path / "a.sqlite")
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLD_LOCK, str(database.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        with holder:
            assert holder.stdout is not None
            assert holder.stdin is not None
            assert holder.stdout.readline() == b"locked\n"
            with pytest.raises(DatabaseError, match=r"a\.sqlite: is locked by another program"), database.write():
                pass
            assert database.revision_now() == 0, "reading goes on while another writes"
            holder.stdin.close()
        with database.write():
            pass
        assert database.revision_now() == 1

    def test_read_only(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        database = sqlite_at(tmp_path / "a.sqlite")
        database.close()
        # Root may write to anything, so the file is opened as a user without the right to would find it.
        opened = sqlite3.connect
        monkeypatch.setattr(sqlite3, "connect", lambda at, **kw: opened(at.replace("mode=rw", "mode=ro"), **kw))
        with pytest.raises(DatabaseError, match=r"a\.sqlite: is read-only"), database.write():
            pass
        assert database.revision_now() == 0
        database.close()

    def test_disk_full(self, tmp_path: Path) -> None:
        database = sqlite_at(tmp_path / "a.sqlite")
        rows = [{"id": f"b{i}", "slug": f"slug-{i}-{'x' * 500}"} for i in range(500)]

        def fill_up() -> None:
            with database.write() as connection:
                pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
                connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
                connection.execute(insert(beats), rows)

        with pytest.raises(DatabaseError, match=r"disk is full\. Nothing was changed"):
            fill_up()
        database.close()
        assert database.revision_now() == 0
        with database.read() as connection:
            assert connection.execute(select(beats)).all() == []

    def test_missing(self, tmp_path: Path) -> None:
        database = Database(f"sqlite:///{tmp_path / 'none.sqlite'}")
        with pytest.raises(DatabaseError, match=r"none\.sqlite: not there .*geo-policing restore"):
            database.revision_now()
        assert not (tmp_path / "none.sqlite").exists(), "looking must not make one"

    def test_missing_folder(self, tmp_path: Path) -> None:
        database = Database(f"sqlite:///{tmp_path / 'none' / 'a.sqlite'}")
        with pytest.raises(DatabaseError, match="its folder does not exist"):
            migrate(database)

    def test_a_folder_in_its_place(self, tmp_path: Path) -> None:
        (tmp_path / "a.sqlite").mkdir()
        database = Database(f"sqlite:///{tmp_path / 'a.sqlite'}")
        with pytest.raises(DatabaseError, match="cannot be opened"):
            migrate(database)

    def test_something_else_in_its_place(self, tmp_path: Path) -> None:
        (tmp_path / "a.sqlite").write_text("Dear diary, today I was not a database. " * 100)
        database = Database(f"sqlite:///{tmp_path / 'a.sqlite'}")
        with pytest.raises(DatabaseError, match="is not an SQLite database"):
            migrate(database)
        with pytest.raises(DatabaseError, match="is not an SQLite database"):
            database.revision_now()

    def test_damaged(self, tmp_path: Path) -> None:
        database = sqlite_at(tmp_path / "a.sqlite")
        with database.read() as connection:
            connection.exec_driver_sql("SELECT 1")
        database.close()
        content = bytearray((tmp_path / "a.sqlite").read_bytes())
        content[100:] = b"\xff" * (len(content) - 100)
        (tmp_path / "a.sqlite").write_bytes(content)
        with pytest.raises(DatabaseError, match="is damaged"):
            database.revision_now()

    def test_an_empty_file_was_never_prepared(self, tmp_path: Path) -> None:
        (tmp_path / "a.sqlite").touch()
        database = Database(f"sqlite:///{tmp_path / 'a.sqlite'}")
        with pytest.raises(DatabaseVersionError, match="has no tables of this program"):
            database.revision_now()
        with pytest.raises(DatabaseVersionError, match="has no tables of this program"), database.read() as connection:
            read_revision(connection)

    def test_a_removed_file_is_noticed_though_it_is_open(self, tmp_path: Path) -> None:
        database = sqlite_at(tmp_path / "a.sqlite")
        assert database.revision_now() == 0
        for file in list(tmp_path.iterdir()):
            file.unlink()
        with pytest.raises(DatabaseError, match="not there"):
            database.revision_now()

    def test_a_restored_file_is_read_from_then_on(self, tmp_path: Path) -> None:
        database = sqlite_at(tmp_path / "a.sqlite")
        assert database.revision_now() == 0
        other = sqlite_at(tmp_path / "b.sqlite")
        with other.write():
            pass
        with closing(sqlite3.connect(other.path)) as plain:
            plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        other.close()
        (tmp_path / "b.sqlite").replace(tmp_path / "a.sqlite")
        for rest in ("a.sqlite-wal", "a.sqlite-shm"):
            (tmp_path / rest).unlink(missing_ok=True)
        assert database.revision_now() == 1

    def test_a_lost_revision_row_is_reported(self, tmp_path: Path) -> None:
        database = sqlite_at(tmp_path / "a.sqlite")
        with database.write() as connection:
            connection.execute(revision.delete())
        with pytest.raises(DatabaseError, match="revision row is missing"):
            database.revision_now()


@pytest.mark.postgres
class TestPostgresqlFaults:
    def test_unreachable(self) -> None:
        database = Database("postgresql://me:hidden@127.0.0.1:1/force")
        with pytest.raises(DatabaseError, match="cannot be reached") as raised:
            database.revision_now()
        assert "hidden" not in str(raised.value)

    def test_no_such_database(self) -> None:
        database = Database(shared_postgres().url("nowhere"))
        with pytest.raises(DatabaseError, match="does not exist on the server"):
            database.revision_now()

    def test_no_such_user(self) -> None:
        database = Database(shared_postgres().url("postgres", user="nobody_here"))
        with pytest.raises(DatabaseError, match="refuses the user or the password"):
            database.revision_now()

    def test_locked(self) -> None:
        url = shared_postgres().new_url()
        database, impatient = Database(url), Database(url)
        migrate(database)

        def write_at_once() -> None:
            with impatient.exclusive() as connection:
                connection.exec_driver_sql("SET LOCAL lock_timeout = '100ms'")
                connection.execute(revision.update().values(number=9))

        with database.write(), pytest.raises(DatabaseError, match="is locked by another"):
            write_at_once()
        database.close()
        impatient.close()

    def test_a_read_refuses_to_write(self) -> None:
        database = Database(shared_postgres().new_url())
        migrate(database)
        with pytest.raises(DatabaseError, match="is read-only"), database.read() as connection:
            connection.execute(insert(beats).values(BEAT))
        database.close()

    def test_an_empty_database_was_never_prepared(self) -> None:
        database = Database(shared_postgres().new_url())
        with pytest.raises(DatabaseVersionError, match="has no tables of this program"):
            database.revision_now()
        database.close()

    def test_connections_that_the_server_ended_are_replaced(self) -> None:
        database = Database(shared_postgres().new_url())
        migrate(database)
        assert database.revision_now() == 0
        name = database.place.rpartition("/")[2]
        other = Database(shared_postgres().url("postgres"))
        with other.read() as connection:
            ended = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
            assert connection.execute(ended, {"name": name}).all()
        assert database.revision_now() == 0
        database.close()
        other.close()


HOLD_LOCK = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""
