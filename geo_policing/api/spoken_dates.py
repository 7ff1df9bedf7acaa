"""Days and numbers as people speak of them in the language of the page: with their weekday, or how long ago."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Literal

from babel.dates import format_date, format_timedelta
from babel.numbers import format_decimal
from flask_babel import gettext as _

from geo_policing.api.languages import ENGLISH, current_language
from geo_policing.api.runtime import the_runtime
from geo_policing.clock import LONDON


def long_date(day: date | datetime) -> str:
    """A date as it is written in the language of the page; a time is taken in Europe/London.

    >>> long_date(date(2026, 11, 2))
    '2 November 2026'
    """
    return str(format_date(_local_day(day), "d MMMM y", locale=current_language().locale))


def day_month(day: date | datetime) -> str:
    """`long_date` without its year, for what is near."""
    return str(format_date(_local_day(day), "d MMMM", locale=current_language().locale))


def clock_time(moment: datetime | time) -> str:
    """A time of day in Europe/London: in English as GOV.UK writes it, else by the 24-hour clock.

    >>> clock_time(time(9, 0)), clock_time(time(17, 30)), clock_time(time(12, 0)), clock_time(time(0, 0))
    ('9am', '5:30pm', 'midday', 'midnight')
    """
    if isinstance(moment, datetime):
        moment = moment.astimezone(LONDON).time()
    if current_language() is not ENGLISH:
        return f"{moment.hour}:{moment.minute:02}"
    if moment.minute == 0 and moment.hour in (0, 12):
        return "midday" if moment.hour else "midnight"
    minutes = f":{moment.minute:02}" if moment.minute else ""
    return f"{moment.hour % 12 or 12}{minutes}{'am' if moment.hour < 12 else 'pm'}"


def weekday_date(day: date | datetime) -> str:
    """A day, such as "Monday 23 November", with its year where it is half a year or more from the clock's today.

    A time is taken in Europe/London.
    """
    local = _local_day(day)
    near = abs((local - the_runtime().clock.today()).days) < _NEAR_DAYS
    return str(format_date(local, "EEEE d MMMM" if near else "EEEE d MMMM y", locale=current_language().locale))


def decimal(number: float) -> str:
    """A number with one digit after the point (the comma, in some languages)."""
    return str(format_decimal(number, format="#,##0.0", locale=current_language().locale))


def whole_number(number: float) -> str:
    """A count, its thousands set apart."""
    return str(format_decimal(round(number), locale=current_language().locale))


def ago(day: date | datetime) -> str:
    """How long ago a day was, from the clock's today: "today", "yesterday", "3 months ago".

    Whole weeks, months and years are named from the first full one on. A day to come is "today", as nothing that is
    told by its age lies ahead.
    """
    today, then = the_runtime().clock.today(), _local_day(day)
    past = (today - then).days
    if past < 2:
        return _("yesterday") if past == 1 else _("today")
    count, unit = _whole_units(then, today)
    # Exact multiples, as Babel rounds: what is two years and ten months old is not three years old.
    age = timedelta(days=-count * _DAYS[unit])
    locale = current_language().locale
    return str(format_timedelta(age, granularity=unit, threshold=1, add_direction=True, locale=locale))


_NEAR_DAYS = 180
"""Within so many days nobody takes a day for that of another year."""

_Unit = Literal["day", "week", "month", "year"]
_DAYS: dict[_Unit, int] = {"day": 1, "week": 7, "month": 30, "year": 365}
"""What Babel takes each to be."""


def _whole_units(then: date, today: date) -> tuple[int, _Unit]:
    """How many of the largest unit that has passed at least once."""
    months = (today.year - then.year) * 12 + today.month - then.month - (today.day < then.day)
    if months >= 12:
        return months // 12, "year"
    if months >= 1:
        return months, "month"
    days = (today - then).days
    return (days // 7, "week") if days >= 7 else (days, "day")


def _local_day(day: date | datetime) -> date:
    return day.astimezone(LONDON).date() if isinstance(day, datetime) else day
