"""One list from several publishers: what is live, where it is, and which unit holds it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.datasets.findings import STATUS_ABSENT, TERMINATED_ABSENT, Finding
from geo_policing.datasets.postcode_rows import PostcodeRows
from geo_policing.datasets.postcodes import PostcodeBook, locate, merge, sector_radius_m
from geo_policing.datasets.schema import PostcodeStatus
from geo_policing.errors import SourceError
from tests.datasets.postcode_makers import NAN, rows

LIVE, TERMINATED, UNLOCATED = PostcodeStatus.LIVE, PostcodeStatus.TERMINATED, PostcodeStatus.UNLOCATED
# Two units of 100 m side by side, and a district over the border to the east.
UNITS = shapely.STRtree([shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)])
OVER = shapely.STRtree([shapely.box(200, 0, 300, 100)])


def statuses(book: PostcodeBook) -> dict[str, int]:
    return dict(zip(book.postcode.tolist(), book.status.tolist(), strict=True))


def named(findings: tuple[Finding, ...]) -> dict[str, tuple[int, tuple[str, ...]]]:
    return {finding.what: (finding.count, finding.examples) for finding in findings}


def short(*postcodes: str) -> PostcodeRows:
    """The short form of NSPL: no status, no quality."""
    return rows(*({"postcode": p, "terminated": -1, "quality": -1} for p in postcodes))


def test_code_point_alone_lists_the_live() -> None:
    book = merge(rows({"postcode": "ZZ11AB"}, {"postcode": "ZZ11AA", "quality": 90, "easting": NAN}), None)
    assert statuses(book) == {"ZZ11AA": UNLOCATED, "ZZ11AB": LIVE}
    assert [absence.what for absence in book.absent] == [TERMINATED_ABSENT]


def test_what_code_point_lacks_in_its_own_areas_is_terminated() -> None:
    book = merge(rows({"postcode": "ZZ11AA"}), short("ZZ11AA", "ZZ11AB", "Z11AA", "YY11AA"))
    assert statuses(book) == {"YY11AA": LIVE, "Z11AA": LIVE, "ZZ11AA": LIVE, "ZZ11AB": TERMINATED}
    (absence,) = book.absent
    assert absence.what == STATUS_ABSENT
    assert "2 postcodes (YY, Z)" in absence.effect


def test_the_short_form_alone_leaves_the_status_open() -> None:
    book = merge(None, short("ZZ11AA"))
    assert statuses(book) == {"ZZ11AA": LIVE}
    assert book.absent[0].what == STATUS_ABSENT


def test_the_full_form_says_what_is_terminated() -> None:
    directory = rows(
        {"postcode": "ZZ11AB", "terminated": 1},
        {"postcode": "ZZ11AC", "terminated": 0},
        {"postcode": "ZZ11AD", "terminated": 1, "easting": NAN, "northing": NAN, "quality": 90},
        {"postcode": "ZZ11AE", "terminated": 0, "easting": NAN, "northing": NAN, "quality": 90},
    )
    book = merge(rows({"postcode": "ZZ11AA"}), directory)
    assert statuses(book) == {
        "ZZ11AA": LIVE,
        "ZZ11AB": TERMINATED,
        "ZZ11AC": LIVE,
        "ZZ11AD": TERMINATED,
        "ZZ11AE": UNLOCATED,
    }
    assert named(book.repaired) == {
        "live postcodes that only the postcode directory has": (2, ("ZZ11AC", "ZZ11AE")),
    }
    assert book.absent == ()


def test_code_point_stands_where_the_two_disagree() -> None:
    listed = rows({"postcode": "ZZ11AA", "easting": 100.0}, {"postcode": "ZZ11AB", "district_code": "X01"})
    directory = rows(
        {"postcode": "ZZ11AA", "easting": 300.0, "large_user": True, "district_code": "X09", "ward_code": "W1"},
        {"postcode": "ZZ11AB", "terminated": 1, "district_code": "X09"},
    )
    book = merge(listed, directory)
    assert book.easting.tolist() == [100, 50]
    assert book.large_user.tolist() == [True, False]
    assert book.district_code.tolist() == ["X09", "X01"]
    assert book.ward_code.tolist() == ["W1", ""]
    assert statuses(book) == {"ZZ11AA": LIVE, "ZZ11AB": LIVE}
    assert named(book.repaired) == {
        "postcodes that Code-Point Open lists and the postcode directory calls terminated": (1, ("ZZ11AB",)),
        "postcodes whose two publishers place them more than 100 m apart": (1, ("ZZ11AA",)),
    }


def test_a_postcode_given_twice_is_kept_once_and_reported() -> None:
    directory = rows(
        {"postcode": "ZZ11AA", "terminated": 1, "easting": 10.0},
        {"postcode": "ZZ11AA", "terminated": 0, "easting": 20.0},
        {"postcode": "ZZ11AB"},
        {"postcode": "ZZ11AB"},
    )
    book = merge(None, directory)
    assert book.easting.tolist() == [20, 50]
    assert named(book.dropped) == {
        "postcodes given twice, differently": (1, ("ZZ11AA (made.csv row 1)",)),
        "repeated postcodes": (1, ("ZZ11AB (made.csv row 4)",)),
    }


def test_accuracy_follows_the_quality() -> None:
    entries = [{"postcode": f"ZZ1{i}AA", "quality": quality} for i, quality in enumerate((10, 20, 30, 40, 50, 80, -1))]
    accuracy_m = merge(rows(*entries), None).accuracy_m
    assert accuracy_m[:5].tolist() == [10, 10, 50, 100, 100]
    assert np.isnan(accuracy_m[5:]).all()


def test_a_sector_mean_is_as_accurate_as_its_sector_is_wide() -> None:
    others = [{"postcode": f"ZZ11A{c}", "easting": 1000.0 * i + 50} for i, c in enumerate("BDEF")]
    elsewhere = {"postcode": "ZZ12AA", "easting": 90_000.0}
    book = merge(rows({"postcode": "ZZ11AA", "quality": 60}, *others, elsewhere), None)
    # 95% of 0, 1000, 2000 and 3000 m, between the two last by linear interpolation: at 0.95 * 3 steps.
    assert book.accuracy_m[0] == pytest.approx(2850)
    alone = merge(rows({"quality": 60}), None)
    assert np.isnan(alone.accuracy_m[0])
    assert np.isnan(sector_radius_m([], [], (0, 0)))


def test_nothing_at_all_is_an_error() -> None:
    with pytest.raises(ValueError, match="both"):
        merge(None, None)
    with pytest.raises(SourceError, match=r"made\.csv: there is not one postcode in it"):
        merge(rows(), None)
    with pytest.raises(SourceError, match="not one postcode"):
        merge(rows(), rows())


def test_an_empty_directory_changes_nothing() -> None:
    assert statuses(merge(rows({}), rows())) == {"ZZ11AA": LIVE}


def located(*entries: dict[str, Any], outside: shapely.STRtree | None = None) -> Any:
    return locate(merge(rows(*entries), None), UNITS, snap_m=50, inside_codes=["X01"], outside=outside)


def test_the_point_decides_and_a_boundary_falls_to_the_lowest_row() -> None:
    found = located({"easting": 150.0}, {"postcode": "ZZ11AB", "easting": 100.0})
    assert found.table["unit"].tolist() == [1, 0]
    assert found.table["snapped_m"].tolist() == [0, 0]
    assert (found.dropped, found.repaired) == ((), ())


def test_a_point_in_no_unit_takes_the_nearest_and_says_how_far() -> None:
    found = located(
        {"easting": -30.0, "district_code": "X01"}, {"postcode": "ZZ11AB", "easting": -50.5}, {"postcode": "ZZ11AC"}
    )
    assert found.table["unit"].tolist() == [0, -1, 0]
    assert found.table["snapped_m"].tolist() == [30, 0, 0]
    assert named(found.repaired) == {"live postcodes that lie just outside every unit": (1, ("ZZ11AA",))}


def test_a_point_of_the_force_far_from_every_unit_is_counted() -> None:
    found = located({}, {"postcode": "ZZ11AB", "easting": -500.0, "district_code": "X01"})
    assert named(found.dropped) == {
        "live postcodes of the force's districts that lie in no unit": (1, ("ZZ11AB",)),
    }


def test_a_point_over_the_border_is_not_pulled_in() -> None:
    by_code = {"postcode": "ZZ11AB", "easting": 210.0, "district_code": "X09"}
    by_polygon = {"postcode": "ZZ11AC", "easting": 210.0}
    own_code = {"postcode": "ZZ11AD", "easting": 210.0, "district_code": "X01"}
    found = located({}, by_code, by_polygon, own_code, outside=OVER)
    assert found.table["unit"].tolist() == [0, -1, -1, 1]
    assert located({}, by_polygon).table["unit"].tolist() == [0, 1]


def test_a_point_in_a_unit_stays_there_whatever_its_code_says() -> None:
    assert located({"district_code": "X09"}, outside=OVER).table["unit"].tolist() == [0]


def test_a_postcode_without_a_location_has_no_unit() -> None:
    found = located({}, {"postcode": "ZZ11AB", "easting": NAN, "northing": NAN, "quality": 90})
    assert found.table["unit"].tolist() == [0, -1]
    assert found.table["status"].tolist() == [LIVE, UNLOCATED]


def test_swapped_coordinates_are_told_from_the_wrong_files() -> None:
    tall = shapely.STRtree([shapely.box(1000, 0, 1100, 100)])
    swapped = merge(rows({"easting": 50.0, "northing": 1050.0}), None)
    with pytest.raises(SourceError, match="swapped"):
        locate(swapped, tall, snap_m=50, inside_codes=[])
    with pytest.raises(SourceError, match=r"not one postcode lies in a unit\. Are the postcodes"):
        locate(merge(rows({"easting": 5e5, "northing": 5e5}), None), tall, snap_m=50, inside_codes=[])


letters = st.sampled_from("AB")
entries = st.lists(
    st.fixed_dictionaries(
        {
            "postcode": st.builds("ZZ{}1{}{}".format, st.sampled_from("12"), letters, letters),
            "easting": st.sampled_from([10.0, 150.0, -20.0, 900.0]),
            "terminated": st.sampled_from([-1, 0, 1]),
        }
    ),
    min_size=1,
    max_size=8,
)


@given(entries, entries)
def test_every_postcode_stands_once_in_order_and_code_points_are_live(
    listed: list[dict[str, Any]], known: list[dict[str, Any]]
) -> None:
    listed = [{**entry, "terminated": 0} for entry in listed]
    book = merge(rows(*listed), rows(*known))
    assert book.postcode.tolist() == sorted({e["postcode"] for e in listed + known})
    of = statuses(book)
    assert all(of[entry["postcode"]] == LIVE for entry in listed)
    rest = {e["postcode"]: e for e in known if e["postcode"] not in {x["postcode"] for x in listed}}
    assert all(of[p] in (LIVE, TERMINATED) for p in rest)


@given(st.permutations(["ZZ11AA", "ZZ11AB", "ZZ12AA", "YY11AA", "Z11AA"]))
def test_the_order_of_rows_does_not_matter(order: list[str]) -> None:
    easting = {postcode: 10.0 * i for i, postcode in enumerate(sorted(order), 1)}
    listed = rows(*({"postcode": p, "easting": easting[p]} for p in order[:3]))
    known = rows(*({"postcode": p, "easting": easting[p], "terminated": 1} for p in order))
    book = merge(listed, known)
    assert book.postcode.tolist() == sorted(order)
    assert book.easting.tolist() == [easting[p] for p in sorted(order)]
    assert {p for p, s in statuses(book).items() if s == LIVE} == set(order[:3])
