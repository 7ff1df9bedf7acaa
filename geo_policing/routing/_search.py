"""The searches themselves, compiled: Dijkstra's algorithm (1959) over flat arrays with a binary heap.

Private to `routing.reach`, which says what goes in and comes out. Importing this imports numba.
"""
# What numba compiles is plain numbers and arrays, which mypy cannot follow; a loop in one piece is what makes it fast.
# mypy: disable-error-code="untyped-decorator, no-any-return, return-value"

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[Any]


@njit(cache=True, nogil=True, inline="always")
def _push(keys: Array, items: Array, size: int, key: float, item: int) -> int:
    at = size
    while at > 0:
        above = (at - 1) >> 1
        if keys[above] <= key:
            break
        keys[at] = keys[above]
        items[at] = items[above]
        at = above
    keys[at] = key
    items[at] = item
    return size + 1


@njit(cache=True, nogil=True, inline="always")
def _drop(keys: Array, items: Array, size: int) -> int:
    """Removes the least entry, which the caller has read at 0."""
    size -= 1
    if size == 0:
        return 0
    key = keys[size]
    item = items[size]
    at = 0
    below = 1
    while below < size:
        if below + 1 < size and keys[below + 1] < keys[below]:
            below += 1
        if keys[below] >= key:
            break
        keys[at] = keys[below]
        items[at] = items[below]
        at = below
        below = 2 * at + 1
    keys[at] = key
    items[at] = item
    return size


@njit(cache=True, nogil=True)
def search_nodes(
    first: Array, head: Array, cost: Array, seed_node: Array, seed_s: Array, seed_label: Array, limit_s: float
) -> tuple[Array, Array]:
    """Seconds to each node (inf beyond `limit_s`) and the label of the seed it comes from (-1: none)."""
    count = len(first) - 1
    time = np.full(count, np.inf)
    label = np.full(count, -1, np.int32)
    keys = np.empty(len(head) + len(seed_node) + 1)
    items = np.empty(len(keys), np.int32)
    size = 0
    for i in range(len(seed_node)):
        node = seed_node[i]
        if seed_s[i] <= limit_s and seed_s[i] < time[node]:
            time[node] = seed_s[i]
            label[node] = seed_label[i]
            size = _push(keys, items, size, seed_s[i], node)
    while size > 0:
        now = keys[0]
        node = items[0]
        size = _drop(keys, items, size)
        if now > time[node]:
            continue
        mark = label[node]
        for k in range(first[node], first[node + 1]):
            to = head[k]
            then = now + cost[k]
            if then < time[to] and then <= limit_s:
                time[to] = then
                label[to] = mark
                size = _push(keys, items, size, then, to)
    return time, label


@njit(cache=True, nogil=True)
def search_two(
    first: Array, head: Array, cost: Array, seed_node: Array, seed_s: Array, seed_label: Array, limit_s: float
) -> tuple[Array, Array]:
    """Like `search_nodes`, for the two nearest different labels: arrays of (node, 2), nearest first."""
    count = len(first) - 1
    time = np.full((count, 2), np.inf)
    label = np.full((count, 2), -1, np.int32)
    # A node passes on each of its two labels once, and a seed at the most once more.
    keys = np.empty(2 * len(head) + len(seed_node) + 1)
    items = np.empty(len(keys), np.int64)
    size = 0
    for i in range(len(seed_node)):
        if seed_s[i] <= limit_s:
            size = _push(keys, items, size, seed_s[i], seed_label[i] * count + seed_node[i])
    while size > 0:
        now = keys[0]
        mark = items[0] // count
        node = items[0] % count
        size = _drop(keys, items, size)
        if label[node, 0] == mark or label[node, 1] >= 0:
            continue
        slot = 0 if label[node, 0] < 0 else 1
        time[node, slot] = now
        label[node, slot] = mark
        for k in range(first[node], first[node + 1]):
            to = head[k]
            then = now + cost[k]
            if then <= limit_s and label[to, 1] < 0 and label[to, 0] != mark:
                size = _push(keys, items, size, then, mark * count + to)
    return time, label


@njit(cache=True, nogil=True)
def search_halves(
    turn_first: Array,
    turn_half: Array,
    turn_s: Array,
    cost: Array,
    seed_half: Array,
    seed_s: Array,
    seed_label: Array,
    limit_s: float,
) -> tuple[Array, Array, Array, Array]:
    """Search over half-edges, minding turns.

    For each half-edge the seconds at its end and at its start (when one may be about to drive it, the turn into it
    done), and the label of each. A seed is the end of a half-edge that is driven from its middle on, so it gives no
    start.
    """
    count = len(cost)
    end = np.full(count, np.inf)
    start = np.full(count, np.inf)
    end_label = np.full(count, -1, np.int32)
    start_label = np.full(count, -1, np.int32)
    keys = np.empty(len(turn_half) + len(seed_half) + 1)
    items = np.empty(len(keys), np.int32)
    size = 0
    for i in range(len(seed_half)):
        half = seed_half[i]
        if seed_s[i] <= limit_s and seed_s[i] < end[half]:
            end[half] = seed_s[i]
            end_label[half] = seed_label[i]
            size = _push(keys, items, size, seed_s[i], half)
    while size > 0:
        now = keys[0]
        half = items[0]
        size = _drop(keys, items, size)
        if now > end[half]:
            continue
        mark = end_label[half]
        for k in range(turn_first[half], turn_first[half + 1]):
            to = turn_half[k]
            begin = now + turn_s[k]
            if begin < start[to] and begin <= limit_s:
                start[to] = begin
                start_label[to] = mark
                then = begin + cost[to]
                if then < end[to] and then <= limit_s:
                    end[to] = then
                    end_label[to] = mark
                    size = _push(keys, items, size, then, to)
    return end, end_label, start, start_label


@njit(cache=True, nogil=True)
def search_two_states(
    turn_first: Array,
    turn_after: Array,
    turn_s: Array,
    cost: Array,
    seed_state: Array,
    seed_s: Array,
    seed_label: Array,
    limit_s: float,
) -> tuple[Array, Array]:
    """`search_two` over states, minding turns: the two nearest different labels at each state's end, (state, 2)."""
    count = len(cost)
    time = np.full((count, 2), np.inf)
    label = np.full((count, 2), -1, np.int32)
    keys = np.empty(2 * len(turn_after) + len(seed_state) + 1)
    items = np.empty(len(keys), np.int64)
    size = 0
    for i in range(len(seed_state)):
        if seed_s[i] <= limit_s and seed_s[i] < np.inf:
            size = _push(keys, items, size, seed_s[i], seed_label[i] * count + seed_state[i])
    while size > 0:
        now = keys[0]
        mark = items[0] // count
        state = items[0] % count
        size = _drop(keys, items, size)
        if label[state, 0] == mark or label[state, 1] >= 0:
            continue
        slot = 0 if label[state, 0] < 0 else 1
        time[state, slot] = now
        label[state, slot] = mark
        for k in range(turn_first[state], turn_first[state + 1]):
            to = turn_after[k]
            then = now + turn_s[k] + cost[to]
            if then <= limit_s and label[to, 1] < 0 and label[to, 0] != mark:
                size = _push(keys, items, size, then, mark * count + to)
    return time, label
