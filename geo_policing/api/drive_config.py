"""What the drive-time page's scripts are told: where the map's parts come from, and what the page was asked for."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from geo_policing.api.tiles import tiles_version
from geo_policing.maps.band_style import GAINED, LOST, BandStyle
from geo_policing.maps.extent import extent_of
from geo_policing.maps.mercator import LEAST_ZOOM, MOST_ZOOM
from geo_policing.services.bases import Base, bases_of
from geo_policing.services.drive_page import DrivePageQuery
from geo_policing.services.drive_places import trial_of
from geo_policing.services.scenarios import as_lists
from geo_policing.services.view import View


def map_config(view: View, query: DrivePageQuery, styles: tuple[BandStyle, ...]) -> dict[str, Any]:
    """JSON types for `drive_time.js`.

    `change` holds `close`, `open` and `move` as the API takes them, without the trial base: `trial` is where that
    stands, [lat, lon] or null, and `instead` the id of the base that it takes the place of, "" for none.
    """
    version = tiles_version(view.dataset)
    change = as_lists(query.change)
    if query.trial is not None:
        # It can be moved on the map, so the script adds it where it then is.
        change |= {"open": [], "move": []}
    return {
        "map": {
            "tiles": f"/tiles/{version}/{{style}}/{{z}}/{{x}}/{{y}}.svg",
            "places": f"/tiles/{version}/places.json",
            "bounds": extent_of(view.dataset).corners,
            "zooms": [LEAST_ZOOM, MOST_ZOOM],
        },
        "bands": [style.to_json() for style in styles],
        "changes": {style.key: style.to_json() for style in (GAINED, LOST)},
        "bases": _marks(view, query),
        "change": change,
        "minutes": list(query.minutes),
        "profile": str(query.profile),
        "worse_by": query.worse_by,
        "trial": None if query.trial is None else [query.trial.y, query.trial.x],
        "instead": query.instead,
    }


def _marks(view: View, query: DrivePageQuery) -> list[dict[str, Any]]:
    """Every base to be marked: `state` is open, closed (as those are that move away) or new."""
    trial = trial_of(query.change)
    gone = {base.id for base in bases_of(view)} - set(query.bases) | {base_id for base_id, _ in trial.move}
    found = [_mark(base, base.name, "closed" if base.id in gone else "open") for base in bases_of(view)]
    if query.trial is not None:
        return found
    names = {base.id: base.name for base in bases_of(view)}
    found += [_mark(to, _("%(base)s, moved", base=names.get(base_id, base_id)), "new") for base_id, to in trial.move]
    return found + [_mark(base, _("Trial base"), "new") for base in trial.open]


def _mark(base: Base, name: str, state: str) -> dict[str, Any]:
    lat, lon = base.lat_lon
    return {"id": base.id, "name": name, "lat": lat, "lon": lon, "state": state}
