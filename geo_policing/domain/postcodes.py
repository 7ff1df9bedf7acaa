"""Postcodes as people type them: what is well formed, what was meant, and what something else is instead.

The grammar is the one that Royal Mail and BS 7666 describe: an outward part of one of six patterns (A9, A99, AA9,
AA99, A9A, AA9A), then an inward part 9AA. Whether a well-formed postcode exists is not decided here.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from geo_policing.errors import InvalidInputError

LONGEST_TYPED = 40
"""More characters than any way of writing a postcode has."""

# Every postcode area (Royal Mail's list); JE, GY and IM are the Crown dependencies, BF is British Forces.
_AREA_LIST = (
    "AB AL B BA BB BD BF BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX "
    "FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE "
    "NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ "
    "TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE"
)
AREAS = frozenset(_AREA_LIST.split())
_NEVER_INWARD = frozenset("CIKMOV")
# The areas whose outward part may end in a letter, and the letters that it may be (BS 7666).
_LETTER_ENDINGS = {
    **dict.fromkeys(("E", "N", "W"), frozenset("ABCDEFGHJKPSTUW")),
    **dict.fromkeys(("EC", "NW", "SE", "SW", "WC"), frozenset("ABEHMNPRVWXY")),
}
_OUTWARD_SHAPES = {2: ("A9",), 3: ("A99", "AA9", "A9A"), 4: ("AA99", "AA9A")}
_AS_DIGIT = {"O": "0", "I": "1", "L": "1"}
_AS_LETTERS = {"0": "O", "1": "IL"}
_PLAIN = re.compile(r"([A-Z]{1,2}[0-9][0-9A-Z]?)([0-9][A-Z]{2})", re.ASCII)
_LETTERS_MISSING = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]?(?: [0-9][A-Z]?|[0-9][A-Z])", re.ASCII)
_OUTWARD_ONLY = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]?", re.ASCII)

_TERRITORIES = {
    "GX11": "Gibraltar",
    "AI2640": "Anguilla",
    "ASCN": "Ascension Island",
    "BBND": "the British Indian Ocean Territory",
    "BIQQ": "the British Antarctic Territory",
    "FIQQ": "the Falkland Islands",
    "PCRN": "the Pitcairn Islands",
    "SIQQ": "South Georgia",
    "STHL": "Saint Helena",
    "TDCU": "Tristan da Cunha",
    "TKCA": "the Turks and Caicos Islands",
}
# Forms of other countries that nobody types for a British place; the example makes the message checkable.
_FOREIGN = (
    (re.compile(r"[ACDEFHKNPRTVWXY]\d[\dW] ?[0-9ACDEFHKNPRTVWXY]{4}"), "Ireland (an Eircode)"),
    (re.compile(r"[ABCEGHJ-NPRSTVXY]\d[A-Z][ -]?\d[A-Z]\d"), "Canada"),
    (re.compile(r"\d{4} ?[A-Z]{2}"), "the Netherlands"),
    (re.compile(r"\d{5}-\d{4}"), "the United States"),
    (re.compile(r"\d{4}-\d{3}"), "Portugal"),
    (re.compile(r"\d{2}-\d{3}"), "Poland"),
    (re.compile(r"(?:[A-Z]{1,2}-)?\d{4,6}"), "another country"),
)


@dataclass(frozen=True, slots=True)
class Postcode:
    """A well-formed postcode in upper case, such as ("CB1", "1JG")."""

    outward: str
    inward: str

    @property
    def compact(self) -> str:
        """Without a space, as datasets key it: "CB11JG"."""
        return self.outward + self.inward

    @property
    def area(self) -> str:
        """The letters that it begins with: "CB"."""
        return self.outward[:2] if self.outward[1].isalpha() else self.outward[0]

    def __str__(self) -> str:
        return f"{self.outward} {self.inward}"


@dataclass(frozen=True, slots=True)
class PostcodeReading:
    """What was typed, read as a postcode.

    `corrected` is True where a letter stood for a digit or a digit for a letter (O/0, I/1, l/1); case, spaces and
    punctuation are no correction. `doubt` is a sentence saying why no such postcode was ever issued (its area, or its
    last letters), or which other police serve it; "" where there is none. A dataset that has it is right all the same.
    """

    postcode: Postcode
    corrected: bool = False
    doubt: str = ""


def read_postcode(text: str) -> PostcodeReading:
    """Read `text` as one full postcode, forgiving case, spaces, punctuation, and O/0 and I/1 (l/1) by position.

    InvalidInputError (field "postcode") says what it looks like instead: empty, a part of one, BFPO, an overseas
    territory's, another country's, or nothing known.

    >>> str(read_postcode("cbi ijg").postcode)
    'CB1 1JG'
    """
    plain = _PLAIN.fullmatch(text.replace(" ", "").upper()) if len(text) <= LONGEST_TYPED else None
    if plain and plain[1][-1].isdigit() and _area_of(plain[1]) in AREAS and _NEVER_INWARD.isdisjoint(plain[2]):
        reading = _best_outward(plain[1])
        if reading == (plain[1], 0):  # nothing to correct: the way nearly all input takes
            postcode = Postcode(plain[1], plain[2])
            return PostcodeReading(postcode, doubt=_doubt(postcode))
    return _read_forgivingly(text)


def is_outward_only(text: str) -> bool:
    """True where `text` is just the first half of a postcode of a known area, such as "CB1"."""
    compact = compact_typed(text)
    return bool(_OUTWARD_ONLY.fullmatch(compact)) and _area_of(compact) in AREAS


def foreign_origin(text: str) -> str:
    """Whose postal code `text` has the form of ("Canada", "another country"), "" where none; not for UK forms."""
    upper = " ".join(text.upper().split())
    territory = _territory(compact_typed(text))
    return territory or next((origin for pattern, origin in _FOREIGN if pattern.fullmatch(upper)), "")


def compact_typed(text: str) -> str:
    """The letters and digits of `text` in upper case, full-width forms folded: "cb1-1jg" gives "CB11JG"."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).upper() if c.isalnum())


