"""Use cases: the only place where datasets and the database meet."""
