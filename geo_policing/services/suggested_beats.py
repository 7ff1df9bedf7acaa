"""Beats for the first plan: a grouping of a dataset's units that people who live there would recognise.

The best of what the sources have: beats that the source itself suggests, else electoral wards by their polygons, else
by the codes that postcodes carry, else groups of LSOAs. Whatever the way, each unit lies in exactly one beat and each
beat in one district.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.schema import PostcodeStatus
from geo_policing.domain.beats import Beat, unique_slugs
from geo_policing.domain.plans import PlanException
from geo_policing.services.beat_names import names_by_settlement
from geo_policing.services.lsoa_groups import lsoa_groups
from geo_policing.services.unit_graph import NONE, UnitGraph, fill_gaps
from geo_policing.services.ward_fit import WardFit, fit_by_codes, fit_by_polygons
from geo_policing.wording import marked

DETACHED = "detached"


@dataclass(frozen=True)
class SuggestedBeats:
    """A suggestion: `beat_of_unit[i]` is the index in `beats` of the dataset's unit i.

    `beats` are ordered by id, which is by (district, name); `exceptions` names the beats in detached parts. `method`
    says in a sentence how it was made, `wards_without_units` which wards ("code name") no unit fits best.
    """

    beats: tuple[Beat, ...]
    beat_of_unit: NDArray[np.int32]
    exceptions: tuple[PlanException, ...]
    method: str
    wards_without_units: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Grouping:
    """`group[i]` is the group of unit i as an index into `names` (`NONE`: of none yet).

    `coded` names are codes or numbers that nobody lives by; settlements name such beats where they are known.
    """

    names: Sequence[str]
    group: NDArray[np.int32]
    method: str
    wards_without_units: tuple[str, ...] = ()
    coded: bool = False


def suggest_beats(dataset: Dataset) -> SuggestedBeats:
    """Group the units of `dataset` into beats; the same dataset gives the same beats."""
    grouping = _grouping(dataset)
    districts = dataset["units"]["district"]
    filled = fill_gaps(grouping.group, districts, dataset)
    pairs = list(zip(districts.tolist(), filled.tolist(), strict=True))

    groups = sorted(set(pairs))
    # A district that no group reaches is one beat of its own.
    names = [grouping.names[g] if g != NONE else str(dataset["districts"]["name"][d]) for d, g in groups]
    if grouping.coded:
        row = {pair: i for i, pair in enumerate(groups)}
        names = list(names_by_settlement(dataset, np.array([row[pair] for pair in pairs], dtype="<i4"), names))
    name_of = dict(zip(groups, names, strict=True))
    keys = sorted(groups, key=lambda pair: (pair[0], name_of[pair], pair[1]))
    index = {key: i for i, key in enumerate(keys)}
    beat_of_unit = np.array([index[pair] for pair in pairs], dtype="<i4")
    beats = _number(dataset, [(district, name_of[district, group]) for district, group in keys])
    exceptions = detached_beats(dataset, beats, beat_of_unit)
    return SuggestedBeats(beats, beat_of_unit, exceptions, grouping.method, grouping.wards_without_units)


def detached_beats(
    dataset: Dataset, beats: Sequence[Beat], beat_of_unit: NDArray[np.int32]
) -> tuple[PlanException, ...]:
    """An exception, with its reason, for each of `beats` whose units do not hang together."""
    graph = UnitGraph.of(dataset)
    ids = dataset["units"]["id"]
    found = []
    for i, beat in enumerate(beats):
        parts = graph.parts(np.flatnonzero(beat_of_unit == i).tolist())
        if len(parts) > 1:
            apart = ", ".join(str(ids[unit]) for part in parts[1:] for unit in part[:3])
            more = " and others" if any(len(part) > 3 for part in parts[1:]) else ""
            reason = f"In {len(parts)} parts, as its units fit it best; apart from the largest lie {apart}{more}."
            found.append(PlanException(beat.id, DETACHED, reason))
    return tuple(found)


def _grouping(dataset: Dataset) -> _Grouping:
    suggested = dataset["units"]["suggested_beat"].tolist()
    if any(suggested):
        return _by_names(suggested, marked("The beats are those that the data itself suggests."))
    if len(dataset["wards"]):
        return _by_wards(
            fit_by_polygons(dataset),
            marked(
                "Each census unit is in the beat of the ward that holds most of its live postcodes, "
                "or most of its area where it has none."
            ),
        )
    postcodes = dataset["postcodes"]
    if ((postcodes["status"] == PostcodeStatus.LIVE) & (postcodes["unit"] >= 0) & (postcodes["ward_code"] != "")).any():
        return _by_wards(
            fit_by_codes(dataset),
            marked("Each census unit is in the beat of the ward whose code most of its live postcodes carry."),
            coded=True,
        )
    return _by_names(
        lsoa_groups(dataset), marked("The beats are groups of neighbouring LSOAs; the data names no wards."), coded=True
    )


def _by_wards(fit: WardFit, method: str, *, coded: bool = False) -> _Grouping:
    return _Grouping(fit.names, fit.ward_of_unit, method, fit.without_units, coded)


def _by_names(name_of_unit: Sequence[str], method: str, *, coded: bool = False) -> _Grouping:
    names = sorted(set(name_of_unit) - {""})
    index = {name: i for i, name in enumerate(names)}
    return _Grouping(
        names, np.array([index.get(name, NONE) for name in name_of_unit], dtype="<i4"), method, coded=coded
    )


def _number(dataset: Dataset, named: Sequence[tuple[int, str]]) -> tuple[Beat, ...]:
    districts = dataset["districts"]
    slugs = unique_slugs((name, str(districts["name"][district])) for district, name in named)
    return tuple(
        Beat(f"b{number:03d}", slug, name, str(districts["code"][district]))
        for number, ((district, name), slug) in enumerate(zip(named, slugs, strict=True), start=1)
    )
