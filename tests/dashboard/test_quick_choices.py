"""Choices that follow each other faster than the server answers: none is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from browsing import PATIENCE, open_page, served, settled
from playwright.sync_api import Browser, BrowserContext, Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def quiet_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that no other file has used: what it still did would be in the race."""
    with served(tmp_path_factory.mktemp("quiet")) as address:
        yield address


@pytest.fixture(scope="module")
def quiet_reader(browser: Browser, quiet_server: str) -> Iterator[BrowserContext]:
    """It keeps the scripts that it has fetched and compiled, from one test's tab to the next."""
    size = {"width": 1440, "height": 2400}
    with browser.new_context(base_url=quiet_server, viewport=size) as context:
        context.set_default_timeout(PATIENCE)
        yield context


@pytest.fixture
def page(quiet_reader: BrowserContext) -> Iterator[Page]:
    with quiet_reader.new_page() as tab:
        yield tab


def test_two_choices_in_a_row_both_count_and_back_undoes_one(page: Page) -> None:
    open_page(page, "/condition?condition=depression")
    # Both clicks are sent before the server can answer the first one.
    page.evaluate(
        """() => {
          const press = (label) => [...document.querySelectorAll('button')]
            .find((button) => button.innerText.trim() === label).click();
          press('Medication');
          press('By name');
        }"""
    )
    expect(page.locator("h1")).to_contain_text("medication")
    expect(page).to_have_url(re.compile("comparison=pharmacotherapy"))
    expect(page).to_have_url(re.compile("order="))
    page.get_by_role("radio", name="Control", exact=True).or_(
        page.get_by_role("button", name="Control", exact=True)
    ).click()
    expect(page.locator("h1")).to_contain_text("control")
    page.go_back()
    expect(page.locator("h1")).to_contain_text("medication")


def test_a_choice_stays_when_its_popover_is_closed_at_once(page: Page) -> None:
    open_page(page, "/condition?condition=depression")
    basis = page.get_by_text("k = 34")
    expect(basis).to_be_visible()
    page.get_by_role("button", name="Which trials").click()
    page.get_by_role("combobox", name=re.compile("Format")).click()
    page.get_by_role("option", name=re.compile(r"^Group \(\d+\)$")).click()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile("format=group"))
    expect(basis).to_have_count(0)
    settled(page)
    expect(page).to_have_url(re.compile("format=group"))
    expect(basis).to_have_count(0)
