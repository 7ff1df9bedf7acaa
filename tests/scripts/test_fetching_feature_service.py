from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scripts.fetching.feature_service import bounding_box, codes_clause, fetch_features
from scripts.fetching.http import Client, DownloadError
from tests.support.publishers import (
    DISTRICTS,
    FeatureService,
    Publishers,
    Reply,
)


class TestFeatureService:
    FIELDS = ("LAD24CD", "LAD24NM")

    def test_gathers_all_pages(self, publishers: Publishers, client: Client, tmp_path: Path):
        publishers.plays["/layer/query"] = FeatureService(DISTRICTS)
        fetch_features(client, publishers.url + "/layer", tmp_path / "d.geojson", self.FIELDS)
        assert json.loads((tmp_path / "d.geojson").read_text()) == {"type": "FeatureCollection", "features": DISTRICTS}
        assert [path.name for path in tmp_path.iterdir()] == ["d.geojson"]
        offsets = [asked.parameters.get("resultOffset") for asked in publishers.asked]
        assert offsets == [None, "0", "2", "4", "6"]
        assert publishers.asked[1].parameters["outSR"] == "4326"

    def test_a_later_run_asks_only_for_what_is_missing(self, publishers: Publishers, tmp_path: Path):
        service = FeatureService(DISTRICTS)
        publishers.plays["/layer/query"] = lambda asked: (
            Reply(b"", 404) if asked.parameters.get("resultOffset") == "4" else service(asked)
        )
        client = Client(attempts=1, sleep=lambda _: None)
        with pytest.raises(DownloadError):
            fetch_features(client, publishers.url + "/layer", tmp_path / "d.geojson", self.FIELDS)
        assert not (tmp_path / "d.geojson").exists()
        publishers.plays["/layer/query"] = service
        before = len(publishers.asked)
        fetch_features(client, publishers.url + "/layer", tmp_path / "d.geojson", self.FIELDS)
        offsets = [asked.parameters.get("resultOffset") for asked in publishers.asked[before:]]
        assert offsets == [None, "4", "6"]
        assert len(json.loads((tmp_path / "d.geojson").read_text())["features"]) == 7

    def test_pages_of_another_question_are_not_used(self, publishers: Publishers, client: Client, tmp_path: Path):
        (tmp_path / ".d.geojson.pages").mkdir()
        (tmp_path / ".d.geojson.pages" / "question.json").write_text("another")
        (tmp_path / ".d.geojson.pages" / "0000.json").write_text("[1]")
        publishers.plays["/layer/query"] = FeatureService(DISTRICTS)
        fetch_features(client, publishers.url + "/layer", tmp_path / "d.geojson", self.FIELDS)
        assert len(json.loads((tmp_path / "d.geojson").read_text())["features"]) == 7

    @pytest.mark.parametrize("features", [DISTRICTS[:-1], [*DISTRICTS[:-1], DISTRICTS[0]]])
    def test_missing_or_repeated_features_are_refused(
        self, publishers: Publishers, client: Client, tmp_path: Path, features: list[dict[str, Any]]
    ):
        publishers.plays["/layer/query"] = lambda asked: (
            Reply(b'{"count": 7}') if "returnCountOnly" in asked.parameters else FeatureService(features)(asked)
        )
        with pytest.raises(DownloadError, match="run the command again"):
            fetch_features(client, publishers.url + "/layer", tmp_path / "d.geojson", self.FIELDS)
        assert list(tmp_path.iterdir()) == []

    def test_an_answer_of_another_kind_is_refused(self, publishers: Publishers, client: Client, tmp_path: Path):
        publishers.plays["/layer/query"] = lambda _: Reply(b'{"layers": []}')
        with pytest.raises(DownloadError, match="not a FeatureCollection"):
            fetch_features(client, publishers.url + "/layer", tmp_path / "d.geojson", self.FIELDS)

    def test_the_box_of_chosen_districts(self, tmp_path: Path):
        file = tmp_path / "d.geojson"
        file.write_text(json.dumps({"type": "FeatureCollection", "features": DISTRICTS}))
        assert bounding_box(file, "LAD24CD", ["E07000002", "E07000003"]) == pytest.approx((0.2, 52.0, 0.4, 52.1))
        with pytest.raises(DownloadError, match="no district E06"):
            bounding_box(file, "LAD24CD", ["E07000002", "E06000001"])

    def test_only_codes_get_into_a_clause(self):
        assert codes_clause("LAD24CD", ["E1", "E2"]) == "LAD24CD IN ('E1', 'E2')"
        with pytest.raises(ValueError, match="not codes"):
            codes_clause("LAD24CD", ["E1') OR (1=1"])
