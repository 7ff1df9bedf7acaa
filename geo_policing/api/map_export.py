"""`/map/export`: the map of the force as one file that needs neither this server nor the internet."""

from __future__ import annotations

import gzip
import hashlib
import subprocess
import sys
from typing import Any

import numpy as np
import orjson
import shapely
from flask import Response, request
from flask_babel import gettext as _

from geo_policing.api.assets import accepts_gzip
from geo_policing.api.kept_files import kept_file
from geo_policing.api.languages import current_language
from geo_policing.api.map_data import map_version
from geo_policing.api.rendering import page_parts
from geo_policing.api.runtime import the_runtime
from geo_policing.api.spoken_dates import long_date
from geo_policing.domain.facilities import FacilityKind
from geo_policing.errors import GeoPolicingError
from geo_policing.maps.basemap_style import PALETTES
from geo_policing.maps.extent import credits_of, extent_of
from geo_policing.maps.force_picture import ground_frame, ground_picture
from geo_policing.maps.map_style import MARKS
from geo_policing.maps.mercator import lon_lat_of_world
from geo_policing.maps.place_labels import place_labels
from geo_policing.services.isochrones import multipolygon_to_json
from geo_policing.services.map_layers import (
    STEP,
    MapBeat,
    MapDistrict,
    MapPlace,
    beat_shapes,
    map_districts,
    only_examples,
    places_on_map,
)
from geo_policing.services.view import View

MAKE_WITHIN_S = 120
GROUND_PX = 1_920
NAMES_ZOOM = 9
"""The towns named are those that the basemap names at this zoom, at which the file opens."""


def map_export() -> Response:
    """The file for today in the language of the page, to be saved; 503 while another is being made."""
    view = the_runtime().live.view()
    parts = ("map-export", *page_parts(view), map_version(view))
    key = hashlib.sha256(repr(parts).encode()).hexdigest()[:24]
    zipped = accepts_gzip()
    response = Response(mimetype="text/html")
    response.set_etag(f"{key}-{'gzip' if zipped else 'identity'}")
    response.headers["Cache-Control"] = "no-cache"
    # Saved, never shown here: its scripts stand in the file, which the policy of our pages would rightly stop.
    name = f"{view.dataset.force.slug}-{view.as_of.isoformat()}.html"
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.vary.add("Accept-Encoding")
    response.make_conditional(request)
    if response.status_code != 304:
        folder = the_runtime().settings.data_dir / "cache" / "map-export"
        body = kept_file(folder, key, lambda: _made_apart(file_content(view)))
        response.set_data(body if zipped else gzip.decompress(body))
        if zipped:
            response.content_encoding = "gzip"
    return response


def file_content(view: View) -> dict[str, Any]:
    """What `maps.force_file.force_file` makes the file from, in the language of the page."""
    language, places, districts = current_language(), places_on_map(view), map_districts(view)
    force = view.dataset.force.name
    frame = ground_frame(view.dataset, GROUND_PX)
    (west, east), (north, south) = (v.tolist() for v in lon_lat_of_world(frame.box[::2], frame.box[1::2]))
    return {
        "language": language.code,
        "direction": language.direction,
        "title": _("Map of local policing teams: %(force)s", force=force),
        "intro": _("As of %(day)s. In an emergency call 999, otherwise 101.", day=long_date(view.as_of)),
        "layers": _layer_names(),
        "ground": {
            "svg": ground_picture(view.dataset, PALETTES["light"], GROUND_PX),
            "bounds": [[south, west], [north, east]],
        },
        "names": [[p.name, p.lat, p.lon] for p in place_labels(view.dataset) if p.from_zoom <= NAMES_ZOOM],
        "bounds": extent_of(view.dataset).corners,
        **_shapes(view, districts),
        "places": [_place(place) for place in places if place.lat_lon is not None],
        "list": [_listed(each, only_examples(districts)) for each in districts],
        "notes": _notes(view, places, districts),
        "credits": credits_of(view.dataset),
    }


def _notes(view: View, places: tuple[MapPlace, ...], districts: tuple[MapDistrict, ...]) -> list[str]:
    notes = []
    if not the_runtime().settings.official:
        notes.append(_("This is an unofficial map. It is not made by %(force)s.", force=view.dataset.force.name))
    if view.dataset.approximate:
        notes.append(_("Approximate data: boundaries are derived from place names, and posts are made up."))
    if only_examples(districts):
        notes.append(_("Every officer named here is an example, made up to show how this works."))
    if any(place.facility.illustrative for place in places):
        notes.append(_("Places marked as examples were made up; nobody has checked what is open there."))
    return notes


