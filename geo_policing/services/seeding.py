"""The first plan of a dataset, and what a force's file says of premises and teams, put into the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import Connection

from geo_policing.clock import Clock
from geo_policing.config import FacilityConfig
from geo_policing.datasets.dataset import Dataset
from geo_policing.domain.beats import Beat, slugify
from geo_policing.domain.facilities import Facility, FacilityKind
from geo_policing.domain.opening_hours import validate
from geo_policing.domain.plans import PlanException, PlanState
from geo_policing.domain.postings import Posting, Role
from geo_policing.domain.teams import ActionTeam
from geo_policing.errors import ConfigError, InvalidInputError
from geo_policing.services.facility_places import place_facility
from geo_policing.services.suggested_beats import SuggestedBeats, suggest_beats
from geo_policing.storage import audit, facilities, plans, postings, teams
from geo_policing.storage.audit import SYSTEM, Change

PLAN_NAME = "Starting plan"
FIRST_COLLAR_NUMBER = 7101
"""Made-up collar numbers are "PCSO 7101" and up (the project's convention for posts that nobody fills)."""


def seed(dataset: Dataset, connection: Connection, clock: Clock) -> int | None:
    """Give `dataset` its published starting plan, a PCSO's post a beat, its facilities and teams.

    Everything happens in the transaction of `connection` (from `Database.write`, which raises the revision). Returns
    the plan's id, or None where a plan for this dataset is there already: then nothing is changed. A beat that any
    earlier plan had, by slug and district, keeps its identity and its postings. ConfigError where the force's file
    gives a facility hours that cannot be read.
    """
    if plans.heads(connection, data_version=dataset.data_version):
        return None
    change = Change(SYSTEM, clock.now_utc())
    suggested = keep_identities(suggest_beats(dataset), plans.identities(connection), dataset)
    plan_id = _publish(connection, dataset, suggested, clock.today(), change)
    _post(connection, suggested.beats, clock.today())
    refresh_premises(dataset, connection, change)
    return plan_id


def refresh_premises(dataset: Dataset, connection: Connection, change: Change) -> None:
    """Bring facilities and action teams to what the dataset's force says, leaving alone what a person has changed.

    Facilities are placed anew, for another dataset may know their postcodes better; one that the force no longer names
    goes, unless a person has touched it.
    """
    slug = dataset.force.slug
    touched = audit.touched_by_people(connection, "facility")
    before = {f.id: f for f in facilities.of_force(connection, slug)}
    wanted = {f.id: f for f in facilities_of_force(dataset)}
    for facility_id in sorted((before.keys() | wanted.keys()) - touched):
        if facility_id not in wanted:
            facilities.remove(connection, facility_id, change)
        elif wanted[facility_id] != before.get(facility_id):
            facilities.save(connection, slug, wanted[facility_id], change)
    _refresh_teams(dataset, connection, change)


def facilities_of_force(dataset: Dataset) -> list[Facility]:
    """The facilities that the dataset's force names: one for each kind of each of its premises."""
    return [_facility(config, kind, dataset) for config in dataset.force.facilities for kind in config.kinds]


def keep_identities(suggested: SuggestedBeats, known: Sequence[Beat], dataset: Dataset) -> SuggestedBeats:
    """`suggested` with the ids of those `known` beats that have its slug and district, and fresh ids for the rest."""
    if not known:
        return suggested
    by_slug = {beat.slug: beat for beat in known}
    names = dict(zip(dataset["districts"]["code"].tolist(), dataset["districts"]["name"].tolist(), strict=True))
    next_number = 1 + max((int(b.id[1:]) for b in known if b.id[1:].isdigit()), default=0)
    taken, kept = set(by_slug), []
    for beat in suggested.beats:
        same = by_slug.get(beat.slug)
        if same is not None and same.district_code == beat.district_code:
            kept.append(replace(beat, id=same.id))
            continue
        slug = _free_slug(beat, names.get(beat.district_code, ""), taken)
        taken.add(slug)
        kept.append(replace(beat, id=f"b{next_number:03d}", slug=slug))
        next_number += 1
    new_ids = {old.id: new.id for old, new in zip(suggested.beats, kept, strict=True)}
    exceptions = tuple(PlanException(new_ids[e.beat_id], e.kind, e.reason) for e in suggested.exceptions)
    return replace(suggested, beats=tuple(kept), exceptions=exceptions)


def _free_slug(beat: Beat, district_name: str, taken: set[str]) -> str:
    qualified = f"{slugify(beat.name) or 'beat'}-{slugify(district_name)}".rstrip("-")
    candidates = [beat.slug, qualified, *(f"{qualified}-{n}" for n in range(2, len(taken) + 3))]
    return next(slug for slug in candidates if slug not in taken)


def _publish(
    connection: Connection, dataset: Dataset, suggested: SuggestedBeats, effective_from: date, change: Change
) -> int:
    method = suggested.method
    if suggested.wards_without_units:
        method += f" No unit fits these wards best: {', '.join(suggested.wards_without_units)}."
    new = plans.NewPlan(PLAN_NAME, dataset.data_version, "seed", method, effective_from)
    plan_id = plans.create(connection, new, change)
    plans.add_beats(connection, plan_id, suggested.beats)
    beat_ids = [beat.id for beat in suggested.beats]
    units = dataset["units"]["id"].tolist()
    beat_of_unit = {unit: beat_ids[i] for unit, i in zip(units, suggested.beat_of_unit.tolist(), strict=True)}
    plans.fill(connection, plan_id, beat_of_unit, change, reason="The starting plan of this data.")
    plans.add_exceptions(connection, plan_id, suggested.exceptions)
    plans.set_state(connection, plan_id, PlanState.PUBLISHED, change)
    return plan_id


def _post(connection: Connection, beats: Sequence[Beat], starts_on: date) -> None:
    """One made-up PCSO a beat; a beat that somebody is posted to, or was, is left alone."""
    existing = postings.every(connection)
    posted = {p.beat_id for p in existing}
    numbers = [
        int(p.collar_number.rpartition(" ")[2]) for p in existing if p.collar_number.rpartition(" ")[2].isdigit()
    ]
    number = max([FIRST_COLLAR_NUMBER - 1, *numbers]) + 1
    added = []
    for beat in beats:
        if beat.id not in posted:
            added.append(
                Posting(
                    id=0,
                    beat_id=beat.id,
                    role=Role.PCSO,
                    collar_number=f"PCSO {number}",
                    fte=1.0,
                    starts_on=starts_on,
                    illustrative=True,
                )
            )
            number += 1
    postings.add_seeded(connection, added)


def _facility(config: FacilityConfig, kind: FacilityKind, dataset: Dataset) -> Facility:
    try:
        validate(config.opening_hours, field="opening_hours")
    except InvalidInputError as error:
        raise ConfigError(f"force.toml, facility {config.id!r}: {error}") from error
    placed = place_facility(config, dataset)
    suffix = f"-{kind.value.replace('_', '-')}"
    return Facility(
        id=config.id if config.id.endswith(suffix) else config.id + suffix,
        kind=kind,
        name=config.name,
        district_code=config.district,
        address=config.address,
        postcode=config.postcode,
        easting_northing=placed.easting_northing,
        accuracy_m=placed.accuracy_m,
        location_note=placed.note,
        opening_hours=config.opening_hours,
        access=config.access,
        telephone=config.telephone,
        illustrative=config.illustrative,
    )


def _refresh_teams(dataset: Dataset, connection: Connection, change: Change) -> None:
    slug = dataset.force.slug
    touched = audit.touched_by_people(connection, "action_team")
    before = {t.id: t for t in teams.of_force(connection, slug)}
    wanted = {
        t.id: ActionTeam(t.id, t.name, t.about, tuple(sorted(t.districts)), t.illustrative)
        for t in dataset.force.action_teams
    }
    for team_id in sorted((before.keys() | wanted.keys()) - touched):
        if team_id not in wanted:
            teams.remove(connection, team_id, change)
        elif wanted[team_id] != before.get(team_id):
            teams.save(connection, slug, wanted[team_id], change)
