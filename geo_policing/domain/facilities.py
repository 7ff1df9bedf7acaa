"""Facilities: response bases, enquiry offices and contact points, told apart by kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class FacilityKind(StrEnum):
    """What a place is for; one building that serves twice is two facilities."""

    RESPONSE_BASE = "response_base"
    ENQUIRY_OFFICE = "enquiry_office"
    CONTACT_POINT = "contact_point"


@dataclass(frozen=True)
class Facility:
    """A place of the force.

    `easting_northing` is EPSG:27700 metres, None where it could not be placed; `accuracy_m` is how far off that may
    be. `opening_hours` is OSM opening_hours syntax (see `domain.opening_hours`), for a contact point the advertised
    times; "" means not known. `verified_on` None means that nobody has confirmed these facts, `illustrative` that
    they were made up to show the model; both are shown to residents.
    """

    id: str
    kind: FacilityKind
    name: str
    district_code: str
    address: str = ""
    postcode: str = ""
    easting_northing: tuple[float, float] | None = None
    accuracy_m: float | None = None
    location_note: str = ""
    opening_hours: str = ""
    access: str = ""
    telephone: str = ""
    verified_on: date | None = None
    illustrative: bool = False
    starts_on: date | None = None
    ends_on: date | None = None

    def exists_on(self, day: date) -> bool:
        """True on each day from `starts_on` to `ends_on`, both included; an open end has no limit."""
        return (self.starts_on is None or self.starts_on <= day) and (self.ends_on is None or day <= self.ends_on)
