"""The Condition page in every section and state, without a browser and in Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import streamlit as st
from browsing import settled, sideways, turn_to
from playwright.sync_api import Locator, Page, expect
from streamlit.testing.v1 import AppTest

from ipt_evidence import EvidenceBase, Question, estimate
from ipt_evidence.analyses.differences.grouping import GROUPINGS
from ipt_evidence.wording import tables

PATIENCE = 30
SCRIPT = "from ipt_evidence.dashboard.views import condition\ncondition.render()\n"
SECTIONS = (
    *("trials", "certainty", "robustness", "differences"),
    *("small-studies", "over-time", "published", "human"),
)
STATES = {
    0: {"condition": "depression", "comparison": "maintenance"},
    1: {"condition": "borderline", "comparison": "control"},
    2: {"condition": "depression", "comparison": "pharmacotherapy"},
    3: {"condition": "social_anxiety", "comparison": "other_psychotherapy"},
    34: {"condition": "depression", "comparison": "control"},
}


def run(**query: str) -> AppTest:
    app = AppTest.from_string(SCRIPT, default_timeout=PATIENCE)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def shown(app: AppTest) -> str:
    kinds = (app.title, app.header, app.subheader, app.markdown, app.caption, app.error)
    said = "\n".join(str(element.value) for kind in kinds for element in kind)
    return said.replace("\\", "").replace("\u00a0", " ").replace("\u2060", "")


@pytest.fixture(scope="module", autouse=True)
def fresh_caches() -> Iterator[None]:
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("k", STATES)
def test_every_section_stands_with_any_number_of_trials(section: str, k: int) -> None:
    app = run(section=section, **STATES[k])
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("by", GROUPINGS)
def test_every_grouping_stands(by: str) -> None:
    for k in (1, 3, 34):
        app = run(group=by, **STATES[k])
        assert not app.exception
        assert "Do the groups differ?" in shown(app)


def test_an_empty_question_leads_to_what_there_is() -> None:
    app = run(condition="eating_disorders", comparison="pharmacotherapy")
    assert not app.exception
    said = shown(app)
    assert "No trial of this kind is in the base." in said
    assert "there are trials of IPT against something else" in said
    assert "study" not in {box.key for box in app.selectbox}


def test_fragility_is_worked_out_when_asked_for() -> None:
    before = run(section="robustness", **STATES[3])
    assert "worth" not in {slider.key for slider in before.slider}
    app = run(section="robustness", analyses="1", **STATES[3])
    assert not app.exception
    assert app.slider(key="worth").value == 0.24


def test_the_answer_says_which_outcome_and_when() -> None:
    anxiety = {"condition": "social_anxiety", "comparison": "other_psychotherapy"}
    assert "in anxiety (g" in shown(run(outcome="anxiety", **anxiety))
    assert "measured at follow-up" in shown(run(time="follow_up", **STATES[34]))


@pytest.mark.parametrize(
    ("section", "few"),
    [
        ("robustness", "this needs three or more"),
        ("differences", "this needs three or more"),
        ("human", "fewer than three is not turned into people"),
        ("small-studies", "a funnel cannot be read"),
        ("over-time", "no development to see"),
    ],
)
def test_few_trials_are_said_to_be_few(section: str, few: str) -> None:
    assert few in shown(run(section=section, **STATES[2]))


def test_trials_left_out_change_the_answer_which_says_so(base: EvidenceBase) -> None:
    question = Question("depression", "control", excluded=("lenze2017", "vigod2021"))
    answer = estimate(base, question)
    app = run(excluded="lenze2017,vigod2021", **STATES[34])
    said = shown(app)
    assert f"g {tables.effect(answer.pooled.estimate)}" in said
    assert "Across 32 trials" in said
    assert "2 left out by you" in said
    assert "You left out two trials. With them: g 0.50" in said


def test_what_is_left_out_must_belong_to_the_question() -> None:
    app = run(excluded="lenze2017,no-such-trial", condition="borderline", comparison="control")
    assert not app.exception
    assert "left out by you" not in shown(app)


def test_trials_left_out_do_not_follow_to_another_question() -> None:
    app = run(excluded="lenze2017", **STATES[34])
    app.selectbox(key="condition").set_value("borderline").run()
    assert not app.exception
    assert "left out by you" not in shown(app)


def test_putting_back_is_one_click() -> None:
    app = run(excluded="lenze2017,vigod2021", **STATES[34])
    app.button(key="put-back-lenze2017").click().run()
    assert "1 left out by you" in shown(app)
    assert app.query_params["excluded"] == "vigod2021"
    app.button(key="put-back-vigod2021").click().run()
    assert "left out by you" not in shown(app)
    assert "excluded" not in app.query_params


def test_all_trials_left_out_can_still_be_put_back(base: EvidenceBase) -> None:
    only = estimate(base, Question("borderline", "control")).trials["study_id"].tolist()
    app = run(excluded=",".join(only), condition="borderline", comparison="control")
    assert not app.exception
    assert app.button(key=f"put-back-{only[0]}")


# --- in Chromium -------------------------------------------------------------------------------


def answer_of(page: Page) -> Locator:
    return page.locator(".st-key-answer")


def click_mark(page: Page, key: str, place: int = 0) -> None:
    marks = page.locator(f".st-key-figure-{key} .scatterlayer .trace .points path")
    marks.nth(place).wait_for()
    box = marks.nth(place).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


@pytest.mark.browser
def test_sections_open_one_at_a_time_and_live_in_the_address(kept_page: Page) -> None:
    turn_to(kept_page, "/condition")
    expect(kept_page.locator(".st-key-figure-forest")).to_be_visible()
    kept_page.get_by_role("radio", name="Over time").click()
    expect(kept_page.locator(".st-key-figure-over-time .js-plotly-plot")).to_be_visible()
    expect(kept_page.locator(".st-key-figure-forest")).to_have_count(0)
    expect(kept_page).to_have_url(re.compile("section=over-time"))
    kept_page.go_back()
    expect(kept_page.locator(".st-key-figure-forest")).to_be_visible()


@pytest.mark.browser
def test_trials_are_grouped_with_a_test_between_the_groups(kept_page: Page) -> None:
    turn_to(kept_page, "/condition?condition=depression")
    kept_page.get_by_label("Group by").click()
    kept_page.get_by_role("option", name="Risk of bias").click()
    expect(kept_page.get_by_role("heading", name="Do the groups differ?")).to_be_visible()
    expect(kept_page).to_have_url(re.compile("group=rob"))
    plot = kept_page.locator(".st-key-figure-forest")
    for heading in ("Low", "Some concerns", "High", "Unclear"):
        expect(plot.locator("svg text", has_text=re.compile(f"^{heading}$"))).to_have_count(1)
    expect(plot.locator("svg text", has_text="Difference between groups: F")).to_have_count(1)


@pytest.mark.browser
def test_a_trial_is_left_out_from_its_panel_and_put_back(
    kept_page: Page, base: EvidenceBase
) -> None:
    before = estimate(base, Question("postpartum", "control"))
    turn_to(kept_page, "/condition?condition=postpartum&order=label")
    first = before.trials.sort_values("label")["study_id"].iloc[0]
    without = estimate(base, Question("postpartum", "control", excluded=(str(first),)))
    click_mark(kept_page, "forest")
    kept_page.get_by_role("button", name="Leave this trial out").click()
    expect(kept_page.get_by_text("1 left out by you")).to_be_visible()
    expect(answer_of(kept_page)).to_contain_text(tables.effect(without.pooled.estimate))
    expect(kept_page).to_have_url(re.compile(f"excluded={first}"))
    expect(kept_page.get_by_role("dialog")).to_have_count(0)
    expect(kept_page).not_to_have_url(re.compile("study="))
    plot = kept_page.locator(".st-key-figure-forest")
    expect(plot.locator("svg text", has_text="Left out by you")).to_have_count(1)
    kept_page.reload()
    settled(kept_page)
    expect(answer_of(kept_page)).to_contain_text(tables.effect(without.pooled.estimate))
    label = str(base.study(str(first))["label"])
    kept_page.locator(".st-key-left-out-chips").get_by_role("button", name=label).click()
    expect(answer_of(kept_page)).to_contain_text(tables.effect(before.pooled.estimate))
    expect(kept_page.get_by_text("1 left out by you")).to_have_count(0)
    expect(kept_page).not_to_have_url(re.compile("excluded"))


@pytest.mark.browser
def test_a_closed_panel_opens_again_by_the_same_click(kept_page: Page) -> None:
    turn_to(kept_page, "/condition?condition=postpartum")
    for _ in range(2):
        click_mark(kept_page, "forest")
        expect(kept_page.get_by_role("dialog")).to_be_visible()
        settled(kept_page)
        kept_page.keyboard.press("Escape")
        expect(kept_page.get_by_role("dialog")).to_have_count(0)
        expect(kept_page).not_to_have_url(re.compile("study="))
        settled(kept_page)


@pytest.mark.browser
def test_the_funnel_takes_layers_only_where_they_mean_something(kept_page: Page) -> None:
    turn_to(kept_page, "/condition?condition=depression&section=small-studies")
    plot = kept_page.locator(".st-key-figure-funnel")
    expect(plot.locator(".js-plotly-plot")).to_be_visible()
    expect(plot.locator("svg text", has_text="Rings:")).to_have_count(0)
    kept_page.get_by_role("button", name="Trim and fill").click()
    expect(plot.locator("svg text", has_text="Rings:")).to_have_count(1)
    expect(kept_page.get_by_text("Nobody has seen these trials").first).to_be_visible()
    expect(kept_page).to_have_url(re.compile("layers=filled"))
    turn_to(kept_page, "/condition?condition=social_anxiety&comparison=other_psychotherapy"
                    "&section=small-studies&layers=filled")  # fmt: skip
    expect(kept_page.get_by_text("a funnel cannot be read").first).to_be_visible()
    expect(kept_page.get_by_role("button", name="Trim and fill")).to_have_count(0)
    expect(plot.locator("svg text", has_text="Rings:")).to_have_count(0)


@pytest.mark.browser
def test_bubbles_follow_the_number_that_is_chosen(kept_page: Page) -> None:
    turn_to(kept_page, "/condition?condition=depression&section=differences")
    plot = kept_page.locator(".st-key-figure-bubbles")
    expect(plot.locator("svg text", has_text="Year of the main report")).to_have_count(1)
    kept_page.get_by_role("radio", name="Sessions").click()
    expect(plot.locator("svg text", has_text=re.compile("^Sessions$"))).to_have_count(1)
    expect(plot.locator("svg text", has_text="with five sessions more")).to_have_count(1)
    expect(kept_page).to_have_url(re.compile("moderator=n_sessions"))


@pytest.mark.browser
def test_the_slider_moves_the_people(kept_page: Page) -> None:
    turn_to(kept_page, "/condition?condition=depression&section=human&share=30")
    section = kept_page.locator(".st-key-section-human")
    expect(section.get_by_text(re.compile("^If 30 of 100 people do well"))).to_be_visible()
    kept_page.get_by_role("slider").press("ArrowRight")
    expect(section.get_by_text(re.compile("^If 31 of 100 people do well"))).to_be_visible()
    expect(kept_page).to_have_url(re.compile("share=31"))
    expect(kept_page.locator(".st-key-figure-people svg text", has_text="31 of 100")).to_have_count(
        1
    )
    kept_page.get_by_label("Points of which instrument").click()
    kept_page.get_by_role("option", name="BDI-II").click()
    expect(section.get_by_text(re.compile("^On the BDI-II the average person"))).to_be_visible()


@pytest.mark.browser
def test_a_phone_has_people_and_risk_of_bias_in_the_plot(kept_phone: Page) -> None:
    turn_to(kept_phone, "/condition?condition=postpartum")
    plot = kept_phone.locator(".st-key-figure-forest")
    expect(plot.locator("svg text", has_text=re.compile("^Dennis 2020 · n "))).to_have_count(1)
    expect(plot.locator("svg text", has_text="Discs (risk of bias)")).to_have_count(1)
    for section in SECTIONS:
        turn_to(kept_phone, f"/condition?condition=postpartum&section={section}")
        assert sideways(kept_phone) <= 0, section


def test_a_condition_that_is_chosen_begins_with_an_answer() -> None:
    """A comparison without a usable number gives way to one that has some."""
    app = run(condition="anxiety", comparison="control")
    app.selectbox(key="condition").set_value("eating_disorders").run()
    assert not app.exception
    assert dict(app.query_params)["comparison"] == "other_psychotherapy"
    assert "95% CI" in shown(app)


def test_one_click_sets_a_filter_and_another_takes_it_away() -> None:
    app = run(condition="depression", comparison="control")
    low = app.button(key="quick-rob-low")
    number = int(re.search(r"\d+", low.label).group())
    low.click().run()
    assert dict(app.query_params)["rob"] == "low"
    assert f"k = {number} ·" in shown(app)
    app.button(key="quick-rob-low").click().run()
    assert "rob" not in app.query_params and "k = 34 ·" in shown(app)
