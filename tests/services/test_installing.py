"""Preparing and installing: done once however many try, never half, and nothing is lost on the way."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from geo_policing.clock import Clock
from geo_policing.config import Settings
from geo_policing.datasets.dataset import Dataset, current_path, open_dataset, point_current_at
from geo_policing.errors import BusyError, ConfigError, DatabaseError, DatabaseVersionError, DatasetError
from geo_policing.services import installing
from geo_policing.services.carry_over import Adoption
from geo_policing.services.installing import build_and_install, install, prepare, starter_sources
from geo_policing.services.live import Live
from geo_policing.storage import plans, postings
from geo_policing.storage.audit import Change
from geo_policing.storage.database import Database
from tests.support.tiny import write_tiny

NOON = datetime(2026, 6, 3, 11, tzinfo=UTC)
CLOCK = Clock.fixed(NOON)
ANN = Change("ann", NOON)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture(autouse=True)
def built(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What was built from: the builder is another part's, and here makes the tiny world, by its sources' name."""
    asked: list[Path] = []

    def build(sources: Path, settings: Settings, force_file: Path | None, progress: Any) -> Dataset:
        asked.append(sources)
        before = current_path(settings.data_dir)
        dataset = write_tiny(settings.data_dir, title=sources.name)
        if before is None:
            (settings.data_dir / "current").unlink()
        else:
            point_current_at(settings.data_dir, before.name)
        return dataset

    monkeypatch.setattr(installing, "_build", build)
    return asked


def database(settings: Settings) -> Database:
    return Database(settings.resolved_database_url)


def plan_origins(settings: Settings) -> list[str]:
    with database(settings).read() as connection:
        return [p.origin for p in plans.heads(connection)]


