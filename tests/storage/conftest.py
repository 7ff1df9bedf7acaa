"""Every test that asks for `database` runs on SQLite and on PostgreSQL."""

from tests.support.databases import database, database_url

__all__ = ["database", "database_url"]
