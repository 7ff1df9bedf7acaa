"""How long residents of a beat drive to where the police can be met: for their page, in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo_policing.domain.facilities import Facility
from geo_policing.routing.costs import Direction
from geo_policing.services.base_times import base_times
from geo_policing.services.bases import as_base
from geo_policing.services.beat_facts import BeatFacts
from geo_policing.services.demand_points import demand_points
from geo_policing.services.drive_params import Driving
from geo_policing.services.drive_warming import is_warm, warm_soon
from geo_policing.services.quantiles import quantiles
from geo_policing.services.view import View
from geo_policing.services.worst_served import QUANTILES

TO_THE_DOOR = Driving(direction=Direction.INBOUND)


@dataclass(frozen=True)
class ContactTime:
    """Minutes by car, rounded up: half of the residents need at most `half`, nine in ten at most `most`."""

    half: int
    most: int


def contact_times(view: View, facts: BeatFacts) -> dict[str, ContactTime]:
    """The drive from where the beat's residents live to each of its offices and contact points, by facility id.

    A facility is absent where it has no place or no road leads to it from most homes; all are absent where the data
    has no roads, and until `drive_warming.warm` is done, which the first call has started.
    """
    if view.plan is None:
        return {}
    if not is_warm(view.dataset):
        warm_soon(view.dataset)
        return {}
    points = demand_points(view.dataset)
    index = view.plan.beats.index(facts.beat)
    here = np.flatnonzero(view.plan.beat_of_unit[points.unit] == index)
    weight = points.residents[points.unit[here]] * points.share[here]
    found = {}
    for facility in _placed(facts):
        seconds = base_times(view.dataset).of(as_base(facility), TO_THE_DOOR)[points.point[here]]
        half, most = quantiles(np.zeros(len(here), dtype=int), seconds, weight, 1, QUANTILES)[0] / 60
        if np.isfinite(most):
            found[facility.id] = ContactTime(max(1, int(np.ceil(half))), max(1, int(np.ceil(most))))
    return found


def _placed(facts: BeatFacts) -> list[Facility]:
    premises = (*facts.offices, *facts.contact_points)
    return [p.facility for p in premises if p.facility.easting_northing is not None]
