from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from geo_policing.api.assets import Assets


@pytest.fixture
def sheet(client: FlaskClient) -> str:
    found = re.search(r'href="(/assets/[0-9a-f]{16}/style\.css)"', client.get("/").text)
    assert found
    return found[1]


class TestServing:
    def test_a_hashed_name_is_kept_for_ever(self, client: FlaskClient, sheet: str) -> None:
        response = client.get(sheet)
        assert response.status_code == 200
        assert response.mimetype == "text/css"
        assert "immutable" in response.headers["Cache-Control"]

    def test_an_older_name_is_served_but_not_kept(self, client: FlaskClient) -> None:
        response = client.get("/assets/0123456789abcdef/style.css")
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "no-cache"

    def test_is_compressed_ahead(self, client: FlaskClient, sheet: str) -> None:
        packed = client.get(sheet, headers={"Accept-Encoding": "gzip"})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == client.get(sheet).data

    def test_answers_304_to_who_has_it(self, client: FlaskClient, sheet: str) -> None:
        tag = client.get(sheet).headers["ETag"]
        assert client.get(sheet, headers={"If-None-Match": tag}).status_code == 304

    @pytest.mark.parametrize("name", ["nothing.css", "../templates/home.html", "%2e%2e/__init__.py", ""])
    def test_nothing_else_is_served(self, client: FlaskClient, name: str) -> None:
        assert client.get(f"/assets/0123456789abcdef/{name}").status_code == 404


class TestLoading:
    def test_an_incomplete_installation_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError, match="not installed whole"):
            Assets.load(tmp_path)

    def test_the_digest_follows_templates_too(self, tmp_path: Path) -> None:
        (tmp_path / "static").mkdir()
        (tmp_path / "static" / "a.css").write_text("a{}")
        (tmp_path / "page.html").write_text("one")
        first = Assets.load(tmp_path).digest
        (tmp_path / "page.html").write_text("two")
        assert Assets.load(tmp_path).digest != first


class TestModules:
    def test_all_share_one_digest_so_that_relative_imports_stay_within_it(self, tmp_path: Path) -> None:
        found = Assets.load(site_with_module(tmp_path, "export {}"))
        digests = {asset.digest for name, asset in found.files.items() if "/" in name}
        assert len(digests) == 1
        assert found.files["a.css"].digest not in digests
        assert {"js/a.js", "leaflet/leaflet.js", "leaflet/leaflet.css"} <= found.files.keys()

    def test_a_change_to_one_changes_it(self, tmp_path: Path) -> None:
        one = Assets.load(site_with_module(tmp_path / "one", "export {}"))
        other = Assets.load(site_with_module(tmp_path / "other", "export const x = 1"))
        assert one.url("leaflet/leaflet.js") != other.url("leaflet/leaflet.js")
        assert one.url("a.css") == other.url("a.css")
        assert one.digest != other.digest

    def test_a_script_is_served_as_one(self, tmp_path: Path) -> None:
        assert Assets.load(site_with_module(tmp_path, "")).files["js/a.js"].mimetype == "text/javascript"


def site_with_module(web: Path, script: str) -> Path:
    (web / "static" / "js").mkdir(parents=True)
    (web / "static" / "js" / "a.js").write_text(script)
    (web / "static" / "a.css").write_text("a {}")
    return web
