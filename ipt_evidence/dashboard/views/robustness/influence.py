"""Panels: what each single trial does, and how the answer came about over the years."""

from __future__ import annotations

import streamlit as st

from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components.analysis import show_analysis
from ipt_evidence.dashboard.components.trial import go_to_clicked
from ipt_evidence.evidence.view import View, estimate_of

__all__ = ["cumulation", "show"]


def show(view: View, worth: float) -> None:
    """Baujat's plot with all diagnostics, and the effect without each trial in turn."""
    st.header("What does each single trial do?", anchor=False)
    if estimate_of(session.evidence(), view).k < 2:
        st.markdown("There is one trial: the conclusion is that trial's.")
        return
    show_analysis("influence", view)
    st.subheader("Without one trial", anchor=False)
    show_analysis("leave-one-out", view)
    go_to_clicked(view.question)


def cumulation(view: View, worth: float) -> None:
    """The pooled effect after each further trial."""
    st.header("How did the answer come about?", anchor=False)
    if estimate_of(session.evidence(), view).k < 2:
        st.markdown("There is one trial, so nothing has been added to it yet.")
        return
    show_analysis("cumulative", view)
    go_to_clicked(view.question)
