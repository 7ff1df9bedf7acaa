"""The engine: everything about drive time that the rest of the program asks for, on one network.

It keeps what is costly (costs by profile and direction, the raster by quality, the snapping index), makes each once
when it is first asked for, and may be used by several threads. Work is bounded: see the limits below.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo_policing.errors import InvalidInputError, TooLargeError
from geo_policing.routing.contours import MIN_AREA_M2, Contour, make_contours
from geo_policing.routing.costs import Costs, Direction, make_costs
from geo_policing.routing.field import Grid, Quality, make_field, make_grid, margin_s
from geo_policing.routing.network import Columns, Network
from geo_policing.routing.reach import Reach, matrix, nearest_two, search
from geo_policing.routing.snapping import MAX_OFFSET_M, Snapped, Snapper
from geo_policing.routing.speeds import WALKING_KPH, Profile, SpeedTable

MIN_MINUTES, MAX_MINUTES = 0.1, 60.0
MAX_THRESHOLDS = 60
MAX_BASES = 1_000
MAX_MATRIX_CELLS = 400_000
METHOD = "road_raster_marching_squares_2"
"""The name of the method in responses; it changes whenever the same input would give another shape."""

_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class Isochrones:
    """Contours of one or more bases together (the nearest counts), ascending by threshold, and how they were made.

    `truncated[i]` is True where the search met the network's rim within threshold i, so that roads beyond it may be
    missing. `offset_m` is how far each base is from the road.
    """

    contours: tuple[Contour, ...]
    minutes: tuple[float, ...]
    truncated: tuple[bool, ...]
    profile: Profile
    direction: Direction
    quality: Quality
    resolution_m: float
    offset_m: tuple[float, ...]
    barriers: tuple[str, ...]
    turns: bool
    schematic: bool = False

    def describe(self) -> dict[str, Any]:
        """What a response says of its method, in plain JSON types."""
        return {
            "method": METHOD,
            "network": "schematic" if self.schematic else "roads",
            "quality": self.quality.value,
            "resolution_m": self.resolution_m,
            "profile": self.profile.value,
            "direction": self.direction.value,
            "off_road_kph": WALKING_KPH,
            "off_road_limit_m": MAX_OFFSET_M,
            "min_area_m2": MIN_AREA_M2,
            "barriers": list(self.barriers),
            "turns": self.turns,
            "base_offset_m": [round(offset, 1) for offset in self.offset_m],
        }

    def to_geojson(self, *, properties: Mapping[str, Any] | None = None) -> bytes:
        """A FeatureCollection of contours from zero, ascending; `properties` are added to each feature's own.

        The same input gives the same bytes. A contour that holds nothing has a MultiPolygon without coordinates.
        """
        import orjson

        features = []
        for contour, minutes, truncated in zip(self.contours, self.minutes, self.truncated, strict=True):
            own = {"minutes": _plain(minutes), "truncated": truncated, "area_km2": round(contour.area_m2 / 1e6, 3)}
            features.append(
                b'{"type":"Feature","properties":'
                + orjson.dumps({**own, **(properties or {})})
                + b',"geometry":{"type":"MultiPolygon","coordinates":'
                + contour.coordinates_json()
                + b"}}"
            )
        head = b'{"type":"FeatureCollection","about":' + orjson.dumps(self.describe()) + b',"features":['
        return head + b",".join(features) + b"]}"


class Engine:
    """Drive time on one network; `turns` None minds turns where the network has restrictions or traffic lights.

    `schematic` is a dataset's `schematic_roads`: whether the network is lines between places instead of roads.
    """

    def __init__(
        self,
        network: Network,
        speeds: SpeedTable | None = None,
        *,
        turns: bool | None = None,
        schematic: bool = False,
    ) -> None:
        self.network, self.schematic = network, schematic
        self.speeds = SpeedTable.default() if speeds is None else speeds
        self.turns = network.has_turns if turns is None else turns
        self._kept: dict[Hashable, Any] = {}
        self._lock = threading.RLock()

    @classmethod
    def from_tables(
        cls, tables: Mapping[str, Columns], speeds: SpeedTable | None = None, *, schematic: bool = False
    ) -> Engine:
        """The engine over a dataset's network tables; DatasetError where it has no network.

        A force's own speeds are `SpeedTable.default().with_overrides(kph=..., response=...)` from its `speeds`.
        """
        return cls(Network.from_tables(tables), speeds, schematic=schematic)

    @property
    def snapper(self) -> Snapper:
        """What puts points onto the road."""
        return self._once("snapper", lambda: Snapper(self.network))

    def costs(self, profile: Profile = Profile.NORMAL, direction: Direction = Direction.OUTBOUND) -> Costs:
        """Seconds of all edges, driven so."""
        return self._once(
            ("costs", profile, direction),
            lambda: make_costs(self.network, self.speeds, profile=profile, direction=direction, turns=self.turns),
        )

    def grid(self, quality: Quality = Quality.PUBLISHED) -> Grid:
        """The raster; takes seconds the first time."""
        return self._once(("grid", quality), lambda: make_grid(self.network, quality))

    def snap(self, easting: ArrayLike, northing: ArrayLike) -> Snapped:
        """Points (EPSG:27700) onto the road; those too far from any are not `found`."""
        return self.snapper.snap(easting, northing)

    def snap_bases(self, easting: ArrayLike, northing: ArrayLike, *, names: Sequence[str] = ()) -> Snapped:
        """Bases onto the road; InvalidInputError names the first that cannot be, TooLargeError above `MAX_BASES`."""
        count = np.size(easting)
        if not count:
            raise InvalidInputError("no base is given; at least one is needed.", field="base")
        if count > MAX_BASES:
            raise TooLargeError(f"{count} bases are more than the {MAX_BASES} that one request may have.", field="base")
        return self.snapper.snap_bases(easting, northing, names=tuple(names))

    def search(
        self,
        bases: Snapped,
        *,
        limit_s: float = np.inf,
        profile: Profile = Profile.NORMAL,
        direction: Direction = Direction.OUTBOUND,
    ) -> Reach:
        """One search from all `bases` together: the nearest base of each node with its time."""
        return search(self.network, self.costs(profile, direction), bases, limit_s=limit_s)

    def nearest_two(
        self, bases: Snapped, *, profile: Profile = Profile.NORMAL, direction: Direction = Direction.OUTBOUND
    ) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Seconds from the nearest and next nearest base to each node, and which they are: arrays of (node, 2)."""
        return nearest_two(self.network, self.costs(profile, direction), bases)

    def isochrones(
        self,
        bases: Snapped,
        minutes: Sequence[float],
        *,
        profile: Profile = Profile.NORMAL,
        direction: Direction = Direction.OUTBOUND,
        quality: Quality = Quality.PUBLISHED,
    ) -> Isochrones:
        """The contours of `minutes`, ascending, each once. InvalidInputError or TooLargeError: see `check_minutes`."""
        wanted = check_minutes(minutes)
        limit_s = wanted[-1] * 60
        grid = self.grid(quality)
        reach = self.search(bases, limit_s=limit_s + margin_s(grid), profile=profile, direction=direction)
        contours = make_contours(make_field(grid, reach, limit_s), [m * 60 for m in wanted])
        return Isochrones(
            contours=tuple(contours),
            minutes=wanted,
            truncated=tuple(reach.rim_s <= m * 60 for m in wanted),
            profile=profile,
            direction=direction,
            quality=quality,
            resolution_m=quality.resolution_m,
            offset_m=tuple(float(offset) for offset in bases.offset_m),
            barriers=self.network.barrier_kinds,
            turns=self.turns,
            schematic=self.schematic,
        )

    def matrix(
        self,
        sources: Snapped,
        targets: Snapped,
        *,
        limit_s: float = np.inf,
        profile: Profile = Profile.NORMAL,
        direction: Direction = Direction.OUTBOUND,
    ) -> NDArray[np.float64]:
        """Seconds source by target, by the contours' rule (the walk at the target included); infinite: no way.

        TooLargeError above `MAX_MATRIX_CELLS` pairs.
        """
        pairs = len(sources) * len(targets)
        if pairs > MAX_MATRIX_CELLS:
            raise TooLargeError(
                f"{len(sources)} sources by {len(targets)} targets are {pairs:,} pairs; {MAX_MATRIX_CELLS:,} may be.",
                field="targets",
            )
        return matrix(self.network, self.costs(profile, direction), sources, targets, limit_s=limit_s)

    def warm(self, qualities: Sequence[Quality] = tuple(Quality)) -> None:
        """Makes and compiles everything that the first request would otherwise wait for."""
        first = np.flatnonzero(self.network.walkable)[:1].astype(np.int32)
        base = Snapped(first, np.full(len(first), 0.5), np.zeros(len(first)))
        for quality in qualities if len(base) else ():
            self.isochrones(base, [5.0], quality=quality).to_geojson()
            self.search(base).at(base)

    def _once(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """What is kept under `key`, made the first time; others wait meanwhile rather than make it too."""
        if key not in self._kept:
            with self._lock:
                if key not in self._kept:
                    self._kept[key] = make()
        kept: _T = self._kept[key]
        return kept


def check_minutes(minutes: Sequence[float]) -> tuple[float, ...]:
    """Thresholds in ascending order, each once.

    InvalidInputError for none, for one that is no number or not within `MIN_MINUTES` to `MAX_MINUTES`;
    TooLargeError for more than `MAX_THRESHOLDS` different ones.
    """
    if not len(minutes):
        raise InvalidInputError("minutes is empty; give at least one, such as 10.", field="minutes")
    for value in minutes:
        if not MIN_MINUTES <= value <= MAX_MINUTES:
            raise InvalidInputError(
                f"minutes {value:g} is not between {MIN_MINUTES:g} and {MAX_MINUTES:g}.", field="minutes"
            )
    # Tenths of a second are what the raster keeps.
    wanted = tuple(sorted({round(float(value) * 600) / 600 for value in minutes}))
    if len(wanted) > MAX_THRESHOLDS:
        raise TooLargeError(f"{len(wanted)} thresholds are more than the {MAX_THRESHOLDS} allowed.", field="minutes")
    return wanted


def _plain(minutes: float) -> float | int:
    return int(minutes) if minutes == int(minutes) else round(minutes, 3)
