"""Does the estimate hold up? Answered in other ways, and without each trial in turn."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from ipt_evidence.analyses.sensitivity.panel import LEAD, MIN_STUDIES_HUMAN, alternatives_table
from ipt_evidence.dashboard import navigation, session
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.analysis import show_analysis
from ipt_evidence.dashboard.components.fragility_card import fragility_card
from ipt_evidence.dashboard.components.tables import show_table
from ipt_evidence.dashboard.components.worthwhile import choose_worthwhile
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate, Model
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.view import View

__all__ = ["show"]


def show(answer: Estimate) -> None:
    """Other models, other trials, corrections; then one trial less at a time."""
    if answer.pooled is None or answer.k < MIN_STUDIES_HUMAN:
        st.markdown("There are too few trials to vary the calculation: this needs three or more.")
        return
    question, model = answer.selection.question, answer.model
    st.markdown(LEAD)
    table = session.recall(_alternatives, question, model)
    show_table(table, key="alternatives", name=f"ipt-{question.condition}-other-ways")
    st.subheader("Without each trial in turn", anchor=False)
    show_analysis("leave-one-out", View(question, model))
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


def _alternatives(base: EvidenceBase, question: Question, model: Model) -> pd.DataFrame:
    answer = session.answer(question, model)
    if answer.pooled is None:
        return pd.DataFrame()
    return alternatives_table(answer.pooled, session.alternatives(question, model))
