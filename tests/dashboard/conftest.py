"""A running app and a browser, started once for all tests of the dashboard."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import BrowserContext, Page, expect
from streamlit.testing.v1 import AppTest

sys.path.insert(0, str(Path(__file__).parent))

from browsing import PATIENCE, served

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture(scope="session")
def reader(
    chromium: Any, server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """A reader's browser: like anybody's it keeps the scripts that it has fetched and compiled.

    A browser that knows nothing spends half of a page's time on fetching and compiling them.
    """
    profile = tmp_path_factory.mktemp("profile")
    size = {"width": 1440, "height": 2400}
    with chromium.with_profile(profile, base_url=server, viewport=size) as context:
        context.set_default_timeout(PATIENCE)
        yield context


@pytest.fixture(scope="session")
def spare_tabs() -> list[Page]:
    """Tabs that no test uses now. A tab of its own costs a test as much as the page it opens."""
    return []


@pytest.fixture
def open_tab(
    reader: BrowserContext, spare_tabs: list[Page]
) -> Iterator[Callable[[int, int], Page]]:
    """Open tabs of a width and a height; after the test nothing of them is remembered."""
    lent: list[Page] = []

    def open_one(width: int, height: int) -> Page:
        tab = spare_tabs.pop() if spare_tabs else reader.new_page()
        tab.set_viewport_size({"width": width, "height": height})
        lent.append(tab)
        return tab

    yield open_one
    reader.clear_cookies()
    for tab in lent:
        if tab.url.startswith("http"):
            tab.evaluate("localStorage.clear(); sessionStorage.clear()")
        tab.goto("about:blank")
        tab.emulate_media(media="null", color_scheme="null", reduced_motion="null")
        spare_tabs.append(tab)


@pytest.fixture(scope="session")
def kept_page(reader: BrowserContext) -> Iterator[Page]:
    """A tab that stays open from test to test, for those that only look; see `turn_to`."""
    with reader.new_page() as tab:
        yield tab


@pytest.fixture(scope="session")
def kept_phone(reader: BrowserContext) -> Iterator[Page]:
    """A phone that stays on from test to test."""
    with reader.new_page() as tab:
        tab.set_viewport_size({"width": 390, "height": 844})
        yield tab


@pytest.fixture
def page(open_tab: Callable[[int, int], Page]) -> Page:
    return open_tab(1440, 2400)


@pytest.fixture
def phone(open_tab: Callable[[int, int], Page]) -> Page:
    return open_tab(390, 844)


@pytest.fixture
def tables_of() -> Callable[[AppTest], dict[str, pd.DataFrame]]:
    """What `show_figure` and `show_table` hand to the browser, by their key."""

    def read(app: AppTest) -> dict[str, pd.DataFrame]:
        protos = [element.proto for element in app.get("bidi_component")]
        sent = [json.loads(p.bytes) for p in protos if p.component_name == "ipt_tables"]
        return {
            one["key"]: pd.DataFrame(
                one["rows"], columns=[column["label"] for column in one["columns"]]
            )
            for one in sent
            if "rows" in one
        }

    return read
