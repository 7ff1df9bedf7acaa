"""Lookups on the tiny world, whose answers can be read off its map (tests/support/tiny.py)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo_policing.datasets.findings import (
    SETTLEMENTS_ABSENT,
    STATUS_ABSENT,
    STREETS_ABSENT,
    TERMINATED_ABSENT,
)
from geo_policing.datasets.tables import Table
from geo_policing.errors import InvalidInputError
from geo_policing.services.answers import Answer, NoteCode, Outcome
from geo_policing.services.locating import answer_point
from geo_policing.services.lookup import invalid_answer, lookup, warm
from geo_policing.services.methods import ABOUT, Method
from geo_policing.services.presentation import answer_to_json
from geo_policing.services.queries import parse_query, read_free_text
from geo_policing.services.ready import ready_for
from geo_policing.services.view import View
from tests.support import tiny
from tests.support.views import tiny_view, view_of, view_without_plan


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> View:
    return tiny_view(tmp_path_factory.mktemp("tiny"))


def ask(view: View, **params: str) -> Answer:
    return lookup(view, parse_query(params))


def beats(answer: Answer) -> list[tuple[str, float]]:
    return [(c.beat.slug, round(c.share, 9)) for c in answer.candidates]


def codes(answer: Answer) -> list[NoteCode]:
    return [note.code for note in answer.notes]


@pytest.mark.parametrize(
    ("postcode", "outcome", "expected", "notes"),
    [
        ("ZZ1 1AA", Outcome.ONE, [("abbey-westham", 1.0)], []),
        ("ZZ1 1AB", Outcome.MANY, [("abbey-westham", 0.6), ("market", 0.4)], []),
        ("ZZ1 1AC", Outcome.ONE, [("market", 0.9), ("abbey-westham", 0.1)], []),
        ("ZZ1 1AD", Outcome.TERMINATED, [], []),
        ("ZZ1 1AE", Outcome.NOT_FOUND, [], [NoteCode.UNLOCATED]),
        ("ZZ1 1AF", Outcome.ONE, [("abbey-eastham", 1.0)], [NoteCode.LARGE_USER]),
        ("ZZ1 1AG", Outcome.OUTSIDE, [], []),
        ("ZZ1 1AH", Outcome.ONE, [("abbey-westham", 1.0)], [NoteCode.SNAPPED_TO_NEAREST_UNIT]),
        ("ZZ1 2OO", Outcome.ONE, [("fen-end", 1.0)], []),
        ("ZZ9 9ZZ", Outcome.OUTSIDE, [], [NoteCode.NEIGHBOUR_UNNAMED]),
        ("ZZ1 1XX", Outcome.NOT_FOUND, [], []),
        ("CB1 1JG", Outcome.NOT_FOUND, [], []),
        ("JE2 3AB", Outcome.NOT_FOUND, [], []),
    ],
)
def test_every_kind_of_postcode_has_its_own_answer(
    view: View, postcode: str, outcome: Outcome, expected: list[tuple[str, float]], notes: list[NoteCode]
) -> None:
    answer = ask(view, postcode=postcode)
    assert (answer.outcome, beats(answer), codes(answer)) == (outcome, expected, notes)
    assert answer.asked == postcode
    assert answer.correction is None
    assert answer.as_of == view.as_of
    assert answer.data_version == view.dataset.data_version
    assert answer.method in ABOUT


def test_the_point_decides_even_against_a_larger_share(tmp_path: Path) -> None:
    shares = Table.of("postcode_units", postcode=[1, 1], unit=[0, 1], share=[0.1, 0.9])
    view = view_of(tiny.write_tiny(tmp_path, changed_tables={"postcode_units": shares}))
    answer = ask(view, postcode="ZZ1 1AB")
    assert answer.outcome is Outcome.MANY
    assert beats(answer) == [("abbey-westham", 0.1), ("market", 0.9)]


def test_shares_are_summed_by_beat_not_by_unit(tmp_path: Path) -> None:
    shares = Table.of("postcode_units", postcode=[1, 1, 1], unit=[0, 1, 4], share=[0.5, 0.2, 0.3])
    view = view_of(tiny.write_tiny(tmp_path, changed_tables={"postcode_units": shares}))
    answer = ask(view, postcode="ZZ1 1AB")
    assert answer.outcome is Outcome.ONE  # 0.5 and 0.3 lie in units of one beat
    assert beats(answer) == [("abbey-westham", 0.8), ("market", 0.2)]


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("voronoi_area", Method.POSTCODE_VORONOI_AREA),
        ("addresses", Method.POSTCODE_ADDRESSES),
        ("given", Method.POSTCODE_GIVEN),
    ],
)
def test_the_method_says_what_the_shares_are_of(tmp_path: Path, method: str, name: Method) -> None:
    view = tiny_view(tmp_path, postcode_share_method=method)
    assert ask(view, postcode="ZZ1 1AA").method == name


def test_without_shares_the_point_alone_decides(tmp_path: Path) -> None:
    none = {"postcode_units": Table.empty("postcode_units")}
    answer = ask(view_of(tiny.write_tiny(tmp_path, changed_tables=none)), postcode="ZZ1 1AB")
    assert (beats(answer), answer.method) == ([("abbey-westham", 1.0)], Method.POSTCODE_POINT)


def test_messages_for_unknown_postcodes_say_why(view: View) -> None:
    assert "begins with CB1" in ask(view, postcode="CB1 1JG").message
    assert "Jersey" in ask(view, postcode="JE2 3AB").message
    assert "no longer in use" in ask(view, postcode="ZZ1 1AD").message
    assert "does not say where" in ask(view, postcode="ZZ1 1AE").message


def test_data_of_a_few_postcodes_does_not_send_its_own_residents_away(tmp_path: Path) -> None:
    answer = ask(tiny_view(tmp_path, approximate=True), postcode="CB1 1JG")
    assert "knows only a few postcodes" in answer.message
    assert "outside" not in answer.message


def test_slips_are_shown(view: View) -> None:
    answer = ask(view, postcode="zzi iaa")
    assert answer.outcome is Outcome.ONE
    assert answer.correction is not None
    assert (answer.correction.typed, answer.correction.read_as) == ("zzi iaa", "ZZ1 1AA")
    assert ask(view, postcode="ZZI 1AD").outcome is Outcome.TERMINATED
    found = lookup(view, read_free_text("zzi iaa"))
    assert (found.outcome, found.correction) == (Outcome.ONE, answer.correction)


def test_neighbours_are_named_by_code_else_by_polygon(view: View, tmp_path: Path) -> None:
    answer = ask(view, postcode="ZZ1 1AG")
    assert answer.neighbour is not None
    assert (answer.neighbour.code, answer.method) == ("X03", Method.POSTCODE_DISTRICT_CODE)
    columns = dict(tiny.tables()["postcodes"].columns)
    columns["district_code"] = np.array([""] * 10)
    without_codes = {"postcodes": Table.of("postcodes", **columns)}
    by_polygon = ask(view_of(tiny.write_tiny(tmp_path, changed_tables=without_codes)), postcode="ZZ1 1AG")
    assert by_polygon.neighbour is not None
    assert (by_polygon.neighbour.name, by_polygon.method) == ("Farham", Method.POSTCODE_POINT)


@pytest.mark.parametrize(
    ("easting", "northing", "slug"),
    [
        ("540500", "260500", "abbey-westham"),
        ("541500", "261999.9", "market"),
        ("543999", "260001", "fen-end"),
        ("541000", "260500", "abbey-westham"),  # on a shared boundary: the lower row
        ("541000", "261000", "abbey-westham"),  # on a corner of four units
        ("542000", "260000", "market"),  # on the outline
    ],
)
def test_points_fall_to_one_beat_and_always_the_same(view: View, easting: str, northing: str, slug: str) -> None:
    answer = ask(view, easting=easting, northing=northing)
    assert (answer.outcome, beats(answer), answer.method) == (Outcome.ONE, [(slug, 1.0)], Method.POINT)


def test_points_outside(view: View) -> None:
    over = ask(view, easting="544500", northing="260500")
    assert over.neighbour is not None
    assert (over.outcome, over.neighbour.name) == (Outcome.OUTSIDE, "Farham")
    near = ask(view, easting="539960", northing="260500")
    assert (beats(near), codes(near)) == ([("abbey-westham", 1.0)], [NoteCode.SNAPPED_TO_NEAREST_UNIT])
    assert near.method == Method.POINT_NEAREST_UNIT
    assert "40 m" in near.notes[0].text
    far = ask(view, easting="539940", northing="260500")
    assert (far.outcome, far.neighbour, codes(far)) == (Outcome.OUTSIDE, None, [NoteCode.NEIGHBOUR_UNNAMED])


def test_a_point_of_an_own_district_beyond_its_units_takes_the_nearest(tmp_path: Path) -> None:
    columns = dict(tiny.tables()["districts"].columns)
    geometry = columns["geometry"].copy()
    geometry[0] = shapely.box(539_700, 260_000, 542_000, 262_000)
    wider = {"districts": Table.of("districts", **{**columns, "geometry": geometry})}
    view = view_of(tiny.write_tiny(tmp_path, changed_tables=wider))
    assert beats(ask(view, easting="539800", northing="260500")) == [("abbey-westham", 1.0)]


def test_degrees_are_the_same_point(view: View) -> None:
    # 540500, 260500 by the OS's own converter lies near 52.2241 N, 0.0566 E; the beat is a kilometre wide.
    answer = ask(view, lat="52.2241", lon="0.0566")
    assert beats(answer) == [("abbey-westham", 1.0)]
    assert answer.asked == "52.22410, 0.05660"


@pytest.mark.parametrize(
    ("grid_ref", "outcome", "expected"),
    [
        ("TL 40 60", Outcome.ONE, [("abbey-westham", 1.0)]),
        ("TL 4050 6050", Outcome.ONE, [("abbey-westham", 1.0)]),
        ("TL 44 60", Outcome.OUTSIDE, []),
        ("TL 4 6", Outcome.MANY, [(b, 0.02) for b in ("abbey-westham", "market", "abbey-eastham", "fen-end")]),
    ],
)
def test_grid_squares(view: View, grid_ref: str, outcome: Outcome, expected: list[tuple[str, float]]) -> None:
    answer = ask(view, grid_ref=grid_ref)
    assert (answer.outcome, beats(answer), answer.method) == (outcome, expected, Method.GRID_CELL)


def test_a_coarse_square_has_the_beat_of_its_middle_first(tmp_path: Path) -> None:
    # Units of 1 km, shifted by 300 m against the grid's squares.
    columns = dict(tiny.tables()["units"].columns)
    moved = shapely.transform(columns["geometry"], lambda xy: xy + np.array([300.0, 0.0]))
    view = view_of(
        tiny.write_tiny(tmp_path, changed_tables={"units": Table.of("units", **{**columns, "geometry": moved})})
    )
    answer = ask(view, grid_ref="TL 41 60")
    assert beats(answer) == [("market", 0.7), ("abbey-westham", 0.3)]
    assert answer.outcome is Outcome.MANY
    assert answer.accuracy_m == pytest.approx(707.1, abs=0.1)
    rim = ask(view, grid_ref="TL 40 60")
    assert beats(rim) == [("abbey-westham", 0.7)]
    assert (rim.outcome, codes(rim)) == (Outcome.ONE, [NoteCode.PARTLY_OUTSIDE])


@pytest.mark.parametrize(
    ("place", "outcome", "expected", "method"),
    [
        ("Fen End", Outcome.ONE, [("fen-end", 1.0)], Method.PLACE_RESIDENTS),
        ("Eastham", Outcome.MANY, [("abbey-eastham", 0.5), ("fen-end", 0.5)], Method.PLACE_RESIDENTS),
        ("St Mary's St", Outcome.MANY, [("abbey-westham", 0.5), ("market", 0.5)], Method.STREET_LENGTH),
        ("Over There", Outcome.OUTSIDE, [], Method.PLACE_DISTRICT),
        ("Mill Road", Outcome.AMBIGUOUS, [], Method.PLACE_NAME),
        ("Xyzzy", Outcome.NOT_FOUND, [], Method.PLACE_NAME),
    ],
)
def test_places(view: View, place: str, outcome: Outcome, expected: list[tuple[str, float]], method: Method) -> None:
    answer = ask(view, place=place)
    assert (answer.outcome, beats(answer), answer.method) == (outcome, expected, method)


def test_ambiguous_places_are_told_apart_and_answered_by_id(view: View) -> None:
    answer = ask(view, place="mill rd")
    assert [(o.id, o.near, o.district and o.district.name) for o in answer.places] == [
        ("mill-road-eastham", "Fen End", "Eastham"),
        ("mill-road-westham", "Market", "Westham"),
    ]
    chosen = ask(view, place_id=answer.places[1].id)
    assert (chosen.asked, beats(chosen)) == ("Mill Road, Market", [("abbey-westham", 1.0)])
    unknown = ask(view, place_id="gone")
    assert (unknown.outcome, unknown.field) == (Outcome.NOT_FOUND, "place_id")


def test_a_place_without_shares_is_where_its_point_is(tmp_path: Path) -> None:
    none = {"place_units": Table.empty("place_units")}
    view = view_of(tiny.write_tiny(tmp_path, changed_tables=none))
    answer = ask(view, place="Fen End")
    assert (beats(answer), answer.method) == ([("fen-end", 1.0)], Method.PLACE_POINT)


def test_a_half_postcode_is_told_what_is_missing(view: View) -> None:
    answer = lookup(view, read_free_text("CB1"))
    assert answer.outcome is Outcome.NOT_FOUND
    assert "first half" in answer.message


@pytest.mark.parametrize("first", [date(2026, 5, 1), None])
def test_before_the_first_plan_it_says_so(view: View, first: date | None) -> None:
    early = view_without_plan(view.dataset, date(2026, 4, 1), first)
    for params in ({"postcode": "ZZ1 1AA"}, {"postcode": "ZZ1 1AB"}, {"place": "Eastham"}, {"grid_ref": "TL4060"}):
        answer = ask(early, **params)
        assert (answer.outcome, codes(answer)) == (Outcome.NOT_FOUND, [NoteCode.NO_PLAN_YET])
        assert ("1 May 2026" in answer.message) is (first is not None)
    # What needs no plan is answered all the same.
    assert ask(early, postcode="ZZ1 1AG").outcome is Outcome.OUTSIDE
    assert ask(early, postcode="ZZ1 1AD").outcome is Outcome.TERMINATED


def test_approximate_data_and_unknown_status_are_noted(tmp_path: Path) -> None:
    absent = [{"what": STATUS_ABSENT, "effect": "Nobody knows."}]
    known = tiny.tables()["postcodes"]
    quality = np.where(known["postcode"] == "ZZ11AA", -1, known["quality"])
    postcodes = Table.of("postcodes", **{**known.columns, "quality": quality})
    view = tiny_view(tmp_path, approximate=True, absent=absent, changed_tables={"postcodes": postcodes})
    assert codes(ask(view, postcode="ZZ1 1AA")) == [NoteCode.APPROXIMATE_DATA, NoteCode.STATUS_UNKNOWN]
    # Code-Point Open, which gives a quality, lists only what is in use.
    assert codes(ask(view, postcode="ZZ1 1AC")) == [NoteCode.APPROXIMATE_DATA]
    for params in ({"place": "Mill Road"}, {"postcode": "ZZ1 1AD"}, {"easting": "1", "northing": "1"}):
        assert codes(ask(view, **params))[0] is NoteCode.APPROXIMATE_DATA
    assert answer_to_json(ask(view, place="Xyzzy"), view)["approximate"] is True


def test_teams_are_those_of_the_day(view: View) -> None:
    team = ask(view, postcode="ZZ1 1AA").candidates[0].team
    assert [post.collar_number for post in team] == ["PCSO 7101"]
    assert ask(view, postcode="ZZ1 2OO").candidates[0].team == ()


def test_a_beat_of_a_district_that_the_data_does_not_know_keeps_its_code(view: View) -> None:
    assert view.plan is not None
    odd = tuple(replace(beat, district_code="X77") for beat in view.plan.beats)
    answer = ask(view_of(view.dataset, beats=odd), postcode="ZZ1 1AA")
    assert answer.candidates[0].district.name == "X77"


def test_an_invalid_row_has_its_answer(view: View) -> None:
    answer = invalid_answer(view, InvalidInputError("lat is missing.", field="lat"))
    assert (answer.outcome, answer.message, answer.field) == (Outcome.INVALID, "lat is missing.", "lat")


def test_warming_makes_everything(view: View) -> None:
    fresh = view_of(view.dataset)
    warm(fresh)
    assert "ready" in fresh.__dict__["_derived"]
    assert "place_index" in view.dataset.__dict__["_derived"]


def test_a_point_that_no_projection_reaches_is_outside(view: View) -> None:
    answer = answer_point(ready_for(view), float("nan"), 1.0, asked="somewhere")
    assert (answer.outcome, codes(answer)) == (Outcome.OUTSIDE, [NoteCode.NEIGHBOUR_UNNAMED])


def test_a_live_postcode_without_a_point_or_a_known_district_is_outside_unnamed(tmp_path: Path) -> None:
    columns = dict(tiny.tables()["postcodes"].columns)
    columns["easting"] = np.where(columns["postcode"] == "ZZ99ZZ", np.nan, columns["easting"])
    table = {"postcodes": Table.of("postcodes", **columns)}
    answer = ask(view_of(tiny.write_tiny(tmp_path, changed_tables=table)), postcode="ZZ9 9ZZ")
    assert (answer.outcome, answer.neighbour, answer.method) == (Outcome.OUTSIDE, None, Method.POSTCODE_STATUS)


@pytest.mark.parametrize(
    ("absent", "postcode_message", "place_message"),
    [
        ([], "It may be new. Check", "called “Nowhere”. Check the spelling, or try a postcode."),
        ([TERMINATED_ABSENT], "It may be new, or no longer in use. Check", "called “Nowhere”. Check"),
        ([STREETS_ABSENT], "It may be new. Check", "called “Nowhere”: it has no names of streets. Try a postcode."),
        (
            [STREETS_ABSENT, SETTLEMENTS_ABSENT],
            "It may be new. Check",
            "“Nowhere”: it has no names of settlements and no names of streets. Try a postcode.",
        ),
    ],
)
def test_what_the_data_lacks_is_said_where_something_is_not_found(
    tmp_path: Path, absent: list[str], postcode_message: str, place_message: str
) -> None:
    columns = dict(tiny.tables()["postcodes"].columns)
    columns["postcode"] = np.array([code.replace("ZZ", "CB") for code in columns["postcode"].tolist()])
    manifest = {"absent": [{"what": what, "effect": ""} for what in absent]}
    view = view_of(
        tiny.write_tiny(tmp_path, changed_tables={"postcodes": Table.of("postcodes", **columns)}, **manifest)
    )
    assert postcode_message in ask(view, postcode="CB1 1XX").message
    assert place_message in ask(view, place="Nowhere").message
