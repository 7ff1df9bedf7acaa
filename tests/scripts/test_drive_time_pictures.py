"""The script that draws the pictures of docs/isochrones.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.benchmarks import pictures

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("out", [[], ["--out", str(ROOT / "docs" / "images")], ["--out", str(ROOT)]])
def test_pictures_of_publishers_roads_never_go_into_the_repository(
    out: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert pictures.main(["--data", str(tmp_path), *out]) == 2
    assert "outside the repository" in capsys.readouterr().err


def test_without_matplotlib_the_remedy_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pictures, "find_spec", lambda _name: None)
    assert pictures.main([]) == 2
    assert "matplotlib is missing" in capsys.readouterr().err


def test_a_folder_without_a_dataset_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib (the development extra has it) draws the pictures")
    assert pictures.main(["--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "no dataset is current" in capsys.readouterr().err


def test_growth_is_drawn_the_same_each_time(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib (the development extra has it) draws the pictures")
    row = {"nodes": 100, "nearest_ms": 1.0, "one_base_30_min_ms": 0.5, "network_mb": 3.0, "peak_mb": 9.0}
    figures = {"growth": [row, {name: 10 * value for name, value in row.items()}]}
    first, second = (pictures.draw_growth(figures, tmp_path / name).read_bytes() for name in ("a.png", "b.png"))
    assert first[:8] == b"\x89PNG\r\n\x1a\n"
    assert first == second
