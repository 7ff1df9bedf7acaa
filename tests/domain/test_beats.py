from __future__ import annotations

import pytest

from geo_policing.domain.beats import RESERVED_IDS, Beat


@pytest.mark.parametrize("beat_id", sorted(RESERVED_IDS))
def test_no_beat_takes_an_id_that_a_path_of_the_api_needs(beat_id: str):
    with pytest.raises(ValueError, match=f"'Abbey'.*'{beat_id}' is reserved"):
        Beat(beat_id, "abbey", "Abbey", "X01")


def test_a_slug_and_a_name_may_be_anything():
    assert Beat("b001", "neighbourhoods", "Neighbourhoods", "X01").id == "b001"
