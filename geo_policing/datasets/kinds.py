"""Every kind of source that a build knows, and who recognises it. The first kind that recognises a file has it."""

from __future__ import annotations

from geo_policing.datasets import (
    code_point,
    forces,
    gazetteer,
    nspl,
    nsul,
    ons,
    osm,
    police_uk,
    population,
    starter,
    starter_roads,
)
from geo_policing.datasets.discover import Kind, Probe

FORCE = "force"
OUTPUT_AREAS, LSOAS, WARDS, DISTRICTS, FORCE_AREAS = "output_areas", "lsoas", "wards", "districts", "force_areas"
CODE_POINT, POSTCODE_DIRECTORY = "code_point", "postcode_directory"
UPRN_POSTCODES, OPEN_UPRN = "uprn_postcodes", "open_uprn"
POPULATION, STREET_CRIME, ROADS = "population", "street_crime", "roads"
OPEN_NAMES, GEONAMES, PLACES = "open_names", "geonames", "places"
STARTER_UNITS, STARTER_DISTRICTS, STARTER_POSTCODES = "starter_units", "starter_districts", "starter_postcodes"
STARTER_ROADS = "starter_roads"
_OPEN_NAMES_COLUMNS, _GEONAMES_COLUMNS = 34, 19


def _is_open_names(probe: Probe) -> bool:
    return gazetteer.recognises(probe) and len(probe.fields) == _OPEN_NAMES_COLUMNS


def _is_geonames(probe: Probe) -> bool:
    return gazetteer.recognises(probe) and len(probe.fields) == _GEONAMES_COLUMNS


KINDS: tuple[Kind, ...] = (
    Kind(FORCE, forces.recognises, single=True),
    Kind(STARTER_UNITS, starter.is_units, single=True),
    Kind(STARTER_DISTRICTS, starter.is_districts, single=True),
    Kind(STARTER_POSTCODES, starter.is_postcodes, single=True),
    Kind(STARTER_ROADS, starter_roads.is_roads, single=True),
    Kind(OUTPUT_AREAS, ons.is_output_areas, single=True),
    Kind(LSOAS, ons.is_lsoas, single=True),
    Kind(WARDS, ons.is_wards, single=True),
    Kind(DISTRICTS, ons.is_districts, single=True),
    Kind(FORCE_AREAS, ons.is_force_areas, single=True),
    Kind(CODE_POINT, code_point.recognises),
    Kind(UPRN_POSTCODES, nsul.recognises),
    Kind(OPEN_UPRN, nsul.recognises_open_uprn),
    Kind(POSTCODE_DIRECTORY, nspl.recognises),
    Kind(POPULATION, population.recognises),
    Kind(STREET_CRIME, police_uk.recognises),
    Kind(OPEN_NAMES, _is_open_names),
    Kind(GEONAMES, _is_geonames),
    Kind(PLACES, gazetteer.recognises),
    Kind(ROADS, osm.recognises),
)
