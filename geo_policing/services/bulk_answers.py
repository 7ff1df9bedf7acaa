"""Answers to many postcodes and points at once, each equal to what a single lookup gives.

Most answers differ from one another in nothing but how they speak of what was asked. So one answer of each sort is
made by the single lookup's own code, and the others of its sort are copies of it; what is out of the ordinary (split
between beats, terminated, with a note of its own) goes through the single lookup's code as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from math import isnan

import numpy as np
from numpy.typing import NDArray

from geo_policing.datasets.schema import PostcodeStatus
from geo_policing.domain.postcodes import Postcode, PostcodeReading
from geo_policing.services.answers import Answer
from geo_policing.services.by_postcode import answer_postcode
from geo_policing.services.indexes import derived
from geo_policing.services.locating import answer_located_point
from geo_policing.services.ready import Ready
from geo_policing.spatial.crs import to_easting_northing

_OWN_SORT = -1
"""The sort of a postcode whose answer is like no other's."""


def bulk_postcodes(ready: Ready) -> BulkPostcodes:
    """The view's `BulkPostcodes`, made at first use."""
    return derived(ready.view, "bulk_postcodes", lambda: BulkPostcodes(ready))


class BulkPostcodes:
    """The postcodes of a view by the sort of answer that they get."""

    def __init__(self, ready: Ready) -> None:
        self._ready = ready
        self._sorts = _sorts(ready)
        self._accuracy_m = ready.postcodes.columns["accuracy_m"]
        self._copies = Copies()

    def answers(self, rows: NDArray[np.int64], compact: Sequence[str]) -> list[Answer]:
        """The answer for each postcode by its row in the data, typed without a slip; no row may be -1."""
        sorts, accuracies = self._sorts[rows].tolist(), self._accuracy_m[rows].tolist()
        answers = []
        for row, code, sort, accuracy_m in zip(rows.tolist(), compact, sorts, accuracies, strict=True):
            asked = f"{code[:-3]} {code[-3:]}"
            # NaN is no key that is found again, so what is not known is one key of its own.
            key = -row - 1 if sort == _OWN_SORT else (sort, None if isnan(accuracy_m) else accuracy_m)
            answers.append(self._copies.like(key, asked, lambda: self._one(row, code)))  # noqa: B023
        return answers

    def _one(self, row: int, compact: str) -> Answer:
        reading = PostcodeReading(Postcode(compact[:-3], compact[-3:]))
        return answer_postcode(self._ready, row, reading, compact)


def answers_at_points(
    ready: Ready, x: NDArray[np.float64], y: NDArray[np.float64], *, lon_lat: bool, asked: Sequence[str]
) -> list[Answer]:
    """The answer for each point, in degrees (x longitude) where `lon_lat`, else in EPSG:27700 metres."""
    easting, northing = to_easting_northing(x, y) if lon_lat else (x, y)
    units = ready.units.at_points(easting, northing)
    sorts = _sorts_of_points(ready, units, easting, northing)
    copies = derived(ready.view, "bulk_points", Copies)
    answers = []
    rows = zip(units.tolist(), sorts.tolist(), easting.tolist(), northing.tolist(), asked, strict=True)
    for unit, sort, e, n, words in rows:
        if sort == _OWN_SORT:
            answers.append(answer_located_point(ready, unit, e, n, words))
        else:
            answers.append(copies.like(sort, words, lambda: answer_located_point(ready, unit, e, n, words)))  # noqa: B023
    return answers


def _sorts_of_points(
    ready: Ready, units: NDArray[np.int32], easting: NDArray[np.float64], northing: NDArray[np.float64]
) -> NDArray[np.int64]:
    """The unit; -3 less the district over the border; -2 far from everything; else `_OWN_SORT`."""
    sorts = units.astype(np.int64)
    outside = np.flatnonzero(units < 0)
    if len(outside):
        e, n = easting[outside], northing[outside]
        districts = ready.districts.at_points(e, n)
        abroad = (districts >= 0) & ~ready.districts.is_inside[districts]
        nowhere = (districts < 0) & ~ready.units.tree.may_be_near(e, n, within_m=ready.force.point_snap_m)
        sorts[outside] = np.where(abroad, -3 - districts, np.where(nowhere, -2, _OWN_SORT))
    return sorts


