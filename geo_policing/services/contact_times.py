"""How long residents of a beat drive to where the police can be met: for their page, in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo_policing.domain.facilities import Facility
from geo_policing.services.base_times import Times
from geo_policing.services.bases import as_base
from geo_policing.services.beat_facts import BeatFacts
from geo_policing.services.demand_points import demand_points
from geo_policing.services.drive_ready import TO_THE_DOOR, make_soon, times_ready
from geo_policing.services.quantiles import quantiles
from geo_policing.services.view import View
from geo_policing.services.worst_served import QUANTILES


@dataclass(frozen=True)
class ContactTime:
    """Minutes by car, rounded up: half of the residents need at most `half`, nine in ten at most `most`."""

    half: int
    most: int


def contact_times(view: View, facts: BeatFacts) -> dict[str, ContactTime]:
    """The drive from where the beat's residents live to each of its offices and contact points, by facility id.

    A facility is absent where it has no place or no road leads to it from most homes; all are absent where the data
    has no roads. One whose times are not ready (`services.drive_ready`) is absent until they are, and has them made.
    """
    facilities = _placed(facts)
    if view.plan is None or not facilities:
        return {}
    seconds = _ready(view, facilities)
    if len(seconds) < len(facilities):
        make_soon(view.dataset, view.facilities)
    if not seconds:
        return {}
    points = demand_points(view.dataset)
    index = view.plan.beats.index(facts.beat)
    here = np.flatnonzero(view.plan.beat_of_unit[points.unit] == index)
    weight = points.people[here]
    found = {}
    for facility_id, times in seconds.items():
        in_beat = times[points.point[here]]
        half, most = quantiles(np.zeros(len(here), dtype=int), in_beat, weight, 1, QUANTILES)[0] / 60
        if np.isfinite(most):
            found[facility_id] = ContactTime(max(1, int(np.ceil(half))), max(1, int(np.ceil(most))))
    return found


def _ready(view: View, facilities: list[Facility]) -> dict[str, Times]:
    """The times between the homes and each facility for which they are there without a search, by its id."""
    kept = times_ready(view.dataset)
    if kept is None:
        return {}
    times = {facility.id: kept.ready(as_base(facility), TO_THE_DOOR) for facility in facilities}
    return {facility_id: seconds for facility_id, seconds in times.items() if seconds is not None}


def _placed(facts: BeatFacts) -> list[Facility]:
    premises = (*facts.offices, *facts.contact_points)
    return [p.facility for p in premises if p.facility.easting_northing is not None]
