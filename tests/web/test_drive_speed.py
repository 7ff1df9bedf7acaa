"""How closely the bands follow a trial base on the real county, in Chromium, from the server that is deployed."""

from __future__ import annotations

import math
import os
import sys
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser

from tests.support.serving import free_port, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.real_files]

SECONDS = 5
PATIENCE_S = 60
"""A machine that runs other tests beside this one may draw nothing for a while."""


def test_the_bands_follow_a_trial_base_that_is_dragged(browser: Browser, real_data_dir: Path, tmp_path: Path) -> None:
    port = free_port()
    command = [Path(sys.executable).with_name("geo-policing"), "serve", "--port", str(port), "--data", real_data_dir]
    with (
        serving(command, port, tmp_path / "log", env=dict(os.environ)) as server,
        browser.new_context(viewport={"width": 1100, "height": 900}) as context,
    ):
        server.wait_until_ready(120)
        make_ready(server.url)
        page = context.new_page()
        page.goto(server.url + "/drive-time")
        page.get_by_role("button", name="Add a trial base").click()
        # The first asks of the engine compile it and make its raster.
        page.locator("#map[data-drawn]").wait_for(timeout=120_000)
        page.wait_for_timeout(2_000)
        box = page.locator(".trial-mark").bounding_box()
        assert box
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        before, began, step = drawn(page), time.perf_counter(), 0
        while (taken_s := time.perf_counter() - began) < SECONDS or (drawn(page) == before and taken_s < PATIENCE_S):
            step += 1
            page.mouse.move(x + 25 * math.sin(step / 15), y + 25 * math.cos(step / 11))
            time.sleep(0.012)
        followed = drawn(page) - before
        page.mouse.up()
    print(f"{followed / taken_s:.1f} updates a second")
    # How many is a figure of a quiet machine; that they follow at all, and before the base is let go, must hold.
    assert followed > 0


def drawn(page) -> int:
    return int(page.locator("#map").get_attribute("data-drawn") or 0)


def make_ready(url: str) -> None:
    """Ask until isochrones come at once, each time by a connection of its own, so that every worker has its turn.

    Compiling and making the raster may outlast the patience of one request.
    """
    in_a_row = 0
    for _ in range(100):
        try:
            with urlopen(url + "/api/v1/isochrones?quality=interactive", timeout=60):
                in_a_row += 1
        except HTTPError as error:
            if error.code != 503:
                raise
            in_a_row = 0
        if in_a_row == 20:
            return
    pytest.fail("isochrones do not come")
