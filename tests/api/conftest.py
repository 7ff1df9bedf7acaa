from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.web import app_over, tiny_app


@pytest.fixture(scope="session")
def tiny_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A seeded tiny world that no test may change."""
    folder = tmp_path_factory.mktemp("tiny")
    tiny_app(folder)
    return folder


@pytest.fixture
def app(tiny_dir: Path) -> Flask:
    return app_over(tiny_dir)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
