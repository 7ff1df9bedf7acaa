"""Speeds: the table, limits, settings, surfaces, response driving and a force's own values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from geo_policing.errors import ConfigError
from geo_policing.routing.speeds import KPH_PER_MPH, Profile, RoadClass, Setting, SpeedTable

DEFAULT = SpeedTable.default()


def kph(table: SpeedTable = DEFAULT, profile: Profile = Profile.NORMAL, **road: Any) -> float:
    values = {
        "road_class": RoadClass.PRIMARY,
        "urban": False,
        "limit_kph": np.nan,
        "dual": False,
        "slow_surface": False,
    }
    arrays = {name: np.array([value]) for name, value in {**values, **road}.items()}
    return float(table.kph(profile=profile, **arrays)[0])


def test_every_class_and_setting_has_a_row_with_a_reason() -> None:
    rows = DEFAULT.to_rows()
    assert {(r["road"], r["setting"]) for r in rows} == {(c.label, s.name.lower()) for c in RoadClass for s in Setting}
    assert all(row["reason"] and 10 <= row["average_kph"] <= 110 for row in rows)


def test_the_law_speaks_where_no_limit_is_tagged() -> None:
    share = DEFAULT.rows[RoadClass.PRIMARY, Setting.RURAL].share
    assert kph() == pytest.approx(60 * KPH_PER_MPH * share)
    assert kph(dual=True) == pytest.approx(70 * KPH_PER_MPH * share)
    assert kph(urban=True) == pytest.approx(30 * KPH_PER_MPH * DEFAULT.rows[RoadClass.PRIMARY, Setting.URBAN].share)


def test_a_tagged_limit_counts_but_not_against_a_slow_class() -> None:
    assert kph(limit_kph=80.0) == pytest.approx(80 * DEFAULT.rows[RoadClass.PRIMARY, Setting.RURAL].share)
    assert kph(road_class=RoadClass.SERVICE, limit_kph=96.0) == kph(road_class=RoadClass.SERVICE)
    assert kph(road_class=RoadClass.SERVICE, limit_kph=8.0) == pytest.approx(4)


def test_gravel_is_slow() -> None:
    assert kph(slow_surface=True) == 30
    assert kph(slow_surface=True, road_class=RoadClass.SERVICE) == kph(road_class=RoadClass.SERVICE)


def test_response_is_low_central_and_high() -> None:
    factors = [kph(profile=p) / kph() for p in (Profile.RESPONSE_LOW, Profile.RESPONSE, Profile.RESPONSE_HIGH)]
    assert factors == pytest.approx(list(DEFAULT.rows[RoadClass.PRIMARY, Setting.RURAL].response))


def test_country_roads_average_what_the_department_publishes() -> None:
    """Motorways and trunk roads lie around the strategic network's 59.0 mph, A roads around 25.4 mph in all."""
    assert 55 < kph(road_class=RoadClass.MOTORWAY) / KPH_PER_MPH < 63
    assert 55 < kph(road_class=RoadClass.TRUNK, dual=True) / KPH_PER_MPH < 63
    assert kph(urban=True) / KPH_PER_MPH < 25.4 < kph() / KPH_PER_MPH


def test_a_force_has_its_own_speeds() -> None:
    own = DEFAULT.with_overrides(
        kph={"primary": 50.0, "residential.urban": 20.0}, response={"primary.rural": (1.0, 1.1, 1.2)}
    )
    assert kph(own) == kph(own, urban=True) == kph(own, limit_kph=96.0) == 50
    assert kph(own, road_class=RoadClass.RESIDENTIAL, urban=True) == 20
    assert kph(own, road_class=RoadClass.RESIDENTIAL) == kph(road_class=RoadClass.RESIDENTIAL)
    assert kph(own, profile=Profile.RESPONSE) == pytest.approx(55)


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"kph": {"primary": -5.0}}, "primary = -5.0 is not between"),
        ({"kph": {"primary": 0.0}}, "is not between"),
        ({"kph": {"primary": 9999.0}}, "is not between"),
        ({"kph": {"primary": float("nan")}}, "is not between"),
        ({"kph": {"autobahn": 90.0}}, "'autobahn' is no road class"),
        ({"kph": {"primary.village": 30.0}}, "'primary.village' is no road class"),
        ({"response": {"primary": (1.2, 1.1, 1.3)}}, "is not low <= central <= high"),
        ({"response": {"primary": (1.0, 1.1, 9.0)}}, "is not low <= central <= high"),
    ],
)
def test_wrong_overrides_are_named(overrides: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        DEFAULT.with_overrides(**overrides)
