"""Over time: how the pooled effect settled as trials were published."""

from __future__ import annotations

from functools import partial

import streamlit as st

from ipt_evidence.analyses import answer as words
from ipt_evidence.analyses.history import panel as time_words
from ipt_evidence.analyses.history.figure import cumulative_plot
from ipt_evidence.analyses.history.result import History, over_time
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.components.text import escape
from ipt_evidence.dashboard.components.trial import clicked
from ipt_evidence.dashboard.views.condition.shared import Look, Picture, look, show_picture
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate, Model
from ipt_evidence.evidence.selection import Question

__all__ = ["show"]


def show(answer: Estimate) -> None:
    """The estimate after each year."""
    if answer.trials.empty:
        st.markdown(escape(words.empty(answer)))
        return
    question, model = answer.selection.question, answer.model
    st.markdown(escape(time_words.history_sentence(session.recall(_history, question, model))))
    picture = session.recall(_picture, question, model, look(answer))
    show_picture(picture, answer, "over-time", partial(clicked, "over-time"))


def _history(base: EvidenceBase, question: Question, model: Model) -> History:
    return over_time(session.answer(question, model))


def _picture(base: EvidenceBase, question: Question, model: Model, look: Look) -> Picture:
    trials = session.answer(question, model).trials
    history = session.recall(_history, question, model)
    return Picture(
        cumulative_plot(trials.loc[trials["year"].notna()], history.steps, **look.drawing),
        time_words.history_sentence(history),
        time_words.history_table(history),
        time_words.HOW_TO_READ_CUMULATIVE,
    )
