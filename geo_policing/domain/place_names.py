"""Names of places and streets as people write them, folded to one form for comparing."""

from __future__ import annotations

import re
import unicodedata

# Short forms in use on signs and in addresses. A street's type is only ever its last word: "St" there is Street,
# anywhere else it is Saint.
_LAST_WORD = {
    "ave": "avenue",
    "av": "avenue",
    "cl": "close",
    "cres": "crescent",
    "cresc": "crescent",
    "ct": "court",
    "crt": "court",
    "dr": "drive",
    "drv": "drive",
    "gdn": "garden",
    "gdns": "gardens",
    "gr": "grove",
    "grn": "green",
    "grv": "grove",
    "la": "lane",
    "ln": "lane",
    "pde": "parade",
    "pk": "park",
    "pl": "place",
    "rd": "road",
    "rdg": "ridge",
    "rw": "row",
    "sq": "square",
    "st": "street",
    "str": "street",
    "ter": "terrace",
    "terr": "terrace",
    "wk": "walk",
    "wlk": "walk",
    "wy": "way",
}
_ANY_WORD = {"gt": "great", "lt": "little", "ltl": "little", "upr": "upper", "lwr": "lower", "st": "saint"}
_HOUSE = re.compile(r"^(?:(?:flat|unit|apartment|apt) \w+ )?\d{1,4}[a-z]?(?: \d{1,4}[a-z]?)? (?=\D)")


def fold(name: str) -> str:
    """`name` for comparing: lower case without accents, apostrophes or punctuation, short forms written out.

    "" where nothing of it is a letter or digit.

    >>> fold("St. Mary’s St"), fold("Gt. Abington"), fold("Cœur & Co")
    ('saint marys street', 'great abington', 'cœur and co')
    """
    text = unicodedata.normalize("NFKD", name.casefold().replace("&", " and "))
    kept = "".join(c if c.isalnum() else " " for c in text if not unicodedata.combining(c) and c not in "'’‘`ʼ′.\u00ad")
    words = kept.split()
    folded = [_ANY_WORD.get(word, word) for word in words]
    if len(words) > 1:
        folded[-1] = _LAST_WORD.get(words[-1], folded[-1])
    return " ".join(folded)


def without_house_number(folded: str) -> str:
    """A folded address without the house or flat number before the street: "12a mill road" gives "mill road"."""
    return _HOUSE.sub("", folded)
