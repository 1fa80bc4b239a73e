"""Panel: how sure one can be, by rules after GRADE, and the summary of findings."""

from __future__ import annotations

import streamlit as st

from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components.certainty_panel import certainty_panel, findings_panel
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.views.robustness.shared import Asked
from ipt_evidence.evidence.multiverse import Curve

__all__ = ["show"]


def show(asked: Asked, curve: Curve) -> None:
    """The suggested certainty with its reasons, and all comparisons of the condition."""
    st.header("How sure can we be?", anchor=False)
    certainty_panel(asked.question, asked.model, asked.bound)
    condition = str(asked.question.condition)
    label = session.evidence().taxonomy.condition(condition).label
    st.subheader(f"Summary of findings: {escape(label)}", anchor=False)
    findings_panel(condition, asked.model, asked.bound)
