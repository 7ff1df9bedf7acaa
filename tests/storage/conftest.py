"""Every test that asks for `database` runs on SQLite and on PostgreSQL."""

from tests.support.databases import backend, database, database_url, migrated_url

__all__ = ["backend", "database", "database_url", "migrated_url"]
