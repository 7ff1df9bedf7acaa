"""One table from what SQLite and PostgreSQL say to our errors: what is wrong, where, and what to do about it."""

from __future__ import annotations

import struct
from typing import Any

from sqlalchemy.exc import DBAPIError

from geo_policing.errors import (
    ConflictError,
    DatabaseError,
    DatabaseVersionError,
    GeoPolicingError,
    RuleError,
)
from geo_policing.storage.schema import APPEND_ONLY_MESSAGE, FROZEN_MESSAGE

NOT_PREPARED = "has no tables of this program. Prepare it with geo-policing serve, or correct the database's address."

# The first entry whose beginning fits decides, so the more exact codes stand first.
_SQLITE: tuple[tuple[str, str], ...] = (
    ("SQLITE_BUSY", "is locked by another program. Try again; if it stays so, end what holds it (fuser shows it)."),
    ("SQLITE_LOCKED", "is locked by another connection. Try again."),
    ("SQLITE_READONLY", "is read-only. Let this program's user write to the file and to its folder."),
    ("SQLITE_PERM", "may not be used by this program's user. Let it read and write the file and its folder."),
    ("SQLITE_FULL", "cannot grow: the disk is full. Nothing was changed; free some space and try again."),
    ("SQLITE_CANTOPEN", "cannot be opened. Check that the file and its folder are there and may be written to."),
    ("SQLITE_NOTADB", "is not an SQLite database. Put a backup in its place, or move it away to begin anew."),
    ("SQLITE_CORRUPT", "is damaged. Put a backup in its place (docs/operators.md)."),
    ("SQLITE_IOERR", "cannot be read or written: the disk reports an error. Check the disk and its free space."),
)
_POSTGRESQL: tuple[tuple[str, str], ...] = (
    ("28", "refuses the user or the password. Correct them in GEO_POLICING_DATABASE_URL."),
    ("3D", "does not exist on the server. Create it, or correct its name in GEO_POLICING_DATABASE_URL."),
    ("42501", "may not be used by this user. Grant it the right to create and use tables."),
    ("53100", "cannot grow: the server's disk is full. Nothing was changed; free some space and try again."),
    ("53300", "takes no more connections. Lower the number of workers, or raise max_connections."),
    ("25006", "is read-only, perhaps a standby. Give the address of the primary server."),
    ("55P03", "is locked by another program. Try again; if it stays so, look at pg_stat_activity."),
    ("40", "is being changed by another program at the same time. Nothing was changed; try again."),
    ("57P", "is shutting down or starting. Try again when the server is up."),
)
_UNREACHABLE = "cannot be reached. Check that the server runs and that GEO_POLICING_DATABASE_URL gives its address."


def our_error(original: BaseException, *, place: str) -> GeoPolicingError | None:
    """The error of ours that `original` (from a driver, or wrapped by SQLAlchemy) stands for, at `place`.

    None for what is no fault of the database (a mistake in a statement, a value of the wrong type): that is a fault
    of this program and must be seen as such.
    """
    raw = original.orig if isinstance(original, DBAPIError) else original
    if isinstance(raw, GeoPolicingError):
        return None
    sqlite_name = getattr(raw, "sqlite_errorname", None)
    if sqlite_name is not None:
        return _from_sqlite(sqlite_name, str(raw), place)
    fields = _postgresql_fields(raw)
    if fields is not None:
        return _from_postgresql(str(fields.get("C", "")), str(fields.get("M", "")), place)
    if isinstance(raw, (OSError, struct.error)) or type(raw).__module__.startswith("pg8000"):
        return DatabaseError(f"{place}: {_UNREACHABLE}")
    return None


def _from_sqlite(name: str, message: str, place: str) -> GeoPolicingError | None:
    if name.startswith("SQLITE_CONSTRAINT"):
        clash = name in ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_ROWID")
        return _refused(message, place, clash=clash)
    if name == "SQLITE_ERROR" and "no such table" in message:
        return DatabaseVersionError(f"{place}: {NOT_PREPARED}")
    return _first(_SQLITE, name, place)


def _from_postgresql(code: str, message: str, place: str) -> GeoPolicingError | None:
    if code.startswith("23") or code == "P0001":
        return _refused(message, place, clash=code == "23505")
    if code == "42P01":
        return DatabaseVersionError(f"{place}: {NOT_PREPARED}")
    return _first(_POSTGRESQL, code, place)


def _first(table: tuple[tuple[str, str], ...], code: str, place: str) -> DatabaseError | None:
    for beginning, text in table:
        if code.startswith(beginning):
            return DatabaseError(f"{place}: {text}")
    return None


def _refused(message: str, place: str, *, clash: bool) -> GeoPolicingError:
    if FROZEN_MESSAGE in message or APPEND_ONLY_MESSAGE in message:
        return RuleError(f"{place}: {message}. Nothing was changed; make a new plan or a new entry instead.")
    if clash:
        return ConflictError(f"{place}: what was to be stored is there already ({message}). Read it again first.")
    return DatabaseError(f"{place}: refuses what was to be stored ({message}). Nothing was changed.")


def _postgresql_fields(raw: Any) -> dict[str, Any] | None:
    """The fields of a server's error message: pg8000 gives them as a dict, psycopg by its attributes."""
    first = raw.args[0] if getattr(raw, "args", ()) else None
    if isinstance(first, dict):
        return first
    state = getattr(raw, "sqlstate", None)
    # psycopg's later lines (DETAIL) quote the values of a row, which no message of ours may.
    return {"C": state, "M": str(raw).partition("\n")[0]} if state else None
