"""The table of what is downloaded from where, and under which licence."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

import msgspec

from geo_policing.errors import ConfigError

TABLE = Path(__file__).with_name("open_data_sources.toml")
Recipe = Literal["feature_service", "nomis", "file", "zip", "newest_item", "road_extracts"]


class Licence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A licence by its name and the page that holds its text."""

    name: str
    url: str


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One thing to download. `{slug}` and `{region}` in `url` and `include` stand for the force's."""

    id: str
    title: str
    publisher: str
    recipe: Recipe
    """How its publisher hands it out; `recipes` says what each does."""
    url: str
    save_as: str
    """The file, or for what comes in a zip the folder, below the destination."""
    kind: str
    """The module of `geo_policing.datasets` that reads it, and must recognise what came."""
    licence: str
    """A key of the table's licences."""
    attribution: str
    max_bytes: int
    """More than this is refused; about four times what it was when the entry was written."""
    checked_on: str
    """The day (YYYY-MM-DD) on which somebody last downloaded it from this address; "" for never."""
    fields: tuple[str, ...] = ()
    """feature_service: the attributes to ask for; the first is the code, by which features are ordered."""
    include: tuple[str, ...] = ()
    """zip: patterns of the members to take."""
    mentioning_districts: tuple[str, ...] = ()
    """zip: patterns of members that are kept only where they name one of the force's districts."""
    newest: int = 0
    """zip: take only members of the newest so many folders; 0 for all."""
    item_title: str = ""
    """newest_item: how the title of a right item begins."""
    rename: dict[str, str] = {}
    """nomis: columns to ask for, and what they are called in the file."""


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole table; feature services come first, as the others may need their extent or codes."""

    licences: dict[str, Licence]
    sources: tuple[Source, ...]


def read_table(path: Path = TABLE) -> Table:
    """The table at `path`; ConfigError says what is wrong with it."""
    try:
        table = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Table)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"{path}: {error}.") from error
    ids = [source.id for source in table.sources]
    problems = [f"id {name!r} stands twice" for name in sorted(set(ids)) if ids.count(name) > 1]
    problems += [
        f"{s.id}: licence {s.licence!r} is not in [licences]" for s in table.sources if s.licence not in table.licences
    ]
    problems += [
        f"{s.id}: save_as {s.save_as!r} leaves the folder"
        for s in table.sources
        if Path(s.save_as).is_absolute() or ".." in Path(s.save_as).parts
    ]
    if problems:
        raise ConfigError(f"{path}: {'; '.join(problems)}.")
    return table
