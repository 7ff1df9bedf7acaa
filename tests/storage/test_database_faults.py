"""What a database that cannot be used is said to be: which, what is wrong, and what to do."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from geo_policing.errors import DatabaseError, DatabaseVersionError
from geo_policing.storage.database import Database, read_revision
from geo_policing.storage.migrate import migrate
from geo_policing.storage.schema import beats, revision
from tests.support.databases import copy_migrated_sqlite, postgres_server, shared_postgres

BEAT = {"id": "b001", "slug": "abbey"}


def sqlite_at(path: Path) -> Database:
    copy_migrated_sqlite(path)
    return Database(f"sqlite:///{path}", busy_timeout_s=0.1)


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
        with pytest.raises(DatabaseError, match=r"none\.sqlite: not there .*build make a new one; .* a backup"):
            database.revision_now()
        assert not (tmp_path / "none.sqlite").exists(), "looking must not make one"

    def test_missing_folder(self, tmp_path: Path) -> None:
        database = Database(f"sqlite:///{tmp_path / 'none' / 'a.sqlite'}")
        with pytest.raises(DatabaseError, match="its folder does not exist"):
            migrate(database)

    def test_a_folder_that_may_not_be_written_to(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "touch", refuse)
        with pytest.raises(DatabaseError, match=r"cannot be made \(Permission denied\)"):
            migrate(Database(f"sqlite:///{tmp_path / 'a.sqlite'}"))

    def test_a_disk_that_is_full_from_the_start(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "a.sqlite-wal").mkdir()
        with pytest.raises(DatabaseError, match=r"a\.sqlite"):
            migrate(Database(f"sqlite:///{tmp_path / 'a.sqlite'}"))

    def test_other_users_may_not_read_it(self, tmp_path: Path) -> None:
        migrate(Database(f"sqlite:///{tmp_path / 'a.sqlite'}"))
        assert (tmp_path / "a.sqlite").stat().st_mode & 0o077 == 0

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

    def test_a_server_that_ends_between_two_statements_and_comes_back(self) -> None:
        with postgres_server() as server:
            database = Database(server.new_url())
            migrate(database)

            def read_on() -> None:
                with database.read() as connection:
                    server.stop()
                    read_revision(connection)

            with pytest.raises(DatabaseError, match=r"cannot be reached|is shutting down"):
                read_on()
            with pytest.raises(DatabaseError, match="cannot be reached"):
                database.revision_now()
            server.start()
            assert database.revision_now() == 0
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
