"""What the search form tells the browser, so that it can answer for a postcode without sending it anywhere."""

from __future__ import annotations

import hashlib
from datetime import datetime

from flask import Flask
from markupsafe import Markup

from geo_policing.api.choices import about_place
from geo_policing.api.languages import local_url
from geo_policing.api.rendering import own_version, view_if_any
from geo_policing.api.runtime import the_runtime
from geo_policing.errors import NotFoundError
from geo_policing.services.postcode_shards import PostcodeShards, postcode_shards
from geo_policing.services.view import View

LAYOUT = "layout.html"


def prepare(app: Flask) -> None:
    """Give the templates of `app` what forms that find a team need."""
    app.jinja_env.globals.update(layout=LAYOUT, about_place=about_place, beat_address=beat_address)
    app.jinja_env.globals.update(search_attributes=search_attributes, find_attributes=find_attributes)
    app.jinja_env.globals.update(is_static=is_static, written_at=written_at)


def is_static() -> bool:
    """True where the page is written to a file, behind which there will be no server to ask."""
    return the_runtime().written is not None


def written_at() -> datetime | None:
    """The local time at which the page is written to a file; None where it comes from a server."""
    written = the_runtime().written
    return None if written is None else written.at


def find_attributes() -> Markup:
    """Where a form that finds a team is sent; nowhere on a page in a file, where only a script can answer."""
    if is_static():
        # Hidden until a script can answer: without one it would put what was typed into the page's address.
        return Markup('data-finds="true" data-static="true" hidden')
    return Markup('action="{}" method="post" data-finds="true"').format(local_url("/find"))


def search_attributes(beats: str = "/beat/") -> Markup:
    """`find_attributes`, and where a script finds what it needs to answer in the place of the server.

    The page of a beat is at its slug after `beats`.

    Without a plan in force today there is nothing to answer from, and the form is sent.
    """
    attributes = find_attributes()
    view = view_if_any()
    if view is None or view.plan is None:
        return attributes
    version = current_shards(view).version
    more = Markup(' data-shards="/shards/{}/{}.json" data-outcomes="{}" data-beats="{}"')
    outcomes = local_url(f"/outcomes/{words_version(view)}.html")
    attributes += more.format(version, slot("outward"), outcomes, local_url(beats + slot("slug")))
    if is_static():
        attributes += Markup(' data-places="/shards/{}/places/{}.json"').format(version, slot("key"))
    return attributes


def beat_address(slug: str) -> str:
    """The address of a beat's page; where the beat itself is a slot, a slot, as a frame has other addresses."""
    return slot("address") if slug == slot("slug") else local_url(f"/beat/{slug}")


def current_shards(view: View) -> PostcodeShards:
    """The shards of a view; NotFoundError where no plan is in force on its day."""
    if view.plan is None:
        raise NotFoundError("no plan of beats is in force today, so there is nothing to answer.")
    return postcode_shards(view)


def words_version(view: View) -> str:
    """What stands in the address of the answers' words: of a-f0-9, another one for other shards or other pages."""
    return hashlib.sha256(repr((current_shards(view).version, *own_version())).encode()).hexdigest()[:16]


def slot(name: str) -> str:
    """What stands where a script puts the value `name`; no name of a place or a beat has these brackets."""
    return f"⟪{name}⟫"
