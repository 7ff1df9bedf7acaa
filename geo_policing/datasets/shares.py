"""How a postcode is shared between units: by the area of its Voronoi cell, or by its addresses where those are known.

The Voronoi cell of a postcode is the ground that lies nearer to its point than to any other live postcode's. It says
where the postcode may reach, not where its addresses are, so it is called `voronoi_area` wherever it is shown.
Postcodes on one point share a cell, and so have the same shares.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.datasets.findings import Finding, found
from geo_policing.datasets.schema import PostcodeStatus
from geo_policing.datasets.tables import Table
from geo_policing.spatial.overlay import OUTSIDE, shared_areas, units_at

VORONOI_AREA, ADDRESSES = "voronoi_area", "addresses"
MARGIN_M = 10_000.0
"""Postcodes this far beyond the units still shape the cells at the rim: wider than any empty land in Britain's
lowlands, so that the nearest postcode over the border is always among them."""
LEAST_SHARE = 0.001
"""Smaller shares are dropped. Output areas as published (BGC) are generalised to 20 m, so a thousandth of a cell is
less than the boundary is known to, and no count of addresses comes near a thousand to one."""


@dataclass(frozen=True)
class Shares:
    """The table `postcode_units`, its method for the manifest, and what there is to say about it."""

    table: Table
    method: str
    repaired: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Addresses:
    """Addresses of the force's postcodes: the postcode and the point of each, in EPSG:27700."""

    postcode: NDArray[np.str_]
    easting: NDArray[np.float64]
    northing: NDArray[np.float64]


def postcode_shares(postcodes: Table, units: shapely.STRtree, addresses: Addresses | None = None) -> Shares:
    """Shares of every live postcode whose point decides for a unit; the others have no rows.

    Shares of a postcode sum to 1 and always hold the unit of its own point; those below `LEAST_SHARE` are dropped
    before the rest is scaled up to 1. What a cell covers outside the units does not count. With `addresses`, the share
    is that of the addresses in each unit; postcodes of which none lies in a unit fall back to their cell, and are
    counted in `repaired`.
    """
    shared = np.flatnonzero((postcodes["status"] == PostcodeStatus.LIVE) & (postcodes["unit"] >= 0))
    counted = np.zeros(len(postcodes), dtype=bool)
    parts = []
    if addresses is not None:
        by_address = _address_counts(postcodes, units, addresses, shared)
        counted[by_address[0]] = True
        parts.append(by_address)
    by_cell = shared[~counted[shared]]
    parts.append(_cell_areas(postcodes, units, by_cell))
    table = _table(postcodes, shared, *(np.concatenate([part[i] for part in parts]) for i in range(3)))
    if addresses is None:
        return Shares(table, VORONOI_AREA)
    fallback = Finding.of(
        "live postcodes without an address in any unit",
        postcodes["postcode"][by_cell],
        f"shared by the area of their Voronoi cell ({VORONOI_AREA}) instead",
    )
    return Shares(table, ADDRESSES, found([fallback]))


def voronoi_cells(
    easting: NDArray[np.float64], northing: NDArray[np.float64], extent: tuple[float, float, float, float]
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Cells among the given points, at least as far as `extent`, and which cell each point has.

    Points on one place have one cell. No points give no cells; a single place has the whole extent.
    """
    places, cell_of = np.unique(np.column_stack([easting, northing]), axis=0, return_inverse=True)
    box = shapely.box(*extent)
    if len(places) < 2:
        return np.array([box] * len(places), dtype=object), np.zeros(len(easting), dtype=np.int64)
    diagram = shapely.voronoi_polygons(shapely.multipoints(places), extend_to=box, ordered=True)
    return shapely.get_parts(diagram), cell_of.reshape(-1)


def _cell_areas(
    postcodes: Table, units: shapely.STRtree, wanted: NDArray[np.int64]
) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.float64]]:
    """(postcode, unit, m²) of the cells of the `wanted` postcodes."""
    if not len(wanted):
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    west, south, east, north = shapely.total_bounds(units.geometries)
    extent = (west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M)
    e, n = postcodes["easting"], postcodes["northing"]
    near = (e >= extent[0]) & (e <= extent[2]) & (n >= extent[1]) & (n <= extent[3])
    sites = np.flatnonzero(near & (postcodes["status"] == PostcodeStatus.LIVE))
    cells, cell_of_site = voronoi_cells(e[sites], n[sites], extent)
    cell_of = np.full(len(postcodes), -1, dtype=np.int64)
    cell_of[sites] = cell_of_site
    used, row_of = np.unique(cell_of[wanted], return_inverse=True)
    row, unit, area_m2 = shared_areas(units, cells[used])
    # Give each postcode the stretch of rows that its cell has.
    first = np.searchsorted(row, np.arange(len(used)))
    length = np.diff(np.append(first, len(row)))[row_of]
    at = np.repeat(first[row_of] - np.concatenate([[0], np.cumsum(length)[:-1]]), length) + np.arange(length.sum())
    return np.repeat(wanted, length), unit[at].astype(np.int64), area_m2[at]


def _address_counts(
    postcodes: Table, units: shapely.STRtree, addresses: Addresses, wanted: NDArray[np.int64]
) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.float64]]:
    """(postcode, unit, addresses) of the `wanted` postcodes."""
    codes = postcodes["postcode"][wanted]
    at = np.minimum(np.searchsorted(codes, addresses.postcode), max(len(codes) - 1, 0))
    known = np.flatnonzero(codes[at] == addresses.postcode) if len(codes) else np.empty(0, np.int64)
    unit = units_at(units, addresses.easting[known], addresses.northing[known])
    held = unit != OUTSIDE
    pairs, count = np.unique(np.column_stack([wanted[at[known[held]]], unit[held]]), axis=0, return_counts=True)
    return pairs[:, 0], pairs[:, 1], count.astype(float)


def _table(
    postcodes: Table,
    shared: NDArray[np.int64],
    postcode: NDArray[Any],
    unit: NDArray[Any],
    size: NDArray[np.float64],
) -> Table:
    """Sizes as shares; the own unit is always among them, with `LEAST_SHARE` where it has less."""
    share = size / _sums(postcode, size, len(postcodes))[postcode]
    own_unit = postcodes["unit"]
    own = unit == own_unit[postcode]
    share = np.where(own, np.maximum(share, LEAST_SHARE), share)
    has_own = np.zeros(len(postcodes), dtype=bool)
    has_own[postcode[own]] = True
    lacking = shared[~has_own[shared]]
    postcode = np.concatenate([postcode, lacking])
    unit = np.concatenate([unit, own_unit[lacking]])
    share = np.concatenate([share, np.full(len(lacking), LEAST_SHARE)])
    kept = share >= LEAST_SHARE
    postcode, unit, share = postcode[kept], unit[kept], share[kept]
    share /= _sums(postcode, share, len(postcodes))[postcode]
    order = np.lexsort((unit, postcode))
    return Table.of("postcode_units", postcode=postcode[order], unit=unit[order], share=share[order])


def _sums(group: NDArray[Any], values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    return np.bincount(group, weights=values, minlength=count).astype(np.float64)
