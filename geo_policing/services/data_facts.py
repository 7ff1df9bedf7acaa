"""What residents are told of the data behind an answer: its sources and their age, and what they can ask of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.schema import PostcodeStatus
from geo_policing.services.indexes import derived

# Up to so many postcodes a dataset is a demonstration, and people need to be told which ones it knows.
FEW_POSTCODES = 60
PLACES_NAMED = 3
_VINTAGES_LISTED = 3
_YEAR_OR_MONTH = re.compile(r"\d{4}(?:-\d{2})?", re.ASCII)
_YEAR_AT_END = re.compile(r"(.*?)(?: (\d{4}))?", re.DOTALL)


@dataclass(frozen=True)
class SourceFacts:
    """What one publisher gives under one title and licence, which may be many files.

    `vintages` and `attributions` are those of the files, each once, in the order of the files.
    """

    title: str
    publisher: str
    licence: str
    licence_url: str
    vintages: tuple[str, ...]
    attributions: tuple[str, ...]
    files: int

    @property
    def vintage(self) -> str:
        """As of when it is: "2025-08", "2025-08 and 2025-10", "2025-06 to 2025-12" for many months; "" if unknown."""
        if not all(map(_YEAR_OR_MONTH.fullmatch, self.vintages)):
            return _listed(list(self.vintages))
        in_order = sorted(self.vintages)
        return f"{in_order[0]} to {in_order[-1]}" if len(in_order) > _VINTAGES_LISTED else _listed(in_order)


@dataclass(frozen=True)
class DataFacts:
    """What pages say of one dataset.

    `example_postcodes` are all its live postcodes inside the force where there are at most FEW_POSTCODES, else none;
    `example_places` a few of its largest settlements inside the force; `absent` pairs what a source would have given
    with what its absence means for an answer.
    """

    data_version: str
    title: str
    approximate: bool
    force_name: str
    website: str
    areas_note: str
    share_method: str
    population_method: str
    sources: tuple[SourceFacts, ...]
    absent: tuple[tuple[str, str], ...]
    example_postcodes: tuple[str, ...]
    example_places: tuple[str, ...]

    @property
    def attributions(self) -> tuple[str, ...]:
        """The lines that the licences ask for, in the order of the sources, as `credit_lines` puts them together."""
        return credit_lines(line for source in self.sources for line in source.attributions)


def credit_lines(attributions: Iterable[str]) -> tuple[str, ...]:
    """Attributions so that each stands once, in their order.

    Lines that differ only in the year at their end are one line with all the years, and a line with which another
    begins is part of that one.
    """
    years: dict[str, set[str]] = {}
    for attribution in attributions:
        text, year = _YEAR_AT_END.fullmatch(attribution).groups()  # type: ignore[union-attr]
        years.setdefault(text, set()).update({year} - {None})
    lines = [f"{text} {_listed(sorted(found))}" if found else text for text, found in years.items()]
    return tuple(line for line in lines if not any(each.startswith(f"{line}. ") for each in lines))


def data_facts(dataset: Dataset) -> DataFacts:
    """The facts of `dataset`; worked out once."""
    return derived(dataset, "data_facts", lambda: _facts_of(dataset))


def _facts_of(dataset: Dataset) -> DataFacts:
    manifest, force = dataset.manifest, dataset.force
    return DataFacts(
        data_version=dataset.data_version,
        title=str(manifest.get("title", "")),
        approximate=dataset.approximate,
        force_name=force.name,
        website=force.website,
        areas_note=force.areas_note,
        share_method=str(manifest.get("postcode_share_method", "")),
        population_method=str(manifest.get("population_method", "")),
        sources=_sources(manifest.get("sources", ())),
        absent=tuple((str(e.get("what", "")), str(e.get("effect", ""))) for e in manifest.get("absent", ())),
        example_postcodes=_example_postcodes(dataset),
        example_places=_example_places(dataset),
    )


def _sources(entries: Iterable[Mapping[str, Any]]) -> tuple[SourceFacts, ...]:
    files_of: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for entry in entries:
        files_of.setdefault(tuple(str(entry.get(name) or "") for name in _SAME), []).append(entry)
    return tuple(
        SourceFacts(
            **dict(zip(_SAME, same, strict=True)),
            vintages=_each_once(files, "vintage"),
            attributions=_each_once(files, "attribution"),
            files=len(files),
        )
        for same, files in files_of.items()
    )


_SAME = ("title", "publisher", "licence", "licence_url")


def _each_once(entries: Iterable[Mapping[str, Any]], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(entry[name]) for entry in entries if entry.get(name)))


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def _example_postcodes(dataset: Dataset) -> tuple[str, ...]:
    postcodes = dataset["postcodes"]
    inside = np.flatnonzero((postcodes["status"] == PostcodeStatus.LIVE) & (postcodes["unit"] >= 0))
    if len(inside) > FEW_POSTCODES:
        return ()
    return tuple(f"{code[:-3]} {code[-3:]}" for code in postcodes["postcode"][inside].tolist())


def _example_places(dataset: Dataset) -> tuple[str, ...]:
    places, districts = dataset["places"], dataset["districts"]
    if len(places) == 0:
        return ()
    in_force = np.append(districts["inside"], False)[places["district"]]
    rows = np.flatnonzero(in_force & (places["kind"] == "settlement"))
    largest = rows[np.argsort(-np.nan_to_num(places["population"][rows]), kind="stable")[:PLACES_NAMED]]
    return tuple(places["name"][largest].tolist())
