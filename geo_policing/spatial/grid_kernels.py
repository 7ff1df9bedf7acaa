"""The compiled loops of `spatial.index.UnitGrid`; nothing else may import this module (it loads numba).

`frame` is west, south, cell side in metres, columns, rows; cells are numbered row by row from the south-west.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

_UNSURE = -2
_OUTSIDE = -1
# The sign of a 2x2 determinant of differences is certain beyond (3 + 16u)u times the sum of its terms' sizes, with
# u = 2^-53 (Shewchuk, "Adaptive precision floating-point arithmetic", 1997, ccwerrboundA); three times that for luck.
_UNSURE_BELOW = 1e-15
_CELL_MARGIN = 1e-6
"""Fraction of a cell by which cells are widened when segments are handed to them: far more than rounding can be."""


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` compiled at first call, kept on disk where some folder for that can be written to.

    numba keeps it beside the source, else in the user's cache folder or NUMBA_CACHE_DIR; where none can be written
    (a read-only container), it is compiled anew in each process.
    """
    try:
        compiled: Callable[..., Any] = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:
        compiled = numba.njit(nogil=True)(function)
    return compiled


@_compiled
def _orientation(ax: float, ay: float, bx: float, by: float, cx: float, cy: float) -> int:
    """1 or -1 by the side of a-b on which c lies, 0 where floating point cannot tell."""
    left = (ax - cx) * (by - cy)
    right = (ay - cy) * (bx - cx)
    determinant = left - right
    if abs(determinant) <= _UNSURE_BELOW * (abs(left) + abs(right)):
        return 0
    return 1 if determinant > 0 else -1


@_compiled
def _meets_cell(ax: float, ay: float, bx: float, by: float, cell_x: float, cell_y: float, half: float) -> bool:
    """True where segment a-b meets the square of side 2 * half around (cell_x, cell_y); bounds are tested already."""
    # Separating axis: the segment's normal.
    normal_x, normal_y = by - ay, ax - bx
    distance = abs(normal_x * (cell_x - ax) + normal_y * (cell_y - ay))
    return distance <= half * (abs(normal_x) + abs(normal_y))


@_compiled
def _visit(
    segments: Floats,
    west: float,
    south: float,
    cell_m: float,
    columns: int,
    rows: int,
    starts: NDArray[np.int64],
    members: Ints,
    fill: bool,
) -> None:
    """Count (or, with `fill`, write) the segments of each cell; `starts[cell + 1]` is the counter or the cursor."""
    half = cell_m * (0.5 + _CELL_MARGIN)
    margin = cell_m * _CELL_MARGIN
    for s in range(segments.shape[0]):
        ax, ay, bx, by = segments[s]
        first_column = max(math.floor((min(ax, bx) - margin - west) / cell_m), 0)
        last_column = min(math.floor((max(ax, bx) + margin - west) / cell_m), columns - 1)
        first_row = max(math.floor((min(ay, by) - margin - south) / cell_m), 0)
        last_row = min(math.floor((max(ay, by) + margin - south) / cell_m), rows - 1)
        for row in range(first_row, last_row + 1):
            cell_y = south + (row + 0.5) * cell_m
            for column in range(first_column, last_column + 1):
                cell_x = west + (column + 0.5) * cell_m
                if _meets_cell(ax, ay, bx, by, cell_x, cell_y, half):
                    cell = row * columns + column
                    if fill:
                        members[starts[cell + 1]] = s
                    starts[cell + 1] += 1


def segments_by_cell(
    segments: Floats, west: float, south: float, cell_m: float, columns: int, rows: int
) -> tuple[NDArray[np.int64], Ints]:
    """Which segments meet each cell: those of cell c are `members[starts[c]:starts[c + 1]]`."""
    counts = np.zeros(columns * rows + 1, dtype=np.int64)
    _visit(segments, west, south, cell_m, columns, rows, counts, np.empty(0, dtype=np.int32), False)
    starts = np.cumsum(counts)
    # The cursor of cell c begins where its segments do and ends where those of c + 1 begin.
    cursors = np.concatenate([starts[:1], starts[:-1]])
    members = np.empty(starts[-1], dtype=np.int32)
    _visit(segments, west, south, cell_m, columns, rows, cursors, members, True)
    return starts, members


@_compiled
def _cross(
    from_x: float, from_y: float, x: float, y: float, unit: int, segments: Floats, sides: Ints, first: int, last: int
) -> int:
    """The unit at (x, y), going there straight from a point whose unit is known; `_UNSURE` where not certain."""
    joined = unit + 1
    for s in range(first, last):
        ax, ay, bx, by = segments[s]
        here = _orientation(ax, ay, bx, by, x, y)
        there = _orientation(ax, ay, bx, by, from_x, from_y)
        if here != 0 and here == there:
            continue
        a = _orientation(from_x, from_y, x, y, ax, ay)
        b = _orientation(from_x, from_y, x, y, bx, by)
        if a != 0 and a == b:
            continue
        if here == 0 or there == 0 or a == 0 or b == 0:
            return _UNSURE
        joined ^= sides[s]
    return joined - 1


@_compiled
def locate(
    easting: Floats,
    northing: Floats,
    west: float,
    south: float,
    cell_m: float,
    columns: int,
    rows: int,
    reference_x: float,
    reference_y: float,
    reference: Ints,
    starts: NDArray[np.int64],
    segments: Floats,
    sides: Ints,
) -> Ints:
    """The unit of each point, -1 outside (NaN too), -2 where the tree must be asked."""
    units = np.empty(easting.shape[0], dtype=np.int32)
    for i in range(easting.shape[0]):
        x, y = easting[i], northing[i]
        across, up = (x - west) / cell_m, (y - south) / cell_m
        # Written so that NaN fails it.
        if not (across >= 0.0 and across < columns and up >= 0.0 and up < rows):
            units[i] = _OUTSIDE
            continue
        column, row = int(across), int(up)
        cell = row * columns + column
        unit = reference[cell]
        first, last = starts[cell], starts[cell + 1]
        if first == last:
            units[i] = unit
            continue
        from_x = west + (column + reference_x) * cell_m
        from_y = south + (row + reference_y) * cell_m
        units[i] = _cross(from_x, from_y, x, y, unit, segments, sides, first, last)
    return units
