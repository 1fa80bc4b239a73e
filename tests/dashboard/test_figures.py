"""Figures as files, on paper, and beside changing filters, in real Chromium."""

from __future__ import annotations

import csv
import io
import re
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import open_page, turn_to
from lxml import etree
from playwright.sync_api import BrowserContext, Download, Page, expect

from ipt_evidence import EvidenceBase, Question, estimate
from ipt_evidence.analyses.coverage.result import profile

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def laptop(reader: BrowserContext) -> Iterator[Page]:
    """A tab with a laptop's screen, which stays open."""
    with reader.new_page() as tab:
        tab.set_viewport_size({"width": 1440, "height": 900})
        yield tab


SVG = "{http://www.w3.org/2000/svg}"


def saved(download: Download) -> bytes:
    return Path(download.path()).read_bytes()


def save(page: Page, form: str) -> Download:
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Save this figure as {form}").first.click()
    return download.value


def test_a_figure_is_saved_as_svg_with_its_labels_words_and_typeface(
    kept_page: Page, base: EvidenceBase
) -> None:
    turn_to(kept_page, "/condition?condition=postpartum")
    download = save(kept_page, "SVG")
    assert re.fullmatch(r"[a-z0-9-]+\.svg", download.suggested_filename)
    root = etree.fromstring(saved(download))
    texts = [" ".join(element.itertext()) for element in root.iter(f"{SVG}text")]
    trials = estimate(base, Question("postpartum", "control")).trials
    for label in trials["label"]:
        assert any(label in text for text in texts), label
    assert any(text.startswith("IPT evidence explorer, data version") for text in texts)
    assert "95%" in root.findtext(f"{SVG}desc")
    assert "font/woff2;base64" in root.findtext(f"{SVG}style")
    assert root.find(f"{SVG}rect").get("fill") == "rgb(251, 248, 243)"
    hrefs = [value for element in root.iter() for name, value in element.items() if "href" in name]
    assert [href for href in hrefs if not href.startswith("#")] == []


def test_a_figure_is_saved_as_png_three_times_its_size(kept_page: Page) -> None:
    turn_to(kept_page, "/coverage")
    drawing = kept_page.locator(".js-plotly-plot .main-svg").first.bounding_box()
    content = saved(save(kept_page, "PNG"))
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", content[16:24])
    assert width == 3 * round(drawing["width"])
    assert height > 3 * drawing["height"]  # the line that names the source
    assert len(content) > 20_000  # not an empty sheet


def test_the_numbers_of_a_figure_are_saved_as_csv(kept_page: Page, base: EvidenceBase) -> None:
    turn_to(kept_page, "/coverage?by=where&where=country")
    with kept_page.expect_download() as download:
        kept_page.get_by_role("button", name="Save the numbers of this figure as CSV").first.click()
    rows = list(csv.reader(io.StringIO(saved(download.value).decode("utf-8"))))
    assert rows[0][1] == "Studies"
    assert len(rows) == 1 + len(profile(base, "country"))


# Sums the movements that nobody asked for, as the web vital "cumulative layout shift" does.
WATCH = """() => {
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
  }).observe({ type: "layout-shift" });
}"""


@pytest.mark.parametrize(
    ("address", "choice", "then"),
    [
        ("/condition?condition=depression", "Largest effect first", "order=effect"),
        ("/coverage", "People", "count=people"),
        ("/learn?topic=heterogeneity", "Anxiety disorders", "example=anxiety"),
    ],
)
def test_nothing_jumps_when_a_filter_changes(
    laptop: Page, address: str, choice: str, then: str
) -> None:
    turn_to(laptop, address)
    expect(laptop.locator(".ipt-words button").first).to_be_visible()
    laptop.evaluate(WATCH)
    laptop.get_by_role("radio", name=choice, exact=True).click()
    expect(laptop).to_have_url(re.compile(then))
    expect(laptop.locator('[data-testid="stApp"]')).to_have_attribute(
        "data-test-script-state", "notRunning"
    )
    laptop.evaluate("new Promise((done) => requestIdleCallback(done, { timeout: 1500 }))")
    assert laptop.evaluate("window.shifted") < 0.1


def test_a_condition_prints_without_controls_and_says_where_it_comes_from(page: Page) -> None:
    open_page(page, "/condition?condition=postpartum")
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    drawn = page.locator(".js-plotly-plot .main-svg").first.bounding_box()
    assert drawn["width"] <= 690  # the width of A4 between its margins, in CSS pixels
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for hidden in (
        '[data-testid="stSidebar"]',
        '[data-testid="stSelectbox"]',
        ".ipt-tools",
        ".st-key-downloads",
    ):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.get_by_role("heading", name="Download and cite")).to_have_count(0)
    expect(page.get_by_role("heading", name="Not in this estimate")).to_be_visible()
    expect(page.get_by_text(re.compile("certainty ⊕")).first).to_be_visible()
    source = page.locator(".ipt-print")
    expect(source).to_contain_text("condition=postpartum")
    expect(source).to_contain_text(re.compile(r"data version .*\d{4}-\d{2}-\d{2}"))


@pytest.mark.parametrize(
    ("width", "columns"), [(390, False), (768, False), (1440, True), (2560, True)]
)
def test_figures_fit_the_room_that_a_screen_leaves_them(
    page: Page, width: int, columns: bool
) -> None:
    page.set_viewport_size({"width": width, "height": 1000})
    open_page(page, "/condition?condition=postpartum")
    plot = page.locator(".js-plotly-plot").first
    heading = plot.get_by_text("Compared with", exact=True)
    expect(heading).to_have_count(1 if columns else 0)
    expect(plot.get_by_text("Hankin 2023").first).to_be_visible()
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) <= 0
