"""Areas of the Office for National Statistics: output areas, LSOAs, wards, districts, police force areas.

Attributes carry a vintage in their names (`LAD24CD`, `OA21CD`), so they are found by form, in either case. What a
layer is of is the finest code it gives: output areas also name their LSOA and district.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from geo_policing.datasets.discover import VECTOR, Probe
from geo_policing.datasets.rows import AreaRows, UnitRows
from geo_policing.datasets.vector import VectorLayer, read_layer
from geo_policing.errors import SourceError

OUTPUT_AREA, LSOA, WARD, DISTRICT, FORCE_AREA = "OA", "LSOA", "WD", "LAD", "PFA"
_CODE = re.compile(r"([A-Z]{2,5})(\d\d)CD", re.IGNORECASE)


def is_output_areas(probe: Probe) -> bool:
    """True for a layer of census output areas."""
    return _level(probe) == OUTPUT_AREA


def is_lsoas(probe: Probe) -> bool:
    """True for a layer of lower-layer super output areas."""
    return _level(probe) == LSOA


def is_wards(probe: Probe) -> bool:
    """True for a layer of electoral wards."""
    return _level(probe) == WARD


def is_districts(probe: Probe) -> bool:
    """True for a layer of local authority districts."""
    return _level(probe) == DISTRICT


def is_force_areas(probe: Probe) -> bool:
    """True for a layer of police force areas."""
    return _level(probe) == FORCE_AREA


def recognises(probe: Probe) -> bool:
    """True for any layer that this module reads."""
    return _level(probe) in (OUTPUT_AREA, LSOA, WARD, DISTRICT, FORCE_AREA)


def read_output_areas(probe: Probe) -> UnitRows:
    """Output areas as units, with the LSOA and the district that they name themselves.

    SourceError as `vector.read_layer`.
    """
    return _units(read_layer(probe.path, probe.layer), OUTPUT_AREA)


def read_lsoas_as_units(probe: Probe) -> UnitRows:
    """LSOAs as units, for sources without output areas; each is its own LSOA."""
    return _units(read_layer(probe.path, probe.layer), LSOA)


def read_areas(probe: Probe) -> AreaRows:
    """LSOAs, wards, districts or force areas: their codes, names (the code where there is none) and shapes.

    SourceError as `vector.read_layer`, and where the layer gives no ONS code.
    """
    layer = read_layer(probe.path, probe.layer)
    code_field = _own_code_field(layer, _level(probe) or "")
    codes = layer.text(code_field)
    names = layer.text(_name_field(layer, code_field))
    return AreaRows(probe.path, codes, np.where(names == "", codes, names), layer.geometry, code_field)


def code_field_of(fields: Iterable[str], level: str) -> str | None:
    """The attribute that holds the code of `level` ("LAD" finds "LAD24CD"), None where there is none.

    Of several vintages in one layer the newest is taken; years of 50 and above are of the last century.
    """
    found = []
    for name in fields:
        match = _CODE.fullmatch(name)
        if match and match[1].upper() == level:
            found.append(((int(match[2]) + 50) % 100, name))
    return max(found)[1] if found else None


def vintage_of_field(field: str) -> int | None:
    """The year in an attribute's name: 2024 for "LAD24CD", None where it carries none."""
    match = _CODE.fullmatch(field)
    return None if match is None else (1950 + (int(match[2]) + 50) % 100)


def _level(probe: Probe) -> str | None:
    """What the layer is of; None where it is no ONS layer."""
    if probe.format != VECTOR:
        return None
    levels = [match[1].upper() for match in map(_CODE.fullmatch, probe.fields) if match]
    for finest in (OUTPUT_AREA, LSOA):
        if finest in levels:
            return finest
    # The publisher puts the layer's own code before those of what it lies in.
    return levels[0] if levels else None


def _units(layer: VectorLayer, level: str) -> UnitRows:
    code_field = _own_code_field(layer, level)
    lsoa_field = code_field_of(layer.fields, LSOA)
    return UnitRows(
        file=layer.path,
        id=layer.text(code_field),
        district_code=layer.text(code_field_of(layer.fields, DISTRICT)),
        lsoa=layer.text(lsoa_field),
        lsoa_name=layer.text(_name_field(layer, lsoa_field)),
        suggested_beat=layer.text(None),
        population=layer.numbers(None),
        geometry=layer.geometry,
        code_field=code_field,
    )


def _own_code_field(layer: VectorLayer, level: str) -> str:
    field = code_field_of(layer.fields, level)
    if field is None:
        raise SourceError(
            f"no ONS code of {level or 'a known kind'} among the attributes ({', '.join(layer.fields)})",
            remedy="Use the publisher's layer with its codes, such as LAD24CD.",
            file=layer.path,
        )
    return field


def _name_field(layer: VectorLayer, code_field: str | None) -> str | None:
    wanted = f"{code_field[:-2]}NM".casefold() if code_field else None
    return next((name for name in layer.fields if name.casefold() == wanted), None)
