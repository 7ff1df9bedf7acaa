"""Streets to search for: named roads, one place for each stretch of a name that hangs together.

"Mill Road" in one town is not that in the next: ways of one name that lie within `SAME_STREET_M` of each other are
one street, the others are another. A street is shared between units by length.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.datasets.place_drafts import Drafts, Laid, normalised
from geo_policing.datasets.tables import Table
from geo_policing.domain.beats import slugify
from geo_policing.spatial.grouping import connected_groups
from geo_policing.spatial.overlay import shared_lengths

SAME_STREET_M = 300.0
"""Across a junction, a bridge or a stretch that OSM names otherwise; villages lie further apart than this."""
NEAR_M = 5_000.0
"""A street further than this from every settlement's point is told by its ward or district instead."""
_CHUNK = 4096


@dataclass(frozen=True)
class _Ways:
    """Named lines; `name` is one of `names`, a line that carries two names stands there twice."""

    line: NDArray[Any]
    name: NDArray[np.int64]
    names: list[str]


def streets(laid: Laid, roads: Table, settlements: Drafts) -> Drafts:
    """Every street that lies in the force or in a district over the border, without units for the latter.

    What tells it from its namesakes (`near`) is the nearest settlement in its district, else the ward, else the
    district; where two of a name are near the same settlement, the ward is added.
    """
    ways = _named(roads)
    if not len(ways.line):
        return Drafts.none("street")
    group = _groups(ways)
    _, street_of = np.unique(group, return_inverse=True)
    count = int(street_of.max()) + 1
    place, unit, share = _shares(laid, ways, street_of, count)
    inside_unit = _main_units(laid, place, unit, share, count)
    easting, northing = _points(laid, ways, street_of, inside_unit)
    unit_at_point = np.where(inside_unit >= 0, inside_unit, laid.unit_of_points(easting, northing)).astype(np.int32)
    district = laid.district_of_points(easting, northing, unit_at_point)
    first = np.unique(street_of, return_index=True)[1]
    names = np.array([ways.names[i] for i in ways.name[first].tolist()], dtype=object)
    drafts = Drafts(
        kind="street",
        name=names,
        near=_near(laid, settlements, names, easting, northing, district, unit_at_point),
        easting=easting,
        northing=northing,
        accuracy_m=_extent(ways, street_of, count),
        population=np.full(count, np.nan),
        district=district,
        place=place,
        unit=unit,
        share=share,
    )
    return _only(drafts, np.flatnonzero(district >= 0))


def _named(roads: Table) -> _Ways:
    """Lines with a name; OSMnx joins the names of an edge by ";", and each of them counts."""
    rows, texts = [], []
    for row, text in enumerate(roads["name"].tolist()):
        for name in text.split(";") if text else ():
            if name.strip():
                rows.append(row)
                texts.append(name.strip())
    # Written differently (St. John's, St Johns) it is still one street; the first spelling in the alphabet is shown.
    shown: dict[str, str] = {}
    for name in sorted(set(texts)):
        shown.setdefault(slugify(name) or name, name)
    code = {key: i for i, key in enumerate(shown)}
    names = np.array([code[slugify(name) or name] for name in texts], dtype=np.int64)
    lines: NDArray[Any] = roads["geometry"][np.array(rows, dtype=np.int64)]
    return _Ways(lines, names, list(shown.values()))


def _groups(ways: _Ways) -> NDArray[np.int64]:
    """For each line the lowest line of its street."""
    tree = shapely.STRtree(ways.line)
    west, south, east, north = shapely.bounds(ways.line).T
    around = shapely.box(west - SAME_STREET_M, south - SAME_STREET_M, east + SAME_STREET_M, north + SAME_STREET_M)
    pairs = []
    for start in range(0, len(around), _CHUNK):
        a, b = tree.query(around[start : start + _CHUNK])
        a = a + start
        # Boxes first and names next: of the lines around, very few share the name, and only they are measured.
        same = (a < b) & (ways.name[a] == ways.name[b])
        a, b = a[same], b[same]
        close = shapely.dwithin(ways.line[a], ways.line[b], SAME_STREET_M)
        pairs.append((a[close], b[close]))
    a, b = (np.concatenate([pair[i] for pair in pairs]) for i in (0, 1))
    return connected_groups(len(ways.line), a, b)


