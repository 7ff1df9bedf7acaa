"""Strongly connected components: which nodes can all be reached from one another by road."""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray


def strong_components(node_count: int, tail: NDArray[Any], head: NDArray[Any]) -> NDArray[np.int32]:
    """For each node the number of its strongly connected component over the arcs tail[i] -> head[i].

    Numbers are arbitrary but for being equal within a component. A node without arcs is a component of its own.
    """
    order = np.argsort(tail, kind="stable")
    first = np.zeros(node_count + 1, dtype=np.int64)
    np.cumsum(np.bincount(tail, minlength=node_count), out=first[1:])
    result: NDArray[np.int32] = _tarjan(first, np.ascontiguousarray(head[order], dtype=np.int32))
    return result


def largest_component(
    node_count: int, tail: NDArray[Any], head: NDArray[Any], weight: NDArray[Any]
) -> NDArray[np.bool_]:
    """True for the nodes of the strongly connected component whose arcs' `weight` (such as length) sums highest.

    A single node without arcs does not count as one: with no cycle at all, the answer is all False.
    """
    if not len(tail):
        return np.zeros(node_count, dtype=bool)
    component = strong_components(node_count, tail, head)
    within = component[tail] == component[head]
    if not within.any():
        return np.zeros(node_count, dtype=bool)
    total = np.bincount(component[tail[within]], weights=weight[within], minlength=int(component.max()) + 1)
    chosen: NDArray[np.bool_] = component == int(np.argmax(total))
    return chosen


@njit(cache=True, nogil=True)
def _tarjan(first: NDArray[Any], head: NDArray[Any]) -> NDArray[Any]:
    """Tarjan's algorithm (1972) with its recursion turned into a stack."""
    count = len(first) - 1
    index = np.full(count, -1, np.int32)
    low = np.zeros(count, np.int32)
    component = np.full(count, -1, np.int32)
    on_path = np.empty(count, np.int32)
    call = np.empty(count, np.int32)
    following = first[:-1].copy()
    clock = components = path_size = 0
    for root in range(count):
        if index[root] >= 0:
            continue
        depth = 0
        call[0] = root
        index[root] = low[root] = clock
        clock += 1
        on_path[path_size] = root
        path_size += 1
        while depth >= 0:
            node = call[depth]
            if following[node] < first[node + 1]:
                to = head[following[node]]
                following[node] += 1
                if index[to] < 0:
                    index[to] = low[to] = clock
                    clock += 1
                    on_path[path_size] = to
                    path_size += 1
                    depth += 1
                    call[depth] = to
                elif component[to] < 0 and index[to] < low[node]:
                    low[node] = index[to]
                continue
            if low[node] == index[node]:
                member = -1
                while member != node:
                    path_size -= 1
                    member = on_path[path_size]
                    component[member] = components
                components += 1
            depth -= 1
            if depth >= 0 and low[node] < low[call[depth]]:
                low[call[depth]] = low[node]
    return component
