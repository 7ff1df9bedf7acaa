from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from geo_policing.cli import main
from tests.support.live import tiny_live


@dataclass
class Ran:
    """How a command ended."""

    code: object
    out: str
    err: str


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder that `data` copies."""
    folder = tmp_path_factory.mktemp("cli")
    tiny_live(folder).close()
    return folder


@pytest.fixture
def data(made_once: Path, tmp_path: Path) -> Path:
    """A data folder with the tiny world, its plan in force since 3 June 2026."""
    return shutil.copytree(made_once, tmp_path / "data", symlinks=True)


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Ran]]:
    """Runs a command in this process as the console script does."""
    monkeypatch.delenv("GEO_POLICING_DATA", raising=False)
    before = signal.getsignal(signal.SIGTERM)

    def run(*arguments: object) -> Ran:
        with pytest.raises(SystemExit) as stop:
            main([str(argument) for argument in arguments])
        out, err = capfdbinary.readouterr()
        return Ran(stop.value.code, out.decode(), err.decode())

    yield run
    signal.signal(signal.SIGTERM, before)
