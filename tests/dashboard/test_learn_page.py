"""The Learn page as a reader uses it, without a browser."""

from __future__ import annotations

import re

import pytest
import streamlit as st
from browsing import sideways, turn_to
from playwright.sync_api import Page, expect
from streamlit.testing.v1 import AppTest

from ipt_evidence import EvidenceBase, Question, estimate
from ipt_evidence.analyses import glossary
from ipt_evidence.analyses.lessons import LESSONS
from ipt_evidence.wording import tables

PATIENCE = 60
SCRIPT = "from ipt_evidence.dashboard.views import learn\nlearn.render()\n"


def run(**query: str) -> AppTest:
    app = AppTest.from_string(SCRIPT, default_timeout=PATIENCE)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    assert not app.error
    return app


def shown(app: AppTest) -> str:
    kinds = (app.title, app.header, app.subheader, app.markdown, app.caption, app.info)
    text = "\n".join(str(element.value) for kind in kinds for element in kind)
    return text.replace("\\", "").replace("\u00a0", " ")


@pytest.fixture(autouse=True)
def fresh_caches() -> None:
    st.cache_resource.clear()


@pytest.mark.parametrize("topic", LESSONS)
def test_each_topic_explains_and_asks(topic: str) -> None:
    app = run(topic=topic)
    words = shown(app)
    assert LESSONS[topic].title in words
    assert "Key points" in words
    assert len(app.radio) == 5
    assert all(radio.value is None for radio in app.radio)


def test_an_unknown_topic_is_the_first_lesson() -> None:
    app = run(topic="<script>", g="a lot", step="9", live="nobody", example="nowhere")
    assert LESSONS["effect"].title in shown(app)
    assert app.slider(key="g").value == pytest.approx(0.5, abs=0.005)


def test_a_wrong_and_a_right_answer_are_met_at_once_with_the_reason() -> None:
    app = run()
    check = LESSONS["effect"].checks[0]
    radio = app.radio(key="answer-effect-0")
    radio.set_value(check.choices[0]).run()
    assert app.info[0].value.startswith("Not quite")
    assert not app.success
    app.radio(key="answer-effect-0").set_value(check.choices[check.right]).run()
    assert app.success[0].value.startswith("Yes, that is it")
    assert not app.info


def test_all_answers_right_are_summed_up() -> None:
    app = run(topic="grade")
    for number, check in enumerate(LESSONS["grade"].checks):
        app.radio(key=f"answer-grade-{number}").set_value(check.choices[check.right])
    app.run()
    assert "All five right" in shown(app)


def test_the_slider_follows_a_live_estimate_and_becomes_the_readers_own(
    base: EvidenceBase,
) -> None:
    app = run(live="postpartum")
    pooled = estimate(base, Question("postpartum", "control")).pooled
    assert app.slider(key="g").value == round(pooled.estimate, 2)
    assert tables.interval(pooled.ci_lower, pooled.ci_upper) in shown(app)
    app.slider(key="g").set_value(1.0).run()
    assert "Your own number: g 1.00" in shown(app)
    assert "own" in app.query_params["live"]
    assert "1" in app.query_params["g"]


def test_steps_of_the_forest_plot_go_on_and_back() -> None:
    app = run(topic="forest")
    assert "Step 1 of 8" in shown(app)
    back, onwards = (next(b for b in app.button if b.label == x) for x in ("Back", "Next step"))
    assert back.disabled
    onwards.click().run()
    assert "Step 2 of 8" in shown(app)
    assert "square" in app.query_params["step"]


def test_leaving_out_a_trial_pools_again(base: EvidenceBase) -> None:
    app = run(topic="heterogeneity", example="postpartum")
    study = app.selectbox(key="out").value
    rest = estimate(base, Question("postpartum", "control").without(study)).pooled
    assert tables.interval(rest.ci_lower, rest.ci_upper) in shown(app)


def test_few_trials_are_not_tested_for_asymmetry() -> None:
    assert "With fewer than 10 trials" in shown(run(topic="small-studies", example="anxiety"))
    assert "Egger's test, p" in shown(run(topic="small-studies"))


def test_more_trials_are_pooled_as_the_slider_moves() -> None:
    app = run(topic="trials", first="2")
    assert "After the first two trials" in shown(app)
    app.slider(key="first").set_value(20.0).run()
    assert "After the first 20 trials" in shown(app)


def test_next_leads_to_the_following_lesson() -> None:
    app = run(topic="forest")
    next(b for b in app.button if b.label.startswith("Next: ")).click().run()
    assert LESSONS["heterogeneity"].title in shown(app)


def test_the_glossary_is_searched_by_the_address() -> None:
    everything = shown(run(topic="glossary"))
    assert all(term.name in everything for term in glossary.GLOSSARY.values())
    found = shown(run(topic="glossary", q="waitlist"))
    assert "Waiting list" in found
    assert "REML" not in found
    assert "No term fits" in shown(run(topic="glossary", q="zzzz"))


@pytest.mark.browser
def test_going_on_starts_the_next_lesson_at_its_top(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/learn")
    page.get_by_role("button", name="Next: How to read a forest plot").click()
    expect(page.get_by_role("heading", name="How to read a forest plot")).to_be_in_viewport()
    expect(page).to_have_url(re.compile("topic=forest"))
    page.go_back()
    expect(page.get_by_role("heading", name="What is a standardised mean")).to_be_visible()


@pytest.mark.browser
@pytest.mark.parametrize("topic", [*LESSONS, "glossary"])
def test_each_topic_fits_a_phone_and_shows_its_figures(kept_phone: Page, topic: str) -> None:
    turn_to(kept_phone, f"/learn?topic={topic}")
    figures = {"trials": 2, "grade": 0, "glossary": 0}.get(topic, 1)
    expect(kept_phone.locator('[data-testid="stPlotlyChart"] .main-svg:first-child')).to_have_count(
        figures
    )
    assert sideways(kept_phone) <= 0
