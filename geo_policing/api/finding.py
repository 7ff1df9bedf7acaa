"""What the search form tells the browser, so that it can answer for a postcode without sending it anywhere."""

from __future__ import annotations

from flask import Flask
from markupsafe import Markup

from geo_policing.api.choices import about_place
from geo_policing.api.languages import local_url
from geo_policing.api.rendering import view_if_any
from geo_policing.api.runtime import the_runtime
from geo_policing.errors import NotFoundError
from geo_policing.services.postcode_shards import PostcodeShards, postcode_shards
from geo_policing.services.view import View

LAYOUT = "layout.html"


def prepare(app: Flask) -> None:
    """Give the templates of `app` what forms that find a team need."""
    app.jinja_env.globals.update(layout=LAYOUT, about_place=about_place, is_static=is_static)
    app.jinja_env.globals.update(search_attributes=search_attributes, find_attributes=find_attributes)


def is_static() -> bool:
    """True where the page is written to a file, behind which there will be no server to ask."""
    return the_runtime().written_at is not None


def find_attributes() -> Markup:
    """Where a form that finds a team is sent; nowhere on a page in a file, where only a script can answer."""
    if is_static():
        return Markup('data-finds="true" data-static="true"')
    return Markup('action="{}" method="post" data-finds="true"').format(local_url("/find"))


def search_attributes() -> Markup:
    """`find_attributes`, and where a script finds what it needs to answer in the place of the server.

    Without a plan in force today there is nothing to answer from, and the form is sent.
    """
    attributes = find_attributes()
    view = view_if_any()
    if view is None or view.plan is None:
        return attributes
    version = current_shards(view).version
    more = Markup(' data-shards="/shards/{}/{}.json" data-outcomes="{}" data-beats="{}"')
    outcomes = local_url(f"/outcomes/{version}.html")
    return attributes + more.format(version, slot("outward"), outcomes, local_url(f"/beat/{slot('slug')}"))


def current_shards(view: View) -> PostcodeShards:
    """The shards of a view; NotFoundError where no plan is in force on its day."""
    if view.plan is None:
        raise NotFoundError("no plan of beats is in force today, so there is nothing to answer.")
    return postcode_shards(view)


def slot(name: str) -> str:
    """What stands where a script puts the value `name`; no name of a place or a beat has these brackets."""
    return f"⟪{name}⟫"
