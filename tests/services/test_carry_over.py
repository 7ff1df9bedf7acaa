"""Taking in another dataset: reseeded, taken as it is, or carried over by best fit, with a report."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from geo_policing.clock import Clock
from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.schema import PostcodeStatus
from geo_policing.datasets.tables import Table
from geo_policing.domain.beats import Beat
from geo_policing.domain.plans import Plan, PlanException, PlanState
from geo_policing.services.carry_over import Adoption, SplitUnit, _best_fit, adopt, touched
from geo_policing.services.crosswalk import crosswalk
from geo_policing.services.seeding import seed
from geo_policing.storage import facilities, plans, postings
from geo_policing.storage.audit import Change
from geo_policing.storage.database import Database
from geo_policing.storage.schema import carry_overs
from tests.support import tiny

NOON = datetime(2026, 6, 3, 11, tzinfo=UTC)
CLOCK = Clock.fixed(NOON)
LATER = Clock.fixed(datetime(2026, 7, 1, 11, tzinfo=UTC))
ANN = Change("ann", NOON)
DAY = date(2026, 6, 3)


def world(name: str, boxes: list[shapely.Polygon], homes: list[tuple[float, float]], **manifest: Any) -> Dataset:
    """A dataset in memory with the given units (left of 542 km E in X01, else in X02) and live postcodes."""
    tree = shapely.STRtree(boxes)
    unit_of_home = [int(tree.query(shapely.Point(h), predicate="intersects").min()) for h in homes]
    rows = [
        (f"ZZ{i:05d}", e, n, 10, 10, PostcodeStatus.LIVE, False, "", "", unit, 0)
        for i, ((e, n), unit) in enumerate(zip(homes, unit_of_home, strict=True))
    ]
    pairs = [
        (a, b) for a in range(len(boxes)) for b in range(a + 1, len(boxes)) if boxes[a].intersection(boxes[b]).length
    ]
    tables = tiny.tables()
    tables["units"] = Table.of(
        "units",
        id=[f"{name}{i:02d}" for i in range(len(boxes))],
        district=[0 if box.centroid.x < 542_000 else 1 for box in boxes],
        lsoa=[""] * len(boxes),
        suggested_beat=[f"{name.upper()} {i}" for i in range(len(boxes))],
        population=[1.0] * len(boxes),
        geometry=boxes,
    )
    tables["adjacency"] = Table.of(
        "adjacency", a=[p[0] for p in pairs], b=[p[1] for p in pairs], shared_m=[1.0] * len(pairs)
    )
    tables["postcodes"] = tiny._rows("postcodes", rows) if rows else Table.empty("postcodes")
    dataset = Dataset(Path("nowhere"), f"version-{name}", tiny.manifest(**manifest))
    dataset.__dict__["_tables"] = tables
    return dataset


def strips(*edges: float) -> list[shapely.Polygon]:
    """Strips 1 km high between the given kilometres east of 540."""
    return [shapely.box(540_000 + a * 1000, 260_000, 540_000 + b * 1000, 261_000) for a, b in pairwise(edges)]


def at(*kilometres: float) -> list[tuple[float, float]]:
    return [(540_000 + k * 1000, 260_500.0) for k in kilometres]


OLD = world("old", strips(0, 1, 2, 3, 4), at(0.5, 1.5, 2.5, 3.5))
# n0 within old0; n1 over old0 and old1, most people in old1; n2 the rest of old1, nobody there; n3 all of X02.
NEW = world("new", strips(0, 0.5, 1.5, 2, 4), at(0.2, 0.9, 1.1, 1.2, 2.5, 3.1, 3.2))


def by_hand(database: Database, dataset: Dataset, *, state: PlanState = PlanState.PUBLISHED) -> int:
    """A plan by a person: Left is old0, Right is old1, East has old2 and old3."""
    units = dataset["units"]["id"].tolist()
    with database.write() as connection:
        new = plans.NewPlan("Ann's", dataset.data_version, "planner", "by hand", DAY)
        plan_id = plans.create(connection, new, ANN)
        beats = [
            Beat("a1", "left", "Left", "X01"),
            Beat("a2", "right", "Right", "X01"),
            Beat("a3", "east", "East", "X02"),
        ]
        plans.add_beats(connection, plan_id, beats)
        plans.fill(connection, plan_id, dict(zip(units, ["a1", "a2", "a3", "a3"], strict=True)), ANN, reason="mine")
        plans.set_state(connection, plan_id, state, ANN)
    return plan_id


def assignment(database: Database, plan_id: int) -> dict[str, str]:
    with database.read() as connection:
        return plans.assignments_of(connection, plan_id)


class TestAdopt:
    def adopt(self, database: Database, new: Dataset, old: Dataset | None, clock: Clock = LATER) -> Any:
        with database.write() as connection:
            return adopt(new, old, connection, clock)

    def test_without_plans_the_dataset_is_seeded(self, database: Database) -> None:
        assert self.adopt(database, NEW, None).adoption is Adoption.SEEDED
        with database.read() as connection:
            assert [p.origin for p in plans.heads(connection, data_version=NEW.data_version)] == ["seed"]

    def test_an_untouched_seed_is_replaced_and_kept_for_going_back(self, database: Database) -> None:
        with database.write() as connection:
            seed(OLD, connection, CLOCK)
            assert touched(connection) is False
        report = self.adopt(database, NEW, OLD)
        assert (report.adoption, report.plans) == (Adoption.RESEEDED, ())
        with database.read() as connection:
            (new_plan,) = plans.heads(connection, data_version=NEW.data_version)
            assert (new_plan.origin, new_plan.effective_from) == ("seed", date(2026, 7, 1))
            assert [b.name for b in plans.beats_of(connection, new_plan.id)] == ["NEW 0", "NEW 1", "NEW 2", "NEW 3"]
            assert [p.origin for p in plans.heads(connection, data_version=OLD.data_version)] == ["seed"]

    def test_adopting_again_leaves_the_plans_alone(self, database: Database) -> None:
        self.adopt(database, NEW, None)
        assert self.adopt(database, NEW, OLD).adoption is Adoption.PRESENT

    @pytest.mark.parametrize("what", ["posting", "facility"])
    def test_a_seed_that_somebody_built_on_is_carried_over(self, database: Database, what: str) -> None:
        with database.write() as connection:
            seed(OLD, connection, CLOCK)
            if what == "posting":
                postings.end(connection, postings.every(connection)[0].id, DAY, ANN)
            else:
                office = facilities.of_force(connection, "tiny")[0]
                facilities.save(connection, "tiny", replace(office, verified_on=DAY), ANN)
        assert self.adopt(database, NEW, OLD).adoption is Adoption.CARRIED

    def test_the_same_units_keep_their_plans_as_they_are(self, database: Database) -> None:
        plan_id = by_hand(database, OLD)
        again = replace(OLD, data_version="version-again")
        again.__dict__["_tables"] = OLD.__dict__["_tables"]
        report = self.adopt(database, again, OLD)
        assert report.adoption is Adoption.SAME_UNITS
        (carried,) = report.plans
        assert (carried.carried_from, carried.split, carried.lost) == (plan_id, (), ())
        assert assignment(database, carried.plan_id) == assignment(database, plan_id)
        with database.read() as connection:
            (head,) = plans.heads(connection, data_version="version-again")
            assert (head.name, head.state, head.origin, head.effective_from, head.method) == (
                "Ann's", PlanState.PUBLISHED, "carried", DAY, "by hand"
            )  # fmt: skip

    def test_best_fit_by_where_people_live(self, database: Database) -> None:
        plan_id = by_hand(database, OLD)
        (carried,) = self.adopt(database, NEW, OLD).plans
        assert assignment(database, carried.plan_id) == {"new00": "a1", "new01": "a2", "new02": "a2", "new03": "a3"}
        assert carried.split == (SplitUnit("new01", "a2", 0.6667),)
        assert carried.by_point == ("new02",)
        assert (carried.by_nearest, carried.lost) == ((), ())
        assert assignment(database, plan_id), "the old plan stays"

    def test_a_beat_that_loses_every_unit_is_reported(self, database: Database) -> None:
        by_hand(database, OLD)
        one_in_the_west = world("few", strips(0, 2, 4), at(0.1, 0.2, 1.5, 3.0))
        (carried,) = self.adopt(database, one_in_the_west, OLD).plans
        assert carried.lost == ("a2 Right",)
        with database.read() as connection:
            assert [b.id for b in plans.beats_of(connection, carried.plan_id)] == ["a1", "a3"]

    def test_land_that_is_new_goes_to_the_nearest_of_its_district(self, database: Database) -> None:
        by_hand(database, OLD)
        wider = world("wide", strips(-3, 0, 1, 2, 4), at(0.5, 1.5, 3))
        (carried,) = self.adopt(database, wider, OLD).plans
        assert carried.by_nearest == ("wide00",)
        assert assignment(database, carried.plan_id)["wide00"] == "a1"

    def test_people_over_the_border_do_not_pull_a_unit_out_of_its_district(self, database: Database) -> None:
        by_hand(database, OLD)
        moved = world("move", strips(0, 1.9, 2.1, 4), at(0.5, 1.95, 2.05, 2.06, 3.0))
        (carried,) = self.adopt(database, moved, OLD).plans
        # move01 (1.9-2.1 km) is in X02 by its middle at 2.0 km; its one home in X01 counts against its cleanness only.
        assert assignment(database, carried.plan_id)["move01"] == "a3"
        assert SplitUnit("move01", "a3", 0.6667) in carried.split

    def test_drafts_and_empty_drafts_come_too(self, database: Database) -> None:
        by_hand(database, OLD, state=PlanState.SUBMITTED)
        with database.write() as connection:
            plans.create(connection, plans.NewPlan("Nothing yet", OLD.data_version, "planner"), ANN)
        report = self.adopt(database, NEW, OLD)
        with database.read() as connection:
            heads = plans.heads(connection, data_version=NEW.data_version)
            assert [(h.name, h.state) for h in heads] == [
                ("Ann's", PlanState.SUBMITTED),
                ("Nothing yet", PlanState.DRAFT),
            ]
        assert assignment(database, report.plans[1].plan_id) == {}

    def test_new_codes_for_the_same_districts(self, database: Database) -> None:
        by_hand(database, OLD)
        recoded = world("code", strips(0, 1, 2, 3, 4), at(0.5, 1.5, 2.5, 3.5), force=RECODED)
        recoded.__dict__["_tables"]["districts"] = Table.of(
            "districts",
            **{**tiny.tables()["districts"].columns, "code": ["Y01", "Y02", "X03"]},
        )
        (carried,) = self.adopt(database, recoded, OLD).plans
        with database.read() as connection:
            found = {b.id: b.district_code for b in plans.beats_of(connection, carried.plan_id)}
        assert found == {"a1": "Y01", "a2": "Y01", "a3": "Y02"}

    def test_reasons_of_exceptions_are_kept_and_new_ones_found(self, database: Database) -> None:
        units = OLD["units"]["id"].tolist()
        with database.write() as connection:
            plan_id = plans.create(connection, plans.NewPlan("P", OLD.data_version, "planner", "", DAY), ANN)
            plans.add_beats(connection, plan_id, [Beat("a1", "all", "All", "X01"), Beat("a2", "mid", "Mid", "X01")])
            plans.fill(connection, plan_id, dict(zip(units, ["a1", "a2", "a1", "a1"], strict=True)), ANN, reason="r")
            plans.add_exceptions(connection, plan_id, [PlanException("a1", "detached", "By the council's wish.")])
        same = replace(OLD, data_version="version-same")
        same.__dict__["_tables"] = OLD.__dict__["_tables"]
        report = self.adopt(database, same, OLD)
        with database.read() as connection:
            assert plans.exceptions_of(connection, report.plans[0].plan_id) == (
                PlanException("a1", "detached", "By the council's wish."),
            )

    def test_the_report_is_kept(self, database: Database) -> None:
        by_hand(database, OLD)
        self.adopt(database, NEW, OLD)
        with database.read() as connection:
            row = connection.execute(select(carry_overs)).one()
        stored = json.loads(row.report)
        assert (row.from_data_version, row.to_data_version) == ("version-old", "version-new")
        assert stored["adoption"] == "carried"
        assert stored["plans"][0]["split"] == [{"unit": "new01", "beat": "a2", "share": 0.6667}]


RECODED = {
    **tiny.FORCE,
    "districts": {"Y01": "Westham", "Y02": "Eastham"},
    "areas": [],
    "facilities": [],
    "action_teams": [],
}


@given(
    old_edges=st.sets(st.integers(1, 39), min_size=1, max_size=8),
    new_edges=st.sets(st.integers(1, 39), min_size=1, max_size=8),
    homes=st.lists(st.integers(0, 79), max_size=20),
    labels=st.lists(st.integers(0, 3), min_size=10, max_size=10),
)
@settings(max_examples=60, deadline=None)
def test_every_new_unit_gets_exactly_one_beat_of_its_district(
    old_edges: set[int], new_edges: set[int], homes: list[int], labels: list[int]
) -> None:
    # The border of the districts at 2 km is always an edge.
    old = world("old", strips(0, *(e / 10 for e in sorted(old_edges | {20})), 4), [])
    new = world("new", strips(0, *(e / 10 for e in sorted(new_edges | {20})), 4), at(*(h / 20 + 0.01 for h in homes)))
    beats = tuple(Beat(f"a{i}", f"a{i}", f"A{i}", "X01" if i < 2 else "X02") for i in range(4))
    west = old["units"]["district"] == 0
    before = np.where(west, np.array(labels)[: len(west)] % 2, 2 + np.array(labels)[: len(west)] % 2).astype(np.int64)
    plan = Plan(1, "P", PlanState.PUBLISHED, "v", "planner", DAY)
    fit = _best_fit(plan, beats, before, crosswalk(old, new), new)
    codes = new["districts"]["code"][new["units"]["district"]]
    assert len(fit.beat_of_unit) == len(codes)
    assert all(beats[b].district_code == code for b, code in zip(fit.beat_of_unit.tolist(), codes, strict=True))
    used = {f"{beats[b].id} {beats[b].name}" for b in fit.beat_of_unit.tolist()}
    assert used | set(fit.report.lost) == {f"{b.id} {b.name}" for b in beats}
