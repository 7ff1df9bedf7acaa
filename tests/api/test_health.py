from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from geo_policing.api.app import create_app
from geo_policing.config import SQLITE_NAME, Settings
from tests.support.tiny import write_tiny
from tests.support.web import app_over, tiny_app


class TestHealthz:
    def test_says_that_the_process_lives_even_without_data(self, tmp_path: Path) -> None:
        response = create_app(Settings(data_dir=tmp_path)).test_client().get("/healthz")
        assert (response.status_code, response.json) == (200, {"status": "ok"})


class TestReadyz:
    def test_is_ready_where_a_lookup_would_be_answered(self, client: FlaskClient) -> None:
        response = client.get("/readyz")
        assert response.status_code == 200
        assert response.json["status"] == "ready"
        assert response.json["stale_since"] is None
        assert response.headers["Cache-Control"] == "no-store"

    def test_is_not_ready_without_a_dataset(self, tmp_path: Path) -> None:
        response = create_app(Settings(data_dir=tmp_path)).test_client().get("/readyz")
        assert response.status_code == 503
        assert response.mimetype == "application/problem+json"
        assert response.headers["Retry-After"]

    def test_is_not_ready_where_the_dataset_is_damaged(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        app = tiny_app(tmp_path)
        for folder in (tmp_path / "datasets").iterdir():
            shutil.rmtree(folder / "units")
        response = app.test_client().get("/readyz")
        assert response.status_code == 503
        assert "The log says why" in response.json["detail"]
        assert "missing or damaged (its checksum is not the manifest's). Build the dataset again" in caplog.text

    def test_is_not_ready_without_a_database(self, tmp_path: Path) -> None:
        write_tiny(tmp_path)
        client = app_over(tmp_path).test_client()
        assert client.get("/readyz").status_code == 503
        assert client.get("/").status_code == 503
        problem = client.get("/api/v1/lookup?postcode=ZZ11AA")
        assert (problem.status_code, problem.mimetype) == (503, "application/problem+json")
        assert "sqlite" not in problem.text

    def test_is_not_ready_with_a_file_that_is_no_database(self, tmp_path: Path) -> None:
        write_tiny(tmp_path)
        (tmp_path / SQLITE_NAME).write_bytes(b"not a database" * 100)
        assert app_over(tmp_path).test_client().get("/readyz").status_code == 503

    def test_goes_on_with_what_was_read_when_the_database_goes(self, tmp_path: Path) -> None:
        client = tiny_app(tmp_path).test_client()
        assert client.get("/readyz").json["status"] == "ready"
        for file in tmp_path.glob("*.sqlite*"):
            file.unlink()
        response = client.get("/readyz")
        assert response.status_code == 200
        assert response.json["status"] == "stale"
        assert response.json["stale_since"]
        assert client.get("/api/v1/lookup?postcode=ZZ11AA").status_code == 200
        assert "has not been reachable since" in client.get("/beat/market").text
