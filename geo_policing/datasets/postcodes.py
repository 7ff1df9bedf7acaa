"""One list of postcodes from all publishers: which are live, where each is and how well that is known, and its unit.

OS Code-Point Open lists the live postcodes, so where it is there it decides what is live and where that lies. The ONS
directories (NSPL, ONSPD) know of terminated ones and of large users. The short form of NSPL says nothing of either:
there a postcode that Code-Point lacks, in a postcode area that Code-Point's files cover, is taken as terminated.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.datasets.findings import STATUS_ABSENT, TERMINATED_ABSENT, Absence, Finding, found
from geo_policing.datasets.postcode_rows import NO, UNKNOWN, YES, PostcodeRows
from geo_policing.datasets.schema import PostcodeStatus
from geo_policing.datasets.tables import Table
from geo_policing.errors import SourceError
from geo_policing.spatial.overlay import OUTSIDE, nearest_units, units_at
from geo_policing.wording import marked

CONTRADICTION_M = 100.0
"""Two publishers' points further apart than this are reported: beyond what a building or a rounding explains."""
_NO_DIRECTORY = Absence(
    TERMINATED_ABSENT,
    marked("A postcode that is no longer in use is answered as one that the data does not have. Add NSPL or ONSPD."),
)
_SECTOR_MEAN = 60
_SECTOR_PERCENTILE = 95

ACCURACY_M = {10: 10.0, 20: 10.0, 30: 50.0, 40: 100.0, 50: 100.0}
"""How far off a point may be, by positional quality.

The classes are those of the Code-Point Open user guide. 10: within the building of the address nearest to the mean of
the postcode's addresses; 20: the same, found by eye; a building is of the order of 10 m. 30: within 50 m. 40: mean of
addresses that have since gone; 50: estimated from postcodes around it, to 100 m; both are given as 100 m. 60: mean of
the sector: how far the sector's other postcodes lie from it, see `sector_radius_m`. 80 (ONS: from before the grid was
linked) and 90 (no location) have no figure.
"""


@dataclass(frozen=True)
class PostcodeBook:
    """Every postcode once, ordered by postcode; arrays of equal length with the meanings of the table `postcodes`."""

    postcode: NDArray[np.str_]
    easting: NDArray[np.float64]
    northing: NDArray[np.float64]
    accuracy_m: NDArray[np.float64]
    quality: NDArray[np.int16]
    status: NDArray[np.int8]
    large_user: NDArray[np.bool_]
    district_code: NDArray[np.str_]
    ward_code: NDArray[np.str_]
    absent: tuple[Absence, ...] = ()
    dropped: tuple[Finding, ...] = ()
    repaired: tuple[Finding, ...] = ()

    def __len__(self) -> int:
        return len(self.postcode)


@dataclass(frozen=True)
class LocatedPostcodes:
    """The table `postcodes`, and what was found out in placing its points."""

    table: Table
    dropped: tuple[Finding, ...] = ()
    repaired: tuple[Finding, ...] = ()


def merge(code_point: PostcodeRows | None, directory: PostcodeRows | None) -> PostcodeBook:
    """All postcodes of both publishers, each once; either may be None, not both (ValueError).

    SourceError where there are no rows at all.
    """
    if code_point is None and directory is None:
        raise ValueError("merge needs Code-Point Open, a postcode directory, or both")
    dropped: list[Finding] = []
    listed = _unique(code_point, dropped) if code_point is not None else None
    known = _unique(directory, dropped) if directory is not None else None
    repaired: list[Finding] = []
    if listed is not None and known is not None:
        listed = _enriched(listed, known, repaired)
        known = known.take(np.flatnonzero(~np.isin(known.postcode, listed.postcode)))
    rows = _stacked([part for part in (listed, known) if part is not None])
    if not len(rows):
        names = ", ".join(path.name for path in rows.files)
        raise SourceError("there is not one postcode in it", remedy="Download it again.", file=names or None)
    status, absent = _status(rows, listed)
    if known is None:
        absent = (*absent, _NO_DIRECTORY)
    if listed is not None and known is not None:
        only = (known.terminated == NO) & _in_areas(known.postcode, _areas(listed.postcode))
        repaired.append(
            Finding.of(
                "live postcodes that only the postcode directory has",
                known.postcode[only],
                "Code-Point Open, probably of another month, lacks them; taken as live",
            )
        )
    return PostcodeBook(
        postcode=rows.postcode,
        easting=rows.easting,
        northing=rows.northing,
        accuracy_m=_accuracies(rows, status),
        quality=rows.quality,
        status=status,
        large_user=rows.large_user,
        district_code=rows.district_code,
        ward_code=rows.ward_code,
        absent=absent,
        dropped=found(dropped),
        repaired=found(repaired),
    )