def _read_forgivingly(text: str) -> PostcodeReading:
    if len(text) > LONGEST_TYPED:
        raise _invalid(f"{shown(text)} is too long for a postcode ({len(text):,} characters).")
    compact = compact_typed(text)
    if compact == "GIR0AA":
        return PostcodeReading(Postcode("GIR", "0AA"), doubt="GIR 0AA belonged to Girobank and is no longer in use.")
    if 5 <= len(compact) <= 7 and not _territory(compact):
        outward, inward = _best_outward(compact[:-3]), _inward(compact[-3:])
        # Digits alone, or mostly, are another country's code or a slip of the hand, not one of O and I.
        slips = outward[1] + inward[1] if outward and inward else len(compact)
        if outward and inward and (slips == 0 or (slips <= len(compact) // 2 and not foreign_origin(text))):
            postcode = Postcode(outward[0], inward[0])
            return PostcodeReading(postcode, slips > 0, _doubt(postcode))
    raise _refusal(text)


@lru_cache(maxsize=8192)  # there are some 3,000 outward parts; bulk input repeats them
def _best_outward(typed: str) -> tuple[str, int] | None:
    """The likeliest outward part and how many characters differ from `typed`; None where none is possible.

    A known area goes before a smaller number of slips: "S01" is SO1, not an area S with district 01.
    """
    readings = []
    for shape in _OUTWARD_SHAPES.get(len(typed), ()):
        for characters in product(*(_readings(c, kind) for c, kind in zip(typed, shape, strict=True))):
            outward = "".join(characters)
            if _outward_possible(outward, shape):
                slips = sum(a != b for a, b in zip(outward, typed, strict=True))
                readings.append((_area_of(outward) not in AREAS, slips, outward))
    if not readings:
        return None
    _, slips, outward = min(readings)
    return outward, slips


def _readings(character: str, kind: str) -> str:
    """What `character` may have been meant as in a position for a letter ("A") or a digit ("9"); "" for nothing."""
    if not character.isascii():
        return ""
    if kind == "9":
        return character if character.isdigit() else _AS_DIGIT.get(character, "")
    return character if character.isalpha() else _AS_LETTERS.get(character, "")


def _outward_possible(outward: str, shape: str) -> bool:
    if shape.endswith("99"):
        return outward[-2] != "0"
    return shape in ("A9", "AA9") or outward[-1] in _LETTER_ENDINGS.get(_area_of(outward), ())


def _inward(typed: str) -> tuple[str, int] | None:
    """Like `_best_outward` for the last three characters; 1 is read as L, as no postcode ends in I."""
    digit = _readings(typed[0], "9")
    letters = [_readings(c, "A")[-1:] for c in typed[1:]]
    if not digit or not all(letters):
        return None
    inward = digit + "".join(letters)
    return inward, sum(a != b for a, b in zip(inward, typed, strict=True))


def _area_of(outward: str) -> str:
    return outward[:2] if outward[1:2].isalpha() else outward[:1]


_SERVED_BY_OTHERS = {
    "JE": "Jersey, which has its own police",
    "GY": "Guernsey, which has its own police",
    "IM": "the Isle of Man, which has its own police",
    "BT": "Northern Ireland, which has its own police",
    "GX": "Gibraltar, which has its own police",
    "BF": "a British Forces address, which has no place in Britain",
}


def _doubt(postcode: Postcode) -> str:
    served = _SERVED_BY_OTHERS.get(postcode.area)
    if served:
        place = served if postcode.area == "BF" else f"in {served}"
        return f"{postcode} is {place}."
    if postcode.area not in AREAS:
        return f"No UK postcode begins with {postcode.area}."
    odd = sorted(_NEVER_INWARD.intersection(postcode.inward))
    if odd:
        return f"No UK postcode ends in letters with {' or '.join(odd)} (it never has C, I, K, M, O or V there)."
    return ""


def _territory(compact: str) -> str:
    return next((name for start, name in _TERRITORIES.items() if compact.startswith(start)), "")


def what_else(text: str) -> str:
    """What a text that is no full postcode seems to be, in a sentence with a remedy; "" where that is unclear."""
    compact = compact_typed(text)
    if "BFPO" in compact:
        return f"{shown(text)} is a British Forces address, which has no place in Britain. {_OF_THE_PLACE}"
    origin = foreign_origin(text)
    if origin:
        return f"{shown(text)} looks like a postal code of {origin}, not of Britain. {_OF_THE_PLACE}"
    if _LETTERS_MISSING.fullmatch(" ".join(text.upper().split())):
        return f"{shown(text)} is a postcode with its last letters missing. {_WHOLE}"
    if is_outward_only(text):
        return f"{shown(text)} is only the first half of a postcode. Add the rest, as in {compact} 1AA."
    return ""


def _refusal(text: str) -> InvalidInputError:
    if not text.strip():
        return _invalid("The postcode is empty.")
    problem = what_else(text)
    if problem:
        return InvalidInputError(problem, field="postcode")
    if compact_typed(text) in AREAS:
        return _invalid(f"{shown(text)} is only the letters that postcodes there begin with.")
    return _invalid(f"{shown(text)} is not a UK postcode.")


_WHOLE = "Type the whole of it, such as SW1A 1AA."
_OF_THE_PLACE = "Type the postcode of the place itself."


def _invalid(problem: str) -> InvalidInputError:
    return InvalidInputError(f"{problem} {_WHOLE}", field="postcode")


def shown(text: str, longest: int = 40) -> str:
    """`text` in quotes as it may stand in a message: at most `longest` characters, control characters as "?".

    >>> shown("CB1" + chr(0))
    '“CB1?”'
    """
    cut = text if len(text) <= longest else text[:longest] + "…"
    return "“" + "".join(c if c.isprintable() else "?" for c in cut) + "”"
