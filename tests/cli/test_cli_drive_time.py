"""`isochrones`, `coverage` and `scenario` as commands."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import shapely

from tests.cli.conftest import Ran
from tests.support.tiny_roads import tiny_road_live

Run = Callable[..., Ran]
WESTHAM, EASTHAM = "westham-station-response-base", "eastham-station-response-base"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    tiny_road_live(folder).close()
    return folder


class TestIsochrones:
    def test_are_geojson_on_standard_output(self, run: Run, data: Path):
        ran = run("isochrones", "--base", WESTHAM, "--minutes", "2,1", "--data", data)
        content = json.loads(ran.out)
        assert (ran.code, ran.err) == (0, "")
        assert [f["properties"]["minutes"] for f in content["features"]] == [1, 2]

    def test_take_points_and_bands(self, run: Run, data: Path):
        ran = run("isochrones", "--lat", 52.2214, "--lon", 0.0585, "--minutes", "1,2", "--bands", "--data", data)
        assert [f["properties"]["from_minutes"] for f in json.loads(ran.out)["features"]] == [0, 1]

    def test_come_as_a_geopackage(self, run: Run, data: Path, tmp_path: Path):
        from pyogrio.raw import read

        file = tmp_path / "out.gpkg"
        assert run("isochrones", "--minutes", "1,2", "-o", file, "--data", data).code == 0
        meta, _, geometries, columns = read(file, layer="isochrones")
        assert meta["crs"] == "EPSG:4326"
        assert columns[list(meta["fields"]).index("minutes")].tolist() == [1, 2]
        assert all(shapely.is_valid(shapely.from_wkb(geometries)))
        assert len(read(file, layer="bases")[2]) == 2

    def test_come_as_a_page_with_all_inside(self, run: Run, data: Path, tmp_path: Path):
        file, again = tmp_path / "out.html", tmp_path / "again.html"
        assert run("isochrones", "--minutes", "1,2", "-o", file, "--data", data).code == 0
        assert run("isochrones", "--minutes", "1,2", "-o", again, "--data", data).code == 0
        text = file.read_text(encoding="utf-8")
        assert file.read_bytes() == again.read_bytes()
        assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", text.replace('href="https://leafletjs.com"', ""))
        assert "url(images" not in text
        assert "Westham Police Station" in text
        assert "within 2 minutes" in text
        assert "© OpenStreetMap" in text
        assert '<html lang="en">' in text

    @pytest.mark.parametrize(
        "arguments",
        [
            ("--minutes", "0"),
            ("--base", "nobody"),
            ("--lat", "52.2"),
            ("-o", "out.pdf"),
            ("--profile", "reckless"),
            ("--lat", "55", "--lon", "-1.6"),
        ],
    )
    def test_that_cannot_be_are_refused_in_one_line(self, run: Run, data: Path, arguments: tuple[str, ...]):
        ran = run("isochrones", *arguments, "--data", data)
        assert ran.code == 2
        assert ran.out == ""
        assert len(ran.err.splitlines()) == 1


class TestCoverage:
    def test_in_words_has_a_chart_and_names_places(self, run: Run, data: Path):
        ran = run("coverage", "--minutes", "2,5", "--close", EASTHAM, "--data", data)
        assert ran.code == 0
        assert "Tiny Constabulary: 800 residents" in ran.out
        assert re.search(r"2 min #+\.+ +32.9% +263  \+0 -300", ran.out)
        assert "Fen End: 2 min to 5 min" in ran.out

    def test_as_json_and_csv(self, run: Run, data: Path):
        content = json.loads(run("coverage", "--level", "force", "--json", "--data", data).out)
        assert content["areas"][0]["residents"] == 800
        rows = list(csv.DictReader(io.StringIO(run("coverage", "--level", "force", "--csv", "--data", data).out)))
        assert [row["minutes"] for row in rows] == ["5", "10", "15", "20"]
        assert run("coverage", "--json", "--csv", "--data", data).code == 2

    def test_after_opening_and_moving(self, run: Run, data: Path):
        move = f"{EASTHAM},52.2214,0.0585"
        content = json.loads(run("coverage", "--move", move, "--open", "52.2305,0.0585", "--json", "--data", data).out)
        assert content["change"]["moved"] == [EASTHAM]
        assert content["change"]["opened"] == ["open-1"]


class TestScenarios:
    def test_are_kept_listed_compared_and_removed(self, run: Run, data: Path):
        assert "No scenario" in run("scenario", "list", "--data", data).out
        added = run("scenario", "add", "Without Eastham", "--close", EASTHAM, "--note", "Saves a roof", "--data", data)
        assert (added.code, added.err) == (0, "")
        run(
            "scenario",
            "add",
            "Elsewhere",
            "--open",
            "52.2305,0.0585",
            "--move",
            f"{WESTHAM},52.2214,0.0585",
            "--data",
            data,
        )
        listed = json.loads(run("scenario", "list", "--json", "--data", data).out)
        assert [s["name"] for s in listed] == ["Elsewhere", "Without Eastham"]
        assert listed[0]["open"] == [{"lat": 52.2305, "lon": 0.0585}]
        assert listed[1]["close"] == [EASTHAM]
        tried = run("coverage", "--close", EASTHAM, "--json", "--data", data).out
        assert run("coverage", "--scenario", "Without Eastham", "--json", "--data", data).out == tried
        assert "Fen End" in run("scenario", "show", "Without Eastham", "--data", data).out
        assert run("scenario", "remove", "Elsewhere", "--data", data).code == 0
        assert "Elsewhere" not in run("scenario", "list", "--data", data).out

    def test_of_one_name_replace_each_other(self, run: Run, data: Path):
        run("scenario", "add", "a", "--close", EASTHAM, "--data", data)
        run("scenario", "add", "a", "--close", WESTHAM, "--data", data)
        listed = json.loads(run("scenario", "list", "--json", "--data", data).out)
        assert [s["close"] for s in listed] == [[WESTHAM]]

    @pytest.mark.parametrize(
        "arguments",
        [
            ("add", "a"),
            ("add", "", "--close", EASTHAM),
            ("add", "x" * 61, "--close", EASTHAM),
            ("add", "a", "--close", "nobody"),
            ("add", "a", "--close", EASTHAM, "--close", WESTHAM),
            ("add", "a", "--open", "55,-1.6"),
            ("show", "nothing"),
            ("remove", "nothing"),
        ],
    )
    def test_that_cannot_be_are_refused(self, run: Run, data: Path, arguments: tuple[str, ...]):
        ran = run("scenario", *arguments, "--data", data)
        assert ran.code == 2
        assert len(ran.err.splitlines()) == 1

    def test_do_not_mix_with_trials(self, run: Run, data: Path):
        run("scenario", "add", "a", "--close", EASTHAM, "--data", data)
        assert run("coverage", "--scenario", "a", "--close", WESTHAM, "--data", data).code == 2
