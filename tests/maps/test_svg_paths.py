from __future__ import annotations

import re

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.maps.svg_paths import path_data

BOX = (0.0, 0.0, 10.0, 10.0)


@pytest.mark.parametrize(
    ("wkt", "expected"),
    [
        ("LINESTRING (1 1, 2 3, 1 3)", "M10,10l10,20-10,0"),
        ("MULTILINESTRING ((0 0, 1 0), (5 5, 5 4))", "M0,0l10,0M50,50l0-10"),
        ("POLYGON ((0 0, 4 0, 4 4, 0 0))", "M0,0l40,0 0,40z"),
        ("LINESTRING (1 1, 1.001 1.001, 2 1)", "M10,10l10,0"),
        ("LINESTRING (1 1, 1.001 1.001)", ""),
        ("POLYGON ((1 1, 1.001 1, 1.001 1.001, 1 1))", ""),
        ("LINESTRING EMPTY", ""),
        ("POINT (1 1)", ""),
        ("GEOMETRYCOLLECTION (POINT (1 1), LINESTRING (0 0, 1 1))", "M0,0l10,10"),
    ],
)
def test_the_path(wkt: str, expected: str):
    assert path_data(np.array([shapely.from_wkt(wkt)]), BOX, 100) == expected


def test_a_hole_is_a_ring_of_its_own():
    square = shapely.box(0, 0, 9, 9).difference(shapely.box(2, 2, 4, 4))
    assert path_data(np.array([square]), BOX, 100).count("z") == 2


def test_nothing_gives_nothing():
    assert path_data(np.empty(0, dtype=object), BOX, 100) == ""


points = st.lists(st.tuples(st.floats(-5, 15), st.floats(-5, 15)), min_size=2, max_size=30)


@given(st.lists(points, min_size=1, max_size=5))
def test_following_the_path_leads_through_the_rounded_points(lines: list[list[tuple[float, float]]]):
    data = path_data(np.array([shapely.LineString(line) for line in lines]), BOX, 100)
    expected = []
    for line in lines:
        rounded = np.rint(np.array(line) * 10).astype(int).tolist()
        kept = [p for i, p in enumerate(rounded) if i == 0 or p != rounded[i - 1]]
        if len(kept) > 1:
            expected.append(kept)
    assert followed(data) == expected


def followed(data: str) -> list[list[list[int]]]:
    """The points that a path of M and l goes through."""
    found = []
    for piece in data.split("M")[1:]:
        numbers = [int(text) for text in re.findall(r"-?\d+", piece)]
        steps = np.array(numbers).reshape(-1, 2)
        found.append(np.cumsum(steps, axis=0).tolist())
    return found
