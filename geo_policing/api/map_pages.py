"""The page that needs no question: a map of all beats and places, and the same as a list."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from geo_policing.api.headers import EVERYWHERE, revalidated
from geo_policing.api.map_data import beat_picture_address, beats_map_config, ground_address, map_version
from geo_policing.api.map_export import map_export
from geo_policing.api.rendering import page, page_parts
from geo_policing.api.runtime import the_runtime
from geo_policing.maps.beat_picture import SIZES
from geo_policing.maps.extent import credits_of
from geo_policing.maps.force_picture import force_picture
from geo_policing.maps.map_style import MARKS
from geo_policing.services.beat_facts import BeatFacts
from geo_policing.services.map_layers import MapPlace, map_districts, only_examples, places_on_map
from geo_policing.services.view import View

map_pages = Blueprint("map_pages", __name__)

# The one page that may ask a browser where it is, and only when its reader presses the button for it.
MAP_PERMISSIONS = EVERYWHERE["Permissions-Policy"].replace("geolocation=()", "geolocation=(self)")


@map_pages.get("/map")
def force_map() -> Response:
    """The map of the force, in words below it; without scripts a picture whose beats are links."""
    view = the_runtime().live.view()
    response = revalidated(lambda: _page(view), "map", *page_parts(view), map_version(view))
    response.headers["Permissions-Policy"] = MAP_PERMISSIONS
    return response


map_pages.get("/map/export")(map_export)


def beat_map_of(view: View, facts: BeatFacts) -> dict[str, Any] | None:
    """What beat_map.html needs for the map of a beat; None on another day than today, whose beats nobody draws."""
    if view.as_of != the_runtime().clock.today():
        return None
    shown = {premises.facility.id for premises in (*facts.offices, *facts.contact_points)}
    places = tuple(place for place in places_on_map(view) if place.facility.id in shown)
    slug = facts.beat.slug
    return {
        "pictures": {(s, t): beat_picture_address(view, slug, s, t) for s in SIZES for t in ("light", "dark")},
        "sizes": SIZES,
        "config": {**beats_map_config(view, places), "beat": slug},
        "kinds": _kinds_of(places),
        "marks": {kind.value: mark for kind, mark in MARKS.items()},
        "credits": credits_of(view.dataset),
    }


def _page(view: View) -> str:
    places, districts = places_on_map(view), map_districts(view)
    return page(
        "map.html",
        view,
        stale=view.stale_since,
        has_plan=view.plan is not None,
        districts=districts,
        picture=force_picture(view),
        grounds={style: ground_address(view, style) for style in ("light", "dark")},
        kinds=_kinds_of(places),
        has_areas=len(view.dataset["areas"]) > 0,
        marks={kind.value: mark for kind, mark in MARKS.items()},
        illustrative=any(place.facility.illustrative for place in places),
        examples_only=only_examples(districts),
        config={**beats_map_config(view, places), "force": view.dataset.force.name},
        credits=credits_of(view.dataset),
    )


def _kinds_of(places: tuple[MapPlace, ...]) -> tuple[str, ...]:
    """The kinds of places that have a point, in the order of the map's key."""
    there = {place.facility.kind for place in places if place.lat_lon is not None}
    return tuple(kind.value for kind in MARKS if kind in there)
