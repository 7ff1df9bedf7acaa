"""The raster's kernels, compiled: which road is nearest to each grid node, links that are barred, and seconds.

Private to `routing.field`. Positions are in grid steps (column, row) from the grid's south-west node; distances in
metres, with a column's width `column_m[row]` and a row's height `row_m`. Seconds are whole milliseconds, so that sums
and comparisons are exact and the same on every machine.
"""
# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[Any]

FAR_MS = 1 << 30
"""Not reached. Twice this still fits an int32 sum with a step."""
MS_PER_DM = 72
"""Milliseconds that a decimetre takes on foot: 5 km/h exactly."""
EAST, NORTH_WEST, NORTH, NORTH_EAST = 1, 2, 4, 8
"""Bits of a node's links that are barred: to the next column, and to the three nodes of the next row."""
_BUCKET = 16


@njit(cache=True, nogil=True, inline="always")
def _crosses(
    ax: float, ay: float, bx: float, by: float, cx: float, cy: float, dx: float, dy: float
) -> bool:  # pragma: no cover - compiled
    """True where the segments a-b and c-d meet; touching counts."""
    o1 = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    o2 = (bx - ax) * (dy - ay) - (by - ay) * (dx - ax)
    o3 = (dx - cx) * (ay - cy) - (dy - cy) * (ax - cx)
    o4 = (dx - cx) * (by - cy) - (dy - cy) * (bx - cx)
    return ((o1 >= 0 and o2 <= 0) or (o1 <= 0 and o2 >= 0)) and ((o3 >= 0 and o4 <= 0) or (o3 <= 0 and o4 >= 0))


