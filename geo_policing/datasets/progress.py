"""How a long piece of work says where it is; the command line supplies what shows it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives what is being done. Neither method may raise or block."""

    def step(self, name: str) -> None:
        """A new step begins: a short phrase for a person, such as "Reading postcodes"."""

    def detail(self, text: str) -> None:
        """A figure or a finding within the step, such as "51,006 rows"."""


def counted(count: float, one: str, several: str = "") -> str:
    """How many of something, for a `detail`; `several` is "{one}s" where it is not given.

    >>> counted(1, "road"), counted(2000, "road")
    ('1 road', '2,000 roads')
    """
    return f"{count:,.0f} {one if count == 1 else several or one + 's'}"


class _Silent:
    """Shows nothing."""

    def step(self, name: str) -> None:
        """Ignore the step."""

    def detail(self, text: str) -> None:
        """Ignore the detail."""


SILENT: Progress = _Silent()