def locate(
    book: PostcodeBook,
    units: shapely.STRtree,
    *,
    snap_m: float,
    inside_codes: Collection[str],
    outside: shapely.STRtree | None = None,
) -> LocatedPostcodes:
    """Give each postcode the unit that holds its point, live or not.

    A point in no unit takes the nearest within `snap_m`, and says how far that is; but not where the source's own
    district code, or else a polygon of `outside` (districts over the border), says that it is over the border. A
    postcode without a location has no unit. `inside_codes` are the force's districts.

    SourceError where not one postcode lies in a unit: the files do not belong together, or have swapped coordinates.
    """
    unit, apart_m = nearest_units(units, book.easting, book.northing, within_m=snap_m)
    over_border = (book.district_code != "") & ~np.isin(book.district_code, list(inside_codes))
    if outside is not None:
        unnamed = np.flatnonzero((book.district_code == "") & (apart_m > 0))
        over_border[unnamed] = units_at(outside, book.easting[unnamed], book.northing[unnamed]) != OUTSIDE
    unit[(apart_m > 0) & over_border] = OUTSIDE
    if not (unit >= 0).any():
        raise _nowhere(book, units)
    snapped_m = np.where((unit >= 0) & (apart_m > 0), apart_m, 0.0)
    live = book.status == PostcodeStatus.LIVE
    stray = live & (unit == OUTSIDE) & np.isin(book.district_code, list(inside_codes))
    return LocatedPostcodes(
        _table(book, unit, snapped_m),
        dropped=found(
            [
                Finding.of(
                    "live postcodes of the force's districts that lie in no unit",
                    book.postcode[stray],
                    f"further than {snap_m:g} m from every unit; answered as outside the force",
                )
            ]
        ),
        repaired=found(
            [
                Finding.of(
                    "live postcodes that lie just outside every unit",
                    book.postcode[live & (snapped_m > 0)],
                    f"given to the nearest unit within {snap_m:g} m",
                )
            ]
        ),
    )


def _table(book: PostcodeBook, unit: NDArray[np.int32], snapped_m: NDArray[np.float64]) -> Table:
    return Table.of(
        "postcodes",
        postcode=book.postcode,
        easting=book.easting,
        northing=book.northing,
        accuracy_m=book.accuracy_m,
        quality=book.quality,
        status=book.status,
        large_user=book.large_user,
        district_code=book.district_code,
        ward_code=book.ward_code,
        unit=unit,
        snapped_m=snapped_m,
    )


def sector_radius_m(book_easting: Any, book_northing: Any, point: tuple[float, float]) -> float:
    """Within what distance of `point` 95% of the given points lie, in metres; NaN for no points."""
    if not len(book_easting):
        return float("nan")
    apart_m = np.hypot(np.asarray(book_easting) - point[0], np.asarray(book_northing) - point[1])
    return float(np.percentile(apart_m, _SECTOR_PERCENTILE))


def _unique(rows: PostcodeRows, dropped: list[Finding]) -> PostcodeRows:
    """Each postcode once, ordered: of several rows a live one, and of those the first."""
    order = np.lexsort((np.arange(len(rows)), rows.terminated == YES, rows.postcode))
    ordered = rows.take(order)
    again = np.zeros(len(rows), dtype=bool)
    again[1:] = ordered.postcode[1:] == ordered.postcode[:-1]
    first = np.maximum.accumulate(np.where(again, 0, np.arange(len(rows)))) if len(rows) else order
    same = (
        _equal(ordered.easting, ordered.easting[first])
        & _equal(ordered.northing, ordered.northing[first])
        & (ordered.terminated == ordered.terminated[first])
        & (ordered.district_code == ordered.district_code[first])
    )
    dropped += rows.dropped
    for what, mask, why in (
        ("repeated postcodes", again & same, "the same again; one of them is kept"),
        ("postcodes given twice, differently", again & ~same, "the live one is kept, else the first"),
    ):
        rows_of = np.flatnonzero(mask).tolist()
        dropped.append(Finding.of(what, [f"{ordered.postcode[i]} ({ordered.place_of(i)})" for i in rows_of], why))
    return ordered.take(np.flatnonzero(~again))


def _enriched(listed: PostcodeRows, known: PostcodeRows, repaired: list[Finding]) -> PostcodeRows:
    """`listed` with what only the directory knows of its postcodes; where they disagree, `listed` stands."""
    if not len(known):
        return listed
    at = np.minimum(np.searchsorted(known.postcode, listed.postcode), len(known) - 1)
    both = known.postcode[at] == listed.postcode
    apart_m = np.hypot(listed.easting - known.easting[at], listed.northing - known.northing[at])
    repaired += [
        Finding.of(
            "postcodes that Code-Point Open lists and the postcode directory calls terminated",
            listed.postcode[both & (known.terminated[at] == YES)],
            "taken as live, as Code-Point Open has it",
        ),
        Finding.of(
            f"postcodes whose two publishers place them more than {CONTRADICTION_M:g} m apart",
            listed.postcode[both & (apart_m > CONTRADICTION_M)],
            "Code-Point Open's point is taken",
        ),
    ]
    return replace(
        listed,
        large_user=listed.large_user | (both & known.large_user[at]),
        district_code=np.where(both & (listed.district_code == ""), known.district_code[at], listed.district_code),
        ward_code=np.where(both & (listed.ward_code == ""), known.ward_code[at], listed.ward_code),
    )


