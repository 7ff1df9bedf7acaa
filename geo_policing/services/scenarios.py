"""Scenarios kept by name: read by everyone, written on the command line only, as over HTTP nobody can sign in yet."""

from __future__ import annotations

from typing import Any

import numpy as np

from geo_policing.domain.postcodes import shown
from geo_policing.domain.scenarios import Scenario
from geo_policing.errors import InvalidInputError
from geo_policing.services.bases import after, must_be_on_road
from geo_policing.services.drive_params import NO_TRIAL, TRIALS, Lists, TrialQuery, one
from geo_policing.services.drive_places import trial_of
from geo_policing.services.live import Live
from geo_policing.services.query_types import PointQuery
from geo_policing.services.query_values import clean
from geo_policing.services.roads import roads_of
from geo_policing.storage import scenarios
from geo_policing.storage.audit import Change

LONGEST_NAME = 60
PARAMETER = "scenario"
"""What names a kept scenario in an address."""


def keep(live: Live, name: str, trial: TrialQuery, *, note: str = "", actor: str) -> Scenario:
    """Keep `trial` as `name`, in the place of any scenario of that name.

    InvalidInputError for a name that is empty or too long and for a trial that changes nothing; else the errors of
    `services.bases.after`, so that what is kept can be measured on the day it is made.
    """
    name = clean(name, "name")
    if len(name) > LONGEST_NAME:
        raise InvalidInputError(f"name {shown(name)} has more than {LONGEST_NAME} characters.", field="name")
    if trial == NO_TRIAL:
        raise InvalidInputError("The scenario changes nothing. Give --close, --open or --move.", field="close")
    view, changes = live.view(), trial_of(trial)
    after(view, changes)
    must_be_on_road(roads_of(view.dataset), [*changes.open, *(to for _, to in changes.move)])
    scenario = Scenario(
        name,
        trial.close,
        tuple((at.y, at.x) for at in trial.open),
        tuple((base_id, at.y, at.x) for base_id, at in trial.move),
        note,
    )
    with live.database.write() as connection:
        scenarios.save(connection, view.dataset.force.slug, scenario, Change(actor, live.clock.now_utc()))
    return scenario


def kept(live: Live) -> tuple[Scenario, ...]:
    """Every scenario of the force, by name."""
    slug = live.view().dataset.force.slug
    with live.database.read() as connection:
        return scenarios.of_force(connection, slug)


def trial_kept(live: Live, name: str) -> TrialQuery:
    """The trial kept as `name`; NotFoundError for an unknown one."""
    slug = live.view().dataset.force.slug
    with live.database.read() as connection:
        found = scenarios.by_name(connection, slug, name)
    return TrialQuery(
        found.close,
        tuple(PointQuery(lon, lat, True) for lat, lon in found.open),
        tuple((base_id, PointQuery(lon, lat, True)) for base_id, lat, lon in found.move),
    )


def in_full(live: Live, params: Lists) -> Lists:
    """`params` with what a kept scenario closes, opens and moves in the place of its name.

    Without the parameter `scenario` they come back as they are. NotFoundError for an unknown name; InvalidInputError
    where it stands twice, or beside close, open or move.
    """
    if PARAMETER not in params:
        return params
    name = one(params, PARAMETER)
    beside = sorted(TRIALS & set(params))
    if beside:
        raise InvalidInputError(f"A scenario says what is tried; leave out {', '.join(beside)}.", field=PARAMETER)
    trial = trial_kept(live, name or "")
    asked = {key: values for key, values in params.items() if key != PARAMETER}
    return {**asked, **{key: values for key, values in as_lists(trial).items() if values}}


def as_lists(trial: TrialQuery) -> dict[str, list[str]]:
    """A trial as the parameters `close`, `open` and `move`, each a list that may be empty; points as WGS 84 degrees."""
    return {
        "close": list(trial.close),
        "open": [lat_lon_text(at) for at in trial.open],
        "move": [f"{base_id},{lat_lon_text(at)}" for base_id, at in trial.move],
    }


def lat_lon_text(at: PointQuery) -> str:
    """A point in degrees as a parameter has it, "LAT,LON", every digit kept and no exponent.

    >>> lat_lon_text(PointQuery(0.00001, 52.5, True))
    '52.5,0.00001'
    """
    return ",".join(np.format_float_positional(value, trim="-") for value in (at.y, at.x))


def to_json(scenario: Scenario) -> dict[str, Any]:
    """The scenario in plain JSON types; places are WGS 84 degrees."""
    return {
        "name": scenario.name,
        "note": scenario.note,
        "close": list(scenario.close),
        "open": [{"lat": lat, "lon": lon} for lat, lon in scenario.open],
        "move": [{"base": base_id, "lat": lat, "lon": lon} for base_id, lat, lon in scenario.move],
    }


def forget(live: Live, name: str, *, actor: str) -> None:
    """Remove the scenario `name`; NotFoundError for an unknown one."""
    slug = live.view().dataset.force.slug
    with live.database.write() as connection:
        scenarios.remove(connection, slug, name, Change(actor, live.clock.now_utc()))
