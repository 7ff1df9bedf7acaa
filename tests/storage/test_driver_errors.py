from __future__ import annotations

from geo_policing.errors import DatabaseError
from geo_policing.storage.driver_errors import our_error


class PsycopgError(Exception):
    """Shaped as psycopg's: the code as an attribute, the values of the row in a later line."""

    sqlstate = "23514"


def test_the_values_of_a_refused_row_are_not_told() -> None:
    raw = PsycopgError('new row violates check "fte"\nDETAIL:  Failing row contains (7101, A. Name).')
    said = our_error(raw, place="the database")
    assert isinstance(said, DatabaseError)
    assert 'refuses what was to be stored (new row violates check "fte")' in str(said)
    assert "7101" not in str(said)
