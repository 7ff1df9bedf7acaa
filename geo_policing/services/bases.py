"""Response bases: those of the plan's day, and what a trial closes, opens or moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo_policing.domain.facilities import Facility, FacilityKind
from geo_policing.domain.postcodes import shown
from geo_policing.errors import NotFoundError, RuleError
from geo_policing.routing.snapping import Snapped
from geo_policing.services.indexes import derived
from geo_policing.services.roads import Roads
from geo_policing.services.view import View
from geo_policing.spatial.crs import to_lon_lat
from geo_policing.wording import worded

_ROLE = "-" + FacilityKind.RESPONSE_BASE.replace("_", "-")
"""What `services.seeding` puts after the id of a building that has several roles."""


@dataclass(frozen=True)
class Base:
    """Somewhere to drive from, EPSG:27700 metres. `id` is a facility's, or "open-1", "point-1", … for a trial's."""

    id: str
    name: str
    easting: float
    northing: float
    accuracy_m: float | None = None
    illustrative: bool = False

    @property
    def lat_lon(self) -> tuple[float, float]:
        """WGS 84 degrees, five decimals as served."""
        lon, lat = to_lon_lat([self.easting], [self.northing])
        return round(float(lat[0]), 5), round(float(lon[0]), 5)


@dataclass(frozen=True)
class Trial:
    """What a scenario does to the bases: ids to close, places to open, and ids to move with the places they go to."""

    close: tuple[str, ...] = ()
    open: tuple[Base, ...] = ()
    move: tuple[tuple[str, Base], ...] = ()

    @property
    def changes_anything(self) -> bool:
        """False for a trial that leaves every base as it is."""
        return bool(self.close or self.open or self.move)


_NOWHERE = Snapped(np.empty(0, dtype=np.int32), np.empty(0), np.empty(0))


@dataclass(frozen=True)
class OnRoad:
    """Bases with their places on the road; `unplaced` are those no road is near, left out of every count."""

    bases: tuple[Base, ...]
    snapped: Snapped
    unplaced: tuple[Base, ...] = ()


def bases_of(view: View) -> tuple[Base, ...]:
    """The response bases that exist on the view's day and have a place, by id; () for none."""
    return derived(view, "bases", lambda: _bases(view, FacilityKind.RESPONSE_BASE))


def unlocated_of(view: View) -> tuple[str, ...]:
    """Names of the response bases that have no place on the map, and so no drive time."""
    return tuple(f.name for f in view.facilities if f.kind is FacilityKind.RESPONSE_BASE and f.easting_northing is None)


def base_by_id(view: View, base_id: str) -> Base:
    """One base, by its id or (where a building has several roles) by the building's.

    NotFoundError where the view's day has none of that id, naming those there are.
    """
    for base in bases_of(view):
        if base_id in (base.id, base.id.removesuffix(_ROLE)):
            return base
    known = ", ".join(base.id for base in bases_of(view)) or "none"
    raise NotFoundError(
        worded(
            "There is no response base %(id)s on %(day)s. There are: %(known)s.",
            id=shown(base_id),
            day=view.as_of.isoformat(),
            known=known,
        )
    )


def after(view: View, trial: Trial) -> tuple[Base, ...]:
    """The bases of the view once `trial` is done to them; a base that moves keeps its id and name.

    NotFoundError for an id that is not there; RuleError for one that is both closed and moved, or moved twice, and
    where no base is left.
    """
    close = {base_by_id(view, base_id).id for base_id in trial.close}
    moves = [(base_by_id(view, base_id).id, to) for base_id, to in trial.move]
    moved = [base_id for base_id, _ in moves]
    twice = {b for b in moved if moved.count(b) > 1} | (set(moved) & close)
    if twice:
        raise RuleError(
            worded("%(bases)s: moved twice, or moved and closed. Do one or the other.", bases=", ".join(sorted(twice))),
            offenders=tuple(sorted(twice)),
        )
    to = dict(moves)
    stay = [
        replace(base, easting=to[base.id].easting, northing=to[base.id].northing) if base.id in to else base
        for base in bases_of(view)
        if base.id not in close
    ]
    left = (*stay, *trial.open)
    if not left:
        raise RuleError(worded("No base would be left. Keep one, or open one."), offenders=trial.close)
    return left


def put_on_road(roads: Roads, bases: Sequence[Base]) -> OnRoad:
    """Each base on its nearest road within reach; the others in `unplaced`."""
    if not bases:
        return OnRoad((), _NOWHERE)
    snapped = roads.engine.snap([b.easting for b in bases], [b.northing for b in bases])
    found = np.flatnonzero(snapped.found)
    lost = tuple(base for base, ok in zip(bases, snapped.found, strict=True) if not ok)
    return OnRoad(tuple(bases[i] for i in found.tolist()), snapped.take(found), lost)


def must_be_on_road(roads: Roads, bases: Sequence[Base]) -> OnRoad:
    """`put_on_road`, but RuleError where any has no road, naming it, its place and how far the network reaches."""
    placed = put_on_road(roads, bases)
    if placed.unplaced:
        base = placed.unplaced[0]
        west, south, east, north = roads.engine.network.bounds
        raise RuleError(
            worded(
                "%(base)s at easting %(easting)s, northing %(northing)s: no road within %(metres)s m that can be "
                "driven to and from. The roads reach from %(west)s, %(south)s to %(east)s, %(north)s; give a place "
                "near one of them.",
                base=base.name,
                easting=f"{base.easting:.0f}",
                northing=f"{base.northing:.0f}",
                metres=f"{roads.engine.snapper.max_offset_m:.0f}",
                west=f"{west:.0f}",
                south=f"{south:.0f}",
                east=f"{east:.0f}",
                north=f"{north:.0f}",
            ),
            offenders=tuple(b.id for b in placed.unplaced),
        )
    return placed


def _bases(view: View, kind: FacilityKind) -> tuple[Base, ...]:
    found = [f for f in view.facilities if f.kind is kind and f.easting_northing is not None]
    return tuple(as_base(f) for f in sorted(found, key=lambda f: f.id))


def as_base(facility: Facility) -> Base:
    """A facility that has a place, as somewhere to drive from; ValueError for one that has none."""
    if facility.easting_northing is None:
        raise ValueError(f"{facility.id} has no place")
    east, north = facility.easting_northing
    return Base(facility.id, facility.name, east, north, facility.accuracy_m, facility.illustrative)
