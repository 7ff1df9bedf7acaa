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
from geo_policing.wording import marked, sentences, worded

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
NEVER_INWARD = frozenset("CIKMOV")
# The areas whose outward part may end in a letter, and the letters that it may be (BS 7666).
LETTER_ENDINGS = {
    **dict.fromkeys(("E", "N", "W"), frozenset("ABCDEFGHJKPSTUW")),
    **dict.fromkeys(("EC", "NW", "SE", "SW", "WC"), frozenset("ABEHMNPRVWXY")),
}
_OUTWARD_SHAPES = {2: ("A9",), 3: ("A99", "AA9", "A9A"), 4: ("AA99", "AA9A")}
_AS_DIGIT = {"O": "0", "I": "1", "L": "1"}
_AS_LETTERS = {"0": "O", "1": "IL"}
_PLAIN = re.compile(r"([A-Z]{1,2}[0-9][0-9A-Z]?)([0-9][A-Z]{2})", re.ASCII)
_LETTERS_MISSING = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]?(?: [0-9][A-Z]?|[0-9][A-Z])", re.ASCII)
_OUTWARD_ONLY = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]?", re.ASCII)

TERRITORIES = {
    "GX11": marked("Gibraltar"),
    "AI2640": marked("Anguilla"),
    "ASCN": marked("Ascension Island"),
    "BBND": marked("the British Indian Ocean Territory"),
    "BIQQ": marked("the British Antarctic Territory"),
    "FIQQ": marked("the Falkland Islands"),
    "PCRN": marked("the Pitcairn Islands"),
    "SIQQ": marked("South Georgia"),
    "STHL": marked("Saint Helena"),
    "TDCU": marked("Tristan da Cunha"),
    "TKCA": marked("the Turks and Caicos Islands"),
}
# Forms of other countries that nobody types for a British place; the example makes the message checkable.
_FOREIGN = (
    (re.compile(r"[ACDEFHKNPRTVWXY]\d[\dW] ?[0-9ACDEFHKNPRTVWXY]{4}"), marked("Ireland (an Eircode)")),
    (re.compile(r"[ABCEGHJ-NPRSTVXY]\d[A-Z][ -]?\d[A-Z]\d"), marked("Canada")),
    (re.compile(r"\d{4} ?[A-Z]{2}"), marked("the Netherlands")),
    (re.compile(r"\d{5}-\d{4}"), marked("the United States")),
    (re.compile(r"\d{4}-\d{3}"), marked("Portugal")),
    (re.compile(r"\d{2}-\d{3}"), marked("Poland")),
    (re.compile(r"(?:[A-Z]{1,2}-)?\d{4,6}"), marked("another country")),
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
    if plain and plain[1][-1].isdigit() and _area_of(plain[1]) in AREAS and NEVER_INWARD.isdisjoint(plain[2]):
        reading = _best_outward(plain[1])
        if reading == (plain[1], 0):  # nothing to correct: the way nearly all input takes
            postcode = Postcode(plain[1], plain[2])
            return PostcodeReading(postcode, doubt=doubt_about(postcode))
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
        raise _invalid(
            worded("%(typed)s is too long for a postcode (%(length)s characters).", typed=shown(text), length=len(text))
        )
    compact = compact_typed(text)
    if compact == "GIR0AA":
        return PostcodeReading(
            Postcode("GIR", "0AA"), doubt=worded("GIR 0AA belonged to Girobank and is no longer in use.")
        )
    if 5 <= len(compact) <= 7 and not _territory(compact):
        outward, inward = _best_outward(compact[:-3]), _inward(compact[-3:])
        # Digits alone, or mostly, are another country's code or a slip of the hand, not one of O and I.
        slips = outward[1] + inward[1] if outward and inward else len(compact)
        if outward and inward and (slips == 0 or (slips <= len(compact) // 2 and not foreign_origin(text))):
            postcode = Postcode(outward[0], inward[0])
            return PostcodeReading(postcode, slips > 0, doubt_about(postcode))
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
    return shape in ("A9", "AA9") or outward[-1] in LETTER_ENDINGS.get(_area_of(outward), ())


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


SERVED_BY_OTHERS = {
    "JE": marked("%(postcode)s is in Jersey, which has its own police."),
    "GY": marked("%(postcode)s is in Guernsey, which has its own police."),
    "IM": marked("%(postcode)s is in the Isle of Man, which has its own police."),
    "BT": marked("%(postcode)s is in Northern Ireland, which has its own police."),
    "GX": marked("%(postcode)s is in Gibraltar, which has its own police."),
    "BF": marked("%(postcode)s is a British Forces address, which has no place in Britain."),
}


def doubt_about(postcode: Postcode) -> str:
    """Why no such postcode was ever issued, or which other police serve it, in a sentence; "" for no doubt."""
    served = SERVED_BY_OTHERS.get(postcode.area)
    if served:
        return worded(served, postcode=str(postcode))
    if postcode.area not in AREAS:
        return worded("No UK postcode begins with %(letters)s.", letters=postcode.area)
    odd = sorted(NEVER_INWARD.intersection(postcode.inward))
    if odd:
        return worded(
            "No UK postcode ends in letters with %(odd)s (it never has C, I, K, M, O or V there).", odd=" or ".join(odd)
        )
    return ""


def _territory(compact: str) -> str:
    return next((name for start, name in TERRITORIES.items() if compact.startswith(start)), "")


def what_else(text: str) -> str:
    """What a text that is no full postcode seems to be, in a sentence with a remedy; "" where that is unclear."""
    compact = compact_typed(text)
    if "BFPO" in compact:
        address = worded("%(typed)s is a British Forces address, which has no place in Britain.", typed=shown(text))
        return sentences(address, _OF_THE_PLACE)
    origin = foreign_origin(text)
    if origin:
        foreign = worded(
            "%(typed)s looks like a postal code of %(origin)s, not of Britain.",
            typed=shown(text),
            origin=worded(origin),
        )
        return sentences(foreign, _OF_THE_PLACE)
    if _LETTERS_MISSING.fullmatch(" ".join(text.upper().split())):
        return sentences(worded("%(typed)s is a postcode with its last letters missing.", typed=shown(text)), _WHOLE)
    if is_outward_only(text):
        return worded(
            "%(typed)s is only the first half of a postcode. Add the rest, as in %(begin)s 1AA.",
            typed=shown(text),
            begin=compact,
        )
    return ""


def _refusal(text: str) -> InvalidInputError:
    if not text.strip():
        return _invalid(worded("The postcode is empty."))
    problem = what_else(text)
    if problem:
        return InvalidInputError(problem, field="postcode")
    if compact_typed(text) in AREAS:
        return _invalid(worded("%(typed)s is only the letters that postcodes there begin with.", typed=shown(text)))
    return _invalid(worded("%(typed)s is not a UK postcode.", typed=shown(text)))


_WHOLE = worded("Type the whole of it, such as SW1A 1AA.")
_OF_THE_PLACE = worded("Type the postcode of the place itself.")


def _invalid(problem: str) -> InvalidInputError:
    return InvalidInputError(sentences(problem, _WHOLE), field="postcode")


def shown(text: str, longest: int = 40) -> str:
    """`text` in quotes as it may stand in a message: at most `longest` characters, control characters as "?".

    >>> shown("CB1" + chr(0))
    '“CB1?”'
    """
    cut = text if len(text) <= longest else text[:longest] + "…"
    return worded("“%(text)s”", text="".join(c if c.isprintable() else "?" for c in cut))
