"""Small studies: the funnel, with what may and may not be concluded from it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from ipt_evidence.analyses import answer as words
from ipt_evidence.analyses.small_studies import panel as funnel_words
from ipt_evidence.analyses.small_studies.figure import contour_funnel
from ipt_evidence.analyses.small_studies.result import Funnel, funnel
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components import address
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.views.condition import study
from ipt_evidence.dashboard.views.condition.shared import Look, Picture, look, show_picture
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate, Model
from ipt_evidence.evidence.selection import Question

__all__ = ["show"]


def show(answer: Estimate) -> None:
    """The funnel, its layers, and its words."""
    question, model = answer.selection.question, answer.model
    if answer.trials.empty:
        st.markdown(escape(words.empty(answer)))
        return
    found = session.recall(_funnel, question, model)
    layers: tuple[str, ...] = ()
    if found.enough:
        layers = address.several_of(
            st.pills,
            "Lay over the funnel",
            list(funnel_words.LAYERS),
            key="layers",
            format_func=funnel_words.LAYERS.__getitem__,
            selection_mode="multi",
        )
    for text in funnel_words.funnel_sentences(answer, found, layers):
        st.markdown(escape(text))
    picture = session.recall(_picture, question, model, layers, look(answer))
    show_picture(picture, answer, "funnel", partial(study.clicked, "funnel"))


def _funnel(base: EvidenceBase, question: Question, model: Model) -> Funnel:
    return funnel(session.answer(question, model))


def _picture(
    base: EvidenceBase, question: Question, model: Model, layers: tuple[str, ...], look: Look
) -> Picture:
    answer = session.answer(question, model)
    found = session.recall(_funnel, question, model)
    egger = found.egger if "egger" in layers and found.enough else None
    filled = found.filled if "filled" in layers and found.enough else None
    figure = contour_funnel(
        answer.trials,
        None if answer.pooled is None else answer.pooled.estimate,
        filled=()
        if filled is None
        else tuple(zip(filled.filled_yi, filled.filled_vi, strict=True)),
        line=None if egger is None else (egger.limit, egger.slope),
        **look.drawing,
    )
    return Picture(
        figure,
        funnel_words.funnel_twin(answer, found, layers),
        funnel_words.funnel_table(answer, found, layers),
        funnel_words.HOW_TO_READ_FUNNEL,
    )
