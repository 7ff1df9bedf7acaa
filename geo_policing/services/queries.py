"""What is asked: parameters, or a line of free text, read once at the door into one kind of query.

Nothing here looks into the data. Everything that is wrong with the input itself is an InvalidInputError that names
the parameter (`field`), what was given, and what would be right.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from geo_policing.domain.postcodes import read_postcode, shown
from geo_policing.errors import InvalidInputError
from geo_policing.services.free_text import read_free_text
from geo_policing.services.query_types import (
    GridRefQuery,
    LookupQuery,
    PlaceIdQuery,
    PlaceQuery,
    PointQuery,
    PostcodeQuery,
)
from geo_policing.services.query_values import clean, read_day, read_easting_northing, read_lat_lon
from geo_policing.spatial.grid_refs import read_grid_ref

__all__ = [
    "KINDS",
    "PARAMETERS",
    "GridRefQuery",
    "LookupQuery",
    "PlaceIdQuery",
    "PlaceQuery",
    "PointQuery",
    "PostcodeQuery",
    "parse_query",
    "read_free_text",
]

KINDS: dict[str, tuple[str, ...]] = {
    "postcode": ("postcode",),
    "lat_lon": ("lat", "lon"),
    "easting_northing": ("easting", "northing"),
    "grid_ref": ("grid_ref",),
    "place": ("place",),
    "place_id": ("place_id",),
}
_KIND_OF = {name: kind for kind, names in KINDS.items() for name in names}
PARAMETERS = frozenset(_KIND_OF) | {"as_of"}
_CHOICES = "postcode, lat with lon, easting with northing, grid_ref, place or place_id"


def parse_query(params: Mapping[str, str]) -> LookupQuery:
    """The one query in `params`: exactly one kind of `KINDS`, and `as_of` (YYYY-MM-DD) if wanted.

    InvalidInputError for unknown parameters, none or two kinds, half a pair, empty, over-long or binary values, and
    whatever the kind itself refuses (see the readers below).
    """
    unknown = [name for name in params if name not in PARAMETERS]
    if unknown:
        raise InvalidInputError(
            f"{shown(str(unknown[0]))} is not a parameter of a lookup. Use {_CHOICES}, with as_of if wanted.",
            field=str(unknown[0])[:40],
        )
    kinds = {_KIND_OF[name] for name in params if name != "as_of"}
    if not kinds:
        raise InvalidInputError(f"Nothing was asked. Give {_CHOICES}.")
    if len(kinds) > 1:
        names = ", ".join(name for name in params if name != "as_of")
        raise InvalidInputError(
            f"Several things were asked at once ({names}). Give only one of {_CHOICES}.", field=names.split(", ")[1]
        )
    kind = kinds.pop()
    missing = [name for name in KINDS[kind] if name not in params]
    if missing:
        raise InvalidInputError(
            f"{missing[0]} is missing. Give {' and '.join(KINDS[kind])} together.", field=missing[0]
        )
    as_of = read_day(params["as_of"]) if "as_of" in params else None
    values = [clean(params[name], name) for name in KINDS[kind]]
    return _query(kind, values, as_of)


def _query(kind: str, values: list[str], as_of: date | None) -> LookupQuery:
    if kind == "postcode":
        return PostcodeQuery(read_postcode(values[0]), values[0], as_of)
    if kind == "lat_lon":
        return read_lat_lon(values[0], values[1], as_of=as_of)
    if kind == "easting_northing":
        return read_easting_northing(values[0], values[1], as_of=as_of)
    if kind == "grid_ref":
        return GridRefQuery(read_grid_ref(values[0]), as_of)
    if kind == "place":
        return PlaceQuery(values[0], as_of=as_of)
    return PlaceIdQuery(values[0], as_of)
