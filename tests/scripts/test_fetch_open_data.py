from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from geo_policing.datasets.code_point import recognises as recognises_code_point
from geo_policing.datasets.discover import discover
from geo_policing.errors import ConfigError, GeoPolicingError
from scripts.fetching import __main__ as command
from scripts.fetching.http import Client, DownloadError
from scripts.fetching.recipes import Errand, fetch
from scripts.fetching.table import Source, read_table
from tests.support.publishers import (
    DISTRICTS,
    FeatureService,
    FileOnServer,
    Publishers,
    Reply,
    feature,
    zipped,
)

CODE_POINT_ROW = '"ZZ1 1AA",10,540500,260500,"E92000001","E19000001","E18000002","","{district}","E05000001"\n'
STREET_ROWS = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    "Last outcome category,Context\n,2019-01,X,X,0.1,52.1,On or near A,E01000001,A 001A,Burglary,,\n"
)


def play_everything(publishers: Publishers) -> None:
    """Every publisher of the packaged table, at the same paths on the local server."""
    lsoas = [feature(f"E0100000{n}", n / 10, 52.0, LSOA21CD=f"E0100000{n}", LSOA21NM=f"A 00{n}") for n in range(1, 4)]
    base = "/arcgis/rest/services"
    publishers.plays |= {
        f"{base}/districts/query": FeatureService(DISTRICTS),
        f"{base}/lsoas/query": FeatureService(lsoas),
        "/nomis.csv": lambda asked: Reply(
            b'"GEOGRAPHY_CODE","OBS_VALUE"\n'
            + b"".join(
                f'"{code}",{int(code[-1]) * 100}\n'.encode() for code in asked.parameters["geography"].split(",")
            )
        ),
        "/codepoint": lambda _: Reply(b"", 302, {"Location": publishers.url + "/codepo_gb.zip"}),
        "/codepo_gb.zip": FileOnServer(
            zipped(
                {
                    "Data/CSV/zz.csv": CODE_POINT_ROW.format(district="E07000002").encode(),
                    "Data/CSV/yy.csv": CODE_POINT_ROW.format(district="E07000009").encode(),
                    "Doc/licence.txt": b"Open Government Licence",
                }
            ),
            cuts=(300,),
        ),
        "/sharing/rest/search": lambda asked: Reply(
            json.dumps(
                {
                    "results": [
                        {"id": "bad", "title": "National Statistics Postcode Lookup User Guide"},
                        {"id": "new1", "title": "National Statistics Postcode Lookup (May 2025)"},
                        {"id": "old1", "title": "National Statistics Postcode Lookup (February 2025)"},
                    ]
                }
            ).encode()
        ),
        "/sharing/rest/content/items/new1/data": FileOnServer(
            zipped({"Data/multi_csv/NSPL_MAY_2025_UK_ZZ.csv": b"pcds,lat,long\nZZ1 1AA,52.1,0.1\n# E07000002\n"})
        ),
        "/latest.zip": FileOnServer(
            zipped(
                {
                    f"2019-0{m}/2019-0{m}-{slug}-street.csv": STREET_ROWS.encode()
                    for m in (1, 2)
                    for slug in ("tiny", "other")
                }
            )
        ),
    }


TABLE = """
[licences.ogl]
name = "Open Government Licence v3.0"
url = "https://example.org/ogl"
"""


def entry(url: str, **values: object) -> str:
    defaults: dict[str, object] = {
        "title": values["id"],
        "publisher": "P",
        "licence": "ogl",
        "attribution": "By P",
        "max_bytes": 10_000_000,
        "checked_on": "",
    }
    merged = {**defaults, "url": url, **values}
    return "[[sources]]\n" + "".join(f"{key} = {toml(value)}\n" for key, value in merged.items())


def toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f'{key} = "{item}"' for key, item in value.items()) + " }"
    return json.dumps(value)


