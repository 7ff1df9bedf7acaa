"""For operators and load balancers: is the process alive, and would it answer a lookup."""

from __future__ import annotations

from http import HTTPStatus

import orjson
from flask import Blueprint, Response

from geo_policing.api import logs
from geo_policing.api.errors import problem
from geo_policing.api.headers import no_store
from geo_policing.api.runtime import the_runtime
from geo_policing.errors import GeoPolicingError

health = Blueprint("health", __name__)


@health.get("/healthz")
def healthz() -> Response:
    """200 while the process can answer at all; looks at neither dataset nor database."""
    return _json({"status": "ok"})


@health.get("/readyz")
def readyz() -> Response:
    """200 only where a lookup would be answered, 503 as problem+json else.

    `stale_since` is set where the database cannot be reached and answers come from what was last read of it.
    """
    try:
        view = the_runtime().live.view()
    except GeoPolicingError as error:
        logs.log_failure(error)
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "The dataset or the database cannot be read. The log says why.")
    if view.plan is None:
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "No plan is in force today.")
    stale = view.stale_since
    return _json(
        {
            "status": "ready" if stale is None else "stale",
            "data_version": view.dataset.data_version,
            "revision": view.revision,
            "as_of": view.as_of.isoformat(),
            "stale_since": None if stale is None else stale.isoformat(),
        }
    )


def _json(content: dict[str, object]) -> Response:
    return no_store(Response(orjson.dumps(content), mimetype="application/json"))
