"""Builds a dataset from a folder of publishers' files: one build at a time, whole or not at all.

`assemble` makes the tables and the manifest; here is what keeps a build safe. Nothing that is served is touched: the
new dataset lies beside the old ones, and pointing `current` at it is somebody else's decision.
"""

from __future__ import annotations

import errno
import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geo_policing.datasets.assemble import assemble
from geo_policing.datasets.dataset import BUILDING_PREFIX, Dataset, write_dataset
from geo_policing.datasets.progress import SILENT, Progress
from geo_policing.errors import BusyError, DatasetError, SourceError

LOCK_NAME = "build.lock"


def build_dataset(
    sources: Path, data_dir: Path, *, force_file: Path | None = None, progress: Progress = SILENT
) -> Dataset:
    """Read, check and join everything in `sources`, write it below `data_dir`, and open it.

    The force is that of `force_file`, else of a force.toml in the sources, else a packaged one with the same
    districts, else deduced. The same sources give the same `data_version`; `current` is not touched.

    SourceError names a file that is missing, damaged or contradicts another, with its row and the remedy; ConfigError
    what is wrong in a force.toml; BusyError that another build runs on `data_dir`; DatasetError that it cannot be
    written, as when the disk is full. After any of them, and after a kill, nothing half-made is to be seen.
    """
    with _alone(data_dir):
        with _reading(sources):
            tables, manifest = assemble(sources, force_file=force_file, progress=progress)
        progress.step("Writing the dataset")
        with _writing(data_dir):
            dataset = write_dataset(data_dir, tables, manifest)
        progress.detail(f"data version {dataset.data_version}")
    return dataset


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Hold the lock of builds, which the system lets go of when the process ends, however it ends."""
    with _writing(data_dir):
        data_dir.mkdir(parents=True, exist_ok=True)
        file = (data_dir / LOCK_NAME).open("a")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(
                f"{data_dir / LOCK_NAME}: another build is running on this folder. "
                "Wait until it has ended, or give another --data."
            ) from error
        # Folders of builds that were killed: while the lock is ours, none of them can be at work.
        for folder in (data_dir / "datasets").glob(f"{BUILDING_PREFIX}*"):
            shutil.rmtree(folder, ignore_errors=True)
        yield


@contextmanager
def _reading(sources: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SourceError(
            f"cannot be read ({error.strerror or error})",
            remedy="Give this account the right to read it, or take it away.",
            file=error.filename or sources,
        ) from error


@contextmanager
def _writing(data_dir: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        place = error.filename or data_dir
        # numpy tells of a write that was cut short in words of its own, without the system's number for it.
        if error.errno is None or error.errno in _NO_ROOM:
            raise DatasetError(
                f"{place}: the dataset cannot be written: the disk is full, or a limit on this account's files or "
                "space is reached. Free some space, or give another --data; what is served has not changed."
            ) from error
        raise DatasetError(
            f"{place}: the dataset cannot be written ({error.strerror}). Make sure that this account may write "
            "there; what is served has not changed."
        ) from error


_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
