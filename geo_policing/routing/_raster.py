"""The raster's kernels, compiled: which road is nearest to each grid node, and links that are barred.

Private to `routing.field`. Positions are in grid steps (column, row) from the grid's south-west node; distances in
metres, with a column's width `column_m[row]` and a row's height `row_m`. Times are whole tenths of a second, so that
sums and comparisons are exact and the same on every machine; a field holds `NEVER` less the time, so that what is
not reached is 0 and memory that nobody writes to is never touched.
"""
# What numba compiles is plain numbers and arrays, which mypy cannot follow; a loop in one piece is what makes it fast.
# mypy: disable-error-code="untyped-decorator, no-any-return, return-value, arg-type"
# ruff: noqa: C901

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[Any]

NEVER = 65535
"""Tenths of a second that stand for not reached: 109 minutes, where no time is above 60 and a walk of 12."""
DS_PER_M = 7.2
"""Tenths of a second that a metre takes on foot: 5 km/h exactly."""
BLOCK = 32
"""Columns of a row that are looked at, or passed over, together."""
EAST, NORTH_WEST, NORTH, NORTH_EAST = 1, 2, 4, 8
"""Bits of a node's links that are barred: to the next column, and to the three nodes of the next row."""
ON_ROAD = 1 << 15
"""The bit of a node's walk that says that its road runs through its own cell; walks are far below it."""
FOOT = 14
"""Parts of a grid step in which the way from a node to a road through its cell is kept: half a step is 7, in 4 bits."""
_BUCKET = 16


@njit(cache=True, nogil=True, inline="always")
def _crosses(ax: float, ay: float, bx: float, by: float, cx: float, cy: float, dx: float, dy: float) -> bool:
    """True where the segments a-b and c-d meet; touching counts."""
    o1 = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    o2 = (bx - ax) * (dy - ay) - (by - ay) * (dx - ax)
    o3 = (dx - cx) * (ay - cy) - (dy - cy) * (ax - cx)
    o4 = (dx - cx) * (by - cy) - (dy - cy) * (bx - cx)
    return ((o1 >= 0 and o2 <= 0) or (o1 <= 0 and o2 >= 0)) and ((o3 >= 0 and o4 <= 0) or (o3 <= 0 and o4 >= 0))


@njit(cache=True, nogil=True)
def bar_links(ax: Array, ay: Array, bx: Array, by: Array, rows: int, columns: int) -> tuple[Array, Array]:
    """Bits of barred links, and which nodes are within two steps of a barrier."""
    bars = np.zeros((rows, columns), np.uint8)
    near = np.zeros((rows, columns), np.bool_)
    for i in range(len(ax)):
        west, east = min(ax[i], bx[i]), max(ax[i], bx[i])
        south, north = min(ay[i], by[i]), max(ay[i], by[i])
        for r in range(max(0, int(south) - 2), min(rows, int(north) + 4)):
            for c in range(max(0, int(west) - 2), min(columns, int(east) + 4)):
                near[r, c] = True
                if _crosses(c, r, c + 1, r, ax[i], ay[i], bx[i], by[i]):
                    bars[r, c] |= EAST
                if _crosses(c, r, c - 1, r + 1, ax[i], ay[i], bx[i], by[i]):
                    bars[r, c] |= NORTH_WEST
                if _crosses(c, r, c, r + 1, ax[i], ay[i], bx[i], by[i]):
                    bars[r, c] |= NORTH
                if _crosses(c, r, c + 1, r + 1, ax[i], ay[i], bx[i], by[i]):
                    bars[r, c] |= NORTH_EAST
    return bars, near


