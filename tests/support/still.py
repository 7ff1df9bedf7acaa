"""A live view that stands still, for what the seeded plan does not have."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from flask import Flask

from geo_policing.api.runtime import install, the_runtime
from geo_policing.services.view import View


class Still:
    """A live view that stands still."""

    def __init__(self, view: View) -> None:
        self._view = view

    def view(self, as_of: date | None = None) -> View:
        return self._view


def view_of_app(app: Flask) -> View:
    """Today's view of `app`."""
    with app.app_context():
        return the_runtime().live.view()


def stand_still(app: Flask, **changes: Any) -> View:
    """Let `app` answer from its view with `changes` laid over it, which is returned, from now on."""
    with app.app_context():
        runtime = the_runtime()
    view = replace(runtime.live.view(), **changes)
    install(app, replace(runtime, live=Still(view)))  # type: ignore[arg-type]
    return view


def beat_id(view: View, slug: str) -> str:
    """The id of the beat published as `slug`."""
    assert view.plan is not None
    return next(beat.id for beat in view.plan.beats if beat.slug == slug)
