"""Coverage as a table: one row for each part of the force and threshold, for spreadsheets and terminals."""

from __future__ import annotations

import csv
import io
from typing import Any

from geo_policing.services.demand_points import MEASURES

COLUMNS = (
    "level",
    "code",
    "name",
    "minutes",
    *(name for measure in MEASURES for name in (measure, f"{measure}_total", f"{measure}_share")),
    "median_s",
    "slowest_tenth_s",
)
CHANGE_COLUMNS = ("residents_today", "residents_gained", "residents_lost")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def table_rows(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of what `coverage.coverage` gives; with `CHANGE_COLUMNS` where something is tried."""
    today = _residents_today(content)
    rows = []
    for area in content["areas"]:
        for within in area["within"]:
            row = {name: area[name] for name in ("level", "code", "name")} | {"minutes": within["minutes"]}
            for measure in MEASURES:
                row[measure] = within[measure]
                row[f"{measure}_total"] = area[measure]
                row[f"{measure}_share"] = within[f"{measure}_share"]
            row |= {"median_s": area["median_s"], "slowest_tenth_s": area["slowest_tenth_s"]}
            if today is not None:
                row["residents_today"] = today[area["level"], area["code"], within["minutes"]]
                row |= {name: within[name] for name in CHANGE_COLUMNS[1:]}
            rows.append(row)
    return rows


def to_csv(content: dict[str, Any]) -> bytes:
    """The table as CSV (RFC 4180, UTF-8); an empty field where a share or time is not known."""
    columns = COLUMNS if content["change"] is None else COLUMNS + CHANGE_COLUMNS
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    for row in table_rows(content):
        writer.writerow({name: _harmless(value) for name, value in row.items()})
    return text.getvalue().encode()


def _harmless(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _residents_today(content: dict[str, Any]) -> dict[tuple[str, str, float], int] | None:
    if content["change"] is None:
        return None
    return {
        (area["level"], area["code"], within["minutes"]): within["residents"]
        for area in content["change"]["today"]
        for within in area["within"]
    }
