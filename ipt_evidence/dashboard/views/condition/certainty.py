"""How sure: the domains behind the certainty, and every comparison of the condition at once."""

from __future__ import annotations

import streamlit as st

from ipt_evidence.dashboard.components.certainty_panel import certainty_panel, findings_panel
from ipt_evidence.dashboard.components.worthwhile import choose_worthwhile
from ipt_evidence.evidence.estimation import Estimate

__all__ = ["show"]


def show(answer: Estimate) -> None:
    """The certainty of this answer, then the summary of findings of the condition."""
    question, model = answer.selection.question, answer.model
    bound = choose_worthwhile()
    if answer.pooled is None:
        st.markdown(
            "Nothing was pooled, so there is no certainty to speak of: no evidence is not the "
            "same as very uncertain evidence."
        )
    else:
        certainty_panel(question, model, bound)
    st.subheader("Every comparison of this condition", anchor=False)
    findings_panel(str(question.condition), model, bound)
