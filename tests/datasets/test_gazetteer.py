"""Names of settlements in the forms of their publishers, and what happens where several name one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geo_policing.datasets import gazetteer
from geo_policing.datasets.discover import Probe
from geo_policing.errors import SourceError

BOUNDS = (630_000.0, 300_000.0, 660_000.0, 330_000.0)
# E 651409.9 N 313177.3 in ETRS89, as in Ordnance Survey's worked example.
LAT, LON = "52.65798", "1.71605"


def open_names(key: str, name: str, kind: str, e: float, n: float, half: float = 300) -> str:
    box = f"{e - half},{n - half},{e + half},{n + half}"
    head = f"{key},http://data.ordnancesurvey.co.uk/id/{key},{name},,,,{kind},Village,{e},{n},1,2,{box}"
    return head + "," * (34 - 16)


def geonames(key: str, name: str, lat: str = LAT, lon: str = LON, code: str = "PPL", residents: str = "900") -> str:
    feature_class = "P" if code.startswith("PPL") else "S"
    cells = [key, name, name, "", lat, lon, feature_class, code, "GB", "", "ENG", "", "", "", residents]
    return "\t".join([*cells, "", "5", "Europe/London", "2024-01-01"])


PLACES = "geonameid,name,lat,lon,population,district,kind"


def written(tmp_path: Path, name: str, *rows: str) -> Path:
    path = tmp_path / name
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def probe(path: Path, *, tabs: bool = False) -> Probe:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    return Probe(path, "csv", None, tuple(first.split("\t" if tabs else ",")))


def test_each_form_is_recognised(tmp_path: Path) -> None:
    names = written(tmp_path, "tg51.csv", open_names("osgb1", "Reedham", "populatedPlace", 1, 1))
    headed = written(tmp_path, "headed.csv", "ID,NAMES_URI," + ",".join(f"C{i}" for i in range(32)))
    country = written(tmp_path, "GB.txt", geonames("1", "Reedham"))
    own = written(tmp_path, "places.csv", PLACES)
    other = written(tmp_path, "other.csv", "name,lat,lon")
    found = [gazetteer.recognises(probe(p, tabs=p.suffix == ".txt")) for p in (names, headed, country, own, other)]
    assert found == [True, True, True, True, False]


def test_open_names_gives_settlements_with_their_extent(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "tg51.csv",
        open_names("osgb4000000074543021", "Reedham", "populatedPlace", 642000, 302000, 300),
        open_names("osgb2", "Mill Road", "transportNetwork", 642000, 302000),
    )
    found = gazetteer.read([path], BOUNDS)
    assert found.name.tolist() == ["Reedham"]
    assert found.key.tolist() == ["os-open-names-osgb4000000074543021"]
    assert (found.easting.tolist(), found.northing.tolist()) == ([642000], [302000])
    assert found.radius_m[0] == pytest.approx(300 * 2**0.5)
    assert np.isnan(found.population[0])


def test_open_names_with_its_header_row(tmp_path: Path) -> None:
    header = [f"c{i}" for i in range(34)]
    for at, name in {0: "ID", 1: "NAMES_URI", 2: "NAME1", 6: "TYPE", 8: "GEOMETRY_X", 9: "GEOMETRY_Y"}.items():
        header[at] = name
    header[12:16] = ["MBR_XMIN", "MBR_YMIN", "MBR_XMAX", "MBR_YMAX"]
    row = open_names("osgb1", "Reedham", "populatedPlace", 642000, 302000)
    found = gazetteer.read([written(tmp_path, "tg51.csv", ",".join(header), row)], BOUNDS)
    assert found.name.tolist() == ["Reedham"]


def test_geonames_gives_what_is_populated_today(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "GB.txt",
        geonames("1", "Reedham"),
        geonames("2", "Old Reedham", code="PPLH"),
        geonames("3", "Reedham Station", code="RSTN"),
        geonames("4", "Runham", residents="0"),
    )
    found = gazetteer.read([path], BOUNDS)
    assert found.name.tolist() == ["Reedham", "Runham"]
    assert found.easting[0] == pytest.approx(651410, abs=3)
    assert found.population[0] == 900
    assert np.isnan(found.population[1])
    assert np.isnan(found.radius_m).all()


def test_a_packaged_places_file(tmp_path: Path) -> None:
    path = written(tmp_path, "places.csv", PLACES, f"7,Reedham,{LAT},{LON},,X01,settlement", f"8,R,{LAT},{LON},,,other")
    found = gazetteer.read([path], BOUNDS)
    assert (found.key.tolist(), found.name.tolist()) == (["geonames-7"], ["Reedham"])


def test_one_settlement_in_several_sources_is_one(tmp_path: Path) -> None:
    names = written(tmp_path, "tg51.csv", open_names("osgb1", "Reedham", "populatedPlace", 651500, 313200))
    country = written(tmp_path, "GB.txt", geonames("1", "REEDHAM"))
    found = gazetteer.read([country, names], BOUNDS)
    assert found.key.tolist() == ["os-open-names-osgb1"]
    assert (found.easting[0], found.population[0]) == (651500, 900)


def test_namesakes_far_apart_are_two(tmp_path: Path) -> None:
    path = written(tmp_path, "GB.txt", geonames("1", "Reedham"), geonames("2", "Reedham", lat="52.61"))
    assert len(gazetteer.read([path], BOUNDS)) == 2


def test_the_order_of_files_does_not_matter(tmp_path: Path) -> None:
    names = written(tmp_path, "tg51.csv", open_names("osgb1", "Reedham", "populatedPlace", 642000, 302000))
    country = written(tmp_path, "GB.txt", geonames("1", "Runham"))
    one, two = gazetteer.read([names, country], BOUNDS), gazetteer.read([country, names], BOUNDS)
    assert one.key.tolist() == two.key.tolist()


def test_places_far_from_the_force_are_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, "GB.txt", geonames("1", "Reedham"))
    assert len(gazetteer.read([path], (200_000.0, 600_000.0, 210_000.0, 610_000.0))) == 0


def test_no_files_give_no_places() -> None:
    assert len(gazetteer.read([], BOUNDS)) == 0


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (geonames("1", "Reedham", lat="north"), r"GB\.txt, row 2, field lat: 'north' is not a number"),
        (geonames("1", "Reedham", lat=LON, lon=LAT), r"row 2: 1\.71605, 52\.658 is not a latitude and longitude in G"),
        (geonames("1", "Reedham", lat=""), r"row 2: nan, 1\.71605 is not"),
        (geonames("1", "Reedham", residents="few"), r"row 2, field population: 'few'"),
    ],
)
def test_a_malformed_row_is_named(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        gazetteer.read([written(tmp_path, "GB.txt", geonames("9", "Runham"), row)], BOUNDS)


def test_another_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not a list of places"):
        gazetteer.read([written(tmp_path, "x.csv", "a,b")], BOUNDS)
