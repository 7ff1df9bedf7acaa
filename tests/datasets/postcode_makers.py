"""Rows of postcodes for tests, written as the few things that matter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from geo_policing.datasets.postcode_rows import PostcodeRows
from geo_policing.datasets.schema import TABLES, PostcodeStatus
from geo_policing.datasets.tables import Table

NAN = float("nan")


def rows(*entries: dict[str, Any], file: str = "made.csv") -> PostcodeRows:
    """Postcode rows; what an entry leaves out is a good, live point of no district."""
    plain = {
        "postcode": "ZZ11AA",
        "easting": 50.0,
        "northing": 50.0,
        "quality": 10,
        "terminated": 0,
        "large_user": False,
        "district_code": "",
        "ward_code": "",
    }
    whole = [{**plain, **entry} for entry in entries]
    types = {
        "postcode": "U7",
        "easting": float,
        "northing": float,
        "quality": np.int16,
        "terminated": np.int8,
        "large_user": bool,
        "district_code": "U9",
        "ward_code": "U9",
    }
    arrays: dict[str, Any] = {
        name: np.array([entry[name] for entry in whole], dtype=kind) for name, kind in types.items()
    }
    count = len(whole)
    return PostcodeRows(
        files=(Path(file),), file=np.zeros(count, np.int16), row=np.arange(1, count + 1, dtype=np.int32), **arrays
    )


def postcode_table(*points: tuple[str, float, float, int], **columns: list[Any]) -> Table:
    """The table `postcodes` from (postcode, easting, northing, unit), live unless `columns` say otherwise."""
    count = len(points)
    made: dict[str, Any] = {
        "postcode": [p[0] for p in points],
        "easting": [p[1] for p in points],
        "northing": [p[2] for p in points],
        "accuracy_m": [10.0] * count,
        "quality": [10] * count,
        "status": [int(PostcodeStatus.LIVE)] * count,
        "large_user": [False] * count,
        "district_code": [""] * count,
        "ward_code": [""] * count,
        "unit": [p[3] for p in points],
        "snapped_m": [0.0] * count,
        **columns,
    }
    assert set(made) == set(TABLES["postcodes"].column_names)
    return Table.of("postcodes", **made)
