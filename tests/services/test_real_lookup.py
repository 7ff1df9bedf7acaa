"""Lookups on the publishers' real files: named places, every live postcode, and a million points."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.schema import PostcodeStatus
from geo_policing.services.answers import Answer, Outcome
from geo_policing.services.bulk_lookup import lookup_rows
from geo_policing.services.indexes import unit_index
from geo_policing.services.lookup import lookup
from geo_policing.services.queries import parse_query, read_free_text
from geo_policing.services.suggested_beats import suggest_beats
from geo_policing.services.view import View
from tests.support.views import view_of

pytestmark = pytest.mark.real_files
CAMBRIDGE, EAST_CAMBRIDGESHIRE, WEST_SUFFOLK = "E07000008", "E07000009", "E07000245"


@pytest.fixture(scope="module")
def view(real_dataset: Dataset) -> View:
    suggested = suggest_beats(real_dataset)
    return view_of(real_dataset, beats=suggested.beats, beat_of_unit=suggested.beat_of_unit)


def ask(view: View, text: str) -> Answer:
    return lookup(view, read_free_text(text))


@pytest.mark.parametrize(
    ("text", "district"),
    [
        ("CB1 1JG", CAMBRIDGE),  # Parkside police station
        ("cbi ijg", CAMBRIDGE),
        ("PE3 6SD", "E06000031"),  # Thorpe Wood
        ("PE29 3DQ", "E07000011"),  # Huntingdon
        ("PE13 3BT", "E07000010"),  # Wisbech
        ("CB23 6HL", "E07000012"),  # Cambourne
        ("TL 541 803", EAST_CAMBRIDGESHIRE),  # Ely cathedral, to 100 m
        ("TL5380", EAST_CAMBRIDGESHIRE),
        ("52.2053, 0.1218", CAMBRIDGE),  # Great St Mary's, to about 10 m
        ("524000 271600", "E07000011"),  # Huntingdon's market hill, to about 300 m
        ("Parkside, Cambridge", CAMBRIDGE),
        ("Mill Road, Cambridge", CAMBRIDGE),
    ],
)
def test_named_places_are_in_the_district_that_everyone_knows(view: View, text: str, district: str) -> None:
    answer = ask(view, text)
    assert answer.outcome in (Outcome.ONE, Outcome.MANY)
    assert {candidate.district.code for candidate in answer.candidates} == {district}


def test_newmarket_is_over_the_border(view: View) -> None:
    # The clock tower, to about 100 m: Suffolk, though Cambridgeshire is on three sides.
    answer = ask(view, "52.2446, 0.4057")
    assert answer.outcome is Outcome.OUTSIDE
    assert answer.neighbour is not None
    assert answer.neighbour.code == WEST_SUFFOLK


def test_a_terminated_postcode_is_not_located(view: View) -> None:
    assert ask(view, "PE15 9RB").outcome is Outcome.TERMINATED


def test_every_postcode_in_bulk_is_answered_as_alone(view: View) -> None:
    codes = view.dataset["postcodes"]["postcode"].tolist()
    answers = list(lookup_rows(view, ({"postcode": code} for code in codes)))
    postcodes = view.dataset["postcodes"]
    inside = (postcodes["status"] == PostcodeStatus.LIVE) & (postcodes["unit"] >= 0)
    located = np.array([answer.outcome in (Outcome.ONE, Outcome.MANY) for answer in answers])
    assert np.array_equal(located, inside)
    for row in np.random.default_rng(1).choice(len(codes), 1500, replace=False).tolist():
        assert answers[row] == lookup(view, parse_query({"postcode": codes[row]}))


def test_grid_and_tree_agree_on_a_million_points_and_all_vertices(view: View) -> None:
    index = unit_index(view.dataset)
    geometries = view.dataset["units"]["geometry"]
    west, south, east, north = shapely.total_bounds(geometries)
    random = np.random.default_rng(2).uniform((west, south), (east, north), (1_000_000, 2))
    vertices = shapely.get_coordinates(geometries)
    for points in (random, vertices, (vertices[1:] + vertices[:-1]) / 2):
        e, n = points.T
        assert np.array_equal(index.grid().at_points(e, n), index.tree.at_points(e, n))


def test_a_point_on_a_shared_boundary_always_falls_to_the_same_unit(view: View) -> None:
    tree = unit_index(view.dataset).tree
    vertices = shapely.get_coordinates(tree.geometries[:50])
    first = [tree.at_point(e, n) for e, n in vertices]
    assert min(first) >= 0
    assert first == [tree.at_point(e, n) for e, n in vertices]
