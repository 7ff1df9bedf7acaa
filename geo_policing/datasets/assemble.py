"""From a folder of sources to the tables and the manifest of a dataset; reads, never writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_policing.datasets import (
    code_point,
    gazetteer,
    kinds,
    nspl,
    nsul,
    ons,
    osm,
    police_uk,
    population,
    starter,
    starter_roads,
)
from geo_policing.datasets.discover import Discovery, Probe, discover
from geo_policing.datasets.findings import Absence
from geo_policing.datasets.ground import AreaSources, Ground, Report, survey
from geo_policing.datasets.manifest import make_manifest, used_files
from geo_policing.datasets.network import BuiltNetwork, NoNetworkError, build_network, no_network
from geo_policing.datasets.osm_controls import Controls, read_controls
from geo_policing.datasets.places import Places, build_places
from geo_policing.datasets.postcodes import PostcodeBook, locate, merge
from geo_policing.datasets.progress import SILENT, Progress, counted
from geo_policing.datasets.rows import AreaRows, UnitRows
from geo_policing.datasets.schema import PostcodeStatus
from geo_policing.datasets.shares import Shares, postcode_shares
from geo_policing.datasets.tables import Table
from geo_policing.errors import SourceError
from geo_policing.routing.speeds import SpeedTable
from geo_policing.wording import marked

PACKAGED_PLACES = "places.csv"
_UNIT_KINDS = (kinds.STARTER_UNITS, kinds.OUTPUT_AREAS, kinds.LSOAS)
_DISTRICT_KINDS = (kinds.STARTER_DISTRICTS, kinds.DISTRICTS)
_POSTCODE_KINDS = (kinds.STARTER_POSTCODES, kinds.CODE_POINT, kinds.POSTCODE_DIRECTORY)
_GAZETTEER_KINDS = (kinds.OPEN_NAMES, kinds.GEONAMES, kinds.PLACES)


@dataclass(frozen=True)
class Materials:
    """What is read so far and handed from step to step: the ground, a tree over its units, and where to report."""

    discovery: Discovery
    ground: Ground
    tree: shapely.STRtree
    report: Report
    progress: Progress

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the force, EPSG:27700."""
        west, south, east, north = shapely.bounds(self.ground.outline).tolist()
        return west, south, east, north

    def lacks(self, what: str, effect: str) -> None:
        """Report that the sources have no `what`."""
        self.report.absent.append(Absence(what, effect))


def assemble(
    sources: Path, *, force_file: Path | None = None, progress: Progress = SILENT
) -> tuple[dict[str, Table], dict[str, Any]]:
    """Every table of a dataset from `sources`, and its manifest but for what `write_dataset` adds.

    SourceError and ConfigError as `build.build_dataset` says.
    """
    progress.step("Looking at the sources")
    discovery = discover(sources, kinds.KINDS)
    progress.detail(
        f"{counted(sum(map(len, discovery.found.values())), 'file')} known, {len(discovery.ignored)} not used"
    )
    _check_required(discovery)
    report = Report()
    areas = _read_areas(discovery, progress)
    told = discovery.only(kinds.FORCE)
    ground = survey(
        areas, report, force_file=force_file, force_in_sources=told.path if told else None, progress=progress
    )
    materials = Materials(discovery, ground, shapely.STRtree(ground.units.geometry), report, progress)
    postcodes = _postcodes(materials)
    shares = _shares(materials, postcodes)
    live = _live_postcodes(postcodes, len(ground.units.id))
    residents = _population(materials, live)
    demand, months = _demand(materials, live)
    roads = _roads(materials)
    network = _network(materials, roads, postcodes)
    tables = {
        **_ground_tables(ground, residents.residents),
        **network.tables,
        "demand": demand,
        "postcodes": postcodes,
        "postcode_units": shares.table,
        "roads": roads.table,
    }
    places, packaged_places = _places(materials, tables)
    tables |= {"places": places.places, "place_units": places.place_units}
    methods = {
        "approximate": discovery.only(kinds.STARTER_UNITS) is not None,
        "postcode_share_method": shares.method,
        "population_method": residents.method,
        "incident_months": list(months),
        "network": dict(network.about) | ({"schematic": roads.schematic} if network.about else {}),
    }
    records = _records(areas) | ({roads.file: len(roads.table)} if roads.file and not roads.schematic else {})
    used = used_files(discovery, ground.choice, report, records, packaged_places)
    return tables, make_manifest(discovery, ground, report, tables, used, methods)


