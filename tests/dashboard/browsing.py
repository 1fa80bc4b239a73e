"""How the tests open a page of the app, and what they measure on it."""

from __future__ import annotations

from playwright.sync_api import Page

# One question to the browser instead of three: it answers in the frame in which all is true.
SETTLED = """() => document.querySelectorAll('h1').length === 1 &&
  document.querySelector('h1').checkVisibility() &&
  document.querySelector('[data-testid="stApp"]').dataset.testScriptState === 'notRunning' &&
  !document.querySelector('[data-testid="stSkeleton"]')"""


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    settled(page)


def settled(page: Page) -> None:
    """Streamlit has finished its run and nothing is half drawn."""
    page.wait_for_function(SETTLED)


def sideways(page: Page) -> int:
    """How many pixels of the page are to the right of the screen."""
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return int(page.evaluate(width))
