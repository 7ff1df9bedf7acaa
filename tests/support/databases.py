"""Databases for tests: a new SQLite file, or a new database on a real PostgreSQL server started for the session."""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from pathlib import Path

import pg8000.legacy as pg8000
import pytest
from sqlalchemy import text

from geo_policing.storage.database import Database
from geo_policing.storage.migrate import migrate
from geo_policing.storage.schema import SCHEMA_VERSION, metadata

_NUMBERS = count(1)


@dataclass(frozen=True)
class PostgresServer:
    """A throw-away cluster that trusts everyone on this machine."""

    port: int
    folder: Path
    bin_dir: Path

    def new_url(self) -> str:
        """The address of a new, empty database."""
        name = f"test_{os.getpid()}_{next(_NUMBERS)}"
        with closing(pg8000.Connection("postgres", host="127.0.0.1", port=self.port)) as server:
            server.autocommit = True
            server.cursor().execute(f"CREATE DATABASE {name} TEMPLATE template0")
        return self.url(name)

    def url(self, name: str, *, user: str = "postgres", password: str = "secret") -> str:
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{name}"

    def stop(self) -> None:
        _as_postgres([self.bin_dir / "pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop"])

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder} -c fsync=off -c max_connections=40"
        _as_postgres(
            [
                self.bin_dir / "pg_ctl",
                "-D",
                self.folder / "data",
                "-l",
                self.folder / "log",
                "-o",
                options,
                "-w",
                "start",
            ]
        )


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def backend(request: pytest.FixtureRequest) -> str:
    """Either kind of database, one after the other."""
    name: str = request.param
    return name


@pytest.fixture
def database_url(backend: str, tmp_path: Path) -> str:
    """The address of a new, empty database of either kind; on SQLite the file is not there yet."""
    return f"sqlite:///{tmp_path / 'test.sqlite'}" if backend == "sqlite" else shared_postgres().new_url()


@pytest.fixture
def migrated_url(backend: str, tmp_path: Path) -> str:
    """The address of a database of either kind as new, with this program's tables: copied, or emptied."""
    if backend == "postgresql":
        return _emptied_postgres()
    copy_migrated_sqlite(tmp_path / "test.sqlite")
    return f"sqlite:///{tmp_path / 'test.sqlite'}"


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    """A database of either kind as new, with this program's tables; it waits for no lock."""
    database = Database(migrated_url, busy_timeout_s=0.2)
    yield database
    database.close()


def copy_migrated_sqlite(path: Path) -> None:
    """Put a new SQLite file with this program's tables at `path`; migrating one takes a hundred times longer."""
    shutil.copyfile(_migrated_on_sqlite(), path)
    path.chmod(0o600)


def _emptied_postgres() -> str:
    """The one migrated database of this test process, emptied: making one anew costs a second."""
    database = Database(_migrated_on_postgres())
    with database.exclusive() as connection:
        names = ", ".join(table.name for table in metadata.sorted_tables)
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
        connection.execute(text("INSERT INTO revision VALUES (1, 0)"))
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": SCHEMA_VERSION})
    database.close()
    return _migrated_on_postgres()


@lru_cache(maxsize=1)
def _migrated_on_sqlite() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="geo-policing-sqlite-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    database = Database(f"sqlite:///{folder / 'migrated.sqlite'}")
    migrate(database)
    database.close()
    return folder / "migrated.sqlite"


@lru_cache(maxsize=1)
def _migrated_on_postgres() -> str:
    url = shared_postgres().new_url()
    database = Database(url)
    migrate(database)
    database.close()
    return url


@lru_cache(maxsize=1)
def shared_postgres() -> PostgresServer:
    """The one server of this test process, started when first asked for and stopped at its end.

    Not a fixture of the session: tests in several folders share it without a common conftest.
    """
    stack = ExitStack()
    server = stack.enter_context(postgres_server())
    atexit.register(stack.close)
    return server


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server on a free port, gone afterwards; skips where PostgreSQL is not installed, fails so with CI=true."""
    bin_dir = _bin_dir()
    if bin_dir is None:
        reason = "PostgreSQL is not installed (apt-get install postgresql)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="geo-policing-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    server = PostgresServer(_free_port(), folder, bin_dir)
    try:
        _as_postgres([bin_dir / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N"])
        server.start()
        yield server
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _bin_dir() -> Path | None:
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    return installed[-1].parent if installed else None


def _as_postgres(command: list[object]) -> None:
    # PostgreSQL refuses to run as root.
    _run(["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else command)


def _run(command: list[object]) -> None:
    # To a file and not a pipe: the server that pg_ctl leaves behind would keep a pipe open for ever.
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run([str(c) for c in command], stdout=output, stderr=output, check=False, cwd="/tmp")
        output.seek(0)
        assert done.returncode == 0, f"{command[0]} failed: {output.read()}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
