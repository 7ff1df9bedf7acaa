from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from geo_policing import __version__, cli_datasets, cli_lookup
from geo_policing.cli_exits import exit_code_of, printable
from geo_policing.datasets.dataset import current_path, write_dataset
from geo_policing.errors import SourceError
from tests.cli.conftest import Ran
from tests.support.tiny import manifest, tables, write_tiny

Run = Callable[..., Ran]


class TestFrame:
    def test_version_and_help(self, run: Run):
        assert run("--version").out == f"geo-policing, version {__version__}\n"
        assert {"build", "serve", "lookup", "datasets"} <= set(run("--help").out.split())
        assert run("lookup", "-h").code == 0

    @pytest.mark.parametrize(
        "arguments",
        [(), ("nothing",), ("lookup", "--nothing"), ("serve", "--port", "0"), ("serve", "--port", "65536"), ("build",)],
    )
    def test_a_wrong_command_line_is_2(self, run: Run, arguments: tuple[str, ...]):
        ran = run(*arguments)
        assert ran.code == 2
        assert "Usage" in ran.err

    def test_each_command_takes_data(self, run: Run):
        for command in (("build",), ("serve",), ("lookup",), ("datasets", "list"), ("datasets", "use")):
            assert "--data" in run(*command, "--help").out

    def test_data_comes_from_the_environment(self, run: Run, data: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("GEO_POLICING_DATA", str(data))
        assert run("lookup", "--postcode", "ZZ1 1AA").code == 0

    def test_what_goes_wrong_is_one_line(self, capsys: pytest.CaptureFixture[str]):
        def fail(error: BaseException) -> int:
            def work() -> None:
                raise error

            return exit_code_of(work)

        assert fail(SourceError("is empty", remedy="Get it again.", file="a\x1b[31m.csv")) == 2
        assert capsys.readouterr().err == "geo-policing: a?[31m.csv: is empty. Get it again.\n"
        assert fail(KeyboardInterrupt()) == 130
        assert fail(BrokenPipeError()) == 141
        assert capsys.readouterr().err == "geo-policing: stopped\n"
        assert fail(OSError(errno.ENOSPC, "No space left on device", "/data/x")) == 2
        assert capsys.readouterr().err == "geo-policing: /data/x: No space left on device\n"
        assert fail(OSError("odd")) == 2
        with pytest.raises(ZeroDivisionError):
            fail(ZeroDivisionError())

    def test_control_characters_do_not_reach_the_terminal(self):
        assert printable("a\x1b[2J\rb\nc\u202e é") == "a?[2J?b\nc? é"

    def test_a_wrong_setting_is_named(self, run: Run, data: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("GEO_POLICING_WORKERS", "many")
        ran = run("lookup", "--postcode", "ZZ1 1AA", "--data", data)
        assert ran.code == 2
        assert "GEO_POLICING_WORKERS='many'" in ran.err


class TestLookup:
    def test_one_in_words(self, run: Run, data: Path):
        ran = run("lookup", "--postcode", "zz11aa", "--data", data)
        assert ran.code == 0
        assert "ZZ1 1AA is in Abbey (Westham, North area)." in ran.out
        assert "PCSO" in ran.out
        assert "(illustrative)" in ran.out

    def test_one_as_json_has_the_contract(self, run: Run, data: Path):
        ran = run("lookup", "--postcode", "ZZ1 1AA", "--data", data, "--json")
        answer = json.loads(ran.out)
        assert ran.code == 0
        assert answer["outcome"] == "one"
        assert answer["candidates"][0]["beat"]["name"] == "Abbey"
        assert answer["candidates"][0]["district"] == {"code": "X01", "name": "Westham"}

    def test_a_split_postcode_names_both(self, run: Run, data: Path):
        ran = run("lookup", "--postcode", "ZZ1 1AB", "--data", data)
        assert ran.code == 0
        assert "lies in 2 beats" in ran.out
        assert "60% Abbey" in ran.out
        assert "40% Market" in ran.out

    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            (("--postcode", "ZZ1 1AG"), "outside the force's area, in Farham"),
            (("--postcode", "ZZ1 1AD"), "no longer in use"),
            (("--place", "Mill Road"), "mill-road-eastham: Mill Road (street near Fen End, Eastham)"),
            (("--postcode", "AB10 1AB"), "AB10 1AB"),
            (("--lat", "54", "--lon", "-2"), "outside the force's area"),
            (("--place", "Nowhere at all"), ""),
            (("--postcode", "ZZ1 1AA", "--as-of", "2020-01-01"), "No plan of beats was in force on 1 January 2020"),
        ],
    )
    def test_no_is_1(self, run: Run, data: Path, asked: tuple[str, ...], said: str):
        ran = run("lookup", *asked, "--data", data)
        assert ran.code == 1
        assert said in ran.out
        assert ran.out.strip()
        assert ran.err == ""

    @pytest.mark.parametrize(
        "asked",
        [
            ("--easting", "540500", "--northing", "260500"),
            ("--grid-ref", "TL 405 605"),
            ("--place-id", "fen-end"),
            ("--place", "Fen End"),
        ],
    )
    def test_every_way_to_ask(self, run: Run, data: Path, asked: tuple[str, ...]):
        assert run("lookup", *asked, "--data", data).code == 0

    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            ((), "Nothing was asked"),
            (("--postcode", "nonsense"), "nonsense"),
            (("--postcode", "ZZ1 1AA", "--place", "Fen End"), "Several things"),
            (("--lat", "52"), "lon is missing"),
            (("--lat", "nan", "--lon", "0"), "lat"),
            (("--postcode", "ZZ1 1AA", "--as-of", "tomorrow"), "tomorrow"),
            (("--postcode", "ZZ1 1AA", "-o", "x.csv"), "--output belongs to --csv"),
        ],
    )
    def test_bad_input_is_2(self, run: Run, data: Path, asked: tuple[str, ...], said: str):
        ran = run("lookup", *asked, "--data", data)
        assert ran.code == 2
        assert said in ran.err
        assert ran.out == ""

    def test_a_folder_without_a_dataset_is_2(self, run: Run, tmp_path: Path):
        ran = run("lookup", "--postcode", "ZZ1 1AA", "--data", tmp_path / "none")
        assert ran.code == 2
        assert ran.err.startswith("geo-policing: ")
        assert "Traceback" not in ran.err


