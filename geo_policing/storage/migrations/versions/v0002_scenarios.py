"""Scenarios: what-if sets of response bases, by name.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "scenarios",
        sa.Column("force_slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_scenarios_named")),
        sa.PrimaryKeyConstraint("force_slug", "name", name=op.f("pk_scenarios")),
        comment="What-if sets of response bases, by name; `changes` is JSON.",
    )
