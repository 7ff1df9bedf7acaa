"""What pages weigh on the wire, and how soon a slow phone shows something.

Each page is opened in a fresh Chromium context, nothing cached, served by the real server with compression. Bytes are
those that came over the line, headers included, up to when the network rests. First paint is taken with the processor
slowed down and the line held to the settings that are printed, as the time from the first byte of the page's answer
("responseStart") to "first-contentful-paint"; the median and the worst of the runs are given.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path
from typing import Any

from scripts.benchmarks import Figures, machine
from scripts.benchmarks.server import HOST, serving

CHROMIUM = "/usr/bin/chromium"
PHONE = {"width": 360, "height": 740}
# Chrome's own preset "Slow 3G", and the slow-down that Lighthouse takes for a phone.
LATENCY_MS, DOWN_KBPS, UP_KBPS, CPU_SLOWDOWN = 400, 400, 400, 4
BUDGET_BYTES, BUDGET_MAP_BYTES, BUDGET_PAINT_MS = 60_000, 250_000, 1_500
PAINT = """() => {
    const paint = performance.getEntriesByName('first-contentful-paint')[0];
    const page = performance.getEntriesByType('navigation')[0];
    return paint ? paint.startTime - page.responseStart : null;
}"""


def measure(data: Path, options: argparse.Namespace) -> Figures:
    """Bytes and milliseconds of each kind of page, of the first beat among them; needs playwright and Chromium."""
    from playwright.sync_api import sync_playwright

    figures: Figures = {
        **machine("playwright"),
        "line_latency_ms": LATENCY_MS,
        "line_down_kbps": DOWN_KBPS,
        "cpu_slowdown": CPU_SLOWDOWN,
        "runs": options.runs,
        "budget_bytes": BUDGET_BYTES,
        "budget_map_bytes": BUDGET_MAP_BYTES,
        "budget_first_paint_ms": BUDGET_PAINT_MS,
    }
    with serving(data, "/readyz") as (_, port, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        site = f"http://{HOST}:{port}"
        figures["chromium"] = browser.version
        for name, path in _paths(browser, site).items():
            figures[name] = _page(browser, site + path, options.runs)
        browser.close()
    return figures


def _paths(browser: Any, site: str) -> dict[str, str]:
    """The kinds of pages by name; the first beat of the list of places stands for all."""
    page = browser.new_page()
    page.goto(site + "/places")
    beat = page.locator("main a[href^='/beat/']").first.get_attribute("href")
    page.close()
    return {
        "home": "/",
        "home_polish": "/pl/",
        "beat": str(beat),
        "places": "/places",
        "about": "/about",
        "map": "/map",
        "embed": "/embed",
    }


def _page(browser: Any, url: str, runs: int) -> Figures:
    bytes_sent, requests = _weight(browser, url)
    taken = [_first_paint_ms(browser, url) for _ in range(runs)]
    return {
        "bytes": bytes_sent,
        "requests": requests,
        "first_paint_ms": round(statistics.median(taken)),
        "first_paint_worst_ms": round(max(taken)),
    }


def _weight(browser: Any, url: str) -> tuple[int, int]:
    """Bytes and requests of one visit, until nothing more is asked for; the map below the fold is not scrolled to."""
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[int] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    page.goto(url, wait_until="networkidle")
    context.close()
    return sum(sizes), len(sizes)


def _first_paint_ms(browser: Any, url: str) -> float:
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    line = {"offline": False, "latency": LATENCY_MS, "connectionType": "cellular3g"}
    rates = {"downloadThroughput": DOWN_KBPS * 125, "uploadThroughput": UP_KBPS * 125}
    session.send("Network.emulateNetworkConditions", line | rates)
    session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
    page.goto(url, wait_until="load", timeout=120_000)
    page.wait_for_function(f"({PAINT})() !== null")
    taken: float = page.evaluate(PAINT)
    context.close()
    return taken
