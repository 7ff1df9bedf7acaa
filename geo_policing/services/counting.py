"""Counting who is within reach: residents, postcodes and incidents by threshold, for the force and its parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_policing.datasets.dataset import Dataset
from geo_policing.services.demand_points import MEASURES, DemandPoints
from geo_policing.services.indexes import derived, district_index
from geo_policing.services.view import View
from geo_policing.services.ward_fit import WardFit, fit_by_codes, fit_by_polygons

Floats = NDArray[np.float64]
LEVELS = ("force", "district", "ward", "beat")
BREATH_S = 1e-3
"""A threshold is met this much beyond it, which is what times kept as float32 may be off."""


@dataclass(frozen=True)
class Grouping:
    """Parts of the force on one level: `part[u]` is unit u's, -1 for none."""

    level: str
    codes: tuple[str, ...]
    names: tuple[str, ...]
    part: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Counts:
    """`cells[m][u, b]` is how much of measure m of unit u lies in band b: above threshold b-1, at most threshold b.

    There is one band more than thresholds: what lies beyond the last.
    """

    cells: dict[str, Floats]

    def by(self, grouping: Grouping, measure: str) -> Floats:
        """Sums by part: (part, band)."""
        cells = self.cells[measure]
        sums = np.zeros((len(grouping.codes), cells.shape[1]))
        known = grouping.part >= 0
        np.add.at(sums, grouping.part[known], cells[known])
        return sums


def count(points: DemandPoints, nearest_s: NDArray[np.float32], minutes: tuple[float, ...]) -> Counts:
    """The counts for times to each point."""
    band = bands_of(nearest_s, minutes)
    everything = slice(None)
    share, codes = _cells(points, everything, everything, band[points.point], band[points.postcode_point], len(minutes))
    measured = (points.residents[:, None] * share, codes, points.incidents[:, None] * share)
    return Counts(dict(zip(MEASURES, measured, strict=True)))


def recount(
    points: DemandPoints,
    before: Counts,
    old_s: NDArray[np.float32],
    new_s: NDArray[np.float32],
    minutes: tuple[float, ...],
) -> Counts:
    """`count` for `new_s`, where `before` is that for `old_s`: only units with a point whose time changed are summed.

    To the last bit what `count` gives, as a unit's parts are added in the same order.
    """
    changed = old_s != new_s
    touched = np.zeros(points.unit_count, dtype=bool)
    touched[points.unit[changed[points.point]]] = True
    touched[points.postcode_unit[changed[points.postcode_point]]] = True
    units = np.flatnonzero(touched)
    if len(units) > points.unit_count // 2:
        return count(points, new_s, minutes)
    entries, codes = np.flatnonzero(touched[points.unit]), np.flatnonzero(touched[points.postcode_unit])
    entry_band = bands_of(new_s[points.point[entries]], minutes)
    code_band = bands_of(new_s[points.postcode_point[codes]], minutes)
    share, postcodes = _cells(points, entries, codes, entry_band, code_band, len(minutes))
    residents, incidents = (values[units, None] * share[units] for values in (points.residents, points.incidents))
    cells = {measure: values.copy() for measure, values in before.cells.items()}
    for measure, values in zip(MEASURES, (residents, postcodes[units], incidents), strict=True):
        cells[measure][units] = values
    return Counts(cells)


def _cells(
    points: DemandPoints,
    entries: NDArray[np.int64] | slice,
    codes: NDArray[np.int64] | slice,
    entry_band: NDArray[np.int64],
    code_band: NDArray[np.int64],
    thresholds: int,
) -> tuple[Floats, Floats]:
    """Shares and postcodes by unit and band, of some of the entries and postcodes."""
    width = thresholds + 1
    size = points.unit_count * width
    share = np.bincount(points.unit[entries] * width + entry_band, weights=points.share[entries], minlength=size)
    held = np.bincount(points.postcode_unit[codes] * width + code_band, minlength=size)
    return np.asarray(share.reshape(-1, width), np.float64), np.asarray(held.reshape(-1, width), np.float64)


def bands_of(nearest_s: NDArray[np.float32], minutes: tuple[float, ...]) -> NDArray[np.int64]:
    """For each time the first threshold that it is within, or their number where it is beyond all."""
    band = np.zeros(len(nearest_s), dtype=np.int64)
    for upto in minutes:
        # Quicker than a sorted search where thresholds are few.
        band += nearest_s > np.float32(upto * 60 + BREATH_S)
    return band


def groupings(view: View) -> tuple[Grouping, ...]:
    """The levels of `LEVELS` that the view has: wards only where the data has them, beats only where a plan is."""
    return derived(view, "groupings", lambda: _groupings(view))


def _groupings(view: View) -> tuple[Grouping, ...]:
    dataset = view.dataset
    units, districts = dataset["units"], district_index(dataset).districts
    inside = [row for row, is_inside in enumerate(district_index(dataset).inside) if is_inside]
    place = {row: i for i, row in enumerate(inside)}
    found = [
        Grouping("force", (dataset.force.slug,), (dataset.force.name,), np.zeros(len(units), dtype=np.int64)),
        Grouping(
            "district",
            tuple(districts[row].code for row in inside),
            tuple(districts[row].name for row in inside),
            np.array([place[row] for row in units["district"].tolist()], dtype=np.int64),
        ),
    ]
    fit = ward_fit(dataset)
    if fit is not None:
        found.append(_used(Grouping("ward", fit.codes, fit.names, fit.ward_of_unit.astype(np.int64))))
    if view.plan is not None:
        beats = view.plan.beats
        codes, names = tuple(b.id for b in beats), tuple(b.name for b in beats)
        found.append(Grouping("beat", codes, names, view.plan.beat_of_unit.astype(np.int64)))
    return tuple(found)


def ward_fit(dataset: Dataset) -> WardFit | None:
    """Which ward each unit fits best, None where the data names no wards."""
    return derived(dataset, "ward_fit", lambda: _ward_fit(dataset))


def _ward_fit(dataset: Dataset) -> WardFit | None:
    if len(dataset["wards"]):
        return fit_by_polygons(dataset)
    if (dataset["postcodes"]["ward_code"] != "").any():
        return fit_by_codes(dataset)
    return None


def _used(grouping: Grouping) -> Grouping:
    """Without parts that no unit belongs to, such as wards over the border."""
    used = np.unique(grouping.part[grouping.part >= 0])
    renumber = np.full(len(grouping.codes) + 1, -1, dtype=np.int64)
    renumber[used] = np.arange(len(used))
    listed = used.tolist()
    return Grouping(
        grouping.level,
        tuple(grouping.codes[i] for i in listed),
        tuple(grouping.names[i] for i in listed),
        renumber[grouping.part],
    )
