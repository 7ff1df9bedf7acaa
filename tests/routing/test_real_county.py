"""The real county: how far contours are from the truth, and that they nest everywhere."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.network import NETWORK_TABLES
from geo_policing.datasets.schema import PostcodeStatus
from geo_policing.routing.engine import Engine
from geo_policing.routing.field import Quality
from scripts.benchmarks.isochrone_truth import Addresses, errors

pytestmark = [pytest.mark.slow, pytest.mark.real_files]


@pytest.fixture(scope="module")
def engine(real_dataset: Dataset) -> Engine:
    return Engine.from_tables({name: real_dataset[name] for name in NETWORK_TABLES})


@pytest.fixture(scope="module")
def addresses(engine: Engine, real_dataset: Dataset) -> Addresses:
    postcodes = real_dataset["postcodes"]
    live = (np.asarray(postcodes["status"]) == PostcodeStatus.LIVE) & (np.asarray(postcodes["unit"]) >= 0)
    places = (np.asarray(postcodes[name])[live] for name in ("easting", "northing"))
    return Addresses.around(engine.network, engine.snapper, *places)


def test_few_addresses_are_on_the_wrong_side(engine: Engine, addresses: Addresses) -> None:
    picked = np.random.default_rng(1).choice(len(addresses.lon), 12, replace=False)
    wrong = errors(
        engine.network,
        engine.costs(),
        engine.grid(Quality.PUBLISHED),
        addresses,
        addresses.nearest.take(picked),
        (10, 20),
    )
    for truth in ("nearest", "within_50_m", "within_75_m", "within_100_m"):
        assert wrong["10 min"][truth] <= 3
        assert wrong["20 min"][truth] <= 1


@pytest.mark.parametrize("quality", list(Quality))
def test_contours_are_valid_and_nest(engine: Engine, addresses: Addresses, quality: Quality) -> None:
    picked = np.random.default_rng(2).choice(len(addresses.lon), 15, replace=False)
    for base in picked:
        made = engine.isochrones(addresses.nearest.take(np.array([base])), [1, 5, 10, 15, 20], quality=quality)
        shapes = [contour.to_geometry() for contour in made.contours]
        assert all(shape.is_valid for shape in shapes)
        assert all(outer.covers(inner) for inner, outer in pairwise(shapes))
