"""Whose beat is this: one query in, one honest answer out."""

from __future__ import annotations

from geo_policing.errors import InvalidInputError
from geo_policing.services.answers import Answer, Outcome
from geo_policing.services.by_postcode import answer_postcode
from geo_policing.services.locating import answer_point, answer_square
from geo_policing.services.naming import answer_found, answer_place_id
from geo_policing.services.place_search import place_index
from geo_policing.services.query_types import (
    GridRefQuery,
    LookupQuery,
    PlaceIdQuery,
    PlaceQuery,
    PointQuery,
    PostcodeQuery,
)
from geo_policing.services.ready import Ready, ready_for
from geo_policing.services.view import View
from geo_policing.spatial.crs import to_easting_northing


def lookup(view: View, query: LookupQuery) -> Answer:
    """The answer to `query` from `view`, which must be the view of the day asked for (`query.as_of`).

    Every outcome but INVALID can come out; what cannot be read was refused when the query was made. Where no plan
    was in force on the day, what would have been a beat is NOT_FOUND with the note NO_PLAN_YET.
    """
    ready = ready_for(view)
    if isinstance(query, PostcodeQuery):
        row = ready.postcodes.find(query.reading.postcode.compact)
        return answer_postcode(ready, row, query.reading, query.typed)
    if isinstance(query, PointQuery):
        return _by_point(ready, query)
    if isinstance(query, GridRefQuery):
        return answer_square(ready, query.square, asked=query.asked)
    if isinstance(query, PlaceIdQuery):
        return answer_place_id(ready, query.place_id)
    return _by_name(ready, query)


def invalid_answer(view: View, error: InvalidInputError, *, asked: str = "") -> Answer:
    """The INVALID answer to a row of a bulk call that could not be read."""
    return ready_for(view).answer(Outcome.INVALID, asked=asked, message=str(error), field=error.field)


def warm(view: View) -> None:
    """Make everything that a first lookup would otherwise wait for; takes well under a second."""
    ready = ready_for(view)
    place_index(view.dataset).search("")
    ready.postcodes.outward_parts  # noqa: B018 - made at first use
    ready.units.at_point(0.0, 0.0)
    ready.districts.at_point(0.0, 0.0)
    to_easting_northing(0.0, 52.0)


def _by_point(ready: Ready, query: PointQuery) -> Answer:
    easting, northing = query.x, query.y
    if query.is_lon_lat:
        easting, northing = (float(value) for value in to_easting_northing(query.x, query.y))
    return answer_point(ready, easting, northing, asked=query.asked)


def _by_name(ready: Ready, query: PlaceQuery) -> Answer:
    found = place_index(ready.dataset).search(query.text)
    exact = bool(found.rows) and found.as_written
    if query.or_postcode is not None and not exact:
        row = ready.postcodes.find(query.or_postcode.postcode.compact)
        if row >= 0:
            return answer_postcode(ready, row, query.or_postcode, query.text)
    return answer_found(ready, query.text, found, if_unknown=query.if_unknown)
