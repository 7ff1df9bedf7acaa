"""How a command ends: its exit code, and one line on standard error for what went wrong.

A traceback is shown for faults of this program only, never for what `errors` or the operating system says.
"""

from __future__ import annotations

from collections.abc import Callable

import click

from geo_policing.errors import GeoPolicingError

NAME = "geo-policing"
DATA_VARIABLE = "GEO_POLICING_DATA"

DONE = 0
NO = 1
"""The answer is no: not found, outside, terminated, or several places may be meant."""
WRONG = 2
"""The input or the command line is wrong, or something that is needed cannot be used."""
INTERRUPTED, NO_READER, TERMINATED = 130, 141, 143
"""Stopped by Ctrl-C; the reader of a pipe went away; stopped by TERM. The codes a shell gives for these signals."""


def exit_code_of(work: Callable[[], int | None]) -> int:
    """Do `work` and give its exit code (None counts as DONE), having said on standard error what went wrong."""
    try:
        code = work()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return WRONG
    except (KeyboardInterrupt, click.Abort):
        complain("stopped")
        return INTERRUPTED
    except GeoPolicingError as error:
        complain(str(error))
        return WRONG
    except BrokenPipeError:
        return NO_READER
    except OSError as error:
        # A full disk, a folder that may not be written to: the system's own words name it best.
        complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))
        return WRONG
    return DONE if code is None else code


def complain(text: str) -> None:
    """Say `text` on standard error, after the program's name."""
    click.echo(f"{NAME}: {printable(text)}", err=True)


def printable(text: str) -> str:
    """`text` with each control character but newline as "?", so that no file's content can steer a terminal."""
    return "".join(character if character.isprintable() or character == "\n" else "?" for character in text)
