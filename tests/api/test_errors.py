from __future__ import annotations

import logging
from http import HTTPStatus
from pathlib import Path

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient

from geo_policing import errors
from geo_policing.api.errors import STATUS_OF, status_of
from geo_policing.api.logs import TOLD
from geo_policing.api.paths import is_for_machines
from tests.support.web import text_of

SECRET = "ZZ1 1AA is what somebody typed"


@pytest.fixture
def failing(app: Flask) -> FlaskClient:
    def fail() -> str:
        raise KeyError(SECRET)

    def bad_input() -> str:
        raise errors.InvalidInputError("that is wrong")

    def gone() -> str:
        raise errors.DatabaseError(f"/secret/path.sqlite: {SECRET}")

    for name, view in (("fail", fail), ("bad", bad_input), ("gone", gone)):
        app.add_url_rule(f"/{name}", name, view)
        app.add_url_rule(f"/api/{name}", f"api-{name}", view)
    return app.test_client()


class TestTable:
    def test_every_error_of_ours_has_a_status(self) -> None:
        leaves = [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, errors.GeoPolicingError)]
        for leaf in leaves:
            assert any(issubclass(leaf, kind) for kind, _ in STATUS_OF)

    def test_a_leaf_stands_before_what_it_inherits_from(self) -> None:
        kinds = [kind for kind, _ in STATUS_OF]
        for i, kind in enumerate(kinds):
            assert not any(issubclass(later, kind) for later in kinds[i + 1 :])

    def test_too_large_is_not_just_invalid(self) -> None:
        assert status_of(errors.TooLargeError("x")) == 413
        assert status_of(errors.InvalidInputError("x")) == 400
        assert status_of(errors.ConfigError("x")) == 500


class TestForms:
    def test_machines_get_problems(self, failing: FlaskClient) -> None:
        for path, status in (("/api/nowhere", 404), ("/api/bad", 400), ("/api/gone", 503), ("/api/fail", 500)):
            response = failing.get(path)
            assert response.status_code == status, path
            assert response.mimetype == "application/problem+json"
            assert response.json["status"] == status
            assert response.json["title"] == HTTPStatus(status).phrase

    def test_people_get_pages(self, failing: FlaskClient) -> None:
        for path, status in (("/nowhere", 404), ("/bad", 400), ("/gone", 503), ("/fail", 500)):
            response = failing.get(path)
            assert response.status_code == status, path
            assert response.mimetype == "text/html"
            assert response.text.count("<h1") == 1
            assert "999" in response.text

    def test_nothing_of_the_inside_comes_out(self, failing: FlaskClient) -> None:
        for path in ("/gone", "/fail", "/api/gone", "/api/fail"):
            response = failing.get(path)
            for word in ("secret", "ZZ1", "KeyError", "Traceback", "sqlite"):
                assert word not in response.text
            assert response.headers["X-Request-ID"] in response.text

    def test_errors_are_never_cached(self, failing: FlaskClient) -> None:
        for path in ("/nowhere", "/gone", "/fail", "/api/bad", "/api/fail"):
            assert failing.get(path).headers["Cache-Control"] == "no-store"

    def test_503_says_when_to_come_back(self, failing: FlaskClient) -> None:
        assert failing.get("/gone").headers["Retry-After"] == "10"
        assert failing.get("/api/gone").headers["Retry-After"] == "10"

    def test_a_wrong_method_is_told_the_right_ones(self, client: FlaskClient) -> None:
        response = client.post("/")
        assert response.status_code == 405
        assert response.mimetype == "text/html"
        assert "GET" in response.headers["Allow"]
        assert "That does not work here" in text_of(response.text)

    @pytest.mark.parametrize("path", ["/api", "/api/v1", "/ogc/x", "/healthz", "/readyz", "/metrics"])
    def test_machine_paths(self, path: str) -> None:
        assert is_for_machines(path)

    @pytest.mark.parametrize("path", ["/", "/apis", "/beat/api", "/find", "/healthz2"])
    def test_page_paths(self, path: str) -> None:
        assert not is_for_machines(path)


