"""Weighted quantiles of many groups at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_ROUNDING = 1e-9
"""Of a group's weight: what adding many parts up may be off."""


class Weighed:
    """Values with their weights, sorted once for quantiles by one grouping or several.

    Those without weight count nowhere; an infinite value is the last.
    """

    def __init__(self, value: NDArray[Any], weight: NDArray[Any]) -> None:
        kept = np.flatnonzero(weight > 0)
        self._rows = kept[np.argsort(value[kept], kind="stable")]
        self._value, self._weight = value[self._rows].astype(float), weight[self._rows].astype(float)

    def quantiles(self, group: NDArray[Any], groups: int, shares: tuple[float, ...]) -> Floats:
        """For each group and share the least value that at least so much of the group's weight does not exceed.

        `group` is that of each value, as they were given; -1 counts nowhere. An array of (groups, shares); NaN for a
        group without weight.
        """
        # numpy sorts 16-bit numbers by radix, many times as fast as longer ones.
        of_row = group[self._rows].astype(np.int16 if groups < 1 << 15 else np.int64)
        order = np.argsort(of_row, kind="stable")
        order = order[np.searchsorted(of_row[order], 0) :]
        of_row, value, weight = of_row[order], self._value[order], self._weight[order]
        whole = np.bincount(of_row, weights=weight, minlength=groups)
        known = np.flatnonzero(whole > 0)
        out = np.full((groups, len(shares)), np.nan)
        if not len(known):
            return out
        # Each group's parts add up to one, so that groups of any size may share one sum.
        reached = np.cumsum(weight / whole[of_row])
        ends = np.searchsorted(of_row, known, side="right")
        starts = np.concatenate([[0.0], reached[ends[:-1] - 1]])
        for i, share in enumerate(shares):
            at = np.searchsorted(reached, starts + share * (1 - _ROUNDING) - _ROUNDING, side="left")
            out[known, i] = value[np.minimum(at, ends - 1)]
        return out


def quantiles(
    group: NDArray[Any], value: NDArray[Any], weight: NDArray[Any], groups: int, shares: tuple[float, ...]
) -> Floats:
    """`Weighed.quantiles` of one grouping."""
    return Weighed(value, weight).quantiles(group, groups, shares)
