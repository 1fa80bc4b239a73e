"""Does the estimate hold up? Answered in other ways, and without each trial in turn."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from ipt_evidence.analyses.history import panel as words
from ipt_evidence.analyses.history.result import left_one_out
from ipt_evidence.analyses.multiverse.result import curve_of
from ipt_evidence.analyses.sensitivity.panel import LEAD, MIN_STUDIES_HUMAN, alternatives_table
from ipt_evidence.dashboard import navigation, session
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.analysis import show_analysis
from ipt_evidence.dashboard.components.tables import show_table
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.components.trial import clicked
from ipt_evidence.dashboard.components.worthwhile import choose_worthwhile
from ipt_evidence.dashboard.views.condition.shared import Look, Picture, look, show_picture
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate, Model
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.view import View
from ipt_evidence.figures.estimate_rows import estimate_rows

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
    rows = session.recall(_rest, question, model)
    st.markdown(escape(words.left_out_once_sentence(answer, rows)))
    picture = session.recall(_picture, question, model, look(answer))
    show_picture(picture, answer, "one-out", partial(clicked, "one-out"))
    st.subheader("How much hangs on the choices?", anchor=False)
    wanted = address.switch(
        "Run every other reasonable analysis (takes a second or two)", key="analyses"
    )
    if wanted:
        worth = choose_worthwhile()
        view = View(question, model)
        with st.spinner("Running thousands of other analyses…"):
            curve_of(session.evidence(), view)
            show_analysis("fragility", view, worth=worth)
    query = {name: st.query_params.get_all(name) for name in st.query_params}
    kept = {name: texts for name, texts in query.items() if name not in ("section", "analyses")}
    navigation.link("robustness", "Every other analysis, one by one", ":material/balance:", **kept)


def _alternatives(base: EvidenceBase, question: Question, model: Model) -> pd.DataFrame:
    answer = session.answer(question, model)
    if answer.pooled is None:
        return pd.DataFrame()
    return alternatives_table(answer.pooled, session.alternatives(question, model))


def _rest(base: EvidenceBase, question: Question, model: Model) -> pd.DataFrame:
    rows = left_one_out(session.answer(question, model))
    return rows.sort_values("estimate", kind="stable").reset_index(drop=True)


def _picture(base: EvidenceBase, question: Question, model: Model, look: Look) -> Picture:
    answer = session.answer(question, model)
    rows = session.recall(_rest, question, model)
    figure = estimate_rows(
        rows.assign(marked=rows["influential"]),
        answer.pooled,
        empty="Leaving out one trial needs three or more.",
        label_heading="Without",
        plot_heading="Pooled effect of the others",
        key=words.LEFT_OUT_ONCE_KEY,
        **look.drawing,
    )
    return Picture(
        figure,
        words.left_out_once_sentence(answer, rows),
        words.left_out_once_table(rows),
        words.HOW_TO_READ_LEFT_OUT_ONCE,
    )
