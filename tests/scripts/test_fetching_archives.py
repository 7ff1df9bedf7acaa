from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from geo_policing.errors import SourceError
from scripts.fetching.archives import extract, matching
from tests.support.publishers import (
    zipped,
)


def everything(names: list[str]) -> list[str]:
    return names


class TestArchives:
    def unpack(self, tmp_path: Path, content: bytes, **options: Any) -> list[str]:
        archive = tmp_path / "a.zip"
        archive.write_bytes(content)
        return extract(archive, tmp_path / "out", options.pop("choose", everything), max_bytes=10_000, **options)

    def test_takes_what_is_chosen_and_kept(self, tmp_path: Path):
        content = zipped({"Data/a.csv": b"E07", "Data/b.csv": b"W06", "Doc/x.txt": b"", "c.csv": b"E07"})
        kept = self.unpack(
            tmp_path,
            content,
            choose=lambda names: matching(names, ["data/*.csv", "Doc/*"]),
            keep=lambda name, content: name.startswith("Doc") or b"E07" in content,
        )
        assert kept == ["Data/a.csv", "Doc/x.txt"]
        assert (tmp_path / "out/Data/a.csv").read_bytes() == b"E07"
        assert sorted(p.name for p in (tmp_path / "out").rglob("*") if p.is_file()) == ["a.csv", "x.txt"]

    def test_the_newest_months(self):
        names = [f"2019-0{m}/2019-0{m}-{force}-street.csv" for m in range(1, 5) for force in ("kent", "essex")]
        pattern = ["????-??/????-??-kent-street.csv"]
        assert matching(names, pattern, newest=2) == [
            "2019-03/2019-03-kent-street.csv",
            "2019-04/2019-04-kent-street.csv",
        ]
        assert len(matching(names, pattern)) == 4
        assert matching([], pattern, newest=2) == []

    @pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "..\\evil", "C:evil"])
    def test_members_that_lead_out_are_refused(self, tmp_path: Path, name: str):
        (tmp_path / "inner").mkdir()
        with pytest.raises(SourceError, match="leads out"):
            self.unpack(tmp_path / "inner", zipped({name: b"x"}))
        assert not list(tmp_path.rglob("evil*"))
        assert not (tmp_path / "inner/out").exists()

    def test_links_are_refused(self, tmp_path: Path):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            link = zipfile.ZipInfo("link")
            link.external_attr = 0o120777 << 16
            archive.writestr(link, "/etc/passwd")
        with pytest.raises(SourceError, match="leads out"):
            self.unpack(tmp_path, buffer.getvalue())

    def test_a_bomb_is_refused(self, tmp_path: Path):
        with pytest.raises(SourceError, match="more than expected"):
            self.unpack(tmp_path, zipped({"a": b"0" * 6_000, "b": b"0" * 6_000}))

    def test_what_is_no_zip_is_refused(self, tmp_path: Path):
        for content in (b"<html>", zipped({"a": b"x" * 100})[:-30]):
            with pytest.raises(SourceError, match="no whole zip"):
                self.unpack(tmp_path, content)

    def test_a_damaged_member_is_refused(self, tmp_path: Path):
        content = bytearray(zipped({"a": bytes(range(256))}))
        content[60] ^= 0xFF
        with pytest.raises(SourceError):
            self.unpack(tmp_path, bytes(content))
        assert not (tmp_path / "out").exists()

    def test_a_zip_without_what_is_wanted_is_refused(self, tmp_path: Path):
        with pytest.raises(SourceError, match="nothing of what was looked for"):
            self.unpack(tmp_path, zipped({"a": b"x"}), choose=lambda names: [])
