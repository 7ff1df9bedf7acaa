"""Where each source comes from and under which terms: publisher, licence, attribution, vintage, checksum, size.

The publisher and the licence follow from what a file is, as its publisher gives it out; a manifest.json of its maker
beside it that lists this very content (by checksum) says it better. The vintage is read where the
file, its folder or its publisher's notes beside it say it, and is None where none of them does.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo_policing.datasets.ons import vintage_of_field

_CHUNK_BYTES = 1 << 20
OGL = ("Open Government Licence v3.0", "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/")
ODBL = ("Open Database Licence 1.0", "https://opendatacommons.org/licenses/odbl/1-0/")
CC_BY = ("Creative Commons Attribution 4.0", "https://creativecommons.org/licenses/by/4.0/")
_OS_LINE = "Contains OS data © Crown copyright and database right{year}"
_ROYAL_MAIL_LINE = "Contains Royal Mail data © Royal Mail copyright and database right{year}"
_STATISTICS_LINE = "Contains National Statistics data © Crown copyright and database right{year}"
_ONS_LINE = "Source: Office for National Statistics licensed under the Open Government Licence v3.0"
_POSTCODE_LINES = (_OS_LINE, _ROYAL_MAIL_LINE, _STATISTICS_LINE)
_POLICE_LINE = "Contains public sector information licensed under the Open Government Licence v3.0"
_NOTED = ("publisher", "licence", "licence_url", "attribution", "vintage")
_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|"
    "jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec"
)
_MONTH_AND_YEAR = re.compile(rf"(?<![a-z])({_MONTHS})[ _-]?((?:19|20)\d\d)(?!\d)", re.IGNORECASE)
_YEAR_AND_MONTH = re.compile(r"(?<!\d)((?:19|20)\d\d)-(0[1-9]|1[0-2])(?!\d)")
_MID_YEAR = re.compile(r"(?<![a-z])mid[ _-]?((?:19|20)\d\d)(?!\d)", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_OS_DATE = re.compile(r"COPYRIGHT DATE:\s*((?:19|20)\d\d)(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Terms:
    """What a kind of file is, who publishes it and what must be said.

    `{year}` in a line becomes that of the vintage, or goes away where none is known.
    """

    title: str
    publisher: str
    licence: tuple[str, str]
    lines: tuple[str, ...]
    has_header: bool = True


_ONS, _OS = "Office for National Statistics", "Ordnance Survey"
_GEONAMES_LINE = "Contains place data of GeoNames (geonames.org), CC BY 4.0"
_STARTER_LINE = f"{_GEONAMES_LINE}; changed: tessellated, split and grouped, and approximate"
_SCHEMATIC_LINE = f"{_GEONAMES_LINE}; changed: schematic lines between places, no real roads"
TERMS: dict[str, Terms] = {
    "output_areas": Terms("Census output areas", _ONS, OGL, (_ONS_LINE, _OS_LINE)),
    "lsoas": Terms("Lower-layer super output areas", _ONS, OGL, (_ONS_LINE, _OS_LINE)),
    "wards": Terms("Electoral wards", _ONS, OGL, (_ONS_LINE, _OS_LINE)),
    "districts": Terms("Local authority districts", _ONS, OGL, (_ONS_LINE, _OS_LINE)),
    "force_areas": Terms("Police force areas", _ONS, OGL, (_ONS_LINE, _OS_LINE)),
    "population": Terms("Population estimates", _ONS, OGL, (_ONS_LINE,)),
    "postcode_directory": Terms("Postcode directory", _ONS, OGL, (_ONS_LINE, *_POSTCODE_LINES)),
    "uprn_postcodes": Terms("UPRN directory", _ONS, OGL, (_ONS_LINE, *_POSTCODE_LINES)),
    "code_point": Terms("Code-Point Open", _OS, OGL, _POSTCODE_LINES, has_header=False),
    "open_uprn": Terms("OS Open UPRN", _OS, OGL, (_OS_LINE,)),
    "open_names": Terms("OS Open Names", _OS, OGL, (_OS_LINE,), has_header=False),
    "street_crime": Terms("Street-level crime", "data.police.uk", OGL, (_POLICE_LINE,)),
    "roads": Terms("Roads", "OpenStreetMap", ODBL, ("© OpenStreetMap contributors, ODbL 1.0",)),
    "geonames": Terms("Names of places", "GeoNames", CC_BY, (_GEONAMES_LINE,), has_header=False),
    "places": Terms("Names of places", "GeoNames", CC_BY, (_GEONAMES_LINE,)),
    "starter_units": Terms("Starter units", "geo_policing", CC_BY, (_STARTER_LINE,)),
    "starter_districts": Terms("Starter districts", "geo_policing", CC_BY, (_STARTER_LINE,)),
    "starter_postcodes": Terms("Starter postcodes", "geo_policing", CC_BY, (_STARTER_LINE,)),
    "starter_roads": Terms("Schematic roads", "geo_policing", CC_BY, (_SCHEMATIC_LINE,)),
    "force": Terms("The force's configuration", "", ("", ""), ()),
}
"""What is known of each kind of file that a build reads."""


def describe(
    path: Path, kind: str, *, label: str, fields: Sequence[str] = (), records: int | None = None
) -> dict[str, Any]:
    """The manifest's entry for one source file, plain JSON types.

    `label` is how the manifest names it and `fields` its attributes, which may carry a vintage. `records` is None
    where the reader does not count them: then the lines of a text file are counted (less its header), and a binary
    file has None.
    """
    terms = TERMS[kind]
    digest, size, lines = _digest(path)
    if records is None and lines is not None:
        records = max(lines - terms.has_header, 0)
    vintage = vintage_of(path, label, fields)
    year = _YEAR.search(vintage) if vintage else None
    entry = {
        "file": label,
        "publisher": terms.publisher,
        "title": terms.title,
        "kind": kind,
        "licence": terms.licence[0],
        "licence_url": terms.licence[1],
        "attribution": ". ".join(line.format(year=f" {year[1]}" if year else "") for line in terms.lines),
        "vintage": vintage,
        "sha256": digest,
        "bytes": size,
        "records": records,
    }
    return entry | _makers_notes(path, digest)


def vintage_of(path: Path, label: str, fields: Sequence[str] = ()) -> str | None:
    """When the file's content is of, as it says itself: "December 2024", "2018-10", "mid-2020", "2011"; else None.

    Looked for in Ordnance Survey's `Doc/metadata.txt` beside it, in `label` (its name within the sources), and in the
    years that its attributes' names carry.
    """
    noted = _os_date(path)
    if noted:
        return noted
    name = label.rsplit("/", 1)[-1]
    for text in (name, label):
        if match := _MONTH_AND_YEAR.search(text):
            return f"{match[1].capitalize()} {match[2]}"
        if match := _YEAR_AND_MONTH.search(text):
            return f"{match[1]}-{match[2]}"
        if match := _MID_YEAR.search(text):
            return f"mid-{match[1]}"
        if match := _YEAR.search(text):
            return match[1]
    years = [year for year in map(vintage_of_field, fields) if year is not None]
    return str(years[0]) if years else None


def _os_date(path: Path) -> str | None:
    """The date in the notes of an Ordnance Survey product, which lie two folders up from its data."""
    for folder in list(path.parents)[1:3]:
        notes = folder / "Doc" / "metadata.txt"
        if notes.is_file():
            match = _OS_DATE.search(notes.read_text(encoding="latin-1"))
            return f"{match[1]}-{match[2]}" if match else None
    return None


def _makers_notes(path: Path, digest: str) -> dict[str, str]:
    """What a manifest.json beside the file, or one folder up, says of exactly this content; {} where none does."""
    for folder in path.parents[:2]:
        notes = folder / "manifest.json"
        if notes.is_file():
            own = next((e for e in _entries(notes) if e.get("sha256") == digest), {})
            return {key: str(own[key]) for key in _NOTED if key in own}
    return {}


def _entries(notes: Path) -> list[dict[str, Any]]:
    """The files that a maker's manifest lists; [] where it is a manifest of another kind."""
    try:
        content = json.loads(notes.read_bytes())
    except ValueError:
        return []
    listed = content.get("files", []) if isinstance(content, dict) else []
    return [entry for entry in listed if isinstance(entry, dict)]


def _digest(path: Path) -> tuple[str, int, int | None]:
    """SHA-256, size in bytes, and the number of lines of a text table (None for anything else)."""
    digest, size, lines, last = hashlib.sha256(), 0, 0, b"\n"
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
            lines += chunk.count(b"\n")
            last = chunk[-1:]
    is_table = path.suffix.lower() in (".csv", ".tsv", ".txt")
    return digest.hexdigest(), size, lines + (last != b"\n") if is_table else None
