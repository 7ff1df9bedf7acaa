"""How bands of drive time look, on the page's map, in its picture and in the legend: one table for all three.

Each band has a fill, an ink, a pattern and a dash of its own, and its minutes are written on it: printed in grey, or
seen without telling colours apart, they still differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Pattern:
    """Path data of strokes in a square of `cell` pixels that repeats; "" for none."""

    path: str
    cell: int


@dataclass(frozen=True)
class BandStyle:
    """The look of the band that ends at `minutes` and begins at `from_minutes`; `dark_ink` is for dark maps."""

    minutes: int
    from_minutes: int
    fill: str
    ink: str
    dark_ink: str
    dash: str
    pattern: Pattern

    @property
    def key(self) -> str:
        """What names it among the parts of a drawing."""
        return str(self.minutes)

    @property
    def label(self) -> str:
        """What is written on it."""
        return f"{self.minutes} min"

    def to_json(self) -> dict[str, Any]:
        """For the page's script: the same names, `pattern` as {"path", "cell"}."""
        return asdict(self)


@dataclass(frozen=True)
class ChangeStyle:
    """The look of the areas that a change gains or loses: its `label` is written on it, its pattern is its sign."""

    key: str
    label: str
    fill: str
    ink: str
    dark_ink: str
    dash: str
    pattern: Pattern

    def to_json(self) -> dict[str, Any]:
        """For the page's script: the same names, `pattern` as {"path", "cell"}."""
        return asdict(self)


AreaStyle = BandStyle | ChangeStyle
# Blue and orange stay apart for those who see few colours; plus and minus do for those who see none.
GAINED = ChangeStyle("gained", "gained", "#4f9bd9", "#0d3f6e", "#b9dcfa", "", Pattern("M5 8L11 8M8 5L8 11", 16))
LOST = ChangeStyle("lost", "lost", "#e58a3c", "#6e2f04", "#ffd3a8", "6 4", Pattern("M4 8L11 8", 16))

# From the nearest on. Fills go from dark to light along one hue, which survives print in grey.
_LOOKS = (
    ("#0b4f6c", "#06303f", "#9fd8ee", "", Pattern("M0 0L8 8M0 8L8 0", 8)),
    ("#1f7f93", "#0b4f5e", "#8fe0e8", "9 4", Pattern("M0 8L8 0", 8)),
    ("#55aaa5", "#1b5f5c", "#b5ece0", "4 4", Pattern("M0 0L12 12", 12)),
    ("#9fd0b0", "#37694a", "#d6f2dc", "1 5", Pattern("M4 4L4 4.1M10 10L10 10.1", 12)),
    ("#c8dfa0", "#5a6b22", "#eaf5d0", "12 3 2 3", Pattern("M0 6L12 6", 12)),
    ("#ece9a4", "#6d661c", "#f8f6cf", "6 3 1 3 1 3", Pattern("M6 0L6 12", 12)),
)
MOST_BANDS = len(_LOOKS)
"""More than these could not be told apart on one map."""


def band_styles(minutes: Sequence[int]) -> tuple[BandStyle, ...]:
    """The looks of the bands that end at each of `minutes`, which rise and are at most MOST_BANDS."""
    if len(minutes) > MOST_BANDS or list(minutes) != sorted(set(minutes)):
        raise ValueError(f"band_styles takes up to {MOST_BANDS} rising numbers of minutes, not {list(minutes)}")
    starts = (0, *minutes)
    return tuple(BandStyle(end, start, *look) for start, end, look in zip(starts, minutes, _LOOKS, strict=False))
