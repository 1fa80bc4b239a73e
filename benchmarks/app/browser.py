"""What the person in front of the screen waits for, in real Chromium.

A new browser to the first complete Overview; a filter from the key press to the changed sentence
on the screen; a page change.
"""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, sync_playwright

from benchmarks.app.server import Server

__all__ = ["Screen", "look"]

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Screen:
    """Seconds that a reader waited."""

    first: float  # the first complete Overview of a fresh server and a fresh browser
    again: float  # the same for further browsers, median
    filters: list[float]
    pages: list[float]


def look(server: Server, repeats: int) -> Screen:
    """Drive Chromium over the pages of a server that has just started."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        first = _overview(browser.new_page, server.url)
        again = statistics.median(_overview(browser.new_page, server.url) for _ in range(3))
        page = browser.new_page(viewport={"width": 1440, "height": 1200})
        filters = _filter_changes(page, server.url, repeats)
        pages = _page_changes(page, server.url, repeats // 2)
        browser.close()
    return Screen(first, again, filters, pages)


def _overview(new_page: Callable[..., Page], url: str) -> float:
    """Seconds until the last line of the Overview stands on the screen."""
    page = new_page()
    start = time.perf_counter()
    page.goto(url)
    page.get_by_role("link", name="Other conditions, Maintenance").wait_for()
    page.get_by_text("Sources, licences and methods").wait_for()
    seconds = time.perf_counter() - start
    page.close()
    return seconds


def _filter_changes(page: Page, url: str, repeats: int) -> list[float]:
    """Seconds from a key press on a comparison to its sentence, to and fro."""
    page.goto(f"{url}/condition?condition=depression")
    title = page.locator("h1")
    title.wait_for()
    times = []
    for number in range(repeats):
        label, words = (("Medication", "medication"), ("Control", "a control"))[number % 2]
        button = page.get_by_role("button", name=label, exact=True)
        if button.count() == 0:
            button = page.get_by_role("radio", name=label, exact=True)
        button.focus()
        page.wait_for_timeout(400)  # a reader's pause: the page is at rest when the key goes down
        times.append(_until_title(page, words, lambda: page.keyboard.press("Enter")))
    return times


def _page_changes(page: Page, url: str, repeats: int) -> list[float]:
    times = []
    for number in range(repeats):
        name, words = (("Studies", "Studies"), ("Condition", "does IPT"))[number % 2]
        link = page.get_by_test_id("stSidebarNav").get_by_role("link", name=name)
        page.wait_for_timeout(400)
        times.append(_until_title(page, words, link.click))
    return times


def _until_title(page: Page, words: str, act: Callable[[], object]) -> float:
    """Seconds from ``act`` until the browser itself sees ``words`` in the page's title."""
    page.evaluate(
        """words => { window.__seen = new Promise(done => {
             const look = () => [...document.querySelectorAll("h1")].some(
               h => h.innerText.includes(words)) ? done(performance.now()) : null;
             new MutationObserver(look).observe(
               document.body, {subtree: true, childList: true, characterData: true});
             window.addEventListener("keydown", () => window.__start ??= performance.now(), true);
             window.addEventListener("click", () => window.__start ??= performance.now(), true);
             window.__start = undefined;
           }); }""",
        words,
    )
    act()
    milliseconds = page.evaluate("() => window.__seen.then(end => end - window.__start)")
    return float(milliseconds) / 1000
