"""Does the estimate hold up? The same question answered in other ways."""

from __future__ import annotations

import streamlit as st

from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.sensitivity import asymmetry
from ipt_evidence.presentation.sensitivity import (
    LEAD,
    MIN_STUDIES_HUMAN,
    alternatives_table,
    asymmetry_sentence,
)

__all__ = ["show"]


def show(answer: Estimate) -> None:
    """Other models, other trials, corrections."""
    if answer.pooled is None or answer.k < MIN_STUDIES_HUMAN:
        st.markdown("There are too few trials to vary the calculation: this needs three or more.")
        return
    st.markdown(LEAD)
    others = session.alternatives(answer.selection.question, answer.model)
    st.table(alternatives_table(answer.pooled, others).set_index("Analysis"))
    st.markdown(escape(asymmetry_sentence(asymmetry(answer))))
