"""The calendar file of a beat: its meetings for a resident's own calendar, to add once or to subscribe to."""

from __future__ import annotations

from datetime import UTC, datetime, time

from flask import Blueprint, Response

from geo_policing.api.calendar_file import MIMETYPE, CalendarFacts, calendar_file
from geo_policing.api.headers import revalidated
from geo_policing.api.languages import local_url
from geo_policing.api.operator import Operator
from geo_policing.api.rendering import page_parts
from geo_policing.api.runtime import the_runtime
from geo_policing.clock import LONDON
from geo_policing.services.beat_facts import BeatFacts, beat_facts
from geo_policing.services.view import View

calendar_pages = Blueprint("calendar_pages", __name__)


@calendar_pages.get("/beat/<slug>/meetings.ics")
def meetings_file(slug: str) -> Response:
    """The meetings of a beat from the beginning of today on, so that the file stays the same all day."""
    runtime = the_runtime()
    view = runtime.live.view()
    midnight = datetime.combine(runtime.clock.today(), time(), LONDON)
    facts = beat_facts(view, slug, midnight)
    response = revalidated(lambda: _file(view, facts), "meetings", slug, *page_parts(view), mimetype=MIMETYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{facts.beat.slug}-meetings.ics"'
    return response


def _file(view: View, facts: BeatFacts) -> bytes:
    operator = Operator.of(the_runtime().settings)
    first_day = view.plan.plan.effective_from if view.plan is not None else None
    told = CalendarFacts(
        slug=facts.beat.slug,
        name=facts.beat.name,
        force_slug=view.dataset.force.slug,
        page=operator.whole(local_url(f"/beat/{facts.beat.slug}")),
        as_of=datetime.combine(first_day or view.as_of, time(), UTC),
    )
    return calendar_file(told, facts.meetings, facts.recorded)
