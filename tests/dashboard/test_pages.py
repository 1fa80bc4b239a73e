"""Every page in every state, without a browser."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from ipt_evidence import EvidenceBase
from ipt_evidence.dashboard.components.text import escape, link
from ipt_evidence.dashboard.views import importing
from ipt_evidence.paths import DATA_VARIABLE

VIEWS = (
    "overview",
    "condition",
    "studies",
    "coverage",
    "robustness",
    "candidates",
    "claims",
    "learn",
    "importing",
    "methods",
)
PATIENCE = 30
TablesOf = Callable[[AppTest], dict[str, pd.DataFrame]]


def run(view: str, **query: str) -> AppTest:
    script = f"from ipt_evidence.dashboard.views import {view}\n{view}.render()\n"
    app = AppTest.from_string(script, default_timeout=PATIENCE)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def shown(app: AppTest) -> str:
    kinds = (app.title, app.header, app.subheader, app.markdown, app.caption, app.info, app.error)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


@pytest.fixture(autouse=True)
def fresh_caches() -> None:
    st.cache_resource.clear()


@pytest.mark.parametrize("view", VIEWS)
def test_each_page_runs(view: str) -> None:
    app = run(view)
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize(
    ("condition", "comparison", "words"),
    [
        ("depression", "maintenance", "but none reports a usable number"),
        ("anxiety", "prevention", "None of the searches"),
        ("eating_disorders", "pharmacotherapy", "No trial found"),
        ("eating_disorders", "control", "The one result that could be pooled is not used here"),
        ("borderline", "control", "take it as a first sign"),
        ("depression", "pharmacotherapy", "Both point towards medication"),
        ("anxiety", "control", "With only four trials"),
        ("depression", "control", "Across 34 trials"),
    ],
)
def test_the_answer_has_words_for_every_number_of_trials(
    condition: str, comparison: str, words: str
) -> None:
    app = run("condition", condition=condition, comparison=comparison)
    assert not app.exception
    answer = next(str(m.value) for m in app.markdown if str(m.value).startswith(ANSWERS))
    assert words in answer.replace("\\", "")


ANSWERS = (
    "Across", "In one", "Two", "Three", "Four", "None of", "No trial", "44", "One",
)  # fmt: skip


def test_an_unknown_value_in_the_address_falls_back_to_the_default() -> None:
    app = run("condition", condition="<script>alert(1)</script>", rho="a lot", method="magic")
    assert not app.exception
    assert app.selectbox(key="condition").value == "depression"
    assert app.session_state["method"] == "REML"


def test_more_than_one_session_may_upload_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importing, "MAX_UPLOAD_BYTES", 20)
    app = run("importing")
    app.text_area(key="pasted").set_value("Elm A. A long reference. 2016.").run()
    assert "more than the 0 MB that are read here at once" in app.error[0].value
    assert not app.exception


def test_the_methods_page_says_how_to_report_an_error() -> None:
    from ipt_evidence.analyses.methods import found_an_error

    app = run("methods")
    assert "Found an error?" in [header.value for header in app.header]
    assert found_an_error() in [text.value for text in app.markdown]


def test_filters_that_leave_nothing_say_so() -> None:
    app = run("condition", condition="depression", age="older_adults", against="no_treatment")
    assert not app.exception
    assert "No result is left with these filters" in shown(app)


def test_the_base_is_the_same_after_all_pages_were_read(base: EvidenceBase) -> None:
    from ipt_evidence.dashboard import session

    names = ("studies", "effects", "pooled")
    before = {name: getattr(base, name).copy() for name in names}
    run("overview")
    shared = session.evidence()
    for view in VIEWS:
        run(view)
    for name in names:
        assert getattr(shared, name).equals(before[name])


def test_a_broken_row_is_set_aside_in_sight(
    data_copy: Path, monkeypatch: pytest.MonkeyPatch, tables_of: TablesOf
) -> None:
    path = data_copy / "effects.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    rows[1][rows[0].index("outcome_domain")] = "happiness"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    monkeypatch.setenv(DATA_VARIABLE, str(data_copy))
    app = run("methods")
    assert not app.exception
    listed = tables_of(app)["quarantined"]
    assert listed["line"].tolist() == [2]
    assert "happiness" in listed["reason"].iloc[0]


@pytest.mark.parametrize("fault", ["missing folder", "missing file", "not TOML"])
def test_a_base_that_cannot_be_read_is_explained_without_a_traceback(
    data_copy: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    if fault == "missing folder":
        monkeypatch.setenv(DATA_VARIABLE, str(data_copy / "nowhere"))
    else:
        monkeypatch.setenv(DATA_VARIABLE, str(data_copy))
        if fault == "missing file":
            (data_copy / "effects.csv").unlink()
        else:
            (data_copy / "sources.toml").write_text("not = [toml", encoding="utf-8")
    app = AppTest.from_file(
        "../../ipt_evidence/dashboard/script.py", default_timeout=PATIENCE
    ).run()
    assert not app.exception
    assert app.title[0].value == "The evidence cannot be read"
    said = app.error[0].value.replace("\\", "").replace("\u2060", "")
    assert {
        "missing folder": f"{data_copy / 'nowhere'} is not a folder",
        "missing file": f"{data_copy / 'effects.csv'} is missing",
        "not TOML": f"{data_copy / 'sources.toml'} is not valid TOML",
    }[fault] in said


def test_markup_in_data_is_shown_and_never_obeyed() -> None:
    hostile = "<img src=x onerror=alert(1)> [click](javascript:alert(1)) **bold** $x$ :red[no]"
    shown_text = escape(hostile)
    assert "\\<img" in shown_text
    assert "\\[click\\]\\(javascript" in shown_text
    assert "\\*\\*bold" in shown_text
    assert "\\$x" in shown_text
    assert "\\:red\\[no" in shown_text
    assert link("label", "javascript:alert(1)") == "label"
    assert link("a]b", "https://example.org/(x)") == "[a\\]b](https://example.org/%28x%29)"
