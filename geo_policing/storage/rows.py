"""Writing many rows at once, at the speed of each driver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, insert

_ROWS_A_STATEMENT = 500
"""PostgreSQL takes at most 65,535 parameters a statement; our widest table has 18 columns."""


def insert_many(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert `rows` (all with the same keys); nothing for none."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.execute(insert(table), rows)
        return
    # pg8000 would send each row by itself and wait for each answer.
    for start in range(0, len(rows), _ROWS_A_STATEMENT):
        connection.execute(insert(table).values(list(rows[start : start + _ROWS_A_STATEMENT])))
