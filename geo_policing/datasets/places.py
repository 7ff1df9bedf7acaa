"""The tables `places` and `place_units`: everything that a resident may name instead of a postcode."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo_policing.datasets import named_areas
from geo_policing.datasets.findings import SETTLEMENTS_ABSENT, STREETS_ABSENT, Absence, Finding, found
from geo_policing.datasets.gazetteer import Gazetteer
from geo_policing.datasets.place_drafts import Drafts, Laid, joined
from geo_policing.datasets.streets import streets
from geo_policing.datasets.tables import Table
from geo_policing.domain.beats import slugify
from geo_policing.wording import marked

_SAME_SHARE = 1e-9


@dataclass(frozen=True)
class Places:
    """The two tables, and what there is to say about them."""

    places: Table
    place_units: Table
    absent: tuple[Absence, ...] = ()
    dropped: tuple[Finding, ...] = ()


def build_places(
    *,
    units: Table,
    districts: Table,
    wards: Table,
    postcodes: Table,
    roads: Table,
    gazetteer: Gazetteer,
    units_of_place: Mapping[str, Sequence[str]] | None = None,
) -> Places:
    """Settlements, wards, districts and streets, from the dataset's own tables.

    `wards`, `roads` and `gazetteer` may be empty, which is said in `absent`. `units_of_place` gives, for some of the
    gazetteer's keys, the ids of the units that the place is made of. Two places of one name that mean the same units
    alike are one: the settlement is kept, else the ward, else the district.
    """
    laid = Laid(units=units, districts=districts, wards=wards, postcodes=postcodes)
    towns = named_areas.settlements(laid, gazetteer, units_of_place or {})
    kinds, drafts = joined([towns, named_areas.wards(laid), named_areas.districts(laid), streets(laid, roads, towns)])
    again = _again(drafts)
    kept = np.setdiff1d(np.arange(len(drafts)), again)
    merged = Finding.of(
        "places of one name that mean the same units",
        [f"{drafts.name[i]} ({kinds[i]})" for i in again.tolist()],
        "kept once, as a settlement, else as a ward or a district",
    )
    ids = _ids(kinds[kept], drafts, kept)
    order = np.argsort(ids, kind="stable")
    rows = kept[order]
    table = Table.of(
        "places",
        id=ids[order],
        name=drafts.name[rows].astype(str),
        kind=kinds[rows].astype(str),
        near=drafts.near[rows].astype(str),
        easting=drafts.easting[rows],
        northing=drafts.northing[rows],
        accuracy_m=drafts.accuracy_m[rows],
        population=drafts.population[rows],
        district=drafts.district[rows],
    )
    return Places(table, _unit_table(drafts, rows), _absences(gazetteer, roads), found([merged]))


def _unit_table(drafts: Drafts, rows: NDArray[np.int64]) -> Table:
    new = np.full(len(drafts), -1, dtype=np.int64)
    new[rows] = np.arange(len(rows))
    place = new[drafts.place]
    kept = np.flatnonzero(place >= 0)
    order = kept[np.lexsort((drafts.unit[kept], place[kept]))]
    # Sums of shares may pass 1 by a rounding; the schema says at most 1.
    share = np.minimum(drafts.share[order], 1.0)
    return Table.of("place_units", place=place[order], unit=drafts.unit[order], share=share)


def _again(drafts: Drafts) -> NDArray[np.int64]:
    """Places that an earlier one of the same name repeats, unit by unit."""
    order = np.lexsort((drafts.unit, drafts.place))
    place, unit, share = drafts.place[order], drafts.unit[order], drafts.share[order]
    first = np.searchsorted(place, np.arange(len(drafts) + 1))
    by_name: dict[str, list[int]] = {}
    again = []
    for i, name in enumerate(drafts.name.tolist()):
        mine = slice(first[i], first[i + 1])
        if first[i] == first[i + 1]:
            continue
        namesakes = by_name.setdefault(slugify(name) or name, [])
        for other in namesakes:
            theirs = slice(first[other], first[other + 1])
            if np.array_equal(unit[mine], unit[theirs]) and np.allclose(share[mine], share[theirs], atol=_SAME_SHARE):
                again.append(i)
                break
        else:
            namesakes.append(i)
    return np.array(again, dtype=np.int64)


def _ids(kinds: NDArray[Any], drafts: Drafts, rows: NDArray[np.int64]) -> NDArray[np.str_]:
    """Kind, name and what is near; a number tells the rest apart, from the south-west so that it is stable."""
    base = [
        "-".join(filter(None, (kind, slugify(name), slugify(near)))) if slugify(name) else f"{kind}-unnamed"
        for kind, name, near in zip(kinds.tolist(), drafts.name[rows].tolist(), drafts.near[rows].tolist(), strict=True)
    ]
    taken: set[str] = set()
    ids = [""] * len(base)
    for i in np.lexsort((drafts.easting[rows], drafts.northing[rows])).tolist():
        chosen, number = base[i], 2
        while chosen in taken:
            chosen, number = f"{base[i]}-{number}", number + 1
        taken.add(chosen)
        ids[i] = chosen
    return np.array(ids, dtype=str)


def _absences(gazetteer: Gazetteer, roads: Table) -> tuple[Absence, ...]:
    absent = []
    if not len(gazetteer):
        absent.append(
            Absence(
                SETTLEMENTS_ABSENT, marked("Towns and villages cannot be searched for by name, but for their wards.")
            )
        )
    if not (roads["name"] != "").any():
        absent.append(Absence(STREETS_ABSENT, marked("Streets cannot be searched for, and no roads are drawn.")))
    return tuple(absent)
