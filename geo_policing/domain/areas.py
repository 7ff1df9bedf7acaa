"""Districts and areas: who is responsible for which part of the force."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Area:
    """A command area (north or south); `code` is of a-z0-9-."""

    code: str
    name: str


@dataclass(frozen=True)
class District:
    """A local authority district by its ONS code; `area` is None where none is configured."""

    code: str
    name: str
    area: Area | None = None
