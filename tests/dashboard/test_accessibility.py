"""Axe finds nothing serious on any page, and nothing needs a mouse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files

import pytest
from browsing import turn_to
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = pytest.mark.browser

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
PAGES = (
    "/",
    "/condition?condition=postpartum",
    "/condition?condition=depression&comparison=maintenance",
    "/condition?condition=depression&group=rob&columns=arms&columns=domains&excluded=lenze2017",
    "/condition?condition=depression&section=differences",
    "/condition?condition=depression&section=small-studies&layers=filled",
    "/condition?condition=depression&section=human",
    "/studies",
    "/coverage",
    "/robustness",
    "/robustness?condition=major_depression&panel=gosh&colour=elkin1989",
    "/robustness?condition=anxiety&panel=influence",
    "/claims",
    "/candidates",
    "/learn",
    "/learn?topic=forest",
    "/learn?topic=glossary",
    "/import",
    "/your-data",
    "/methods",
)
# What is folded away counts as well.
UNFOLD = """() => {
  for (const fold of document.querySelectorAll('details:not([open]) > summary')) fold.click();
  for (const fold of document.querySelectorAll('.ipt-tool[aria-expanded="false"]')) fold.click();
}"""
# Half-faded text would be judged as faint.
STILL = """() => document.querySelector('[data-testid="stApp"]').dataset.testScriptState ===
  'notRunning' && document.getAnimations().every((one) => one.playState === 'finished' ||
  one.effect.getComputedTiming().iterations === Infinity)"""


@pytest.fixture(scope="module", params=["light", "dark"])
def sheet(reader: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A tab in one theme, tall enough that nothing has to be scrolled to: axe judges what it sees.

    It stays open from page to page, on which no script may fail.
    """
    errors: list[str] = []
    with reader.new_page() as tab:
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.set_viewport_size({"width": 1440, "height": 9000})
        tab.emulate_media(color_scheme=request.param, reduced_motion="reduce")
        yield tab
    assert errors == []


@pytest.mark.parametrize("address", PAGES)
def test_axe_finds_nothing_serious(sheet: Page, address: str) -> None:
    turn_to(sheet, address)
    sheet.wait_for_function("() => window.iptPage")
    sheet.evaluate(UNFOLD)
    sheet.wait_for_function(STILL)
    expect(sheet.locator('[data-testid="stException"]')).to_have_count(0)
    expect(sheet.locator('[data-testid="stAlertContentError"]')).to_have_count(0)
    if sheet.evaluate("!window.axe"):
        sheet.evaluate(AXE)
    found = sheet.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
    grave = [
        (fault["id"], fault["help"], [node["html"][:200] for node in fault["nodes"]])
        for fault in found
        if fault["impact"] in {"serious", "critical"}
    ]
    assert grave == []


def test_words_are_explained_by_mouse_and_by_keyboard(kept_page: Page) -> None:
    turn_to(kept_page, "/condition?condition=postpartum")
    card = kept_page.locator(".ipt-card")
    word = kept_page.get_by_role("button", name="Prediction interval", exact=True)
    word.focus()
    kept_page.keyboard.press("Enter")
    expect(card).to_be_visible()
    expect(card).to_contain_text("new")
    kept_page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(word).to_be_focused()
    spot = kept_page.evaluate(
        """() => {
          const range = [...CSS.highlights.get("ipt-term")].find((r) => /I²/.test(r.toString()));
          range.startContainer.parentElement.scrollIntoView({ block: "center" });
          const box = range.getBoundingClientRect();
          return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
        }"""
    )
    kept_page.mouse.click(spot["x"], spot["y"])
    expect(card).to_be_visible()
    expect(card.locator(".ipt-name")).to_have_text("I²")
    expect(card.get_by_role("link", name="Look it up in the glossary")).to_have_attribute(
        "href", re.compile(r"topic=glossary&q=I")
    )


def test_words_of_the_page_follow_the_page(kept_page: Page) -> None:
    turn_to(kept_page, "/learn?topic=small-studies")
    expect(kept_page.get_by_role("button", name="Funnel plot", exact=True)).to_be_visible()
    kept_page.get_by_role("link", name="Methods & data").first.click()
    expect(kept_page.locator("h1")).to_have_text("Methods & data")
    expect(kept_page.locator(".ipt-words button").first).to_be_visible()
    expect(kept_page.get_by_role("button", name="Funnel plot", exact=True)).to_have_count(0)


def test_a_table_is_sorted_by_its_heading_from_the_keyboard(kept_page: Page) -> None:
    turn_to(kept_page, "/coverage")
    fold = kept_page.get_by_role("button", name="In words and as a table").first
    fold.focus()
    kept_page.keyboard.press("Enter")
    expect(fold).to_have_attribute("aria-expanded", "true")
    table = kept_page.get_by_role("table").first
    heading = table.get_by_role("button", name="Studies", exact=True)
    heading.focus()
    kept_page.keyboard.press("Enter")
    kept_page.keyboard.press("Enter")
    column = table.get_by_role("columnheader", name="Studies", exact=True)
    expect(column).to_have_attribute("aria-sort", "descending")
    numbers = [int(cell) for cell in table.locator("tbody tr > :nth-child(2)").all_inner_texts()]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) > 3
