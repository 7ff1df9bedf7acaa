"""The drive-time page's pictures, drawn by the server: bands of drive time, and what a change gains and loses."""

from __future__ import annotations

from dataclasses import replace

import shapely
from flask import Blueprint, Response, request
from flask_babel import gettext as _

from geo_policing.api.drive_pages import read
from geo_policing.api.kept import kept
from geo_policing.api.rendering import page_parts
from geo_policing.api.runtime import the_runtime
from geo_policing.api.tiles import tiles_version
from geo_policing.domain.postcodes import shown
from geo_policing.errors import InvalidInputError, NotFoundError
from geo_policing.maps.band_style import GAINED, LOST, ChangeStyle, band_styles
from geo_policing.maps.basemap_style import PALETTES, Palette
from geo_policing.maps.drive_picture import Mark, drive_picture
from geo_policing.services.bases import Base, after, bases_of
from geo_policing.services.drive_layers import changed_areas
from geo_policing.services.drive_page import DrivePageQuery
from geo_policing.services.drive_places import trial_of
from geo_policing.services.isochrones import isochrones
from geo_policing.services.view import View

drive_pictures = Blueprint("drive_pictures", __name__)


@drive_pictures.get("/drive-time/map.svg")
def picture() -> Response:
    """The page's picture in the `style` light or dark; with `change=MINUTES` what the change gains and loses there."""
    view = the_runtime().live.view()
    lists = dict(request.args.lists())
    (style,) = lists.pop("style", ["light"])[-1:]
    changed = lists.pop("change", None)
    palette = PALETTES.get(style)
    if palette is None:
        raise NotFoundError(f"style {shown(style)} is not drawn. Ask for one of {', '.join(PALETTES)}.")
    query = read(view, lists)
    minutes = None if changed is None else _threshold(changed[-1], query)
    parts = ("drive-picture", *page_parts(view), tiles_version(view.dataset), query, style, minutes)
    return kept(lambda: _drawn(view, query, palette, minutes), *parts, mimetype="image/svg+xml")


def _threshold(text: str, query: DrivePageQuery) -> int:
    if text not in map(str, query.minutes):
        listed = ", ".join(map(str, query.minutes))
        raise InvalidInputError(f"change {shown(text)} is none of the minutes asked for: {listed}.", field="change")
    return int(text)


def _drawn(view: View, query: DrivePageQuery, palette: Palette, changed: int | None) -> str:
    return _bands(view, query, palette) if changed is None else _change(view, query, palette, changed)


def _bands(view: View, query: DrivePageQuery, palette: Palette) -> str:
    found = isochrones(view, query.isochrones(bands=True))
    bands = list(zip(band_styles(query.minutes), found.geometries(), strict=False))
    marks = [_mark(base, new=base not in bases_of(view)) for base in found.placed.bases]
    minutes = ", ".join(str(m) for m in query.minutes)
    names = ", ".join(mark.name for mark in marks) or _("no base")
    title = _("Map of the areas within %(minutes)s minutes’ drive of %(bases)s", minutes=minutes, bases=names)
    return drive_picture(view.dataset, palette, bands, marks, title)


def _change(view: View, query: DrivePageQuery, palette: Palette, minutes: int) -> str:
    found = changed_areas(view, query.within(minutes))
    areas = [(style, area.area) for style, area in zip(_change_styles(), found, strict=True)]
    then, today = after(view, trial_of(query.change)), bases_of(view)
    marks = [_mark(base, gone=base not in then) for base in today]
    marks += [_mark(base, new=True) for base in then if base not in today]
    title = _("Map of what is gained and lost within %(minutes)s minutes’ drive of a base", minutes=minutes)
    around = shapely.GeometryCollection([area for _, area in areas])
    return drive_picture(view.dataset, palette, areas, marks, title, around=around)


def _change_styles() -> tuple[ChangeStyle, ChangeStyle]:
    """The looks of what is gained and lost, with their words in the language of the page."""
    return replace(GAINED, label=_("gained")), replace(LOST, label=_("lost"))


def _mark(base: Base, *, new: bool = False, gone: bool = False) -> Mark:
    lat, lon = base.lat_lon
    return Mark(_("Trial base") if base.id.startswith("open-") else base.name, lat, lon, new, gone)
