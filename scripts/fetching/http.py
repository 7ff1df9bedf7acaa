"""Downloads that go on where they were cut off, and small requests that try again.

A file is written as a hidden `.part` beside its final name, with what the server said of it in `.part.json`, and
takes its final name only when it is whole. What is half there is continued only where the server confirms, by
`If-Range`, that it still is the same file; else it begins again.
"""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeVar

from geo_policing import __version__
from geo_policing.datasets.progress import SILENT, Progress
from geo_policing.errors import GeoPolicingError
from scripts.fetching import beside

USER_AGENT = f"geo_policing/{__version__} (scripts/fetch-open-data)"
CHUNK_BYTES = 256 * 1024
REPORT_BYTES = 20_000_000
"""How often progress is shown where the size is not known; else every twentieth of it."""
MAX_ANSWER_BYTES = 64 * 1024 * 1024
"""The most that is read into memory at once: a page of features or an answer of a search."""
MOVED = (
    "The address may have moved: look for it on the publisher's site, and mend scripts/fetching/open_data_sources.toml."
)
_TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})

Got = TypeVar("Got")


class DownloadError(GeoPolicingError, OSError):
    """A publisher did not give what was asked for; the text names the address and the remedy."""


class _CutError(Exception):
    """The connection ended, or the server asked to try later; `wait_s` is how long it asked for."""

    def __init__(self, reason: str, wait_s: float = 0.0) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


@dataclass
class Client:
    """Asks publishers over HTTP; `sleep` is what a test replaces."""

    attempts: int = 6
    """How often in a row an attempt may bring nothing new before it is given up."""
    first_wait_s: float = 1.0
    """The wait after the first failure; it doubles each time, up to `longest_wait_s`."""
    longest_wait_s: float = 60.0
    timeout_s: float = 60.0
    sleep: Callable[[float], None] = time.sleep
    progress: Progress = field(default=SILENT)

    def get_json(self, url: str, parameters: dict[str, str] | None = None) -> Any:
        """The JSON at `url` with `parameters`; DownloadError where it is not JSON or says that it failed.

        ArcGIS reports errors in an answer of status 200; those are treated as what their code says.
        """
        return self._persist(url, lambda: self._json(_with(url, parameters)))

    def get_bytes(self, url: str, parameters: dict[str, str] | None = None) -> bytes:
        """What `url` with `parameters` gives, at most MAX_ANSWER_BYTES; tries again as `download` does."""
        return self._persist(url, lambda: self._bytes(_with(url, parameters)))

    def download(self, url: str, final: Path, *, max_bytes: int) -> None:
        """Bring `url` to `final`, continuing what an earlier run began.

        DownloadError for a status that trying again will not mend, for more than `max_bytes`, and when nothing new
        came in `attempts` attempts in a row; what was received stays beside `final` for the next run.
        """
        part = beside(final, ".part")
        part.parent.mkdir(parents=True, exist_ok=True)
        self._persist(url, lambda: self._continue(url, part, max_bytes), received=lambda: _size(part))
        part.replace(final)
        _notes_of(part).unlink(missing_ok=True)

    def _persist(self, url: str, attempt: Callable[[], Got], received: Callable[[], int] = lambda: 0) -> Got:
        """What `attempt` gives, tried again after each _CutError, with longer waits until something new is received."""
        failures = 0
        while True:
            before = received()
            try:
                return attempt()
            except _CutError as cut:
                failures = 0 if received() > before else failures + 1
                if failures >= self.attempts:
                    raise DownloadError(
                        f"{url}: given up after {failures} attempts that brought nothing new ({cut}). "
                        "Run the command again later; it continues where it stopped."
                    ) from cut
                wait_s = max(cut.wait_s, min(self.longest_wait_s, self.first_wait_s * 2**failures))
                self.progress.detail(f"{cut}; trying again in {wait_s:.0f} s")
                self.sleep(wait_s)

    def _continue(self, url: str, part: Path, max_bytes: int) -> None:
        """Fetch what `part` still lacks; returns when it is whole, raises _CutError when it is not."""
        # The last byte is asked for again, so that there is something to ask for where the file is whole already.
        again_from = max(0, _size(part) - 1)
        validator = _validator(part, url) if again_from else ""
        headers = {"Range": f"bytes={again_from}-", "If-Range": validator} if validator else {}
        with self._open(url, headers) as response:
            resumed = response.status == http.client.PARTIAL_CONTENT
            if resumed and not str(response.headers.get("Content-Range")).startswith(f"bytes {again_from}-"):
                part.unlink()
                raise _CutError("the server continued at another place than asked")
            start = again_from if resumed else 0
            total = _total(response, start)
            if (total or 0) > max_bytes:
                raise _too_large(url, max_bytes)
            _remember(part, url, response)
            with part.open("r+b" if resumed else "wb") as file:
                file.seek(start)
                for size in self._copied(response, file, start, total):
                    if size > max_bytes:
                        raise _too_large(url, max_bytes)
        if total is not None and _size(part) != total:
            raise _CutError(f"the connection ended after {_size(part):,} of {total:,} bytes")

    def _copied(
        self, response: http.client.HTTPResponse, file: IO[bytes], start: int, total: int | None
    ) -> Iterator[int]:
        """Append the response to `file` and give the file's size after each piece."""
        size = shown = start
        of_total = f" of {total / 1e6:,.1f}" if total else ""
        while chunk := _read(response):
            file.write(chunk)
            size += len(chunk)
            yield size
            if size - shown >= max(CHUNK_BYTES, (total or REPORT_BYTES * 20) // 20) or size == total:
                self.progress.detail(f"{size / 1e6:,.1f}{of_total} MB")
                shown = size

    def _bytes(self, url: str) -> bytes:
        with self._open(url, {}) as response:
            parts, size = [], 0
            while chunk := _read(response):
                parts.append(chunk)
                size += len(chunk)
                if size > MAX_ANSWER_BYTES:
                    raise _too_large(url, MAX_ANSWER_BYTES)
            total = _total(response, 0)
        if total is not None and size != total:
            raise _CutError(f"the connection ended after {size:,} of {total:,} bytes")
        return b"".join(parts)

    def _json(self, url: str) -> Any:
        answer = self._bytes(url)
        try:
            content = json.loads(answer)
        except ValueError as error:
            raise DownloadError(f"{url}: the answer is not JSON. {MOVED}") from error
        problem = content.get("error") if isinstance(content, dict) else None
        if isinstance(problem, dict) and problem.get("code") in _TRY_AGAIN:
            raise _CutError(f"error {problem['code']}")
        if problem:
            raise DownloadError(f"{url}: the publisher answered {json.dumps(problem)[:300]}. {MOVED}")
        return content

    def _open(self, url: str, headers: dict[str, str]) -> http.client.HTTPResponse:
        request = urllib.request.Request(url, headers={"User-Agent": USER_AGENT, **headers})
        try:
            response: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=self.timeout_s)
        except urllib.error.HTTPError as error:
            with error:
                if error.code in _TRY_AGAIN:
                    raise _CutError(f"status {error.code}", _retry_after(error.headers.get("Retry-After"))) from error
            raise DownloadError(f"{url}: the publisher answered {error.code} {error.reason}. {MOVED}") from error
        except (urllib.error.URLError, TimeoutError, ConnectionError, http.client.HTTPException) as error:
            raise _CutError(str(getattr(error, "reason", error)) or type(error).__name__) from error
        if url.startswith("https:") and not response.url.startswith("https:"):
            response.close()
            raise DownloadError(f"{url}: the publisher sends on to {response.url}, which is not encrypted.")
        return response


