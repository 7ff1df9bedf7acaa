"""Contour tracing and writing, compiled: marching squares (Lorensen and Cline 1987) straight to whole coordinates.

Private to `routing.contours`. A node is inside a contour where `left` is at least the contour's level (`NEVER` less its
tenths of a second). Crossings are rounded to whole units and kept off the nodes, and move outwards, never back, as the
level falls: so rings never touch themselves, and contours of one field nest.
"""
# What numba compiles is plain numbers and arrays, which mypy cannot follow; a loop in one piece is what makes it fast.
# mypy: disable-error-code="untyped-decorator, no-any-return, return-value"
# ruff: noqa: C901, SIM109

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo_policing.routing._raster import BLOCK

Array = NDArray[Any]

_SOUTH, _EAST, _NORTH, _WEST = 0, 1, 2, 3
_NONE = 9
_EXITS = np.array(
    [
        _NONE, _WEST, _SOUTH, _WEST, _EAST, _NONE, _SOUTH, _WEST,
        _NORTH, _NORTH, _NONE, _NORTH, _EAST, _EAST, _SOUTH, _NONE,
    ]
)  # fmt: skip
"""The side by which a contour leaves a cell, inside on its left, by the corners inside: south-west 1, south-east 2,
north-east 4, north-west 8. At 5 and 10 two opposite corners are, and `_SADDLES` says."""
_SADDLES = np.array(
    [
        [[_WEST, _NONE, _EAST, _NONE], [_EAST, _NONE, _WEST, _NONE]],
        [[_NONE, _SOUTH, _NONE, _NORTH], [_NONE, _NORTH, _NONE, _SOUTH]],
    ]
)
"""By which two corners (5: 0, 10: 1), whether they are joined through the middle, and the side entered by."""


