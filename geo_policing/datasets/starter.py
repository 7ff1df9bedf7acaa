"""The starter's own formats: what `boundaries/` holds, read by the same build as any publisher's files.

Units carry a suggested beat, their place (a GeoNames id) and its share of residents; postcodes carry how far off their
point may be. All of it is derived from places, so a dataset made of it is approximate. Its roads: `starter_roads`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo_policing.datasets.discover import CSV, VECTOR, Probe
from geo_policing.datasets.postcode_rows import Fault, grid_faults, parse_numbers, parse_postcodes
from geo_policing.datasets.postcodes import PostcodeBook
from geo_policing.datasets.rows import AreaRows, UnitRows
from geo_policing.datasets.schema import PostcodeStatus
from geo_policing.datasets.shares import Shares
from geo_policing.datasets.tables import Table
from geo_policing.datasets.textfile import read_rows
from geo_policing.datasets.vector import VectorLayer, read_layer
from geo_policing.errors import SourceError

GIVEN = "given"
"""The method of postcode shares: each postcode has the one unit that holds its point."""
UNIT_FIELDS = ("unit", "district", "beat", "place", "population")
DISTRICT_FIELDS = ("district", "name", "inside")
POSTCODE_COLUMNS = ("postcode", "easting", "northing", "accuracy_m", "district", "settlement", "terminated")
NO_QUALITY = -1
_REMAKE = "Mend the row, or make the file again with scripts/make-starter."
_YES_NO = ("yes", "no")


def is_units(probe: Probe) -> bool:
    """True for a layer of the starter's units."""
    return probe.format == VECTOR and set(UNIT_FIELDS) <= set(probe.fields)


def is_districts(probe: Probe) -> bool:
    """True for a layer of the starter's districts."""
    return probe.format == VECTOR and set(DISTRICT_FIELDS) <= set(probe.fields)


def is_postcodes(probe: Probe) -> bool:
    """True for the starter's table of postcodes."""
    return probe.format == CSV and set(POSTCODE_COLUMNS) <= set(probe.fields)


def recognises(probe: Probe) -> bool:
    """True for anything that this module reads; `gazetteer` reads the starter's places."""
    return is_units(probe) or is_districts(probe) or is_postcodes(probe)


def read_units(probe: Probe) -> UnitRows:
    """The units of the layer, with their suggested beats and residents (NaN where no source has any).

    SourceError as `vector.read_layer`, and for a population that is no number of at least 0.
    """
    layer = read_layer(probe.path, probe.layer)
    return UnitRows(
        file=layer.path,
        id=layer.text("unit"),
        district_code=layer.text("district"),
        lsoa=layer.text(None),
        lsoa_name=layer.text(None),
        suggested_beat=layer.text("beat"),
        population=layer.numbers("population"),
        geometry=layer.geometry,
        code_field="unit",
    )


def read_units_of_places(probe: Probe) -> dict[str, tuple[str, ...]]:
    """For each place (GeoNames id) the ids of the units that were cut from its cell, ordered; units without one are
    in none.

    SourceError as `vector.read_layer`.
    """
    layer = read_layer(probe.path, probe.layer)
    units: dict[str, list[str]] = {}
    for place, unit in zip(_whole_numbers(layer, "place"), layer.text("unit").tolist(), strict=True):
        if place:
            units.setdefault(place, []).append(unit)
    return {place: tuple(sorted(own)) for place, own in units.items()}


def read_districts(probe: Probe) -> AreaRows:
    """The districts of the layer, those over the border too; which are inside is the force's to say.

    SourceError as `vector.read_layer`.
    """
    layer = read_layer(probe.path, probe.layer)
    return AreaRows(layer.path, layer.text("district"), layer.text("name"), layer.geometry, "district")


