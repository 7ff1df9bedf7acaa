"""The first schema.

Revision ID: 0001
Revises: none
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("changesets", "changes", "audit_log")
PLAN_CONTENT = ("plan_beats", "assignments", "plan_exceptions")

PG_FUNCTIONS = """
CREATE FUNCTION refuse_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE FUNCTION refuse_published_plan() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'published' THEN
        RAISE EXCEPTION 'a published plan never changes';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION refuse_published_content() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND (SELECT state FROM plans WHERE id = OLD.plan_id) = 'published' THEN
        RAISE EXCEPTION 'a published plan never changes';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    IF (SELECT state FROM plans WHERE id = NEW.plan_id) = 'published' THEN
        RAISE EXCEPTION 'a published plan never changes';
    END IF;
    RETURN NEW;
END $$;
"""


def upgrade() -> None:
    """Make every table, the rules that no constraint can say, and the one revision row."""
    _create_tables()
    op.bulk_insert(sa.table("revision", sa.column("id"), sa.column("number")), [{"id": 1, "number": 0}])
    if op.get_bind().dialect.name == "sqlite":
        _create_sqlite_triggers()
    else:
        _create_postgresql_triggers()


def _create_sqlite_triggers() -> None:
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER tr_{table}_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
    refuse = "BEGIN SELECT RAISE(ABORT, 'a published plan never changes'); END"
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER tr_plans_{verb.lower()} BEFORE {verb} ON plans WHEN OLD.state = 'published' {refuse}"
        )
    for table in PLAN_CONTENT:
        for verb, rows in (("INSERT", ("NEW",)), ("UPDATE", ("OLD", "NEW")), ("DELETE", ("OLD",))):
            published = " OR ".join(f"(SELECT state FROM plans WHERE id = {row}.plan_id) = 'published'" for row in rows)
            op.execute(f"CREATE TRIGGER tr_{table}_{verb.lower()} BEFORE {verb} ON {table} WHEN {published} {refuse}")


def _create_postgresql_triggers() -> None:
    # One by one: pg8000 sends prepared statements, and those hold a single command.
    for function in PG_FUNCTIONS.strip().split("END $$;")[:-1]:
        op.get_bind().exec_driver_sql(function + "END $$")
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER tr_{table} BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_append_only()"
        )
    op.execute(
        "CREATE TRIGGER tr_plans BEFORE UPDATE OR DELETE ON plans FOR EACH ROW EXECUTE FUNCTION refuse_published_plan()"
    )
    for table in PLAN_CONTENT:
        op.execute(
            f"CREATE TRIGGER tr_{table} BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_published_content()"
        )


def _create_tables() -> None:
    _create_plans()
    _create_plan_content()
    _create_changesets()
    _create_postings()
    _create_facilities()
    _create_teams()
    _create_local_records()
    _create_records()


def _create_plans() -> None:
    op.create_table(
        "beats",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.CheckConstraint("id <> '' AND id = lower(id)", name=op.f("ck_beats_id_lower_case")),
        sa.CheckConstraint("slug <> '' AND slug = lower(slug)", name=op.f("ck_beats_slug_lower_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_beats")),
        sa.UniqueConstraint("slug", name=op.f("uq_beats_slug")),
        comment="Identities of beats: they outlive plans, so that a bookmark and a posting stay good.",
    )
    op.create_table(
        "plans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("data_version", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("carried_from", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("origin IN ('seed', 'carried', 'planner')", name=op.f("ck_plans_known_origin")),
        sa.CheckConstraint(
            "state <> 'published' OR effective_from IS NOT NULL", name=op.f("ck_plans_published_has_date")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'published')", name=op.f("ck_plans_known_state")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_plans_version_positive")),
        sa.ForeignKeyConstraint(["carried_from"], ["plans.id"], name=op.f("fk_plans_carried_from")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        comment="Heads of plans; `version` is raised by every edit and is what If-Match compares.",
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_plans_data_version_state_effective_from"),
        "plans",
        ["data_version", "state", "effective_from"],
        unique=False,
    )
    op.create_table(
        "plan_beats",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("beat_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("district_code", sa.Text(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_plan_beats_named")),
        sa.ForeignKeyConstraint(["beat_id"], ["beats.id"], name=op.f("fk_plan_beats_beat_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_plan_beats_plan_id")),
        sa.PrimaryKeyConstraint("plan_id", "beat_id", name=op.f("pk_plan_beats")),
        comment="The beats of a plan: the name is the plan's own.",
    )


def _create_plan_content() -> None:
    op.create_table(
        "assignments",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("beat_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id", "beat_id"],
            ["plan_beats.plan_id", "plan_beats.beat_id"],
            name=op.f("fk_assignments_plan_id_beat_id"),
        ),
        sa.PrimaryKeyConstraint("plan_id", "unit_id", name=op.f("pk_assignments")),
        comment="Each unit of a plan with its one beat.",
    )
    op.create_index(op.f("ix_assignments_plan_id_beat_id"), "assignments", ["plan_id", "beat_id"], unique=False)
    op.create_table(
        "plan_exceptions",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("beat_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('detached')", name=op.f("ck_plan_exceptions_known_kind")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_plan_exceptions_reasoned")),
        sa.ForeignKeyConstraint(
            ["plan_id", "beat_id"],
            ["plan_beats.plan_id", "plan_beats.beat_id"],
            name=op.f("fk_plan_exceptions_plan_id_beat_id"),
        ),
        sa.PrimaryKeyConstraint("plan_id", "beat_id", "kind", name=op.f("pk_plan_exceptions")),
        comment="Rules that a beat of a plan is allowed to break, and why.",
    )


def _create_changesets() -> None:
    op.create_table(
        "changesets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.CheckConstraint("actor <> ''", name=op.f("ck_changesets_has_actor")),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_changesets_plan_id")),
        sa.ForeignKeyConstraint(["undoes"], ["changesets.id"], name=op.f("fk_changesets_undoes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changesets")),
        comment="Append-only: one stroke of editing; seeds and carry-overs are changesets too.",
    )
    op.create_index(op.f("ix_changesets_plan_id"), "changesets", ["plan_id"], unique=False)
    op.create_table(
        "changes",
        sa.Column("changeset_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("from_beat", sa.Text(), nullable=True),
        sa.Column("to_beat", sa.Text(), nullable=True),
        sa.CheckConstraint("from_beat IS NOT NULL OR to_beat IS NOT NULL", name=op.f("ck_changes_changes_something")),
        sa.ForeignKeyConstraint(["changeset_id"], ["changesets.id"], name=op.f("fk_changes_changeset_id")),
        sa.ForeignKeyConstraint(["from_beat"], ["beats.id"], name=op.f("fk_changes_from_beat")),
        sa.ForeignKeyConstraint(["to_beat"], ["beats.id"], name=op.f("fk_changes_to_beat")),
        sa.PrimaryKeyConstraint("changeset_id", "unit_id", name=op.f("pk_changes")),
        comment="Append-only: what a changeset did to a unit; a null beat is none.",
    )


def _create_postings() -> None:
    op.create_table(
        "postings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("beat_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("collar_number", sa.Text(), nullable=False),
        sa.Column("fte", sa.Float(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("telephone", sa.Text(), nullable=True),
        sa.Column("illustrative", sa.Boolean(create_constraint=True, name="illustrative"), nullable=False),
        sa.CheckConstraint(
            "role IN ('pcso', 'constable', 'sergeant', 'inspector', 'special_constable')",
            name=op.f("ck_postings_known_role"),
        ),
        sa.CheckConstraint(
            "ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_postings_ends_on_not_before_starts_on")
        ),
        sa.CheckConstraint("fte > 0 AND fte <= 1", name=op.f("ck_postings_fte_of_a_post")),
        sa.ForeignKeyConstraint(["beat_id"], ["beats.id"], name=op.f("fk_postings_beat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postings")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_postings_beat_id_starts_on"), "postings", ["beat_id", "starts_on"], unique=False)


def _create_facilities() -> None:
    op.create_table(
        "facilities",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("force_slug", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("district_code", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("easting", sa.Float(), nullable=True),
        sa.Column("northing", sa.Float(), nullable=True),
        sa.Column("accuracy_m", sa.Float(), nullable=True),
        sa.Column("location_note", sa.Text(), nullable=False),
        sa.Column("opening_hours", sa.Text(), nullable=False),
        sa.Column("access", sa.Text(), nullable=False),
        sa.Column("telephone", sa.Text(), nullable=False),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("illustrative", sa.Boolean(create_constraint=True, name="illustrative"), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('response_base', 'enquiry_office', 'contact_point')", name=op.f("ck_facilities_known_kind")
        ),
        sa.CheckConstraint("(easting IS NULL) = (northing IS NULL)", name=op.f("ck_facilities_whole_point")),
        sa.CheckConstraint("accuracy_m IS NULL OR accuracy_m >= 0", name=op.f("ck_facilities_accuracy_not_negative")),
        sa.CheckConstraint(
            "starts_on IS NULL OR ends_on IS NULL OR ends_on >= starts_on",
            name=op.f("ck_facilities_ends_not_before_start"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facilities")),
        comment="Places of the force; opening_hours is OSM syntax, for a contact point its advertised times.",
    )
    op.create_index(op.f("ix_facilities_force_slug"), "facilities", ["force_slug"], unique=False)


def _create_teams() -> None:
    op.create_table(
        "action_teams",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("force_slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("illustrative", sa.Boolean(create_constraint=True, name="illustrative"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_teams")),
    )
    op.create_index(op.f("ix_action_teams_force_slug"), "action_teams", ["force_slug"], unique=False)
    op.create_table(
        "action_team_districts",
        sa.Column("team_id", sa.Text(), nullable=False),
        sa.Column("district_code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id"], ["action_teams.id"], name=op.f("fk_action_team_districts_team_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("team_id", "district_code", name=op.f("pk_action_team_districts")),
        comment="Where a team works; a team without a row here serves the whole force.",
    )


def _create_local_records() -> None:
    op.create_table(
        "priorities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("beat_id", sa.Text(), nullable=False),
        sa.Column("issue", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("action_on", sa.Date(), nullable=True),
        sa.CheckConstraint("(action = '') = (action_on IS NULL)", name=op.f("ck_priorities_action_has_date")),
        sa.CheckConstraint("issue <> ''", name=op.f("ck_priorities_has_issue")),
        sa.CheckConstraint(
            "action_on IS NULL OR action_on >= issued_on", name=op.f("ck_priorities_action_on_not_before_issued_on")
        ),
        sa.ForeignKeyConstraint(["beat_id"], ["beats.id"], name=op.f("fk_priorities_beat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_priorities")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_priorities_beat_id"), "priorities", ["beat_id"], unique=False)
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("beat_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.CheckConstraint("title <> ''", name=op.f("ck_events_has_title")),
        sa.CheckConstraint(
            "ends_at IS NULL OR ends_at >= starts_at", name=op.f("ck_events_ends_at_not_before_starts_at")
        ),
        sa.ForeignKeyConstraint(["beat_id"], ["beats.id"], name=op.f("fk_events_beat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_events_beat_id"), "events", ["beat_id"], unique=False)


def _create_records() -> None:
    op.create_table(
        "revision",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_revision_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        comment="One row, raised by every write, read by every request.",
    )
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.CheckConstraint("actor <> ''", name=op.f("ck_audit_log_has_actor")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
        comment="Append-only: who did what to which thing, when; `detail` is JSON.",
    )
    op.create_index(
        op.f("ix_audit_log_subject_kind_subject_id"), "audit_log", ["subject_kind", "subject_id"], unique=False
    )
    op.create_table(
        "carry_overs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_data_version", sa.Text(), nullable=False),
        sa.Column("to_data_version", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carry_overs")),
        comment="What happened to the plans when a new dataset came; `report` is JSON.",
    )
