"""Scenarios: a named set of changes to the response bases, kept to be looked at again beside today."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scenario:
    """Ids of bases to close, (lat, lon) of bases to open, and (id, lat, lon) of bases to move; WGS 84 degrees."""

    name: str
    close: tuple[str, ...] = ()
    open: tuple[tuple[float, float], ...] = ()
    move: tuple[tuple[str, float, float], ...] = ()
    note: str = ""
