"""Where a facility of force.toml lies in a dataset: by its postcode, else its coordinates, else its settlement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo_policing.config import FacilityConfig
from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.schema import PostcodeStatus

WORTH_SAYING_M = 100.0
"""A point that may be further off than this is not where the door is, and its note says so."""


@dataclass(frozen=True)
class PlacedAt:
    """A point (EPSG:27700 metres, None where there is none), how far off it may be, and how it was found."""

    easting_northing: tuple[float, float] | None
    accuracy_m: float | None
    note: str


def place_facility(facility: FacilityConfig, dataset: Dataset) -> PlacedAt:
    """The best place that `dataset` has for `facility`.

    A live postcode wins; then the coordinates of force.toml; then a settlement of that name, in the facility's own
    district where several have it. Else it is not placed. The note says which, in a sentence for residents.
    """
    problem = ""
    if facility.postcode:
        placed, problem = _by_postcode(facility, dataset)
        if placed:
            return placed
    if facility.lat is not None and facility.lon is not None:
        return PlacedAt(_projected(facility.lat, facility.lon), facility.accuracy_m, _note(facility, problem))
    if facility.settlement:
        placed = _by_settlement(facility, dataset, problem)
        if placed:
            return placed
        problem = f"{problem} This data has no settlement called {facility.settlement}.".strip()
    return PlacedAt(
        None, None, f"Not on the map. {problem or 'Its place is not given.'} {facility.location_note}".strip()
    )


def _by_postcode(facility: FacilityConfig, dataset: Dataset) -> tuple[PlacedAt | None, str]:
    postcodes = dataset["postcodes"]
    code = "".join(facility.postcode.split()).upper()
    row = int(np.searchsorted(postcodes["postcode"], code)) if len(postcodes) else 0
    if row >= len(postcodes) or postcodes["postcode"][row] != code:
        return None, f"Its postcode {facility.postcode} is not in this data."
    if postcodes["status"][row] != PostcodeStatus.LIVE:
        return None, f"Its postcode {facility.postcode} is not in use or has no location."
    point = (float(postcodes["easting"][row]), float(postcodes["northing"][row]))
    accuracy_m = _known(postcodes["accuracy_m"][row])
    how = "Placed by its postcode"
    if accuracy_m is not None and accuracy_m >= WORTH_SAYING_M:
        how += f", which this data knows to within {_distance(accuracy_m)}"
    return PlacedAt(point, accuracy_m, f"{how}. {facility.location_note}".strip()), ""


def _by_settlement(facility: FacilityConfig, dataset: Dataset, problem: str) -> PlacedAt | None:
    places, codes = dataset["places"], dataset["districts"]["code"]
    wanted = facility.settlement.casefold()
    rows = [
        row
        for row, (name, kind) in enumerate(zip(places["name"].tolist(), places["kind"].tolist(), strict=True))
        if kind == "settlement" and name.casefold() == wanted
    ]
    if not rows:
        return None
    # -1 in `district` is none, and must not be read as the last.
    own = [r for r in rows if places["district"][r] >= 0 and codes[places["district"][r]] == facility.district]
    row = (own or rows)[0]
    point = (float(places["easting"][row]), float(places["northing"][row]))
    note = f"Somewhere in {places['name'][row]}. {problem} {facility.location_note}"
    return PlacedAt(point, _known(places["accuracy_m"][row]), " ".join(note.split()))


def _note(facility: FacilityConfig, problem: str) -> str:
    return " ".join(f"Placed by its coordinates. {problem} {facility.location_note}".split())


def _projected(lat: float, lon: float) -> tuple[float, float]:
    # pyproj is slow to import, and only seeding comes by here.
    from geo_policing.spatial.crs import to_easting_northing

    easting, northing = to_easting_northing(np.array([lon]), np.array([lat]))
    return float(easting[0]), float(northing[0])


def _distance(length_m: float) -> str:
    return f"{length_m:.0f} m" if length_m < 1000 else f"{length_m / 1000:.1f} km"


def _known(value: np.floating) -> float | None:
    return None if np.isnan(value) else float(value)
