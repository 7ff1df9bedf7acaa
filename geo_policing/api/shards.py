"""Shards for browsers that answer by themselves: `/shards/{version}/{outward code}.json`.

`version` covers the data, the beats and the answering code, so a browser may keep what it got for as long as the
plan is in force; under another version the present shard is sent, but not to be kept.
"""

from __future__ import annotations

import orjson
from flask import Blueprint, Response

from geo_policing.api.finding import current_shards
from geo_policing.api.runtime import the_runtime
from geo_policing.api.tiles import drawn_once
from geo_policing.services.place_shards import place_shards

shards = Blueprint("shards", __name__, url_prefix="/shards")


@shards.get("/<version>/<outward>.json")
def shard(version: str, outward: str) -> Response:
    """What lies where in one outward code, such as CB1; 404 where the data has no postcode that begins so."""
    view = the_runtime().live.view()
    made = current_shards(view)
    found = made.shard(outward)
    key = ("shard", made.version, outward)
    return drawn_once(key, version == made.version, "application/json", lambda: orjson.dumps(found).decode())


@shards.get("/<version>/places/<key>.json")
def places(version: str, key: str) -> Response:
    """Places and streets whose names begin with the two letters of `key`; 404 where none does."""
    view = the_runtime().live.view()
    made, found = current_shards(view), place_shards(view)
    current = version == made.version
    return drawn_once(
        ("places", made.version, key), current, "application/json", lambda: orjson.dumps(found.shard(key)).decode()
    )
