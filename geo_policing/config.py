"""Settings of a deployment (from the environment) and of a force (from its force.toml)."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from geo_policing.domain.facilities import FacilityKind
from geo_policing.errors import ConfigError

SQLITE_NAME = "geo_policing.sqlite"
MAX_SETTING_CHARS = 300
RESERVED_SLUGS = frozenset({"v1", "forces", "neighbourhoods", "locate-neighbourhood"})


@dataclass(frozen=True)
class Settings:
    """What an operator decides. Every field but `data_dir` has a variable `GEO_POLICING_{FIELD}`."""

    data_dir: Path
    database_url: str = ""
    workers: int = 2
    threads: int = 4
    max_upload_bytes: int = 16 * 1024 * 1024
    max_bulk_rows: int = 100_000
    official: bool = False
    """True removes the word "unofficial" from pages; only the force itself should set it."""
    operator: str = ""
    """Who runs this service, for the privacy notice; "" where they do not say."""
    contact: str = ""
    """Where residents tell what is wrong: an email address or an http(s) address; "" for none."""
    public_url: str = ""
    """Scheme and host under which the public reaches the service, for links that must be whole; "" where unknown."""
    log_days: int = 0
    """For how many days the operator keeps the log, for the privacy notice; 0 where they do not say."""

    @classmethod
    def from_env(cls, *, data_dir: Path, environ: Mapping[str, str] | None = None) -> Settings:
        """Settings from GEO_POLICING_* variables; ConfigError names the variable, its value and what is allowed."""
        env = os.environ if environ is None else environ
        return cls(
            data_dir=data_dir.absolute(),
            database_url=env.get("GEO_POLICING_DATABASE_URL", ""),
            workers=_whole(env, "GEO_POLICING_WORKERS", cls.workers),
            threads=_whole(env, "GEO_POLICING_THREADS", cls.threads),
            max_upload_bytes=_whole(env, "GEO_POLICING_MAX_UPLOAD_BYTES", cls.max_upload_bytes),
            max_bulk_rows=_whole(env, "GEO_POLICING_MAX_BULK_ROWS", cls.max_bulk_rows),
            official=_flag(env, "GEO_POLICING_OFFICIAL"),
            operator=_line(env, "GEO_POLICING_OPERATOR"),
            contact=_contact(env, "GEO_POLICING_CONTACT"),
            public_url=_origin(env, "GEO_POLICING_PUBLIC_URL"),
            log_days=_whole(env, "GEO_POLICING_LOG_DAYS", cls.log_days),
        )

    @property
    def resolved_database_url(self) -> str:
        """`database_url`, or the address of the SQLite file in the data folder, quoted as addresses are."""
        return self.database_url or f"sqlite:///{quote(str(self.data_dir / SQLITE_NAME))}"


class AreaConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A command area and the ONS codes of its districts; `code` is of a-z0-9-."""

    code: str
    name: str
    districts: tuple[str, ...]


class FacilityConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the force's premises, placed by `postcode`, else by `lat`/`lon` (WGS 84), else by `settlement`."""

    id: str
    name: str
    kinds: tuple[FacilityKind, ...]
    district: str
    postcode: str = ""
    settlement: str = ""
    address: str = ""
    lat: float | None = None
    lon: float | None = None
    accuracy_m: float | None = None
    location_note: str = ""
    opening_hours: str = ""
    access: str = ""
    telephone: str = ""
    illustrative: bool = True


class ActionTeamConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A community action team; empty `districts` means that it serves the whole force."""

    id: str
    name: str
    about: str
    districts: tuple[str, ...] = ()
    illustrative: bool = True


class SpeedsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Speeds of one's own, by road class and setting: "residential.urban", or "residential" for both.

    `kph` replaces the average speed, `response` the factors of response driving (low, central, high). The classes are
    `routing.speeds.RoadClass`; `SpeedTable.with_overrides` checks keys and values.
    """

    kph: dict[str, float] = {}
    response: dict[str, tuple[float, float, float]] = {}


