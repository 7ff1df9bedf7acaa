"""`geo-policing export --static`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ran

Run = Callable[..., Ran]


def test_writes_a_site_and_says_what_is_in_it(run: Run, data: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    ran = run("export", "--static", site, "--data", data, "--zoom", 7, "--base-path", "police", "--json")
    assert ran.code == 0
    told = json.loads(ran.out)
    assert told["files"] == len([path for path in site.rglob("*") if path.is_file()])
    assert 'href="/police/about/"' in (site / "index.html").read_text()
    again = run("export", "--static", site, "--data", data, "--zoom", 7)
    assert again.code == 0
    assert again.out.startswith(f"{site}: {told['pages']} pages and 2 tiles")
    assert 'href="/about/"' in (site / "index.html").read_text()


def test_refuses_a_folder_of_other_files(run: Run, data: Path, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "thesis.txt").write_text("years of work")
    ran = run("export", "--static", tmp_path / "site", "--data", data)
    assert ran.code == 2
    assert "no earlier export" in ran.err


@pytest.mark.parametrize("base", ["a//b", "../up", "/with space/", 'quo"te', "a?b"])
def test_refuses_what_is_no_path(run: Run, data: Path, tmp_path: Path, base: str) -> None:
    ran = run("export", "--static", tmp_path / "site", "--data", data, "--base-path", base)
    assert ran.code == 2
    assert "is not a path" in ran.err
    assert not (tmp_path / "site").exists()
