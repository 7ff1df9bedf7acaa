from __future__ import annotations

from dataclasses import replace

import pytest

from geo_policing.datasets.tables import Table
from geo_policing.services.choice_hints import names_near
from geo_policing.services.lookup import lookup
from geo_policing.services.queries import parse_query
from geo_policing.services.view import View
from tests.support.live import tiny_live


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> View:
    live = tiny_live(tmp_path_factory.mktemp("hints"))
    try:
        return live.view()
    finally:
        live.close()


def hints(view: View, **parameters: str) -> dict[str, tuple[str, ...]]:
    assert view.plan is not None
    slugs = {beat.id: beat.slug for beat in view.plan.beats}
    found = names_near(view, lookup(view, parse_query(parameters)))
    return {slugs[beat]: names for beat, names in found.items()}


class TestNamesNear:
    def test_names_only_what_lies_in_one_of_the_beats(self, view: View) -> None:
        # St Mary's Street runs through both beats of ZZ1 1AB, Westham's Mill Road through Abbey alone.
        assert hints(view, postcode="ZZ1 1AB") == {"abbey-westham": ("Mill Road",)}

    def test_has_nothing_to_add_to_a_sure_answer(self, view: View) -> None:
        assert hints(view, postcode="ZZ1 1AA") == {}

    def test_has_nothing_to_add_to_what_is_no_postcode(self, view: View) -> None:
        assert hints(view, place="St Mary's Street") == {}

    def test_needs_places_and_a_plan(self, view: View, tmp_path_factory: pytest.TempPathFactory) -> None:
        answer = lookup(view, parse_query({"postcode": "ZZ1 1AB"}))
        assert names_near(replace(view, plan=None), answer) == {}
        bare = tiny_live(tmp_path_factory.mktemp("bare"), changed_tables={"place_units": Table.empty("place_units")})
        try:
            assert names_near(bare.view(), answer) == {}
        finally:
            bare.close()
