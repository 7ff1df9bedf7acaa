from __future__ import annotations

import pytest

from geo_policing.datasets.dataset import Dataset
from tests.support.mapped import mapped_dataset


@pytest.fixture(scope="session")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """The tiny world with roads; no test may change it."""
    return mapped_dataset(tmp_path_factory.mktemp("mapped"))
