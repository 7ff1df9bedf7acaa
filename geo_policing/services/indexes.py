"""What is made once of a dataset or a view and kept with it, so that an answer takes no scan."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.tables import Table
from geo_policing.domain.areas import Area, District
from geo_policing.spatial.index import UnitIndex

T = TypeVar("T")
_LONGEST_KEY = 8
_making = threading.RLock()


def derived(owner: object, name: str, make: Callable[[], T]) -> T:
    """What `make` gives, made once for `owner` (a frozen dataclass: a dataset, a view) and freed together with it.

    Safe between threads; `make` may ask for other derived things.
    """
    kept: dict[str, Any] = owner.__dict__.setdefault("_derived", {})
    if name not in kept:
        with _making:
            if name not in kept:
                kept[name] = make()
    value: T = kept[name]
    return value


def unit_index(dataset: Dataset) -> UnitIndex:
    """Which unit holds a point."""
    return derived(dataset, "unit_index", lambda: UnitIndex(dataset["units"]["geometry"]))


def postcode_index(dataset: Dataset) -> PostcodeIndex:
    """Which row is a postcode's, and which units it shares."""
    return derived(dataset, "postcode_index", lambda: PostcodeIndex(dataset))


def district_index(dataset: Dataset) -> DistrictIndex:
    """Districts by code, by row and by point."""
    return derived(dataset, "district_index", lambda: DistrictIndex(dataset))


class Shares:
    """The shares of units in rows of another table, which `table` names by `column` in order."""

    def __init__(self, table: Table, column: str, rows: int) -> None:
        self._starts = np.searchsorted(table[column], np.arange(rows + 1))
        self.units, self.shares = np.asarray(table["unit"]), np.asarray(table["share"])

    def of(self, row: int) -> list[tuple[int, float]]:
        """(unit, share) of one row; [] where it has none."""
        first, last = self._starts[row], self._starts[row + 1]
        return list(zip(self.units[first:last].tolist(), self.shares[first:last].tolist(), strict=True))


class PostcodeIndex:
    """Postcodes as sorted whole numbers: eight bytes of text compare like one of them."""

    def __init__(self, dataset: Dataset) -> None:
        # Plain arrays over the mapped files: each access through numpy's memmap class costs a microsecond more.
        self.columns = {name: np.asarray(values) for name, values in dataset["postcodes"].columns.items()}
        codes = self.columns["postcode"]
        self._keys = codes.astype(f"S{_LONGEST_KEY}").view(">u8").astype(np.uint64) if len(codes) else _NO_KEYS
        self.shares = Shares(dataset["postcode_units"], "postcode", len(codes))

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, compact: str) -> int:
        """The row of a postcode without a space, -1 where the data has none such."""
        if len(compact) > _LONGEST_KEY:
            return -1
        key = np.uint64(int.from_bytes(compact.encode("ascii", "replace").ljust(_LONGEST_KEY, b"\0"), "big"))
        row = int(np.searchsorted(self._keys, key))
        return row if row < len(self._keys) and self._keys[row] == key else -1

    def find_many(self, compact: list[str]) -> NDArray[np.int64]:
        """`find` for each; every one must be ASCII and at most 8 characters."""
        if not compact or not len(self._keys):
            return np.full(len(compact), -1, dtype=np.int64)
        keys = np.array(compact, dtype=f"S{_LONGEST_KEY}").view(">u8").astype(np.uint64)
        rows = np.searchsorted(self._keys, keys)
        found = self._keys[np.minimum(rows, len(self._keys) - 1)] == keys
        return np.where(found, rows, -1)

    @cached_property
    def outward_parts(self) -> frozenset[str]:
        """The first halves of all postcodes in the data."""
        return frozenset(code[:-3] for code in self.columns["postcode"].tolist())


_NO_KEYS = np.empty(0, dtype=np.uint64)


class DistrictIndex:
    """The districts of the force and those over its border."""

    def __init__(self, dataset: Dataset) -> None:
        table, areas = dataset["districts"], dataset["areas"]
        named = [Area(str(code), str(name)) for code, name in zip(areas["code"], areas["name"], strict=True)]
        self.is_inside = np.asarray(table["inside"])
        self.inside: list[bool] = self.is_inside.tolist()
        self.districts = [
            District(str(code), str(name), named[area] if area >= 0 else None)
            for code, name, area in zip(table["code"], table["name"], table["area"].tolist(), strict=True)
        ]
        self.row_of_code = {district.code: row for row, district in enumerate(self.districts)}
        self._polygons = table["geometry"]
        self._bounds = shapely.bounds(self._polygons)
        # Districts have thousands of corners each. What preparing builds is built at the first question, which must
        # not come from two threads at once, so it comes here.
        shapely.prepare(self._polygons)
        shapely.intersects_xy(self._polygons, *shapely.get_coordinates(shapely.point_on_surface(self._polygons)).T)

    def by_code(self, code: str) -> District:
        """The district of that code; one named by its code where the data does not know it."""
        row = self.row_of_code.get(code)
        return self.districts[row] if row is not None else District(code, code)

    def at_point(self, easting: float, northing: float) -> int:
        """The row of the district that holds a point, the lowest on a boundary (so: inside first), -1 for none."""
        west, south, east, north = self._bounds.T
        near = np.flatnonzero((west <= easting) & (easting <= east) & (south <= northing) & (northing <= north))
        return next((row for row in near.tolist() if shapely.intersects_xy(self._polygons[row], easting, northing)), -1)

    def at_points(self, easting: NDArray[np.float64], northing: NDArray[np.float64]) -> NDArray[np.int32]:
        """`at_point` for each; -1 for NaN."""
        rows = np.full(len(easting), -1, dtype=np.int32)
        # The lowest row is written last, so that it stays.
        for row in reversed(range(len(self._polygons))):
            west, south, east, north = self._bounds[row]
            near = np.flatnonzero((west <= easting) & (easting <= east) & (south <= northing) & (northing <= north))
            rows[near[shapely.intersects_xy(self._polygons[row], easting[near], northing[near])]] = row
        return rows
