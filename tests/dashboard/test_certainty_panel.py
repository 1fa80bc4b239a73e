"""Certainty and the summary of findings on a page: what stands in the address counts."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

PATIENCE = 60
SCRIPT = """
import streamlit as st
from ipt_evidence.dashboard.components.certainty_panel import certainty_panel, findings_panel
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.view import View

condition = st.query_params["condition"]
question = Question(condition, st.query_params.get("comparison", "control"))
certainty_panel(View(question), 0.2)
findings_panel(View(question), 0.2)
"""


def panel(**query: str) -> AppTest:
    app = AppTest.from_string(SCRIPT, default_timeout=PATIENCE)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def text(app: AppTest) -> str:
    kinds = (app.markdown, app.caption)
    said = "\n".join(str(element.value) for kind in kinds for element in kind)
    return said.replace("\\", "")


def test_a_judgement_of_a_reader_counts_with_its_reason(tables_of: Callable) -> None:
    bare = panel(condition="depression", grade_inconsistency="2")
    assert "Low certainty" in text(bare)
    app = panel(
        condition="depression",
        grade_inconsistency="2",
        why_inconsistency="They differ by country.",
    )
    assert "Very low certainty" in text(app)
    assert "One or more judgements are yours." in text(app)
    domains = tables_of(app)["certainty-domains"].set_index("Domain")
    assert "They differ by country." in domains.loc["Inconsistency", "Reason"]


def test_the_summary_of_findings_takes_a_rate_from_the_address(tables_of: Callable) -> None:
    app = panel(condition="depression", rate="30")
    table = tables_of(app)["findings"].set_index("IPT compared with")
    assert table.loc["Control", "Do well with the comparison, of 100"] == "30"
    assert "as you set it" in text(app)


def test_nothing_pooled_has_no_level_and_no_judgement_to_make() -> None:
    app = panel(condition="eating_disorders", comparison="control")
    assert not app.exception
    assert "No trial can be pooled here" in text(app)
    assert not [box for box in app.selectbox if (box.key or "").startswith("grade_")]
