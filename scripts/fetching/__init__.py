"""Downloads the open data that a build reads from the publishers named in open_data_sources.toml."""

from __future__ import annotations

from pathlib import Path


def beside(final: Path, suffix: str) -> Path:
    """Where something that is not `final` yet lies: beside it, and hidden, so that a build passes it over."""
    return final.with_name(f".{final.name}{suffix}")
