"""Groups of things that hang together through pairs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def connected_groups(count: int, a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.int64]:
    """For each of `count` things, the lowest thing that it hangs together with through the pairs (a[i], b[i]).

    Two things are in one group where they have the same answer; a thing in no pair is its own. The order of the
    pairs does not matter. IndexError where a pair names a thing that is not there.
    """
    label = np.arange(count)
    while True:
        low = np.minimum(label[a], label[b])
        before = label.copy()
        # Lower the labels of both ends and of what those ends stood for, then follow chains to their end.
        np.minimum.at(label, before[a], low)
        np.minimum.at(label, before[b], low)
        while not np.array_equal(label[label], label):
            label = label[label]
        if np.array_equal(label, before):
            return label
