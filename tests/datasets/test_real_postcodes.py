"""The real files: counts against a plain reading of them, shares against sampling, places against common knowledge."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo_policing.datasets import code_point, nspl, population
from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.schema import PostcodeStatus

pytestmark = pytest.mark.real_files

SIX = {"E06000031", "E07000008", "E07000009", "E07000010", "E07000011", "E07000012"}


def plain_rows(folder: Path, pattern: str) -> Iterator[list[str]]:
    for path in sorted(folder.glob(pattern)):
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.reader(file)


def test_code_point_is_read_row_for_row(open_data: Path) -> None:
    folder = open_data / "os-code-point-open" / "Data" / "CSV"
    plain = list(plain_rows(folder, "*.csv"))
    rows = code_point.read(sorted(folder.glob("*.csv")))
    assert len(rows) == len(plain) == 51_006
    assert (rows.postcode == [row[0].replace(" ", "") for row in plain]).all()
    assert (rows.easting == [float(row[2]) for row in plain]).all()
    assert Counter(rows.quality.tolist()) == Counter(int(row[1]) for row in plain) == {10: 50_787, 50: 218, 60: 1}
    assert np.isin(rows.district_code, list(SIX)).sum() == 21_939
    assert rows.dropped == ()


def test_the_two_publishers_agree_on_where_postcodes_are(open_data: Path) -> None:
    listed = code_point.read(sorted((open_data / "os-code-point-open" / "Data" / "CSV").glob("*.csv")))
    known = nspl.read(sorted((open_data / "nspl").glob("*.csv")))
    _, a, b = np.intersect1d(listed.postcode, known.postcode, return_indices=True)
    apart_m = np.hypot(listed.easting[a] - known.easting[b], listed.northing[a] - known.northing[b])
    # Both are the same point to the metre, but for the five decimals of the one and a shift of coordinates.
    assert np.median(apart_m) < 3
    assert (apart_m < 100).mean() > 0.99


def test_live_and_terminated_are_counted_as_the_files_have_them(real_dataset: Dataset, open_data: Path) -> None:
    folder = open_data / "os-code-point-open" / "Data" / "CSV"
    listed = {row[0].replace(" ", "") for row in plain_rows(folder, "*.csv")}
    known = {row[0].replace(" ", "") for row in plain_rows(open_data / "nspl", "*.csv")} - {"Postcode"}
    postcodes = real_dataset["postcodes"]
    status = postcodes["status"]
    assert (status == PostcodeStatus.LIVE).sum() == len(listed)
    assert (status == PostcodeStatus.TERMINATED).sum() == len(known - listed)
    assert "PE159RB" in postcodes["postcode"][status == PostcodeStatus.TERMINATED]


def test_shares_sum_to_one_for_every_live_postcode_of_the_force(real_dataset: Dataset) -> None:
    postcodes, shares = real_dataset["postcodes"], real_dataset["postcode_units"]
    total = np.bincount(shares["postcode"], shares["share"], len(postcodes))
    live = (postcodes["status"] == PostcodeStatus.LIVE) & (postcodes["unit"] >= 0)
    assert total[live] == pytest.approx(np.ones(live.sum()))
    assert not total[~live].any()
    own = shares["unit"] == postcodes["unit"][shares["postcode"]]
    assert own.sum() == live.sum()


def test_the_point_beats_the_largest_share(real_dataset: Dataset) -> None:
    postcodes, shares, units = (real_dataset[name] for name in ("postcodes", "postcode_units", "units"))
    ours = np.flatnonzero(np.isin(postcodes["district_code"], list(SIX)) & (postcodes["status"] == 0))
    code = real_dataset["districts"]["code"][units["district"]]
    largest = np.full(len(postcodes), -1)
    order = np.argsort(shares["share"], kind="stable")
    largest[shares["postcode"][order]] = shares["unit"][order]
    by_point = code[postcodes["unit"][ours]] == postcodes["district_code"][ours]
    by_share = code[largest[ours]] == postcodes["district_code"][ours]
    assert by_point.mean() >= 0.9998
    assert by_share.mean() == pytest.approx(0.9954, abs=0.001)


def test_shares_are_what_sampling_the_ground_gives(real_dataset: Dataset) -> None:
    postcodes, shares, units = (real_dataset[name] for name in ("postcodes", "postcode_units", "units"))
    live = np.flatnonzero((postcodes["status"] == PostcodeStatus.LIVE) & np.isfinite(postcodes["easting"]))
    sites = shapely.points(postcodes["easting"][live], postcodes["northing"][live])
    tree, ground = shapely.STRtree(sites), shapely.STRtree(units["geometry"])
    split = np.flatnonzero(np.bincount(shares["postcode"]) > 2)
    for row in np.random.default_rng(5).choice(split, 8, replace=False).tolist():
        e, n = postcodes["easting"][row], postcodes["northing"][row]
        apart_m = np.sort(np.hypot(postcodes["easting"][live] - e, postcodes["northing"][live] - n))
        side = np.linspace(-1, 1, 120) * 2 * apart_m[20]
        grid = shapely.points(*(axis.ravel() for axis in np.meshgrid(e + side, n + side)))
        point, site = tree.query_nearest(grid)
        here = postcodes["easting"][live[site]] == e
        here &= postcodes["northing"][live[site]] == n
        _, unit = ground.query(grid[np.unique(point[here])], predicate="intersects")
        sampled = np.bincount(unit, minlength=len(units)) / len(unit)
        mine = shares["postcode"] == row
        given = np.zeros(len(units))
        given[shares["unit"][mine]] = shares["share"][mine]
        assert np.abs(given - sampled).max() < 0.05, postcodes["postcode"][row]


def test_every_resident_is_kept(real_dataset: Dataset, open_data: Path) -> None:
    counts = population.read([open_data / "ons" / "population_mid2020_lsoa11.csv"])
    assert counts is not None
    assert sum(counts.residents.values()) == 859_830
    units = real_dataset["units"]
    assert units["population"].sum() == pytest.approx(859_830, abs=1e-6)
    for lsoa in ("E01015589", "E01018113"):
        assert units["population"][units["lsoa"] == lsoa].sum() == pytest.approx(counts.residents[lsoa])


def test_incidents_are_those_of_the_forces_lsoas(real_dataset: Dataset, open_data: Path) -> None:
    lsoas = set(real_dataset["lsoas"]["code"].tolist())
    plain = Counter(
        row[9] for row in plain_rows(open_data / "police-uk", "*/*-street.csv") if len(row) > 9 and row[7] in lsoas
    )
    demand = real_dataset["demand"]
    categories, of = np.unique(demand["category"], return_inverse=True)
    counted = dict(zip(categories.tolist(), np.bincount(of, demand["incidents"]).tolist(), strict=True))
    assert counted == pytest.approx(dict(plain))
    assert real_dataset.manifest["incident_months"] == ["2018-10", "2018-11", "2018-12", "2019-01", "2019-02"]


def test_roads_are_those_of_the_county_not_of_the_city(real_dataset: Dataset) -> None:
    assert len(real_dataset["roads"]) > 35_000


@pytest.mark.parametrize(
    ("name", "kind", "near", "district"),
    [
        ("Cambridge", "settlement", "Cambridge", "E07000008"),
        ("Soham", "settlement", "East Cambridgeshire", "E07000009"),
        ("Cambourne", "settlement", "South Cambridgeshire", "E07000012"),
        ("March", "settlement", "Fenland", "E07000010"),
        ("St Ives", "settlement", "Huntingdonshire", "E07000011"),
        ("Peterborough", "settlement", "Peterborough", "E06000031"),
        ("Mill Road", "street", "Cambridge", "E07000008"),
        ("Soham North", "ward", "East Cambridgeshire", "E07000009"),
        ("Fenland", "district", "", "E07000010"),
    ],
)
def test_places_that_everyone_knows_lie_where_they_should(
    real_dataset: Dataset, name: str, kind: str, near: str, district: str
) -> None:
    places, shares = real_dataset["places"], real_dataset["place_units"]
    (row,) = np.flatnonzero((places["name"] == name) & (places["kind"] == kind) & (places["near"] == near))
    assert real_dataset["districts"]["code"][places["district"][row]] == district
    mine = shares["place"] == row
    code = real_dataset["districts"]["code"][real_dataset["units"]["district"][shares["unit"][mine]]]
    assert shares["share"][mine][code == district].sum() > 0.9


def test_a_town_over_the_border_is_known_but_has_no_units(real_dataset: Dataset) -> None:
    places, shares = real_dataset["places"], real_dataset["place_units"]
    (row,) = np.flatnonzero((places["name"] == "Royston") & (places["kind"] == "settlement"))
    assert not real_dataset["districts"]["inside"][places["district"][row]]
    assert row not in shares["place"]
