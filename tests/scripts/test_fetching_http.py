from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.fetching import http as fetching_http
from scripts.fetching.http import Client, DownloadError
from tests.support.publishers import (
    FileOnServer,
    Publishers,
    Reply,
    once,
)

CONTENT = bytes(range(256)) * 4096  # 1 MiB


class TestDownload:
    def test_brings_the_file_and_leaves_nothing_else(self, publishers: Publishers, client: Client, tmp_path: Path):
        publishers.plays["/f"] = FileOnServer(CONTENT)
        client.download(publishers.url + "/f", tmp_path / "deep" / "f.zip", max_bytes=len(CONTENT))
        assert [path.name for path in (tmp_path / "deep").iterdir()] == ["f.zip"]
        assert (tmp_path / "deep" / "f.zip").read_bytes() == CONTENT
        assert publishers.asked[0].headers["user-agent"].startswith("geo_policing/")

    def test_goes_on_where_the_connection_was_cut(
        self, publishers: Publishers, client: Client, waits: list[float], tmp_path: Path
    ):
        publishers.plays["/f"] = FileOnServer(CONTENT, cuts=(600_000, 200_000))
        client.download(publishers.url + "/f", tmp_path / "f", max_bytes=len(CONTENT))
        assert (tmp_path / "f").read_bytes() == CONTENT
        assert [asked.headers.get("range") for asked in publishers.asked] == [None, "bytes=599999-", "bytes=799998-"]
        assert waits == [1, 1]

    def test_a_later_run_goes_on(self, publishers: Publishers, tmp_path: Path):
        impatient = Client(attempts=1, sleep=lambda _: None)
        publishers.plays["/f"] = once(
            Reply(CONTENT, headers={"ETag": '"v1"'}, cut_after=1000), lambda _: Reply(b"", 503)
        )
        with pytest.raises(DownloadError, match=r"1 attempts.*continues where it stopped"):
            impatient.download(publishers.url + "/f", tmp_path / "f", max_bytes=len(CONTENT))
        assert not (tmp_path / "f").exists()
        publishers.plays["/f"] = FileOnServer(CONTENT)
        impatient.download(publishers.url + "/f", tmp_path / "f", max_bytes=len(CONTENT))
        assert publishers.asked[-1].headers["range"] == "bytes=999-"
        assert (tmp_path / "f").read_bytes() == CONTENT

    def test_begins_again_where_the_file_has_changed(self, publishers: Publishers, client: Client, tmp_path: Path):
        old = Reply(b"A" * 5000, headers={"ETag": '"old"'}, cut_after=3000)
        publishers.plays["/f"] = once(old, FileOnServer(b"B" * 4000, etag='"new"'))
        client.download(publishers.url + "/f", tmp_path / "f", max_bytes=10_000)
        assert (tmp_path / "f").read_bytes() == b"B" * 4000

    @pytest.mark.parametrize("etag", ["", 'W/"weak"'])
    def test_begins_again_where_the_server_cannot_confirm(
        self, publishers: Publishers, client: Client, tmp_path: Path, etag: str
    ):
        headers = {"ETag": etag} if etag else {}
        whole = Reply(b"C" * 4000, headers=headers)
        publishers.plays["/f"] = once(Reply(b"C" * 4000, headers=headers, cut_after=10), lambda _: whole)
        client.download(publishers.url + "/f", tmp_path / "f", max_bytes=10_000)
        assert "range" not in publishers.asked[1].headers
        assert (tmp_path / "f").read_bytes() == b"C" * 4000

    def test_a_range_from_elsewhere_is_not_believed(self, publishers: Publishers, client: Client, tmp_path: Path):
        odd = Reply(b"Z" * 10, 206, {"Content-Range": "bytes 5-14/4000", "ETag": '"v1"'})
        publishers.plays["/f"] = once(
            Reply(CONTENT, headers={"ETag": '"v1"'}, cut_after=1000), once(odd, FileOnServer(CONTENT))
        )
        client.download(publishers.url + "/f", tmp_path / "f", max_bytes=len(CONTENT))
        assert (tmp_path / "f").read_bytes() == CONTENT

    def test_a_whole_part_is_only_confirmed(self, publishers: Publishers, client: Client, tmp_path: Path):
        (tmp_path / ".f.part").write_bytes(CONTENT)
        notes = {"url": publishers.url + "/f", "validator": '"v1"'}
        (tmp_path / ".f.part.json").write_text(json.dumps(notes))
        publishers.plays["/f"] = FileOnServer(CONTENT)
        client.download(publishers.url + "/f", tmp_path / "f", max_bytes=len(CONTENT))
        assert publishers.asked[0].headers["range"] == f"bytes={len(CONTENT) - 1}-"
        assert (tmp_path / "f").read_bytes() == CONTENT

    def test_a_server_error_is_tried_again_after_what_it_asks_for(
        self, publishers: Publishers, client: Client, waits: list[float], tmp_path: Path
    ):
        publishers.plays["/f"] = once(
            Reply(b"", 500), once(Reply(b"", 429, {"Retry-After": "90"}), FileOnServer(CONTENT))
        )
        client.download(publishers.url + "/f", tmp_path / "f", max_bytes=len(CONTENT))
        assert waits == [2, 90]
        assert (tmp_path / "f").read_bytes() == CONTENT

    def test_a_missing_file_is_not_tried_again(self, publishers: Publishers, client: Client, tmp_path: Path):
        with pytest.raises(DownloadError, match=r"404.*open_data_sources\.toml"):
            client.download(publishers.url + "/f", tmp_path / "f", max_bytes=10)
        assert len(publishers.asked) == 1
        assert not (tmp_path / "f").exists()

    def test_an_unreachable_server_is_given_up(self, client: Client, waits: list[float], tmp_path: Path):
        with pytest.raises(DownloadError, match="given up after 6 attempts"):
            client.download("http://127.0.0.1:9/f", tmp_path / "f", max_bytes=10)
        assert waits == [2, 4, 8, 16, 32]

    @pytest.mark.parametrize("announce", [True, False])
    def test_more_than_the_limit_is_refused(
        self, publishers: Publishers, client: Client, tmp_path: Path, announce: bool
    ):
        publishers.plays["/f"] = lambda _: Reply(CONTENT, announce_length=announce)
        with pytest.raises(DownloadError, match=r"more than 1,000,000 bytes"):
            client.download(publishers.url + "/f", tmp_path / "f", max_bytes=1_000_000)
        assert not (tmp_path / "f").exists()

    def test_exactly_the_limit_is_taken(self, publishers: Publishers, client: Client, tmp_path: Path):
        publishers.plays["/f"] = lambda _: Reply(CONTENT, announce_length=False)
        client.download(publishers.url + "/f", tmp_path / "f", max_bytes=len(CONTENT))
        assert (tmp_path / "f").read_bytes() == CONTENT


