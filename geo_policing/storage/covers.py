"""Covers: who looks after a beat beside their own, from when to when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import Connection, insert, select, update

from geo_policing.domain.covers import Cover
from geo_policing.errors import NotFoundError, RuleError
from geo_policing.storage.audit import Change, record
from geo_policing.storage.schema import covers, postings


def every(connection: Connection) -> tuple[Cover, ...]:
    """Every cover, past and future too, the earliest first; () for none."""
    query = select(covers).order_by(covers.c.starts_on, covers.c.id)
    return tuple(Cover(r.id, r.beat_id, r.posting_id, r.starts_on, r.ends_on) for r in connection.execute(query))


def add(connection: Connection, cover: Cover, change: Change) -> Cover:
    """Store a cover (its `id` is ignored) and return it with its id.

    NotFoundError for an unknown posting; RuleError where the posting is on the beat that it would cover.
    """
    home = connection.execute(select(postings.c.beat_id).where(postings.c.id == cover.posting_id)).scalar_one_or_none()
    if home is None:
        raise NotFoundError(f"There is no posting {cover.posting_id}.")
    if home == cover.beat_id:
        raise RuleError(
            f"Posting {cover.posting_id} is on beat {home} already. A cover is by somebody from another beat.",
            offenders=(home,),
        )
    values = {name: value for name, value in vars(cover).items() if name != "id"}
    result = connection.execute(insert(covers).values(values).returning(covers.c.id))
    stored = replace(cover, id=result.scalar_one())
    record(connection, change, "add", "cover", stored.id, {"beat": stored.beat_id, "posting": stored.posting_id})
    return stored


def end(connection: Connection, cover_id: int, ends_on: date, change: Change) -> None:
    """Let a cover end on the local date `ends_on` (its last day); NotFoundError for an unknown one."""
    done = connection.execute(update(covers).where(covers.c.id == cover_id).values(ends_on=ends_on))
    if done.rowcount == 0:
        raise NotFoundError(f"There is no cover {cover_id}.")
    record(connection, change, "end", "cover", cover_id, {"ends_on": ends_on})
