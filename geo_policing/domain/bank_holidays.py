"""Bank holidays of England and Wales, by rule: when offices that say "closed on public holidays" are closed.

Rules: Banking and Financial Dealings Act 1971, schedule 1, with New Year's Day (proclaimed since 1974) and the first
Monday in May (since 1978). A holiday proclaimed for one year only, such as a coronation, is not known here.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

_MONDAY, _SATURDAY = 0, 5


@lru_cache(maxsize=64)
def bank_holidays(year: int) -> frozenset[date]:
    """The bank holidays of a year, substitutes included.

    Where 1 January, 25 or 26 December falls on a weekend, both the day itself and the working day that stands in for
    it are here: a public office keeps closed on both.
    """
    easter = easter_sunday(year)
    movable = {easter - timedelta(days=2), easter + timedelta(days=1)}
    mondays = {_first_monday(year, 5), _last_monday(year, 5), _last_monday(year, 8)}
    return frozenset(movable | mondays | _with_substitutes([date(year, 1, 1)]) | _christmas(year))


def easter_sunday(year: int) -> date:
    """Easter Sunday in the Gregorian calendar, by the method of Meeus, Astronomical Algorithms (1991), chapter 8."""
    moon_cycle = year % 19
    century, in_century = divmod(year, 100)
    leap_centuries, century_rest = divmod(century, 4)
    moon_correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * moon_cycle + century - leap_centuries - moon_correction + 15) % 30
    leaps, leap_rest = divmod(in_century, 4)
    to_sunday = (32 + 2 * century_rest + 2 * leaps - epact - leap_rest) % 7
    late = (moon_cycle + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def _christmas(year: int) -> set[date]:
    return _with_substitutes([date(year, 12, 25), date(year, 12, 26)])


def _with_substitutes(days: list[date]) -> set[date]:
    """`days` and, for each at a weekend, the next day that is neither a weekend nor taken."""
    taken = set(days)
    for day in days:
        if day.weekday() >= _SATURDAY:
            substitute = day
            while substitute in taken or substitute.weekday() >= _SATURDAY:
                substitute += timedelta(days=1)
            taken.add(substitute)
    return taken


def _first_monday(year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(_MONDAY - first.weekday()) % 7)


def _last_monday(year: int, month: int) -> date:
    """Of a month with 31 days."""
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() - _MONDAY) % 7)
