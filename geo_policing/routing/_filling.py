"""The field's kernels, compiled: seconds at the nodes of a window, row by row as they lie in memory.

Private to `routing.field`. Units and positions are those of `_raster`.
"""
# What numba compiles is plain numbers and arrays, which mypy cannot follow; a loop in one piece is what makes it fast.
# mypy: disable-error-code="untyped-decorator, no-any-return, return-value, arg-type"

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo_policing.routing._raster import BLOCK, EAST, NEVER, NORTH, ON_ROAD

Array = NDArray[Any]

_TOO_LONG_DS = 1e9
_PART = np.float32(1 / 65535)


@njit(cache=True, nogil=True)
def reached_box(
    start_a: Array, start_b: Array, limit_s: float, box: Array, source_edge: Array
) -> tuple[float, float, float, float]:
    """West, south, east, north in grid steps of the edges that are set off on in time, and of the sources' own."""
    west = south = 1e9
    east = north = -1e9
    for e in range(len(start_a)):
        if start_a[e] <= limit_s or start_b[e] <= limit_s:
            west, south = min(west, box[e, 0]), min(south, box[e, 1])
            east, north = max(east, box[e, 2]), max(north, box[e, 3])
    for e in source_edge:
        west, south = min(west, box[e, 0]), min(south, box[e, 1])
        east, north = max(east, box[e, 2]), max(north, box[e, 3])
    return west, south, east, north


@njit(cache=True, nogil=True)
def edge_times(
    start_a: Array, start_b: Array, from_a: Array, from_b: Array, source_first: Array
) -> tuple[Array, Array]:
    """By edge, in tenths of a second: the least time on it, and (set off at a, along, set off at b, along)."""
    times = np.empty((len(start_a), 4), np.float32)
    least = np.empty(len(start_a), np.float32)
    for e in range(len(start_a)):
        along_a, along_b = from_a[e] * 10.0, from_b[e] * 10.0
        least[e] = 0.0 if source_first[e + 1] > source_first[e] else min(start_a[e], start_b[e]) * 10.0
        # An edge that may not be driven one way is never quicker that way, at no fraction of it.
        times[e, 0] = start_a[e] * 10.0 if along_a < np.inf else _TOO_LONG_DS
        times[e, 1] = along_a if along_a < np.inf else _TOO_LONG_DS
        times[e, 2] = start_b[e] * 10.0 if along_b < np.inf else _TOO_LONG_DS
        times[e, 3] = along_b if along_b < np.inf else _TOO_LONG_DS
    return least, times


