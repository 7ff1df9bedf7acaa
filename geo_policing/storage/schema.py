"""The database's tables: what people decide, kept so that nothing half-done or contradictory can be stored.

Times are UTC, dates are local days (Europe/London). A row that refers to a unit holds the unit's code in the dataset
named by its plan's `data_version`; the database itself knows no geometry but the points of facilities.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    TypeDecorator,
)

from geo_policing.domain.facilities import FacilityKind
from geo_policing.domain.plans import PlanState
from geo_policing.domain.postings import Role

KNOWN_VERSIONS = ("0001", "0002", "0003")
"""Every schema revision this program can read from or migrate from, oldest first; a test holds it to migrations/."""

SCHEMA_VERSION = KNOWN_VERSIONS[-1]

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMING)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC: SQLite has no time zones, so it is stripped going in and put back coming out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC for storing; ValueError for a time without a zone, which could mean any moment."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} carries no time zone; the database keeps moments")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Aware in UTC, whatever zone the server's session has."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _one_of(column: str, kinds: type[StrEnum] | tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return CheckConstraint(f"{column} IN ({listed})", name=f"known_{column}")


def _dates_in_order(first: str, last: str) -> CheckConstraint:
    return CheckConstraint(f"{last} IS NULL OR {last} >= {first}", name=f"{last}_not_before_{first}")


def _of_slug_form(column: str) -> CheckConstraint:
    # GLOB and SIMILAR TO are not portable; what both know is enough to refuse what would break a URL.
    return CheckConstraint(f"{column} <> '' AND {column} = lower({column})", name=f"{column}_lower_case")


revision = Table(
    "revision",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
    comment="One row, raised by every write, read by every request.",
)

beats = Table(
    "beats",
    metadata,
    Column("id", Text, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    _of_slug_form("id"),
    _of_slug_form("slug"),
    comment="Identities of beats: they outlive plans, so that a bookmark and a posting stay good.",
)

plans = Table(
    "plans",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("data_version", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("effective_from", Date),
    Column("method", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("carried_from", Integer, ForeignKey("plans.id")),
    Column("created_at", UtcDateTime, nullable=False),
    _one_of("state", PlanState),
    _one_of("origin", ("seed", "carried", "planner")),
    CheckConstraint("state <> 'published' OR effective_from IS NOT NULL", name="published_has_date"),
    CheckConstraint("version >= 1", name="version_positive"),
    Index(None, "data_version", "state", "effective_from"),
    sqlite_autoincrement=True,
    comment="Heads of plans; `version` is raised by every edit and is what If-Match compares.",
)

plan_beats = Table(
    "plan_beats",
    metadata,
    Column("plan_id", Integer, ForeignKey("plans.id"), nullable=False),
    Column("beat_id", Text, ForeignKey("beats.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("district_code", Text, nullable=False),
    PrimaryKeyConstraint("plan_id", "beat_id"),
    CheckConstraint("name <> ''", name="named"),
    comment="The beats of a plan: the name is the plan's own.",
)

assignments = Table(
    "assignments",
    metadata,
    Column("plan_id", Integer, nullable=False),
    Column("unit_id", Text, nullable=False),
    Column("beat_id", Text, nullable=False),
    PrimaryKeyConstraint("plan_id", "unit_id"),
    ForeignKeyConstraint(["plan_id", "beat_id"], ["plan_beats.plan_id", "plan_beats.beat_id"]),
    Index(None, "plan_id", "beat_id"),
    comment="Each unit of a plan with its one beat.",
)

plan_exceptions = Table(
    "plan_exceptions",
    metadata,
    Column("plan_id", Integer, nullable=False),
    Column("beat_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("plan_id", "beat_id", "kind"),
    ForeignKeyConstraint(["plan_id", "beat_id"], ["plan_beats.plan_id", "plan_beats.beat_id"]),
    _one_of("kind", ("detached",)),
    CheckConstraint("reason <> ''", name="reasoned"),
    comment="Rules that a beat of a plan is allowed to break, and why.",
)

changesets = Table(
    "changesets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("plan_id", Integer, ForeignKey("plans.id"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("undoes", Integer, ForeignKey("changesets.id")),
    CheckConstraint("actor <> ''", name="has_actor"),
    comment="Append-only: one stroke of editing; seeds and carry-overs are changesets too.",
)

changes = Table(
    "changes",
    metadata,
    Column("changeset_id", Integer, ForeignKey("changesets.id"), nullable=False),
    Column("unit_id", Text, nullable=False),
    Column("from_beat", Text, ForeignKey("beats.id")),
    Column("to_beat", Text, ForeignKey("beats.id")),
    PrimaryKeyConstraint("changeset_id", "unit_id"),
    CheckConstraint("from_beat IS NOT NULL OR to_beat IS NOT NULL", name="changes_something"),
    comment="Append-only: what a changeset did to a unit; a null beat is none.",
)

postings = Table(
    "postings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("beat_id", Text, ForeignKey("beats.id"), nullable=False),
    Column("role", Text, nullable=False),
    Column("collar_number", Text, nullable=False),
    Column("fte", Float, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("name", Text),
    Column("email", Text),
    Column("telephone", Text),
    Column("illustrative", Boolean(create_constraint=True, name="illustrative"), nullable=False),
    _one_of("role", Role),
    CheckConstraint("fte > 0 AND fte <= 1", name="fte_of_a_post"),
    _dates_in_order("starts_on", "ends_on"),
    Index(None, "beat_id", "starts_on"),
    # The audit log speaks of postings, priorities and events by id, so an id is never given twice.
    sqlite_autoincrement=True,
)

covers = Table(
    "covers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("beat_id", Text, ForeignKey("beats.id"), nullable=False, index=True),
    Column("posting_id", Integer, ForeignKey("postings.id"), nullable=False, index=True),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    _dates_in_order("starts_on", "ends_on"),
    sqlite_autoincrement=True,
    comment="Somebody posted to another beat who covers this one too; it adds no post.",
)

facilities = Table(
    "facilities",
    metadata,
    Column("id", Text, primary_key=True),
    Column("force_slug", Text, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("district_code", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("postcode", Text, nullable=False),
    Column("easting", Float),
    Column("northing", Float),
    Column("accuracy_m", Float),
    Column("location_note", Text, nullable=False),
    Column("opening_hours", Text, nullable=False),
    Column("access", Text, nullable=False),
    Column("telephone", Text, nullable=False),
    Column("verified_on", Date),
    Column("illustrative", Boolean(create_constraint=True, name="illustrative"), nullable=False),
    Column("starts_on", Date),
    Column("ends_on", Date),
    _one_of("kind", FacilityKind),
    CheckConstraint("(easting IS NULL) = (northing IS NULL)", name="whole_point"),
    CheckConstraint("accuracy_m IS NULL OR accuracy_m >= 0", name="accuracy_not_negative"),
    CheckConstraint("starts_on IS NULL OR ends_on IS NULL OR ends_on >= starts_on", name="ends_not_before_start"),
    comment="Places of the force; opening_hours is OSM syntax, for a contact point its advertised times.",
)

action_teams = Table(
    "action_teams",
    metadata,
    Column("id", Text, primary_key=True),
    Column("force_slug", Text, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("illustrative", Boolean(create_constraint=True, name="illustrative"), nullable=False),
)

action_team_districts = Table(
    "action_team_districts",
    metadata,
    Column("team_id", Text, ForeignKey("action_teams.id", ondelete="CASCADE"), nullable=False),
    Column("district_code", Text, nullable=False),
    PrimaryKeyConstraint("team_id", "district_code"),
    comment="Where a team works; a team without a row here serves the whole force.",
)

priorities = Table(
    "priorities",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("beat_id", Text, ForeignKey("beats.id"), nullable=False, index=True),
    Column("issue", Text, nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("action", Text, nullable=False),
    Column("action_on", Date),
    CheckConstraint("issue <> ''", name="has_issue"),
    CheckConstraint("(action = '') = (action_on IS NULL)", name="action_has_date"),
    _dates_in_order("issued_on", "action_on"),
    sqlite_autoincrement=True,
)

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("beat_id", Text, ForeignKey("beats.id"), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime),
    Column("place", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("contact", Text, nullable=False),
    CheckConstraint("title <> ''", name="has_title"),
    _dates_in_order("starts_at", "ends_at"),
    sqlite_autoincrement=True,
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("detail", Text, nullable=False),
    CheckConstraint("actor <> ''", name="has_actor"),
    Index(None, "subject_kind", "subject_id"),
    comment="Append-only: who did what to which thing, when; `detail` is JSON.",
)

carry_overs = Table(
    "carry_overs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("from_data_version", Text, nullable=False),
    Column("to_data_version", Text, nullable=False),
    Column("report", Text, nullable=False),
    comment="What happened to the plans when a new dataset came; `report` is JSON.",
)

scenarios = Table(
    "scenarios",
    metadata,
    Column("force_slug", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("changes", Text, nullable=False),
    Column("note", Text, nullable=False),
    PrimaryKeyConstraint("force_slug", "name"),
    CheckConstraint("name <> ''", name="named"),
    comment="What-if sets of response bases, by name; `changes` is JSON.",
)

APPEND_ONLY = ("changesets", "changes", "audit_log")
"""Tables whose rows are never changed or removed; triggers refuse it."""

FROZEN_WHEN_PUBLISHED = ("plan_beats", "assignments", "plan_exceptions")
"""Tables that hold a plan's content; triggers refuse any change to a published plan's."""

APPEND_ONLY_MESSAGE = "is append-only"
FROZEN_MESSAGE = "a published plan never changes"
"""What the triggers say; `storage.database` turns it into a RuleError."""
