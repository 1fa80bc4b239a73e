"""One figure alone in a frame: what is shown, what is not, and the snippet that leads there."""

from __future__ import annotations

import re

import pytest
from browsing import open_page
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
VIEW = "/condition?condition=postpartum&comparison=control&order=effect"


def test_a_figure_stands_alone_with_its_source(page: Page) -> None:
    open_page(page, VIEW)
    page.get_by_role("button", name="Embed").first.click()
    snippet = page.locator(".ipt-panel .ipt-text").inner_text()
    found = re.fullmatch(
        r'<iframe src="([^"]+)" title="Forest plot of 10 trials" .*></iframe>', snippet
    )
    assert found is not None
    address = found[1].replace("&amp;", "&")
    assert {"embed=true", "only=forest", "order=effect"} <= set(
        address.partition("?")[2].split("&")
    )
    answer = page.goto(address)
    assert answer is not None and "frame-ancestors *" in answer.headers["content-security-policy"]
    expect(page.locator(".st-key-figure-forest .js-plotly-plot")).to_be_visible()
    source = page.get_by_text(re.compile("Source: The IPT evidence explorer, data version"))
    expect(source).to_be_visible()
    whole = source.get_by_role("link", name="Open this view").get_attribute("href") or ""
    assert "order=effect" in whole and "only" not in whole and "embed" not in whole
    expect(page.locator("h1")).to_be_hidden()
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    page.goto(address.replace("only=forest", "only=nothing"))
    expect(page.get_by_text("This view has no such figure")).to_be_visible()
    expect(page.locator(".js-plotly-plot").first).to_be_hidden()
