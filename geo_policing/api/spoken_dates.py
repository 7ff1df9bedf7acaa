"""Days as people speak of them, in the language of the page: with their weekday, and by how long ago they were."""

from __future__ import annotations

from datetime import date, datetime

from babel.dates import format_date, format_timedelta
from flask_babel import gettext as _

from geo_policing.api.languages import current_language
from geo_policing.api.runtime import the_runtime
from geo_policing.clock import LONDON


def weekday_date(day: date | datetime) -> str:
    """A near day without its year, such as "Monday 23 November"; a time is taken in Europe/London."""
    return str(format_date(_local_day(day), "EEEE d MMMM", locale=current_language().locale))


def ago(day: date | datetime) -> str:
    """How long ago a day was, from the clock's today: "today", "yesterday", "3 months ago".

    Whole weeks, months and years are named from the first full one on. A day to come is "today", as nothing that is
    told by its age lies ahead.
    """
    past = max(0, (the_runtime().clock.today() - _local_day(day)).days)
    if past < 2:
        return _("yesterday") if past else _("today")
    locale = current_language().locale
    return str(format_timedelta(-past * 86_400, granularity="day", threshold=1, add_direction=True, locale=locale))


def _local_day(day: date | datetime) -> date:
    return day.astimezone(LONDON).date() if isinstance(day, datetime) else day
