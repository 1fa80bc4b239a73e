"""The Robustness page in every state, its jobs, and the page driven in Chromium."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import streamlit as st
from browsing import sideways, turn_to
from playwright.sync_api import Page, expect
from streamlit.testing.v1 import AppTest

from ipt_evidence import EvidenceBase, progress
from ipt_evidence.analyses.gosh import panel as gosh_panel
from ipt_evidence.analyses.panel import Work
from ipt_evidence.cache import cached
from ipt_evidence.dashboard import jobs
from ipt_evidence.errors import PoolingError

PATIENCE = 60
PANELS = ("glance", "multiverse", "gosh", "influence", "cumulative")
SCRIPT = "from ipt_evidence.dashboard.views import robustness\nrobustness.render()\n"


def run(**query: str) -> AppTest:
    """The page, run again as a reader's browser does until no job is under way."""
    app = AppTest.from_string(SCRIPT, default_timeout=PATIENCE)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    end = time.monotonic() + PATIENCE
    while any(button.key.startswith("stop-") for button in app.button if button.key):
        assert time.monotonic() < end
        app.run()
    return app


def text(app: AppTest) -> str:
    kinds = (app.title, app.header, app.subheader, app.markdown, app.caption, app.info)
    said = "\n".join(str(element.value) for kind in kinds for element in kind)
    return said.replace("\\", "")


@pytest.fixture(autouse=True)
def fresh_caches() -> None:
    st.cache_resource.clear()


@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize(
    ("condition", "comparison", "words"),
    [
        ("eating_disorders", "control", "there is no conclusion to test"),
        ("bulimia", "other_psychotherapy", "the conclusion is that trial's"),
        ("depression", "pharmacotherapy", "the conclusion depends on both"),
        ("anxiety", "control", "depends on single trials"),
        ("major_depression", "control", "leans on choices"),
    ],
)
def test_every_panel_at_no_one_two_few_and_many_trials(panel, condition, comparison, words) -> None:
    app = run(condition=condition, comparison=comparison, panel=panel)
    assert not app.exception
    assert not app.error
    assert words in text(app)


def test_the_choices_of_the_address_hold(tables_of: Callable) -> None:
    app = run(
        condition="major_depression", panel="gosh", subsets="EE", colour="elkin1989", worth="0.35"
    )
    assert app.selectbox(key="subsets").value == "EE"
    assert app.selectbox(key="colour").value == "elkin1989"
    assert app.slider(key="worth").value == 0.35
    assert "968 subsets of three trials or more were pooled by EE" in text(app)


def test_filters_of_the_condition_page_hold_here_too() -> None:
    app = run(condition="depression", comparison="control", rob="low", panel="influence")
    assert "does the answer on IPT against control hold up?" in text(app)
    assert not app.exception


def test_an_unknown_value_in_the_address_falls_back() -> None:
    app = run(condition="anxiety", panel="<b>", show="x", colour="nobody", size="7", worth="9")
    assert not app.exception
    assert app.slider(key="worth").value == 0.24


# ---------------------------------------------------------------------------------------- jobs


def test_what_a_job_computes_is_there_for_everybody(base: EvidenceBase) -> None:
    @cached
    def total(_: EvidenceBase, one: int, other: int) -> int:
        return one + other

    work = Work("Adding", total, (1, 1))
    assert not work.done(base)
    job = jobs.Job("sum", lambda: work.do(base))
    job.wait(5)
    assert not job.running
    assert work.done(base)
    assert total(base, 1, 1) == 2


def test_a_job_ends_at_the_next_report_after_it_was_broken_off() -> None:
    reached = threading.Event()
    steps: list[int] = []

    def work() -> None:
        for step in range(1_000_000):
            progress.report(step / 1_000_000)
            steps.append(step)
            reached.set()

    job = jobs.Job("endless", work)
    assert reached.wait(5)
    job.cancel()
    job.wait(5)
    assert not job.running
    assert job.cancelled
    assert isinstance(job.error, jobs.Cancelled)
    assert job.share == steps[-1] / 1_000_000
    assert len(steps) < 1_000_000


def test_a_job_that_fails_keeps_its_reason() -> None:
    def work() -> None:
        raise PoolingError("no effect is given")

    job = jobs.Job("failure", work)
    job.wait(5)
    assert "no effect is given" in str(job.error)


