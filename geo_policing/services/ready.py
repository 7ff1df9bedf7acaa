"""A view made ready for answering: what every way of asking shares."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from geo_policing.datasets.findings import STATUS_ABSENT
from geo_policing.domain.areas import District
from geo_policing.domain.beats import Beat
from geo_policing.domain.plans import PlanInForce
from geo_policing.services.answers import Answer, Candidate, LentPost, Note, NoteCode, Outcome
from geo_policing.services.indexes import derived, district_index, postcode_index, unit_index
from geo_policing.services.methods import Method
from geo_policing.services.view import View
from geo_policing.wording import Wording, worded

APPROXIMATE = Note(
    NoteCode.APPROXIMATE_DATA,
    worded(
        "This answer comes from approximate starter data, not from surveyed boundaries; near a border it may be wrong."
    ),
)
WHOLE_FROM = 0.995
"""Shares that sum to less than this leave out a part that lies outside the force; less is rounding and slivers."""

# Where residents live and how far a postcode reaches are worked out, so neither proves that a place crosses the border.
_ESTIMATES = frozenset({Method.PLACE_RESIDENTS, Method.POSTCODE_VORONOI_AREA})
_ROUNDING = 1e-9


def ready_for(view: View) -> Ready:
    """The `Ready` of a view, made once."""
    return derived(view, "ready", lambda: Ready(view))


class Ready:
    """One view with its dataset's indexes."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.dataset = view.dataset
        self.force = view.dataset.force
        self.units = unit_index(view.dataset)
        self.postcodes = postcode_index(view.dataset)
        self.districts = district_index(view.dataset)
        self.absent = frozenset(entry["what"] for entry in view.dataset.manifest["absent"])
        # Only the directory's short form gives no quality, and it alone does not say what is still in use.
        self.status_unknown = (self.postcodes.columns["quality"] < 0) & (STATUS_ABSENT in self.absent)
        self._always = (APPROXIMATE,) if view.dataset.approximate else ()
        self.plan = view.plan
        self._beat_of_unit: list[int] = [] if view.plan is None else view.plan.beat_of_unit.tolist()
        self._whole: dict[int, tuple[Candidate, ...]] = {}

    def answer(self, outcome: Outcome, *, notes: Iterable[Note] = (), **fields: Any) -> Answer:
        """An answer of this view; what is true of all of its data is noted first."""
        return Answer(outcome, self.dataset.data_version, self.view.as_of, notes=(*self._always, *notes), **fields)

    def located(
        self, shares: Iterable[tuple[int, float]], *, first_unit: int = -1, notes: tuple[Note, ...] = (), **fields: Any
    ) -> Answer:
        """ONE or MANY for shares of units (one or more), the beat of `first_unit` first; NOT_FOUND without a plan.

        It is ONE where the first candidate's share of what lies inside the force is at least `one_share`. Where the
        shares sum to less than the whole, a note says that part of it is outside.
        """
        if self.plan is None:
            return self._no_plan(notes, **fields)
        candidates = self._candidates(self.plan, shares, first_unit)
        inside = sum(candidate.share for candidate in candidates)
        if inside < WHOLE_FROM:
            notes = (*notes, partly_outside_note(fields.get("asked"), fields.get("method"), self.force.name))
        enough = self.force.one_share * inside - _ROUNDING
        outcome = Outcome.ONE if candidates[0].share >= enough else Outcome.MANY
        return self.answer(outcome, candidates=candidates, notes=notes, **fields)

    def in_unit(self, unit: int, *, notes: tuple[Note, ...] = (), **fields: Any) -> Answer:
        """`located` for something that lies in one unit as a whole."""
        if self.plan is None:
            return self._no_plan(notes, **fields)
        beat = self._beat_of_unit[unit]
        if beat not in self._whole:
            self._whole[beat] = (self._candidate(self.plan.beats[beat], 1.0),)
        return self.answer(Outcome.ONE, candidates=self._whole[beat], notes=notes, **fields)

    def outside(self, neighbour: District | None, *, notes: tuple[Note, ...] = (), **fields: Any) -> Answer:
        """OUTSIDE, with a note where the data cannot name the district over the border."""
        if neighbour is None:
            text = worded(
                "It lies outside the area of %(force)s; our data does not say in which district.", force=self.force.name
            )
            notes = (*notes, Note(NoteCode.NEIGHBOUR_UNNAMED, text))
        return self.answer(Outcome.OUTSIDE, neighbour=neighbour, notes=notes, **fields)

    def neighbour_at(self, easting: float, northing: float) -> District | None:
        """The district over the border that holds a point, None for none or for one of the force's own."""
        row = self.districts.at_point(easting, northing)
        return None if row < 0 or self.districts.inside[row] else self.districts.districts[row]

    def _candidates(
        self, plan: PlanInForce, shares: Iterable[tuple[int, float]], first_unit: int
    ) -> tuple[Candidate, ...]:
        of_beat: dict[int, float] = {}
        for unit, share in shares:
            beat = self._beat_of_unit[unit]
            of_beat[beat] = of_beat.get(beat, 0.0) + share
        first = self._beat_of_unit[first_unit] if first_unit >= 0 else -1
        order = sorted(of_beat, key=lambda beat: (beat != first, -of_beat[beat], beat))
        return tuple(self._candidate(plan.beats[beat], min(1.0, round(of_beat[beat], 12))) for beat in order)

    def _candidate(self, beat: Beat, share: float) -> Candidate:
        team = tuple(self.view.postings.get(beat.id, ()))
        return Candidate(beat, share, self.districts.by_code(beat.district_code), team, cover_of(self.view, beat))

    def _no_plan(self, notes: tuple[Note, ...], **fields: Any) -> Answer:
        first = self.view.first_plan_from
        if first is None:
            text = worded("No plan of beats has been published yet, so there is no team to name.")
        else:
            text = worded(
                "No plan of beats was in force on %(day)s; the first began on %(first)s.",
                day=self.view.as_of,
                first=first,
            )
        return self.answer(
            Outcome.NOT_FOUND, notes=(*notes, Note(NoteCode.NO_PLAN_YET, text)), message=text, field="as_of", **fields
        )


def cover_of(view: View, beat: Beat) -> tuple[LentPost, ...]:
    """Who looks after `beat` on the view's day beside those who are posted to it; () for nobody."""
    beats = {b.id: b for b in view.plan.beats} if view.plan is not None else {}
    return tuple(
        LentPost(each.posting, beats.get(each.posting.beat_id), each.cover.starts_on, each.cover.ends_on)
        for each in view.covers.get(beat.id, ())
    )


def partly_outside_note(asked: str | None, method: object, force_name: str) -> Note:
    """The note for what lies in the force only in part, as far as `method` can tell."""
    return Note(NoteCode.PARTLY_OUTSIDE, _partly_outside(asked, force_name, method in _ESTIMATES))


def _partly_outside(asked: str | None, force: str, may: bool) -> Wording:
    if not asked:
        return (
            worded("Part of it may lie outside the area of %(force)s.", force=force)
            if may
            else worded("Part of it lies outside the area of %(force)s.", force=force)
        )
    if may:
        return worded("Part of %(asked)s may lie outside the area of %(force)s.", asked=asked, force=force)
    return worded("Part of %(asked)s lies outside the area of %(force)s.", asked=asked, force=force)
