"""Community action teams: those who work on local problems beside the beats."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ActionTeam:
    """A community action team (such as one for rural crime).

    Empty `district_codes` means that it serves the whole force; `illustrative` that it was made up to show the model.
    """

    id: str
    name: str
    about: str
    district_codes: tuple[str, ...] = ()
    illustrative: bool = False

    def serves(self, district_code: str) -> bool:
        """True where the team works in the district."""
        return not self.district_codes or district_code in self.district_codes
