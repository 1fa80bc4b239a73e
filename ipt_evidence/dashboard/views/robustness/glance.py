"""Panel: how far the effect moves, whatever is changed, in one figure."""

from __future__ import annotations

import streamlit as st

from ipt_evidence.analyses.multiverse.result import Curve
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components.fragility_card import fragility_ranges
from ipt_evidence.dashboard.views.robustness.shared import Asked, Same, fragile

__all__ = ["show"]


def show(asked: Asked, curve: Curve) -> None:
    """The ranges, what it would take to change the conclusion, and every number."""
    st.header("How far does the effect move?", anchor=False)
    if asked.answer.k < 2:
        st.markdown("There is one trial, so nothing can be left out or added.")
        return
    found = session.recall(fragile, asked, Same(curve))
    fragility_ranges(asked.question, asked.model, found)
