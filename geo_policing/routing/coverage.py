"""Who is within reach: residents, postcodes and demand counted at points put onto the road, never from polygons.

`Coverage` keeps the time from every base to every point. What closing a base does is then a lookup, opening or moving
one a single search.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.errors import InvalidInputError, NotFoundError, TooLargeError
from geo_policing.routing.costs import Direction
from geo_policing.routing.engine import Engine
from geo_policing.routing.reach import Reach
from geo_policing.routing.snapping import Snapped
from geo_policing.routing.speeds import Profile

MAX_KEPT_TIMES = 50_000_000
"""Bases times points; as float32 200 MB. A force has some 15 bases and 25,000 points."""


@dataclass(frozen=True, eq=False)
class Coverage:
    """Seconds from each base (row, by id in `bases`) to each point (column), the walk at the point included.

    `seconds` is infinite where there is no way. `nearest` is the row of the nearest base, -1 where there is none, and
    `nearest_s` how long it takes from there, infinite where there is no way.
    """

    bases: tuple[str, ...]
    seconds: NDArray[np.float32]
    nearest: NDArray[np.int32]
    nearest_s: NDArray[np.float32]

    @classmethod
    def of_times(cls, bases: Sequence[str], seconds: NDArray[Any]) -> Coverage:
        """From a matrix of times, base by point; InvalidInputError where a base's id stands twice."""
        if len(set(bases)) != len(bases):
            twice = sorted({base for base in bases if list(bases).count(base) > 1})
            raise InvalidInputError(f"bases named twice: {', '.join(twice)}.", field="base")
        times = np.asarray(seconds, dtype=np.float32)
        return cls(tuple(bases), times, *_least(times))

    @cached_property
    def second(self) -> NDArray[np.int32]:
        """The row of the next nearest base of each point, -1 where there is none; made when first asked for."""
        return self._second[0]

    @property
    def second_s(self) -> NDArray[np.float32]:
        """Seconds to each point from the next nearest base, infinite where there is no way."""
        return self._second[1]

    def close(self, *closed: str) -> Coverage:
        """Without some bases; NotFoundError for an unknown one.

        A lookup of the second nearest where the nearest closes; only points that lose both are looked at again.
        """
        rows = np.array(sorted({self._row(base) for base in closed}), dtype=np.int64)
        keep = np.ones(len(self.bases), dtype=bool)
        keep[rows] = False
        names = tuple(base for base, kept in zip(self.bases, keep, strict=True) if kept)
        renumber = np.append(np.where(keep, np.cumsum(keep) - 1, -1), -1).astype(np.int32)
        times = self.seconds[keep]
        # By table, as `isin` would sort; -1 (no base) reads the last entry.
        gone = np.append(~keep, False)
        lost = np.flatnonzero(gone[self.nearest])
        nearest, nearest_s = renumber[self.nearest], self.nearest_s.copy()
        nearest[lost], nearest_s[lost] = renumber[self.second[lost]], self.second_s[lost]
        both = lost[gone[self.second[lost]]]
        nearest[both], nearest_s[both] = _least(times[:, both])
        return Coverage(names, times, nearest, nearest_s)

    def open(self, base: str, seconds: NDArray[Any]) -> Coverage:
        """With one base more, given its times; InvalidInputError where its id is taken."""
        if base in self.bases:
            raise InvalidInputError(f"there is a base {base!r} already; close or move it.", field="base")
        times = np.asarray(seconds, dtype=np.float32).reshape(1, -1)
        nearer = times[0] < self.nearest_s
        nearest = np.where(nearer, np.int32(len(self.bases)), self.nearest)
        nearest_s = np.where(nearer, times[0], self.nearest_s)
        return Coverage((*self.bases, base), np.vstack([self.seconds, times]), nearest, nearest_s)

    def move(self, base: str, seconds: NDArray[Any]) -> Coverage:
        """With a base elsewhere, given its times from there; NotFoundError for an unknown one."""
        times = self.seconds.copy()
        times[self._row(base)] = seconds
        return Coverage.of_times(self.bases, times)

    def within(self, minutes: Sequence[float], weight: NDArray[Any], group: NDArray[Any] | None = None) -> Table:
        """How much `weight` lies within each threshold, in all and by `group` (a number from 0 for each point)."""
        groups = np.zeros(len(weight), dtype=np.int64) if group is None else np.asarray(group, dtype=np.int64)
        known = groups >= 0
        size = int(groups.max(initial=0)) + 1
        weights = np.nan_to_num(np.asarray(weight, dtype=float))
        total = np.bincount(groups[known], weights[known], minlength=size).astype(np.float64)
        seconds = self.nearest_s
        # A breath beyond the threshold, for what float32 rounds.
        held = [
            np.bincount(groups[inside], weights[inside], minlength=size)
            for inside in (known & (seconds <= m * 60 + 1e-3) for m in minutes)
        ]
        return Table(tuple(minutes), np.array(held, dtype=np.float64).reshape(len(minutes), size), total)

    def worst(self, weight: NDArray[Any], count: int) -> NDArray[np.int64]:
        """The points with any weight that are farthest from their nearest base, farthest first; unreached ones lead."""
        points = np.flatnonzero(np.asarray(weight) > 0)
        order = np.lexsort((points, -self.nearest_s[points]))
        return points[order[:count]]

    def _row(self, base: str) -> int:
        if base not in self.bases:
            raise NotFoundError(f"no base is called {base!r}; there are {', '.join(self.bases) or 'none'}.")
        return self.bases.index(base)

    @cached_property
    def _second(self) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        others = self.seconds.copy()
        reached = np.flatnonzero(self.nearest >= 0)
        others[self.nearest[reached], reached] = np.inf
        return _least(others)


