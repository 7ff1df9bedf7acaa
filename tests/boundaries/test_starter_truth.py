"""How far the starter is off: its districts against the published ones. Read only here, after the starter was made."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry import shape

from geo_policing.datasets import code_point, ons
from geo_policing.datasets.discover import probe_file
from tests.support.real_files import open_data_dir

STARTER = Path(__file__).parents[2] / "boundaries" / "cambridgeshire"
UNLOCATED = 90


@dataclass(frozen=True)
class Truth:
    """`iou` by district; `right` is the share of live postcodes of the six whose point lies in the right district."""

    iou: dict[str, float]
    right: float
    postcodes: int


def starter_districts() -> dict[str, Any]:
    collection = json.loads((STARTER / "districts.geojson").read_text(encoding="utf-8"))
    return {
        feature["properties"]["district"]: shape(feature["geometry"])
        for feature in collection["features"]
        if feature["properties"]["inside"]
    }


def measure(open_data: Path) -> Truth:
    made = starter_districts()
    (path,) = open_data.glob("ons/Local_Authority_Districts_*.geojson")
    (probe,) = probe_file(path)
    real = ons.read_areas(probe)
    published = {code: real.geometry[i] for i, code in enumerate(real.code.tolist()) if code in made}
    assert set(published) == set(made)
    iou = {
        code: shapely.intersection(made[code], published[code]).area / shapely.union(made[code], published[code]).area
        for code in made
    }
    rows = code_point.read(sorted(open_data.glob("os-code-point-open/Data/CSV/*.csv")))
    ours = np.isin(rows.district_code, list(made)) & (rows.quality != UNLOCATED)
    x, y, codes = rows.easting[ours], rows.northing[ours], rows.district_code[ours]
    right = sum(int((shapely.contains_xy(polygon, x, y) & (codes == code)).sum()) for code, polygon in made.items())
    return Truth(iou, right / len(codes), len(codes))


@pytest.mark.real_files
def test_the_starter_is_no_worse_than_a_plain_voronoi_of_the_places() -> None:
    truth = measure(open_data_dir())
    assert truth.postcodes > 20_000
    # A plain Voronoi of the places has 0.61 to 0.81 and 91%.
    assert min(truth.iou.values()) >= 0.61, truth.iou
    assert np.mean(list(truth.iou.values())) >= 0.72, truth.iou
    assert truth.right >= 0.91
