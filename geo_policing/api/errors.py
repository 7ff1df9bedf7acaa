"""How an error is answered: the one table from error to status, problem+json for programs, a page for people.

A text of ours is shown up to status 499: it was written for whoever gave the input. From 500 on only the request's id
is, as the cause is not theirs and may name files and hosts; the log has the place.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from geo_policing import errors
from geo_policing.api import logs
from geo_policing.api.headers import no_store
from geo_policing.api.paths import is_for_machines
from geo_policing.api.rendering import error_page, view_if_any
from geo_policing.api.speech import translated
from geo_policing.wording import worded

PROBLEM_TYPE = "application/problem+json"
RETRY_AFTER_S = "10"

# The first that fits decides, so a leaf stands before what it inherits from.
STATUS_OF: tuple[tuple[type[errors.GeoPolicingError], HTTPStatus], ...] = (
    (errors.TooLargeError, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (errors.InvalidInputError, HTTPStatus.BAD_REQUEST),
    (errors.NotFoundError, HTTPStatus.NOT_FOUND),
    (errors.ConflictError, HTTPStatus.PRECONDITION_FAILED),
    (errors.RuleError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (errors.BusyError, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.DatasetError, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.DatabaseError, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.DatabaseVersionError, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.GeoPolicingError, HTTPStatus.INTERNAL_SERVER_ERROR),
)

# What is said of a status where no text of ours is fit for the reader.
_SENTENCES = {
    HTTPStatus.BAD_REQUEST: worded("The request cannot be read."),
    HTTPStatus.NOT_FOUND: worded("There is nothing at this address."),
    HTTPStatus.METHOD_NOT_ALLOWED: worded(
        "This address does not take this method; the Allow header lists those it does."
    ),
    HTTPStatus.NOT_ACCEPTABLE: worded("What the Accept header asks for is not to be had at this address."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: worded("More was sent than is taken here."),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: worded("This address does not take this kind of content."),
    HTTPStatus.INTERNAL_SERVER_ERROR: worded("Something went wrong here. The request_id finds it in the log."),
    HTTPStatus.SERVICE_UNAVAILABLE: worded("No answer can be given just now. Try again shortly."),
}


def register(app: Flask) -> None:
    """Answer every error of `app`, ours, werkzeug's and the unexpected, in one of the two forms."""
    app.register_error_handler(errors.GeoPolicingError, _ours)
    app.register_error_handler(HTTPException, _http)


def status_of(error: errors.GeoPolicingError) -> HTTPStatus:
    """The status that the table gives `error`."""
    return next(status for kind, status in STATUS_OF if isinstance(error, kind))


def problem(status: HTTPStatus, detail: str, members: Mapping[str, Any] | None = None) -> Response:
    """A problem+json answer (RFC 9457) with `members` beside its own; never cached."""
    content = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "request_id": logs.request_id(),
        **(members or {}),
    }
    body = orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE)
    response = no_store(Response(body, status=status, mimetype=PROBLEM_TYPE))
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = RETRY_AFTER_S
    return response


def input_problem(error: errors.InvalidInputError) -> Response:
    """The problem that a lookup answers to input it cannot read.

    With `outcome`, the `field` at fault if known, and whether the data is `approximate` if there is any.
    """
    view = view_if_any()
    members: dict[str, Any] = {"outcome": "invalid"} | ({"field": error.field} if error.field else {})
    if view is not None:
        members["approximate"] = view.dataset.approximate
    return problem(status_of(error), str(error), members)


def _ours(error: errors.GeoPolicingError) -> Response:
    status = status_of(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logs.log_failure(error)
        return _answer(status, _SENTENCES[status])
    return _answer(status, error.args[0] if error.args else "")


def _http(error: HTTPException) -> Response:
    # Flask passes neither redirects nor exceptions without a code to handlers, so this is 400 or above.
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    response = _answer(status, _SENTENCES.get(status, status.phrase + "."))
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def _answer(status: HTTPStatus, text: str) -> Response:
    if is_for_machines(request.path):
        return problem(status, text)
    response = no_store(Response(error_page(status, translated(text)), status=status, mimetype="text/html"))
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = RETRY_AFTER_S
    return response
