from __future__ import annotations

from pathlib import Path

from geo_policing.datasets import kinds
from geo_policing.services import fact_sources
from geo_policing.services.fact_sources import FactKind, FactSource
from tests.support.tiny import write_tiny

SOURCES = [
    {"kind": "districts", "title": "Districts", "publisher": "ONS", "vintage": "December 2024"},
    {"kind": "roads", "title": "Roads", "publisher": "OSM", "vintage": None},
    {"kind": "open_names", "title": "Names", "publisher": "OS", "vintage": "2025-10", "file": "a"},
    {"kind": "open_names", "title": "Names", "publisher": "OS", "vintage": "2025-08", "file": "b"},
    {"kind": "wards", "title": "Wards", "publisher": "ONS", "vintage": "2020"},
]


def test_each_kind_of_fact_has_its_own_sources(tmp_path: Path) -> None:
    dataset = write_tiny(tmp_path, sources=SOURCES)
    found = {kind: fact_sources.fact_sources(dataset, kind) for kind in FactKind}
    assert found[FactKind.DISTRICT] == (FactSource("Districts", "ONS", "December 2024"),)
    assert found[FactKind.ROADS] == (FactSource("Roads", "OSM", ""),)
    assert found[FactKind.PLACES] == (FactSource("Names", "OS", "2025-08 and 2025-10"),)
    assert found[FactKind.OUTLINE] == ()


def test_no_sources_are_none(tmp_path: Path) -> None:
    assert fact_sources.fact_sources(write_tiny(tmp_path), FactKind.PLACES) == ()


def test_every_kind_named_is_one_that_a_build_knows() -> None:
    known = {kind.name for kind in kinds.KINDS}
    assert set().union(*fact_sources._KINDS.values()) <= known
