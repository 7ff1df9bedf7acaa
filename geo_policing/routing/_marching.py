"""Contour tracing and writing, compiled: marching squares (Lorensen and Cline 1987) straight to whole coordinates.

Private to `routing.contours`. A node is inside a contour where `left` is at least the contour's level (`NEVER` less its
tenths of a second). Crossings are rounded to whole units and kept off the nodes, and move outwards, never back, as the
level falls: so rings never touch themselves, and contours of one field nest.

One pass over the rows finds every crossing once and links it to the one that follows it, inside on the left; then the
links are followed, ring by ring. So the raster is read in the order in which it lies in memory.
"""
# What numba compiles is plain numbers and arrays, which mypy cannot follow; a loop in one piece is what makes it fast.
# mypy: disable-error-code="untyped-decorator, no-any-return, return-value, arg-type"

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo_policing.routing._raster import BLOCK, FOOT

Array = NDArray[Any]

_SOUTH, _EAST, _NORTH, _WEST = 0, 1, 2, 3
_NONE = 9
_ENTRIES = np.array(
    [
        _NONE, _SOUTH, _EAST, _EAST, _NORTH, _NONE, _NORTH, _NORTH,
        _WEST, _SOUTH, _NONE, _EAST, _WEST, _SOUTH, _WEST, _NONE,
    ]
)  # fmt: skip
"""The side by which a contour enters a cell, inside on its left, by the corners inside: south-west 1, south-east 2,
north-east 4, north-west 8. At 5 and 10 two opposite corners are, and `_SADDLES` says."""
_EXITS = np.array(
    [
        _NONE, _WEST, _SOUTH, _WEST, _EAST, _NONE, _SOUTH, _WEST,
        _NORTH, _NORTH, _NONE, _NORTH, _EAST, _EAST, _SOUTH, _NONE,
    ]
)  # fmt: skip
"""The side by which it leaves."""
_SADDLES = np.array(
    [
        [[_SOUTH, _WEST, _NORTH, _EAST], [_SOUTH, _EAST, _NORTH, _WEST]],
        [[_EAST, _SOUTH, _WEST, _NORTH], [_EAST, _NORTH, _WEST, _SOUTH]],
    ]
)
"""By which two corners (5: 0, 10: 1), and whether they are joined through the middle: in, out, in and out."""
_PAIRS = np.array([48 + digit for number in range(100) for digit in (number // 10, number % 10)], np.uint8)
"""The numbers 00 to 99 as text."""


@njit(cache=True, nogil=True, inline="always")
def _cross(first: int, second: int, level: int, size: int, walk: int, way: int) -> int:
    """Where between two nodes, `size` units apart, the contour runs: 1 to size - 1 from the first.

    Exactly one node is inside. From it the time rises towards the other, but no faster than on foot: `walk`. Where its
    road runs through its cell, the way on foot begins at the road: the lower four bits of `way`, the inside node's,
    say how far that is eastwards or northwards, in 1/`FOOT` of a step.
    """
    # The raster's short unsigned numbers would become floating ones on the way.
    one: Any = np.int32(first)
    other: Any = np.int32(second)
    ahead: Any = ((np.int32(way) & 15) ^ 8) - 8
    inside, outside, ahead = (one, other, ahead) if one >= level else (other, one, -ahead)
    inside += np.int32(ahead * np.int32(walk) // np.int32(FOOT))
    rise = max(min(inside - outside, np.int32(walk)), np.int32(1))
    at: Any = min(max(np.int32(np.int32((inside - level) * size) // rise), 1), size - 1)
    return at if one >= level else size - at


@njit(cache=True, nogil=True)
def trace(
    left: Array, least: Array, greatest: Array, level: int, origin_x: int, origin_y: int, step_x: int, step_y: int,
    walk_x: Array, walk_y: int, foot: Array, least_area: float, base_x: Array, base_y: Array,
) -> tuple[Array, Array, Array, Array, int]:  # fmt: skip
    """The rings of one contour: x and y in units, where each ring starts, its polygon, and twice the area of all.

    Rings are closed (the first point stands again at the end), outer ones anticlockwise, holes clockwise. A ring's
    polygon is the number of its outer ring, which comes before its holes. Points on a line due east or north are left
    out, and so are rings of less than `least_area` (twice, in square units), with all holes in them, but for outer
    ones that a base lies in or on.
    """
    x, y, after, heads = _linked(
        left, least, greatest, np.int32(level), np.int32(origin_x), np.int32(origin_y), np.int32(step_x),
        np.int32(step_y), walk_x, np.int32(walk_y), foot,
    )  # fmt: skip
    xs = np.empty(len(x) + len(heads) + 1, np.int32)
    ys = np.empty(len(xs), np.int32)
    starts = np.zeros(len(heads) + 1, np.int64)
    polygons = np.empty(len(heads), np.int32)
    # By ring, those left out too: the number of its outer ring, or -1 where that is left out.
    outer = np.empty(len(heads), np.int32)
    found = kept = size = 0
    whole = np.int64(0)
    beside = -1
    for k in range(len(heads)):
        head = heads[k]
        if k == 0 or y[heads[k - 1]] != y[head]:
            beside = -1
        if after[head] >= 0:
            end, area = _follow(x, y, after, head, found, xs, ys, size)
            # A hole always has its outer ring, or another hole in that, to its west.
            own = kept if area > 0 else outer[beside]
            wanted = abs(area) >= least_area or (area > 0 and _holds_one(xs, ys, size, end, base_x, base_y))
            outer[found] = own if wanted or area < 0 else -1
            if wanted and own >= 0:
                polygons[kept] = own
                kept += 1
                starts[kept] = size = end
                whole += area
            found += 1
        # The ring beside the next one of this row, to its west.
        beside = -1 - after[head]
    return xs[:size].copy(), ys[:size].copy(), starts[: kept + 1].copy(), polygons[:kept].copy(), whole


@njit(cache=True, nogil=True)
def _linked(
    left: Array, least: Array, greatest: Array, level: int, origin_x: int, origin_y: int, step_x: int, step_y: int,
    walk_x: Array, walk_y: int, foot: Array,
) -> tuple[Array, Array, Array, Array]:  # fmt: skip
    """All crossings: x, y, and which one follows each; and those that lie on rows, row by row from the west."""
    rows, columns = left.shape
    x = np.empty(1 << 14, np.int32)
    y = np.empty(1 << 14, np.int32)
    after = np.empty(1 << 14, np.int32)
    heads = np.empty(1 << 13, np.int32)
    size = count = 0
    below = np.empty(columns, np.int32)
    above = np.empty(columns, np.int32)
    side = np.empty(4, np.int32)
    for r in range(rows - 1):
        below, above = above, below
        south, north = left[r], left[r + 1]
        for b in range(least.shape[1]):
            if max(greatest[r, b], greatest[r + 1, b]) < level or min(least[r, b], least[r + 1, b]) >= level:
                continue
            if size + 2 * BLOCK > len(x):
                x, y, after = _grown(x), _grown(y), _grown(after)
            if count + BLOCK > len(heads):
                heads = _grown(heads)
            begin, end = max(0, b * BLOCK - 1), min(columns - 1, (b + 1) * BLOCK - 1)
            sw, nw = south[begin] >= level, north[begin] >= level
            for c in range(begin, end):
                se, ne = south[c + 1] >= level, north[c + 1] >= level
                code = sw + 2 * se + 4 * ne + 8 * nw
                if code != 0 and code != 15:
                    side[_SOUTH] = below[c]
                    if nw != ne:
                        way = foot[r + 1, c if nw else c + 1]
                        past = _cross(north[c], north[c + 1], level, step_x, walk_x[r + 1], way)
                        x[size], y[size] = origin_x + c * step_x + past, origin_y + (r + 1) * step_y
                        side[_NORTH] = above[c] = heads[count] = size
                        size += 1
                        count += 1
                    if se != ne:
                        way = foot[r if se else r + 1, c + 1] >> 4
                        past = _cross(south[c + 1], north[c + 1], level, step_y, walk_y, way)
                        x[size], y[size] = origin_x + (c + 1) * step_x, origin_y + r * step_y + past
                        side[_EAST] = size
                        size += 1
                    _join(after, side, code, left, foot, r, c, level)
                    # The next cell's west side is this one's east.
                    side[_WEST] = side[_EAST]
                sw, nw = se, ne
    return x[:size], y[:size], after[:size], heads[:count]


@njit(cache=True, nogil=True, inline="always")
def _join(after: Array, side: Array, code: int, left: Array, foot: Array, r: int, c: int, level: int) -> None:
    """Links the crossings on the sides of the cell whose south-west corner is at row r and column c."""
    if code == 5 or code == 10:
        east = code // 10
        joined = np.int64(left[r, c]) + left[r, c + 1] + left[r + 1, c] + left[r + 1, c + 1] >= 4 * level
        # A road that runs through the cells of both corners inside leads from one to the other.
        joined |= foot[r, c + east] > 0 and foot[r + 1, c + 1 - east] > 0
        ways = _SADDLES[east, int(joined)]
        after[side[ways[0]]] = side[ways[1]]
        after[side[ways[2]]] = side[ways[3]]
    else:
        after[side[_ENTRIES[code]]] = side[_EXITS[code]]


@njit(cache=True, nogil=True)
def _grown(values: Array) -> Array:
    grown = np.empty(2 * len(values), values.dtype)
    grown[: len(values)] = values
    return grown


@njit(cache=True, nogil=True)
def _follow(
    x: Array, y: Array, after: Array, head: int, ring: int, xs: Array, ys: Array, begin: int
) -> tuple[int, int]:
    """Writes the ring through `head` to xs and ys from `begin` on; answers where it ends, and twice its area.

    The links are used up: what follows a crossing becomes -1 less the ring that it belongs to.
    """
    # Relative to the first point, so that the products stay small.
    x0, y0 = np.int64(x[head]), np.int64(y[head])
    dx = dy = area = np.int64(0)
    size = begin
    at = head
    while True:
        size = _append(xs, ys, begin, size, x[at], y[at])
        to_dx, to_dy = x[at] - x0, y[at] - y0
        area += dx * to_dy - to_dx * dy
        dx, dy = to_dx, to_dy
        following = after[at]
        after[at] = -1 - ring
        at = following
        if at == head:
            return _append(xs, ys, begin, size, x[head], y[head]), area


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
def _holds_one(xs: Array, ys: Array, begin: int, end: int, base_x: Array, base_y: Array) -> bool:
    """True where one of the bases lies in, or on, the closed ring."""
    for k in range(len(base_x)):
        px, py = base_x[k], base_y[k]
        inside = False
        for i in range(begin, end - 1):
            turn = (xs[i + 1] - xs[i]) * (py - ys[i]) - (px - xs[i]) * (ys[i + 1] - ys[i])
            within_x = min(xs[i], xs[i + 1]) <= px <= max(xs[i], xs[i + 1])
            within_y = min(ys[i], ys[i + 1]) <= py <= max(ys[i], ys[i + 1])
            if turn == 0 and within_x and within_y:
                return True
            if (ys[i] > py) != (ys[i + 1] > py) and (turn > 0) == (ys[i + 1] > ys[i]):
                inside = not inside
        if inside:
            return True
    return False


@njit(cache=True, nogil=True, inline="always")
def _write_degrees(out: Array, at: int, units: int) -> int:
    if units < 0:
        out[at] = 45
        at += 1
        units = -units
    whole, part = units // 100_000, units % 100_000
    if whole >= 100:
        out[at] = 49
        at += 1
        whole -= 100
        out[at] = 48 + whole // 10
        at += 1
    elif whole >= 10:
        out[at] = 48 + whole // 10
        at += 1
    out[at] = 48 + whole % 10
    out[at + 1] = 46
    high, rest = part // 1_000, part % 1_000
    middle = rest // 10
    out[at + 2] = _PAIRS[2 * high]
    out[at + 3] = _PAIRS[2 * high + 1]
    out[at + 4] = _PAIRS[2 * middle]
    out[at + 5] = _PAIRS[2 * middle + 1]
    out[at + 6] = 48 + rest % 10
    return at + 7


@njit(cache=True, nogil=True)
def write_coordinates(xs: Array, ys: Array, starts: Array, rings: Array, opens: Array) -> Array:
    """A MultiPolygon's coordinates as JSON text: `rings` in order, a polygon beginning where `opens`."""
    total = 16
    for ring in rings:
        total += (starts[ring + 1] - starts[ring]) * 24 + 8
    out = np.empty(total, np.uint8)
    out[0] = 91
    at = 1
    for k in range(len(rings)):
        if opens[k] and k > 0:
            out[at] = 93
            at += 1
        if k > 0:
            out[at] = 44
            at += 1
        if opens[k]:
            out[at] = 91
            at += 1
        at = _write_ring(out, at, xs, ys, starts[rings[k]], starts[rings[k] + 1])
    if len(rings):
        out[at] = 93
        at += 1
    out[at] = 93
    return out[: at + 1]


@njit(cache=True, nogil=True)
def _write_ring(out: Array, at: int, xs: Array, ys: Array, begin: int, end: int) -> int:
    out[at] = 91
    at += 1
    for i in range(begin, end):
        out[at] = 91
        at = _write_degrees(out, at + 1, xs[i])
        out[at] = 44
        at = _write_degrees(out, at + 1, ys[i])
        out[at] = 93
        out[at + 1] = 44
        at += 2
    # In place of the last comma.
    out[at - 1] = 93
    return at
