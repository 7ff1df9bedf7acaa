"""The table of what people type, against the server's reading; tests/web/test_postcode_reading.py has the browser's."""

from __future__ import annotations

import pytest

from geo_policing.errors import InvalidInputError
from geo_policing.services.free_text import read_free_text
from geo_policing.services.query_types import PostcodeQuery
from tests.support.typed_postcodes import VECTORS


@pytest.mark.parametrize("typed", VECTORS)
def test_reads_what_was_meant(typed: str) -> None:
    try:
        query = read_free_text(typed)
    except InvalidInputError:
        assert VECTORS[typed] is None
        return
    if VECTORS[typed] is None:
        assert not isinstance(query, PostcodeQuery)
    else:
        assert isinstance(query, PostcodeQuery)
        assert (str(query.reading.postcode), query.reading.corrected) == VECTORS[typed]
