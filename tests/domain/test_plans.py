"""Which plan counts on which day."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from geo_policing.domain.plans import Plan, PlanState, first_plan_from, plan_in_force

DAY = date(2026, 6, 3)


def plan(plan_id: int, offset: int | None, state: PlanState = PlanState.PUBLISHED) -> Plan:
    effective = None if offset is None else DAY + timedelta(days=offset)
    return Plan(plan_id, f"Plan {plan_id}", state, "v1", "planner", effective)


def test_none_before_the_first_and_the_last_begun_after() -> None:
    plans = [plan(1, 0), plan(2, 10)]
    found = [plan_in_force(plans, DAY + timedelta(days=d)) for d in (-1, 0, 9, 10, 999)]
    assert [p.id if p else None for p in found] == [None, 1, 1, 2, 2]
    assert first_plan_from(plans) == DAY


def test_of_two_on_one_day_the_later_made_counts() -> None:
    found = plan_in_force([plan(2, 0), plan(1, 0)], DAY)
    assert found is not None
    assert found.id == 2


def test_only_published_plans_count() -> None:
    drafts = [plan(n, 0, state) for n, state in enumerate(PlanState) if state is not PlanState.PUBLISHED]
    assert plan_in_force([*drafts, plan(9, None, PlanState.DRAFT)], DAY) is None
    assert first_plan_from(drafts) is None
    assert plan_in_force([], DAY) is None


@given(offsets=st.lists(st.integers(-50, 50), max_size=6), day=st.integers(-60, 60))
def test_what_counts_has_begun_and_nothing_later_has(offsets: list[int], day: int) -> None:
    plans = [plan(n, offset) for n, offset in enumerate(offsets)]
    found = plan_in_force(plans, DAY + timedelta(days=day))
    begun = [(offset, n) for n, offset in enumerate(offsets) if offset <= day]
    assert (found.id if found else None) == (max(begun)[1] if begun else None)
