"""Axe finds nothing serious on any page, and nothing needs a mouse."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any

import pytest
from browsing import HEADINGS, open_page, settled, sideways, turn_to
from playwright.sync_api import BrowserContext, Page, expect

from ipt_evidence.analyses.registry import ANALYSES

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
# The analyses that none of these shows: in one theme, for their colours are those of the others.
FURTHER = (
    "/condition?condition=depression&section=certainty",
    "/condition?condition=depression&section=robustness&analyses=1",
    "/condition?condition=depression&section=over-time",
    "/condition?condition=depression&section=published",
    "/condition?condition=depression&section=therapies",
    "/condition?condition=postpartum&figure=drapery&study=grote2009",
    "/robustness?condition=anxiety&panel=multiverse",
    "/robustness?condition=anxiety&panel=cumulative",
)
# What is calculated while the page stands already.
LATE = {
    "section=differences": "groups",
    "panel=gosh": "gosh",
    "panel=multiverse": "specification-curve",
}
# All rules in one theme; in the other those of colours, since nothing else differs.
RULES = {
    True: "axe.run(document, { resultTypes: ['violations'] })",
    False: """axe.run(document, { resultTypes: ['violations'],
      runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } })""",
}
IS_DARK = "() => matchMedia('(prefers-color-scheme: dark)').matches"
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


@pytest.fixture(scope="module")
def seen() -> set[str]:
    """What stood on the pages that axe looked at, by the names of figures and tables."""
    return set()


SHOWN = """() => [...document.querySelectorAll('[class*="st-key-"]')].flatMap((one) =>
  [...one.classList].filter((name) => /^st-key-(figure|table)-/.test(name)))"""


@pytest.mark.parametrize("address", PAGES)
def test_axe_finds_nothing_serious(sheet: Page, address: str, seen: set[str]) -> None:
    assert _grave(sheet, address, seen) == []


@pytest.mark.parametrize("sheet", ["dark"], indirect=True)
@pytest.mark.parametrize("address", FURTHER)
def test_axe_finds_nothing_serious_in_the_other_parts(
    sheet: Page, address: str, seen: set[str]
) -> None:
    assert _grave(sheet, address, seen) == []


def _grave(sheet: Page, address: str, seen: set[str]) -> list[tuple[str, str, list[str]]]:
    """What axe finds serious on a page with everything unfolded; what stood there is noted."""
    turn_to(sheet, address)
    sheet.wait_for_function("() => window.iptPage")
    for part, figure in LATE.items():
        if part in address:
            expect(sheet.locator(f".st-key-figure-{figure}")).to_be_visible()
    sheet.evaluate(UNFOLD)
    sheet.wait_for_function(STILL)
    expect(sheet.locator('[data-testid="stException"]')).to_have_count(0)
    expect(sheet.locator('[data-testid="stAlertContentError"]')).to_have_count(0)
    if sheet.evaluate("!window.axe"):
        sheet.evaluate(AXE)
    found = sheet.evaluate(RULES[sheet.evaluate(IS_DARK)])["violations"]
    seen |= {name.split("-", 3)[3] for name in sheet.evaluate(SHOWN)}
    return [
        (fault["id"], fault["help"], [node["html"][:200] for node in fault["nodes"]])
        for fault in found
        if fault["impact"] in {"serious", "critical"}
    ]


def test_axe_has_looked_at_every_analysis(seen: set[str]) -> None:
    left = [one for one in ANALYSES if not any(f"{name}-".startswith(f"{one}-") for name in seen)]
    assert seen, "this judges the tests before it: run the file as a whole"
    assert left == []


# Clipped, or beyond the edge of the screen with nothing that scrolls; the first link is hidden
# until it has the focus.
CUT = """() => {
  const wide = document.documentElement.clientWidth;
  const cut = (one) => {
    const box = one.getBoundingClientRect(), style = getComputedStyle(one);
    if (!box.width || !one.checkVisibility()) return false;
    const hides = ['hidden', 'clip'].includes(style.overflowX);
    if (hides && one.scrollWidth > one.clientWidth + 1 && one.clientWidth) return true;
    if (box.right <= wide + 1 && box.left >= -1) return false;
    for (let above = one.parentElement; above; above = above.parentElement)
      if (['auto', 'scroll'].includes(getComputedStyle(above).overflowX)) return false;
    return true;
  };
  return [...document.querySelectorAll('h1, h2, h3, p, button, a, label, td, th, summary, input')]
    .filter((one) => cut(one) && one.innerText !== 'Skip to main content')
    .map((one) => one.outerHTML.slice(0, 200));
}"""
MOVING = """() => document.getAnimations().filter((one) => one.playState === 'running')
  .map((one) => one.animationName || one.transitionProperty)"""
INK = """() => [...document.querySelectorAll('h1, p, a, button')].filter((one) =>
  one.checkVisibility() && one.innerText.trim()).map((one) => getComputedStyle(one).color)"""
SYSTEM_INK = ("rgb(0, 0, 0)", "rgb(0, 0, 159)")  # CanvasText and LinkText of Chromium on white


def test_enlarged_to_200_percent_in_the_colours_of_the_system_without_motion(
    open_tab: Callable[[int, int], Page],
) -> None:
    """1280 pixels at 200 % are 640; no page is cut, moves by itself or keeps pale ink."""
    page = open_tab(640, 800)
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    for address in HEADINGS:
        turn_to(page, address)
        expect(page.locator("h1")).to_have_text(HEADINGS[address])
        page.wait_for_function("() => window.iptPage")
        page.wait_for_function(STILL)
        assert sideways(page) <= 0, address
        assert page.evaluate(CUT) == [], address
        assert page.evaluate(MOVING) == [], address
        assert set(page.evaluate(INK)) <= set(SYSTEM_INK), address
        if address == "/":  # where cells have no colour, their words tell them apart
            words = page.get_by_role("link", name=re.compile("^Depression, ")).all_inner_texts()
            assert len(set(words)) == len(words) > 4


FOCUS = """() => {
  let one = document.activeElement;
  while (one.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
  const box = one.getBoundingClientRect(), style = getComputedStyle(one);
  const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
  // A box around a field changes its border with the focus inside it.
  const framed = one.matches('input') || style.boxShadow !== 'none';
  return {
    name: one.ariaLabel || one.innerText || one.tagName, role: one.role || one.tagName,
    marked: outlined || framed || one.matches('[data-testid="stMain"]'),
    seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
  };
}"""


def test_the_map_and_a_condition_are_reached_and_used_by_the_keyboard(page: Page) -> None:
    """In the order of the page, each stop visible; the Condition page to its end and out of it."""
    page.set_viewport_size({"width": 1440, "height": 900})
    open_page(page, "/")
    page.wait_for_function("() => window.iptPage")
    stops = _tabbed(page, until=r"^Depression, Control")
    names = [stop["name"] for stop in stops]
    order = ["Overview", "Methods & data", "Start here", "Which trials", "Depression, Control"]
    places = [next(i for i, name in enumerate(names) if word in name) for word in order]
    assert places == sorted(places)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(HEADINGS["/condition"])
    settled(page)
    box = page.get_by_role("combobox", name="Condition", exact=True)
    box.focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("listbox")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    expect(box).to_be_focused()
    _tabbed(page, until=r"^Which trials|filter_alt")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Leave out trials with a warning")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Leave out trials with a warning")).to_have_count(0)
    _tabbed(page, until=r"References \(BibTeX\)")
    with page.expect_download() as taken:
        page.keyboard.press("Enter")
    assert taken.value.suggested_filename.endswith(".bib")
    _tabbed(page, until="^BODY$|^Skip to main content")


def _tabbed(page: Page, *, until: str) -> list[dict[str, Any]]:
    """The stops of the Tab key up to one of this name; each is in sight and marked."""
    stops: list[dict[str, Any]] = []
    while not stops or not re.search(until, stops[-1]["name"]):
        assert len(stops) < 150, f"no stop is called {until}"
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        assert stop["role"] == "BODY" or (stop["marked"] and stop["seen"]), stop
        stops.append(stop)
    return stops


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
