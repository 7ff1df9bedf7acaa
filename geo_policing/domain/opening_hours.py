"""Opening hours in OSM's opening_hours syntax, read for places in England and Wales.

The one place that uses the library `opening-hours-py`. Its calendar "GB" keeps only the holidays of the whole United
Kingdom (neither New Year's Day, Easter Monday nor August's), so here a day is a public holiday when `bank_holidays` or
that calendar says so, and each day is read with a calendar that agrees. A rule that reaches past midnight is read with
the calendar of the day it began on.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from opening_hours import OpeningHours, State
from opening_hours import ParserError as _ParserError  # type: ignore[attr-defined]

from geo_policing.clock import LONDON
from geo_policing.domain.bank_holidays import bank_holidays
from geo_policing.errors import InvalidInputError

ParserError: type[Exception] = _ParserError  # its stubs leave it out

MAX_LENGTH = 500
HORIZON_DAYS = 400
"""How far ahead openings are looked for: past any yearly pattern."""

_CALENDARS = ("GB", "JE", "IM", "GG", "GI", "IE", "DE")
"""Of these one at least has each holiday of `bank_holidays` (a test goes through the years); the first is used."""

_NO_HOLIDAYS = ""

Opening = tuple[datetime, datetime]
"""From, until: aware times in Europe/London."""


def validate(expression: str, *, field: str | None = None) -> None:
    """InvalidInputError, naming the value and where in it, unless `expression` is "" or valid opening_hours syntax."""
    if len(expression) > MAX_LENGTH:
        raise InvalidInputError(
            f"Opening hours of {len(expression)} characters are too long; at most {MAX_LENGTH} are read.", field=field
        )
    if expression:
        try:
            _parsed(expression, _NO_HOLIDAYS)
        except ParserError as error:
            raise InvalidInputError(
                f"Opening hours {expression!r} cannot be read{_position(error)}. "
                'Write them as OpenStreetMap does, such as "Mo-Fr 09:00-17:00; PH off".',
                field=field,
            ) from error


def is_open(expression: str, moment: datetime) -> bool | None:
    """Whether it is open at the aware time `moment`.

    None where that is not known: for "" and where the hours themselves say "unknown". InvalidInputError for an
    expression that `validate` refuses, ValueError for a time without a zone.
    """
    local = _local(moment)
    if not expression:
        return None
    for start, end, state in _spans_of_day(expression, local.date()):
        if start <= local.replace(tzinfo=None) < end:
            return {State.OPEN: True, State.CLOSED: False}.get(state)
    return False


def next_opening(expression: str, moment: datetime) -> datetime | None:
    """When it opens next, in Europe/London; `moment` itself where it is open then.

    None where that is not known ("") or nothing opens within `HORIZON_DAYS`. Errors as `is_open`.
    """
    times = next_times(expression, moment, 1)
    return max(times[0][0], _local(moment)) if times else None


def next_times(expression: str, moment: datetime, count: int) -> list[Opening]:
    """The next `count` openings that are not over at `moment`, the one that it is in first, in Europe/London.

    Openings that meet (at midnight, say) are one. Each is looked for within `HORIZON_DAYS`, and one that is open to
    the end of them ends there: so does "24/7". [] for "", and where nothing opens. Errors as `is_open`.
    """
    local = _local(moment)
    found: list[Opening] = []
    if not expression or count < 1:
        return found
    for start, end in _merged(expression, local.date()):
        if end.astimezone(UTC) > moment.astimezone(UTC):
            found.append((start, end))
            if len(found) == count:
                break
    return found


def times_until(expression: str, moment: datetime, until: datetime) -> list[Opening]:
    """The openings that are not over at `moment` and begin before `until`, as `next_times` gives them."""
    found: list[Opening] = []
    local = _local(moment)
    if not expression:
        return found
    for start, end in _merged(expression, local.date()):
        if start.astimezone(UTC) >= until.astimezone(UTC):
            break
        if end.astimezone(UTC) > moment.astimezone(UTC):
            found.append((start, end))
    return found


def _merged(expression: str, first_day: date) -> Iterator[Opening]:
    current: tuple[datetime, datetime] | None = None
    # From the day before, so that an opening that reached past midnight shows its true beginning.
    for offset in range(-1, HORIZON_DAYS):
        for start, end, state in _spans_of_day(expression, first_day + timedelta(days=offset)):
            if state != State.OPEN:
                continue
            if current is not None and start <= current[1]:
                current = (current[0], end)
                continue
            if current is not None:
                yield _aware(current)
            current = (start, end)
    if current is not None:
        yield _aware(current)


def _spans_of_day(expression: str, day: date) -> list[tuple[datetime, datetime, State]]:
    """What holds when from midnight to midnight, in local wall time without a zone."""
    if not expression:
        return []
    try:
        hours = _parsed(expression, _calendar_of(day))
    except ParserError:
        validate(expression)
        raise
    start = datetime.combine(day, time())
    end = start + timedelta(days=1)
    return [(max(s, start), min(e or end, end), state) for s, e, state, _ in hours.intervals(start, end)]


@lru_cache(maxsize=1024)
def _parsed(expression: str, country: str) -> OpeningHours:
    return OpeningHours(expression, country=country or None)


@lru_cache(maxsize=2048)
def _calendar_of(day: date) -> str:
    """A calendar that has `day` as a public holiday, "" where it is none."""
    if day not in bank_holidays(day.year) and not _is_holiday_in("GB", day):
        return _NO_HOLIDAYS
    return next((c for c in _CALENDARS if _is_holiday_in(c, day)), _NO_HOLIDAYS)


def _is_holiday_in(country: str, day: date) -> bool:
    return bool(_parsed("PH", country).is_open(datetime.combine(day, time(12))))


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} carries no time zone")
    return moment.astimezone(LONDON)


def _aware(opening: tuple[datetime, datetime]) -> Opening:
    return opening[0].replace(tzinfo=LONDON), opening[1].replace(tzinfo=LONDON)


def _position(error: Exception) -> str:
    # The library's text begins "Failed to parse expression:  --> LINE:COLUMN".
    _, _, place = str(error).partition("--> 1:")
    column = place.split("\n", 1)[0].strip()
    return f" from character {column} on" if column.isdigit() else ""
