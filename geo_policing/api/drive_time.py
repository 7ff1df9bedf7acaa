"""`/api/v1/isochrones`, `/nearest-base`, `/matrix`, `/coverage`, `/catchments`, `/scenarios`: how long, and for whom.

Reading only: what-if is a matter of parameters, and scenarios are kept by the command line until people can sign in.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from flask import Response, request
from flask_smorest import Blueprint

import geo_policing
from geo_policing.api import drive_time_schemas as schemas
from geo_policing.api.assets import accepts_gzip
from geo_policing.api.errors import input_problem
from geo_policing.api.headers import no_store, revalidated
from geo_policing.api.kept import kept
from geo_policing.api.runtime import the_runtime
from geo_policing.domain.postcodes import shown
from geo_policing.errors import InvalidInputError, TooLargeError
from geo_policing.services import scenarios
from geo_policing.services.coverage import coverage, parse_coverage
from geo_policing.services.coverage_table import to_csv
from geo_policing.services.drive_layers import catchments_geojson, difference_geojson
from geo_policing.services.drive_params import DRIVING, TRIALS, refuse_unknown
from geo_policing.services.drive_times import matrix_query_in, nearest_base, parse_nearest, travel_matrix
from geo_policing.services.isochrones import isochrone_query_in, isochrones, parse_isochrones, to_geojson
from geo_policing.services.roads import has_roads, roads_of
from geo_policing.services.view import View

blueprint = Blueprint("drive_time", __name__, url_prefix="/api/v1", description="Drive time and who is within reach.")

JSON = "application/json"
GEOJSON = "application/geo+json"
FORMATS = {JSON: "json", "text/csv": "csv", GEOJSON: "geojson"}
MAX_BODY_BYTES = 2 * 1024 * 1024


@blueprint.route("/isochrones")
@blueprint.doc(**schemas.ISOCHRONES)
def get_isochrones() -> Response:
    """The areas within reach, by base, point or points; of every base without any."""
    query = parse_isochrones(_asked())
    view = the_runtime().live.view(query.driving.as_of)
    return _read(lambda: to_geojson(isochrones(view, query)), view, GEOJSON)


@blueprint.route("/isochrones", methods=["POST"])
@blueprint.doc(**schemas.MANY_ISOCHRONES)
def post_isochrones() -> Response:
    """The area within reach of any of a list of places."""
    query = isochrone_query_in(_body())
    view = the_runtime().live.view(query.driving.as_of)
    return no_store(_squeezed(Response(to_geojson(isochrones(view, query)), mimetype=GEOJSON)))


@blueprint.route("/nearest-base")
@blueprint.doc(**schemas.NEAREST_BASE)
def get_nearest_base() -> Response:
    """The response base with the shortest drive to one place, and the times from all the others."""
    query = parse_nearest(_asked())
    view = the_runtime().live.view(query.driving.as_of)
    # Made from where somebody is or lives, so no cache may keep it.
    return no_store(_read(lambda: _json(nearest_base(view, query)), view, JSON))


@blueprint.route("/coverage")
@blueprint.doc(**schemas.COVERAGE)
def get_coverage() -> Response:
    """Who is within reach of the bases, today and with a trial: JSON, CSV, or GeoJSON of what a trial changes."""
    params = _asked()
    kind = _format(params.pop("format", []))
    query = parse_coverage(params)
    view = the_runtime().live.view(query.driving.as_of)
    if kind == "geojson":
        return _kept(lambda: difference_geojson(view, query), view, GEOJSON)
    response = (
        _kept(lambda: to_csv(coverage(view, query)), view, "text/csv")
        if kind == "csv"
        else _kept(lambda: _json(coverage(view, query)), view, JSON)
    )
    response.vary.add("Accept")
    return response


@blueprint.route("/catchments")
@blueprint.doc(**schemas.CATCHMENTS)
def get_catchments() -> Response:
    """For each base the part of the force to which it is the nearest by road."""
    params = _asked()
    refuse_unknown(params, DRIVING | TRIALS)
    query = parse_coverage(params)
    view = the_runtime().live.view(query.driving.as_of)
    return _kept(lambda: catchments_geojson(view, query), view, GEOJSON)


@blueprint.route("/matrix", methods=["POST"])
@blueprint.doc(**schemas.MATRIX)
def post_matrix() -> Response:
    """Seconds from each of some places to each of others."""
    query = matrix_query_in(_body())
    view = the_runtime().live.view(query.driving.as_of)
    return no_store(Response(_json(travel_matrix(view, query)), mimetype=JSON))


@blueprint.route("/scenarios")
@blueprint.doc(**schemas.SCENARIOS)
def get_scenarios() -> Response:
    """The scenarios that are kept, by name."""
    refuse_unknown(request.args, frozenset())
    live = the_runtime().live
    view = live.view()
    return _read(lambda: _json({"scenarios": [scenarios.to_json(s) for s in scenarios.kept(live)]}), view, JSON)


@blueprint.errorhandler(InvalidInputError)
def _invalid(error: InvalidInputError) -> Response:
    return input_problem(error)


@blueprint.after_request
def _name_licence(response: Response) -> Response:
    if response.status_code < HTTPStatus.BAD_REQUEST:
        dataset = the_runtime().live.view().dataset
        url = roads_of(dataset).source["licence_url"] if has_roads(dataset) else ""
        response.headers["Link"] = f'<{url or "/about"}>; rel="license"'
    return response


def _format(given: Sequence[str]) -> str:
    """What the answer is to be: the parameter `format` decides, else the header Accept."""
    if not given:
        accepted = request.accept_mimetypes.best_match([JSON, "text/csv", GEOJSON])
        return FORMATS.get(accepted or "", "json")
    if len(given) > 1 or given[0] not in FORMATS.values():
        raise InvalidInputError(f"format {shown(given[-1])} is none of {', '.join(FORMATS.values())}.", field="format")
    return given[0]


def _asked() -> dict[str, Sequence[str]]:
    """The address's parameters, what a kept scenario changes in the place of its name."""
    return dict(scenarios.in_full(the_runtime().live, dict(request.args.lists())))


