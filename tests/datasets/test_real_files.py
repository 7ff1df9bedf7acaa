"""The build on the publishers' real files: counts, and how true the result is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from geo_policing.datasets.build import build_dataset
from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.schema import PostcodeStatus
from geo_policing.spatial import coverage

pytestmark = pytest.mark.real_files


def test_counts_are_those_that_the_files_are_known_to_have(real_dataset: Dataset) -> None:
    counts = real_dataset.manifest["counts"]
    assert counts["units"] == 2_541
    assert counts["districts_inside"] == 6
    assert counts["districts_outside"] == 11
    assert counts["wards"] == 126
    assert counts["lsoas"] == 487
    assert counts["postcodes_live"] == 51_006
    assert counts["residents"] == 859_830
    assert len(real_dataset.manifest["incident_months"]) == 5


def test_the_packaged_force_is_found_by_its_districts(real_dataset: Dataset) -> None:
    assert real_dataset.manifest["force_origin"].startswith("packaged")
    assert not real_dataset.approximate
    assert {row["district"] for row in real_dataset.manifest["agreement"]["districts"]} == set(
        real_dataset.force.districts
    )


def test_live_postcodes_have_the_district_that_the_file_itself_gives(real_dataset: Dataset) -> None:
    postcodes, districts = real_dataset["postcodes"], real_dataset["districts"]
    live = postcodes["status"] == PostcodeStatus.LIVE
    expected = live & np.isin(postcodes["district_code"], list(real_dataset.force.districts))
    assert expected.sum() == 21_939
    assert (postcodes["unit"][expected] >= 0).all()
    found = districts["code"][real_dataset["units"]["district"][postcodes["unit"][expected]]]
    assert (found == postcodes["district_code"][expected]).mean() >= 0.9998


def test_units_are_a_whole_and_valid_coverage(real_dataset: Dataset) -> None:
    units = real_dataset["units"]["geometry"]
    assert shapely.is_valid(units).all()
    assert coverage.is_valid_coverage(units)
    assert coverage.gaps(units) == []
    assert shapely.area(units).sum() / 1e6 == pytest.approx(3_396, abs=0.5)
    assert real_dataset.manifest["agreement"]["iou"] == pytest.approx(0.9994, abs=5e-5)


def test_the_three_areas_that_touch_themselves_are_mended_and_told(real_dataset: Dataset) -> None:
    told = {entry["what"]: entry["count"] for entry in real_dataset.manifest["repaired"]}
    assert told["units that touched themselves"] == 3


def test_every_source_says_whose_it_is_and_under_which_licence(real_dataset: Dataset) -> None:
    sources = real_dataset.manifest["sources"]
    assert len(sources) == 20
    assert all(source["licence"] and source["attribution"] and len(source["sha256"]) == 64 for source in sources)
    by_kind = {source["kind"]: source for source in sources}
    assert by_kind["code_point"]["vintage"] == "2025-10"
    assert "Royal Mail copyright and database right 2025" in by_kind["code_point"]["attribution"]
    assert by_kind["districts"]["vintage"] == "December 2024"
    assert by_kind["roads"]["licence"].startswith("Open Database Licence")


@pytest.mark.slow
def test_the_same_files_give_the_same_version(real_dataset: Dataset, open_data: Path, tmp_path: Path) -> None:
    assert build_dataset(open_data, tmp_path).data_version == real_dataset.data_version
