"""All that a beat's page says, gathered from the plan, the dataset and the premises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import shapely

from geo_policing.datasets.dataset import Dataset
from geo_policing.domain import opening_hours
from geo_policing.domain.areas import District
from geo_policing.domain.beats import Beat
from geo_policing.domain.events import Event
from geo_policing.domain.facilities import Facility, FacilityKind
from geo_policing.domain.plans import PlanInForce
from geo_policing.domain.postings import Posting, Role
from geo_policing.domain.priorities import Priority
from geo_policing.domain.teams import ActionTeam
from geo_policing.errors import NotFoundError
from geo_policing.services.answers import LentPost
from geo_policing.services.indexes import district_index
from geo_policing.services.meetings import Meeting, meetings
from geo_policing.services.ready import cover_of
from geo_policing.services.view import View
from geo_policing.services.whereabouts import Whereabouts, whereabouts
from geo_policing.wording import worded

TIMES_SHOWN = 4
CONTACT_POINTS_SHOWN = 6
SETTLEMENTS_SHOWN = 12
# From this share of its residents on, a settlement is said to lie in the beat; from the lesser on, in part.
WITHIN_SHARE = 0.9
PARTLY_SHARE = 0.02


@dataclass(frozen=True)
class Premises:
    """A facility and when it is open next.

    `times` are (start, end) in Europe/London, empty where the hours are not known. `is_open` is None unless somebody
    has verified the hours and the page speaks of now. `whereabouts` is None where the place is not known well enough
    to point at.
    """

    facility: Facility
    times: tuple[tuple[datetime, datetime], ...] = ()
    is_open: bool | None = None
    whereabouts: Whereabouts | None = None

    @property
    def opens_next(self) -> datetime | None:
        """When it opens next where it is known to be closed now; None otherwise."""
        return self.times[0][0] if self.is_open is False and self.times else None


@dataclass(frozen=True)
class BeatFacts:
    """One beat on one day. Contact points and action teams are those of its district, nearest points first.

    `cover` are those from other beats who look after this one. `meetings` are all that is ahead at its contact points
    (`services.meetings.HORIZON`) and events, earliest first. `recorded` is the view's.
    """

    beat: Beat
    district: District
    pcsos: tuple[Posting, ...]
    others: tuple[Posting, ...]
    cover: tuple[LentPost, ...]
    offices: tuple[Premises, ...]
    contact_points: tuple[Premises, ...]
    action_teams: tuple[ActionTeam, ...]
    priorities: tuple[Priority, ...]
    events: tuple[Event, ...]
    meetings: tuple[Meeting, ...]
    recorded: Mapping[tuple[str, str], datetime]
    settlements: tuple[str, ...]
    partly: tuple[str, ...]


def beat_facts(view: View, slug: str, now: datetime) -> BeatFacts:
    """The facts of the beat published as `slug` in the plan of `view`, at the local time `now`.

    NotFoundError where no plan is in force on the view's day, or none of its beats has the slug.
    """
    plan = view.plan
    if plan is None:
        raise NotFoundError(worded("No plan of beats was in force on that day."))
    index = next((i for i, beat in enumerate(plan.beats) if beat.slug == slug), None)
    if index is None:
        raise NotFoundError(
            worded("No beat of the plan in force has this address. Beats can change when a new plan begins.")
        )
    beat = plan.beats[index]
    team = view.postings.get(beat.id, ())
    within, partly = _settlements(view.dataset, plan, index)
    points = _nearest_first(view, plan, index, now)
    events = view.events.get(beat.id, ())
    met_at = [p.facility for p in points] if view.as_of == now.date() else []
    return BeatFacts(
        beat=beat,
        district=district_index(view.dataset).by_code(beat.district_code),
        pcsos=tuple(p for p in team if p.role is Role.PCSO),
        others=tuple(p for p in team if p.role is not Role.PCSO),
        offices=_premises(view, beat, FacilityKind.ENQUIRY_OFFICE, now),
        cover=cover_of(view, beat),
        contact_points=points,
        action_teams=tuple(t for t in view.action_teams if t.serves(beat.district_code)),
        priorities=view.priorities.get(beat.id, ()),
        events=events,
        meetings=meetings(met_at, events, now),
        recorded=view.recorded,
        settlements=within,
        partly=partly,
    )


def _premises(view: View, beat: Beat, kind: FacilityKind, now: datetime) -> tuple[Premises, ...]:
    found = [f for f in view.facilities if f.kind is kind and f.district_code == beat.district_code]
    return tuple(_with_times(f, view, now) for f in found)


def _with_times(facility: Facility, view: View, now: datetime) -> Premises:
    where = whereabouts(view.dataset, facility)
    if not facility.opening_hours or view.as_of != now.date():
        return Premises(facility, whereabouts=where)
    times = tuple(opening_hours.next_times(facility.opening_hours, now, TIMES_SHOWN))
    if facility.verified_on is None:
        return Premises(facility, times, whereabouts=where)
    return Premises(facility, times, opening_hours.is_open(facility.opening_hours, now), where)


def _nearest_first(view: View, plan: PlanInForce, index: int, now: datetime) -> tuple[Premises, ...]:
    points = _premises(view, plan.beats[index], FacilityKind.CONTACT_POINT, now)
    units = np.asarray(view.dataset["units"]["geometry"])[plan.beat_of_unit == index]
    middle = shapely.centroid(shapely.multipoints(shapely.centroid(units)))

    def distance_m(premises: Premises) -> float:
        place = premises.facility.easting_northing
        return np.inf if place is None else float(shapely.distance(middle, shapely.Point(place)))

    return tuple(sorted(points, key=distance_m)[:CONTACT_POINTS_SHOWN])


def _settlements(dataset: Dataset, plan: PlanInForce, index: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the settlements that lie in the beat, and of those that do so in part; the largest first."""
    places, shares = dataset["places"], dataset["place_units"]
    here = plan.beat_of_unit[shares["unit"]] == index
    share = np.bincount(shares["place"][here], weights=shares["share"][here], minlength=len(places))
    rows = np.flatnonzero((places["kind"] == "settlement") & (share >= PARTLY_SHARE))
    rows = rows[np.argsort(-np.nan_to_num(places["population"][rows]), kind="stable")]
    within = places["name"][rows[share[rows] >= WITHIN_SHARE]]
    partly = places["name"][rows[share[rows] < WITHIN_SHARE]]
    return tuple(within[:SETTLEMENTS_SHOWN].tolist()), tuple(partly[:SETTLEMENTS_SHOWN].tolist())
