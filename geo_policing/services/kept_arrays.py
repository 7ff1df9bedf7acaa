"""Arrays kept on disk beside the datasets, so that workers share one copy in memory and none makes them twice.

`{data}/cache/{data_version}/{name}-{key}/` holds one `.npy` file an array and plain numbers as JSON; the key is of the
arrays' types and of the code that makes them. All of it can be deleted at any time: it is made again.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args, get_type_hints

import numpy as np
from numpy.typing import NDArray

from geo_policing.datasets.dataset import Dataset

FORMAT = 2
"""Of the folder; the code and the types of the arrays have their own part in the key."""
MAKING_PREFIX = ".making-"
_NUMBERS = "numbers.json"
_MAKERS = ("routing/*.py", "services/demand_points.py")

Types = Mapping[str, "np.dtype[Any]"]


@dataclass(frozen=True, eq=False)
class Kept:
    """What was kept under a name: memory-mapped arrays, which nobody may write to, and numbers."""

    arrays: Mapping[str, NDArray[Any]]
    numbers: Mapping[str, Any]


class KeptArrays:
    """What is kept of one dataset; processes may share the folder."""

    def __init__(self, dataset: Dataset) -> None:
        self.folder = dataset.path.parent.parent / "cache" / dataset.data_version

    def get(self, name: str, types: Types) -> Kept | None:
        """The arrays of `types` kept as `name`, None where there are none, or not these, or they are damaged."""
        place = self.folder / full_name(name, types)
        try:
            numbers = json.loads((place / _NUMBERS).read_text(encoding="utf-8"))
            return Kept({array: _mapped(place / f"{array}.npy", dtype) for array, dtype in types.items()}, numbers)
        except (OSError, ValueError):
            return None

    def put(self, name: str, arrays: Mapping[str, NDArray[Any]], numbers: Mapping[str, Any] | None = None) -> None:
        """Keep `arrays` as `name`, whole or not at all; where another process was first, its copy may stay.

        OSError where the disk does not take them, as when it is full or may not be written to.
        """
        place = self.folder / full_name(name, {array: values.dtype for array, values in arrays.items()})
        with self._making() as making:
            for array, values in arrays.items():
                with (making / f"{array}.npy").open("wb") as file:
                    np.save(file, values, allow_pickle=False)
                    file.flush()
                    os.fsync(file.fileno())
            with (making / _NUMBERS).open("w", encoding="utf-8") as text:
                json.dump(dict(numbers or {}), text)
                text.flush()
                os.fsync(text.fileno())
            if place.exists():
                # Damaged, or it would have been read.
                shutil.rmtree(place, ignore_errors=True)
            try:
                making.replace(place)
            except OSError:
                if not place.is_dir():
                    raise

    def sweep(self, wanted: Iterable[str]) -> None:
        """Take away all but `wanted` (full names), and what was left half-made by processes that are gone.

        What a process has mapped stays with it. A folder that cannot be written to is left as it is.
        """
        kept = set(wanted)
        for folder in self.folder.iterdir() if self.folder.is_dir() else ():
            if folder.name.startswith(MAKING_PREFIX):
                if not _is_held(folder):
                    shutil.rmtree(folder, ignore_errors=True)
            elif folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _making(self) -> Iterator[Path]:
        """A new folder to write into, locked as long as this process is at it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(prefix=MAKING_PREFIX, dir=self.folder))
        lock = os.open(making, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            making.chmod(0o755)
            yield making
        finally:
            os.close(lock)
            shutil.rmtree(making, ignore_errors=True)


def full_name(name: str, types: Types) -> str:
    """`name` with the key of what is kept under it: another for other types, or for other code that makes it."""
    listed = ",".join(f"{array}:{np.dtype(dtype).str}" for array, dtype in sorted(types.items()))
    return f"{name}-{hashlib.sha256(f'{FORMAT},{_code()},{listed}'.encode()).hexdigest()[:12]}"


def types_of(kind: type[Any]) -> dict[str, np.dtype[Any]]:
    """The fields of a dataclass that are annotated as arrays of one type (`NDArray[np.float64]`), and that type."""
    hints = get_type_hints(kind)
    found = {}
    for field in fields(kind):
        # NDArray[x] is ndarray[shape, dtype[x]].
        parts = get_args(hints[field.name])
        scalars = get_args(parts[1]) if len(parts) == 2 else ()
        if scalars and scalars[0] is not Any:
            found[field.name] = np.dtype(scalars[0])
    return found


@lru_cache(maxsize=1)
def _code() -> str:
    """The text of the modules that make what is kept, as a hash."""
    package = Path(str(files("geo_policing")))
    modules = sorted(module for pattern in _MAKERS for module in package.glob(pattern))
    return hashlib.sha256(b"".join(module.name.encode() + module.read_bytes() for module in modules)).hexdigest()


def _mapped(path: Path, dtype: np.dtype[Any]) -> NDArray[Any]:
    values: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    if values.dtype != dtype:
        raise ValueError(f"{path}: holds {values.dtype}, not {dtype}")
    # Each access through numpy's memmap class costs a microsecond more.
    return values.view(np.ndarray)


def _is_held(folder: Path) -> bool:
    """True while the process that makes `folder` is at work."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
