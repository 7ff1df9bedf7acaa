"""Which of a dataset's sources stands behind which kind of fact, so that a page can name it beside the fact."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from geo_policing.datasets.dataset import Dataset
from geo_policing.services.data_facts import data_facts


class FactKind(StrEnum):
    """What a beat's page tells from the dataset rather than from the database."""

    PLACES = "places"
    DISTRICT = "district"
    OUTLINE = "outline"
    ROADS = "roads"


_KINDS = {
    FactKind.PLACES: frozenset({"open_names", "geonames", "places"}),
    FactKind.DISTRICT: frozenset({"districts", "starter_districts"}),
    FactKind.OUTLINE: frozenset({"output_areas", "starter_units"}),
    FactKind.ROADS: frozenset({"roads", "starter_roads"}),
}
"""Kinds of sources as manifests name them (`datasets.kinds`, which no page imports: it loads every reader)."""


@dataclass(frozen=True)
class FactSource:
    """A source by its title and publisher; `vintage` is as of when it is, "" where it does not say."""

    title: str
    publisher: str
    vintage: str


def fact_sources(dataset: Dataset, kind: FactKind) -> tuple[FactSource, ...]:
    """The sources of the facts of a kind, in the manifest's order; () where it names none."""
    titles = {str(e.get("title")) for e in dataset.manifest.get("sources", ()) if e.get("kind") in _KINDS[kind]}
    found = (s for s in data_facts(dataset).sources if s.title in titles)
    return tuple(FactSource(s.title, s.publisher, s.vintage) for s in found)