@njit(cache=True, nogil=True)
def fill(
    rows: int, columns: int, west: int, south: int, limit_ds: int,
    run_first: Array, run_column: Array, run_edge: Array, run_node: Array, fraction: Array, walk_ds: Array,
    least_ds: Array, times_ds: Array, source_first: Array, source_fraction: Array,
    base_row: Array, base_column: Array, base_left: Array, bars: Array, has_bars: Array, column_ds: Array, row_ds: int,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """What is left of `NEVER` at each node of a window, and the least and the greatest of each of its blocks.

    Each node by way of its nearest road, or, where that is quicker, by way of that of one of its four neighbours and
    the walk from it. A block counts the last column of the one before it. Sources on edge e are
    `source_fraction[source_first[e]:source_first[e + 1]]`; the nodes beside bases, row by row, are reached as
    `base_left` says at the latest.
    """
    blocks = (columns - 1) // BLOCK + 1
    left = np.zeros((rows, columns), np.uint16)
    least = np.zeros((rows, blocks), np.uint16)
    greatest = np.zeros((rows, blocks), np.uint16)
    # Three rows by way of their own roads: the one that is finished now, and those beside it.
    own = np.zeros((3, columns), np.uint16)
    near = np.zeros((3, columns), np.uint16)
    touched = np.zeros((3, blocks), np.uint8)
    base = 0
    longest_ds = np.float32(limit_ds)
    for ahead in range(rows + 1):
        r = ahead - 1
        below, here, above = own[(r + 2) % 3], own[r % 3], own[ahead % 3]
        near_above = near[ahead % 3]
        above_touched = touched[ahead % 3]
        above[:] = 0
        near_above[:] = 0
        above_touched[:] = 0
        if ahead < rows:
            _drive_row(
                above, near_above, above_touched,
                west, run_first[south + ahead], run_first[south + ahead + 1], longest_ds,
                run_column, run_edge, run_node, fraction, walk_ds, least_ds, times_ds, source_first, source_fraction,
            )  # fmt: skip
            while base < len(base_row) and base_row[base] == ahead:
                c = base_column[base]
                above[c] = max(above[c], base_left[base])
                near_above[c] = max(near_above[c], base_left[base])
                above_touched[c // BLOCK] = 1
                base += 1
        if 1 <= r < rows - 1:
            _step_row(
                left[r], least[r], greatest[r], near[r % 3], below, here, above, touched,
                bars, has_bars, south + r, west, np.uint16(column_ds[south + r]), np.uint16(row_ds),
            )  # fmt: skip
    return left, least, greatest


@njit(cache=True, nogil=True)
def _drive_row(
    left: Array, near: Array, touched: Array, west: int, first: int, end: int, limit_ds: float,
    run_column: Array, run_edge: Array, run_node: Array, fraction: Array, walk_ds: Array,
    least_ds: Array, times_ds: Array, source_first: Array, source_fraction: Array,
) -> None:  # fmt: skip
    """Writes the nodes of one row, from column `west` of the grid on, that are reached by way of their own roads.

    Runs `first` to `end` are the row's.
    """
    columns = len(left)
    for j in range(_run_at(run_column, first, end, west), end):
        if run_column[j] - west >= columns:
            break
        e = run_edge[j]
        if least_ds[e] > limit_ds:
            continue
        shift = run_column[j] - west - run_node[j]
        begin, stop = max(run_node[j], -shift), min(run_node[j + 1], columns - shift)
        if begin >= stop:
            continue
        if _drive_run(left, near, begin + shift, stop + shift, fraction, walk_ds, begin, times_ds, e, limit_ds):
            for b in range((begin + shift) // BLOCK, (stop + shift - 1) // BLOCK + 1):
                touched[b] = 1
        for i in range(source_first[e], source_first[e + 1]):
            _set_off(
                left,
                near,
                begin + shift,
                stop + shift,
                fraction,
                walk_ds,
                begin,
                times_ds,
                e,
                source_fraction[i],
                limit_ds,
            )


@njit(cache=True, nogil=True, inline="always")
def _left_ds(time_ds: float, limit_ds: float) -> int:
    in_time = time_ds if time_ds <= limit_ds else np.float32(NEVER)
    return np.uint16(NEVER - np.int32(in_time + np.float32(0.5)))


@njit(cache=True, nogil=True)
def _drive_run(
    left: Array, near: Array, low: int, high: int, fraction: Array, walk_ds: Array, node: int, times_ds: Array,
    edge: int, limit_ds: float,
) -> bool:  # fmt: skip
    """Writes columns `low` to `high`, nodes `node` and on, all of one edge; True where any is reached."""
    start_a, along_a, along_b = times_ds[edge, 0], times_ds[edge, 1], times_ds[edge, 3]
    end_b = times_ds[edge, 2] + along_b
    some = np.uint16(0)
    # Unsigned, as an index that might be negative keeps the compiler from doing many at once.
    first, to = np.uintp(node), np.uintp(low)
    for i in range(np.uintp(high - low)):
        f = np.float32(fraction[first + i]) * _PART
        best = min(start_a + f * along_a, end_b - f * along_b)
        walk = walk_ds[first + i]
        left[to + i] = _left_ds(best + np.float32(walk & (ON_ROAD - 1)), limit_ds)
        value = _left_ds(best + np.float32(walk if walk < ON_ROAD else 0), limit_ds)
        near[to + i] = value
        some |= value
    return some > 0


@njit(cache=True, nogil=True)
def _set_off(
    left: Array, near: Array, low: int, high: int, fraction: Array, walk_ds: Array, node: int, times_ds: Array,
    edge: int, source_fraction: float, limit_ds: float,
) -> None:  # fmt: skip
    """The same by way of a source on that edge, where that is quicker."""
    along_a, along_b = times_ds[edge, 1], times_ds[edge, 3]
    for i in range(high - low):
        apart = np.float32(fraction[node + i]) * _PART - np.float32(source_fraction)
        best = apart * along_a if apart >= 0 else -apart * along_b
        walk = walk_ds[node + i]
        left[low + i] = max(left[low + i], _left_ds(best + np.float32(walk & (ON_ROAD - 1)), limit_ds))
        near[low + i] = max(near[low + i], _left_ds(best + np.float32(walk if walk < ON_ROAD else 0), limit_ds))


@njit(cache=True, nogil=True)
def _run_at(run_column: Array, first: int, end: int, column: int) -> int:
    """The last of the runs `first` to `end` that begins at `column` or before it, else `first`."""
    low, high = first, end
    while high - low > 1:
        middle = (low + high) >> 1
        if run_column[middle] <= column:
            low = middle
        else:
            high = middle
    return low


@njit(cache=True, nogil=True)
def _step_row(
    out: Array, least: Array, greatest: Array, near: Array, below: Array, own: Array, above: Array, touched: Array,
    bars: Array, has_bars: Array, row: int, west: int, across: int, upright: int,
) -> None:  # fmt: skip
    """One row, each node by way of its own road or a neighbour's, but for the outermost, which are never reached."""
    columns, blocks = len(out), len(least)
    first, last = blocks, -1
    for b in range(blocks):
        if touched[0, b] | touched[1, b] | touched[2, b]:
            first, last = min(first, b), b
    if last < 0:
        return
    first, last = max(0, first - 1), min(blocks - 1, last + 1)
    low, high = max(1, first * BLOCK), min(columns - 1, (last + 1) * BLOCK)
    one = np.uintp(1)
    for c in range(np.uintp(low), np.uintp(high)):
        # Written so that nothing falls below 0, the compiler can do sixteen at once.
        beside = np.uint16(max(own[c - one], own[c + one], across) - across)
        over = np.uint16(max(below[c], above[c], upright) - upright)
        out[c] = max(beside, over, near[c])
    for b in range(first, last + 1):
        low, high = max(1, b * BLOCK), min(columns - 1, (b + 1) * BLOCK)
        block = west // BLOCK + b
        if has_bars[row, block] or (row > 0 and has_bars[row - 1, block]):
            _step_barred(out, near, own, below, above, bars, row, low, high, west, across, upright)
        lowest = highest = out[low - 1]
        for c in range(np.uintp(low), np.uintp(high)):
            lowest = min(lowest, out[c])
            highest = max(highest, out[c])
        least[b] = 0 if low == 1 or high == columns - 1 else lowest
        greatest[b] = highest


@njit(cache=True, nogil=True)
def _step_barred(
    out: Array, near: Array, own: Array, below: Array, above: Array, bars: Array,
    row: int, low: int, high: int, west: int, across: int, upright: int,
) -> None:  # fmt: skip
    """The same for columns `low` to `high`, where links may be barred."""
    for c in range(low, high):
        best = np.int32(near[c])
        if not bars[row, west + c - 1] & EAST:
            best = max(best, np.int32(own[c - 1]) - np.int32(across))
        if not bars[row, west + c] & EAST:
            best = max(best, np.int32(own[c + 1]) - np.int32(across))
        if not bars[row, west + c] & NORTH:
            best = max(best, np.int32(above[c]) - np.int32(upright))
        if row > 0 and not bars[row - 1, west + c] & NORTH:
            best = max(best, np.int32(below[c]) - np.int32(upright))
        out[c] = np.uint16(best)
