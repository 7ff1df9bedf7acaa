"""Reading single values of a query: text, days and coordinates.

Everything that is wrong is an InvalidInputError that names the parameter (`field`), what was given, and what would
be right.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from geo_policing.domain.postcodes import shown
from geo_policing.errors import InvalidInputError
from geo_policing.services.query_types import PointQuery
from geo_policing.spatial.crs import EASTING_M, LATITUDE, LONGITUDE, NORTHING_M
from geo_policing.wording import sentences, worded

LONGEST_VALUE = 200
"""Characters in a parameter: more than any place name, address or coordinate needs."""
YEARS = (1900, 2200)
_IGNORED = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"))
"""Invisible characters that come along with a paste."""
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_SAMPLE = {"lat": "52.2", "lon": "-0.25", "easting": "545000", "northing": "258000"}


def clean(value: str, field: str, called: str = "") -> str:
    """`value` without invisible characters, its white space made single spaces.

    InvalidInputError where it is no text, is empty or over-long, or holds control characters; it speaks of the value
    as `called`, else by `field`.
    """
    called = called or field
    if not isinstance(value, str):
        raise InvalidInputError(f"{called} is not text but {type(value).__name__}. Send it as text.", field=field)
    if len(value) > LONGEST_VALUE:
        raise InvalidInputError(
            worded(
                "%(called)s is too long: %(length)s characters, and at most %(most)s are read. Shorten it.",
                called=called,
                length=len(value),
                most=LONGEST_VALUE,
            ),
            field=field,
        )
    if value.isascii() and value.isprintable():
        cleaned = " ".join(value.split())
    else:
        cleaned = " ".join(value.translate(_IGNORED).split())
        if any(unicodedata.category(c) in {"Cc", "Cs", "Co", "Cn", "Cf"} for c in cleaned):
            raise InvalidInputError(
                worded(
                    "%(called)s holds characters that are no text: %(typed)s. Type it anew.",
                    called=called,
                    typed=shown(cleaned),
                ),
                field=field,
            )
    if not cleaned:
        raise InvalidInputError(
            worded("%(called)s is empty. Give a value, or leave it out.", called=called), field=field
        )
    return cleaned


def read_day(text: str, field: str = "as_of") -> date:
    """A day as YYYY-MM-DD between the years of `YEARS`; InvalidInputError else."""
    value = clean(text, field)
    try:
        day = date.fromisoformat(value) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value, re.ASCII) else None
    except ValueError:
        day = None
    if day is None or not YEARS[0] <= day.year <= YEARS[1]:
        raise InvalidInputError(
            worded(
                "%(field)s %(typed)s is not a day from %(first)s to %(last)s. Give it as in 2026-03-31.",
                field=field,
                typed=shown(value),
                first=str(YEARS[0]),
                last=str(YEARS[1]),
            ),
            field=field,
        )
    return day


def read_lat_lon(lat: str, lon: str, *, as_of: date | None = None) -> PointQuery:
    """A point in WGS 84 degrees; InvalidInputError where it is no number, swapped, or beyond Great Britain."""
    y, x = read_number(lat, "lat"), read_number(lon, "lon")
    if _in(y, LATITUDE) and _in(x, LONGITUDE):
        return PointQuery(x, y, True, as_of)
    if _in(x, LATITUDE) and _in(y, LONGITUDE):
        raise InvalidInputError(
            f"lat {lat} and lon {lon} are swapped: in Britain the latitude is the one near 50 to 61. "
            f"Give lat {lon} and lon {lat}.",
            field="lat",
            meant=f"{lon}, {lat}",
        )
    if abs(y) > 90 and _in(x, NORTHING_M) and _in(y, EASTING_M):
        raise InvalidInputError(
            worded(
                "lat %(lat)s and lon %(lon)s look like metres of the National Grid. Give them as easting and northing.",
                lat=lat,
                lon=lon,
            ),
            field="lat",
        )
    field, low, high = ("lon", *LONGITUDE) if _in(y, LATITUDE) else ("lat", *LATITUDE)
    given = lon if field == "lon" else lat
    raise InvalidInputError(
        worded(
            "%(field)s %(typed)s is not in Great Britain, which lies between %(low)s and %(high)s degrees.",
            field=field,
            typed=shown(given),
            low=f"{low:g}",
            high=f"{high:g}",
        ),
        field=field,
    )


def read_easting_northing(easting: str, northing: str, *, as_of: date | None = None) -> PointQuery:
    """A point in EPSG:27700 metres; InvalidInputError where it is no number, swapped, degrees, or off the grid."""
    x, y = read_number(easting, "easting"), read_number(northing, "northing")
    if abs(x) <= 90 and abs(y) <= 90 and (_in(x, LATITUDE) or _in(y, LATITUDE)):
        raise InvalidInputError(
            worded(
                "easting %(easting)s and northing %(northing)s look like degrees. Give them as lat and lon.",
                easting=easting,
                northing=northing,
            ),
            field="easting",
        )
    if _in(x, EASTING_M) and _in(y, NORTHING_M):
        return PointQuery(x, y, False, as_of)
    if _in(y, EASTING_M) and _in(x, NORTHING_M):
        raise InvalidInputError(
            f"easting {easting} and northing {northing} look swapped: an easting is at most {EASTING_M[1]:,.0f}. "
            f"Give easting {northing} and northing {easting}.",
            field="easting",
            meant=f"{northing}, {easting}",
        )
    field, given, high = (
        ("northing", northing, NORTHING_M[1]) if _in(x, EASTING_M) else ("easting", easting, EASTING_M[1])
    )
    raise InvalidInputError(
        worded(
            "%(field)s %(typed)s is off the National Grid. Give whole metres between 0 and %(high)s.",
            field=field,
            typed=shown(given),
            high=int(high),
        ),
        field=field,
    )


def read_number(text: str, field: str) -> float:
    """A decimal number (infinite where its exponent is too large); InvalidInputError for anything else, NaN too."""
    if not _NUMBER.fullmatch(text):
        comma = re.fullmatch(r"[+-]?\d+,\d+", text)
        problem = sentences(
            worded("%(field)s %(typed)s is not a number.", field=field, typed=shown(text)),
            worded("Write it with a point, not a comma.") if comma else "",
            worded("Give one such as %(sample)s.", sample=_SAMPLE[field]),
        )
        raise InvalidInputError(problem, field=field)
    return float(text)


def _in(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]
