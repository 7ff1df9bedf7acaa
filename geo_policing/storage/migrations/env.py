"""What Alembic runs: it is given a connection inside a transaction by `storage.migrate`, and nothing else."""

from __future__ import annotations

from alembic import context

from geo_policing.storage.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
