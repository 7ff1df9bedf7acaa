"""Community action teams of a force."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Connection, delete, insert, select, update

from geo_policing.domain.teams import ActionTeam
from geo_policing.errors import NotFoundError
from geo_policing.storage.audit import Change, record
from geo_policing.storage.rows import insert_many
from geo_policing.storage.schema import action_team_districts, action_teams


def of_force(connection: Connection, force_slug: str) -> tuple[ActionTeam, ...]:
    """Every action team of a force by id; () for none."""
    districts = defaultdict(list)
    listed = select(action_team_districts).order_by(action_team_districts.c.district_code)
    for row in connection.execute(listed):
        districts[row.team_id].append(row.district_code)
    query = select(action_teams).where(action_teams.c.force_slug == force_slug).order_by(action_teams.c.id)
    return tuple(
        ActionTeam(r.id, r.name, r.about, tuple(districts[r.id]), r.illustrative) for r in connection.execute(query)
    )


def save(connection: Connection, force_slug: str, team: ActionTeam, change: Change) -> None:
    """Store a team with its districts, in the place of any that has its id."""
    values = {
        "force_slug": force_slug,
        "name": team.name,
        "about": team.about,
        "illustrative": team.illustrative,
    }
    done = connection.execute(update(action_teams).where(action_teams.c.id == team.id).values(values))
    if done.rowcount == 0:
        connection.execute(insert(action_teams).values(id=team.id, **values))
    connection.execute(delete(action_team_districts).where(action_team_districts.c.team_id == team.id))
    rows = [{"team_id": team.id, "district_code": code} for code in team.district_codes]
    insert_many(connection, action_team_districts, rows)
    record(connection, change, "save", "action_team", team.id)


def remove(connection: Connection, team_id: str, change: Change) -> None:
    """Remove a team with its districts; NotFoundError for an unknown one."""
    if connection.execute(delete(action_teams).where(action_teams.c.id == team_id)).rowcount == 0:
        raise NotFoundError(f"There is no action team {team_id!r}.")
    record(connection, change, "remove", "action_team", team_id)
