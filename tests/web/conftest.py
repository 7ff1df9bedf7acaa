from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.browser import chromium
from tests.support.mapped import mapped_app
from tests.support.web import installed, served, tiny_app

LABEL = "Postcode, street or place"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of the tiny world, its data marked approximate as the starter's is."""
    source = {
        "file": "places.csv",
        "publisher": "GeoNames",
        "title": "Places with at least 500 residents",
        "vintage": "2024",
        "licence": "CC BY 4.0",
        "licence_url": "https://creativecommons.org/licenses/by/4.0/",
        "attribution": "Contains data from GeoNames",
    }
    with served(tiny_app(tmp_path_factory.mktemp("site"), approximate=True, sources=[source])) as address:
        yield address


@pytest.fixture(scope="session")
def drive_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of the tiny world with roads."""
    with served(mapped_app(tmp_path_factory.mktemp("drive"))) as address:
        yield address


@pytest.fixture(scope="session")
def starter_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of the starter data, as a first start makes it."""
    with installed(tmp_path_factory.mktemp("starter")) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started