def write_table(publishers: Publishers, path: Path) -> Path:
    services = publishers.url + "/arcgis/rest/services"
    common = {"recipe": "feature_service", "kind": "ons"}
    path.write_text(
        TABLE
        + entry(
            f"{services}/districts", id="districts", fields=["LAD24CD", "LAD24NM"], save_as="ons/d.geojson", **common
        )
        + entry(f"{services}/lsoas", id="lsoas", fields=["LSOA21CD", "LSOA21NM"], save_as="ons/l.geojson", **common)
        + entry(
            f"{publishers.url}/nomis.csv",
            id="population",
            recipe="nomis",
            kind="population",
            save_as="ons/p.csv",
            rename={"GEOGRAPHY_CODE": "LSOA21CD", "OBS_VALUE": "population"},
        )
        + entry(
            f"{publishers.url}/codepoint",
            id="code-point-open",
            recipe="zip",
            kind="code_point",
            save_as="code-point",
            include=["Doc/*"],
            mentioning_districts=["Data/CSV/*.csv"],
        )
        + entry(
            f"{publishers.url}/sharing/rest/search?q=x",
            id="nspl",
            recipe="newest_item",
            kind="nspl",
            save_as="nspl",
            item_title="National Statistics Postcode Lookup (",
            mentioning_districts=["Data/multi_csv/*.csv"],
        )
        + entry(
            f"{publishers.url}/latest.zip",
            id="street-crime",
            recipe="zip",
            kind="police_uk",
            save_as="police-uk",
            include=["????-??/????-??-{slug}-street.csv"],
            newest=1,
        )
    )
    return path


@pytest.fixture
def force_file(tmp_path: Path) -> Path:
    path = tmp_path / "force.toml"
    path.write_text('name = "Tiny"\nslug = "tiny"\n[districts]\nE07000002 = "District 2"\nE07000003 = "District 3"\n')
    return path


