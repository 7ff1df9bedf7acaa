"""Fixtures that more than one part of the tests uses."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import hypothesis
import pytest

from geo_policing.datasets.dataset import Dataset, current_path, open_dataset, point_current_at
from tests.support.real_files import open_data_dir

# A machine that does other work as well is slow now and then; that is no fault of the code under test.
hypothesis.settings.register_profile("patient", deadline=None, print_blob=True)
hypothesis.settings.load_profile("patient")


# What Chromium's own protocol says where the machine, not the page, was at fault; an assertion is never tried again.
BROWSER_AT_FAULT = ["Protocol error", "Target page, context or browser has been closed", "Page crashed"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a test of pages run once more (and the report say so) where the browser itself failed."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=BROWSER_AT_FAULT))


@pytest.fixture(scope="session")
def open_data() -> Path:
    """The folder with the publishers' real files."""
    return open_data_dir()


@pytest.fixture(scope="session")
def real_data_dir(open_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which the real files were built once, however many processes run the tests; `current` set."""
    from geo_policing.datasets.build import build_dataset

    base = tmp_path_factory.getbasetemp()
    shared = (base if "PYTEST_XDIST_WORKER" not in os.environ else base.parent) / "real-data"
    shared.mkdir(exist_ok=True)
    with (shared / "fixture.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if current_path(shared) is None:
            point_current_at(shared, build_dataset(open_data, shared).data_version)
    return shared


@pytest.fixture(scope="session")
def real_dataset(real_data_dir: Path) -> Dataset:
    """The dataset of the real files."""
    path = current_path(real_data_dir)
    assert path is not None
    return open_dataset(path)
