"""The report on a dataset's truth, and that docs/data.md says what it says."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from geo_policing.config import Force
from geo_policing.datasets.build import build_dataset
from geo_policing.datasets.dataset import Dataset
from geo_policing.services.methods import ABOUT
from tests.support import sources

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "data.md"


@pytest.fixture(scope="module")
def data_report() -> ModuleType:
    spec = importlib.util.spec_from_file_location("data_report", ROOT / "scripts" / "data_report.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def disputed(tmp_path: Path) -> Dataset:
    """The tiny world with a postcode 5 m over the border of the two districts, and one deep in the other."""
    sources.write_sources(tmp_path / "sources")
    rows = [
        *sources.CODE_POINT,
        ("ZZ1 1AX", 10, 542_005, 260_500, sources.WESTHAM, ""),
        ("ZZ1 1AY", 10, 543_500, 260_700, sources.WESTHAM, ""),
        ("ZZ1 1AZ", 10, 543_500, 260_800, "E07000999", ""),
    ]
    sources.code_point(tmp_path / "sources" / "codepo", rows)
    return build_dataset(tmp_path / "sources", tmp_path / "data")


def test_every_disagreement_is_listed_with_its_reason(data_report: ModuleType, disputed: Dataset) -> None:
    figures = data_report.truth(disputed)
    assert (figures["expected"], figures["agree"]) == (7, 5)
    assert figures["exceptions"] == [
        (
            "ZZ11AX",
            sources.WESTHAM,
            sources.EASTHAM,
            "its point lies 5.0 m outside its own district, within the 20 m to which outlines are generalised",
        ),
        (
            "ZZ11AY",
            sources.WESTHAM,
            sources.EASTHAM,
            "its point lies 1500.0 m outside its own district, not on a boundary",
        ),
        ("ZZ11AZ", "E07000999", sources.EASTHAM, "its own district is not among the outlines"),
    ]
    section = data_report.report(disputed)
    assert "8 units in 2 districts" in section
    assert "| ZZ1 1AX |" in section


def test_the_section_is_replaced_between_its_marks(data_report: ModuleType) -> None:
    begin, end = data_report.BEGIN, data_report.END
    assert data_report.with_section(f"a\n{begin}\nold\n{end}\nb", "new\n") == f"a\n{begin}\nnew\n{end}\nb"
    with pytest.raises(ValueError, match="has no"):
        data_report.with_section("nothing", "new\n")


def test_the_command_builds_and_prints(
    data_report: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sources.write_sources(tmp_path / "sources")
    monkeypatch.setattr(sys, "argv", ["report-data", "--sources", str(tmp_path / "sources")])
    assert data_report.main() == 0
    assert "8 units in 2 districts" in capsys.readouterr().out
    document = tmp_path / "data.md"
    document.write_text(f"x\n{data_report.BEGIN}\n{data_report.END}\n", encoding="utf-8")
    monkeypatch.setattr(data_report, "DOCUMENT", document)
    monkeypatch.setattr(sys, "argv", [*sys.argv, "--write"])
    assert data_report.main() == 0
    assert "8 units in 2 districts" in document.read_text(encoding="utf-8")


@pytest.mark.real_files
def test_the_document_says_what_the_real_files_give(data_report: ModuleType, real_dataset: Dataset) -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    assert data_report.with_section(document, data_report.report(real_dataset)) == document, (
        "run scripts/report-data --sources ../shared/open-data --write"
    )


def test_the_document_explains_every_method() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    for method, about in ABOUT.items():
        assert f"| `{method.value}` | {about} |" in document


def test_the_documents_force_toml_is_one(tmp_path: Path) -> None:
    text = DOCUMENT.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    (tmp_path / "force.toml").write_text(text, encoding="utf-8")
    force = Force.from_toml(tmp_path / "force.toml")
    described = set(force.to_mapping())
    assert described == set(Force.__struct_fields__)
    assert all(line.partition(" = ")[0] in text for line in Force.__struct_fields__)
    assert np.isfinite(force.point_snap_m)