class TestPrepare:
    def test_an_empty_folder_gets_the_starter(self, settings: Settings, built: list[Path]) -> None:
        prepare(settings, CLOCK)
        assert built == [starter_sources()]
        live = Live(settings, CLOCK)
        assert live.problem() is None
        assert live.view().plan is not None
        live.close()

    def test_preparing_again_does_nothing(self, settings: Settings, built: list[Path]) -> None:
        prepare(settings, CLOCK)
        revision = database(settings).revision_now()
        prepare(settings, CLOCK)
        assert len(built) == 1
        assert database(settings).revision_now() == revision

    def test_a_dataset_without_a_plan_gets_one(self, settings: Settings, built: list[Path]) -> None:
        settings.data_dir.mkdir()
        write_tiny(settings.data_dir)
        prepare(settings, CLOCK)
        assert built == []
        assert plan_origins(settings) == ["seed"]

    def test_a_pointer_moved_by_hand_gets_the_plans_of_the_others(self, settings: Settings) -> None:
        prepare(settings, CLOCK)
        with database(settings).write() as connection:
            postings.end(connection, 1, NOON.date() + timedelta(days=1), ANN)
        write_tiny(settings.data_dir, title="By hand")
        prepare(settings, CLOCK)
        assert plan_origins(settings) == ["seed", "carried"]

    def test_the_starter_s_sources_are_packaged(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert (starter_sources() / "force.toml").is_file()
        monkeypatch.setattr(installing, "packaged_force_paths", lambda: ())
        with pytest.raises(ConfigError, match="no starter dataset"):
            starter_sources()

    def test_another_process_that_never_ends_is_reported(
        self, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(installing, "LOCK_WAIT_S", 0.15)
        with installing._alone(settings.data_dir, installing.SILENT), pytest.raises(BusyError, match="another process"):
            prepare(settings, CLOCK)
        prepare(settings, CLOCK)

    def test_a_folder_that_cannot_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(DatabaseError, match="cannot be written to"):
            prepare(Settings(data_dir=tmp_path / "file" / "data"), CLOCK)

    def test_a_pointer_to_nothing_is_named(self, settings: Settings) -> None:
        settings.data_dir.mkdir()
        (settings.data_dir / "current").symlink_to("datasets/gone")
        with pytest.raises(DatasetError, match="gone"):
            prepare(settings, CLOCK)

    def test_a_damaged_dataset_is_named_before_anything_is_served(self, settings: Settings) -> None:
        prepare(settings, CLOCK)
        current = current_path(settings.data_dir)
        assert current is not None
        (current / "units" / "id.npy").write_bytes(b"")
        with pytest.raises(DatasetError, match=r"id\.npy: missing or damaged .* Build the dataset again"):
            prepare(settings, CLOCK)

    def test_a_database_of_a_newer_program_is_left_alone(self, settings: Settings) -> None:
        prepare(settings, CLOCK)
        with database(settings).exclusive() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(DatabaseVersionError, match="newer"):
            prepare(settings, CLOCK)


class TestBuildAndInstall:
    def test_an_untouched_starter_is_replaced(self, settings: Settings, tmp_path: Path) -> None:
        prepare(settings, CLOCK)
        report = build_and_install(tmp_path / "real", settings, CLOCK)
        assert report.carry_over.adoption is Adoption.SAME_UNITS
        assert current_path(settings.data_dir) == settings.data_dir / "datasets" / report.dataset.data_version

    def test_workers_see_the_new_dataset_with_its_plan(self, settings: Settings, tmp_path: Path) -> None:
        prepare(settings, CLOCK)
        live = Live(settings, CLOCK)
        before = live.view()
        report = build_and_install(tmp_path / "real", settings, CLOCK)
        after = live.view()
        assert after.dataset.data_version == report.dataset.data_version != before.dataset.data_version
        assert after.plan is not None
        assert after.plan.plan.data_version == report.dataset.data_version
        live.close()

    def test_going_back_to_an_older_dataset(self, settings: Settings, tmp_path: Path) -> None:
        prepare(settings, CLOCK)
        first = current_path(settings.data_dir)
        assert first is not None
        build_and_install(tmp_path / "real", settings, CLOCK)
        report = install(open_dataset(first), settings, CLOCK)
        assert report.carry_over.adoption is Adoption.PRESENT
        live = Live(settings, CLOCK)
        assert live.view().dataset.data_version == first.name
        assert live.problem() is None
        live.close()

    def test_the_pointer_moves_last(self, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        prepare(settings, CLOCK)
        served = current_path(settings.data_dir)

        def fail(*_: object) -> None:
            raise OSError("no space left")

        monkeypatch.setattr(installing, "point_current_at", fail)
        with pytest.raises(OSError, match="no space"):
            build_and_install(tmp_path / "real", settings, CLOCK)
        live = Live(settings, CLOCK)
        assert current_path(settings.data_dir) == served
        assert live.problem() is None
        live.close()
        monkeypatch.undo()

    def test_a_failing_transaction_leaves_what_was_served(
        self, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        prepare(settings, CLOCK)
        served = current_path(settings.data_dir)

        def fail(*_: object) -> None:
            raise DatabaseError("the disk is full")

        monkeypatch.setattr(installing, "adopt", fail)
        with pytest.raises(DatabaseError, match="full"):
            build_and_install(tmp_path / "real", settings, CLOCK)
        assert current_path(settings.data_dir) == served
        assert plan_origins(settings) == ["seed"]

    def test_a_damaged_old_dataset_matters_only_where_people_s_work_hangs_on_it(
        self, settings: Settings, tmp_path: Path
    ) -> None:
        prepare(settings, CLOCK)
        served = current_path(settings.data_dir)
        assert served is not None
        (served / "units" / "population.npy").write_bytes(b"damaged")
        assert build_and_install(tmp_path / "a", settings, CLOCK).carry_over.adoption is Adoption.SEEDED
        with database(settings).write() as connection:
            postings.end(connection, 1, NOON.date() + timedelta(days=1), ANN)
        served = current_path(settings.data_dir)
        assert served is not None
        (served / "units" / "population.npy").write_bytes(b"damaged")
        with pytest.raises(DatasetError, match="damaged"):
            build_and_install(tmp_path / "b", settings, CLOCK)
        assert current_path(settings.data_dir) == served


PREPARE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from geo_policing.clock import Clock
from geo_policing.config import Settings
from geo_policing.services import installing
from tests.support.tiny import write_tiny

def build(sources, settings, force_file, progress):
    dataset = write_tiny(settings.data_dir)
    (settings.data_dir / "current").unlink()
    return dataset

installing._build = build
installing.prepare(Settings(data_dir=Path(sys.argv[1])), Clock())
"""


def test_two_processes_that_prepare_at_once_seed_once(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    started = [
        subprocess.Popen([sys.executable, "-c", PREPARE, str(settings.data_dir)], cwd=Path(__file__).parents[2])
        for _ in range(2)
    ]
    assert [process.wait(timeout=120) for process in started] == [0, 0]
    assert plan_origins(settings) == ["seed"]
    with database(settings).read() as connection:
        assert len(postings.every(connection)) == 4


@pytest.mark.slow
def test_the_real_starter_is_built_and_seeded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    settings = Settings(data_dir=tmp_path / "data")
    prepare(settings, CLOCK)
    live = Live(settings, CLOCK)
    view = live.view()
    assert view.plan is not None
    assert view.dataset.approximate
    assert 90 <= len(view.plan.beats) <= 130
    assert all(len(view.postings[beat.id]) == 1 for beat in view.plan.beats)
    assert {f.district_code for f in view.facilities if f.kind == "enquiry_office"} == set(view.dataset.force.districts)
    assert all(f.easting_northing for f in view.facilities)
    live.close()
