"""Fail where too few lines or too few branches were run; coverage's own limit knows only the two together."""

from __future__ import annotations

import json
import sys
from pathlib import Path

LEAST_PERCENT = 90


def shortfalls(totals: dict[str, int]) -> list[str]:
    """What of the report's `totals` is below LEAST_PERCENT, in words; a total of nothing counts as all covered."""
    counted = {
        "lines": (totals["covered_lines"], totals["num_statements"]),
        "branches": (totals["covered_branches"], totals["num_branches"]),
    }
    return [
        f"{100 * covered / total:.1f}% of {what} run, {LEAST_PERCENT}% wanted"
        for what, (covered, total) in counted.items()
        if 100 * covered < LEAST_PERCENT * total
    ]


def main(report: Path) -> int:
    """0 where `report` (of `coverage json`) is good enough, else 1; silent then, so that pytest has the last word."""
    found = shortfalls(json.loads(report.read_text(encoding="utf-8"))["totals"])
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
