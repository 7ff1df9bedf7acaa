"""The list of places and of beats: it needs no script, no search and no map."""

from __future__ import annotations

from flask import Blueprint, Response

from geo_policing.api.headers import revalidated
from geo_policing.api.rendering import page, page_parts
from geo_policing.api.runtime import the_runtime
from geo_policing.services.browse import beats_by_district, listed_places

browse_pages = Blueprint("browse_pages", __name__)


@browse_pages.get("/places")
def places() -> Response:
    """Every village, town and city by its first letter, and every beat by district, each leading to its team."""
    view = the_runtime().live.view()
    return revalidated(
        lambda: page("places.html", view, letters=listed_places(view), districts=beats_by_district(view)),
        "places",
        *page_parts(view),
    )