def _stacked(parts: list[PostcodeRows]) -> PostcodeRows:
    """The rows of `parts` (with no postcode in common) in one, ordered by postcode; `file` is of no more use then."""
    names = ("postcode", "easting", "northing", "quality", "terminated", "large_user", "district_code", "ward_code")
    arrays: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    arrays |= {name: np.concatenate([getattr(part, name) for part in parts]) for name in ("file", "row")}
    whole = PostcodeRows(files=sum((part.files for part in parts), ()), **arrays)
    return whole.take(np.argsort(whole.postcode, kind="stable"))


def _status(rows: PostcodeRows, listed: PostcodeRows | None) -> tuple[NDArray[np.int8], tuple[Absence, ...]]:
    unknown = rows.terminated == UNKNOWN
    ended = rows.terminated == YES
    if listed is not None:
        ended |= unknown & _in_areas(rows.postcode, _areas(listed.postcode))
    unlocated = ~ended & ~(np.isfinite(rows.easting) & np.isfinite(rows.northing))
    status = np.full(len(rows), PostcodeStatus.LIVE, dtype=np.int8)
    status[ended] = PostcodeStatus.TERMINATED
    status[unlocated] = PostcodeStatus.UNLOCATED
    open_question = unknown & ~ended
    if not open_question.any():
        return status, ()
    where = ", ".join(sorted(_areas(rows.postcode[open_question])))
    return status, (
        Absence(
            STATUS_ABSENT,
            f"{int(open_question.sum()):,} postcodes ({where}) come from a list that does not say which are "
            "terminated; all of them are treated as live. Add Code-Point Open, or NSPL in full.",
        ),
    )


def _accuracies(rows: PostcodeRows, status: NDArray[np.int8]) -> NDArray[np.float64]:
    accuracy_m = np.full(len(rows), np.nan)
    for quality, metres in ACCURACY_M.items():
        accuracy_m[rows.quality == quality] = metres
    good = (status == PostcodeStatus.LIVE) & (rows.quality >= 0) & (rows.quality < _SECTOR_MEAN)
    for i in np.flatnonzero((rows.quality == _SECTOR_MEAN) & np.isfinite(rows.easting)).tolist():
        # The rows are ordered by postcode, so a sector (all but the last two letters) is one stretch of them.
        sector = str(rows.postcode[i])[:-2]
        low, high = np.searchsorted(rows.postcode, [f"{sector}AA", f"{sector}ZZ"])
        stretch = np.arange(low, min(high + 1, len(rows)))
        near = stretch[good[stretch] & np.char.startswith(rows.postcode[stretch], sector)]
        accuracy_m[i] = sector_radius_m(rows.easting[near], rows.northing[near], (rows.easting[i], rows.northing[i]))
    accuracy_m[~np.isfinite(rows.easting)] = np.nan
    return accuracy_m


def _areas(postcodes: NDArray[np.str_]) -> set[str]:
    """The postcode areas (CB, PE) that occur; the two first characters are enough to tell them."""
    heads = np.unique(postcodes.astype("U2"))
    return {match.group() for head in heads.tolist() if (match := re.match("[A-Z]+", head))}


def _in_areas(postcodes: NDArray[np.str_], areas: set[str]) -> NDArray[np.bool_]:
    heads, of = np.unique(postcodes.astype("U2"), return_inverse=True)
    known = [(m := re.match("[A-Z]+", head)) is not None and m.group() in areas for head in heads.tolist()]
    within: NDArray[np.bool_] = np.array(known, dtype=bool)[of]
    return within


def _equal(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.bool_]:
    same: NDArray[np.bool_] = (a == b) | (np.isnan(a) & np.isnan(b))
    return same


def _nowhere(book: PostcodeBook, units: shapely.STRtree) -> SourceError:
    swapped = units_at(units, book.northing, book.easting) >= 0
    if swapped.any():
        return SourceError(
            "the postcodes' eastings and northings are swapped: they lie in the units only the other way round",
            remedy="Swap the two columns in the file, or download it again.",
        )
    return SourceError(
        "not one postcode lies in a unit",
        remedy="Are the postcodes of this force's postcode areas in the sources?",
    )
