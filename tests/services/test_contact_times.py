"""How long residents drive to where the police can be met, by hand on the tiny world's streets."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo_policing.clock import Clock
from geo_policing.datasets.dataset import Dataset
from geo_policing.errors import BusyError
from geo_policing.services import drive_warming
from geo_policing.services.beat_facts import beat_facts
from geo_policing.services.contact_times import ContactTime, contact_times
from geo_policing.services.drive_warming import is_warm, warm, warm_soon
from geo_policing.services.view import View
from tests.support.live import NOON
from tests.support.tiny_roads import tiny_road_live, tiny_road_view
from tests.support.views import tiny_view


def times(view: View, slug: str) -> dict[str, ContactTime]:
    return contact_times(view, beat_facts(view, slug, Clock.fixed(NOON).now_local()))


def test_pages_say_nothing_until_all_is_ready(tmp_path: Path):
    view = tiny_road_view(tmp_path)
    assert times(view, "fen-end") == {}
    warm(view.dataset)
    assert is_warm(view.dataset)
    # The library stands in the middle of u4: 0 s for its 100 residents, 100 s for u8's.
    assert times(view, "fen-end") == {
        "eastham-library-enquiry-office": ContactTime(1, 2),
        "eastham-library-contact-point": ContactTime(1, 2),
    }


def test_without_roads_nothing_gets_ready(tmp_path: Path):
    view = tiny_view(tmp_path)
    warm(view.dataset)
    assert not is_warm(view.dataset)
    assert times(view, "fen-end") == {}


def test_the_first_page_that_asks_has_it_made_ready_once(tmp_path: Path):
    live = tiny_road_live(tmp_path)
    view = live.view()
    thread = warm_soon(view.dataset)
    assert thread is not None
    assert warm_soon(view.dataset) is None
    thread.join(120)
    assert is_warm(view.dataset)
    assert times(view, "fen-end") != {}
    live.close()


def test_what_failed_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def busy(dataset: Dataset) -> None:
        raise BusyError("Try again shortly.")

    monkeypatch.setattr(drive_warming, "warm", busy)
    dataset = tiny_road_view(tmp_path).dataset
    for _ in range(2):
        thread = warm_soon(dataset)
        assert thread is not None
        thread.join(30)