def read_postcodes(paths: Sequence[Path]) -> PostcodeBook:
    """All postcodes of `paths`, ordered; their quality is -1, and `accuracy_m` is what the file says.

    SourceError names file, row and field for a postcode, number or yes/no that is none, a point off the National
    Grid, and a postcode that stands twice.
    """
    parts = [_read_file(path) for path in paths]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]} if parts else _read_none()
    order = np.argsort(columns["postcode"], kind="stable")
    postcode = columns["postcode"][order]
    repeated = np.flatnonzero(postcode[1:] == postcode[:-1])
    if len(repeated):
        raise SourceError(
            f"postcode {postcode[repeated[0]]} stands twice", remedy="Keep one of the rows.", file=paths[0]
        )
    count = len(order)
    return PostcodeBook(
        postcode=postcode,
        easting=columns["easting"][order],
        northing=columns["northing"][order],
        accuracy_m=columns["accuracy_m"][order],
        quality=np.full(count, NO_QUALITY, dtype=np.int16),
        status=columns["status"][order],
        large_user=np.zeros(count, dtype=bool),
        district_code=columns["district"][order],
        ward_code=np.full(count, "", dtype="U1"),
    )


def given_shares(postcodes: Table) -> Shares:
    """Each live postcode of the table `postcodes` wholly in the unit that holds its point; method `GIVEN`."""
    rows = np.flatnonzero((postcodes["status"] == PostcodeStatus.LIVE) & (postcodes["unit"] >= 0))
    table = Table.of("postcode_units", postcode=rows, unit=postcodes["unit"][rows], share=np.ones(len(rows)))
    return Shares(table, GIVEN)


def _read_file(path: Path) -> dict[str, NDArray[Any]]:
    records = list(read_rows(path, POSTCODE_COLUMNS))
    if not records:
        return _read_none()
    texts = dict(zip(POSTCODE_COLUMNS, zip(*records, strict=True), strict=True))
    postcode, bad_postcode = parse_postcodes("postcode", texts["postcode"])
    faults = [bad_postcode]
    numbers = {}
    for name in ("easting", "northing", "accuracy_m"):
        numbers[name], fault = parse_numbers(name, texts[name])
        faults += [fault, fault_of(name, np.isnan(numbers[name]) & ~fault.bad, "is missing", texts[name])]
    faults += grid_faults(("easting", "northing"), numbers["easting"], numbers["northing"])
    faults.append(fault_of("accuracy_m", numbers["accuracy_m"] <= 0, "is not above 0", texts["accuracy_m"]))
    terminated = np.array(texts["terminated"])
    faults.append(fault_of("terminated", ~np.isin(terminated, _YES_NO), "is neither yes nor no", texts["terminated"]))
    refuse_first(path, faults)
    status = np.where(terminated == "yes", PostcodeStatus.TERMINATED, PostcodeStatus.LIVE).astype(np.int8)
    return {"postcode": postcode, **numbers, "status": status, "district": np.array(texts["district"])}


def _read_none() -> dict[str, NDArray[Any]]:
    return {
        "postcode": np.empty(0, dtype="U7"),
        "easting": np.empty(0),
        "northing": np.empty(0),
        "accuracy_m": np.empty(0),
        "status": np.empty(0, dtype=np.int8),
        "district": np.empty(0, dtype="U9"),
    }


def fault_of(field: str, bad: NDArray[np.bool_], problem: str, texts: Sequence[str]) -> Fault:
    """A fault whose remedy is to make the starter's file again."""
    return Fault(field, problem, _REMAKE, bad, texts)


def refuse_first(path: Path, faults: Sequence[Fault]) -> None:
    """SourceError for the earliest row that has a fault: these files are made by a program, so none is tolerated."""
    found = [(int(np.argmax(fault.bad)), number) for number, fault in enumerate(faults) if fault.bad.any()]
    if not found:
        return
    row, number = min(found)
    fault = faults[number]
    text = fault.texts[row] if row < len(fault.texts) else ""
    raise SourceError(f"{text!r} {fault.problem}", remedy=fault.remedy, file=path, row=row + 1, field=fault.field)


def _whole_numbers(layer: VectorLayer, name: str) -> list[str]:
    """An attribute of whole numbers as text, '' for null; GDAL gives floats where some are null."""
    return ["" if np.isnan(value) else str(int(value)) for value in layer.numbers(name)]
