"""The database: SQLite by default, PostgreSQL by its address, the same rules on both.

Every statement goes through `read` or `write`. A read sees one moment throughout; a write is alone, is whole or not at
all, and raises the revision by which every worker learns of it. What a driver raises comes out as an error of ours.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, inspect, select, text
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, InvalidatePoolError
from sqlalchemy.pool import QueuePool

from geo_policing.errors import ConfigError, DatabaseError, DatabaseVersionError
from geo_policing.storage.driver_errors import NOT_PREPARED, our_error
from geo_policing.storage.schema import KNOWN_VERSIONS, SCHEMA_VERSION, revision

BUSY_TIMEOUT_S = 5.0
"""How long a write waits for another to end before it gives up; ours take well under a second."""

NETWORK_TIMEOUT_S = 15
"""How long one answer of a PostgreSQL server may take: a server that is gone must not hold a page for ever."""

_FORMS = "It is sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME."
_REVISION_SQL = "SELECT number FROM revision"


class Database:
    """One database at an address; making one opens nothing. Safe to use from several threads, not across a fork."""

    def __init__(self, url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        """ConfigError where `url` is no address of a kind that is supported."""
        self._url = _parse(url)
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        self.path = Path(str(self._url.database)).absolute() if self.is_sqlite else None
        self.place = str(self.path) if self.path else self._url.render_as_string(hide_password=True)
        self._busy_timeout_s = busy_timeout_s
        self._file_identity: tuple[int, int] | None = None
        self._engine = self._make_engine()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees the database as of one moment; it must not write.

        DatabaseError where it cannot be used now, DatabaseVersionError where it was never prepared.
        """
        self._notice_replaced_file()
        with self._engine.connect() as connection, connection.begin():
            if not self.is_sqlite:
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield connection

    @contextmanager
    def write(self, *, bump: bool = True) -> Iterator[Connection]:
        """A connection for one whole change, alone among writers; an exception undoes all of it.

        `bump=False` is for what no answer depends on (an entry in the audit log alone): the revision stays. Raises as
        `read`, and ConflictError or RuleError where a constraint refuses.
        """
        with self.exclusive() as connection:
            if bump:
                # First, so that on PostgreSQL the row's lock lets writers in one by one, as SQLite does.
                bump_revision(connection)
            elif not self.is_sqlite:
                connection.execute(select(revision.c.number).with_for_update())
            yield connection

    @contextmanager
    def exclusive(self) -> Iterator[Connection]:
        """As `write`, for a database that may have no tables yet: for migrations only."""
        self._notice_replaced_file()
        with self._engine.connect() as plain:
            connection = plain.execution_options(begin="BEGIN IMMEDIATE")
            with connection.begin():
                yield connection

    def revision_now(self) -> int:
        """The newest committed revision: the one reading that every request bears (0.03 ms on SQLite)."""
        self._notice_replaced_file()
        if not self.is_sqlite:
            with self._engine.connect() as connection:
                return read_revision(connection)
        # Straight to the driver: SQLAlchemy's own transaction would cost several times the reading itself.
        try:
            with closing(self._engine.raw_connection()) as raw:
                row = raw.driver_connection.execute(_REVISION_SQL).fetchone()  # type: ignore[union-attr]
        except sqlite3.Error as error:
            raise self._our_error(error) from error
        return _number(row, self.place)

    def schema_version(self) -> str | None:
        """The schema's revision, None for an empty database; DatabaseVersionError where others' tables fill it."""
        with self.read() as connection:
            names = set(inspect(connection).get_table_names())
            if "alembic_version" in names:
                return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())
        if names - {"spatial_ref_sys"}:
            raise DatabaseVersionError(
                f"{self.place}: holds tables that are not this program's ({', '.join(sorted(names)[:3])}). "
                "Give an empty database, or correct the database's address."
            )
        return None

    def check_version(self) -> None:
        """DatabaseVersionError unless the schema is this program's own: older, newer and empty are told apart."""
        found = self.schema_version()
        self.refuse_newer(found)
        if found is None:
            raise DatabaseVersionError(f"{self.place}: {NOT_PREPARED}")
        if found != SCHEMA_VERSION:
            raise DatabaseVersionError(
                f"{self.place}: its schema {found} is older than this program's {SCHEMA_VERSION}. "
                "Start geo-policing serve once; it brings the schema up to date."
            )

    def refuse_newer(self, found: str | None) -> None:
        """DatabaseVersionError where `found` is a schema that this program does not know."""
        if found is not None and found not in KNOWN_VERSIONS:
            raise DatabaseVersionError(
                f"{self.place}: its schema {found} is newer than this program's {SCHEMA_VERSION}. "
                "Install the newer program, or restore a backup that was made with this one."
            )

    def create_file(self) -> None:
        """Make the SQLite file where there is none, in write-ahead mode; nothing for PostgreSQL.

        Everything else opens only what is there, so that a lost file is reported and never silently begun anew.
        """
        if self.path is None or self.path.exists():
            return
        if not self.path.parent.is_dir():
            raise DatabaseError(f"{self.path}: its folder does not exist. Make the folder, or correct --data.")
        try:
            # Names of people will stand in it, so other users of the machine may not read it.
            self.path.touch(mode=0o600)
            with closing(sqlite3.connect(self.path)) as made:
                made.execute("PRAGMA journal_mode=WAL")
        except sqlite3.Error as error:
            raise self._our_error(error) from error
        except OSError as error:
            raise DatabaseError(
                f"{self.path}: cannot be made ({error.strerror}). Let this program's user write to the folder."
            ) from error

    def close(self) -> None:
        """Give all idle connections back; the next use opens new ones."""
        self._engine.dispose()

    def _notice_replaced_file(self) -> None:
        """An open SQLite file that was removed or restored goes on being read for ever, unless someone looks."""
        if self.path is None:
            return
        try:
            stat = self.path.stat()
        except OSError as error:
            self._engine.dispose()
            raise DatabaseError(
                f"{self.place}: not there ({error.strerror}). geo-policing serve and build make a new one; "
                "if you had one, put a backup in its place (docs/operators.md), or correct --data."
            ) from error
        identity = (stat.st_dev, stat.st_ino)
        if self._file_identity not in (None, identity):
            self._engine.dispose()
        self._file_identity = identity

    def _make_engine(self) -> Engine:
        if self.is_sqlite:
            engine = create_engine("sqlite+pysqlite://", creator=self._connect_sqlite, poolclass=QueuePool)
            event.listen(engine, "begin", _begin_sqlite)
        else:
            engine = create_engine(self._url, connect_args=_network_arguments(self._url))
            _replace_dead_connections(engine)
        event.listen(engine, "handle_error", self._on_error)
        return engine

    def _connect_sqlite(self) -> sqlite3.Connection:
        uri = f"file:{quote(str(self.path))}?mode=rw"
        made = sqlite3.connect(
            uri,
            uri=True,
            timeout=self._busy_timeout_s,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        made.execute("PRAGMA foreign_keys=ON")
        made.execute("PRAGMA synchronous=FULL")
        return made

    def _our_error(self, error: Exception) -> Exception:
        """What `error` of the driver is called here; itself where it is no fault of the database."""
        return our_error(error, place=self.place) or error

    def _on_error(self, context: ExceptionContext) -> None:
        mapped = our_error(context.original_exception, place=self.place)
        if mapped is not None:
            raise mapped from context.original_exception


def read_revision(connection: Connection) -> int:
    """The revision as `connection` sees it; 0 is a database that was only just made."""
    row = connection.execute(select(revision.c.number)).fetchone()
    return _number(row, connection.engine.url.render_as_string(hide_password=True))


def bump_revision(connection: Connection) -> None:
    """Raise the revision by one: when this is committed, every worker looks again."""
    connection.execute(revision.update().values(number=revision.c.number + 1))


def _number(row: object, place: str) -> int:
    if row is None:
        raise DatabaseError(f"{place}: its revision row is missing. Put a backup in its place (docs/operators.md).")
    return int(row[0])  # type: ignore[index]


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


def _replace_dead_connections(engine: Engine) -> None:
    """Ask the server for a sign of life before each use, so that its restart costs no request an error.

    SQLAlchemy's own `pool_pre_ping` lets a reset connection through as an error, and takes three round trips for it.
    """
    failures = (engine.dialect.loaded_dbapi.Error, OSError, struct.error)

    def ask(connection: Any, _record: object, _proxy: object) -> None:
        try:
            connection.autocommit = True
            connection.cursor().execute("SELECT 1")
            connection.autocommit = False
        except failures as error:
            raise InvalidatePoolError from error

    event.listen(engine, "checkout", ask)


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigError(f"GEO_POLICING_DATABASE_URL={url!r} is no database address. {_FORMS}") from error
    shown = parsed.render_as_string(hide_password=True)
    backend = parsed.get_backend_name()
    if backend == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise ConfigError(f"GEO_POLICING_DATABASE_URL={shown!r} names no file. {_FORMS}")
    if backend not in ("sqlite", "postgresql"):
        raise ConfigError(f"GEO_POLICING_DATABASE_URL={shown!r}: {backend} is not supported. {_FORMS}")
    return parsed.set(drivername="postgresql+pg8000") if parsed.drivername == "postgresql" else parsed


def _network_arguments(url: URL) -> dict[str, object]:
    if url.get_driver_name() == "pg8000":
        return {"timeout": NETWORK_TIMEOUT_S, "application_name": "geo-policing"}
    return {"connect_timeout": NETWORK_TIMEOUT_S, "application_name": "geo-policing"}
