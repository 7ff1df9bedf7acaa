"""Beats: a plan's areas, each with its PCSO, and the slugs they are published under."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

RESERVED_IDS = frozenset({"neighbourhoods"})
"""What stands in the API's paths where a beat's id does (`/api/{force}/neighbourhoods`)."""


@dataclass(frozen=True)
class Beat:
    """One beat of one plan. `id` and `slug` (of a-z0-9-) outlive any plan; the name is the plan's.

    ValueError for an id of `RESERVED_IDS`, under which nobody could ask for it.
    """

    id: str
    slug: str
    name: str
    district_code: str

    def __post_init__(self) -> None:
        if self.id in RESERVED_IDS:
            raise ValueError(f"beat {self.name!r}: the id {self.id!r} is reserved for a path of the API")


def slugify(name: str) -> str:
    """`name` in a-z0-9-, accents folded; "" where nothing of it can be kept.

    >>> slugify("Ely — St Mary's & Cœur")
    'ely-st-marys-cur'
    """
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name.lower().replace("'", "")).strip("-")


def unique_slugs(names: Iterable[tuple[str, str]]) -> list[str]:
    """A slug for each (name, qualifier), in order; qualifier, then a number, tell equal names apart.

    Every slug is unique and non-empty ("beat" where a name leaves nothing).
    """
    pairs = list(names)
    plain = [slugify(name) or "beat" for name, _ in pairs]
    taken: set[str] = set()
    slugs = []
    for slug, (_, qualifier) in zip(plain, pairs, strict=True):
        candidate = slug if plain.count(slug) == 1 else "-".join(filter(None, (slug, slugify(qualifier))))
        chosen, n = candidate, 2
        while chosen in taken:
            chosen, n = f"{candidate}-{n}", n + 1
        taken.add(chosen)
        slugs.append(chosen)
    return slugs