def test_long_work_shows_its_progress_and_can_be_stopped_and_begun_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate, reached = threading.Event(), threading.Event()

    @cached
    def slow(_: EvidenceBase) -> int:
        progress.report(0.25)
        reached.set()
        gate.wait(PATIENCE)
        progress.report(0.5)  # where a job that was stopped ends
        return 1

    monkeypatch.setattr(gosh_panel, "work", lambda *_, **__: Work("Pooling slowly", slow, ()))
    app = AppTest.from_string(SCRIPT, default_timeout=PATIENCE)
    app.query_params["condition"], app.query_params["panel"] = "major_depression", "gosh"
    app.run()
    assert reached.wait(PATIENCE)
    assert not app.exception
    app.button(key="stop-gosh").click().run()
    assert "Pooling slowly was stopped." in text(app)
    again = app.button(key="again-gosh")
    assert again.label == "Begin again"
    gate.set()
    reached.clear()
    again.click().run()
    assert reached.wait(PATIENCE)


def test_no_more_than_two_jobs_compute_at_once() -> None:
    gate, lock = threading.Event(), threading.Lock()
    inside = [0, 0]

    def work() -> None:
        with lock:
            inside[0] += 1
            inside[1] = max(inside)
        gate.wait(5)
        with lock:
            inside[0] -= 1

    under_way = [jobs.Job(f"gate {i}", work) for i in range(5)]
    under_way[0].wait(0.2)
    gate.set()
    for job in under_way:
        job.wait(5)
    assert inside == [0, 2]


def held(gate: threading.Event, **facts: Any) -> jobs.Job:
    """A job that computes until the gate opens."""

    def work() -> None:
        while not gate.wait(0.01):
            progress.report(0.5)

    return jobs.Job("held", work, **facts)


def until(true: Callable[[], bool]) -> bool:
    ends = time.monotonic() + 10
    while not true() and time.monotonic() < ends:
        threading.Event().wait(0.01)
    return true()


def test_one_reader_cannot_keep_both_places() -> None:
    gate = threading.Event()
    first = held(gate, reader="one")
    assert until(lambda: first.share == 0.5)
    second = held(gate, reader="one")
    third = held(gate, reader="two")
    assert until(lambda: third.share == 0.5), "another reader's work goes before"
    assert second.share == 0.0
    gate.set()
    for job in (first, second, third):
        job.wait(5)
        assert not job.running and job.error is None


def test_two_sessions_from_one_address_do_not_keep_others_waiting() -> None:
    gates = [threading.Event() for _ in range(3)]
    first = held(gates[0], reader="tab 1", visitor="one")
    assert until(lambda: first.share == 0.5)
    blocks = held(gates[1], reader="x", visitor="two")
    assert until(lambda: blocks.share == 0.5)
    own = held(gates[2], reader="tab 2", visitor="one")
    assert until(lambda: jobs.counts() == (2, 1))
    other = held(gates[2], reader="y", visitor="three")
    assert until(lambda: jobs.counts() == (2, 2))
    gates[1].set()  # a place is free: it goes to whoever has none
    assert until(lambda: other.share == 0.5)
    assert own.share == 0.0
    for gate in gates:
        gate.set()
    for job in (first, blocks, own, other):
        job.wait(5)
        assert job.error is None


def test_one_reader_may_wait_for_so_much_and_no_more() -> None:
    gate = threading.Event()
    under_way = [held(gate, reader="one") for _ in range(1 + jobs.MOST_OF_ONE)]
    assert until(lambda: jobs.counts() == (1, jobs.MOST_OF_ONE))
    refused = held(gate, reader="one")
    refused.wait(5)
    assert isinstance(refused.error, jobs.Busy)
    assert "3 calculations of yours are waiting" in str(refused.error)
    for job in under_way:
        job.cancel()
    gate.set()
    for job in under_way:
        job.wait(5)


def test_uploads_wait_for_each_other_and_their_readers_are_told() -> None:
    heard: list[int] = []
    done: list[int] = []
    gate = threading.Event()

    def read(number: int) -> None:
        with jobs.upload(number, None, lambda: True, heard.append):
            gate.wait(10)
            done.append(number)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    assert until(lambda: 47 in heard)  # 2 are read, 48 wait
    gate.set()
    for thread in threads:
        thread.join(20)
    assert sorted(done) == list(range(50))


def test_an_upload_that_was_left_is_not_read() -> None:
    gate = threading.Event()
    reading = [held_upload(gate, number) for number in range(jobs.UPLOADS_AT_ONCE)]
    with pytest.raises(jobs.Cancelled), jobs.upload("gone", None, lambda: False, print):
        pytest.fail("it was read")
    gate.set()
    for thread in reading:
        thread.join(10)


