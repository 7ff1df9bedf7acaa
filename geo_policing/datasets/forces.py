"""Which force a build is for: told by a file, by the packaged ones, or deduced from the units' districts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.config import RESERVED_SLUGS, Force, packaged_force_paths
from geo_policing.datasets.discover import TOML, Probe
from geo_policing.datasets.rows import AreaRows
from geo_policing.domain.beats import slugify
from geo_policing.errors import ConfigError, SourceError
from geo_policing.spatial import overlay

FORCE_FILE = "force.toml"
MOST_OF = 0.5
"""A district belongs to the police force area that holds more than this share of it."""


@dataclass(frozen=True)
class ForceChoice:
    """A force, the file that describes it (None where it was deduced), and in a phrase how it was chosen."""

    force: Force
    path: Path | None
    origin: str
    packaged: bool = False
    """True where `path` ships with this program; a gazetteer may lie beside it."""


def recognises(probe: Probe) -> bool:
    """True for a force.toml, by its name (so that a misspelt key is told, not passed over) or by its keys."""
    by_keys = {"slug", "districts"} <= set(probe.fields)
    return probe.format == TOML and (probe.path.name.lower() == FORCE_FILE or by_keys)


def choose_force(
    force_file: Path | None,
    in_sources: Path | None,
    districts: AreaRows,
    unit_districts: NDArray[np.int32],
    force_areas: AreaRows | None,
    *,
    packaged: Sequence[Path] | None = None,
) -> ForceChoice:
    """The force of `force_file`, else of `in_sources`, else the packaged one with the units' district codes, else one
    deduced from them: named and bounded by the police force area that holds them where the sources have it, without
    areas or facilities.

    `unit_districts` is each unit's row of `districts`, -1 for none. ConfigError for a wrong file, or one whose
    districts the sources do not have with units in them; SourceError where nothing tells which force is meant.
    """
    with_units = np.unique(unit_districts[unit_districts >= 0])
    codes = [str(code) for code in districts.code[with_units]]
    told = force_file or in_sources
    if told is not None:
        force = Force.from_toml(told)
        _check_known(force, codes, told)
        return ForceChoice(force, told, f"from {told.name}")
    bounded = _in_one_force(districts, with_units, force_areas)
    for path in packaged_force_paths() if packaged is None else packaged:
        force = Force.from_toml(path)
        if set(force.districts) in (set(codes), set(districts.code[bounded.rows].tolist())):
            return ForceChoice(force, path, "packaged with this program, by its district codes", packaged=True)
    return ForceChoice(_deduced(districts, bounded), None, "deduced from the districts of the units")


@dataclass(frozen=True)
class _Bounded:
    """Districts of one force (rows), and the code and name of its area, '' where no source gives them."""

    rows: NDArray[Any]
    code: str = ""
    name: str = ""


def _check_known(force: Force, codes: Collection[str], path: Path) -> None:
    unknown = sorted(set(force.districts) - set(codes))
    if unknown:
        raise ConfigError(
            f"{path}: [districts] names {', '.join(unknown)}, in which the sources have no unit. "
            f"The units lie in {', '.join(sorted(codes)) or 'no district'}."
        )


def _in_one_force(districts: AreaRows, rows: NDArray[Any], force_areas: AreaRows | None) -> _Bounded:
    """The districts of `rows` that lie in a police force area, all of them where no area holds any."""
    if force_areas is None or not len(rows):
        return _Bounded(rows)
    tree = shapely.STRtree(force_areas.geometry)
    district, area, size_m2 = overlay.shared_areas(tree, districts.geometry[rows])
    most = size_m2 > MOST_OF * shapely.area(districts.geometry[rows])[district]
    areas = np.unique(area[most])
    if len(areas) > 1:
        names = ", ".join(str(name) for name in force_areas.name[areas][:6])
        raise SourceError(
            f"the units lie in {len(areas)} police force areas ({names})",
            remedy="Say which force is meant: give --force FILE, or put a force.toml with its districts beside them.",
            file=force_areas.file,
        )
    if not len(areas):
        return _Bounded(rows)
    chosen = int(areas[0])
    return _Bounded(rows[np.unique(district[most])], str(force_areas.code[chosen]), str(force_areas.name[chosen]))


def _deduced(districts: AreaRows, bounded: _Bounded) -> Force:
    named = {str(districts.code[row]): str(districts.name[row]) for row in bounded.rows}
    if not named:
        raise SourceError(
            "no unit lies in any district",
            remedy="Units and districts must be of the same place and have their coordinates in the same order.",
            file=districts.file,
        )
    names = sorted(named.values())
    name = bounded.name or (
        " and ".join(names) if len(names) < 3 else f"{names[0]} and {len(names) - 1} more districts"
    )
    slug = slugify(name)
    if not slug or slug in RESERVED_SLUGS:
        slug = f"force-{slug}".strip("-")
    return Force(name=name, slug=slug, districts=named, code=bounded.code)
