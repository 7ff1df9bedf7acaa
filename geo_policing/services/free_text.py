"""One field for everything: deciding what a line of free text asks for."""

from __future__ import annotations

import re

from geo_policing.domain.postcodes import AREAS, PostcodeReading, is_outward_only, read_postcode, what_else
from geo_policing.errors import InvalidInputError
from geo_policing.services.query_types import GridRefQuery, LookupQuery, PlaceQuery, PostcodeQuery
from geo_policing.services.query_values import clean, read_easting_northing, read_lat_lon
from geo_policing.spatial.crs import LATITUDE
from geo_policing.spatial.grid_refs import looks_like_grid_ref, read_grid_ref
from geo_policing.wording import worded

_DEGREES = r"([+-]?\d{1,3}(?:\.\d+)?)\s*°?\s*([NSEW]?)"
_TWO_DEGREES = re.compile(rf"\(?{_DEGREES}\s*[,;\s]\s*{_DEGREES}\)?", re.ASCII | re.IGNORECASE)
_TWO_METRES = re.compile(
    r"\(?(?:E\s*)?(\d{3,7}(?:\.\d+)?)\s*[,;\s]\s*(?:N\s*)?(\d{3,7}(?:\.\d+)?)\)?", re.ASCII | re.IGNORECASE
)
# Strict, so that a part of an address is only taken for a postcode where it can be nothing else.
_STRICT_POSTCODE = r"([A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2})"
# Maps and address books end an address with the country.
_COUNTRY = r"(?:[ ,.]+(?:UK|U\.K|GB|United Kingdom|Great Britain|England))?"
_POSTCODE_AT_END = re.compile(rf"(?:^|[\s,]){_STRICT_POSTCODE}{_COUNTRY}[ ,.]*$", re.ASCII | re.IGNORECASE)
_POSTCODE_AT_START = re.compile(rf"{_STRICT_POSTCODE}(?:( ?[,;])| [^,;])", re.ASCII | re.IGNORECASE)
# "B1 1st Avenue" is a flat and a street, unless a comma says that "B1 1ST" stands for itself.
_ORDINALS = ("1ST", "2ND", "3RD", "4TH", "5TH", "6TH", "7TH", "8TH", "9TH", "0TH")


def read_free_text(text: str) -> LookupQuery:
    """What `text` asks for: a postcode (also at either end of an address), a grid reference, "lat, lon", an easting and
    northing, else a place.

    Text that may be a place but looks like a part of a postcode, or a postal code of another country, becomes a
    place whose `if_unknown` says so. InvalidInputError as in `services.queries`, with `field` "postcode" (the one
    field there is) where the text is empty, too long, binary, or a code that is no place.

    >>> read_free_text("tl4558").asked
    'TL 45 58'
    """
    value = clean(text, "postcode", worded("What you typed"))
    return _coordinates(value) or _postcode(value) or _grid_ref(value) or _place(value)


def _coordinates(value: str) -> LookupQuery | None:
    degrees = _TWO_DEGREES.fullmatch(value)
    if degrees:
        first, first_side, second, second_side = (group.upper() for group in degrees.groups())
        a, b = _signed(first, first_side), _signed(second, second_side)
        if first_side in ("E", "W") or second_side in ("N", "S"):
            a, b = b, a
        # Two small whole numbers are no place on Earth that anyone would type.
        if first_side or "." in value or LATITUDE[0] <= float(a) <= LATITUDE[1]:
            return read_lat_lon(a, b)
    metres = _TWO_METRES.fullmatch(value)
    return read_easting_northing(metres[1], metres[2]) if metres else None


def _signed(number: str, side: str) -> str:
    return f"-{number}" if side in ("S", "W") and not number.startswith("-") else number


def _postcode(value: str) -> LookupQuery | None:
    within = _postcode_in_address(value)
    if within is not None:
        return within
    # Without a digit it may be a postcode all in slips ("cbi ijg"), but is first of all a name.
    if not any(c.isdigit() for c in value) or looks_like_grid_ref(value):
        return None
    try:
        return PostcodeQuery(read_postcode(value), value)
    except InvalidInputError:
        if "BFPO" in value.upper() or value.isdigit():
            raise
        return None


def _postcode_in_address(value: str) -> LookupQuery | None:
    at_end = _POSTCODE_AT_END.search(value)
    if at_end and (reading := read_postcode(at_end[1])).postcode.area in AREAS:
        return PostcodeQuery(reading, at_end[1])
    at_start = _POSTCODE_AT_START.match(value)
    if not at_start or (reading := read_postcode(at_start[1])).postcode.area not in AREAS:
        return None
    if at_start[2] is None and reading.postcode.inward in _ORDINALS:
        return PlaceQuery(value, or_postcode=reading)
    return PostcodeQuery(reading, at_start[1])


def _grid_ref(value: str) -> LookupQuery | None:
    # "SE10" is the first half of a London postcode to everyone but a surveyor.
    if not looks_like_grid_ref(value) or is_outward_only(value):
        return None
    return GridRefQuery(read_grid_ref(value))


def _place(value: str) -> PlaceQuery:
    return PlaceQuery(value, or_postcode=_all_in_slips(value), if_unknown=what_else(value))


def _all_in_slips(value: str) -> PostcodeReading | None:
    try:
        return read_postcode(value)
    except InvalidInputError:
        return None
