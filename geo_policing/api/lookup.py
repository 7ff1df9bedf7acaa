"""`/api/v1/lookup`: whose beat is this, one question at a time or a hundred thousand.

Answers are never cached. The body of a 404 or 400 is a problem that carries the same members as an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from http import HTTPStatus
from itertools import islice
from typing import IO, Any

import orjson
from flask import Response, request
from flask_smorest import Blueprint
from werkzeug.exceptions import RequestEntityTooLarge

from geo_policing.api import schemas
from geo_policing.api.errors import input_problem, problem
from geo_policing.api.headers import no_store
from geo_policing.api.runtime import the_runtime
from geo_policing.errors import InvalidInputError, TooLargeError
from geo_policing.services.answers import Answer, Outcome
from geo_policing.services.bulk_lookup import lookup_csv, lookup_rows
from geo_policing.services.lookup import lookup
from geo_policing.services.presentation import answer_to_json
from geo_policing.services.queries import parse_query
from geo_policing.services.view import View

blueprint = Blueprint("lookup", __name__, url_prefix="/api/v1", description="Who is my local policing team?")

STATUS_OF_OUTCOME = {Outcome.NOT_FOUND: HTTPStatus.NOT_FOUND, Outcome.INVALID: HTTPStatus.BAD_REQUEST}
RESULTS_PER_CHUNK = 500
LICENCE_LINK = '</about>; rel="license"'
READ_BYTES = 65_536
CSV_NAME = "local-policing-teams.csv"
TAKEN_TYPES = "application/json, text/csv, or multipart/form-data with one CSV file"


@blueprint.route("/lookup")
@blueprint.doc(**schemas.ONE_LOOKUP)
def lookup_one() -> Response:
    """The beat, its team and its district for one place or postcode."""
    query = parse_query(_single_values())
    view = the_runtime().live.view(query.as_of)
    answer = lookup(view, query)
    content = answer_to_json(answer, view)
    status = STATUS_OF_OUTCOME.get(answer.outcome)
    if status is not None:
        return problem(status, answer.message, content)
    return no_store(_json(orjson.dumps(content)))


@blueprint.route("/lookup", methods=["POST"])
@blueprint.doc(**schemas.MANY_LOOKUPS)
def lookup_many() -> Response:
    """An answer for each row of a JSON array or a CSV file, in the same order."""
    if request.args:
        raise InvalidInputError(
            f"A POST takes its questions in the body; remove {', '.join(sorted(request.args))} from the address."
        )
    try:
        return no_store(_many())
    except RequestEntityTooLarge as error:
        # Raised before a declared body is read, or where an undeclared one passes the limit.
        limit = the_runtime().settings.max_upload_bytes
        raise TooLargeError(f"More than {limit:,} bytes were sent. Send the rows in several calls.") from error


@blueprint.errorhandler(InvalidInputError)
def _invalid(error: InvalidInputError) -> Response:
    return input_problem(error)


@blueprint.after_request
def _name_licence(response: Response) -> Response:
    response.headers["Link"] = LICENCE_LINK
    return response


def _many() -> Response:
    view = the_runtime().live.view()
    kind = request.mimetype
    if kind == "application/json":
        # In pieces: read in one go, an undeclared body would be cut off at the limit instead of refused.
        rows = _rows(b"".join(iter(lambda: request.stream.read(READ_BYTES), b"")))
        return _json(_results(view, lookup_rows(view, rows, view_on=the_runtime().live.view)))
    if kind == "text/csv":
        return _csv(view, request.stream)
    if kind == "multipart/form-data":
        return _csv(view, _uploaded())
    return problem(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        f"Content-Type {kind!r} is not taken here. Send {TAKEN_TYPES}.",
        {"outcome": "invalid"},
    )


def _single_values() -> dict[str, str]:
    """The parameters of the address, each of which may stand once."""
    repeated = sorted(name for name, values in request.args.lists() if len(values) > 1)
    if repeated:
        raise InvalidInputError(f"{repeated[0]} stands more than once; give it once.", field=repeated[0])
    return request.args.to_dict()


def _rows(body: bytes) -> list[Any]:
    try:
        rows = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInputError(
            f"The body is not JSON: {error.msg}, line {error.lineno}, column {error.colno}. "
            'Send an array of objects such as [{"postcode": "…"}].'
        ) from error
    if not isinstance(rows, list):
        raise InvalidInputError('The body is not an array. Send an array of objects such as [{"postcode": "…"}].')
    limit = the_runtime().settings.max_bulk_rows
    if len(rows) > limit:
        raise TooLargeError(f"{len(rows):,} rows were sent; at most {limit:,} are taken. Send them in several calls.")
    return rows


def _uploaded() -> IO[bytes]:
    files = list(request.files.values())
    if len(files) != 1:
        raise InvalidInputError(f"The form holds {len(files)} files; send one CSV file.")
    return files[0].stream


def _results(view: View, answers: Iterable[Answer]) -> Iterator[bytes]:
    """`{"results": [...]}` in pieces, so that a long answer is never whole in memory."""
    texts = (orjson.dumps(answer_to_json(answer, view)) for answer in answers)
    yield b'{"results":['
    separator = b""
    while piece := b",".join(islice(texts, RESULTS_PER_CHUNK)):
        yield separator + piece
        separator = b","
    yield b"]}\n"


def _csv(view: View, stream: IO[bytes]) -> Response:
    runtime = the_runtime()
    # Whatever is wrong with the file as a whole is raised here, while a status can still be set.
    answer = lookup_csv(view, stream, max_rows=runtime.settings.max_bulk_rows, view_on=runtime.live.view)
    response = Response(answer, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{CSV_NAME}"'
    return response


def _json(body: bytes | Iterator[bytes]) -> Response:
    return Response(body, mimetype="application/json")
