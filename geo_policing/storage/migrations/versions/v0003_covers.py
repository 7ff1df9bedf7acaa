"""Covers: who looks after a beat beside their own.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "covers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("beat_id", sa.Text(), nullable=False),
        sa.Column("posting_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_covers_ends_on_not_before_starts_on")
        ),
        sa.ForeignKeyConstraint(["beat_id"], ["beats.id"], name=op.f("fk_covers_beat_id")),
        sa.ForeignKeyConstraint(["posting_id"], ["postings.id"], name=op.f("fk_covers_posting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_covers")),
        sqlite_autoincrement=True,
        comment="Somebody posted to another beat who covers this one too; it adds no post.",
    )
    op.create_index(op.f("ix_covers_beat_id"), "covers", ["beat_id"])
    op.create_index(op.f("ix_covers_posting_id"), "covers", ["posting_id"])
