"""A beat's page in the words of schema.org, so that search engines understand it.

Nothing made up goes into it: what a page marks as an example would be taken for a fact elsewhere. Types and properties:
https://schema.org/GovernmentService, /PoliceStation, /OpeningHoursSpecification and /Event, version 29.
"""

from __future__ import annotations

from typing import Any

from geo_policing.api.languages import current_language, local_url
from geo_policing.api.operator import Operator
from geo_policing.services.beat_facts import BeatFacts, Premises
from geo_policing.services.data_facts import DataFacts
from geo_policing.services.meetings import Meeting

EVENTS_TOLD = 10


def linked_data(facts: BeatFacts, data: DataFacts, operator: Operator) -> dict[str, Any]:
    """The JSON-LD object of a beat: the service, who provides it, where it is to be had, and its events.

    Addresses are whole where `operator.public_url` is known, else relative to the page.
    """
    beat, district = facts.beat, facts.district
    path = local_url(f"/beat/{beat.slug}")
    provider = {"@type": "GovernmentOrganization", "name": data.force_name, "telephone": "101"}
    if data.website:
        provider["url"] = data.website
    area = {"@type": "AdministrativeArea", "name": beat.name, "containedInPlace": _place(district.name)}
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "GovernmentService",
        "@id": operator.whole(path),
        "url": operator.whole(path),
        "name": beat.name,
        "serviceType": "Local policing",
        "inLanguage": current_language().code,
        "areaServed": area,
        "provider": provider,
        "availableChannel": {
            "@type": "ServiceChannel",
            "servicePhone": {"@type": "ContactPoint", "telephone": "101"},
            "serviceLocation": [_station(p) for p in facts.offices if not p.facility.illustrative],
        },
    }
    events = [_event(m, data.force_name) for m in facts.meetings if m.event is not None][:EVENTS_TOLD]
    return found | ({"subjectOf": events} if events else {})


def _place(name: str) -> dict[str, str]:
    return {"@type": "AdministrativeArea", "name": name}


def _station(premises: Premises) -> dict[str, Any]:
    place = premises.facility
    station: dict[str, Any] = {
        "@type": "PoliceStation",
        "name": place.name,
        "telephone": place.telephone or "101",
        "address": {
            "@type": "PostalAddress",
            "streetAddress": place.address,
            "postalCode": place.postcode,
            "addressCountry": "GB",
        },
    }
    if premises.whereabouts is not None:
        lon, lat = premises.whereabouts.lon_lat
        station["geo"] = {"@type": "GeoCoordinates", "latitude": lat, "longitude": lon}
    if place.verified_on is not None:
        # As dates, not as a weekly pattern: bank holidays are in them.
        station["openingHoursSpecification"] = [
            {
                "@type": "OpeningHoursSpecification",
                "opens": start.strftime("%H:%M"),
                "closes": end.strftime("%H:%M"),
                "validFrom": start.date().isoformat(),
                "validThrough": end.date().isoformat(),
            }
            for start, end in premises.times
        ]
    return station


def _event(meeting: Meeting, organizer: str) -> dict[str, Any]:
    event: dict[str, Any] = {
        "@type": "Event",
        "name": meeting.title,
        "startDate": meeting.starts.isoformat(),
        "organizer": {"@type": "GovernmentOrganization", "name": organizer},
    }
    if meeting.ends is not None:
        event["endDate"] = meeting.ends.isoformat()
    if meeting.place:
        event["location"] = {"@type": "Place", "name": meeting.place, "address": meeting.place}
    return event