def _with(url: str, parameters: dict[str, str] | None) -> str:
    return f"{url}?{urllib.parse.urlencode(parameters)}" if parameters else url


def _read(response: http.client.HTTPResponse) -> bytes:
    """The next bytes, b"" at the end; _CutError where the connection breaks."""
    try:
        return response.read1(CHUNK_BYTES)
    except (OSError, http.client.HTTPException) as error:
        raise _CutError(f"the connection broke ({error})") from error


def _total(response: http.client.HTTPResponse, start: int) -> int | None:
    """The size that the file will have, None where the server does not say."""
    length = response.headers.get("Content-Length") or ""
    return start + int(length) if length.isdigit() else None


def _too_large(url: str, limit: int) -> DownloadError:
    return DownloadError(
        f"{url}: more than {limit:,} bytes, which is more than was expected. If that is right, raise max_bytes in "
        "scripts/fetching/open_data_sources.toml."
    )


def _retry_after(value: str | None) -> float:
    """Seconds that a server asks to wait, at most ten minutes; 0 where it does not say so in seconds."""
    return min(600.0, float(value)) if value and value.isascii() and value.isdigit() else 0.0


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _notes_of(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _remember(part: Path, url: str, response: http.client.HTTPResponse) -> None:
    """Note what identifies the file that `part` is a piece of: a strong ETag, else its date of change, else nothing."""
    etag = response.headers.get("ETag") or ""
    validator = etag if etag.startswith('"') else response.headers.get("Last-Modified") or ""
    _notes_of(part).write_text(json.dumps({"url": url, "validator": validator}))


def _validator(part: Path, url: str) -> str:
    try:
        notes = json.loads(_notes_of(part).read_text())
    except (OSError, ValueError):
        return ""
    return str(notes.get("validator", "")) if notes.get("url") == url else ""
