from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.coverage_gate import main


@pytest.mark.parametrize(
    ("lines", "branches", "short"),
    [
        ((90, 100), (9, 10), []),
        ((899, 1000), (10, 10), ["89.9% of lines run, 90% wanted"]),
        ((100, 100), (0, 10), ["0.0% of branches run, 90% wanted"]),
        ((0, 0), (0, 0), []),
    ],
)
def test_lines_and_branches_each(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    lines: tuple[int, int],
    branches: tuple[int, int],
    short: list[str],
):
    report = tmp_path / "coverage.json"
    totals = dict(zip(("covered_lines", "num_statements"), lines, strict=True))
    totals |= dict(zip(("covered_branches", "num_branches"), branches, strict=True))
    report.write_text(json.dumps({"totals": totals}))
    assert main(report) == (1 if short else 0)
    assert capsys.readouterr().err.splitlines() == short