def _read(make_body: Callable[[], bytes], view: View, mimetype: str) -> Response:
    """A read with an ETag over all that its body depends on."""
    return _squeezed(revalidated(make_body, *_parts(view), mimetype=mimetype))


def _kept(make_body: Callable[[], bytes], view: View, mimetype: str) -> Response:
    """The same for what takes long to make and is asked for again: a planner's counts, never a resident's place."""
    return kept(make_body, *_parts(view), mimetype=mimetype)


def _parts(view: View) -> tuple[object, ...]:
    """All that a body depends on, this program's version among it."""
    asked = sorted(request.args.lists())
    return (geo_policing.__version__, view.dataset.data_version, view.revision, view.as_of, request.path, asked)


def _squeezed(response: Response) -> Response:
    """Gzipped at the quickest level where the client takes it: a map that follows a finger waits for it."""
    if response.status_code == HTTPStatus.OK and accepts_gzip():
        response.set_data(gzip.compress(response.get_data(), 1, mtime=0))
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    return response


def _json(content: Mapping[str, Any]) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE)


def _body() -> Any:
    """The JSON that was sent; TooLargeError above `MAX_BODY_BYTES`, InvalidInputError where it is none."""
    if request.args:
        raise InvalidInputError(
            f"A POST takes its question in the body; remove {', '.join(sorted(request.args))} from the address."
        )
    body = request.stream.read(MAX_BODY_BYTES + 1)
    if len(body) > MAX_BODY_BYTES:
        raise TooLargeError(f"More than {MAX_BODY_BYTES:,} bytes were sent. Send the places in several calls.")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInputError(f"The body is not JSON: {error.msg}, line {error.lineno}.") from error
