"""What the drive-time page is asked for, and the questions to the services that answer it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from geo_policing.domain.postcodes import shown
from geo_policing.errors import InvalidInputError
from geo_policing.routing.field import Quality
from geo_policing.routing.speeds import Profile
from geo_policing.services.bases import base_by_id, bases_of
from geo_policing.services.coverage import CoverageQuery
from geo_policing.services.demand_points import MEASURES
from geo_policing.services.drive_params import (
    NO_TRIAL,
    Driving,
    Lists,
    TrialQuery,
    one,
    read_choice,
    read_minutes,
    read_worse_by,
    refuse_unknown,
)
from geo_policing.services.isochrones import IsochroneQuery
from geo_policing.services.live import Live
from geo_policing.services.query_types import PointQuery
from geo_policing.services.query_values import read_lat_lon
from geo_policing.services.scenarios import as_lists, lat_lon_text, trial_kept
from geo_policing.services.view import View
from geo_policing.wording import worded

DEFAULT_MINUTES = (5, 10, 15, 20)
DEFAULT_WORSE_BY = 2.0
LEVELS = ("district", "ward", "beat")
CHANGES = frozenset({"base", "trial", "instead"})
PARAMETERS = CHANGES | {"minutes", "profile", "scenario", "level", "count", "worse_by"}


@dataclass(frozen=True)
class DrivePageQuery:
    """What the page shows.

    `bases` are those of today that do not close, by id. `minutes` are whole and rise. `change` is all that differs from
    today: what a kept `scenario` ("" for none) changes, else the bases that are not chosen, and the trial base, which
    stands beside the others or in the place of the base `instead` ("" for none). `level` and `count` say
    what the table has a row for, and what it counts.
    """

    bases: tuple[str, ...] = ()
    minutes: tuple[int, ...] = DEFAULT_MINUTES
    profile: Profile = Profile.NORMAL
    change: TrialQuery = NO_TRIAL
    trial: PointQuery | None = None
    instead: str = ""
    scenario: str = ""
    level: str = LEVELS[0]
    count: str = MEASURES[0]
    worse_by: float = DEFAULT_WORSE_BY

    @property
    def driving(self) -> Driving:
        """How it is driven, on the day that is shown."""
        return Driving(self.profile)

    def isochrones(self, *, bands: bool) -> IsochroneQuery:
        """The same as the API is asked it, at the quality of what is published."""
        minutes = tuple(float(m) for m in self.minutes)
        return IsochroneQuery((), minutes, self.driving, self.change, bands=bands, quality=Quality.PUBLISHED)

    def coverage(self, *levels: str) -> CoverageQuery:
        """The counts on `levels`."""
        minutes = tuple(float(m) for m in self.minutes)
        return CoverageQuery(minutes, self.driving, self.change, levels, worse_by=self.worse_by)

    def within(self, minutes: int) -> CoverageQuery:
        """What the change gains and loses within `minutes`."""
        return replace(self.coverage("force"), minutes=(float(minutes),))

    def address(self) -> list[tuple[str, str]]:
        """What was asked, as an address's parameters; what is usual is left out."""
        found = [("scenario", self.scenario)] if self.scenario else self._own_changes()
        usual = DrivePageQuery()
        if self.minutes != usual.minutes:
            found.append(("minutes", ",".join(str(m) for m in self.minutes)))
        names = [name for name in ("profile", "level", "count") if getattr(self, name) != getattr(usual, name)]
        found += [(name, str(getattr(self, name))) for name in names]
        return found + ([("worse_by", f"{self.worse_by:g}")] if self.worse_by != usual.worse_by else [])

    def _own_changes(self) -> list[tuple[str, str]]:
        found = [("base", base_id) for base_id in self.bases] if self.change.close else []
        if self.trial is not None:
            found.append(("trial", lat_lon_text(self.trial)))
        return found + ([("instead", self.instead)] if self.instead else [])

    def api_address(self) -> list[tuple[str, str]]:
        """The same for the API's coverage: minutes, speed and what changes."""
        found = [("minutes", ",".join(str(m) for m in self.minutes)), ("profile", str(self.profile))]
        if self.scenario:
            return [*found, ("scenario", self.scenario)]
        return found + [(name, value) for name, values in as_lists(self.change).items() for value in values]