@njit(cache=True, nogil=True)
def bar_links(
    ax: Array, ay: Array, bx: Array, by: Array, rows: int, columns: int
) -> tuple[Array, Array]:  # pragma: no cover - compiled
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
def bucket_barriers(
    ax: Array, ay: Array, bx: Array, by: Array, rows: int, columns: int
) -> tuple[Array, Array]:  # pragma: no cover - compiled
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
) -> bool:  # pragma: no cover - compiled  # fmt: skip
    """True where a barrier crosses the straight way from one position to another."""
    for r in range(
        max(0, int(min(y, to_y)) // _BUCKET), min(down - 1, int(max(y, to_y)) // _BUCKET) + 1
    ):
        for c in range(
            max(0, int(min(x, to_x)) // _BUCKET), min(across - 1, int(max(x, to_x)) // _BUCKET) + 1
        ):
            for k in range(first[r * across + c], first[r * across + c + 1]):
                i = listed[k]
                if _crosses(x, y, to_x, to_y, ax[i], ay[i], bx[i], by[i]):
                    return True
    return False


@njit(cache=True, nogil=True, inline="always")
def _foot(
    x: float, y: float, ax: float, ay: float, bx: float, by: float, column_m: float, row_m: float
) -> tuple[float, float]:  # pragma: no cover - compiled
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
) -> tuple[Array, Array]:  # pragma: no cover - compiled  # fmt: skip
    """For each grid node the nearest road segment within `limit_m` on its own side of barriers (-1: none), and metres.

    Nodes next to a segment are measured directly; then each node tries its neighbours' segments, in sweeps from all
    four corners, until nothing changes.
    """
    rows, columns = near.shape
    down, across = rows // _BUCKET + 1, columns // _BUCKET + 1
    segment = np.full((rows, columns), -1, np.int32)
    apart = np.full((rows, columns), np.float32(limit_m), np.float32)
    for i in range(len(sx)):
        for r in range(
            max(0, int(np.floor(min(sy[i], ey[i]))) - 1), min(rows, int(np.floor(max(sy[i], ey[i]))) + 3)
        ):
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
def _barred(bars: Array, r: int, c: int, nr: int, nc: int) -> bool:  # pragma: no cover - compiled
    """True where the link between two neighbouring nodes is barred."""
    if nr == r:
        return bars[r, min(c, nc)] & EAST != 0
    low, at, other = (r, c, nc) if r < nr else (nr, nc, c)
    if other == at:
        return bars[low, at] & NORTH != 0
    return bars[low, at] & (NORTH_EAST if other > at else NORTH_WEST) != 0


@njit(cache=True, nogil=True)
def feet(
    segment: Array, sx: Array, sy: Array, ex: Array, ey: Array, column_m: Array, row_m: float,
    segment_edge: Array, from_fraction: Array, to_fraction: Array,
) -> tuple[Array, Array, Array]:  # pragma: no cover - compiled  # fmt: skip
    """Per node: the edge, how far along in 1/65535, and how far off in decimetres."""
    rows, columns = segment.shape
    edge = np.full((rows, columns), -1, np.int32)
    fraction = np.zeros((rows, columns), np.uint16)
    offset_dm = np.zeros((rows, columns), np.uint16)
    for r in range(rows):
        for c in range(columns):
            i = segment[r, c]
            if i >= 0:
                far, t = _foot(c, r, sx[i], sy[i], ex[i], ey[i], column_m[r], row_m)
                edge[r, c] = segment_edge[i]
                along = from_fraction[i] + t * (to_fraction[i] - from_fraction[i])
                fraction[r, c] = np.uint16(along * 65535 + 0.5)
                offset_dm[r, c] = np.uint16(far * 10 + 0.5)
    return edge, fraction, offset_dm


@njit(cache=True, nogil=True)
def edge_times(
    start_a: Array, start_b: Array, from_a: Array, from_b: Array, limit_s: float, box: Array
) -> tuple[Array, Array]:  # pragma: no cover - compiled
    """Per edge (start at a, a to b, start at b, b to a) in ms, and the box in grid steps of what is reached in time."""
    times = np.empty((len(start_a), 4), np.float32)
    reached = np.array([1e9, 1e9, -1e9, -1e9], np.float32)
    for e in range(len(start_a)):
        times[e, 0] = min(start_a[e] * 1000, FAR_MS)
        times[e, 1] = min(from_a[e] * 1000, FAR_MS)
        times[e, 2] = min(start_b[e] * 1000, FAR_MS)
        times[e, 3] = min(from_b[e] * 1000, FAR_MS)
        if start_a[e] <= limit_s or start_b[e] <= limit_s:
            reached[0] = min(reached[0], box[e, 0])
            reached[1] = min(reached[1], box[e, 1])
            reached[2] = max(reached[2], box[e, 2])
            reached[3] = max(reached[3], box[e, 3])
    return times, reached


@njit(cache=True, nogil=True)
def fill(
    edge: Array, fraction: Array, offset_dm: Array, times: Array,
    source_edge: Array, source_fraction: Array, is_source: Array,
    west: int, south: int, columns: int, rows: int,
) -> Array:  # pragma: no cover - compiled  # fmt: skip
    """Milliseconds at each node of a window, by way of its nearest road."""
    field = np.empty((rows, columns), np.int32)
    scale = np.float32(1.0 / 65535.0)
    one = np.float32(1.0)
    far = np.float32(FAR_MS)
    for r in range(rows):
        for c in range(columns):
            e = edge[south + r, west + c]
            if e < 0:
                field[r, c] = FAR_MS
                continue
            f = np.float32(fraction[south + r, west + c]) * scale
            best = min(times[e, 0] + f * times[e, 1], times[e, 2] + (one - f) * times[e, 3])
            if is_source[e]:
                for k in range(len(source_edge)):
                    if source_edge[k] == e:
                        ahead = f - np.float32(source_fraction[k])
                        direct = ahead * times[e, 1] if ahead >= 0 else -ahead * times[e, 3]
                        best = min(best, direct)
            if best >= far:
                field[r, c] = FAR_MS
            else:
                field[r, c] = np.int32(best) + np.int32(offset_dm[south + r, west + c]) * MS_PER_DM
    return field


@njit(cache=True, nogil=True)
def sweep(
    field: Array, bars: Array, has_bars: Array, west: int, south: int, column_dm: Array, row_dm: int
) -> None:  # pragma: no cover - compiled
    """Lets every node take its best neighbour's time plus the walk from there, in one pass up and one down."""
    rows, columns = field.shape
    for r in range(rows):
        across = np.int32(column_dm[south + r] * MS_PER_DM)
        diagonal = np.int32(np.sqrt(column_dm[south + r] ** 2.0 + row_dm**2.0) * MS_PER_DM)
        upright = np.int32(row_dm * MS_PER_DM)
        if r > 0:
            _from_row(field, bars, has_bars[south + r - 1], r, r - 1, west, south + r - 1, upright, diagonal, False)
        _along_row(field, bars, has_bars[south + r], r, west, south + r, across)
    for r in range(rows - 2, -1, -1):
        across = np.int32(column_dm[south + r] * MS_PER_DM)
        diagonal = np.int32(np.sqrt(column_dm[south + r] ** 2.0 + row_dm**2.0) * MS_PER_DM)
        upright = np.int32(row_dm * MS_PER_DM)
        _from_row(field, bars, has_bars[south + r], r, r + 1, west, south + r, upright, diagonal, True)
        _along_row(field, bars, has_bars[south + r], r, west, south + r, across)


@njit(cache=True, nogil=True)
def _from_row(
    field: Array, bars: Array, barred: bool, r: int, other: int, west: int, bar_row: int,
    upright: int, diagonal: int, down: bool,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """Row r takes from the row `other`; links between them are barred in `bar_row`, the lower of the two."""
    columns = field.shape[1]
    here, there = field[r], field[other]
    if not barred:
        for c in range(1, columns - 1):
            here[c] = min(here[c], there[c] + upright, there[c - 1] + diagonal, there[c + 1] + diagonal)
        here[0] = min(here[0], there[0] + upright, there[1] + diagonal)
        here[columns - 1] = min(here[columns - 1], there[columns - 1] + upright, there[columns - 2] + diagonal)
        return
    bar = bars[bar_row]
    for c in range(columns):
        w = west + c
        best = here[c]
        if not bar[w] & NORTH:
            best = min(best, there[c] + upright)
        # A link's bit stands at its lower node: this one when taking from above, the other when from below.
        if c > 0 and not (bar[w] & NORTH_WEST if down else bar[w - 1] & NORTH_EAST):
            best = min(best, there[c - 1] + diagonal)
        if c < columns - 1 and not (bar[w] & NORTH_EAST if down else bar[w + 1] & NORTH_WEST):
            best = min(best, there[c + 1] + diagonal)
        here[c] = best


@njit(cache=True, nogil=True)
def _along_row(
    field: Array, bars: Array, barred: bool, r: int, west: int, bar_row: int, across: int
) -> None:  # pragma: no cover - compiled
    columns = field.shape[1]
    here = field[r]
    if not barred:
        for c in range(1, columns):
            here[c] = min(here[c], here[c - 1] + across)
        for c in range(columns - 2, -1, -1):
            here[c] = min(here[c], here[c + 1] + across)
        return
    bar = bars[bar_row]
    for c in range(1, columns):
        if not bar[west + c - 1] & EAST:
            here[c] = min(here[c], here[c - 1] + across)
    for c in range(columns - 2, -1, -1):
        if not bar[west + c] & EAST:
            here[c] = min(here[c], here[c + 1] + across)
