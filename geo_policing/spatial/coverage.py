"""Coverages: areas that meet without gap or overlap, how to tell, how to mend slivers, and what hangs together.

Geometry is EPSG:27700 metres; "row" is a row of the array given. `shapely.coverage_is_valid` alone misses a cell that
is not there and a district half covered, so holes and agreement with a second outline are looked at separately.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.spatial.grouping import connected_groups

GeometryArray = NDArray[Any]
IntArray = NDArray[np.int32]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Overlap:
    """Two rows (a < b) that claim the same ground, `area_m2` of it."""

    a: int
    b: int
    area_m2: float


@dataclass(frozen=True)
class Gap:
    """Ground that no row claims though rows surround it: its area, and the rows that border it, in order."""

    area: shapely.Geometry
    area_m2: float
    neighbours: tuple[int, ...]


@dataclass(frozen=True)
class Agreement:
    """How well two outlines of one place agree: intersection over union, and what only one of them has."""

    iou: float
    first_only_m2: float
    second_only_m2: float


def is_valid_coverage(areas: GeometryArray) -> bool:
    """True where no two areas overlap and shared boundaries have the same corners on both sides.

    Gaps are not looked for: see `gaps`. True for no areas.
    """
    return bool(shapely.coverage_is_valid(areas))


def make_valid_areas(areas: GeometryArray) -> tuple[GeometryArray, IntArray, FloatArray]:
    """Valid areas, the rows that were not valid before, and by how many m² each of those changed.

    Rings that touch themselves become holes or parts and change nothing; a bowtie's crossed-over part counts as
    changed. Corners stay where they are, so that neighbours still fit. Valid rows are returned as they are.
    """
    broken = np.flatnonzero(~shapely.is_valid(areas)).astype(np.int32)
    mended = areas.copy()
    mended[broken] = shapely.make_valid(areas[broken], method="structure", keep_collapsed=False)
    # The area by the rings' own direction is what the publisher meant; a crossed ring cancels part of it.
    changed_m2 = np.abs(shapely.area(mended[broken]) - shapely.area(areas[broken]))
    return mended, broken, changed_m2


def wider_than(shapes: GeometryArray, width_m: float) -> NDArray[np.bool_]:
    """For each polygon, whether a disc of diameter `width_m` fits into it: what tells a piece from a sliver."""
    # Approximating the disc by more sides than the default would change the answer by less than 0.5% of its width.
    wide: NDArray[np.bool_] = ~shapely.is_empty(shapely.buffer(shapes, -width_m / 2, quad_segs=8))
    return wide


def overlaps(areas: GeometryArray, *, wider_than_m: float = 0.0) -> list[Overlap]:
    """Pairs of areas that overlap by a piece into which a disc of `wider_than_m` fits; ordered by rows.

    With 0 every overlap of any area is listed. Areas must be valid.
    """
    edges = shapely.coverage_invalid_edges(areas)
    suspects = np.flatnonzero(~shapely.is_empty(edges))
    tree = shapely.STRtree(areas)
    first, second = tree.query(areas[suspects], predicate="intersects")
    a, b = np.minimum(suspects[first], second), np.maximum(suspects[first], second)
    pairs = np.unique(np.column_stack((a, b))[a != b], axis=0)
    if not len(pairs):
        return []
    shared = shapely.intersection(areas[pairs[:, 0]], areas[pairs[:, 1]])
    size = shapely.area(shared)
    real = size > 0
    if wider_than_m > 0:
        real &= wider_than(shared, wider_than_m)
    return [Overlap(int(pairs[i, 0]), int(pairs[i, 1]), float(size[i])) for i in np.flatnonzero(real)]


def gaps(areas: GeometryArray, *, within: shapely.Geometry | None = None) -> list[Gap]:
    """Holes of the areas' union, largest first; only those that lie in `within` where it is given.

    An enclave of somebody else's is a hole too, which is why `within` is there. Areas must be a valid coverage.
    """
    union = shapely.coverage_union_all(areas)
    rings = [ring for part in shapely.get_parts(union) for ring in part.interiors]
    if not rings:
        return []
    # An island of ours may lie in a hole, and is no part of the gap.
    holes = shapely.difference(shapely.polygons(rings), union)
    if within is not None:
        holes = holes[shapely.intersects(within, shapely.point_on_surface(holes))]
    tree = shapely.STRtree(areas)
    found = [Gap(hole, float(hole.area), tuple(np.sort(tree.query(hole, "intersects")).tolist())) for hole in holes]
    return sorted(found, key=lambda gap: (-gap.area_m2, gap.neighbours))


def clean_slivers(areas: GeometryArray, *, sliver_m: float) -> tuple[GeometryArray, IntArray, IntArray]:
    """Give slivers (gaps and overlaps narrower than `sliver_m`) to one neighbour, and match corners.

    Returns the cleaned areas, the rows that changed by any area, and of these the rows of which a piece wider than
    `sliver_m` changed hands or that vanished: where there are any, the cleaned areas are not fit for use. Areas must
    be valid.
    """
    cleaned: GeometryArray = shapely.coverage_clean(areas, gap_width=sliver_m)
    changed = np.flatnonzero(~shapely.equals(areas, cleaned)).astype(np.int32)
    moved = shapely.symmetric_difference(areas[changed], cleaned[changed])
    return cleaned, changed, changed[wider_than(moved, sliver_m) | shapely.is_empty(cleaned[changed])]


def adjacency(areas: GeometryArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Pairs (a < b, ordered) that share a boundary, and its length in metres; areas that meet in a point do not."""
    tree = shapely.STRtree(areas)
    a, b = tree.query(areas, predicate="intersects")
    a, b = a[a < b], b[a < b]
    shared_m = shapely.length(shapely.intersection(areas[a], areas[b]))
    order = np.lexsort((b, a))
    kept = order[shared_m[order] > 0]
    return a[kept].astype(np.int32), b[kept].astype(np.int32), shared_m[kept]


def dissolve(areas: GeometryArray, group: NDArray[Any]) -> dict[int, shapely.Geometry]:
    """The union of the areas of each group, by group number; a negative group is left out.

    Areas must be a valid coverage.
    """
    return {int(g): shapely.coverage_union_all(areas[group == g]) for g in np.unique(group[group >= 0])}


def contiguous_parts(members: Iterable[int], a: IntArray, b: IntArray) -> list[tuple[int, ...]]:
    """`members` split into sets that hang together over the adjacency pairs (a, b): largest first, then by row.

    One part means that the group is contiguous; no members give no parts.
    """
    chosen = np.unique(np.fromiter(members, dtype=np.int64))
    if not len(chosen):
        return []
    inside = np.isin(a, chosen) & np.isin(b, chosen)
    label = connected_groups(len(chosen), np.searchsorted(chosen, a[inside]), np.searchsorted(chosen, b[inside]))
    parts = [tuple(int(i) for i in chosen[label == g]) for g in np.unique(label)]
    return sorted(parts, key=lambda part: (-len(part), part))


def agreement(first: shapely.Geometry, second: shapely.Geometry) -> Agreement:
    """How well two valid outlines agree; an IoU of 1 means that they are the same, and so does 0/0."""
    both = first.intersection(second).area
    either = first.area + second.area - both
    return Agreement(both / either if either else 1.0, first.area - both, second.area - both)
