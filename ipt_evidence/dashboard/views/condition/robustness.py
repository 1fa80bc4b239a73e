"""Does the estimate hold up? Answered in other ways, and without each trial in turn."""

from __future__ import annotations

import streamlit as st

from ipt_evidence.analyses.sensitivity.panel import LEAST, TOO_FEW
from ipt_evidence.dashboard import navigation
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.analysis import show_analysis
from ipt_evidence.dashboard.components.fragility_card import fragility_card
from ipt_evidence.dashboard.components.worthwhile import choose_worthwhile
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.view import View

__all__ = ["show"]


def show(answer: Estimate) -> None:
    """Other models, other trials, corrections; then one trial less at a time."""
    if answer.k < LEAST:
        st.markdown(TOO_FEW)
        return
    question, model = answer.selection.question, answer.model
    view = View(question, model)
    show_analysis("alternatives", view)
    st.subheader("Without each trial in turn", anchor=False)
    show_analysis("leave-one-out", view)
    st.subheader("How much hangs on the choices?", anchor=False)
    wanted = address.switch(
        "Run every other reasonable analysis (takes a second or two)", key="analyses"
    )
    if wanted:
        bound = choose_worthwhile()
        with st.spinner("Running thousands of other analyses…"):
            fragility_card(question, model, bound)
    query = {name: st.query_params.get_all(name) for name in st.query_params}
    kept = {name: texts for name, texts in query.items() if name not in ("section", "analyses")}
    navigation.link("robustness", "Every other analysis, one by one", ":material/balance:", **kept)
