"""Whose beat the browser says a point is, against what the server's own lookup says of the same points."""

from __future__ import annotations

import json
import random
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.support.web import installed

pytestmark = pytest.mark.browser

DECIDE = """async (points) => {
  const base = document.querySelector('script[src*="map_page.js"]').src;
  const { readShapes, beatAt, beatsNear, distanceTo } = await import(base.replace('map_page.js', 'map_shapes.js'));
  const config = JSON.parse(document.getElementById('force-map').dataset.config);
  const shapes = readShapes(await (await fetch(config.beats)).json());
  return points.map(([lat, lon]) => {
    const beat = beatAt(shapes.beats, lat, lon);
    const near = beat ? beatsNear(shapes.beats, lat, lon, beat.offBy_m + 2) : [];
    return {
      slug: beat?.slug ?? null,
      near: near.map((each) => each.beat.slug),
      border_m: Math.min(...shapes.beats.map((each) => distanceTo(each, lat, lon))),
      most_off_m: Math.max(...shapes.beats.map((each) => each.offBy_m)),
    };
  });
}"""


def by_server(site: str, points: list[tuple[float, float]]) -> list[str | None]:
    """The slug of each point's beat by the API, None outside the force."""
    body = json.dumps([{"lat": lat, "lon": lon} for lat, lon in points]).encode()
    request = urllib.request.Request(site + "/api/v1/lookup", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as response:
        rows = json.load(response)["results"]
    return [row["candidates"][0]["beat"]["slug"] if row["candidates"] else None for row in rows]


def by_browser(browser: Browser, site: str, points: list[tuple[float, float]]) -> list[dict[str, Any]]:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(site + "/map")
        found: list[dict[str, Any]] = page.evaluate(DECIDE, points)
        return found


def agree(browser: Browser, site: str) -> None:
    rng = random.Random(7)
    points = [(rng.uniform(52.02, 52.72), rng.uniform(-0.48, 0.52)) for _ in range(1_500)]
    pairs = list(zip(by_server(site, points), by_browser(browser, site, points), strict=True))
    assert sum(slug is not None for slug, _ in pairs) > 500, "enough of them lie in the force"
    for slug, found in pairs:
        if slug == found["slug"]:
            continue
        # Only where the browser itself would say that the border is too close to know.
        assert slug in found["near"] or found["border_m"] <= found["most_off_m"] + 52, (slug, found)
    assert sum(slug == found["slug"] for slug, found in pairs) >= 0.995 * len(pairs)


def test_browser_and_server_agree(browser: Browser, starter_site: str) -> None:
    agree(browser, starter_site)


@pytest.mark.slow
@pytest.mark.real_files
def test_browser_and_server_agree_on_the_real_county(browser: Browser, real_data_dir: Path, tmp_path: Path) -> None:
    with installed(real_data_dir, database_url=f"sqlite:///{tmp_path / 'real.sqlite'}") as site:
        agree(browser, site)
