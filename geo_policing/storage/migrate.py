"""Bringing a database's schema up to date, from the migrations that the package carries."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from geo_policing.storage.database import Database
from geo_policing.storage.schema import SCHEMA_VERSION

if TYPE_CHECKING:
    from alembic.config import Config

_ADVISORY_LOCK = 0x67656F70
"""PostgreSQL's lock for migrating ("geop"): any number that only this program uses."""


def migrate(database: Database) -> bool:
    """Make `database` (and the SQLite file, where there is none) or bring it up to date; True where that changed it.

    All of it happens in one transaction. DatabaseVersionError where the schema is newer than this program or where
    another program's tables fill the database: then nothing is touched.
    """
    database.create_file()
    found = database.schema_version()
    database.refuse_newer(found)
    if found == SCHEMA_VERSION:
        return False
    with database.exclusive() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        _upgrade(connection)
    return True


def alembic_config() -> Config:
    """Alembic's settings for the packaged migrations; for this module, and for a developer who adds one."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(files("geo_policing.storage.migrations")).replace("%", "%%"))
    return config


def _upgrade(connection: Connection) -> None:
    # Alembic costs a tenth of a second at import and is needed once in a database's life.
    from alembic import command

    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