class TestCsv:
    ROWS = "name;postcode\nA;ZZ1 1AA\nB;nonsense\nC;ZZ1 1AG\n"

    def test_to_a_file(self, run: Run, data: Path, tmp_path: Path):
        source, output = tmp_path / "in.csv", tmp_path / "out.csv"
        source.write_text(self.ROWS)
        output.write_text("old")
        before = os.umask(0o022)
        try:
            assert run("lookup", "--csv", source, "-o", output, "--data", data).code == 0
        finally:
            os.umask(before)
        lines = output.read_text().splitlines()
        assert lines[0].startswith("name;postcode;outcome;beat_id")
        assert [line.split(";")[2] for line in lines[1:]] == ["one", "invalid", "outside"]
        assert output.stat().st_mode & 0o777 == 0o644
        assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "in.csv", "out.csv"]

    def test_through_a_pipe(self, data: Path):
        done = subprocess.run(
            [sys.executable, "-m", "geo_policing.cli", "lookup", "--csv", "-", "--data", str(data)],
            input=self.ROWS.encode(),
            capture_output=True,
            check=True,
        )
        assert done.stdout.splitlines()[1].startswith(b"A;ZZ1 1AA;one;")
        assert done.stderr == b""

    def test_a_damaged_file_leaves_the_old_answer(self, run: Run, data: Path, tmp_path: Path):
        source, output = tmp_path / "in.csv", tmp_path / "out.csv"
        source.write_bytes(b"colour\nred\n")
        output.write_text("old")
        ran = run("lookup", "--csv", source, "-o", output, "--data", data)
        assert ran.code == 2
        assert output.read_text() == "old"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "in.csv", "out.csv"]

    def test_a_failure_half_way_leaves_nothing(
        self, run: Run, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        class Full:
            def __iter__(self):
                yield b"half"
                raise OSError(errno.ENOSPC, "No space left on device")

            def close(self) -> None:
                pass

        monkeypatch.setattr("geo_policing.services.bulk_lookup.lookup_csv", lambda *_, **__: Full())
        source = tmp_path / "in.csv"
        source.write_text(self.ROWS)
        ran = run("lookup", "--csv", source, "-o", tmp_path / "out.csv", "--data", data)
        assert ran.code == 2
        assert "No space left on device" in ran.err
        assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "in.csv"]

    def test_a_folder_that_is_not_there(self, run: Run, data: Path, tmp_path: Path):
        source = tmp_path / "in.csv"
        source.write_text(self.ROWS)
        ran = run("lookup", "--csv", source, "-o", tmp_path / "none/out.csv", "--data", data)
        assert ran.code == 2
        assert "No such file or directory" in ran.err

    @pytest.mark.parametrize("more", [("--json",), ("--postcode", "ZZ1 1AA")])
    def test_only_with_what_belongs_to_it(self, run: Run, data: Path, tmp_path: Path, more: tuple[str, ...]):
        source = tmp_path / "in.csv"
        source.write_text(self.ROWS)
        assert run("lookup", "--csv", source, "--data", data, *more).code == 2

    def test_a_reader_that_goes_away_is_quiet(self, data: Path, tmp_path: Path):
        source = tmp_path / "in.csv"
        source.write_text("postcode\n" + "ZZ1 1AA\n" * 20_000)
        command = [sys.executable, "-m", "geo_policing.cli", "lookup", "--csv", str(source), "--data", str(data)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.readline()
        child.stdout.close()
        said = child.stderr.read()
        child.stderr.close()
        assert child.wait(timeout=30) == 141
        assert said == b""


@pytest.mark.parametrize(("share", "said"), [(0.6, "60%"), (0.005, "1%"), (0.0049, "under 1%")])
def test_a_small_share_is_not_told_as_none(share: float, said: str):
    assert cli_lookup.percent(share) == said


class TestDatasets:
    def test_lists_what_there_is(self, run: Run, data: Path):
        ran = run("datasets", "list", "--data", data)
        assert ran.code == 0
        assert ran.out.startswith("* ")
        assert "Tiny Constabulary, Tiny world" in ran.out
        (one,) = json.loads(run("datasets", "list", "--data", data, "--json").out)
        current = current_path(data)
        assert current is not None
        assert one["data_version"] == current.name
        assert one["current"] is True

    def test_does_not_say_the_force_twice(self):
        at = datetime(2026, 11, 22, 14, 38, tzinfo=UTC)
        line = cli_datasets.Listed("99", True, "Tiny Constabulary (starter)", True, "Tiny Constabulary", at).in_words()
        assert line == "* 99  2026-11-22 14:38 UTC  Tiny Constabulary (starter), approximate"

    def test_none_is_1(self, run: Run, tmp_path: Path):
        ran = run("datasets", "list", "--data", tmp_path)
        assert (ran.code, ran.out) == (1, "")
        assert "geo-policing build" in ran.err
        assert run("datasets", "list", "--data", tmp_path, "--json").out == "[]\n"

    def test_a_damaged_one_is_listed_as_such(self, run: Run, data: Path):
        (data / "datasets" / "0123").mkdir()
        (data / "datasets" / "0123" / "manifest.json").write_text("{")
        assert "damaged" in run("datasets", "list", "--data", data).out

    def test_rolling_back_and_forth(self, run: Run, data: Path):
        old = current_path(data)
        new = write_dataset(data, tables(), manifest(title="Second", approximate=True))
        assert old is not None
        ran = run("datasets", "use", new.data_version[:6], "--data", data)
        assert ran.code == 0, ran.err
        assert f"Serving dataset {new.data_version}: Second" in ran.out
        assert "Plans: " in ran.out
        assert run("lookup", "--postcode", "ZZ1 1AA", "--data", data).code == 0
        back = run("datasets", "use", old.name, "--data", data, "--json")
        assert json.loads(back.out)["data_version"] == old.name
        assert json.loads(back.out)["plans"]["adoption"] == "present"
        served = {one.version: one.is_current for one in cli_datasets.listed(data)}
        assert served == {old.name: True, new.data_version: False}

    @pytest.mark.parametrize("version", ["ffffffffffffffffffff", "../x", ""])
    def test_an_unknown_or_open_version_is_2(self, run: Run, data: Path, version: str):
        write_dataset(data, tables(), manifest(title="Second"))
        ran = run("datasets", "use", version, "--data", data)
        assert ran.code == 2
        assert "of a version that begins so" in ran.err

    def test_a_damaged_dataset_is_not_served(self, run: Run, data: Path):
        before = current_path(data)
        new = write_dataset(data, tables(), manifest(title="Second"))
        next(new.path.rglob("*.npy")).write_bytes(b"rot")
        ran = run("datasets", "use", new.data_version, "--data", data)
        assert ran.code == 2
        assert "damaged" in ran.err
        assert current_path(data) == before


class TestBuild:
    def test_from_the_starter_sources(self, run: Run, tmp_path: Path):
        from geo_policing.services.installing import starter_sources

        ran = run("build", "--sources", starter_sources(), "--data", tmp_path / "d", "--json")
        assert ran.code == 0, ran.err
        report = json.loads(ran.out)
        assert report["approximate"] is True
        assert report["counts"]["units"] > 100
        assert report["plans"]["adoption"] == "seeded"
        # Not a terminal: each step is a line with its time.
        assert all(line[:2] == "20" and line[19] == "Z" for line in ran.err.splitlines())
        assert "Reading" in ran.err

    def test_an_empty_folder_is_2(self, run: Run, data: Path, tmp_path: Path):
        (tmp_path / "empty").mkdir()
        before = current_path(data)
        ran = run("build", "--sources", tmp_path / "empty", "--data", data)
        assert ran.code == 2
        assert "Traceback" not in ran.err
        assert current_path(data) == before

    def test_ctrl_c_is_130(self, tmp_path: Path):
        from geo_policing.services.installing import starter_sources

        command = [sys.executable, "-m", "geo_policing.cli", "build", "--sources", str(starter_sources())]
        child = subprocess.Popen(
            [*command, "--data", str(tmp_path / "d")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # What a shell starts in the background, and all below it, ignores Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        assert child.stderr is not None
        child.stderr.readline()
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
        assert child.returncode == 130, err
        assert err.endswith("geo-policing: stopped\n")
        assert "Traceback" not in err
        assert out == ""
        assert current_path(tmp_path / "d") is None

    def test_the_report_in_words(self, tmp_path: Path):
        from geo_policing.services.carry_over import Adoption, CarriedPlan, CarryOver
        from geo_policing.services.installing import InstallReport

        facts = {
            "absent": [{"what": "wards", "effect": "No names."}],
            "dropped": [{"what": "rows", "count": 1200, "why": "no place", "examples": []}],
            "counts": {"live_postcodes": 21939},
            "ignored": [{"file": "notes.md", "why": "not a form that is read"}],
        }
        plan = CarriedPlan(plan_id=2, carried_from=1, name="Spring", by_point=("u1", "u2"), lost=("b1 Abbey",))
        report = InstallReport(write_tiny(tmp_path, **facts), CarryOver(Adoption.CARRIED, "old", "new", (plan,)))
        assert cli_datasets.report_in_words(report).splitlines()[1:] == [
            "  live postcodes 21,939",
            "  absent: wards. No names.",
            "  dropped: rows: 1,200 (no place)",
            "  not used: notes.md (not a form that is read)",
            "Plans: carried over to the new units by best fit; look through them.",
            "  Spring: 2 units by best fit; beats left without a unit: b1 Abbey",
        ]


def test_every_adoption_has_words():
    from geo_policing.services.carry_over import Adoption

    assert {adoption.value for adoption in Adoption} == set(cli_datasets._PLANS_IN_WORDS)
    assert Path("-") == cli_lookup.STANDARD_STREAM
