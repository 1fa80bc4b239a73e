"""What explains differences: every grouping at a glance, and meta-regression on a number."""

from __future__ import annotations

import streamlit as st

from ipt_evidence.analyses.differences.panel import LEAD, LEAST, TOO_FEW
from ipt_evidence.dashboard.components.analysis import show_analysis
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.view import View

__all__ = ["show"]


def show(answer: Estimate) -> None:
    """Groups side by side, then one number of the trials against their effects."""
    if answer.k < LEAST:
        st.markdown(TOO_FEW)
        return
    view = View(answer.selection.question, answer.model)
    st.markdown(LEAD)
    st.subheader("Groups of trials", anchor=False)
    show_analysis("groups", view)
    st.subheader("One number of the trials", anchor=False)
    show_analysis("bubbles", view)