def read_drive_page(live: Live, view: View, params: Lists, *, most_bands: int) -> DrivePageQuery:
    """The page's query in an address's parameters.

    InvalidInputError names the field at fault: an unknown parameter, minutes that are not whole or are more than
    `most_bands`, a trial that is no "latitude, longitude", a scenario beside changes of one's own. NotFoundError for a
    base or scenario that is not there.
    """
    refuse_unknown(params, PARAMETERS)
    # A form sends its empty fields too.
    params = {name: values for name, values in params.items() if any(text.strip() for text in values)}
    query = DrivePageQuery(
        minutes=_whole_minutes(params, most_bands),
        profile=read_choice(params, "profile", Profile.NORMAL),
        level=_word(params, "level", LEVELS),
        count=_word(params, "count", MEASURES),
        worse_by=read_worse_by(params, DEFAULT_WORSE_BY),
    )
    name = one(params, "scenario")
    if name is None:
        return _with_own_changes(view, query, params)
    if CHANGES & set(params):
        raise InvalidInputError(worded("A scenario says which bases there are; leave out the others"), field="scenario")
    change = trial_kept(live, name)
    return replace(query, scenario=name, change=change, bases=_open(view, change))


def _with_own_changes(view: View, query: DrivePageQuery, params: Lists) -> DrivePageQuery:
    chosen = {base_by_id(view, base_id).id for base_id in params.get("base", ()) if base_id}
    where, instead = one(params, "trial"), one(params, "instead")
    trial, moved = None if where is None else _trial(where), "" if instead is None else base_by_id(view, instead).id
    if moved and trial is None:
        raise InvalidInputError(worded("Give the place to which the base moves"), field="trial")
    # A base that moves stays, whether it is ticked or not.
    closed = tuple(b.id for b in bases_of(view) if chosen and b.id not in chosen and b.id != moved)
    opened, moves = ((), ((moved, trial),)) if moved and trial else ((trial,) if trial else (), ())
    change = TrialQuery(closed, opened, moves)
    return replace(query, change=change, bases=_open(view, change), trial=trial, instead=moved)


def _open(view: View, change: TrialQuery) -> tuple[str, ...]:
    closed = {base_by_id(view, base_id).id for base_id in change.close}
    return tuple(base.id for base in bases_of(view) if base.id not in closed)


def _whole_minutes(params: Lists, most: int) -> tuple[int, ...]:
    if "minutes" not in params:
        return DEFAULT_MINUTES
    minutes = read_minutes(params)
    if any(value != int(value) for value in minutes):
        raise InvalidInputError(worded("Give whole minutes, such as 5, 10, 15, 20"), field="minutes")
    if len(minutes) > most:
        raise InvalidInputError(
            worded(
                "Give at most %(most)s times; %(count)s could not be told apart on a map", most=most, count=len(minutes)
            ),
            field="minutes",
        )
    return tuple(int(value) for value in minutes)


def _word(params: Lists, name: str, words: tuple[str, ...]) -> str:
    text = one(params, name)
    if text is not None and text not in words:
        raise InvalidInputError(
            worded("%(name)s %(typed)s is none of %(known)s.", name=name, typed=shown(text), known=", ".join(words)),
            field=name,
        )
    return text or words[0]


def _trial(text: str) -> PointQuery:
    parts = text.split(",")
    if len(parts) != 2:
        raise InvalidInputError(
            worded(
                "%(typed)s is not a latitude and a longitude with a comma between, such as 52.21, 0.12",
                typed=shown(text),
            ),
            field="trial",
        )
    try:
        return read_lat_lon(parts[0].strip(), parts[1].strip())
    except InvalidInputError as error:
        raise InvalidInputError(error.args[0], field="trial") from error
