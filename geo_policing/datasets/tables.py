"""Columnar tables on disk: one `.npy` file a column, no pickles, the same bytes for the same content.

A geometry column is kept as shapely's ragged arrays (coordinates and offsets), in EPSG:27700 metres.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.datasets.schema import TABLES, Column, TableSchema
from geo_policing.errors import DatasetError

Array = NDArray[Any]


@dataclass(frozen=True)
class Table:
    """Equal-length columns by name; geometry columns hold shapely objects (an object array)."""

    columns: Mapping[str, Array]

    def __getitem__(self, name: str) -> Array:
        return self.columns[name]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    @classmethod
    def of(cls, table_name: str, **columns: Any) -> Table:
        """A table of `TABLES[table_name]`, each column cast to its declared type.

        ValueError for an unknown table, a missing or extra column, unequal lengths, or a value that its type
        cannot hold without loss. Zero rows are fine.
        """
        schema = _schema(table_name)
        if set(columns) != set(schema.column_names):
            odd = sorted(set(columns) ^ set(schema.column_names))
            raise ValueError(f"table {table_name}: missing or unexpected columns {odd}")
        cast = {c.name: _cast(columns[c.name], c, table_name) for c in schema.columns}
        lengths = {name: len(values) for name, values in cast.items()}
        if len(set(lengths.values())) != 1:
            raise ValueError(f"table {table_name}: columns of unequal length {lengths}")
        return cls(cast)

    @classmethod
    def empty(cls, table_name: str) -> Table:
        """The table with no rows."""
        return cls.of(table_name, **{c.name: [] for c in _schema(table_name).columns})


def write_table(table: Table, table_name: str, folder: Path) -> None:
    """Write each column of `table` below `folder / table_name`, which must not exist yet."""
    target = folder / table_name
    target.mkdir(parents=True)
    for column in _schema(table_name).columns:
        values = table[column.name]
        if not column.is_geometry:
            np.save(target / f"{column.name}.npy", values, allow_pickle=False)
        elif len(values):
            kind, coords, offsets = shapely.to_ragged_array(values)
            np.save(target / f"{column.name}.{kind.name}.coords.npy", coords, allow_pickle=False)
            for level, offset in enumerate(offsets):
                # Always int64: shapely's own choice differs by platform, and the bytes are hashed.
                np.save(target / f"{column.name}.offsets{level}.npy", offset.astype("<i8"), allow_pickle=False)


def read_table(table_name: str, folder: Path) -> Table:
    """Read what `write_table` wrote; plain columns are memory-mapped, so that workers share them.

    DatasetError where a column's file is missing or is not what its schema says.
    """
    source = folder / table_name
    try:
        return Table(
            {
                c.name: _read_geometry(source, c.name) if c.is_geometry else _read_plain(source, c)
                for c in _schema(table_name).columns
            }
        )
    except (OSError, ValueError) as error:
        raise DatasetError(
            f"{source}: the table cannot be read ({error}). Build the dataset again, or point current at another."
        ) from error


def _schema(table_name: str) -> TableSchema:
    if table_name not in TABLES:
        raise ValueError(f"no table is called {table_name!r}; the tables are {', '.join(TABLES)}")
    return TABLES[table_name]


def _cast(values: Any, column: Column, table_name: str) -> Array:
    if column.is_geometry:
        geometries = np.empty(len(values), dtype=object)
        geometries[:] = values
        return geometries
    array = np.asarray(values)
    if len(array) == 0:
        return np.empty(0, dtype=column.dtype)
    if column.dtype == "U":
        # An all-empty column would become "<U0", which numpy cannot store.
        return array.astype("U" if array.dtype.itemsize else "U1")
    cast = array.astype(column.dtype)
    if np.issubdtype(cast.dtype, np.integer) and not np.array_equal(cast, array):
        raise ValueError(f"table {table_name}, column {column.name}: values do not fit {column.dtype}")
    return cast


def _read_plain(source: Path, column: Column) -> Array:
    values: Array = np.load(source / f"{column.name}.npy", mmap_mode="r", allow_pickle=False)
    if values.dtype.kind != np.dtype(column.dtype).kind:
        raise ValueError(f"{column.name}.npy holds {values.dtype}, not {column.dtype}")
    return values


def _read_geometry(source: Path, name: str) -> Array:
    found = sorted(source.glob(f"{name}.*.coords.npy"))
    if not found:
        return np.empty(0, dtype=object)
    kind = shapely.GeometryType[found[0].name.split(".")[1]]
    coords = np.load(found[0], allow_pickle=False)
    offsets = tuple(np.load(path, allow_pickle=False) for path in sorted(source.glob(f"{name}.offsets*.npy")))
    geometries: Array = shapely.from_ragged_array(kind, coords, offsets)
    return geometries