class Copies:
    """One answer of each sort, to copy the others from; a message may speak of what was asked, too.

    Two threads may make the same one twice, to no harm.

    A postcode that is a sort of its own is kept too, as bulk calls name the same ones again; so that this stays
    small, all are dropped when there are `MOST_KEPT`.
    """

    MOST_KEPT = 20_000

    def __init__(self) -> None:
        self._first: dict[Hashable, Answer] = {}

    def like(self, sort: Hashable, asked: str, make: Callable[[], Answer]) -> Answer:
        """The answer of that sort, made by `make` if it is the first, that speaks of `asked`."""
        first = self._first.get(sort)
        if first is None:
            if len(self._first) >= self.MOST_KEPT:
                self._first.clear()
            self._first[sort] = first = make()
        # What dataclasses.replace does, at a tenth of its cost: a frozen dataclass sets each field by a call.
        fields = first.__dict__.copy()
        fields["asked"] = asked
        if first.message:
            fields["message"] = first.message.replace(first.asked, asked, 1)
        copy = object.__new__(Answer)
        object.__setattr__(copy, "__dict__", fields)
        return copy


def _sorts(ready: Ready) -> NDArray[np.int64]:
    """For each postcode a number that it shares with all whose answers differ only in how they speak of it.

    Wholly in one beat: twice the beat, plus one where the data has no shares. Outside: -10 less twice the district,
    less one more where the polygon names it and not the code; -4 where nothing does. Terminated: -2. Else `_OWN_SORT`.
    """
    postcodes = ready.postcodes.columns
    sorts = np.full(len(ready.postcodes), _OWN_SORT, dtype=np.int64)
    if not len(sorts):
        return sorts
    sorts[postcodes["status"] == PostcodeStatus.TERMINATED] = -2
    usual = (postcodes["status"] == PostcodeStatus.LIVE) & (postcodes["snapped_m"] == 0) & ~postcodes["large_user"]
    usual &= ~ready.status_unknown
    outside = np.flatnonzero(usual & (postcodes["unit"] < 0))
    sorts[outside] = _sorts_outside(ready, outside)
    if ready.plan is not None:
        inside = np.flatnonzero(usual & (postcodes["unit"] >= 0))
        sorts[inside] = _sorts_inside(ready, ready.plan.beat_of_unit, inside)
    return sorts


def _sorts_inside(ready: Ready, beat_of_unit: NDArray[np.int32], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    shares = ready.dataset["postcode_units"]
    own = np.full(len(ready.postcodes), -1, dtype=np.int64)
    own[rows] = beat_of_unit[ready.postcodes.columns["unit"][rows]]
    split = np.zeros(len(own), dtype=bool)
    split[shares["postcode"][beat_of_unit[shares["unit"]] != own[shares["postcode"]]]] = True
    without_shares = np.bincount(shares["postcode"], minlength=len(own)) == 0
    return np.where(split, _OWN_SORT, 2 * own + without_shares)[rows]


def _sorts_outside(ready: Ready, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    postcodes, districts = ready.postcodes.columns, ready.districts
    codes, code_of = np.unique(postcodes["district_code"][rows], return_inverse=True)
    by_code = np.array([districts.row_of_code.get(code, -1) for code in codes.tolist()], dtype=np.int64)[code_of]
    by_polygon = districts.at_points(postcodes["easting"][rows], postcodes["northing"][rows])
    sorts = np.where(np.isnan(postcodes["easting"][rows]), _OWN_SORT, -4)
    sorts = np.where((by_polygon >= 0) & ~districts.is_inside[by_polygon], -11 - 2 * by_polygon, sorts)
    return np.where((by_code >= 0) & ~districts.is_inside[by_code], -10 - 2 * by_code, sorts)