def _check_required(discovery: Discovery) -> None:
    """SourceError for all that is missing at once, and for the starter's files mixed with publishers'."""
    wanted = {
        "units (a layer with OA21CD, or LSOA21CD, of any year)": _UNIT_KINDS,
        "districts (a layer with LAD24CD, of any year)": _DISTRICT_KINDS,
        "postcodes (Code-Point Open's folder, NSPL or ONSPD)": _POSTCODE_KINDS,
    }
    missing = [what for what, of in wanted.items() if not any(discovery.found[kind] for kind in of)]
    if missing:
        others = "; ".join(f"{discovery.label(path)}: {why}" for path, why in discovery.ignored[:5])
        raise SourceError(
            f"no {', no '.join(missing)}" + (f" (not used: {others})" if others else ""),
            remedy="Add the publisher's file; docs/data.md says where each comes from.",
            file=discovery.root,
        )
    for own, theirs in ((_UNIT_KINDS[0], _UNIT_KINDS[1:]), (_DISTRICT_KINDS[0], _DISTRICT_KINDS[1:])):
        mixed = [*discovery.paths(own), *(path for kind in theirs for path in discovery.paths(kind))]
        if discovery.found[own] and len(mixed) > 1:
            raise SourceError(
                f"the starter's file beside a publisher's: {', '.join(map(discovery.label, mixed))}",
                remedy="Keep one of them: the starter's areas do not fit surveyed ones.",
                file=discovery.root,
            )


def _read_areas(discovery: Discovery, progress: Progress) -> AreaSources:
    progress.step("Reading areas")

    def optional(kind: str) -> AreaRows | None:
        probe = discovery.only(kind)
        return ons.read_areas(probe) if probe is not None else None

    districts = optional(kinds.DISTRICTS)
    if districts is None:
        districts = starter.read_districts(discovery.found[kinds.STARTER_DISTRICTS][0])
    return AreaSources(
        units=_read_units(discovery),
        districts=districts,
        wards=optional(kinds.WARDS),
        lsoas=optional(kinds.LSOAS),
        force_areas=optional(kinds.FORCE_AREAS),
    )


def _read_units(discovery: Discovery) -> UnitRows:
    """Output areas where they are there, being finer; else LSOAs."""
    readers = (starter.read_units, ons.read_output_areas, ons.read_lsoas_as_units)
    probes: list[Probe | None] = [discovery.only(kind) for kind in _UNIT_KINDS]
    return next(read(probe) for read, probe in zip(readers, probes, strict=True) if probe is not None)


def _postcodes(materials: Materials) -> Table:
    materials.progress.step("Reading postcodes")
    discovery, ground, report = materials.discovery, materials.ground, materials.report
    book = _postcode_book(discovery)
    report.absent += book.absent
    border = ground.districts.geometry[~ground.inside]
    located = locate(
        book,
        materials.tree,
        snap_m=ground.force.point_snap_m,
        inside_codes=list(ground.force.districts),
        outside=shapely.STRtree(border) if len(border) else None,
    )
    report.dropped += book.dropped + located.dropped
    report.repaired += book.repaired + located.repaired
    inside = int((located.table["unit"] >= 0).sum())
    materials.progress.detail(f"{counted(len(located.table), 'postcode')}, {inside:,} in the force")
    return located.table


def _postcode_book(discovery: Discovery) -> PostcodeBook:
    own, listed, directory = (discovery.paths(kind) for kind in _POSTCODE_KINDS)
    if own and (listed or directory):
        mixed = ", ".join(map(discovery.label, [*own, *listed, *directory]))
        raise SourceError(
            f"the starter's postcodes beside a publisher's: {mixed}",
            remedy="Keep one of them.",
            file=discovery.root,
        )
    if own:
        return starter.read_postcodes(own)
    return merge(code_point.read(listed) if listed else None, nspl.read(directory) if directory else None)


