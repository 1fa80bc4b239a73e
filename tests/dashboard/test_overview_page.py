"""The Overview: the map's columns, keys and cells; dots and cards lead on."""

from __future__ import annotations

import re

import pytest
import streamlit as st
from browsing import sideways, turn_to
from playwright.sync_api import Page, expect
from streamlit.testing.v1 import AppTest

from ipt_evidence import EvidenceBase, Question, estimate
from ipt_evidence.analyses.gap_map.result import DIMENSIONS
from ipt_evidence.analyses.overview import panel as words
from ipt_evidence.wording import tables

PATIENCE = 60


def run(**query: str) -> AppTest:
    script = "from ipt_evidence.dashboard.views import overview\noverview.render()\n"
    app = AppTest.from_string(script, default_timeout=PATIENCE)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def shown(app: AppTest) -> str:
    kinds = (app.title, app.header, app.subheader, app.markdown, app.caption)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


@pytest.fixture(autouse=True)
def fresh_caches() -> None:
    st.cache_resource.clear()


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_the_map_runs_with_each_kind_of_columns(dimension: str) -> None:
    app = run(map=dimension)
    assert not app.exception
    assert words.DIMENSION_EXPLAINED[dimension] in shown(app)


def test_other_columns_are_for_one_comparison() -> None:
    assert not run().selectbox
    app = run(map="format", compared="other_psychotherapy")
    assert app.selectbox(key="compared").value == "other_psychotherapy"
    assert not run(map="colour", compared="magic").exception


# ------------------------------------------------------------------------- in Chromium


@pytest.mark.browser
def test_the_columns_of_the_map_are_switched_and_cells_lead_on(
    kept_page: Page, base: EvidenceBase
) -> None:
    turn_to(kept_page, "/")
    kept_page.get_by_role("radio", name="Format").click()
    answer = estimate(base, Question("depression", "control", formats=("group",)))
    cell = kept_page.get_by_role("link", name=re.compile("^Depression, Group"))
    expect(cell).to_contain_text(f"g {tables.effect(answer.pooled.estimate)}")
    expect(cell).to_contain_text(f"{answer.k} trials")
    expect(cell).to_contain_text("⊕")
    expect(kept_page).to_have_url(re.compile("map=format"))
    cell.click()
    expect(kept_page).to_have_url(re.compile("/condition.*format=group"))
    expect(kept_page.locator(".st-key-answer")).to_contain_text(
        tables.effect(answer.pooled.estimate)
    )
    kept_page.go_back()
    expect(kept_page.get_by_role("link", name=re.compile("^Depression, Group"))).to_be_visible()


@pytest.mark.browser
def test_trials_without_a_number_are_listed(kept_page: Page) -> None:
    turn_to(kept_page, "/?map=when")
    kept_page.get_by_role("link", name=re.compile("^Anxiety disorders, Up to 6 months")).click()
    expect(kept_page.locator("h1")).to_have_text("Studies")
    expect(kept_page).to_have_url(re.compile("in=anxiety.*when=to_6_months"))
    expect(kept_page.locator(".st-key-table-studies tbody tr")).not_to_have_count(0)


@pytest.mark.browser
def test_arrows_go_from_cell_to_cell(kept_page: Page) -> None:
    turn_to(kept_page, "/")
    kept_page.get_by_role("link", name=re.compile("^Depression, Control")).focus()
    kept_page.keyboard.press("ArrowDown")
    expect(
        kept_page.get_by_role("link", name=re.compile("^Anxiety disorders, Control"))
    ).to_be_focused()
    kept_page.keyboard.press("ArrowRight")
    kept_page.keyboard.press("ArrowUp")
    expect(
        kept_page.get_by_role("link", name=re.compile("^Depression, Other psych"))
    ).to_be_focused()
    kept_page.keyboard.press("ArrowUp")
    expect(
        kept_page.get_by_role("link", name=re.compile("^Depression, Other psych"))
    ).to_be_focused()


def click_dot(page: Page, key: str, trace: int) -> None:
    plot = page.locator(f".st-key-figure-{key} .js-plotly-plot")
    dot = plot.locator(".scatterlayer .trace .points path").nth(trace)
    dot.wait_for()
    dot.scroll_into_view_if_needed()
    box = dot.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


@pytest.mark.browser
def test_a_dot_of_a_year_opens_its_study(kept_page: Page) -> None:
    turn_to(kept_page, "/")
    click_dot(kept_page, "dots", 0)
    expect(kept_page.locator("h1").first).to_have_text("Studies")
    expect(kept_page.get_by_role("dialog").get_by_role("heading").first).to_be_visible()
    kept_page.go_back()
    expect(kept_page.locator("h1")).to_contain_text("What does the evidence")


@pytest.mark.browser
def test_a_dot_of_a_panel_opens_its_trial(kept_page: Page) -> None:
    turn_to(kept_page, "/")
    click_dot(kept_page, "panels", 0)
    expect(kept_page).to_have_url(re.compile("/condition.*study="))
    expect(kept_page.get_by_role("dialog").get_by_role("heading").first).to_be_visible()


@pytest.mark.browser
def test_a_card_leads_to_its_condition(kept_page: Page) -> None:
    turn_to(kept_page, "/")
    kept_page.get_by_role("link", name="Open Chronic illness").focus()
    kept_page.keyboard.press("Enter")
    expect(kept_page.locator("h1")).to_contain_text("Chronic illness")


@pytest.mark.browser
@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_a_phone_shows_each_map_without_scrolling_sideways(
    kept_phone: Page, dimension: str
) -> None:
    turn_to(kept_phone, f"/?map={dimension}")
    expect(kept_phone.get_by_role("link", name=re.compile("^Depression, ")).first).to_be_visible()
    assert sideways(kept_phone) <= 0