class TestLog:
    def test_a_line_a_request_without_who_or_what(self, client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO, "geo_policing")
        client.get("/api/v1/lookup?postcode=ZZ11AA")
        client.post("/find", data={"postcode": "ZZ1 1AB"})
        client.get("/beat/ZZ11AA")
        client.get("/ZZ11AA")
        client.open("/", method="ZZ11AA")
        lines = [record.getMessage() for record in caplog.records]
        assert len(lines) == 5
        for line in lines:
            assert "ZZ1" not in line
            assert "127.0.0.1" not in line
            assert "?" not in line
        assert '"route":"/beat/<slug>"' in lines[2]
        assert '"route":"(no route)"' in lines[3]

    def test_a_failure_is_placed_but_not_quoted(self, failing: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO)
        response = failing.get("/fail")
        failures = [r.getMessage() for r in caplog.records if r.name == "geo_policing.errors"]
        assert len(failures) == 1
        assert "KeyError" in failures[0]
        assert "test_errors.py" in failures[0]
        assert response.headers["X-Request-ID"] in failures[0]
        for record in caplog.records:
            assert SECRET not in record.getMessage()
            assert not record.exc_info

    @pytest.mark.parametrize("kind", TOLD)
    def test_what_is_wrong_with_the_installation_is_quoted(
        self, app: Flask, caplog: pytest.LogCaptureFixture, kind: type[Exception]
    ) -> None:
        def fail() -> str:
            try:
                raise KeyError(SECRET)
            except KeyError as error:
                # A name of a file that is no UTF-8 comes from the system with half characters.
                raise kind("/data/caf\udce9/manifest.json: damaged. Build the dataset again.") from error

        app.add_url_rule("/api/damaged", "damaged", fail)
        caplog.set_level(logging.INFO)
        app.test_client().get("/api/damaged")
        failure = next(orjson.loads(r.getMessage()) for r in caplog.records if r.name == "geo_policing.errors")
        ours, cause = failure["errors"]
        assert ours["text"] == r"/data/caf\udce9/manifest.json: damaged. Build the dataset again."
        assert cause["type"] == "KeyError"
        assert "text" not in cause
        assert SECRET not in str(failure)

    def test_no_other_error_of_ours_is_quoted(self, app: Flask, caplog: pytest.LogCaptureFixture) -> None:
        def fail() -> str:
            raise errors.SourceError(SECRET, remedy="None.")

        app.add_url_rule("/api/odd", "odd", fail)
        caplog.set_level(logging.INFO)
        assert app.test_client().get("/api/odd").status_code == 500
        assert SECRET not in caplog.text

    def test_a_clients_own_request_id_is_not_taken(self, client: FlaskClient) -> None:
        response = client.get("/", headers={"X-Request-ID": "ZZ11AA"})
        assert response.headers["X-Request-ID"] != "ZZ11AA"


class TestConfigure:
    def test_lines_go_to_standard_output_once(self, capsys: pytest.CaptureFixture[str]) -> None:
        from geo_policing.api import logs

        logger = logging.getLogger("geo_policing")
        before = (list(logger.handlers), logger.level, logger.propagate)
        try:
            logger.handlers.clear()
            logs.configure()
            logs.configure()
            logs.ACCESS.info("one line")
            assert capsys.readouterr().out == "one line\n"
        finally:
            logger.handlers[:], logger.level, logger.propagate = before[0], before[1], before[2]


def test_a_page_for_an_unreadable_dataset(tmp_path: Path) -> None:
    from geo_policing.api.app import create_app
    from geo_policing.config import Settings

    client = create_app(Settings(data_dir=tmp_path)).test_client()
    response = client.get("/")
    assert response.status_code == 503
    assert "not available just now" in text_of(response.text)
    assert "call 101" in text_of(response.text)
