"""The map as one file: whole, the same each time, made once and apart from the worker."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
import threading
from pathlib import Path

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient

from geo_policing.api import map_export
from geo_policing.api.kept_files import MOST_KEPT, kept_file
from geo_policing.api.map_export import file_content
from geo_policing.api.runtime import the_runtime
from geo_policing.errors import BusyError
from geo_policing.maps.force_file import force_file
from tests.support.mapped import SOURCES, mapped_app
from tests.support.web import app_over


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    mapped_app(folder)
    return folder


@pytest.fixture
def app(data_dir: Path) -> Flask:
    return app_over(data_dir)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="module")
def html(data_dir: Path) -> str:
    """The file as it is downloaded."""
    response = app_over(data_dir).test_client().get("/map/export")
    assert response.status_code == 200
    return response.text


def test_nothing_in_it_is_fetched(html: str):
    code = re.sub(r"<script>.*?</script>|<style>.*?</style>", "", html, count=2, flags=re.DOTALL)
    assert not re.search(r"""(?:src|href)=["'](?!data:)|url\((?!data:|#|["']?data:)""", code)
    assert "https://" not in re.sub(r"https://(leafletjs\.com|github\.com|www\.w3\.org|\S*leaflet)", "", code)


def test_it_says_all_that_it_shows_and_whom_to_credit(html: str):
    for text in ("Fen End", "Westham Police Station", "Eastham Library", "Market: ", "unofficial", "Enquiry offices"):
        assert text in html
    assert "© Road drawers &lt;and&gt; friends" in html
    assert SOURCES[1]["attribution"] not in html, "who is not drawn"
    assert '<html lang="en-GB">' in html
    assert "user-scalable" not in html


def test_it_is_saved_not_shown(client: FlaskClient, html: str):
    response = client.get("/map/export")
    assert response.headers["Content-Disposition"] == "attachment; filename=tiny-2026-11-23.html"
    assert response.mimetype == "text/html"
    assert response.text == html
    zipped = client.get("/map/export", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(zipped.data).decode() == html
    assert zipped.headers["ETag"] != response.headers["ETag"]
    again = client.get("/map/export", headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_it_is_made_once(client: FlaskClient, html: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(map_export, "_made_apart", lambda _: pytest.fail("made again"))
    assert client.get("/map/export").text == html


def test_the_same_input_gives_the_same_bytes(app: Flask, html: str):
    with app.test_request_context("/map/export"):
        content = orjson.dumps(file_content(the_runtime().live.view()))
    first, second = (force_file(orjson.loads(content)) for _ in range(2))
    assert first == second == html.encode()


def test_each_language_has_its_own(app: Flask):
    with app.test_request_context("/pl/map/export"):
        content = file_content(the_runtime().live.view())
    assert content["language"] == "pl"
    assert content["title"] != "Map of local policing teams: Tiny Constabulary"


def test_the_worker_does_not_load_what_makes_it(data_dir: Path):
    code = (
        "import sys; from pathlib import Path; from geo_policing.api.app import create_app;"
        " from geo_policing.config import Settings;"
        f" app = create_app(Settings(data_dir=Path({str(data_dir)!r})));"
        " assert app.test_client().get('/map').status_code == 200; print('folium' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "False"


def test_without_a_plan_it_has_places_only(app: Flask):
    import dataclasses

    with app.test_request_context("/map/export"):
        view = dataclasses.replace(the_runtime().live.view(), plan=None)
        made = force_file(orjson.loads(orjson.dumps(file_content(view))))
    assert b"Westham Police Station" in made


def test_a_maker_that_fails_is_told_in_the_log_only(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(map_export, "kept_file", lambda folder, key, make: make())
    monkeypatch.setattr(map_export.sys, "executable", "/bin/false")
    response = client.get("/map/export")
    assert response.status_code == 500
    assert "/bin/false" not in response.text


class TestKeptFile:
    def test_it_is_made_once_a_key(self, tmp_path: Path):
        made = []

        def make() -> bytes:
            made.append(1)
            return b"body"

        assert [gzip.decompress(kept_file(tmp_path, key, make)) for key in ("a", "a", "b")] == [b"body"] * 3
        assert len(made) == 2

    def test_the_oldest_go_first(self, tmp_path: Path):
        for i in range(MOST_KEPT + 3):
            kept_file(tmp_path, f"k{i:02}", lambda: b"")
        left = sorted(path.name for path in tmp_path.glob("*.gz"))
        assert len(left) == MOST_KEPT
        assert left[-1] == f"k{MOST_KEPT + 2:02}.gz"

    def test_one_at_a_time(self, tmp_path: Path):
        began, go_on = threading.Event(), threading.Event()

        def slow() -> bytes:
            began.set()
            assert go_on.wait(20)
            return b"slow"

        maker = threading.Thread(target=kept_file, args=(tmp_path, "slow", slow))
        maker.start()
        assert began.wait(20)
        with pytest.raises(BusyError, match="another file is being made"):
            kept_file(tmp_path, "other", lambda: b"")
        go_on.set()
        maker.join()
        assert gzip.decompress(kept_file(tmp_path, "slow", lambda: b"no")) == b"slow"

    def test_a_folder_that_cannot_be_made_keeps_nothing(self, tmp_path: Path):
        (tmp_path / "file").write_text("in the way")
        assert gzip.decompress(kept_file(tmp_path / "file" / "below", "k", lambda: b"body")) == b"body"

    def test_a_disk_that_takes_nothing_is_no_reason_not_to_answer(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        def full(self: Path, target: Path) -> Path:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "replace", full)
        assert gzip.decompress(kept_file(tmp_path, "k", lambda: b"body")) == b"body"
        assert [path.name for path in tmp_path.iterdir()] == ["making.lock"]

    def test_a_failure_leaves_nothing_behind(self, tmp_path: Path):
        def fail() -> bytes:
            raise ValueError("no")

        with pytest.raises(ValueError, match="no"):
            kept_file(tmp_path, "k", fail)
        assert [path.name for path in tmp_path.iterdir()] == ["making.lock"]
        assert gzip.decompress(kept_file(tmp_path, "k", lambda: b"yes")) == b"yes"
