"""How long residents drive to where the police can be met, by hand on the tiny world's streets."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from geo_policing.clock import Clock
from geo_policing.datasets.dataset import Dataset
from geo_policing.domain.facilities import Facility
from geo_policing.services import contact_times as subject
from geo_policing.services import drive_ready
from geo_policing.services.beat_facts import beat_facts
from geo_policing.services.contact_times import ContactTime, contact_times
from geo_policing.services.drive_ready import make_missing
from geo_policing.services.live import Live
from geo_policing.services.view import View
from geo_policing.storage import facilities
from geo_policing.storage.audit import Change
from tests.support.live import NOON
from tests.support.tiny_roads import tiny_road_live, tiny_road_view
from tests.support.views import tiny_view

OFFICE, POINT = "eastham-library-enquiry-office", "eastham-library-contact-point"
# The library stands in the middle of u4: 0 s for its 100 residents, 100 s for u8's.
TOLD = {OFFICE: ContactTime(1, 2), POINT: ContactTime(1, 2)}


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    live = tiny_road_live(tmp_path)
    yield live
    live.close()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often a page had times made; nothing is made."""
    calls: list[int] = []

    def make_soon(dataset: Dataset, premises: Sequence[Facility]) -> None:
        calls.append(len(premises))

    monkeypatch.setattr(subject, "make_soon", make_soon)
    return calls


def times(view: View, slug: str) -> dict[str, ContactTime]:
    return contact_times(view, beat_facts(view, slug, Clock.fixed(NOON).now_local()))


def test_pages_say_nothing_until_times_are_made_and_ask_for_them(live: Live, asked: list[int]):
    view = live.view()
    assert times(view, "fen-end") == {}
    assert asked == [len(view.facilities)]
    make_missing(view.dataset, view.facilities)
    assert times(view, "fen-end") == TOLD
    assert len(asked) == 1


def test_without_roads_there_is_nothing_to_say(tmp_path: Path):
    view = tiny_view(tmp_path)
    assert times(view, "fen-end") == {}
    assert drive_ready.make_soon(view.dataset, view.facilities) is None


def test_a_page_tells_of_them_without_the_network_or_compiled_code(live: Live):
    view = live.view()
    make_missing(view.dataset, view.facilities)
    code = (
        "import sys\nfrom pathlib import Path\nfrom geo_policing.clock import Clock\n"
        "from geo_policing.config import Settings\nfrom geo_policing.services.beat_facts import beat_facts\n"
        "from geo_policing.services.contact_times import contact_times\nfrom geo_policing.services.live import Live\n"
        f"clock = Clock.fixed(__import__('datetime').datetime.fromisoformat({NOON.isoformat()!r}))\n"
        f"view = Live(Settings(data_dir=Path({str(view.dataset.path.parent.parent)!r})), clock).view()\n"
        "print(len(contact_times(view, beat_facts(view, 'fen-end', clock.now_local()))))\n"
        "print(sorted({'numba', 'geo_policing.routing._search'} & set(sys.modules)))\n"
        "print('roads' in view.dataset._derived)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["2", "[]", "False"]


def test_where_an_office_moves_the_others_are_told_until_its_own_time_is_there(live: Live, asked: list[int]):
    view = live.view()
    make_missing(view.dataset, view.facilities)
    office = next(f for f in view.facilities if f.id == OFFICE)
    with live.database.write() as connection:
        # A kilometre west of the middle of u4: 100 s for u4, 200 s for u8.
        moved = replace(office, easting_northing=(542_500.0, 260_500.0))
        facilities.save(connection, view.dataset.force.slug, moved, Change("ann", NOON))
    view = live.view()
    assert times(view, "fen-end") == {POINT: TOLD[POINT]}
    assert len(asked) == 1
    make_missing(view.dataset, view.facilities)
    assert times(view, "fen-end") == {OFFICE: ContactTime(2, 4), POINT: TOLD[POINT]}


def test_a_facility_that_no_road_is_near_is_left_out(live: Live, asked: list[int]):
    view = live.view()
    lost = tuple(
        replace(f, easting_northing=(f.easting_northing[0], 290_000.0)) if f.easting_northing else f
        for f in view.facilities
    )
    view = replace(view, facilities=lost)
    make_missing(view.dataset, view.facilities)
    assert times(view, "fen-end") == {}
    assert asked == []


def test_another_dataset_of_the_same_place_has_its_own_times(tmp_path: Path, asked: list[int]):
    first, second = (tiny_road_view(tmp_path / name) for name in ("first", "second"))
    make_missing(first.dataset, first.facilities)
    assert times(first, "fen-end") == TOLD
    assert times(second, "fen-end") == {}
