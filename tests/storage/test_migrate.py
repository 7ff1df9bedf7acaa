"""The schema: made whole, held to the program's own description of it, never touched where it is newer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from geo_policing.errors import DatabaseVersionError
from geo_policing.storage.database import Database
from geo_policing.storage.migrate import alembic_config, migrate
from geo_policing.storage.schema import APPEND_ONLY, FROZEN_WHEN_PUBLISHED, KNOWN_VERSIONS, SCHEMA_VERSION, metadata


def set_version(database: Database, version: str) -> None:
    with database.exclusive() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})


def test_the_migrations_make_what_the_schema_describes(database: Database) -> None:
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_every_known_version_has_its_migration_and_none_is_unknown() -> None:
    scripts = list(ScriptDirectory.from_config(alembic_config()).walk_revisions())
    assert tuple(reversed([script.revision for script in scripts])) == KNOWN_VERSIONS
    assert KNOWN_VERSIONS[-1] == SCHEMA_VERSION


def test_every_promised_trigger_is_there(database: Database) -> None:
    with database.read() as connection:
        if database.is_sqlite:
            query = "SELECT DISTINCT tbl_name FROM sqlite_master WHERE type = 'trigger'"
        else:
            query = "SELECT DISTINCT event_object_table FROM information_schema.triggers"
        found = set(connection.execute(text(query)).scalars())
    assert found == {*APPEND_ONLY, *FROZEN_WHEN_PUBLISHED, "plans"}


def test_migrating_again_changes_nothing(database: Database) -> None:
    assert migrate(database) is False
    database.check_version()
    assert database.schema_version() == SCHEMA_VERSION


def test_a_new_database_says_that_it_was_made(database_url: str) -> None:
    database = Database(database_url)
    assert migrate(database) is True
    database.close()


def test_a_newer_schema_is_refused_and_left_alone(database: Database) -> None:
    set_version(database, "9999")
    for refused in (lambda: migrate(database), database.check_version):
        with pytest.raises(DatabaseVersionError, match=r"schema 9999 is newer .* Install the newer program"):
            refused()
    assert database.schema_version() == "9999"


def test_an_older_schema_is_named(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geo_policing.storage.database.SCHEMA_VERSION", "9998")
    with pytest.raises(DatabaseVersionError, match=f"schema {SCHEMA_VERSION} is older than this program's 9998"):
        database.check_version()


def test_an_empty_database_is_named(database_url: str) -> None:
    database = Database(database_url)
    database.create_file()
    with pytest.raises(DatabaseVersionError, match="has no tables of this program"):
        database.check_version()
    database.close()


def test_tables_of_another_program_are_left_alone(database_url: str) -> None:
    database = Database(database_url)
    database.create_file()
    with database.exclusive() as connection:
        connection.execute(text("CREATE TABLE somebody_elses (id INTEGER)"))
    with pytest.raises(DatabaseVersionError, match=r"not this program's \(somebody_elses\)"):
        migrate(database)
    with database.read() as connection:
        assert inspect(connection).get_table_names() == ["somebody_elses"]
    database.close()


def test_a_migration_that_fails_leaves_nothing(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(database_url)

    def upgrade_and_fail(connection: object) -> None:
        upgrade(connection)
        raise RuntimeError("pulled the plug")

    from geo_policing.storage import migrate as module

    upgrade = module._upgrade
    monkeypatch.setattr(module, "_upgrade", upgrade_and_fail)
    with pytest.raises(RuntimeError, match="pulled the plug"):
        migrate(database)
    assert database.schema_version() is None
    monkeypatch.undo()
    assert migrate(database) is True
    database.close()


def test_a_program_that_only_reads_imports_no_alembic(tmp_path: Path) -> None:
    code = "import sys, geo_policing.storage.migrate, geo_policing.services.live; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=tmp_path).returncode == 0
