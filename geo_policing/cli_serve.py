"""`geo-policing serve`: checks the address, prepares the data folder, then runs the server until it is stopped."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import socket
import sys
import time
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event, Thread

import click

from geo_policing.cli_exits import DATA_VARIABLE, WRONG, complain, exit_code_of
from geo_policing.clock import Clock
from geo_policing.config import Settings
from geo_policing.errors import BusyError, InvalidInputError
from geo_policing.services.maker_process import start_maker

KILL_AFTER_S = 3
"""How long a worker may finish its requests after TERM; the whole server is gone within five seconds."""
ANSWER_WITHIN_S = 60
"""How long the first answer is waited for before it is said that there is none."""


def serve_until_stopped(host: str, port: int, data_dir: Path) -> None:
    """Serve `data_dir` on `host`:`port`; returns after TERM or Ctrl-C, when every worker has ended.

    BusyError where another program listens there, InvalidInputError for a host that this machine does not have;
    what `services.installing.prepare` raises. Leaves with its exit code where preparing failed.
    """
    settings = Settings.from_env(data_dir=data_dir)
    address = address_to_listen_on(host, port)
    # The workers read their settings from the environment that they inherit.
    os.environ[DATA_VARIABLE] = str(settings.data_dir)
    _prepare_apart(settings)
    # Preparing may have taken long enough for another program to come and listen there.
    address_to_listen_on(host, port)
    # What only maps need is made beside the server, which answers meanwhile.
    maker = start_maker(settings.data_dir / "current", rasters=True)
    try:
        _run_server(settings, address, port)
    finally:
        maker.kill()
        maker.wait()


def address_to_listen_on(host: str, port: int) -> str:
    """The IP address of `host`, once it is certain that this process may listen there on `port`."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError) as error:
        raise InvalidInputError(f"--host {host}: no such name or address ({error}).", field="host") from error
    with socket.socket(family, kind, protocol) as trial:
        # The server's own sockets share a port (SO_REUSEPORT), so a second server of the same user would start
        # without a word and take half of the first one's requests. This one does not share, and fails.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(place)
        except OSError as error:
            raise _listening_error(error, host, port) from error
    return str(place[0])


def _listening_error(error: OSError, host: str, port: int) -> BusyError | InvalidInputError:
    if error.errno == errno.EADDRINUSE:
        return BusyError(f"{host}:{port} is in use by another program. Stop that, or choose another --port.")
    if error.errno == errno.EACCES:
        return InvalidInputError(f"--port {port}: this user may not listen on it. Choose 1024 or above.", field="port")
    return InvalidInputError(f"--host {host}: cannot listen there ({error.strerror}).", field="host")


def _prepare_apart(settings: Settings) -> None:
    """Prepare in a child process, so that what a build imports and fills does not stay in the server's memory."""
    child = multiprocessing.get_context("fork").Process(target=_prepare, args=(settings,), name="prepare")
    child.start()
    try:
        child.join()
    finally:
        if child.is_alive():
            child.terminate()
            child.join(KILL_AFTER_S)
            child.kill()
            child.join()
    if child.exitcode:
        sys.exit(child.exitcode if child.exitcode > 0 else 128 - child.exitcode)


def _prepare(settings: Settings) -> None:
    from geo_policing.cli_progress import CliProgress
    from geo_policing.services.installing import prepare

    def work() -> None:
        with CliProgress(sys.stderr) as progress:
            prepare(settings, Clock(), progress)

    # Ctrl-C reaches parent and child alike; the parent speaks, and ends the child by TERM.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(exit_code_of(work))


def _run_server(settings: Settings, address: str, port: int) -> None:
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    server = Server(
        "geo_policing.api.wsgi:make_app",
        factory=True,
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.threads,
        websockets=False,
        # The server's own access log would hold paths as they were typed; api.logs writes what may be kept.
        log_access=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=KILL_AFTER_S,
    )
    stopping = Event()
    waiting = Thread(target=announce, args=(address, port, settings.data_dir, stopping), name="announce", daemon=True)
    server.on_startup(waiting.start)
    try:
        server.serve()
    except SystemExit as stop:
        # Its own code for "the workers keep failing" is 1, which here means that the answer is no.
        raise SystemExit(WRONG) from stop
    finally:
        stopping.set()


def announce(address: str, port: int, data_dir: Path, stopping: Event, within_s: float = ANSWER_WITHIN_S) -> None:
    """Say on standard error where the server is, once it answers there; nothing where it is `stopping` before.

    Where no answer comes within `within_s`, that is said.
    """
    shown = f"[{address}]" if ":" in address else address
    url = f"http://{shown}:{port}/"
    give_up = time.monotonic() + within_s
    while not stopping.wait(_ASK_EVERY_S):
        if _answers(_NEAREST.get(address, address), port):
            click.echo(f"Serving {url} from {data_dir} (Ctrl-C stops)", err=True)
            return
        if time.monotonic() > give_up:
            complain(f"{url} has not answered for {within_s:g} s. Look at the log, or lower GEO_POLICING_WORKERS.")
            return


_ASK_EVERY_S = 0.1
_NEAREST = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - who listens on every address answers on this one too


def _answers(address: str, port: int) -> bool:
    # Not urllib, which would go through a proxy where the environment names one.
    connection = HTTPConnection(address, port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
