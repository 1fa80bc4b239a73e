"""The estimate as people and as points, following two choices of the reader."""

from __future__ import annotations

import streamlit as st

from ipt_evidence.analyses.certainty.findings import assumed_rate
from ipt_evidence.analyses.clinical_units.panel import LEAST, TOO_FEW, curves_options, rate_basis
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components.analysis import choose, show_analysis
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.view import View

__all__ = ["show"]


def show(answer: Estimate) -> None:
    """People of a hundred, two bell curves, and every restatement as a table."""
    if answer.k < LEAST:
        st.markdown(TOO_FEW)
        return
    _follow(View(answer.selection.question, answer.model))


@st.fragment
def _follow(view: View) -> None:
    """What follows the choices; the rest of the page stands still."""
    base = session.evidence()
    with st.container(horizontal=True, vertical_alignment="bottom", key="human-choices"):
        chosen = {one.id: choose(one, labelled=True) for one in curves_options(base, view)}
    st.caption(escape(rate_basis(assumed_rate(base, view.question))))
    show_analysis("people", view, share=chosen["share"])
    show_analysis("curves", view, **chosen)
