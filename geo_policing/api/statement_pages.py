"""What the service owes its users in writing: how far everyone can use it, and what it knows of them."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response

from geo_policing.api.headers import revalidated
from geo_policing.api.rendering import page, page_parts
from geo_policing.api.runtime import the_runtime

statement_pages = Blueprint("statement_pages", __name__)

ACCESSIBILITY_CHECKED_ON = date(2026, 11, 22)
"""When the accessibility statement was last held against the pages; changed together with its text."""


@statement_pages.get("/accessibility")
def accessibility() -> Response:
    """The accessibility statement."""
    view = the_runtime().live.view()
    values = {"checked_on": ACCESSIBILITY_CHECKED_ON}
    return revalidated(lambda: page("accessibility.html", view, **values), "accessibility", *page_parts(view))


@statement_pages.get("/privacy")
def privacy() -> Response:
    """The privacy notice."""
    view = the_runtime().live.view()
    return revalidated(lambda: page("privacy.html", view), "privacy", *page_parts(view))
