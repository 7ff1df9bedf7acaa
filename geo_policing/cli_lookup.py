"""`geo-policing lookup`: one answer in words or JSON, or a CSV file with the answers added."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, BinaryIO

import click
import orjson

from geo_policing.cli_exits import DONE, NO, printable
from geo_policing.clock import Clock
from geo_policing.config import Settings
from geo_policing.domain.postings import Posting, Role
from geo_policing.services.answers import Answer, Candidate, LentPost, Outcome, PlaceOption
from geo_policing.services.live import Live
from geo_policing.services.lookup import lookup
from geo_policing.services.presentation import answer_to_json
from geo_policing.services.queries import parse_query
from geo_policing.services.query_values import read_day

STANDARD_STREAM = Path("-")


def look_up_one(parameters: Mapping[str, str], data_dir: Path, *, as_json: bool) -> int:
    """Answer one query on standard output; DONE where it names a beat, else NO.

    InvalidInputError where the parameters cannot be read; what `Live.view` raises.
    """
    query = parse_query(parameters)
    with closing(Live(Settings.from_env(data_dir=data_dir), Clock())) as live:
        view = live.view(query.as_of)
        answer = lookup(view, query)
        if as_json:
            click.echo(orjson.dumps(answer_to_json(answer, view), option=orjson.OPT_INDENT_2))
        else:
            click.echo(printable(answer_in_words(answer)))
    return DONE if answer.outcome in (Outcome.ONE, Outcome.MANY) else NO


def look_up_csv(source: Path, output: Path | None, as_of: str | None, data_dir: Path) -> None:
    """Copy the CSV file `source` to `output` (standard output where None) with the answers added.

    A file appears under its name when it is whole, and an older one stays until then. TooLargeError and
    InvalidInputError say what is wrong with the file as a whole; a row that is wrong has its own outcome.
    """
    from geo_policing.services.bulk_lookup import lookup_csv

    settings = Settings.from_env(data_dir=data_dir)
    with closing(Live(settings, Clock())) as live, _opened(source) as rows:
        view = live.view(None if as_of is None else read_day(as_of))
        # No limit of rows: the file is the operator's own, and is answered piece by piece.
        pieces = lookup_csv(view, rows, max_rows=sys.maxsize, view_on=live.view)
        with closing(pieces), written(output) as answers:
            for piece in pieces:
                answers.write(piece)


def answer_in_words(answer: Answer) -> str:
    """The answer for a person at a terminal: what was found, then what to know of it."""
    asked = answer.asked or "What you asked for"
    lines = []
    if answer.correction is not None:
        lines.append(f"{answer.correction.typed!r} was read as {answer.correction.read_as!r}.")
    if answer.outcome is Outcome.ONE:
        lines.append(f"{asked} is in {_place_of(answer.candidates[0])}.")
        lines += _team_lines(answer.candidates[0])
    elif answer.outcome is Outcome.MANY:
        lines.append(f"{asked} lies in {len(answer.candidates)} beats:")
        for candidate in answer.candidates:
            lines += [f"{percent(candidate.share)} {_place_of(candidate)}", *_team_lines(candidate)]
    elif answer.outcome is Outcome.OUTSIDE:
        where = f", in {answer.neighbour.name}" if answer.neighbour else ""
        lines.append(f"{asked} is outside the force's area{where}.")
    else:
        lines.append(answer.message)
    if answer.places:
        lines.append("Ask again with --place-id and one of these:")
    lines += [f"  {_option_in_words(option)}" for option in answer.places]
    if answer.accuracy_m is not None:
        lines.append(f"The place is right to about {answer.accuracy_m:,.0f} m.")
    lines += [note.text for note in answer.notes if note.text != answer.message]
    return "\n".join(lines)


def percent(share: float) -> str:
    """A share in words; what is there at all is never 0%."""
    return f"{max(share, 0.01):.0%}" if share >= 0.005 else "under 1%"


def _place_of(candidate: Candidate) -> str:
    district = candidate.district
    area = f", {district.area.name} area" if district.area else ""
    return f"{candidate.beat.name} ({district.name}{area})"


def _team_lines(candidate: Candidate) -> list[str]:
    lines = [f"  {_post_in_words(posting)}" for posting in candidate.team] or ["  nobody is posted there now"]
    return lines + [f"  {_lent_in_words(lent)}" for lent in candidate.cover]


def _lent_in_words(lent: LentPost) -> str:
    home = f" from {lent.home.name}" if lent.home else ""
    until = f" until {lent.until}" if lent.until else ""
    return f"covered{home}{until}: {_post_in_words(lent.posting)}"


def _post_in_words(posting: Posting) -> str:
    who = f"{posting.name}, {posting.collar_number}" if posting.name else posting.collar_number
    parts = [who, _role_in_words(posting.role), f"{posting.fte:g} full-time equivalent"]
    parts += [contact for contact in (posting.email, posting.telephone) if contact]
    return ", ".join(parts) + (" (illustrative)" if posting.illustrative else "")


def _role_in_words(role: Role) -> str:
    return "PCSO" if role is Role.PCSO else role.value.replace("_", " ")


def _option_in_words(option: PlaceOption) -> str:
    near = f" near {option.near}" if option.near else ""
    district = f", {option.district.name}" if option.district else ""
    return f"{option.id}: {option.name} ({option.kind}{near}{district})"


@contextmanager
def _opened(source: Path) -> Iterator[IO[bytes]]:
    if source == STANDARD_STREAM:
        yield sys.stdin.buffer
    else:
        with source.open("rb") as file:
            yield file


@contextmanager
def written(output: Path | None) -> Iterator[BinaryIO | IO[bytes]]:
    """Where answers go; a file replaces `output` at the end, and nothing is left of it after an error."""
    if output is None or output == STANDARD_STREAM:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    descriptor, name = tempfile.mkstemp(prefix=f".{output.name}-", dir=output.parent)
    unfinished = Path(name)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - the descriptor is open already
            yield file
        # mkstemp makes files that only their owner reads; this one is to be as any other.
        unfinished.chmod(0o666 & ~_umask())
        unfinished.replace(output)
    finally:
        unfinished.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