def _shares(materials: Materials, postcodes: Table) -> Shares:
    materials.progress.step("Sharing postcodes between units")
    discovery, report = materials.discovery, materials.report
    if discovery.found[kinds.STARTER_POSTCODES]:
        return starter.given_shares(postcodes)
    wanted = postcodes["postcode"][(postcodes["status"] == PostcodeStatus.LIVE) & (postcodes["unit"] >= 0)]
    addresses, dropped = nsul.read(
        discovery.paths(kinds.UPRN_POSTCODES), discovery.paths(kinds.OPEN_UPRN), np.asarray(wanted)
    )
    report.dropped += dropped
    if addresses is None:
        materials.lacks(
            marked("addresses with their postcodes (ONS UPRN directory, OS Open UPRN)"),
            marked("A postcode on a boundary is shared by the area nearest to it, not by its addresses."),
        )
    shares = postcode_shares(postcodes, materials.tree, addresses)
    report.repaired += shares.repaired
    return shares


def _live_postcodes(postcodes: Table, units: int) -> NDArray[np.int64]:
    """How many live postcodes where people may live have their point in each unit: a large user's is one firm's."""
    live = (postcodes["status"] == PostcodeStatus.LIVE) & (postcodes["unit"] >= 0) & ~postcodes["large_user"]
    return np.bincount(postcodes["unit"][live], minlength=units).astype(np.int64)


def _population(materials: Materials, live: NDArray[np.int64]) -> population.Population:
    materials.progress.step("Bringing residents down to units")
    units, report = materials.ground.units, materials.report
    residents = population.population_of_units(
        population.read(materials.discovery.paths(kinds.POPULATION)),
        unit_id=units.id,
        unit_lsoa=units.lsoa,
        unit_area_m2=shapely.area(units.geometry),
        live_postcodes=live,
        given=units.population,
    )
    report.absent += residents.absent
    report.dropped += residents.dropped
    report.repaired += residents.repaired
    return residents


def _demand(materials: Materials, live: NDArray[np.int64]) -> tuple[Table, tuple[str, ...]]:
    materials.progress.step("Counting incidents")
    paths = materials.discovery.paths(kinds.STREET_CRIME)
    if not paths:
        materials.lacks(marked("street-level crime (data.police.uk)"), marked("Demand by incidents is not known."))
        return Table.empty("demand"), ()
    units = materials.ground.units
    demand = police_uk.demand_of_units(
        police_uk.read(paths),
        unit_lsoa=units.lsoa,
        unit_area_m2=shapely.area(units.geometry),
        live_postcodes=live,
    )
    materials.report.dropped += demand.dropped
    if not len(demand.table):
        materials.lacks(
            marked("street-level crime for these units"),
            marked("Demand by incidents is not known: none of the incidents names an LSOA that a unit belongs to."),
        )
    incidents = counted(demand.table["incidents"].sum(), "incident")
    materials.progress.detail(f"{incidents} in {counted(len(demand.months), 'month')}")
    return demand.table, demand.months


def _roads(materials: Materials) -> osm.Roads:
    materials.progress.step("Reading roads")
    probes, own = materials.discovery.found[kinds.ROADS], materials.discovery.only(kinds.STARTER_ROADS)
    if own and not probes:
        roads = starter_roads.read_roads(own)
        materials.progress.detail(f"{len(roads.ways or ()):,} schematic roads")
        return roads
    roads = osm.read_roads(probes, materials.bounds)
    if own:
        materials.report.unused.append((own.path, "schematic roads, beside a file of real ones"))
    materials.report.dropped += roads.dropped
    materials.report.unused += roads.unused
    materials.progress.detail(counted(len(roads.table), "road"))
    return roads


def _network(materials: Materials, roads: osm.Roads, postcodes: Table) -> BuiltNetwork:
    """The routable network; where the roads make none, that is reported and drive times are left out."""
    materials.progress.step("Building the road network")
    effect = marked("no drive times, isochrones or coverage")
    if roads.probe is None or roads.ways is None:
        materials.lacks(marked("roads (an .osm.pbf, OSMnx GraphML or Overpass file)"), effect)
        return no_network()
    if not len(roads.ways):
        materials.lacks(_too_far(materials, roads.probe), effect)
        return no_network()
    speeds = materials.ground.choice.force.speeds
    # Checked now, so that a force.toml with a wrong speed does not become a dataset.
    SpeedTable.default().with_overrides(kph=speeds.kph, response=speeds.response)
    live = np.asarray(postcodes["status"]) == PostcodeStatus.LIVE
    homes = np.asarray(postcodes["easting"])[live], np.asarray(postcodes["northing"])[live]
    try:
        controls = Controls() if roads.schematic else read_controls(roads.probe)
        network = build_network(roads.ways, controls, homes)
    except NoNetworkError as error:
        materials.lacks(f"a road network ({error})", effect)
        return no_network()
    materials.report.dropped += network.dropped
    materials.progress.detail(f"{network.about['edges']:,} edges, {network.about['km']:,.0f} km")
    return network