def held_upload(gate: threading.Event, number: int) -> threading.Thread:
    inside = threading.Event()

    def read() -> None:
        with jobs.upload(number, None, lambda: True, print):
            inside.set()
            gate.wait(10)

    thread = threading.Thread(target=read)
    thread.start()
    assert inside.wait(10)
    return thread


def test_what_nobody_waits_for_any_more_is_dropped() -> None:
    gate = threading.Event()
    there = {"one": True, "two": True}
    first = held(gate, reader="one", wanted=lambda: there["one"])
    other = held(gate, reader="three")
    assert until(lambda: first.share == other.share == 0.5)
    waiting = held(gate, reader="two", wanted=lambda: there["two"])
    there["two"] = False
    waiting.wait(5)
    there["one"] = False
    first.wait(5)
    assert isinstance(waiting.error, jobs.Cancelled) and isinstance(first.error, jobs.Cancelled)
    gate.set()
    other.wait(5)
    assert other.error is None


def test_a_full_queue_refuses_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MOST_WAITING", 2)
    gate = threading.Event()
    under_way = [held(gate, reader=number) for number in range(2)]
    assert until(lambda: all(job.share == 0.5 for job in under_way))
    queued = held(gate, reader=2)
    last = held(gate, reader=3)
    assert until(lambda: last.ahead == 1 and queued.running)
    refused = held(gate, reader=4)
    refused.wait(5)
    assert isinstance(refused.error, jobs.Busy)
    assert "Please try again in a minute" in str(refused.error)
    gate.set()
    for job in (*under_way, queued, last):
        job.wait(5)
        assert job.error is None


# ------------------------------------------------------------------------------------- browser


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("h1")).to_be_visible()


@pytest.mark.browser
def test_another_reader_is_answered_while_a_million_subsets_are_pooled(
    kept_page: Page, page: Page
) -> None:
    turn_to(kept_page, "/condition?condition=anxiety")  # each tab is a session of its own
    open_page(page, "/robustness?condition=depression&panel=gosh&size=1000000&subsets=REML&rho=0.3")
    expect(page.get_by_text("1,000,000 subsets").first).to_be_visible()  # at work, or done
    start = time.monotonic()
    kept_page.get_by_role("radio", name="Medication", exact=True).click()
    expect(kept_page.locator("h1")).to_contain_text("medication")
    assert time.monotonic() - start < 10  # seconds on a busy machine


@pytest.mark.browser
def test_an_analysis_opens_by_keyboard_and_leads_to_its_page(kept_page: Page) -> None:
    turn_to(kept_page, "/robustness?condition=major_depression&panel=multiverse&show=equivalent")
    kept_page.get_by_text("Open one of the analyses").click()
    first = kept_page.get_by_role("button", name=re.compile(r"No\. 1\b")).first
    first.focus()
    kept_page.keyboard.press("Enter")
    box = kept_page.locator(".st-key-analysis")
    expect(box).to_contain_text("Equivalent analysis of")


@pytest.mark.browser
def test_a_dot_of_the_curve_opens_its_analysis_and_the_page_that_shows_it(kept_page: Page) -> None:
    turn_to(kept_page, "/robustness?condition=major_depression&panel=multiverse&show=equivalent")
    dots = kept_page.locator(".st-key-figure-specification-curve .scatterlayer .trace .points path")
    expect(dots.first).to_be_attached()
    square = dots.last.bounding_box()  # the diamond of the page is drawn last
    kept_page.mouse.click(square["x"] + square["width"] / 2, square["y"] + square["height"] / 2)
    box = kept_page.locator(".st-key-analysis")
    expect(box).to_contain_text("It differs in nothing from this page.")
    said = box.locator("h3").inner_text()
    box.get_by_role("link", name="Open this analysis on the Condition page").click()
    expect(kept_page.locator("h1")).to_contain_text("Major depression")
    number = re.search(r"0\.\d\d", said).group()
    expect(kept_page.locator(".st-key-answer")).to_contain_text(f"g {number}")


@pytest.mark.browser
@pytest.mark.parametrize("panel", PANELS)
def test_a_phone_shows_every_panel_without_scrolling_sideways(kept_phone: Page, panel: str) -> None:
    turn_to(kept_phone, f"/robustness?condition=major_depression&panel={panel}")
    expect(kept_phone.locator(".js-plotly-plot .main-svg").first).to_be_attached()
    assert sideways(kept_phone) <= 0
