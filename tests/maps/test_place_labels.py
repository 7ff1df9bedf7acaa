from __future__ import annotations

from pathlib import Path

import numpy as np
import orjson
from hypothesis import given
from hypothesis import strategies as st

from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.tables import Table
from geo_policing.maps.place_labels import (
    CITY,
    EM_OF_A_LETTER,
    TOWN,
    TYPE_PX,
    VILLAGE,
    ZOOMS,
    _from_zooms,
    labels_json,
    place_labels,
)
from tests.support.tiny import write_tiny


def settlements(data_dir: Path, *rows: tuple[str, float, float, float]) -> Dataset:
    """Settlements by name, easting, northing and residents, beside a street."""
    names = [row[0] for row in rows]
    count = len(rows) + 1
    table = Table.of(
        "places",
        id=[*(name.lower() for name in names), "zz"],
        name=[*names, "A Street"],
        kind=["settlement"] * len(rows) + ["street"],
        near=[""] * count,
        easting=[*(row[1] for row in rows), 541_000],
        northing=[*(row[2] for row in rows), 261_000],
        accuracy_m=[100.0] * count,
        population=[*(row[3] for row in rows), np.nan],
        district=[0] * count,
    )
    return write_tiny(data_dir, changed_tables={"places": table, "place_units": Table.empty("place_units")})


def test_greater_places_come_first_and_sooner(tmp_path: Path):
    labels = place_labels(
        settlements(
            tmp_path,
            ("Hamlet", 541_000, 261_000, np.nan),
            ("City", 541_100, 261_000, 90_000),
            ("Town", 543_900, 261_000, 6_000),
        )
    )
    assert [(p.name, p.size) for p in labels] == [("City", CITY), ("Town", TOWN), ("Hamlet", VILLAGE)]
    zooms = {p.name: p.from_zoom for p in labels}
    assert zooms["City"] == 7
    assert zooms["City"] < zooms["Town"] <= zooms["Hamlet"] == ZOOMS[-1]


def test_the_json_holds_them_all_in_degrees(mapped: Dataset):
    (fen_end, over_there) = orjson.loads(labels_json(mapped))["places"]
    name, lat, lon, size, from_zoom = fen_end
    assert (name, size, from_zoom) == ("Fen End", VILLAGE, 10)
    # The Ordnance Survey's own figures for TL 435 605 are near 52.223, 0.100.
    assert abs(lat - 52.223) < 0.01
    assert abs(lon - 0.100) < 0.01
    assert over_there[0] == "Over There"


def test_no_settlements_no_labels(tmp_path: Path):
    assert place_labels(settlements(tmp_path)) == ()
    assert labels_json(settlements(tmp_path)) == b'{"places":[]}'


worlds = st.lists(st.tuples(st.floats(0.5, 0.501), st.floats(0.3, 0.301)), min_size=1, max_size=40)


@given(worlds, st.randoms(use_true_random=False))
def test_no_two_names_lie_on_each_other_before_the_last_zoom(points: list[tuple[float, float]], random) -> None:
    sizes = sorted((random.choice([VILLAGE, TOWN, CITY]) for _ in points), reverse=True)
    names = ["x" * random.randint(1, 20) for _ in points]
    zooms = _from_zooms(np.array(points), names, sizes)
    for zoom in ZOOMS[:-1]:
        shown = [i for i, first in enumerate(zooms) if first <= zoom]
        for i in shown:
            for j in shown:
                if i < j:
                    dx, dy = np.abs(np.array(points[i]) - points[j]) * 256 * 2**zoom
                    wide = sum(len(names[k]) * EM_OF_A_LETTER * TYPE_PX[sizes[k]] / 2 for k in (i, j))
                    high = sum(TYPE_PX[sizes[k]] / 2 for k in (i, j))
                    assert dx >= wide or dy >= high