def _too_far(materials: Materials, probe: Probe) -> str:
    """That no road of a file is near the force, with the extents of both."""
    west, south, east, north = materials.bounds
    text = (
        f"roads near the force: {materials.discovery.label(probe.path)} has none within "
        f"{osm.NETWORK_MARGIN_M / 1000:.0f} km of eastings {west:.0f} to {east:.0f}, "
        f"northings {south:.0f} to {north:.0f}"
    )
    extent = osm.extent_of(probe)
    if extent is None:
        return text
    west, south, east, north = extent
    return f"{text}; its roads lie at longitudes {west:.4f} to {east:.4f}, latitudes {south:.4f} to {north:.4f}"


def _places(materials: Materials, tables: Mapping[str, Table]) -> tuple[Places, Path | None]:
    """The tables `places` and `place_units`, and the packaged gazetteer where it was read."""
    materials.progress.step("Naming places and streets")
    discovery, choice = materials.discovery, materials.ground.choice
    paths = [path for kind in _GAZETTEER_KINDS for path in discovery.paths(kind)]
    packaged = choice.path.parent / PACKAGED_PLACES if choice.packaged and choice.path else None
    beside = packaged if packaged is not None and packaged.is_file() else None
    own_units = [starter.read_units_of_places(probe) for probe in discovery.found[kinds.STARTER_UNITS]]
    places = build_places(
        units=tables["units"],
        districts=tables["districts"],
        wards=tables["wards"],
        postcodes=tables["postcodes"],
        roads=tables["roads"],
        gazetteer=gazetteer.read([*paths, beside] if beside else paths, materials.bounds),
        units_of_place={f"{gazetteer.GEONAMES}-{key}": ids for own in own_units for key, ids in own.items()},
    )
    materials.report.absent += places.absent
    materials.report.dropped += places.dropped
    materials.progress.detail(counted(len(places.places), "place or street", "places and streets"))
    return places, beside


def _ground_tables(ground: Ground, residents: NDArray[np.float64]) -> dict[str, Table]:
    force, units, districts, inside = ground.force, ground.units, ground.districts, ground.inside
    area_of = {code: row for row, area in enumerate(force.areas) for code in area.districts}
    a, b, shared_m = ground.adjacency
    return {
        "units": Table.of(
            "units",
            id=units.id,
            district=ground.unit_district,
            lsoa=units.lsoa,
            suggested_beat=units.suggested_beat,
            population=residents,
            geometry=units.geometry,
        ),
        "adjacency": Table.of("adjacency", a=a, b=b, shared_m=shared_m),
        "districts": Table.of(
            "districts",
            code=districts.code,
            name=districts.name,
            inside=inside,
            area=[area_of.get(str(code), -1) for code in districts.code],
            geometry=districts.geometry,
        ),
        "areas": Table.of("areas", code=[a.code for a in force.areas], name=[a.name for a in force.areas]),
        "wards": _area_table("wards", ground.wards),
        "lsoas": _area_table("lsoas", ground.lsoas),
    }


def _area_table(name: str, rows: AreaRows | None) -> Table:
    if rows is None:
        return Table.empty(name)
    columns = {"code": rows.code, "name": rows.name}
    return Table.of(name, **columns, geometry=rows.geometry) if name == "wards" else Table.of(name, **columns)


def _records(areas: AreaSources) -> dict[Path, int]:
    """How many features each file of areas has."""
    rows = [r for r in (areas.districts, areas.wards, areas.lsoas, areas.force_areas) if r is not None]
    return {areas.units.file: len(areas.units.id)} | {r.file: len(r.code) for r in rows}
