"""Putting the application together."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

from flask import Flask

import geo_policing
from geo_policing.api import (
    drive_time,
    drive_time_schemas,
    errors,
    finding,
    headers,
    logs,
    lookup,
    police_uk,
    police_uk_schemas,
    rendering,
    schemas,
)
from geo_policing.api.assets import Assets
from geo_policing.api.browse_pages import browse_pages
from geo_policing.api.calendar_pages import calendar_pages
from geo_policing.api.catalogues import load_catalogues
from geo_policing.api.drive_pages import drive_pages
from geo_policing.api.drive_pictures import drive_pictures
from geo_policing.api.embed_pages import embed_pages, embed_script
from geo_policing.api.health import health
from geo_policing.api.languages import prepare_languages, register_pages
from geo_policing.api.map_data import map_data
from geo_policing.api.map_pages import map_pages
from geo_policing.api.outcomes import outcomes
from geo_policing.api.pages import pages
from geo_policing.api.runtime import Runtime, WrittenPages, install
from geo_policing.api.shards import shards
from geo_policing.api.statement_pages import statement_pages
from geo_policing.api.static_files import static_files
from geo_policing.api.tiles import tiles
from geo_policing.clock import Clock
from geo_policing.config import Settings
from geo_policing.errors import ConfigError
from geo_policing.services.live import Live

DATA_VARIABLE = "GEO_POLICING_DATA"

ExceptionInfo: TypeAlias = tuple[type, BaseException, TracebackType | None] | tuple[None, None, None]


class Application(Flask):
    """Flask, but for how it logs a failure: a traceback's text may hold what a resident typed."""

    def log_exception(self, exc_info: ExceptionInfo) -> None:
        """Log the type and place of the failure, not its text."""
        if exc_info[1] is not None:
            logs.log_failure(exc_info[1])


def create_app(
    settings: Settings | None = None, clock: Clock | None = None, *, written: WrittenPages | None = None
) -> Flask:
    """The web application over the data folder of `settings` (from the environment where None).

    `written` is for pages that go into files rather than to a browser.

    Needs neither dataset nor database to be there: until they are, `/readyz` and the pages say so. ConfigError where
    no settings are given and the environment names no data folder.
    """
    settings = settings or _settings_from_env()
    clock = clock or Clock()
    web = Path(str(files("geo_policing.web")))
    app = Application("geo_policing.api", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_upload_bytes
    # Multipart fields beside the file are of no use here, so few and small ones will do.
    app.config["MAX_FORM_PARTS"], app.config["MAX_FORM_MEMORY_SIZE"] = 20, 100_000
    catalogues = load_catalogues(web)
    install(app, Runtime(settings, clock, Live(settings, clock), Assets.load(web, catalogues), written))
    rendering.prepare(app, web)
    prepare_languages(app, catalogues)
    finding.prepare(app)
    logs.register(app)
    headers.register(app)
    errors.register(app)
    _register_blueprints(app)
    return app


def _register_blueprints(app: Flask) -> None:
    for blueprint in (
        pages,
        drive_pages,
        drive_pictures,
        map_pages,
        outcomes,
        browse_pages,
        calendar_pages,
        embed_pages,
        statement_pages,
    ):
        register_pages(app, blueprint)
    app.register_blueprint(embed_script)
    app.register_blueprint(shards)
    app.register_blueprint(health)
    app.register_blueprint(static_files)
    app.register_blueprint(tiles)
    app.register_blueprint(map_data)
    app.config["OPENAPI_URL_PREFIX"] = "/api/v1"
    documentation = schemas.Documentation(
        app,
        spec_kwargs={
            "title": "Local policing team API",
            "version": geo_policing.__version__,
            "openapi_version": "3.1.0",
            "info": {"description": schemas.DESCRIPTION},
        },
    )
    documentation.describe_components(more=drive_time_schemas.SCHEMAS | police_uk_schemas.SCHEMAS)
    documentation.register_blueprint(lookup.blueprint)
    documentation.register_blueprint(drive_time.blueprint)
    documentation.register_blueprint(police_uk.blueprint)


def _settings_from_env() -> Settings:
    folder = os.environ.get(DATA_VARIABLE, "")
    if not folder:
        raise ConfigError(f"{DATA_VARIABLE} is not set. Set it to the data folder, as scripts/serve does.")
    return Settings.from_env(data_dir=Path(folder))
