"""Weighted quantiles of many groups at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def quantiles(
    group: NDArray[Any], value: NDArray[Any], weight: NDArray[Any], groups: int, shares: tuple[float, ...]
) -> Floats:
    """For each group and share the least value that at least so much of the group's weight does not exceed.

    An array of (groups, shares); NaN for a group without weight. Entries of group -1 count nowhere; an infinite value
    is the last.
    """
    kept = (group >= 0) & (weight > 0)
    group, value, weight = group[kept], value[kept].astype(float), weight[kept].astype(float)
    order = np.argsort(value, kind="stable")
    # numpy sorts 16-bit numbers by radix, many times as fast as longer ones.
    narrow = group.astype(np.int16) if groups < 1 << 15 else group
    order = order[np.argsort(narrow[order], kind="stable")]
    group, value, weight = group[order], value[order], weight[order]
    whole = np.bincount(group, weights=weight, minlength=groups)
    part = np.divide(weight, whole[group], out=np.zeros_like(weight), where=whole[group] > 0)
    starts = np.searchsorted(group, np.arange(groups + 1))
    out = np.full((groups, len(shares)), np.nan)
    for g in np.flatnonzero(whole > 0).tolist():
        first, last = starts[g], starts[g + 1]
        reached = np.cumsum(part[first:last])
        at = np.searchsorted(reached, np.array(shares) * reached[-1] * (1 - 1e-12), side="left")
        out[g] = value[first + np.minimum(at, last - first - 1)]
    return out