@dataclass(frozen=True, eq=False)
class Table:
    """`held[i, g]` of group g's `total[g]` lies within `minutes[i]`."""

    minutes: tuple[float, ...]
    held: NDArray[np.float64]
    total: NDArray[np.float64]

    @property
    def share(self) -> NDArray[np.float64]:
        """Held by total, NaN for a group that holds nothing at all."""
        return np.divide(self.held, self.total, out=np.full_like(self.held, np.nan), where=self.total > 0)


def measure(
    engine: Engine,
    bases: Mapping[str, Snapped],
    points: Snapped,
    *,
    profile: Profile = Profile.NORMAL,
    direction: Direction = Direction.OUTBOUND,
) -> Coverage:
    """The coverage of `points` from `bases` (each one place), one search a base.

    TooLargeError above `MAX_KEPT_TIMES` times to keep. No bases reach nothing.
    """
    if len(bases) * len(points) > MAX_KEPT_TIMES:
        raise TooLargeError(
            f"{len(bases)} bases by {len(points):,} points are more than {MAX_KEPT_TIMES:,} times to keep.",
            field="base",
        )
    times = np.empty((len(bases), len(points)), dtype=np.float32)
    for row, base in enumerate(bases.values()):
        times[row] = times_from(engine, base, points, profile=profile, direction=direction)
    return Coverage.of_times(tuple(bases), times)


def times_from(
    engine: Engine,
    base: Snapped,
    points: Snapped,
    *,
    profile: Profile = Profile.NORMAL,
    direction: Direction = Direction.OUTBOUND,
) -> NDArray[np.float64]:
    """Seconds from one base to each point: what `Coverage.open` and `Coverage.move` want."""
    return engine.search(base, profile=profile, direction=direction).at(points)[0]


def catchments(reach: Reach, polygons: NDArray[Any], points: Snapped) -> NDArray[Any]:
    """One geometry for each of the reach's bases: the union of the `polygons` whose point it is nearest to.

    `polygons` are a coverage (units), `points` one place on the road for each. Empty polygons for bases that are
    nearest to none; what nobody reaches is in no catchment.
    """
    _, label = reach.at(points)
    out = np.empty(len(reach.sources), dtype=object)
    for base in range(len(out)):
        mine = polygons[label == base]
        out[base] = shapely.coverage_union_all(mine) if len(mine) else shapely.Polygon()
    return out


def _least(times: NDArray[np.float32]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """The row of the least time of each column, and that time; ties go to the first row, -1 where there is no way."""
    if not len(times):
        return np.full(times.shape[1], -1, dtype=np.int32), np.full(times.shape[1], np.inf, dtype=np.float32)
    least = times.min(axis=0)
    return np.where(np.isfinite(least), times.argmin(axis=0), -1).astype(np.int32), least