def _layer_names() -> dict[str, str]:
    return {
        "beats": _("Beats"),
        "districts": _("Council districts"),
        "areas": _("Policing areas"),
        FacilityKind.ENQUIRY_OFFICE.value: _("Enquiry offices"),
        FacilityKind.CONTACT_POINT.value: _("Contact points"),
        FacilityKind.RESPONSE_BASE.value: _("Response bases"),
    }


def _shapes(view: View, districts: tuple[MapDistrict, ...]) -> dict[str, Any]:
    if view.plan is None:
        return {"beats": [], "borders": {}}
    shapes = beat_shapes(view.plan, view)
    shown = shapely.set_precision(shapes.lon_lat, STEP, mode="pointwise")
    teams = {own.beat.id: (own, each.district) for each in districts for own in each.beats}
    features = []
    for row, beat in enumerate(view.plan.beats):
        own, district = teams[beat.id]
        text = f"{beat.name}, {district.name}: {_posts(own, only_examples(districts))}"
        properties = {"text": text, "tint": shapes.colours[row]}
        features.append(
            {"type": "Feature", "properties": properties, "geometry": multipolygon_to_json(_many(shown[row]))}
        )
    groups = [teams[beat.id][1] for beat in view.plan.beats]
    areas = [group.area.code if group.area else "" for group in groups]
    borders = {
        "districts": _borders(shown, [group.code for group in groups]),
        "areas": _borders(shown, areas) if any(areas) else None,
    }
    return {"beats": features, "borders": borders}


def _many(geometry: Any) -> Any:
    return shapely.multipolygons(shapely.get_parts(geometry))


def _borders(shapes: Any, groups: list[str]) -> dict[str, Any]:
    """The outlines of the groups of shapes, each stretch once, as a GeoJSON MultiLineString."""
    codes = np.array(groups)
    whole = [shapely.coverage_union_all(shapes[codes == code]) for code in sorted(set(groups))]
    lines = shapely.line_merge(shapely.union_all(shapely.boundary(np.array(whole, dtype=object))))
    coordinates = [shapely.get_coordinates(line).round(5).tolist() for line in shapely.get_parts(lines)]
    return {"type": "MultiLineString", "coordinates": coordinates}


def _place(place: MapPlace) -> dict[str, Any]:
    mark, told = MARKS[place.facility.kind], place.to_json()
    text = ", ".join(filter(None, (f"{_layer_names()[told['kind']]}: {told['name']}", told["address"])))
    return {
        "kind": told["kind"],
        "at": told["at"],
        "letter": mark.letter,
        "fill": mark.fill,
        "path": mark.path,
        "text": text,
    }


def _listed(each: MapDistrict, examples: bool) -> tuple[str, list[tuple[str, list[str]]]]:
    names = _layer_names()
    groups = []
    for kind in MARKS:
        found = [place for place in each.places if place.facility.kind is kind]
        if found:
            groups.append((names[kind.value], [_line(place) for place in found]))
    if each.beats:
        groups.append((names["beats"], [f"{own.beat.name}: {_posts(own, examples)}" for own in each.beats]))
    area = each.district.area
    return (f"{each.district.name} ({area.name})" if area else each.district.name), groups


def _line(place: MapPlace) -> str:
    told = place.to_json()
    marked = f"{told['name']} {_('(example)')}" if place.facility.illustrative else told["name"]
    return ", ".join(filter(None, (marked, told["address"])))


def _posts(own: MapBeat, examples: bool) -> str:
    """The PCSOs of a beat, examples marked as such unless all are `examples`, which is said once."""
    marked = [p.illustrative and not examples for p in own.pcsos]
    posts = [p.name or p.collar_number for p in own.pcsos]
    told = [f"{post} {_('(example)')}" if mark else post for post, mark in zip(posts, marked, strict=True)]
    return ", ".join(told) or _("post vacant")


def _made_apart(content: dict[str, Any]) -> bytes:
    """The file, made by a process of its own, whose memory goes with it."""
    command = [sys.executable, "-m", "geo_policing.maps.force_file"]
    done = subprocess.run(command, input=orjson.dumps(content), capture_output=True, timeout=MAKE_WITHIN_S, check=False)
    if done.returncode:
        last = (done.stderr.decode(errors="replace").strip().splitlines() or ["nothing was said"])[-1]
        raise GeoPolicingError(f"{' '.join(command)} ended with {done.returncode}: {last}")
    return done.stdout
