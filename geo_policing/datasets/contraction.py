"""Joins stretches of road end to end where nothing meets or changes, so that a search has fewer nodes to visit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Chains:
    """Joined edges: chain i is made of `edge[first[i]:first[i + 1]]`, in order, each `flipped` where run backwards."""

    first: NDArray[np.int64]
    edge: NDArray[np.int64]
    flipped: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.first) - 1


def join_chains(
    a: NDArray[Any], b: NDArray[Any], forward_key: NDArray[Any], backward_key: NDArray[Any], keep: NDArray[Any]
) -> Chains:
    """Chains over the edges a[i]-b[i]; every edge stands in exactly one.

    Two edges are joined at a node of exactly two edge ends that `keep` (by node) does not protect, where they are
    alike: `forward_key` describes an edge run from a to b, `backward_key` run from b to a. A chain runs in the
    direction of its lowest edge, and chains are ordered by theirs. A ring without a protected node stays whole, begun
    at its lowest edge.
    """
    other, joined = _partners(a, b, forward_key, backward_key, keep)
    done = np.zeros(len(a), dtype=bool)
    chains = [_walk(edge, other, joined, done) for edge in range(len(a)) if not done[edge]]
    steps = [step for chain in chains for step in chain]
    return Chains(
        first=np.concatenate([[0], np.cumsum([len(chain) for chain in chains])]).astype(np.int64),
        edge=np.array([edge for edge, _ in steps], dtype=np.int64),
        flipped=np.array([flipped for _, flipped in steps], dtype=bool),
    )


def _partners(
    a: NDArray[Any], b: NDArray[Any], forward_key: NDArray[Any], backward_key: NDArray[Any], keep: NDArray[Any]
) -> tuple[list[int], list[bool]]:
    """For each edge end (2 × edge for its a, plus 1 for its b) the end it is joined to, and whether it is."""
    ends = np.empty(2 * len(a), dtype=np.int64)
    ends[0::2], ends[1::2] = a, b
    order = np.argsort(ends, kind="stable")
    sizes = np.bincount(ends, minlength=len(keep))
    starts = np.concatenate([[0], np.cumsum(sizes)])[:-1]
    pairs = np.flatnonzero((sizes == 2) & ~keep)
    one, two = order[starts[pairs]], order[starts[pairs] + 1]
    # Leaving through end `one` means arriving at the node: an a-end is left by running backwards.
    arriving = np.where(one % 2 == 1, forward_key[one // 2], backward_key[one // 2])
    departing = np.where(two % 2 == 0, forward_key[two // 2], backward_key[two // 2])
    alike = (arriving == departing) & (one // 2 != two // 2)
    other = np.full(len(ends), -1, dtype=np.int64)
    other[one[alike]] = two[alike]
    other[two[alike]] = one[alike]
    return other.tolist(), (other >= 0).tolist()


def _walk(start: int, other: list[int], joined: list[bool], done: NDArray[Any]) -> list[tuple[int, bool]]:
    """The chain of edge `start`, which is the lowest of it that is not done, in that edge's own direction."""
    done[start] = True
    after = _follow(2 * start + 1, other, joined, done)
    before = _follow(2 * start, other, joined, done)
    return [(edge, not flipped) for edge, flipped in reversed(before)] + [(start, False), *after]


def _follow(end: int, other: list[int], joined: list[bool], done: NDArray[Any]) -> list[tuple[int, bool]]:
    """The edges beyond `end`, away from it, each with whether it is run from its b to its a."""
    steps: list[tuple[int, bool]] = []
    while joined[end]:
        entered = other[end]
        edge = entered // 2
        if done[edge]:
            break
        done[edge] = True
        steps.append((edge, entered % 2 == 1))
        end = entered ^ 1
    return steps
