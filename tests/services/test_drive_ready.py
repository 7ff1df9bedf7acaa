"""Made ready once, kept on disk for every worker, and what happens where that fails."""

from __future__ import annotations

import io
import json
import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from geo_policing.clock import Clock
from geo_policing.config import Settings
from geo_policing.datasets.dataset import Dataset, open_dataset
from geo_policing.domain.facilities import Facility, FacilityKind
from geo_policing.errors import BusyError
from geo_policing.routing.field import Quality
from geo_policing.services import drive_maker, drive_ready
from geo_policing.services.base_times import base_times
from geo_policing.services.bases import as_base
from geo_policing.services.demand_points import demand_points, kept_points
from geo_policing.services.drive_params import USUAL_DRIVING
from geo_policing.services.drive_ready import TO_THE_DOOR, make_missing, make_ready, make_soon, times_ready, wanted_of
from geo_policing.services.grid_store import GridStore
from geo_policing.services.installing import prepare
from geo_policing.services.kept_arrays import KeptArrays
from geo_policing.services.roads import roads_of
from tests.support.live import NOON
from tests.support.tiny_roads import tiny_road_dataset, tiny_road_live

BASE = Facility("base", FacilityKind.RESPONSE_BASE, "Base", "X01", easting_northing=(540_500.0, 260_500.0))
OFFICE = Facility("office", FacilityKind.ENQUIRY_OFFICE, "Office", "X01", easting_northing=(543_500.0, 261_500.0))
NOWHERE = Facility("nowhere", FacilityKind.CONTACT_POINT, "Nowhere", "X01")
PREMISES = (BASE, OFFICE, NOWHERE)


