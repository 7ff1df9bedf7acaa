"""Arrays kept on disk: whole or not at all, and never taken for others."""

from __future__ import annotations

import multiprocessing
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
from numpy.typing import NDArray

from geo_policing.datasets.dataset import Dataset
from geo_policing.routing.field import Grid
from geo_policing.services import kept_arrays as subject
from geo_policing.services.kept_arrays import MAKING_PREFIX, KeptArrays, full_name, types_of

TYPES = {"a": np.dtype(np.float32), "b": np.dtype(np.int64)}
ARRAYS: dict[str, NDArray[Any]] = {"a": np.arange(3, dtype=np.float32), "b": np.arange(2, dtype=np.int64)}


@dataclass(frozen=True)
class Mixed:
    name: str
    times: NDArray[np.float64]
    ids: NDArray[np.int32]
    anything: NDArray[Any]


@pytest.fixture
def kept(tmp_path: Path) -> KeptArrays:
    return KeptArrays(Dataset(tmp_path / "datasets" / "v1", "v1", {}))


def test_what_is_put_is_got_and_cannot_be_written_to(kept: KeptArrays):
    assert kept.get("x", TYPES) is None
    kept.put("x", ARRAYS, {"n": 3})
    got = kept.get("x", TYPES)
    assert got is not None
    assert got.numbers == {"n": 3}
    assert {name: values.tolist() for name, values in got.arrays.items()} == {"a": [0, 1, 2], "b": [0, 1]}
    with pytest.raises(ValueError, match="read-only"):
        got.arrays["a"][0] = 1
    assert kept.folder.parts[-2:] == ("cache", "v1")


def test_another_type_is_another_thing(kept: KeptArrays):
    kept.put("x", ARRAYS)
    assert kept.get("x", TYPES | {"a": np.dtype(np.float64)}) is None
    assert full_name("x", TYPES) != full_name("x", TYPES | {"b": np.dtype(">i8")})


def test_another_format_or_code_is_another_thing(kept: KeptArrays, monkeypatch: pytest.MonkeyPatch):
    kept.put("x", ARRAYS)
    for name, value in (("FORMAT", subject.FORMAT + 1), ("_code", lambda: "other")):
        with monkeypatch.context() as patch:
            patch.setattr(subject, name, value)
            assert kept.get("x", TYPES) is None
    assert kept.get("x", TYPES) is not None


def test_a_file_of_another_type_is_damage(kept: KeptArrays):
    kept.put("x", ARRAYS)
    np.save(kept.folder / full_name("x", TYPES) / "a.npy", np.arange(3))
    assert kept.get("x", TYPES) is None
    kept.put("x", ARRAYS)
    assert kept.get("x", TYPES) is not None


def test_where_another_was_first_its_copy_stays(kept: KeptArrays, monkeypatch: pytest.MonkeyPatch):
    kept.put("x", ARRAYS)
    monkeypatch.setattr(subject.shutil, "rmtree", lambda *_, **__: None)
    kept.put("x", {**ARRAYS, "a": np.zeros(3, dtype=np.float32)})
    got = kept.get("x", TYPES)
    assert got is not None
    assert got.arrays["a"].tolist() == [0, 1, 2]


def test_a_write_that_fails_leaves_nothing(kept: KeptArrays, monkeypatch: pytest.MonkeyPatch):
    def full(*_: Any, **__: Any) -> NoReturn:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(subject.np, "save", full)
    with pytest.raises(OSError, match="No space"):
        kept.put("x", ARRAYS)
    assert list(kept.folder.iterdir()) == []


def _hang(folder: Path, ready: Any) -> None:
    kept = KeptArrays(Dataset(folder / "datasets" / "v1", "v1", {}))
    with kept._making():
        ready.set()
        signal.pause()


def test_a_killed_maker_leaves_what_the_next_sweep_takes_and_a_living_one_is_left_alone(kept: KeptArrays):
    fork = multiprocessing.get_context("fork")
    ready = fork.Event()
    child = fork.Process(target=_hang, args=(kept.folder.parents[1], ready))
    child.start()
    assert ready.wait(30)
    kept.put("x", ARRAYS)
    wanted = [full_name("x", TYPES)]
    kept.sweep(wanted)
    assert len(list(kept.folder.glob(f"{MAKING_PREFIX}*"))) == 1
    os.kill(child.pid or 0, signal.SIGKILL)
    child.join(30)
    kept.sweep(wanted)
    assert [p.name for p in kept.folder.iterdir()] == wanted
    kept.sweep([])
    assert list(kept.folder.iterdir()) == []


def test_sweeping_where_nothing_is_kept(kept: KeptArrays):
    kept.sweep([])
    assert not kept.folder.exists()


def test_the_types_of_a_dataclass_are_its_annotated_arrays():
    assert types_of(Mixed) == {"times": np.dtype(np.float64), "ids": np.dtype(np.int32)}
    # Every array of a raster has one type, or it would not be kept.
    assert {"first", "row", "fraction", "walk_ds", "box"} <= set(types_of(Grid))
