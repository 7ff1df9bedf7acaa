"""Groups of LSOAs, for sources that know no wards: by their names, else by what lies together."""

from __future__ import annotations

import re
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from geo_policing.datasets.dataset import Dataset
from geo_policing.services.unit_graph import UnitGraph

LSOAS_A_GROUP = 5
"""An LSOA has 1,000 to 3,000 residents (ONS), so five are about what one PCSO can know."""

UNITS_A_LSOA = 5
"""An LSOA is made of four to six output areas (ONS); used where the sources name no LSOAs."""

_NUMBERED = re.compile(r"(?P<group>.+ \d{3})[A-Z]")
"""ONS names LSOAs "Peterborough 004A": the MSOA that they belong to, and a letter."""


def lsoa_groups(dataset: Dataset) -> list[str]:
    """The name of a group for each unit; within a district each group hangs together as far as its LSOAs do.

    The names of LSOAs that follow ONS's pattern give the groups where they all do; else about five LSOAs (or the units
    that would make them) that lie together are called "{district} 001" and so on.
    """
    lsoas = dataset["lsoas"]
    names = dict(zip(lsoas["code"].tolist(), lsoas["name"].tolist(), strict=True))
    matches = [_NUMBERED.fullmatch(names.get(code, "")) for code in dataset["units"]["lsoa"].tolist()]
    if matches and all(matches):
        return [match["group"] for match in matches if match]
    return _contiguous_groups(dataset)


def _contiguous_groups(dataset: Dataset) -> list[str]:
    units = dataset["units"]
    has_lsoas = bool((units["lsoa"] != "").all())
    blocks = units["lsoa"] if has_lsoas else units["id"]
    size = LSOAS_A_GROUP if has_lsoas else LSOAS_A_GROUP * UNITS_A_LSOA
    beside = _shared_between_blocks(blocks, units["district"], UnitGraph.of(dataset))
    group_of = {}
    for district in np.unique(units["district"]).tolist():
        in_district = sorted({(district, block) for block in blocks[units["district"] == district].tolist()})
        name = str(dataset["districts"]["name"][district])
        for number, group in enumerate(_grow(in_district, beside, size), start=1):
            group_of.update(dict.fromkeys(group, f"{name} {number:03d}"))
    return [group_of[key] for key in zip(units["district"].tolist(), blocks.tolist(), strict=True)]


Block = tuple[int, str]


def _shared_between_blocks(
    blocks: NDArray[np.str_], districts: NDArray[np.int16], graph: UnitGraph
) -> dict[Block, dict[Block, float]]:
    shared_m: dict[Block, dict[Block, float]] = defaultdict(lambda: defaultdict(float))
    keys = list(zip(districts.tolist(), blocks.tolist(), strict=True))
    for unit, neighbours in enumerate(graph.neighbours):
        for other, length_m in neighbours.items():
            if keys[unit] != keys[other] and keys[unit][0] == keys[other][0]:
                shared_m[keys[unit]][keys[other]] += length_m
    return shared_m


def _grow(blocks: list[Block], beside: dict[Block, dict[Block, float]], size: int) -> list[list[Block]]:
    """Groups of up to `size` blocks, each grown from the first that is left by its longest shared boundary."""
    left = set(blocks)
    groups: list[list[Block]] = []
    for first in blocks:
        if first not in left:
            continue
        group = [first]
        left.discard(first)
        while len(group) < size and (following := _most_shared(group, left, beside)) is not None:
            group.append(following)
            left.discard(following)
        groups.append(group)
    return _join_small(groups, beside, size // 2)


def _most_shared(group: list[Block], among: set[Block], beside: dict[Block, dict[Block, float]]) -> Block | None:
    shared_m: dict[Block, float] = defaultdict(float)
    for block in group:
        for other, length_m in beside.get(block, {}).items():
            if other in among:
                shared_m[other] += length_m
    return min(shared_m, key=lambda block: (-shared_m[block], block), default=None)


def _join_small(groups: list[list[Block]], beside: dict[Block, dict[Block, float]], smallest: int) -> list[list[Block]]:
    """What growing left over, in groups of at most `smallest`, joins the group it shares most boundary with."""
    kept = [list(group) for group in groups]
    for group in [g for g in kept if len(g) <= smallest]:
        others = {block: g for g in kept if g is not group for block in g}
        partner = _most_shared(group, set(others), beside)
        if partner is not None:
            others[partner].extend(group)
            kept = [g for g in kept if g is not group]
    return kept
