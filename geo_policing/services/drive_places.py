"""From what is asked (ids, points, postcodes) to places to drive from and to."""

from __future__ import annotations

from collections.abc import Sequence

from geo_policing.datasets.schema import PostcodeStatus
from geo_policing.domain.postcodes import PostcodeReading, read_postcode, shown
from geo_policing.errors import GeoPolicingError, InvalidInputError, NotFoundError
from geo_policing.services.bases import Base, Trial, base_by_id
from geo_policing.services.drive_params import BareText, BaseId, Place, TrialQuery
from geo_policing.services.indexes import postcode_index
from geo_policing.services.query_types import PointQuery
from geo_policing.services.view import View
from geo_policing.spatial.crs import to_easting_northing
from geo_policing.wording import worded


def resolve(view: View, asked: Place, point_id: str) -> Base:
    """The place itself; a point is called `point_id`. NotFoundError for a base or live postcode that is not there."""
    place = _read_bare(view, asked.text) if isinstance(asked, BareText) else asked
    if isinstance(place, BaseId):
        return base_by_id(view, place.id)
    if isinstance(place, PostcodeReading):
        return _postcode(view, place)
    return point(place, point_id)


def resolve_all(view: View, places: Sequence[Place]) -> tuple[Base, ...]:
    """`resolve` for each; points are called "point-1", "point-2", …"""
    return tuple(resolve(view, place, f"point-{i}") for i, place in enumerate(places, start=1))


def resolve_or_why(view: View, places: Sequence[Place]) -> list[Base | str]:
    """`resolve` for each, with what is wrong in the place of those that cannot be found."""
    found: list[Base | str] = []
    for i, place in enumerate(places, start=1):
        try:
            found.append(resolve(view, place, f"point-{i}"))
        except GeoPolicingError as error:
            found.append(str(error))
    return found


def trial_of(query: TrialQuery) -> Trial:
    """The trial with its places on the National Grid; bases that open are called "open-1", "open-2", …"""
    return Trial(
        query.close,
        tuple(point(at, f"open-{i}") for i, at in enumerate(query.open, start=1)),
        tuple((base_id, point(at, base_id)) for base_id, at in query.move),
    )


def point(query: PointQuery, point_id: str) -> Base:
    """A point as somewhere to drive from, named by its coordinates as given."""
    east, north = query.x, query.y
    if query.is_lon_lat:
        easting, northing = to_easting_northing([query.x], [query.y])
        east, north = float(easting[0]), float(northing[0])
    return Base(point_id, query.asked, east, north)


def _read_bare(view: View, text: str) -> BaseId | PostcodeReading:
    try:
        return BaseId(base_by_id(view, text).id)
    except NotFoundError:
        pass
    try:
        return read_postcode(text)
    except InvalidInputError as error:
        problem = worded("%(typed)s is neither the id of a response base nor a postcode.", typed=shown(text))
        raise NotFoundError(problem) from error


def _postcode(view: View, reading: PostcodeReading) -> Base:
    index = postcode_index(view.dataset)
    text = str(reading.postcode)
    row = index.find(text.replace(" ", ""))
    if row < 0 or index.columns["status"][row] != PostcodeStatus.LIVE:
        raise NotFoundError(
            worded("The postcode %(postcode)s is not in the data, not in use, or has no place.", postcode=text)
        )
    east, north = float(index.columns["easting"][row]), float(index.columns["northing"][row])
    accuracy_m = float(index.columns["accuracy_m"][row])
    return Base(text, text, east, north, None if accuracy_m != accuracy_m else accuracy_m)
