"""What a WSGI server loads, as `geo_policing.api.wsgi:app` or by the factory `make_app`.

Importing this module does nothing; the first look at `app` makes it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def make_app() -> Flask:
    """The application of a server process: settings from the environment, log lines to standard output.

    What a first lookup would wait for is made ready where there is data; where there is none, it starts all the same.
    """
    from geo_policing.api import logs
    from geo_policing.api.app import create_app
    from geo_policing.api.runtime import the_runtime
    from geo_policing.errors import GeoPolicingError
    from geo_policing.services.lookup import warm

    logs.configure()
    made = create_app()
    with made.app_context(), suppress(GeoPolicingError):
        warm(the_runtime().live.view())
    return made


def __getattr__(name: str) -> Flask:
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()["app"] = made = make_app()
    return made
