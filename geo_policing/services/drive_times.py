"""Drive times between places: the nearest base of one place, and a matrix of many. See docs/drive-time.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo_policing.errors import InvalidInputError, TooLargeError
from geo_policing.routing.costs import Direction
from geo_policing.routing.engine import MAX_MATRIX_CELLS
from geo_policing.routing.snapping import Snapped
from geo_policing.services.bases import Base, after, bases_of, must_be_on_road, put_on_road
from geo_policing.services.drive_about import POINT_METHOD, about, base_to_json, bases_to_json
from geo_policing.services.drive_params import (
    DRIVING,
    NO_TRIAL,
    PLACES,
    TRIALS,
    Driving,
    Lists,
    Place,
    TrialQuery,
    places_in_list,
    read_driving,
    read_places,
    read_trial,
    refuse_unknown,
)
from geo_policing.services.drive_places import resolve, resolve_or_why, trial_of
from geo_policing.services.isochrones import texts_of
from geo_policing.services.roads import Roads, roads_of
from geo_policing.services.view import View

NEAREST_PARAMETERS = DRIVING | TRIALS | (PLACES - {"base"})
MAX_SOURCES = 100
MAX_TARGETS = 10_000


@dataclass(frozen=True)
class NearestQuery:
    """Which base is nearest to `place`, of those of the day as `trial` leaves them."""

    place: Place
    driving: Driving
    trial: TrialQuery = NO_TRIAL


@dataclass(frozen=True)
class MatrixQuery:
    """Times from each source to each target (inbound: from each target to each source)."""

    sources: tuple[Place, ...]
    targets: tuple[Place, ...]
    driving: Driving


def parse_nearest(params: Lists) -> NearestQuery:
    """The query in an address's parameters: one place, and trials and driving if wanted."""
    refuse_unknown(params, NEAREST_PARAMETERS)
    places = read_places(params)
    if len(places) != 1:
        raise InvalidInputError(
            f"{len(places)} places were given. Give one of lat with lon, easting with northing, or postcode; "
            "/api/v1/matrix takes many."
        )
    return NearestQuery(places[0], read_driving(params), read_trial(params))


def matrix_query_in(body: object) -> MatrixQuery:
    """The query in the JSON of a POST; TooLargeError above the documented limits."""
    if not isinstance(body, dict):
        raise InvalidInputError('The body is not an object. Send {"sources": […], "targets": […]}.')
    refuse_unknown(body, DRIVING | {"sources", "targets"})
    sources = places_in_list(body.get("sources"), "sources", MAX_SOURCES)
    targets = places_in_list(body.get("targets"), "targets", MAX_TARGETS)
    pairs = len(sources) * len(targets)
    if pairs > MAX_MATRIX_CELLS:
        raise TooLargeError(
            f"{len(sources):,} sources by {len(targets):,} targets are {pairs:,} times; at most "
            f"{MAX_MATRIX_CELLS:,} are worked out in one call. Send them in several.",
            field="targets",
        )
    listed = texts_of(body, sorted(DRIVING))
    return MatrixQuery(tuple(sources), tuple(targets), read_driving(listed))


def nearest_base(view: View, query: NearestQuery) -> dict[str, Any]:
    """Every base with its time to the place, the nearest first; `base` and `duration_s` are null where none has a way.

    NotFoundError for a postcode or base that is not there, or no roads; RuleError for a trial's place off the roads.
    """
    roads = roads_of(view.dataset)
    trial = trial_of(query.trial)
    must_be_on_road(roads, [*trial.open, *(to for _, to in trial.move)])
    placed = put_on_road(roads, after(view, trial) if bases_of(view) or trial.open else ())
    place = resolve(view, query.place, "point-1")
    target = roads.engine.snap(place.easting, place.northing)
    times = _to_bases(roads, target, placed.snapped, query.driving)
    offset = float(target.offset_m[0])
    durations = [_seconds(time) for time in times] + [None] * len(placed.unplaced)
    rows = [e | {"duration_s": seconds} for e, seconds in zip(bases_to_json(placed), durations, strict=True)]
    rows.sort(key=lambda row: (row["duration_s"] is None, row["duration_s"], row["id"]))
    nearest = rows[0] if rows and rows[0]["duration_s"] is not None else None
    return {
        "base": nearest and {k: v for k, v in nearest.items() if k != "duration_s"},
        "duration_s": nearest and nearest["duration_s"],
        "bases": rows,
        "place": base_to_json(place) | {"offset_m": None if np.isnan(offset) else round(offset, 1)},
        **about(view, roads, query.driving, POINT_METHOD),
    }


def travel_matrix(view: View, query: MatrixQuery) -> dict[str, Any]:
    """`durations_s[i][j]` from source i to target j, null where there is no way or either is nowhere.

    `sources` and `targets` say of each place how far it is from the road, or in `problem` why it is nowhere.
    """
    roads = roads_of(view.dataset)
    sources, targets = _ends(view, roads, query.sources), _ends(view, roads, query.targets)
    times = _times(roads, sources.snapped, targets.snapped, query.driving)
    return {
        "durations_s": [[_seconds(value) for value in row] for row in times.tolist()],
        "sources": sources.described,
        "targets": targets.described,
        **about(view, roads, query.driving, POINT_METHOD),
    }


@dataclass(frozen=True, eq=False)
class _Ends:
    snapped: Snapped
    described: list[dict[str, Any]]


def _ends(view: View, roads: Roads, places: Sequence[Place]) -> _Ends:
    found = resolve_or_why(view, places)
    nan = float("nan")
    east, north = ([getattr(f, name, nan) for f in found] for name in ("easting", "northing"))
    snapped = roads.engine.snap(east, north)
    described = [_described(f, float(offset)) for f, offset in zip(found, snapped.offset_m, strict=True)]
    return _Ends(snapped, described)


def _described(found: Base | str, offset_m: float) -> dict[str, Any]:
    if isinstance(found, str):
        return {"id": None, "offset_m": None, "problem": found}
    if np.isnan(offset_m):
        return {"id": found.id, "offset_m": None, "problem": "No road is near that can be driven to and from."}
    return {"id": found.id, "offset_m": round(offset_m, 1), "problem": None}


def _to_bases(roads: Roads, place: Snapped, bases: Snapped, driving: Driving) -> Any:
    """Seconds between each base and the place: one search from the place, the other way round, instead of many."""
    if not place.found[0] or not len(bases):
        return np.full(len(bases), np.inf)
    reverse = Direction.INBOUND if driving.direction is Direction.OUTBOUND else Direction.OUTBOUND
    reach = roads.run(lambda: roads.engine.search(place, profile=driving.profile, direction=reverse))
    return reach.on_road(bases)[0] + place.walk_s[0]


def _times(roads: Roads, sources: Snapped, targets: Snapped, driving: Driving) -> Any:
    if not len(sources) or not len(targets):
        return np.full((len(sources), len(targets)), np.inf)
    return roads.run(
        lambda: roads.engine.matrix(sources, targets, profile=driving.profile, direction=driving.direction)
    )


def _seconds(value: float) -> float | None:
    return round(float(value), 1) if np.isfinite(value) else None