@njit(cache=True, nogil=True, inline="always")
def _cross(first: int, second: int, level: int, size: int, walk: int) -> int:
    """Where between two nodes, `size` units apart, the contour runs: 1 to size - 1 from the first.

    Exactly one node is inside. From it the time rises towards the other, but no faster than on foot: `walk`.
    """
    # The raster's short unsigned numbers would become floating ones on the way.
    one: Any = np.int64(first)
    other: Any = np.int64(second)
    inside, outside = (one, other) if one >= level else (other, one)
    rise = min(inside - outside, np.int64(walk))
    at = min(max((inside - level) * size // max(rise, 1), 1), size - 1)
    return at if one >= level else size - at


@njit(cache=True, nogil=True)
def trace(
    left: Array, least: Array, greatest: Array, level: int, origin_x: int, origin_y: int, step_x: int, step_y: int,
    walk_x: Array, walk_y: int, marks: Array, base: int,
) -> tuple[Array, Array, Array, Array, Array]:  # fmt: skip
    """All rings of one contour: x and y in units, where each ring starts, twice its area, and its owner.

    Rings are closed (the first point stands again at the end), outer ones anticlockwise, holes clockwise with the
    outer ring they lie in as owner; an outer ring is its own. Points on a line due east or north are left out.
    `marks` is scratch of the field's shape with values of `base` at most; ring numbers above it are left there.
    """
    rows, columns = left.shape
    xs = np.empty(1024, np.int32)
    ys = np.empty(1024, np.int32)
    starts = np.empty(64, np.int64)
    areas = np.empty(64, np.int64)
    owners = np.empty(64, np.int32)
    size = 0
    rings = 0
    for r in range(1, rows - 1):
        last = -1
        for b in range(least.shape[1]):
            if greatest[r, b] < level or least[r, b] >= level:
                continue
            for c in range(max(0, b * BLOCK - 1), min(columns - 1, (b + 1) * BLOCK)):
                in_west = left[r, c] >= level
                if in_west == (left[r, c + 1] >= level):
                    continue
                if marks[r, c] > base:
                    last = marks[r, c] - base - 1
                    continue
                if rings + 1 >= len(starts):
                    starts = _grown64(starts)
                    areas = _grown64(areas)
                    owners = _grown32(owners)
                starts[rings] = size
                row, column = r, c
                entry = _SOUTH if in_west else _NORTH
                begin = size
                while True:
                    # The crossing on side `entry` of the cell that is about to be walked through.
                    if entry == _SOUTH or entry == _NORTH:
                        if marks[row, column] == base + rings + 1:
                            break
                        marks[row, column] = base + rings + 1
                        at = _cross(left[row, column], left[row, column + 1], level, step_x, walk_x[row])
                        x = origin_x + column * step_x + at
                        y = origin_y + row * step_y
                        cell_row = row if entry == _SOUTH else row - 1
                        cell_column = column
                    else:
                        at = _cross(left[row, column], left[row + 1, column], level, step_y, walk_y)
                        x = origin_x + column * step_x
                        y = origin_y + row * step_y + at
                        cell_row = row
                        cell_column = column if entry == _WEST else column - 1
                    if size + 2 >= len(xs):
                        xs = _grown32(xs)
                        ys = _grown32(ys)
                    size = _append(xs, ys, begin, size, x, y)
                    sw, se = left[cell_row, cell_column], left[cell_row, cell_column + 1]
                    nw, ne = left[cell_row + 1, cell_column], left[cell_row + 1, cell_column + 1]
                    code = (sw >= level) + 2 * (se >= level) + 4 * (ne >= level) + 8 * (nw >= level)
                    if code == 5 or code == 10:
                        joined = np.int64(sw) + se + ne + nw >= 4 * level
                        side = _SADDLES[code // 10, int(joined), entry]
                    else:
                        side = _EXITS[code]
                    if side == _NORTH:
                        row, column, entry = cell_row + 1, cell_column, _SOUTH
                    elif side == _SOUTH:
                        row, column, entry = cell_row, cell_column, _NORTH
                    elif side == _EAST:
                        row, column, entry = cell_row, cell_column + 1, _WEST
                    else:
                        row, column, entry = cell_row, cell_column, _EAST
                size = _close(xs, ys, begin, size)
                areas[rings] = _twice_area(xs, ys, begin, size)
                if areas[rings] > 0 or last < 0:
                    owners[rings] = rings
                else:
                    owners[rings] = owners[last]
                last = rings
                rings += 1
    starts[rings] = size
    return xs[:size], ys[:size], starts[: rings + 1], areas[:rings], owners[:rings]


@njit(cache=True, nogil=True)
def _grown32(values: Array) -> Array:
    grown = np.empty(2 * len(values), np.int32)
    grown[: len(values)] = values
    return grown


@njit(cache=True, nogil=True)
def _grown64(values: Array) -> Array:
    grown = np.empty(2 * len(values), np.int64)
    grown[: len(values)] = values
    return grown


@njit(cache=True, nogil=True, inline="always")
def _append(xs: Array, ys: Array, begin: int, size: int, x: int, y: int) -> int:
    """Adds a point, in place of the last one where that lies on a line due east or due north to it.

    Only there: on any other line the point left out is not on it to the last bit once in degrees, and a contour
    within, which may have kept it, would stick out by that bit.
    """
    if size - begin >= 2 and (
        (xs[size - 2] == xs[size - 1] and xs[size - 1] == x) or (ys[size - 2] == ys[size - 1] and ys[size - 1] == y)
    ):
        size -= 1
    xs[size] = x
    ys[size] = y
    return size + 1


@njit(cache=True, nogil=True)
def _close(xs: Array, ys: Array, begin: int, size: int) -> int:
    """Closes a ring with its first point."""
    return _append(xs, ys, begin, size, xs[begin], ys[begin])


@njit(cache=True, nogil=True)
def _twice_area(xs: Array, ys: Array, begin: int, end: int) -> int:
    total = np.int64(0)
    for i in range(begin, end - 1):
        # Relative to the first point, so that the products stay small.
        total += np.int64(xs[i] - xs[begin]) * (ys[i + 1] - ys[begin])
        total -= np.int64(xs[i + 1] - xs[begin]) * (ys[i] - ys[begin])
    return total


@njit(cache=True, nogil=True, inline="always")
def _write_degrees(out: Array, at: int, units: int) -> int:
    if units < 0:
        out[at] = 45
        at += 1
        units = -units
    whole, part = units // 100_000, units % 100_000
    if whole >= 100:
        out[at] = 48 + whole // 100
        at += 1
    if whole >= 10:
        out[at] = 48 + whole // 10 % 10
        at += 1
    out[at] = 48 + whole % 10
    out[at + 1] = 46
    for k in range(5):
        out[at + 6 - k] = 48 + part % 10
        part //= 10
    return at + 7


@njit(cache=True, nogil=True)
def write_coordinates(xs: Array, ys: Array, starts: Array, rings: Array, opens: Array) -> Array:
    """A MultiPolygon's coordinates as JSON text: `rings` in order, a polygon beginning where `opens`."""
    total = 16
    for i in rings:
        total += (starts[i + 1] - starts[i]) * 24 + 8
    out = np.empty(total, np.uint8)
    out[0] = 91
    at = 1
    for k in range(len(rings)):
        if opens[k]:
            if k > 0:
                out[at] = 93
                out[at + 1] = 44
                at += 2
            out[at] = 91
            at += 1
        else:
            out[at] = 44
            at += 1
        out[at] = 91
        at += 1
        for i in range(starts[rings[k]], starts[rings[k] + 1]):
            if i > starts[rings[k]]:
                out[at] = 44
                at += 1
            out[at] = 91
            at = _write_degrees(out, at + 1, xs[i])
            out[at] = 44
            at = _write_degrees(out, at + 1, ys[i])
            out[at] = 93
            at += 1
        out[at] = 93
        at += 1
    if len(rings):
        out[at] = 93
        at += 1
    out[at] = 93
    return out[: at + 1]
