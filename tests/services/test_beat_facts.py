from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from geo_policing.clock import LONDON
from geo_policing.domain.events import Event
from geo_policing.domain.facilities import Facility, FacilityKind
from geo_policing.domain.postings import Posting, Role
from geo_policing.domain.priorities import Priority
from geo_policing.domain.teams import ActionTeam
from geo_policing.errors import NotFoundError
from geo_policing.services.beat_facts import CONTACT_POINTS_SHOWN, beat_facts
from geo_policing.services.view import View
from tests.support.live import tiny_live

NOON = datetime(2026, 6, 3, 12, 0, tzinfo=LONDON)


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> View:
    live = tiny_live(tmp_path_factory.mktemp("beat-facts"))
    try:
        return live.view()
    finally:
        live.close()


def beat_id(view: View, slug: str) -> str:
    assert view.plan is not None
    return next(beat.id for beat in view.plan.beats if beat.slug == slug)


def point(name: str, easting: float, **more: object) -> Facility:
    made = Facility(name, FacilityKind.CONTACT_POINT, name, "X02", easting_northing=(easting, 260_500.0))
    return replace(made, **more)  # type: ignore[arg-type]


class TestTeam:
    def test_is_told_apart_by_role(self, view: View) -> None:
        market = beat_id(view, "market")
        sergeant = Posting(99, market, Role.SERGEANT, "PS 1", 1.0, date(2026, 1, 1))
        team = (*view.postings[market], sergeant)
        facts = beat_facts(replace(view, postings={market: team}), "market", NOON)
        assert [p.role for p in facts.pcsos] == [Role.PCSO]
        assert facts.others == (sergeant,)

    def test_is_empty_while_the_beat_is_vacant(self, view: View) -> None:
        facts = beat_facts(replace(view, postings={}), "market", NOON)
        assert (facts.pcsos, facts.others) == ((), ())

    def test_knows_its_district_and_area(self, view: View) -> None:
        district = beat_facts(view, "fen-end", NOON).district
        assert (district.code, district.name) == ("X02", "Eastham")
        assert district.area is not None
        assert district.area.code == "north"


class TestPremises:
    def test_offices_are_those_of_the_district(self, view: View) -> None:
        assert [p.facility.name for p in beat_facts(view, "market", NOON).offices] == ["Westham Police Station"]
        assert [p.facility.name for p in beat_facts(view, "fen-end", NOON).offices] == ["Eastham Library"]

    def test_openness_is_not_told_of_unverified_hours(self, view: View) -> None:
        office = beat_facts(view, "market", NOON).offices[0]
        assert office.is_open is None
        assert office.times[0] == (NOON.replace(hour=9), NOON.replace(hour=17))

    @pytest.mark.parametrize(("hour", "is_open"), [(8, False), (9, True), (16, True), (17, False)])
    def test_openness_is_told_of_verified_hours(self, view: View, hour: int, is_open: bool) -> None:
        verified = tuple(replace(f, verified_on=date(2026, 6, 1)) for f in view.facilities)
        facts = beat_facts(replace(view, facilities=verified), "market", NOON.replace(hour=hour))
        assert facts.offices[0].is_open is is_open

    def test_nothing_is_told_of_now_on_another_day(self, view: View) -> None:
        facts = beat_facts(replace(view, as_of=date(2026, 6, 4)), "market", NOON)
        assert facts.offices[0].times == ()
        assert facts.offices[0].is_open is None

    def test_contact_points_come_nearest_first_and_unplaced_last(self, view: View) -> None:
        # Fen End's two squares have their middle at easting 543 500.
        points = (
            point("far", 540_100),
            point("unplaced", 0, easting_northing=None),
            point("near", 543_400),
            point("other district", 543_500, district_code="X01"),
        )
        facts = beat_facts(replace(view, facilities=points), "fen-end", NOON)
        assert [p.facility.name for p in facts.contact_points] == ["near", "far", "unplaced"]

    def test_contact_points_are_few_enough_to_read(self, view: View) -> None:
        many = tuple(point(f"p{i}", 543_000 + i) for i in range(20))
        facts = beat_facts(replace(view, facilities=many), "fen-end", NOON)
        assert len(facts.contact_points) == CONTACT_POINTS_SHOWN


class TestOthers:
    def test_action_teams_are_those_that_serve_the_district(self, view: View) -> None:
        teams = (ActionTeam("a", "All", "."), ActionTeam("e", "East", ".", ("X02",)))
        with_teams = replace(view, action_teams=teams)
        assert beat_facts(with_teams, "market", NOON).action_teams == teams[:1]
        assert beat_facts(with_teams, "fen-end", NOON).action_teams == teams

    def test_priorities_and_events_are_the_beats_own(self, view: View) -> None:
        market = beat_id(view, "market")
        priority = Priority(1, market, "Bicycle theft", date(2026, 5, 1))
        event = Event(1, market, "Surgery", NOON)
        told = replace(view, priorities={market: (priority,)}, events={market: (event,)})
        facts = beat_facts(told, "market", NOON)
        assert (facts.priorities, facts.events) == ((priority,), (event,))
        elsewhere = beat_facts(told, "fen-end", NOON)
        assert (elsewhere.priorities, elsewhere.events) == ((), ())

    def test_settlements_are_told_whole_and_in_part(self, view: View) -> None:
        facts = beat_facts(view, "fen-end", NOON)
        assert facts.settlements == ("Fen End",)
        assert facts.partly == ()
        assert beat_facts(view, "market", NOON).settlements == ()


class TestNotFound:
    def test_no_such_beat(self, view: View) -> None:
        with pytest.raises(NotFoundError, match="can change when a new plan begins"):
            beat_facts(view, "atlantis", NOON)

    def test_no_plan(self, view: View) -> None:
        with pytest.raises(NotFoundError, match="No plan"):
            beat_facts(replace(view, plan=None), "market", NOON)
