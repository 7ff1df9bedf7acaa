"""Roads with half an hour around the force, from several extracts of a local server that plays Geofabrik.

Four regions of a country, a tenth of a degree wide each, from west to east: far, west, own, east. A road runs through
west, own and east, and each extract has the whole of what crosses its border.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import osmium
import pytest
import shapely
from pyproj import Geod

from geo_policing.datasets.discover import Probe
from geo_policing.datasets.network import build_network
from geo_policing.datasets.osm import NETWORK_MARGIN_M, read_ways
from geo_policing.datasets.osm_controls import read_controls
from geo_policing.errors import SourceError
from scripts.fetching.http import Client, DownloadError
from scripts.fetching.recipes import Errand, fetch
from scripts.fetching.road_extracts import merge_roads, read_index, regions_around, widened
from scripts.fetching.table import Source
from tests.support import roads
from tests.support.publishers import FeatureService, FileOnServer, Publishers, Reply, feature

EVERYWHERE = (0.0, 0.0, 700_000.0, 1_300_000.0)
STREET = {"highway": "primary"}
PLACES = {i: (540_000 + 1000 * i, 260_000) for i in range(6)}
BRANCH = {10: (541_000, 261_000), 11: (543_000, 261_000), 12: (544_000, 261_000)}
# A road over 0-1-2 and 2-3-4-5; a loop in each region, so that all of it can be reached and left.
WEST: dict[int, Any] = {1: ([0, 1, 2], STREET), 2: ([0, 10, 1], STREET)}
OWN: dict[int, Any] = {**WEST, 3: ([2, 3, 4], STREET), 4: ([3, 11, 4], STREET), 9: ([3, 12], {"building": "yes"})}
EAST: dict[int, Any] = {3: ([2, 3, 4], STREET), 5: ([4, 5], STREET), 6: ([4, 12, 5], STREET)}
BAN = (
    {"type": "restriction", "restriction": "no_left_turn"},
    [("way", 3, "from"), ("node", 4, "via"), ("way", 6, "to")],
)


def extract(path: Path, ways: dict[int, Any], **others: Any) -> Path:
    used = {node for refs, _ in ways.values() for node in refs}
    xml = roads.write_osm(
        path.with_suffix(".osm"), {k: v for k, v in {**PLACES, **BRANCH}.items() if k in used}, ways, **others
    )
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for thing in osmium.FileProcessor(str(xml)):
            writer.add(thing)
    return path


@pytest.fixture
def extracts(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "publisher"
    folder.mkdir()
    return [
        extract(folder / "west.osm.pbf", WEST),
        extract(folder / "own.osm.pbf", OWN, node_tags={3: {"highway": "traffic_signals"}}),
        extract(folder / "east.osm.pbf", EAST, relations=[BAN]),
    ]


def region(name: str, parent: str, box: tuple[float, ...], path: str, url: str = "https://x.org") -> dict[str, Any]:
    properties = {"id": name, "parent": parent, "urls": {"pbf": f"{url}/{path}-latest.osm.pbf"}}
    if not parent:
        del properties["parent"]
    return {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(shapely.box(*box))}


def index(url: str = "https://x.org") -> dict[str, Any]:
    names = [("far", 0.0), ("west", 0.1), ("own", 0.2), ("east", 0.3)]
    parts = [region(n, "england", (w, 52.0, w + 0.1, 52.1), f"uk/england/{n}", url) for n, w in names]
    return {
        "type": "FeatureCollection",
        "features": [
            region("europe", "", (-10, 40, 10, 60), "europe", url),
            region("uk", "europe", (0, 52, 0.4, 53), "uk", url),
            region("england", "uk", (0, 52, 0.4, 52.1), "uk/england", url),
            *parts,
            region("a-town", "east", (0.3, 52, 0.31, 52.01), "uk/england/east/a-town", url),
            region("scotland", "uk", (0, 52.1, 0.4, 53), "uk/scotland", url),
            region("alps", "europe", (0, 40, 10, 60), "alps", url),
        ],
    }


def chosen(box: tuple[float, float, float, float], own: str = "england/own") -> list[str]:
    return [r.id for r in regions_around(read_index(index(), ""), own, box)]


class TestRegions:
    def test_the_smallest_regions_around_are_taken(self):
        assert chosen((0.21, 52.01, 0.29, 52.09)) == ["own"]
        assert chosen((0.15, 52.01, 0.35, 52.09)) == ["east", "own", "west"]

    def test_a_region_whose_only_part_is_a_town_is_taken_whole(self):
        assert chosen((0.25, 52.0, 0.35, 52.09)) == ["east", "own"]

    def test_over_the_border_another_country_s_part_is_taken(self):
        assert chosen((0.21, 52.05, 0.29, 52.2)) == ["own", "scotland"]

    def test_an_unknown_region_is_named(self):
        with pytest.raises(DownloadError, match=r"no region 'england/nowhere'.*--osm-region"):
            chosen((0, 52, 1, 53), "england/nowhere")

    @pytest.mark.parametrize("content", [[], {}, {"features": [{"properties": {"id": "x"}}]}, {"features": [3]}])
    def test_another_index_is_refused(self, content: Any):
        with pytest.raises(DownloadError, match="not an index"):
            read_index(content, "https://x.org/index")

    def test_the_margin_is_no_less_than_it_should_be_on_every_side(self):
        west, south, east, north = box = (-0.2, 52.0, 0.5, 52.7)
        w, s, e, n = widened(box, NETWORK_MARGIN_M)
        ends = [(west, north, w, north), (east, north, e, north), (0.1, south, 0.1, s), (0.1, north, 0.1, n)]
        for lon, lat, far_lon, far_lat in ends:
            assert Geod(ellps="WGS84").inv(lon, lat, far_lon, far_lat)[2] >= NETWORK_MARGIN_M


class TestMerging:
    def test_every_road_is_there_once_and_the_network_is_one(self, extracts: list[Path], tmp_path: Path):
        final = tmp_path / "roads.osm.pbf"
        merge_roads(extracts, final)
        probe = Probe(final, "osm")
        ways = read_ways(probe, EVERYWHERE)
        assert sorted(ways.way_id.tolist()) == [1, 2, 3, 4, 5, 6]
        built = build_network(ways, read_controls(probe))
        assert built.about["left_out_edges"] == 0
        assert built.about["signals"] == 1
        assert built.about["turn_bans"] == 1
        assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []

    def test_what_drive_times_do_not_need_is_left_out(self, extracts: list[Path], tmp_path: Path):
        final = tmp_path / "roads.osm.pbf"
        merge_roads(extracts, final)
        tags = [dict(thing.tags) for thing in osmium.FileProcessor(str(final))]
        assert not any("building" in t for t in tags)

    def test_a_damaged_extract_is_named_and_nothing_is_left(self, extracts: list[Path], tmp_path: Path):
        extracts[1].write_bytes(extracts[1].read_bytes()[:-40])
        with pytest.raises(SourceError, match=r"own\.osm\.pbf"):
            merge_roads(extracts, tmp_path / "roads.osm.pbf")
        assert [p.name for p in tmp_path.iterdir()] == ["publisher"]


class TestFetching:
    @pytest.fixture
    def errand(self, publishers: Publishers, extracts: list[Path], client: Client, tmp_path: Path) -> Errand:
        base = "/arcgis/districts"
        publishers.plays |= {
            "/index.json": lambda _: Reply(json.dumps(index(publishers.url)).encode()),
            f"{base}/query": FeatureService([feature("E07000001", 0.2, 52.0)]),
            "/uk/scotland-latest.osm.pbf": FileOnServer(extracts[0].read_bytes()),
            "/uk/england/far-latest.osm.pbf": FileOnServer(extracts[0].read_bytes()),
        } | {
            f"/uk/england/{path.name.removesuffix('.osm.pbf')}-latest.osm.pbf": FileOnServer(
                path.read_bytes(), cuts=(200,)
            )
            for path in extracts
        }
        common: dict[str, Any] = {
            "publisher": "P", "licence": "odbl", "attribution": "By P", "max_bytes": 10_000_000, "checked_on": "",
        }  # fmt: skip
        sources = [
            Source(
                id="districts", title="D", recipe="feature_service", kind="ons", save_as="d.geojson",
                url=publishers.url + base, fields=("LAD24CD",), **common,
            ),
            Source(
                id="roads", title="R", recipe="road_extracts", kind="osm", save_as="osm/roads.osm.pbf",
                url=publishers.url + "/index.json", **common,
            ),
        ]  # fmt: skip
        named = {source.id: source for source in sources}
        return Errand(tmp_path / "out", ("E07000001",), "tiny", "england/own", client, named)

    def test_half_an_hour_around_the_force_becomes_one_file(self, errand: Errand, publishers: Publishers):
        fetch(errand, errand.sources["roads"])
        place = errand.place(errand.sources["roads"])
        assert sorted(read_ways(Probe(place, "osm"), EVERYWHERE).way_id.tolist()) == [1, 2, 3, 4, 5, 6]
        # 60 km reach over all four regions and to the north; the town's own extract is not needed.
        asked = {path for path in publishers.paths() if path.endswith(".pbf")}
        assert asked == {f"/uk/england/{n}-latest.osm.pbf" for n in ("far", "west", "own", "east")} | {
            "/uk/scotland-latest.osm.pbf"
        }
        assert not (place.parent / ".roads.osm.pbf.extracts").exists()

    def test_a_second_run_continues(self, errand: Errand, publishers: Publishers):
        east = publishers.plays.pop("/uk/england/east-latest.osm.pbf")
        with pytest.raises(DownloadError):
            fetch(errand, errand.sources["roads"])
        publishers.asked.clear()
        publishers.plays |= {"/uk/england/east-latest.osm.pbf": east}
        fetch(errand, errand.sources["roads"])
        assert publishers.paths().count("/uk/england/east-latest.osm.pbf") > 0
        assert errand.place(errand.sources["roads"]).is_file()
