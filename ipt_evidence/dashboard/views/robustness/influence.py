"""Panel: what each single trial does."""

from __future__ import annotations

import streamlit as st

from ipt_evidence.analyses.multiverse.result import Curve
from ipt_evidence.dashboard.components.analysis import show_analysis
from ipt_evidence.dashboard.components.trial import go_to_clicked
from ipt_evidence.dashboard.views.robustness.shared import Asked
from ipt_evidence.evidence.view import View

__all__ = ["cumulation", "show"]


def show(asked: Asked, curve: Curve) -> None:
    """Baujat's plot with all diagnostics, and the effect without each trial in turn."""
    st.header("What does each single trial do?", anchor=False)
    if asked.answer.k < 2:
        st.markdown("There is one trial: the conclusion is that trial's.")
        return
    view = View(asked.question, asked.model)
    show_analysis("influence", view)
    st.subheader("Without one trial", anchor=False)
    show_analysis("leave-one-out", view)
    go_to_clicked(asked.question)


def cumulation(asked: Asked, curve: Curve) -> None:
    """The pooled effect after each further trial."""
    st.header("How did the answer come about?", anchor=False)
    if asked.answer.k < 2:
        st.markdown("There is one trial, so nothing has been added to it yet.")
        return
    show_analysis("cumulative", View(asked.question, asked.model))
    go_to_clicked(asked.question)
