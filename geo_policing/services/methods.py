"""How an answer was reached: every name that `Answer.method` can have, and what it means."""

from __future__ import annotations

from enum import StrEnum


class Method(StrEnum):
    """The value of `method` in answers; a name once published keeps its meaning."""

    POSTCODE_POINT = "postcode_point"
    POSTCODE_VORONOI_AREA = "postcode_voronoi_area"
    POSTCODE_ADDRESSES = "postcode_addresses"
    POSTCODE_GIVEN = "postcode_given"
    POSTCODE_DISTRICT_CODE = "postcode_district_code"
    POSTCODE_STATUS = "postcode_status"
    POINT = "point"
    POINT_NEAREST_UNIT = "point_nearest_unit"
    GRID_CELL = "grid_cell"
    PLACE_RESIDENTS = "place_residents"
    STREET_LENGTH = "street_length"
    PLACE_POINT = "place_point"
    PLACE_DISTRICT = "place_district"
    PLACE_NAME = "place_name"


ABOUT: dict[Method, str] = {
    Method.POSTCODE_POINT: "The beat that holds the postcode's point; the data has no shares for this postcode.",
    Method.POSTCODE_VORONOI_AREA: "The beat that holds the postcode's point, then the others by the share of the area "
    "that is nearer to this postcode than to any other live one.",
    Method.POSTCODE_ADDRESSES: "The beat that holds the postcode's point, then the others by their share of its "
    "addresses.",
    Method.POSTCODE_GIVEN: "The beat that holds the postcode's point, then the others by the shares that the source "
    "gives.",
    Method.POSTCODE_DISTRICT_CODE: "Outside: the source itself says in which district the postcode is.",
    Method.POSTCODE_STATUS: "Not located, because the source says that the postcode is no longer in use or has no "
    "location.",
    Method.POINT: "The beat, or the district over the border, that holds the point; on a shared boundary always the "
    "same of its two sides.",
    Method.POINT_NEAREST_UNIT: "The point lies just outside every beat; the nearest was taken.",
    Method.GRID_CELL: "The beat that holds the middle of the grid square, then the others by their share of its area.",
    Method.PLACE_RESIDENTS: "The beats by their share of the residents of the place; of its live postcodes where "
    "the data has no residents.",
    Method.STREET_LENGTH: "The beats by their share of the length of the street.",
    Method.PLACE_POINT: "The beat, or the district over the border, that holds the place's point; the data has no "
    "shares for this place.",
    Method.PLACE_DISTRICT: "Outside: the place lies in a district over the border.",
    Method.PLACE_NAME: "Several places have that name, or none has.",
}
