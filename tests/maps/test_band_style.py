from __future__ import annotations

from itertools import pairwise

import orjson
import pytest

from geo_policing.maps.band_style import MOST_BANDS, band_styles


def test_each_band_begins_where_the_one_before_ends():
    assert [(s.from_minutes, s.minutes) for s in band_styles((5, 10, 20))] == [(0, 5), (5, 10), (10, 20)]


def test_bands_differ_in_more_than_colour():
    styles = band_styles(tuple(range(1, MOST_BANDS + 1)))
    assert len({s.pattern for s in styles}) == MOST_BANDS
    assert len({s.dash for s in styles}) == MOST_BANDS


def test_nearer_bands_are_darker():
    def grey(colour: str) -> float:
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        return 0.299 * red + 0.587 * green + 0.114 * blue

    greys = [grey(s.fill) for s in band_styles(tuple(range(1, MOST_BANDS + 1)))]
    assert greys == sorted(greys)
    assert min(b - a for a, b in pairwise(greys)) > 5


def test_the_script_gets_plain_json():
    (style,) = orjson.loads(orjson.dumps([s.to_json() for s in band_styles((5,))]))
    assert style["pattern"].keys() == {"path", "cell"}
    assert (style["minutes"], style["from_minutes"]) == (5, 0)


@pytest.mark.parametrize("minutes", [(10, 5), (5, 5), tuple(range(1, MOST_BANDS + 2))])
def test_what_cannot_be_told_apart_is_refused(minutes: tuple[int, ...]):
    with pytest.raises(ValueError, match="rising"):
        band_styles(minutes)


def test_no_band_is_fine():
    assert band_styles(()) == ()
