"""The publishers' real files: never in the repository, so tests that need them skip without them, or fail in CI."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

OPEN_DATA = Path(__file__).resolve().parents[3] / "shared" / "open-data"


def open_data_dir() -> Path:
    """The folder with the real files; skips the test where it is absent, saying so, and fails it with CI=true."""
    if not OPEN_DATA.is_dir():
        message = f"no real files: {OPEN_DATA} is absent"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return OPEN_DATA
