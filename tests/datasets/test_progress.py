from __future__ import annotations

import pytest

from geo_policing.datasets.progress import counted


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 roads"), (1, "1 road"), (1.0, "1 road"), (2, "2 roads"), (35844, "35,844 roads")]
)
def test_one_is_one(count: float, said: str) -> None:
    assert counted(count, "road") == said


def test_what_takes_another_plural() -> None:
    assert [counted(n, "place or street", "places and streets") for n in (1, 2)] == [
        "1 place or street",
        "2 places and streets",
    ]
