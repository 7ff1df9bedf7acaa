"""Every error this program raises on purpose.

Each leaf also inherits the builtin that a caller who knows nothing of us would expect, and its text names the
value, the place and the remedy. Nothing here knows of HTTP: `api.errors` holds the one table from error to status.
"""

from __future__ import annotations

from pathlib import Path


class GeoPolicingError(Exception):
    """Base of all errors raised on purpose; its text is fit for the person who gave the input."""


class InvalidInputError(GeoPolicingError, ValueError):
    """What was typed or sent cannot be read: which field, which value, and what would be right.

    `field` names the parameter at fault, or is None where the whole request is. `meant` is what was probably meant, as
    it could be typed instead, "" where that is not known.
    """

    def __init__(self, message: str, *, field: str | None = None, meant: str = "") -> None:
        super().__init__(message)
        self.field, self.meant = field, meant


class TooLargeError(InvalidInputError):
    """More was sent than a documented limit allows; the text names the limit."""


class NotFoundError(GeoPolicingError, LookupError):
    """What was asked for is well formed but not known here."""


class ConfigError(GeoPolicingError, ValueError):
    """A setting or a force.toml is wrong: which key, which value, and what would be right."""


class SourceError(GeoPolicingError, ValueError):
    """A publisher's file is damaged or wrong.

    The text reads "{file}, row {row}, field {field}: {problem}. {remedy}" with the parts that are known.
    Rows count from 1 for the first record after any header.
    """

    def __init__(
        self,
        problem: str,
        *,
        remedy: str,
        file: Path | str | None = None,
        row: int | None = None,
        field: str | None = None,
    ) -> None:
        place = [str(file)] if file is not None else []
        if row is not None:
            place.append(f"row {row}")
        if field is not None:
            place.append(f"field {field}")
        where = ", ".join(place)
        super().__init__(f"{where}: {problem}. {remedy}" if where else f"{problem}. {remedy}")
        self.problem, self.remedy = problem, remedy
        self.file, self.row, self.field = file, row, field


class DatasetError(GeoPolicingError, RuntimeError):
    """A built dataset is missing, damaged or of another format version."""


class DatabaseError(GeoPolicingError, OSError):
    """The database cannot be used now: locked, read-only, full, missing or unreachable."""


class DatabaseVersionError(GeoPolicingError, RuntimeError):
    """The database's schema is newer than this program, or was never made by it."""


class ConflictError(GeoPolicingError, RuntimeError):
    """The change was made against a version that is no longer the newest."""


class RuleError(GeoPolicingError, ValueError):
    """A plan breaks a rule; `offenders` lists the ids (units or beats) that break it."""

    def __init__(self, message: str, *, offenders: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.offenders = offenders


class BusyError(GeoPolicingError, RuntimeError):
    """Another process holds what this one needs (a build lock, the port)."""


class ExportError(GeoPolicingError, RuntimeError):
    """The site cannot be written to files: which page, and what of it."""