@njit(cache=True, nogil=True)
def bucket_barriers(ax: Array, ay: Array, bx: Array, by: Array, rows: int, columns: int) -> tuple[Array, Array]:
    """Which barrier segments lie in each bucket of 16 by 16 nodes: offsets and lists."""
    down, across = rows // _BUCKET + 1, columns // _BUCKET + 1
    first = np.zeros(down * across + 1, np.int64)
    listed = np.empty(0, np.int32)
    for count_only in (True, False):
        at = first[:-1].copy()
        for i in range(len(ax)):
            for r in range(
                max(0, int(min(ay[i], by[i]) - 1) // _BUCKET), min(down - 1, int(max(ay[i], by[i]) + 1) // _BUCKET) + 1
            ):
                for c in range(
                    max(0, int(min(ax[i], bx[i]) - 1) // _BUCKET),
                    min(across - 1, int(max(ax[i], bx[i]) + 1) // _BUCKET) + 1,
                ):
                    bucket = r * across + c
                    if count_only:
                        first[bucket + 1] += 1
                    else:
                        listed[at[bucket]] = i
                        at[bucket] += 1
        if count_only:
            first = np.cumsum(first)
            listed = np.empty(first[-1], np.int32)
    return first, listed


@njit(cache=True, nogil=True)
def _walled_off(
    x: float, y: float, to_x: float, to_y: float, across: int, down: int,
    first: Array, listed: Array, ax: Array, ay: Array, bx: Array, by: Array,
) -> bool:  # fmt: skip
    """True where a barrier crosses the straight way from one position to another."""
    for r in range(max(0, int(min(y, to_y)) // _BUCKET), min(down - 1, int(max(y, to_y)) // _BUCKET) + 1):
        for c in range(max(0, int(min(x, to_x)) // _BUCKET), min(across - 1, int(max(x, to_x)) // _BUCKET) + 1):
            for k in range(first[r * across + c], first[r * across + c + 1]):
                i = listed[k]
                if _crosses(x, y, to_x, to_y, ax[i], ay[i], bx[i], by[i]):
                    return True
    return False


@njit(cache=True, nogil=True, inline="always")
def _foot(
    x: float, y: float, ax: float, ay: float, bx: float, by: float, column_m: float, row_m: float
) -> tuple[float, float]:
    """Distance in metres to the segment a-b, and how far along it the nearest point is (0 to 1)."""
    vx, vy = (bx - ax) * column_m, (by - ay) * row_m
    wx, wy = (x - ax) * column_m, (y - ay) * row_m
    size = vx * vx + vy * vy
    t = 0.0
    if size > 0:
        t = min(1.0, max(0.0, (wx * vx + wy * vy) / size))
    # Rounded as it is stored, or two roads equally near would oust each other for ever.
    return np.float32(np.sqrt((wx - t * vx) ** 2 + (wy - t * vy) ** 2)), t


@njit(cache=True, nogil=True)
def nearest_segments(
    sx: Array, sy: Array, ex: Array, ey: Array,
    column_m: Array, row_m: float, limit_m: float, bars: Array, near: Array,
    first: Array, listed: Array, ax: Array, ay: Array, bx: Array, by: Array,
) -> tuple[Array, Array]:  # fmt: skip
    """For each grid node the nearest road segment within `limit_m` on its own side of barriers (-1: none), and metres.

    Nodes next to a segment are measured directly; then each node tries its neighbours' segments, in sweeps from all
    four corners, until nothing changes.
    """
    rows, columns = near.shape
    down, across = rows // _BUCKET + 1, columns // _BUCKET + 1
    segment = np.full((rows, columns), -1, np.int32)
    apart = np.full((rows, columns), np.float32(limit_m), np.float32)
    for i in range(len(sx)):
        for r in range(max(0, int(np.floor(min(sy[i], ey[i]))) - 1), min(rows, int(np.floor(max(sy[i], ey[i]))) + 3)):
            for c in range(
                max(0, int(np.floor(min(sx[i], ex[i]))) - 1), min(columns, int(np.floor(max(sx[i], ex[i]))) + 3)
            ):
                far, t = _foot(c, r, sx[i], sy[i], ex[i], ey[i], column_m[r], row_m)
                if far < apart[r, c]:
                    if near[r, c] and _walled_off(
                        c, r, sx[i] + t * (ex[i] - sx[i]), sy[i] + t * (ey[i] - sy[i]), across, down,
                        first, listed, ax, ay, bx, by,
                    ):  # fmt: skip
                        continue
                    apart[r, c] = far
                    segment[r, c] = i
    changed = 1
    turn = 0
    while changed > 0 or turn % 2:
        changed = 0
        step_r = 1 if turn % 2 == 0 else -1
        for j in range(rows):
            r = j if step_r == 1 else rows - 1 - j
            for direction in (1, -1):
                for k in range(columns):
                    c = k if direction == 1 else columns - 1 - k
                    for n in range(4):
                        nr = r if n == 0 else r - step_r
                        nc = c - direction if n == 0 else c + n - 2
                        if nr < 0 or nr >= rows or nc < 0 or nc >= columns:
                            continue
                        i = segment[nr, nc]
                        if i < 0 or i == segment[r, c] or _barred(bars, r, c, nr, nc):
                            continue
                        far, t = _foot(c, r, sx[i], sy[i], ex[i], ey[i], column_m[r], row_m)
                        if far < apart[r, c] and not (
                            near[r, c]
                            and _walled_off(
                                c, r, sx[i] + t * (ex[i] - sx[i]), sy[i] + t * (ey[i] - sy[i]), across, down,
                                first, listed, ax, ay, bx, by,
                            )
                        ):  # fmt: skip
                            apart[r, c] = far
                            segment[r, c] = i
                            changed += 1
        turn += 1
    return segment, apart


@njit(cache=True, nogil=True, inline="always")
def _barred(bars: Array, r: int, c: int, nr: int, nc: int) -> bool:
    """True where the link between two neighbouring nodes is barred."""
    if nr == r:
        return bars[r, min(c, nc)] & EAST != 0
    low, at, other = (r, c, nc) if r < nr else (nr, nc, c)
    if other == at:
        return bars[low, at] & NORTH != 0
    return bars[low, at] & (NORTH_EAST if other > at else NORTH_WEST) != 0


@njit(cache=True, nogil=True)
def runs_of_rows(
    segment: Array, sx: Array, sy: Array, ex: Array, ey: Array, column_m: Array, row_m: float,
    segment_edge: Array, from_fraction: Array, to_fraction: Array,
) -> tuple[Array, Array, Array, Array, Array, Array, Array]:  # fmt: skip
    """The nodes by row, in runs of neighbours that are nearest to one edge.

    Where each row's runs begin; each run's first column, edge and first node (one entry more); each node's fraction
    along its edge in 1/65535 and walk in tenths of a second, with the bit `ON_ROAD` where the road runs through the
    node's own cell; and for those, by row and column, the way to the road in 1/`FOOT` of a step: east in the lower
    four bits, north in the upper, negative numbers as their complement to 16.
    """
    rows, columns = segment.shape
    foot = np.zeros((rows, columns), np.uint8)
    run_first = np.zeros(rows + 1, np.int64)
    nodes = 0
    for r in range(rows):
        edge = -1
        for c in range(columns):
            own = segment_edge[segment[r, c]] if segment[r, c] >= 0 else -1
            if own >= 0:
                nodes += 1
                run_first[r + 1] += own != edge
            edge = own
    run_first = np.cumsum(run_first)
    run_column = np.empty(run_first[-1], np.int32)
    run_edge = np.empty(run_first[-1], np.int32)
    run_node = np.empty(run_first[-1] + 1, np.int32)
    fraction = np.empty(nodes, np.uint16)
    walk_ds = np.empty(nodes, np.uint16)
    run = k = 0
    for r in range(rows):
        edge = -1
        for c in range(columns):
            i = segment[r, c]
            own = segment_edge[i] if i >= 0 else -1
            if own >= 0:
                if own != edge:
                    run_column[run], run_edge[run], run_node[run] = c, own, k
                    run += 1
                far, t = _foot(c, r, sx[i], sy[i], ex[i], ey[i], column_m[r], row_m)
                fraction[k] = np.uint16((from_fraction[i] + t * (to_fraction[i] - from_fraction[i])) * 65535 + 0.5)
                walk_ds[k] = np.uint16(np.float64(far) * DS_PER_M + 0.5)
                to_x, to_y = sx[i] + t * (ex[i] - sx[i]) - c, sy[i] + t * (ey[i] - sy[i]) - r
                if abs(to_x) <= 0.5 and abs(to_y) <= 0.5:
                    walk_ds[k] |= ON_ROAD
                    foot[r, c] = (int(np.rint(to_x * FOOT)) & 15) | (int(np.rint(to_y * FOOT)) & 15) << 4
                k += 1
            edge = own
    run_node[run] = k
    return run_first, run_column, run_edge, run_node, fraction, walk_ds, foot