class Force(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A force as its force.toml describes it. Empty `areas` means that none is configured."""

    name: str
    slug: str
    districts: dict[str, str]
    """ONS code to name, of the districts that the force serves."""
    code: str = ""
    website: str = ""
    areas: tuple[AreaConfig, ...] = ()
    areas_note: str = ""
    """Where the areas come from, or that they are an assumption; shown to residents."""
    facilities: tuple[FacilityConfig, ...] = ()
    action_teams: tuple[ActionTeamConfig, ...] = ()
    one_share: float = 0.8
    """The least share of the first candidate at which a postcode is answered as `one`."""
    point_snap_m: float = 50.0
    """How far outside every unit a postcode's point may lie and still take the nearest."""
    pcso_fte_floor: float = 0.0
    speeds: SpeedsConfig = SpeedsConfig()

    @classmethod
    def from_toml(cls, path: Path) -> Force:
        """Read a force.toml; ConfigError names the file, the key and the value at fault."""
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ConfigError(f"{path}: cannot be read as TOML ({error}). docs/data.md shows its form.") from error
        return cls.from_mapping(content, place=str(path))

    @classmethod
    def from_mapping(cls, content: Mapping[str, Any], *, place: str) -> Force:
        """The force in `content` (parsed TOML, or a manifest's `force`); ConfigError says what is wrong where."""
        try:
            force = msgspec.convert(content, cls)
        except msgspec.ValidationError as error:
            raise ConfigError(f"{place}: {error}. docs/data.md shows the form of a force.toml.") from error
        problems = _problems(force)
        if problems:
            raise ConfigError(f"{place}: {'; '.join(problems)}. docs/data.md shows the form of a force.toml.")
        return force

    def to_mapping(self) -> dict[str, Any]:
        """Plain JSON types; `from_mapping` reads it back to an equal force."""
        mapping: dict[str, Any] = msgspec.to_builtins(self)
        return mapping


def packaged_force_paths() -> tuple[Path, ...]:
    """The force.toml files that ship with this program, ordered by name."""
    root = Path(str(files("geo_policing.boundaries")))
    return tuple(sorted(root.rglob("force.toml")))


def _problems(force: Force) -> list[str]:
    problems = []
    if not re.fullmatch(r"[a-z0-9-]+", force.slug):
        problems.append(f"slug {force.slug!r} is not of a-z0-9-")
    if force.slug in RESERVED_SLUGS:
        problems.append(f"slug {force.slug!r} is reserved for a path of the API")
    if not force.districts:
        problems.append("districts is empty; it needs at least one ONS code with its name")
    if not 0.5 < force.one_share <= 1:
        problems.append(f"one_share {force.one_share} is not above 0.5 and at most 1")
    if not 0 <= force.point_snap_m <= 1000:
        problems.append(f"point_snap_m {force.point_snap_m} is not between 0 and 1000")
    if force.pcso_fte_floor < 0:
        problems.append(f"pcso_fte_floor {force.pcso_fte_floor} is negative")
    return problems + _reference_problems(force)


def _reference_problems(force: Force) -> list[str]:
    """What areas, facilities and teams say of districts, and keys that stand twice."""
    problems = []
    named = [("areas", a.code, a.districts) for a in force.areas]
    named += [("facilities", f.id, (f.district,)) for f in force.facilities]
    named += [("action_teams", t.id, t.districts) for t in force.action_teams]
    for section, key, codes in named:
        unknown = sorted(set(codes) - set(force.districts))
        if unknown:
            problems.append(f"{section} {key!r} names districts that are not in [districts]: {', '.join(unknown)}")
    keys = [(section, key) for section, key, _ in named]
    problems += [f"{section} has {key!r} twice" for section, key in sorted(set(keys)) if keys.count((section, key)) > 1]
    in_areas = sorted(code for area in force.areas for code in area.districts)
    if force.areas and in_areas != sorted(force.districts):
        problems.append("areas must hold every district exactly once")
    return problems


def _whole(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ConfigError(f"{name}={text!r} is not a whole number above 0.")
    return int(text)


def _line(env: Mapping[str, str], name: str) -> str:
    text = env.get(name, "").strip()
    if not text.isprintable() or len(text) > MAX_SETTING_CHARS:
        raise ConfigError(f"{name}={text!r} is not one line of at most {MAX_SETTING_CHARS} characters.")
    return text


def _contact(env: Mapping[str, str], name: str) -> str:
    text = _line(env, name)
    if text and not re.fullmatch(r"[^@\s<>:/]+@[^@\s<>:/]+\.[^@\s<>:/]+", text) and _web_origin(text) is None:
        raise ConfigError(f"{name}={text!r} is neither an email address nor one that begins with https:// or http://.")
    return text


def _origin(env: Mapping[str, str], name: str) -> str:
    text = _line(env, name).rstrip("/")
    if text and _web_origin(text) != text:
        raise ConfigError(f"{name}={text!r} is not a scheme and a host such as https://police.example.org.")
    return text


def _web_origin(text: str) -> str | None:
    """Scheme, host and port of a web address, None for anything else."""
    try:
        parts = urlsplit(text)
        host = parts.hostname
        parts.port  # noqa: B018 - raises for what is no port
    except ValueError:
        return None
    known = parts.scheme in ("https", "http") and host and " " not in text and "@" not in parts.netloc
    return f"{parts.scheme}://{parts.netloc}" if known else None


def _flag(env: Mapping[str, str], name: str) -> bool:
    text = env.get(name, "")
    if text not in ("", "0", "1"):
        raise ConfigError(f"{name}={text!r} is neither 0 nor 1.")
    return text == "1"