class TestJson:
    def test_an_error_within_a_good_status_is_an_error(self, publishers: Publishers, client: Client):
        publishers.plays["/q"] = lambda _: Reply(b'{"error": {"code": 400, "message": "Invalid URL"}}')
        with pytest.raises(DownloadError, match="Invalid URL"):
            client.get_json(publishers.url + "/q")
        assert len(publishers.asked) == 1

    def test_a_passing_error_within_a_good_status_is_tried_again(
        self, publishers: Publishers, client: Client, waits: list[float]
    ):
        publishers.plays["/q"] = once(Reply(b'{"error": {"code": 503}}'), lambda _: Reply(b'{"count": 3}'))
        assert client.get_json(publishers.url + "/q", {"a": "b c"}) == {"count": 3}
        assert publishers.asked[0].parameters == {"a": "b c"}
        assert waits == [2]

    def test_a_page_for_people_is_not_an_answer(self, publishers: Publishers, client: Client):
        publishers.plays["/q"] = lambda _: Reply(b"<html>moved</html>")
        with pytest.raises(DownloadError, match="not JSON"):
            client.get_json(publishers.url + "/q")

    def test_a_cut_answer_is_tried_again(self, publishers: Publishers, client: Client):
        publishers.plays["/q"] = once(Reply(b'{"count": 33}', cut_after=11), lambda _: Reply(b'{"count": 33}'))
        assert client.get_json(publishers.url + "/q") == {"count": 33}

    def test_an_endless_answer_is_refused(
        self, publishers: Publishers, client: Client, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(fetching_http, "MAX_ANSWER_BYTES", 100)
        publishers.plays["/q"] = lambda _: Reply(b"1" * 101)
        with pytest.raises(DownloadError, match="more than 100 bytes"):
            client.get_json(publishers.url + "/q")
