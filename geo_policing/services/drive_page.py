"""What the drive-time page is asked for, and the isochrones that answer it."""

from __future__ import annotations

from dataclasses import dataclass

from geo_policing.domain.postcodes import shown
from geo_policing.errors import InvalidInputError
from geo_policing.routing.field import Quality
from geo_policing.routing.speeds import Profile
from geo_policing.services.bases import base_by_id, bases_of
from geo_policing.services.drive_params import (
    BaseId,
    Driving,
    Lists,
    Place,
    one,
    read_choice,
    read_minutes,
    refuse_unknown,
)
from geo_policing.services.isochrones import IsochroneQuery
from geo_policing.services.query_types import PointQuery
from geo_policing.services.query_values import read_lat_lon
from geo_policing.services.view import View

DEFAULT_MINUTES = (5, 10, 15, 20)
PARAMETERS = frozenset({"base", "minutes", "profile", "trial"})


@dataclass(frozen=True)
class DrivePageQuery:
    """The bases by id (every one where none was chosen), whole minutes that rise, and where a trial base stands."""

    bases: tuple[str, ...]
    minutes: tuple[int, ...]
    profile: Profile
    trial: PointQuery | None

    def isochrones(self, *, bands: bool) -> IsochroneQuery:
        """The same as the API is asked it, at the quality of what is published."""
        places: tuple[Place, ...] = tuple(BaseId(base) for base in self.bases)
        places += (self.trial,) if self.trial is not None else ()
        minutes = tuple(float(m) for m in self.minutes)
        return IsochroneQuery(places, minutes, Driving(self.profile), bands=bands, quality=Quality.PUBLISHED)


def read_drive_page(view: View, params: Lists, *, most_bands: int) -> DrivePageQuery:
    """The page's query in an address's parameters.

    InvalidInputError names the field at fault: an unknown parameter, minutes that are not whole or are more than
    `most_bands`, a trial that is no "latitude, longitude". NotFoundError for a base that is not there.
    """
    refuse_unknown(params, PARAMETERS)
    # A form sends its empty fields too.
    params = {name: values for name, values in params.items() if any(text.strip() for text in values)}
    chosen = tuple(dict.fromkeys(text for text in params.get("base", ()) if text))
    bases = tuple(base_by_id(view, base_id).id for base_id in chosen) or tuple(b.id for b in bases_of(view))
    trial = one(params, "trial")
    return DrivePageQuery(
        bases,
        _whole_minutes(params, most_bands),
        read_choice(params, "profile", Profile.NORMAL),
        None if trial is None else _trial(trial),
    )


def _whole_minutes(params: Lists, most: int) -> tuple[int, ...]:
    if "minutes" not in params:
        return DEFAULT_MINUTES
    minutes = read_minutes(params)
    if any(value != int(value) for value in minutes):
        raise InvalidInputError("Give whole minutes, such as 5, 10, 15, 20", field="minutes")
    if len(minutes) > most:
        raise InvalidInputError(
            f"Give at most {most} times; {len(minutes)} could not be told apart on a map", field="minutes"
        )
    return tuple(int(value) for value in minutes)


def _trial(text: str) -> PointQuery:
    parts = text.split(",")
    if len(parts) != 2:
        raise InvalidInputError(
            f"{shown(text)} is not a latitude and a longitude with a comma between, such as 52.21, 0.12", field="trial"
        )
    try:
        return read_lat_lon(parts[0].strip(), parts[1].strip())
    except InvalidInputError as error:
        raise InvalidInputError(str(error), field="trial") from error