class Told:
    """What a progress was told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def step(self, name: str) -> None:
        self.lines.append(name)

    def detail(self, text: str) -> None:
        self.lines.append(text)


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return tiny_road_dataset(tmp_path)


def again(dataset: Dataset) -> Dataset:
    """The same dataset as another process opens it."""
    return open_dataset(dataset.path)


def kept_files(dataset: Dataset) -> dict[str, int]:
    folder = KeptArrays(dataset).folder
    return {str(p.relative_to(folder)): p.stat().st_mtime_ns for p in folder.rglob("*.npy")} if folder.is_dir() else {}


def test_bases_are_driven_from_and_offices_to():
    assert [(base.id, driving) for base, driving in wanted_of(PREMISES)] == [
        ("base", USUAL_DRIVING),
        ("office", TO_THE_DOOR),
    ]


def test_all_of_it_is_made_once_and_read_by_others(dataset: Dataset):
    assert times_ready(dataset) is None
    make_missing(dataset, PREMISES)
    files = kept_files(dataset)
    other = again(dataset)
    make_missing(other, PREMISES)
    assert kept_files(other) == files
    ready = times_ready(other)
    assert ready is not None
    kept = ready.ready(as_base(OFFICE), TO_THE_DOOR)
    assert kept is not None
    assert np.array_equal(kept, base_times(dataset).of(as_base(OFFICE), TO_THE_DOOR))
    # Not the other way round, and not from elsewhere.
    assert ready.ready(as_base(OFFICE), USUAL_DRIVING) is None
    assert ready.ready(as_base(BASE), TO_THE_DOOR) is None


def test_what_is_kept_is_what_was_made(dataset: Dataset):
    made = demand_points(dataset)
    kept = kept_points(again(dataset))
    assert kept is not None
    for name, values in {**vars(made), **vars(made.snapped)}.items():
        if isinstance(values, np.ndarray):
            held = getattr(kept, name) if hasattr(kept, name) else getattr(kept.snapped, name)
            np.testing.assert_array_equal(held, values)
            assert not held.flags.writeable
    assert kept.unknown_units == made.unknown_units


def test_rasters_are_mapped_from_the_disk(dataset: Dataset):
    made = roads_of(dataset).engine.grid(Quality.INTERACTIVE)
    other = again(dataset)
    assert GridStore(other).has(Quality.INTERACTIVE)
    assert not GridStore(other).has(Quality.PUBLISHED)
    read = roads_of(other).engine.grid(Quality.INTERACTIVE)
    for name, values in vars(made).items():
        if name != "network":
            np.testing.assert_array_equal(getattr(read, name), values)
    assert read.network is roads_of(other).engine.network


def test_a_damaged_copy_is_made_again(dataset: Dataset):
    make_missing(dataset, PREMISES)
    folder = KeptArrays(dataset).folder
    for path in (*folder.glob("*/fraction.npy"), *folder.glob("*/seconds.npy")):
        path.write_bytes(path.read_bytes()[:64])
    for path in folder.glob("demand*/numbers.json"):
        path.write_text("{}")
    for path in folder.glob("grid*/numbers.json"):
        path.write_text('{"odd": 1}')
    other = again(dataset)
    assert kept_points(other) is None
    assert base_times(other).ready(as_base(OFFICE), TO_THE_DOOR) is None
    make_missing(other, PREMISES)
    assert roads_of(other).engine.grid().step_lon == roads_of(dataset).engine.grid().step_lon
    assert base_times(again(other)).ready(as_base(OFFICE), TO_THE_DOOR) is not None
    assert kept_points(again(other)) is not None


def test_what_is_no_longer_wanted_goes(dataset: Dataset):
    make_ready(dataset, PREMISES)
    folder = KeptArrays(dataset).folder
    for name in ("grid-published-0123456789ab", ".making-old"):
        (folder / name).mkdir()
    before = set(kept_files(dataset))
    make_ready(again(dataset), (BASE,))
    assert len(before) - len(kept_files(dataset)) == 1
    assert not (folder / "grid-published-0123456789ab").exists()
    assert not (folder / ".making-old").exists()


def full(*args: Any, **kwargs: Any) -> NoReturn:
    raise OSError(28, "No space left on device")


def test_a_full_disk_is_said_and_everything_is_there_all_the_same(dataset: Dataset, monkeypatch: pytest.MonkeyPatch):
    told = Told()
    monkeypatch.setattr(np, "save", full)
    make_ready(dataset, PREMISES, told)
    assert told.lines[0] == "Making drive times ready"
    assert "cannot be kept" in told.lines[1]
    assert "No space left on device" in told.lines[1]
    assert list(KeptArrays(dataset).folder.iterdir()) == []
    monkeypatch.setattr(drive_ready, "_run_maker", lambda *_: None)
    worker = again(dataset)
    thread = make_soon(worker, PREMISES)
    assert thread is not None
    thread.join(60)
    ready = times_ready(worker)
    assert ready is not None
    assert ready.ready(as_base(OFFICE), TO_THE_DOOR) is not None


def test_a_folder_that_may_not_be_written_to_is_said(dataset: Dataset, tmp_path: Path):
    # A file where the folder should be fails for every user, root too.
    (tmp_path / "cache").write_text("in the way")
    told = Told()
    make_ready(dataset, PREMISES, told)
    assert "cannot be kept" in told.lines[1]
    assert len(demand_points(dataset)) == 10


def test_what_cannot_be_worked_out_is_said(dataset: Dataset, monkeypatch: pytest.MonkeyPatch):
    def busy(*_: Any) -> NoReturn:
        raise BusyError("Try again shortly.")

    monkeypatch.setattr(drive_ready, "make_missing", busy)
    told = Told()
    make_ready(dataset, PREMISES, told)
    assert told.lines[1:] == ["not made: Try again shortly."]


class TestSoon:
    def test_only_one_waits_for_it(self, dataset: Dataset, monkeypatch: pytest.MonkeyPatch):
        go_on = threading.Event()

        def maker(dataset: Dataset, premises: Sequence[Facility]) -> None:
            go_on.wait(60)
            make_missing(open_dataset(dataset.path), premises)

        monkeypatch.setattr(drive_ready, "_run_maker", maker)
        thread = make_soon(dataset, PREMISES)
        assert thread is not None
        assert make_soon(dataset, PREMISES) is None
        go_on.set()
        thread.join(60)
        again_thread = make_soon(dataset, PREMISES)
        assert again_thread is not None
        again_thread.join(60)
        ready = times_ready(dataset)
        assert ready is not None
        assert ready.ready(as_base(OFFICE), TO_THE_DOOR) is not None

    def test_what_failed_is_tried_again_after_a_while(self, dataset: Dataset, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(drive_ready, "_run_maker", full)
        monkeypatch.setattr(drive_ready, "RETRY_S", 0.0)
        for _ in range(2):
            thread = make_soon(dataset, PREMISES)
            assert thread is not None
            thread.join(60)

    def test_another_process_does_the_work(self, dataset: Dataset):
        drive_ready._run_maker(dataset, PREMISES)
        other = again(dataset)
        assert kept_points(other) is not None
        assert base_times(other).ready(as_base(BASE), USUAL_DRIVING) is not None
        assert base_times(other).ready(as_base(OFFICE), TO_THE_DOOR) is not None

    def test_a_maker_that_does_not_start_or_end_is_given_up(self, dataset: Dataset, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(drive_ready, "MAKER", "no.such.module")
        drive_ready._run_maker(dataset, PREMISES)
        monkeypatch.setattr(drive_ready, "MAKER", "http.server")
        monkeypatch.setattr(drive_ready, "MAKER_WAIT_S", 0.1)
        drive_ready._run_maker(dataset, PREMISES)
        assert times_ready(dataset) is None


class TestMaker:
    @pytest.fixture
    def orders(self) -> Iterator[Any]:
        """A standard input that stays open, and what writes to it."""
        reading, writing = os.pipe()
        with os.fdopen(reading) as orders, os.fdopen(writing, "w") as asker:
            yield orders, asker

    def ask(self, orders: Any, dataset: Path, monkeypatch: pytest.MonkeyPatch) -> int:
        ended: list[int] = []
        monkeypatch.setattr(drive_maker.os, "_exit", ended.append)
        places = [[540_500.0, 260_500.0, "response_base"]]
        orders[1].write(json.dumps({"dataset": str(dataset), "places": places}) + "\n")
        orders[1].flush()
        code = drive_maker.main(orders[0])
        assert ended == []
        orders[1].close()
        for thread in threading.enumerate():
            if thread.name == "end-with-asker":
                thread.join(10)
        assert ended == [0]
        return code

    def test_it_makes_what_it_is_asked_for(self, dataset: Dataset, orders: Any, monkeypatch: pytest.MonkeyPatch):
        assert self.ask(orders, dataset.path, monkeypatch) == 0
        assert base_times(again(dataset)).ready(as_base(BASE), USUAL_DRIVING) is not None

    def test_what_fails_is_said(
        self, tmp_path: Path, orders: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ):
        assert self.ask(orders, tmp_path / "nothing", monkeypatch) == 2
        assert "no dataset here" in capsys.readouterr().err


def test_preparing_makes_it_ready_and_a_second_time_has_nothing_to_do(tmp_path: Path):
    live = tiny_road_live(tmp_path)
    live.close()
    settings, clock = Settings(data_dir=tmp_path), Clock.fixed(NOON)
    prepare(settings, clock)
    view = live.view()
    ready = times_ready(view.dataset)
    assert ready is not None
    assert all(ready.ready(base, driving) is not None for base, driving in wanted_of(view.facilities))
    files = kept_files(view.dataset)
    prepare(settings, clock)
    assert kept_files(view.dataset) == files
    shutil.rmtree(tmp_path / "cache")
    prepare(settings, clock)
    assert set(kept_files(view.dataset)) == set(files)
    live.close()


def test_an_empty_order_is_an_error():
    with pytest.raises(json.JSONDecodeError):
        drive_maker.main(io.StringIO(""))
