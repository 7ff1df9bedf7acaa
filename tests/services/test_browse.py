from __future__ import annotations

from datetime import date
from pathlib import Path

from geo_policing.services.browse import beats_by_district, listed_places
from tests.support.tiny import write_tiny
from tests.support.views import tiny_view, view_without_plan


def test_lists_settlements_by_letter_with_their_beats(tmp_path: Path) -> None:
    listed = listed_places(tiny_view(tmp_path))
    # "Over There" lies over the border, and districts and streets are no settlements.
    assert [(letter, [p.name for p in places]) for letter, places in listed] == [("F", ["Fen End"])]
    place = listed[0][1][0]
    assert [beat.slug for beat in place.beats] == ["fen-end"]
    assert place.district is not None
    assert place.district.name == "Eastham"


def test_lists_beats_by_district(tmp_path: Path) -> None:
    listed = beats_by_district(tiny_view(tmp_path))
    assert [(district.name, [beat.slug for beat in beats]) for district, beats in listed] == [
        ("Eastham", ["abbey-eastham", "fen-end"]),
        ("Westham", ["abbey-westham", "market"]),
    ]


def test_nothing_without_a_plan(tmp_path: Path) -> None:
    view = view_without_plan(write_tiny(tmp_path), date(2026, 1, 1), None)
    assert listed_places(view) == ()
    assert beats_by_district(view) == ()