def _shares(
    laid: Laid, ways: _Ways, street_of: NDArray[np.int64], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """By length in each unit. Along a shared boundary a road counts for both sides, so the whole is what they sum to
    where that is more than the street is long."""
    line, unit, length_m = shared_lengths(laid.unit_tree, ways.line)
    street = street_of[line]
    whole = np.bincount(street_of, weights=shapely.length(ways.line), minlength=count)
    counted = np.bincount(street, weights=length_m, minlength=count)
    return normalised(street, unit, length_m, np.maximum(whole, counted))


def _main_units(
    laid: Laid, place: NDArray[np.int64], unit: NDArray[np.int64], share: NDArray[np.float64], count: int
) -> NDArray[np.int64]:
    """The unit that stands for each street: of the district with most of it, the unit with most of it; -1 for none.

    The district comes first, as a road out of a town lies in many small units there and in one large one outside.
    Equals fall to the lowest row.
    """
    district = laid.units["district"][unit].astype(np.int64)
    pair, of = np.unique(np.column_stack([place, district]), axis=0, return_inverse=True)
    in_district = np.bincount(of.reshape(-1), weights=share, minlength=len(pair))[of.reshape(-1)]
    main = np.full(count, -1, dtype=np.int64)
    # What is written last stays: most of the district, then most of the unit, then the lowest rows.
    order = np.lexsort((-unit, share, -district, np.round(in_district, 9)))
    main[place[order]] = unit[order]
    return main


def _points(
    laid: Laid, ways: _Ways, street_of: NDArray[np.int64], inside_unit: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A point on each street, near its middle; in its main unit where it has one, so that it lies in the force."""
    length_m = shapely.length(ways.line) + 1e-6
    middle = shapely.line_interpolate_point(ways.line, 0.5, normalized=True)
    total = np.bincount(street_of, weights=length_m)
    centre = shapely.points(
        np.bincount(street_of, weights=length_m * shapely.get_x(middle)) / total,
        np.bincount(street_of, weights=length_m * shapely.get_y(middle)) / total,
    )
    apart_m = shapely.distance(ways.line, centre[street_of])
    main = inside_unit[street_of]
    in_main = np.zeros(len(main), dtype=bool)
    has = np.flatnonzero(main >= 0)
    in_main[has] = shapely.intersects(ways.line[has], laid.units["geometry"][main[has]])
    order = np.lexsort((apart_m, ~in_main, street_of))
    best = order[np.unique(street_of[order], return_index=True)[1]]
    lines = ways.line[best]
    cut = np.flatnonzero(inside_unit >= 0)
    lines[cut] = shapely.intersection(lines[cut], laid.units["geometry"][inside_unit[cut]])
    nearest = shapely.get_point(shapely.shortest_line(centre, lines), 1)
    return np.round(shapely.get_x(nearest), 1), np.round(shapely.get_y(nearest), 1)


def _extent(ways: _Ways, street_of: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """Half the diagonal of each street's box."""
    west, south, east, north = shapely.bounds(ways.line).T
    low = np.full((2, count), np.inf)
    high = np.full((2, count), -np.inf)
    np.minimum.at(low[0], street_of, west)
    np.minimum.at(low[1], street_of, south)
    np.maximum.at(high[0], street_of, east)
    np.maximum.at(high[1], street_of, north)
    half_m: NDArray[np.float64] = np.round(np.hypot(*(high - low)) / 2, 1)
    return half_m


def _near(
    laid: Laid,
    settlements: Drafts,
    names: NDArray[Any],
    easting: NDArray[np.float64],
    northing: NDArray[np.float64],
    district: NDArray[np.int64],
    unit: NDArray[np.int32],
) -> NDArray[Any]:
    """What tells each street from its namesakes."""
    ward_name = np.append(laid.wards["name"].astype(object), "")
    ward = ward_name[np.where(unit >= 0, laid.ward_of_unit[unit], -1)]
    district_name = np.append(laid.districts["name"].astype(object), "")[district]
    near = np.where(ward != "", ward, district_name)
    for row in np.unique(settlements.district[settlements.district >= 0]).tolist():
        here = np.flatnonzero(settlements.district == row)
        mine = np.flatnonzero(district == row)
        tree = shapely.STRtree(shapely.points(settlements.easting[here], settlements.northing[here]))
        points = shapely.points(easting[mine], northing[mine])
        street, settlement = tree.query_nearest(points, max_distance=NEAR_M, all_matches=False)
        near[mine[street]] = settlements.name[here[settlement]]
    seen: dict[tuple[str, str], int] = {}
    pairs = [(slugify(name), place) for name, place in zip(names.tolist(), near.tolist(), strict=True)]
    for pair in pairs:
        seen[pair] = seen.get(pair, 0) + 1
    twice = np.array([seen[pair] > 1 for pair in pairs], dtype=bool) & (ward != "") & (ward != near)
    near[twice] = near[twice] + " (" + ward[twice] + " ward)"
    return near


def _only(drafts: Drafts, rows: NDArray[np.int64]) -> Drafts:
    """The drafts at `rows`, with their shares."""
    new = np.full(len(drafts), -1, dtype=np.int64)
    new[rows] = np.arange(len(rows))
    kept = new[drafts.place] >= 0
    return Drafts(
        kind=drafts.kind,
        name=drafts.name[rows],
        near=drafts.near[rows],
        easting=drafts.easting[rows],
        northing=drafts.northing[rows],
        accuracy_m=drafts.accuracy_m[rows],
        population=drafts.population[rows],
        district=drafts.district[rows],
        place=new[drafts.place[kept]],
        unit=drafts.unit[kept],
        share=drafts.share[kept],
    )
