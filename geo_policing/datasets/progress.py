"""How a long piece of work says where it is; the command line supplies what shows it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives what is being done. Neither method may raise or block."""

    def step(self, name: str) -> None:
        """A new step begins: a short phrase for a person, such as "Reading postcodes"."""

    def detail(self, text: str) -> None:
        """A figure or a finding within the step, such as "51,006 rows"."""


class _Silent:
    """Shows nothing."""

    def step(self, name: str) -> None:
        """Ignore the step."""

    def detail(self, text: str) -> None:
        """Ignore the detail."""


SILENT: Progress = _Silent()