class TestCommand:
    @pytest.fixture
    def run(self, publishers: Publishers, force_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        play_everything(publishers)
        table = write_table(publishers, tmp_path / "table.toml")
        monkeypatch.setattr(
            command, "Client", lambda **options: Client(attempts=2, sleep=lambda _: None, timeout_s=5, **options)
        )

        def run(*more: str) -> int:
            return command.main([str(tmp_path / "out"), "--force", str(force_file), "--table", str(table), *more])

        return run

    def test_brings_everything(self, run: Callable[..., int], publishers: Publishers, tmp_path: Path, capsys: Any):
        assert run() == 0
        out = tmp_path / "out"
        files = sorted(str(p.relative_to(out)) for p in out.rglob("*") if p.is_file() and not p.name.startswith("."))
        assert files == [
            "LICENCES.txt",
            "code-point/Data/CSV/zz.csv",
            "code-point/Doc/licence.txt",
            "nspl/Data/multi_csv/NSPL_MAY_2025_UK_ZZ.csv",
            "ons/d.geojson",
            "ons/l.geojson",
            "ons/p.csv",
            "police-uk/2019-02/2019-02-tiny-street.csv",
        ]
        # Districts 2 and 3 with a margin touch 1 and 4 too, and not 5.
        districts = json.loads((out / "ons/d.geojson").read_text())["features"]
        assert [f["properties"]["LAD24CD"][-1] for f in districts] == ["1", "2", "3", "4"]
        assert (out / "ons/p.csv").read_text() == ("LSOA21CD,population\nE01000001,100\nE01000002,200\nE01000003,300\n")
        assert "By P" in (out / "LICENCES.txt").read_text()
        assert "nobody has tried this address yet" in (out / "LICENCES.txt").read_text()
        assert "geo-policing build" in capsys.readouterr().out

    def test_a_build_passes_over_what_is_half_there(self, run: Callable[..., int], tmp_path: Path):
        assert run() == 0
        (tmp_path / "out/.half.zip.part").write_bytes(b"PK")
        found = discover(tmp_path / "out", [])
        assert not [path for path, _ in found.ignored if path.name.startswith(".")]

    def test_a_second_run_downloads_nothing(self, run: Callable[..., int], publishers: Publishers):
        run()
        before = len(publishers.asked)
        assert run() == 0
        assert len(publishers.asked) == before
        assert run("--again", "--only", "street-crime") == 0
        assert publishers.paths()[before:] == ["/latest.zip"]

    def test_one_failure_does_not_stop_the_others(
        self, run: Callable[..., int], publishers: Publishers, tmp_path: Path, capsys: Any
    ):
        del publishers.plays["/codepoint"]
        assert run() == 2
        said = capsys.readouterr().err
        assert "Not downloaded: code-point-open." in said
        assert "404" in said
        assert (tmp_path / "out/nspl").is_dir()
        assert not (tmp_path / "out/code-point").exists()

    def test_something_else_under_the_right_name_is_put_aside(
        self, run: Callable[..., int], publishers: Publishers, tmp_path: Path, capsys: Any
    ):
        publishers.plays["/codepo_gb.zip"] = FileOnServer(zipped({"Data/CSV/zz.csv": b"a,b\n1,E07000002\n"}))
        assert run("--only", "code-point-open") == 2
        assert "is not what code-point-open should be" in capsys.readouterr().err
        assert not (tmp_path / "out/code-point").exists()
        assert (tmp_path / "out/.code-point.wrong").is_dir()

    def test_population_says_what_it_needs(self, run: Callable[..., int], capsys: Any):
        assert run("--only", "population") == 2
        assert "population needs lsoas first" in capsys.readouterr().err

    def test_missing_figures_are_refused(self, run: Callable[..., int], publishers: Publishers, capsys: Any):
        publishers.plays["/nomis.csv"] = lambda _: Reply(b'"GEOGRAPHY_CODE","OBS_VALUE"\n"E01000001",\n')
        assert run("--only", "lsoas", "--only", "population") == 2
        assert "1 rows for 3 areas" in capsys.readouterr().err

    def test_no_item_of_that_title(self, run: Callable[..., int], publishers: Publishers, capsys: Any):
        publishers.plays["/sharing/rest/search"] = lambda _: Reply(b'{"results": []}')
        assert run("--only", "nspl") == 2
        assert "no item's title begins" in capsys.readouterr().err

    def test_unknown_names_are_refused(self, run: Callable[..., int]):
        with pytest.raises(ConfigError, match="unknown"):
            run("--only", "roads2")

    def test_the_folder_is_needed(self, capsys: Any):
        with pytest.raises(SystemExit) as stop:
            command.main([])
        assert stop.value.code == 2
        assert "DIR is missing" in capsys.readouterr().err

    def test_the_list_says_licences(self, capsys: Any):
        assert command.main(["--list"]) == 0
        said = capsys.readouterr().out
        assert "Open Government Licence v3.0" in said
        assert "Open Database License" in said


class TestTable:
    def test_the_packaged_table_is_sound(self):
        table = read_table()
        assert {source.kind for source in table.sources} >= {"ons", "code_point", "nspl", "police_uk", "osm"}
        for source in table.sources:
            assert source.url.startswith("https://"), source.id
            assert re.fullmatch(r"(20\d\d-\d\d-\d\d)?", source.checked_on), source.id
            assert source.attribution, source.id
            assert bool(source.fields) == (source.recipe == "feature_service"), source.id
            assert bool(source.rename) == (source.recipe == "nomis"), source.id
            assert bool(source.item_title) == (source.recipe == "newest_item"), source.id
        assert next(source.id for source in table.sources) == "districts"

    @pytest.mark.parametrize(
        ("change", "problem"),
        [
            ('licence = "ogl"', "licence 'none' is not in"),
            ('save_as = "ons/d.geojson"', "leaves the folder"),
            ('recipe = "zip"', "Invalid enum value"),
            ('id = "lsoas"', "stands twice"),
        ],
    )
    def test_mistakes_are_named(self, publishers: Publishers, tmp_path: Path, change: str, problem: str):
        wrong = {"licence": "none", "save_as": "../d", "recipe": "magic", "id": "districts"}
        key = change.partition(" ")[0]
        path = write_table(publishers, tmp_path / "table.toml")
        path.write_text(path.read_text().replace(change, f'{key} = "{wrong[key]}"'))
        with pytest.raises(ConfigError, match=problem):
            read_table(path)


def test_what_was_fetched_is_recognised(publishers: Publishers, client: Client, tmp_path: Path):
    play_everything(publishers)
    sources = {s.id: s for s in read_table(write_table(publishers, tmp_path / "table.toml")).sources}
    errand = Errand(tmp_path / "out", ("E07000002",), "tiny", "england/tiny", client, sources)
    source: Source = sources["code-point-open"]
    fetch(errand, source)
    from geo_policing.datasets.discover import Kind

    found = discover(tmp_path / "out", [Kind("code_point", recognises_code_point)])
    assert found.paths("code_point") == [tmp_path / "out/code-point/Data/CSV/zz.csv"]
    assert errand.url(source) == source.url


def test_every_error_is_one_of_ours():
    assert issubclass(DownloadError, GeoPolicingError)
