"""What every request may reach for: the live view, the clock, the settings and the static files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Flask, current_app

from geo_policing.api.assets import Assets
from geo_policing.clock import Clock
from geo_policing.config import Settings
from geo_policing.services.live import Live

_KEY = "geo_policing"


@dataclass(frozen=True)
class WrittenPages:
    """How pages are written to files.

    `at` is the local time at which they are, `most_zoom` the last zoom of which there are tiles, and `base` the path at
    which the site will be, with a slash at both ends.
    """

    at: datetime
    most_zoom: int
    base: str = "/"


@dataclass(frozen=True)
class Runtime:
    """One application's own parts; a worker has one, and they hold no state of any resident.

    `written` is None where pages come from a server; else they are written to files, and there will be none to ask.
    """

    settings: Settings
    clock: Clock
    live: Live
    assets: Assets
    written: WrittenPages | None = None


def install(app: Flask, runtime: Runtime) -> None:
    """Make `runtime` what `the_runtime` gives within `app`."""
    app.extensions[_KEY] = runtime


def the_runtime() -> Runtime:
    """The runtime of the application that answers now; RuntimeError outside an application context."""
    runtime: Runtime = current_app.extensions[_KEY]
    return runtime
