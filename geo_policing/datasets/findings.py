"""What a build has to own up to: what it left out or mended, and what the sources did not have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from geo_policing.wording import marked

MAX_EXAMPLES = 5

# `what` of the absences that answers and pages speak of where they matter.
STATUS_ABSENT = marked("postcode status")
"""Nobody knows which of some postcodes are live."""
TERMINATED_ABSENT = marked("terminated postcodes")
SETTLEMENTS_ABSENT = marked("names of settlements")
STREETS_ABSENT = marked("names of streets")


@dataclass(frozen=True)
class Finding:
    """Something that was dropped or repaired: an entry of the manifest's `dropped` or `repaired`.

    `what` names the things ("postcodes without a valid code"), `why` the reason and what was done about it, and
    `examples` a few of them, never more than `MAX_EXAMPLES`.
    """

    what: str
    count: int
    why: str
    examples: tuple[str, ...] = ()

    @classmethod
    def of(cls, what: str, items: Iterable[str], why: str) -> Finding:
        """The finding over all `items`, of which the first few become the examples."""
        listed = [str(item) for item in items]
        return cls(what, len(listed), why, tuple(listed[:MAX_EXAMPLES]))

    def to_mapping(self) -> dict[str, Any]:
        """Plain JSON types, as the manifest holds them."""
        return {"what": self.what, "count": self.count, "why": self.why, "examples": list(self.examples)}


@dataclass(frozen=True)
class Absence:
    """Something that the sources do not have, and what follows: an entry of the manifest's `absent`."""

    what: str
    effect: str

    def to_mapping(self) -> dict[str, str]:
        """Plain JSON types, as the manifest holds them."""
        return {"what": self.what, "effect": self.effect}


def found(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """`findings` without those that count nothing."""
    return tuple(f for f in findings if f.count)
