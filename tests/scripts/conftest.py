from __future__ import annotations

from collections.abc import Iterator

import pytest

from scripts.fetching.http import Client
from tests.support.publishers import Publishers, playing


@pytest.fixture
def publishers() -> Iterator[Publishers]:
    with playing() as server:
        yield server


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def client(waits: list[float]) -> Client:
    return Client(sleep=waits.append, timeout_s=5)
