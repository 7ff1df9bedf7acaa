"""The starting plan of the real files: wards by best fit, checked against what the files themselves say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from geo_policing.config import Settings
from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.schema import PostcodeStatus
from geo_policing.domain.facilities import FacilityKind
from geo_policing.services.live import Live
from geo_policing.services.seeding import seed
from geo_policing.services.suggested_beats import SuggestedBeats, suggest_beats
from geo_policing.storage.migrate import migrate
from tests.support.live import CLOCK

pytestmark = pytest.mark.real_files

WARDS_2020 = 126
"""In the six districts (open-data/README.md: the whole file)."""


@pytest.fixture(scope="module")
def suggested(real_dataset: Dataset) -> SuggestedBeats:
    return suggest_beats(real_dataset)


def test_every_ward_is_a_beat_and_every_unit_in_one(real_dataset: Dataset, suggested: SuggestedBeats) -> None:
    assert len(suggested.beats) == WARDS_2020
    assert suggested.wards_without_units == ()
    assert set(suggested.beat_of_unit.tolist()) == set(range(WARDS_2020))
    codes = real_dataset["districts"]["code"][real_dataset["units"]["district"]]
    assert {suggested.beats[b].district_code == c for b, c in zip(suggested.beat_of_unit, codes, strict=True)} == {True}


def test_98_in_100_live_postcodes_are_in_the_beat_of_their_ward(
    real_dataset: Dataset, suggested: SuggestedBeats
) -> None:
    """Output areas of 2011 fit wards of 2020 only by best fit; a wrong join would put most postcodes elsewhere."""
    postcodes, wards = real_dataset["postcodes"], real_dataset["wards"]
    live = np.flatnonzero((postcodes["status"] == PostcodeStatus.LIVE) & (postcodes["unit"] >= 0))
    points = shapely.points(postcodes["easting"][live], postcodes["northing"][live])
    found, ward = shapely.STRtree(wards["geometry"]).query(points, predicate="intersects")
    beats = suggested.beat_of_unit[postcodes["unit"][live[found]]]
    names = np.array([beat.name for beat in suggested.beats])
    assert (names[beats] == wards["name"][ward]).mean() > 0.98


def test_it_seeds_and_serves(real_dataset: Dataset, real_data_dir: Path, tmp_path: Path) -> None:
    settings = Settings(data_dir=real_data_dir, database_url=f"sqlite:///{tmp_path / 'real.sqlite'}")
    live = Live(settings, CLOCK)
    migrate(live.database)
    with live.database.write() as connection:
        seed(real_dataset, connection, CLOCK)
    view = live.view()
    assert view.plan is not None
    assert (view.plan.beat_of_unit >= 0).all()
    assert set(view.postings) == {beat.id for beat in view.plan.beats}
    offices = {f.district_code for f in view.facilities if f.kind is FacilityKind.ENQUIRY_OFFICE}
    assert offices == set(real_dataset.force.districts)
    live.close()
