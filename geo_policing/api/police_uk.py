"""`/api/forces…`, `/api/{force}/…` and `/api/locate-neighbourhood`: the shapes of data.police.uk.

A script written for that API works here by changing its base address, so parameters that it does not know are ignored
as they are there. `as_of` is our own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from flask import Response, request
from flask.blueprints import BlueprintSetupState
from flask_smorest import Blueprint
from werkzeug.exceptions import NotAcceptable
from werkzeug.routing import BaseConverter

import geo_policing
from geo_policing.api import police_uk_schemas as schemas
from geo_policing.api.errors import input_problem
from geo_policing.api.headers import no_store, revalidated
from geo_policing.api.lookup import LICENCE_LINK
from geo_policing.api.runtime import the_runtime
from geo_policing.config import RESERVED_SLUGS
from geo_policing.errors import InvalidInputError
from geo_policing.services import police_uk as shapes
from geo_policing.services.query_values import read_day
from geo_policing.services.view import View

blueprint = Blueprint("police_uk", __name__, url_prefix="/api", description="The shapes of data.police.uk.")

JSON, GEOJSON = "application/json", "application/geo+json"


class ForceId(BaseConverter):
    """One part of a path that may name a force: any but what stands there for something else, such as `v1`."""

    regex = rf"(?!(?:{'|'.join(sorted(RESERVED_SLUGS))})\Z)[^/]+"
    part_isolating = True


@blueprint.record
def _know_forces(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["force"] = ForceId


@blueprint.route("/forces")
@blueprint.doc(**schemas.FORCES)
def get_forces() -> Response:
    """The force that is served."""
    view = _view()
    return _read(view, lambda: shapes.forces(view))


@blueprint.route("/forces/<force>", parameters=schemas.OF_FORCE)
@blueprint.doc(**schemas.FORCE)
def get_force(force: str) -> Response:
    """The force, and how to reach it."""
    view = _view()
    content = shapes.force(view, force)
    return _read(view, lambda: content)


@blueprint.route("/forces/<force>/people", parameters=schemas.OF_FORCE)
@blueprint.doc(**schemas.SENIOR_OFFICERS)
def get_senior_officers(force: str) -> Response:
    """The force's senior officers: always an empty list."""
    view = _view()
    content = shapes.senior_officers(view, force)
    return _read(view, lambda: content)


@blueprint.route("/<force:force>/neighbourhoods", parameters=schemas.OF_FORCE)
@blueprint.doc(**schemas.NEIGHBOURHOODS)
def get_neighbourhoods(force: str) -> Response:
    """Every beat by id and name."""
    view = _view()
    content = shapes.neighbourhoods(view, force)
    return _read(view, lambda: content)


@blueprint.route("/<force:force>/<neighbourhood>", parameters=schemas.OF_NEIGHBOURHOOD)
@blueprint.doc(**schemas.NEIGHBOURHOOD)
def get_neighbourhood(force: str, neighbourhood: str) -> Response:
    """A beat: its centre, its residents, and the places where the police can be met."""
    return _of_beat(shapes.neighbourhood, force, neighbourhood)


@blueprint.route("/<force:force>/<neighbourhood>/boundary", parameters=schemas.OF_NEIGHBOURHOOD)
@blueprint.doc(**schemas.BOUNDARY)
def get_boundary(force: str, neighbourhood: str) -> Response:
    """The outer ring of a beat's largest part."""
    view, found = _found(force, neighbourhood)
    shapes.require_ground(view, found)
    return _read(view, lambda: shapes.boundary(view, found))


@blueprint.route("/<force:force>/<neighbourhood>/boundary.geojson", parameters=schemas.OF_NEIGHBOURHOOD)
@blueprint.doc(**schemas.BOUNDARY_GEOJSON)
def get_boundary_geojson(force: str, neighbourhood: str) -> Response:
    """The whole ground of a beat, with every part and hole."""
    view, found = _found(force, neighbourhood)
    shapes.require_ground(view, found)
    response = _answer(view, lambda: shapes.boundary_geojson(view, found), _accepted(GEOJSON, JSON))
    response.vary.add("Accept")
    return response


@blueprint.route("/<force:force>/<neighbourhood>/people", parameters=schemas.OF_NEIGHBOURHOOD)
@blueprint.doc(**schemas.PEOPLE)
def get_people(force: str, neighbourhood: str) -> Response:
    """Who serves on a beat."""
    return _of_beat(shapes.people, force, neighbourhood)


@blueprint.route("/<force:force>/<neighbourhood>/events", parameters=schemas.OF_NEIGHBOURHOOD)
@blueprint.doc(**schemas.EVENTS)
def get_events(force: str, neighbourhood: str) -> Response:
    """Where residents of a beat can meet their team."""
    return _of_beat(shapes.events, force, neighbourhood)


@blueprint.route("/<force:force>/<neighbourhood>/priorities", parameters=schemas.OF_NEIGHBOURHOOD)
@blueprint.doc(**schemas.PRIORITIES)
def get_priorities(force: str, neighbourhood: str) -> Response:
    """What a beat's team works on."""
    return _of_beat(shapes.priorities, force, neighbourhood)


@blueprint.route("/locate-neighbourhood")
@blueprint.doc(**schemas.LOCATE)
def get_located() -> Response:
    """Whose beat holds a point."""
    given = request.args.getlist("q")
    if not given:
        raise InvalidInputError("q is missing. Give a latitude, a comma and a longitude, as in 52.2,0.1.", field="q")
    query = shapes.read_q(_once("q", given))
    content = shapes.locate(_view(), query)
    _accepted(JSON)
    # Made from where somebody is, so no cache may keep it.
    return no_store(Response(_json(content), mimetype=JSON))


@blueprint.errorhandler(InvalidInputError)
def _invalid(error: InvalidInputError) -> Response:
    return input_problem(error)


@blueprint.after_request
def _name_licence(response: Response) -> Response:
    response.headers["Link"] = LICENCE_LINK
    return response


def _of_beat(shape: Callable[[View, shapes.Neighbourhood], Any], force: str, neighbourhood: str) -> Response:
    view, found = _found(force, neighbourhood)
    return _read(view, lambda: shape(view, found))


def _found(force: str, neighbourhood: str) -> tuple[View, shapes.Neighbourhood]:
    # What is not there is told before the ETag is compared: "If-None-Match: *" must not make it be there.
    view = _view()
    return view, shapes.find(view, force, neighbourhood)


def _view() -> View:
    """The view of the day `as_of`, today's without it."""
    given = request.args.getlist("as_of")
    return the_runtime().live.view(read_day(_once("as_of", given)) if given else None)


def _once(name: str, given: list[str]) -> str:
    if len(given) > 1:
        raise InvalidInputError(f"{name} stands more than once; give it once.", field=name)
    return given[0]


def _read(view: View, make: Callable[[], Any]) -> Response:
    return _answer(view, lambda: _json(make()), _accepted(JSON))


def _answer(view: View, make_body: Callable[[], bytes], mimetype: str) -> Response:
    parts = (geo_policing.__version__, view.dataset.data_version, view.revision, view.as_of, request.path)
    return revalidated(make_body, *parts, mimetype=mimetype)


def _accepted(*offered: str) -> str:
    """The offered media type that the client likes best, the first where it does not say; NotAcceptable for none."""
    accepted = request.accept_mimetypes
    best = accepted.best_match(offered) if accepted.provided else offered[0]
    if best is None:
        raise NotAcceptable
    return best


def _json(content: Any) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE)
